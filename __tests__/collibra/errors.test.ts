import { expect, it } from '@jest/globals';

import { CollibraError, isNotServed } from '../../src/collibra/errors.ts';

it('an error carries what is needed to go on', () => {
  const cause = new Error('deeper');
  const error = new CollibraError('transient', 'HTTP 503', 'Busy', { status: 503, retryAfterMs: 5, cause });
  expect(error).toBeInstanceOf(Error);
  expect(String(error)).toBe('CollibraError: Busy');
  expect(error).toMatchObject({
    name: 'CollibraError',
    kind: 'transient',
    label: 'HTTP 503',
    status: 503,
    retryAfterMs: 5,
    cause,
  });
  expect(new CollibraError('permanent', 'x', 'y')).toMatchObject({
    status: undefined,
    retryAfterMs: undefined,
    cause: undefined,
  });
});

it.each([
  ['not-found', 404, true],
  ['not-found', undefined, true],
  ['transient', 501, true],
  ['transient', 503, false],
  ['permanent', 403, false],
  ['unauthorized', 401, false],
] as const)('%s with status %j says that an API is not served: %j', (kind, status, isIt) => {
  expect(isNotServed(new CollibraError(kind, '', '', status === undefined ? {} : { status }))).toBe(isIt);
});
