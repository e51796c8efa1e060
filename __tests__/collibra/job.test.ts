import { describe, expect, it } from '@jest/globals';

import { isUuid } from '../../src/collibra/job.ts';

const UUID = '01234567-89ab-cdef-0123-456789abcdef';

describe('an ID', () => {
  it.each([UUID, UUID.toUpperCase()])('of the form %s is a UUID', (id) => {
    expect(isUuid(id)).toBe(true);
  });

  const groups = UUID.split('-');
  it.each([
    ...['', 'a job', `${UUID}/..`, `../${UUID}`, `${UUID}\n`, '01234567-----------0123-456789abcdef'],
    ...groups.map((group) => UUID.replace(group, group.slice(1))),
    ...groups.map((group) => UUID.replace(group, `g${group.slice(1)}`)),
  ])('of the form %j is not a UUID', (id) => {
    expect(isUuid(id)).toBe(false);
  });
});
