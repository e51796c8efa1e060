import { describe, expect, it } from '@jest/globals';

import { RetryBudget } from '../../src/polling/retry-budget.ts';
import { anError } from './support.ts';

/** A budget after a successful response. */
function succeeded(maxOutageMs = 60_000): RetryBudget {
  const budget = new RetryBudget(maxOutageMs);
  budget.onSuccess();
  return budget;
}

describe('the retry budget', () => {
  // An outage of 30 s, and a grace period of 15 s, both from the first error at 2 s on.
  it.each<[status: number, before: number, after: number]>([
    [503, 32_000, 32_000],
    [500, 32_000, 32_000],
    [501, 32_000, 32_000],
    [404, 17_000, 17_000],
    [400, -Infinity, 17_000],
    [401, -Infinity, 17_000],
    [403, -Infinity, 17_000],
  ])('lasts after %d until %d at first, and until %d after a success', (status, before, after) => {
    for (const [budget, end] of [[new RetryBudget(30_000), before] as const, [succeeded(30_000), after] as const]) {
      expect(budget.onError(anError(status), 2_000)).toBe(end);
      expect(budget.onError(anError(status), 9_000)).toBe(end);
    }
  });

  it.each([503, 403])('starts again after a successful response, which itself needs no retry (%d)', (status) => {
    const budget = succeeded(15_000);
    expect(budget.onError(anError(status), 5_000)).toBe(20_000);
    expect(budget.onSuccess()).toBe(Infinity);
    expect(budget.failures(6_000)).toBeUndefined();
    expect(budget.onError(anError(status), 50_000)).toBe(65_000);
  });

  it('of a 500 is at least the grace period as long as no response was successful', () => {
    expect(new RetryBudget(1_000).onError(anError(500), 2_000)).toBe(17_000);
    expect(succeeded(1_000).onError(anError(500), 2_000)).toBe(3_000);
    expect(new RetryBudget(1_000).onError(anError(503), 2_000)).toBe(3_000);
  });

  it('of a permanent error begins with the first permanent error, and is not changed by a transient one', () => {
    const budget = succeeded();
    expect(budget.onError(anError(503), 1_000)).toBe(61_000);
    expect(budget.onError(anError(403), 3_000)).toBe(18_000);
    expect(budget.onError(anError(503), 9_000)).toBe(61_000);
    expect(budget.onError(anError(404), 12_000)).toBe(18_000);
  });

  it('describes consecutive errors by their duration and their numbers', () => {
    const budget = succeeded();
    expect(budget.failures(9_000)).toBeUndefined();
    budget.onError(anError(503), 10_000);
    budget.onError(anError(0, { label: 'connection refused' }), 20_000);
    budget.onError(anError(503), 30_000);
    expect(budget.failures(75_000)).toEqual({ lasted: '1 min 5 s', errors: '2 × HTTP 503, 1 × connection refused' });
  });

  it('knows whether there was a successful response', () => {
    expect(new RetryBudget(0).neverSucceeded).toBe(true);
    expect(succeeded().neverSucceeded).toBe(false);
  });
});
