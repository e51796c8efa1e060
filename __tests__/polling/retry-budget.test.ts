import { describe, expect, it } from '@jest/globals';

import type { ErrorKind } from '../../src/collibra/errors.ts';
import { RetryBudget } from '../../src/polling/retry-budget.ts';
import { anError } from './support.ts';

const START = 1_000;
const OUTAGE = 60_000;

/** A budget from {@link START} on, before any successful response. */
function fresh(maxOutageMs = OUTAGE): RetryBudget {
  return new RetryBudget(START, maxOutageMs);
}

/** A budget after a successful response. */
function succeeded(maxOutageMs = OUTAGE): RetryBudget {
  const budget = fresh(maxOutageMs);
  budget.onSuccess();
  return budget;
}

const notFound = anError(404, { kind: 'not-found' });

describe('each kind of error', () => {
  // Until when each kind is retried, before and after the first success: an outage of 30 s from 2 s on, a grace
  // period until 16 s.
  it.each<[kind: ErrorKind, before: number, after: number]>([
    ['transient', 32_000, 32_000],
    ['server-error', 32_000, 32_000],
    ['not-implemented', 32_000, 32_000],
    ['not-found', 16_000, -Infinity],
    ['bad-request', -Infinity, -Infinity],
    ['unauthorized', -Infinity, -Infinity],
    ['permanent', -Infinity, -Infinity],
  ])('%s is retried until %d at first, and until %d after a success', (kind, before, after) => {
    expect(fresh(30_000).onError(anError(0, { kind }), 2_000)).toBe(before);
    expect(succeeded(30_000).onError(anError(0, { kind }), 2_000)).toBe(after);
  });
});

describe('the outage budget', () => {
  it('begins with the first failed poll', () => {
    const budget = succeeded();
    expect(budget.onError(anError(503), 5_000)).toBe(65_000);
    expect(budget.onError(anError(502), 30_000)).toBe(65_000);
    expect(budget.onError(anError(503), 64_999)).toBe(65_000);
  });

  it('starts again after a successful response, which itself needs no retry', () => {
    const budget = succeeded();
    budget.onError(anError(503), 5_000);
    expect(budget.onSuccess()).toBe(Infinity);
    expect(budget.outage(6_000)).toBeUndefined();
    expect(budget.onError(anError(503), 50_000)).toBe(110_000);
  });

  it('may be 0', () => {
    expect(fresh(0).onError(anError(503), 5_000)).toBe(5_000);
  });

  it('is described by its duration and its errors with their numbers', () => {
    const budget = succeeded();
    budget.onError(anError(503), 10_000);
    budget.onError(anError(0, { label: 'connection refused' }), 20_000);
    budget.onError(anError(503), 30_000);
    expect(budget.outage(75_000)).toEqual({
      lasted: '1 min 5 s',
      errors: '2 × HTTP 503, 1 × connection refused',
    });
  });

  it('is not described without an error', () => {
    expect(fresh().outage(9_000)).toBeUndefined();
  });

  it('is over after an error that is not transient, which is then described alone', () => {
    const budget = succeeded();
    budget.onError(anError(503), 5_000);
    budget.onError(anError(403, { kind: 'permanent' }), 6_000);
    expect(budget.outage(7_000)).toBeUndefined();
  });

  it('is whole again after a job that is not visible yet', () => {
    const budget = fresh();
    budget.onError(anError(503), 2_000);
    budget.onError(notFound, 3_000);
    expect(budget.outage(3_000)).toBeUndefined();
    expect(budget.onError(anError(503), 10_000)).toBe(70_000);
  });
});

describe('the grace period of a job that was never seen', () => {
  it('tolerates "not found" for the first 15 s', () => {
    expect(fresh().onError(notFound, 2_000)).toBe(16_000);
    expect(fresh().onError(notFound, 15_999)).toBe(16_000);
  });

  it('tolerates 500 even if an outage may not last as long', () => {
    expect(fresh(1_000).onError(anError(500), 2_000)).toBe(16_000);
    expect(fresh(20_000).onError(anError(500), 2_000)).toBe(22_000);
    expect(succeeded(1_000).onError(anError(500), 2_000)).toBe(3_000);
  });

  it('does not prolong other errors', () => {
    expect(fresh(1_000).onError(anError(503), 2_000)).toBe(3_000);
  });

  it('ends with the first successful response', () => {
    expect(fresh().neverSucceeded).toBe(true);
    expect(succeeded().neverSucceeded).toBe(false);
  });
});
