import { describe, expect, test } from '@jest/globals';

import { modelsWithGoal, score, surveyFixed } from '../../../dev/bench/goals.ts';
import { modelNamed, models } from '../../../dev/bench/models.ts';
import { everyTenSeconds, peers, thisAction } from '../../../dev/bench/pollers.ts';
import { seeded } from '../../../dev/bench/random.ts';
import { survey, waitFor } from '../../../dev/bench/simulate.ts';

/** Simulated time and seeded chance: these are the same figures on every machine. */
const jobs = 1_000;
const fixed = surveyFixed(jobs);
const action = score(thisAction, fixed, jobs);
const surveyOf = (name: string) => action.surveys.get(name) ?? { delayMs: NaN, requests: NaN };

describe('this action', () => {
  test('never has more delay or more requests than a fixed interval of 10 s, nor a relative delay above 6%', () => {
    expect(modelsWithGoal).toHaveLength(39);
    expect(models).toHaveLength(42);
    expect(action.missed).toEqual([]);
    expect(score({ name: 'every 12 s', start: () => () => 12_000 }, fixed, 200).missed).toHaveLength(39);
  });

  test('has a cost of at most 9.2, where a fixed interval of 10 s has more than 14', () => {
    expect(action.cost).toBeLessThanOrEqual(9.2);
    expect(score(everyTenSeconds, fixed, jobs).cost).toBeGreaterThan(14);
  });

  test.each([
    { name: 'none', delayMs: 5_000, requests: 83 },
    { name: 'linear', delayMs: 700, requests: 49 },
    { name: 'linear, whole percent', delayMs: 1_200, requests: 54 },
    { name: 'linear, 20% fail midway', delayMs: 2_300, requests: 47 },
    { name: 'linear, 50% fail midway', delayMs: 4_600, requests: 43 },
    { name: 'linear, 100% fail midway', delayMs: 8_300, requests: 38 },
  ])('has at most $delayMs ms of delay and $requests requests with the model "$name"', (goal) => {
    const { delayMs, requests } = surveyOf(goal.name);
    expect(delayMs).toBeLessThanOrEqual(goal.delayMs);
    expect(requests).toBeLessThanOrEqual(goal.requests);
  });

  const queued = models.filter(({ name }) => name.includes('queue'));
  test.each(queued)('has less delay and fewer requests with "$name" than without a queue and progress', ({ name }) => {
    expect(surveyOf(name).delayMs).toBeLessThan(surveyOf('none').delayMs);
    expect(surveyOf(name).requests).toBeLessThan(surveyOf('none').requests);
  });

  test('notices within 6.5 s on average that an import of about ten minutes failed at 40%', () => {
    const delays = Array.from({ length: 400 }, (_, index) => {
      const plannedMs = 540_000 + 300 * index;
      const at = (ms: number) => ({ running: true, progress: (100 * ms) / plannedMs });
      return waitFor({ durationMs: 0.4 * plannedMs, at }, thisAction, seeded(index)).delayMs;
    });
    expect(delays.reduce((sum, delayMs) => sum + delayMs) / delays.length).toBeLessThan(6_500);
  });

  test('has less cost than every other poller without progress', () => {
    const [ours = NaN, ...others] = [thisAction, ...peers].map((poller) => {
      const { delayMs, requests } = survey(modelNamed('none'), poller, jobs);
      return delayMs / 1_000 + requests / 10;
    });
    expect(ours).toBeLessThan(Math.min(...others));
  });
});
