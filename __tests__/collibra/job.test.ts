import { describe, expect, it } from '@jest/globals';

import { isUuid } from '../../src/collibra/job.ts';

describe('an ID', () => {
  it.each(['01234567-89ab-cdef-0123-456789abcdef', '01234567-89AB-CDEF-0123-456789ABCDEF'])(
    'of the form %s is a UUID',
    (id) => expect(isUuid(id)).toBe(true),
  );

  it.each([
    '',
    'a job',
    '0123456-89ab-cdef-0123-456789abcdef',
    '01234567-89a-cdef-0123-456789abcdef',
    '01234567-89ab-cde-0123-456789abcdef',
    '01234567-89ab-cdef-012-456789abcdef',
    '01234567-89ab-cdef-0123-456789abcde',
    '01234567-89ab-cdef-0123-456789abcdef/..',
    '../01234567-89ab-cdef-0123-456789abcdef',
    'g1234567-89ab-cdef-0123-456789abcdef',
    '01234567-g9ab-cdef-0123-456789abcdef',
    '01234567-89ab-gdef-0123-456789abcdef',
    '01234567-89ab-cdef-g123-456789abcdef',
    '01234567-89ab-cdef-0123-g56789abcdef',
    '01234567-----------0123-456789abcdef',
  ])('of the form %j is not a UUID', (id) => expect(isUuid(id)).toBe(false));
});
