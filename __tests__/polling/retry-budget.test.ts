import { describe, expect, it } from '@jest/globals';

import { RetryBudget } from '../../src/polling/retry-budget.ts';
import { trouble } from '../support/jobs.ts';

const START = 1_000;
const OUTAGE = 60_000;

/** Tolerance from {@link START} on, for outages of a minute. */
function tolerance(maxOutageMs = OUTAGE): RetryBudget {
  return new RetryBudget(START, maxOutageMs);
}

/** One that has had a good answer. */
function seen(): RetryBudget {
  const one = tolerance();
  one.onSuccess();
  return one;
}

describe('the outage budget', () => {
  it('begins with the first failing look', () => {
    const one = seen();
    expect(one.onError(trouble(503), 5_000)).toBe(65_000);
    expect(one.onError(trouble(502), 30_000)).toBe(65_000);
    expect(one.onError(trouble(503), 64_999)).toBe(65_000);
  });

  it('begins anew after a good answer', () => {
    const one = seen();
    one.onError(trouble(503), 5_000);
    one.onSuccess();
    expect(one.outage(6_000)).toBeUndefined();
    expect(one.onError(trouble(503), 50_000)).toBe(110_000);
  });

  it('may be nothing', () => {
    expect(new RetryBudget(START, 0).onError(trouble(503), 5_000)).toBe(5_000);
  });

  it('is told with what was seen, how often and for how long', () => {
    const one = seen();
    one.onError(trouble(503), 10_000);
    one.onError(trouble(0, { seen: 'connection refused' }), 20_000);
    one.onError(trouble(503), 30_000);
    expect(one.outage(75_000)).toBe('no good answer for 1 min 5 s (2 × HTTP 503, 1 × connection refused)');
  });

  it('tells nothing where there was no trouble', () => {
    expect(tolerance().outage(9_000)).toBeUndefined();
  });
});

describe('the grace for a job that was never seen', () => {
  const notFound = trouble(404, { kind: 'not-found' });

  it('bears not-found for the first 15 s of the wait', () => {
    expect(tolerance().onError(notFound, 2_000)).toBe(16_000);
    expect(tolerance().onError(notFound, 15_999)).toBe(16_000);
  });

  it('does not bear it once the job was seen', () => {
    expect(seen().onError(notFound, 2_000)).toBe(-Infinity);
  });

  it('bears 500 for 15 s even where an outage may not last so long', () => {
    expect(tolerance(1_000).onError(trouble(500), 2_000)).toBe(16_000);
    expect(tolerance(20_000).onError(trouble(500), 2_000)).toBe(22_000);
  });

  it('bears 500 only as an outage once the job was seen', () => {
    const one = tolerance(1_000);
    one.onSuccess();
    expect(one.onError(trouble(500), 2_000)).toBe(3_000);
  });

  it('does not bear other trouble for longer', () => {
    expect(tolerance(1_000).onError(trouble(503), 2_000)).toBe(3_000);
  });

  it('is known by whether there was a good answer', () => {
    expect(tolerance().neverSucceeded).toBe(true);
    expect(seen().neverSucceeded).toBe(false);
  });
});

describe('final errors', () => {
  it.each([
    trouble(400, { kind: 'permanent' }),
    trouble(401, { kind: 'unauthorized' }),
    trouble(403, { kind: 'permanent' }),
    trouble(302, { kind: 'permanent' }),
    trouble(500, { kind: 'permanent' }),
  ])('are not borne: $message', (error) => {
    expect(tolerance().onError(error, 2_000)).toBe(-Infinity);
    expect(seen().onError(error, 2_000)).toBe(-Infinity);
  });

  it('end an outage: what is told is the error alone', () => {
    const one = seen();
    one.onError(trouble(503), 5_000);
    one.onError(trouble(403, { kind: 'permanent' }), 6_000);
    expect(one.outage(7_000)).toBeUndefined();
  });

  it('of a job that is not there yet end an outage too, so that the next one has its whole budget', () => {
    const one = tolerance();
    one.onError(trouble(503), 2_000);
    one.onError(trouble(404, { kind: 'not-found' }), 3_000);
    expect(one.outage(3_000)).toBeUndefined();
    expect(one.onError(trouble(503), 10_000)).toBe(70_000);
  });
});
