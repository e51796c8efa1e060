import { describe, expect, it } from '@jest/globals';

import { CollibraError, isNotServed, isTransient, type ErrorKind } from '../../src/collibra/errors.ts';

describe('a CollibraError', () => {
  it('carries what a caller needs to handle it', () => {
    const cause = new Error('deeper');
    const error = new CollibraError('transient', 'HTTP 503', 'Busy.', { retryAfterMs: 5, cause });
    expect(error).toBeInstanceOf(Error);
    expect(String(error)).toBe('CollibraError: Busy.');
    expect(error).toMatchObject({ kind: 'transient', label: 'HTTP 503', retryAfterMs: 5, cause });
    const bare = { retryAfterMs: undefined, cause: undefined, facts: 'y.', message: 'y.' };
    expect(new CollibraError('permanent', 'x', 'y.')).toMatchObject(bare);
  });

  it('says what happened, then what to do', () => {
    const error = new CollibraError('permanent', 'x', 'It is gone.', { advice: 'Start again.' });
    expect(error).toMatchObject({ message: 'It is gone. Start again.', facts: 'It is gone.' });
  });

  it('can be made one that every other request would get, too', () => {
    const details = { retryAfterMs: 5, cause: new Error('deeper'), advice: 'Wait.' };
    const error = new CollibraError('transient', 'x', 'It is down.', details);
    expect([error.isShared, error.advice, new CollibraError('transient', 'x', 'y.').advice]).toEqual([
      false,
      'Wait.',
      '',
    ]);
    expect(error.shared()).toMatchObject({
      ...details,
      kind: 'transient',
      label: 'x',
      facts: 'It is down.',
      isShared: true,
    });
  });

  it.each<[kind: ErrorKind, isRetried: boolean, isOtherApi: boolean]>([
    ['transient', true, false],
    ['server-error', true, false],
    ['not-implemented', true, true],
    ['not-found', false, true],
    ['bad-request', false, false],
    ['unauthorized', false, false],
    ['permanent', false, false],
  ])('of the kind %s is retried: %j, or asks the other API: %j', (kind, isRetried, isOtherApi) => {
    expect(isTransient(kind)).toBe(isRetried);
    expect(isNotServed(new CollibraError(kind, '', ''))).toBe(isOtherApi);
  });
});
