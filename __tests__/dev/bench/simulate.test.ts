import { describe, expect, test } from '@jest/globals';

import { modelNamed, models } from '../../../dev/bench/models.ts';
import { peers, squareRoot, thisAction } from '../../../dev/bench/pollers.ts';
import { seeded } from '../../../dev/bench/random.ts';
import { LONGEST_MS, SHORTEST_MS, spreadDurations, survey, waitFor, type Poller } from '../../../dev/bench/simulate.ts';

const none = modelNamed('none');

const every = (ms: number, firstMs = 0): Poller => ({ name: 'fixed', start: () => (seen) => (seen ? ms : firstMs) });

/** When a poller sends the requests for a job of so many seconds, in seconds. */
const pollsOf = (name: string, seconds: number) => {
  const poller = peers.find((peer) => peer.name === name);
  if (poller === undefined) throw new Error(`There is no peer named ${name}.`);
  return waitFor(none.job(seconds * 1_000, seeded(1)), poller, () => 0.5).sentMs.map((ms) => ms / 1_000);
};

describe('a simulated wait', () => {
  test('ends with the response to the first request that the server reads after the end of the job', () => {
    const wait = (durationMs: number) => waitFor(none.job(durationMs, seeded(1)), every(10_000, 3_000), seeded(1));
    expect(wait(13_225)).toEqual({ sentMs: [3_000, 13_150], delayMs: 75 });
    expect(wait(13_226)).toEqual({ sentMs: [3_000, 13_150, 23_300], delayMs: 23_450 - 13_226 });
  });

  test('shows the poller what the server read half a round trip before', () => {
    const seen: unknown[] = [];
    const spy: Poller = { name: 'spy', start: () => (one) => (one === undefined ? 0 : seen.push(one) && 24_850) };
    waitFor(modelNamed('linear').job(75_000, seeded(1)), spy, seeded(1));
    const at = (sentMs: number) => ({ atMs: sentMs + 150, running: true, progress: (sentMs + 75) / 750 });
    expect(seen).toEqual([0, 25_000, 50_000].map(at));
  });
});

describe('a peer', () => {
  test.each([
    { name: 'actions/deploy-pages', polls: [5, 10.15, 15.3, 20.45, 25.6] },
    { name: 'aws-actions/aws-codebuild-run-build', polls: [0, 30.15, 45.3] },
    { name: 'amazon-ecs-deploy-task-definition', polls: [0, 15.15, 37.8] },
    { name: 'AWS SDK waiter, default', polls: [0, 2.15, 5.3, 10.45, 19.6, 36.75] },
    { name: 'hashicorp/tfci', polls: [0, 2.15, 6.3, 12.45, 19.6, 26.75] },
    { name: 'fal-ai/dbt-cloud-action', polls: [30] },
    { name: 'lewagon/wait-on-check-action', polls: [0, 10.15, 20.3, 30.45] },
    { name: 'databricks/run-notebook', polls: [0, 5.15, 10.3, 15.45, 20.6, 25.75] },
    { name: 'google deploy-cloud-functions', polls: [0, 5.15, 10.3, 15.45, 20.6, 25.75] },
    { name: 'int128/wait-for-workflows-action', polls: [10, 25.15] },
    { name: 'Azure core-lro', polls: Array.from({ length: 13 }, (_, n) => 2.15 * n) },
    { name: "Collibra's Java sample", polls: Array.from({ length: 13 }, (_, n) => 2.15 * n) },
  ])('$name polls a job of 25 s at $polls', ({ name, polls }) => {
    expect(pollsOf(name, 25)).toEqual(polls.map((second) => expect.closeTo(second, 9)));
  });

  test('google-gax operations lengthens its delay by 1.3 from 0.1 s to 60 s', () => {
    const polls = pollsOf('google-gax operations', 3_600);
    const delays = polls.slice(1).map((sent, index) => sent - (polls[index] ?? 0) - 0.15);
    expect(delays[0]).toBeCloseTo(0.1, 9);
    expect(delays[3]).toBeCloseTo(0.2197, 9);
    expect(delays.at(-1)).toBeCloseTo(60, 9);
  });
});

describe('a survey', () => {
  test('covers durations that are evenly spread on a log scale from 2 s to 2 h', () => {
    const durations = spreadDurations(100);
    expect(durations[0]).toBeGreaterThan(SHORTEST_MS);
    expect(durations.at(-1)).toBeLessThan(LONGEST_MS);
    expect(durations.filter((durationMs) => durationMs < Math.sqrt(SHORTEST_MS * LONGEST_MS))).toHaveLength(50);
  });

  test('returns the means of its jobs', () => {
    const [short = 0, long = 0] = spreadDurations(2);
    const endMs = 1e9 + 300;
    expect(survey(none, every(1e9), 2)).toEqual({
      requests: 2,
      delayMs: expect.closeTo(endMs - (short + long) / 2, 3),
      relativeDelay: expect.closeTo((endMs / short + endMs / long) / 2 - 1, 6),
    });
  });

  test('shows the square root rule no progress', () => {
    expect(survey(modelNamed('linear'), squareRoot, 100)).toEqual(survey(none, thisAction, 100));
  });
});

describe('a model', () => {
  const at = (name: string, share: number, seed = 7) =>
    modelNamed(name)
      .job(1_000, seeded(seed))
      .at(share * 1_000);

  test.each([
    { name: 'linear', share: 0.333, progress: 33.3 },
    { name: 'linear, whole percent', share: 0.339, progress: 33 },
    { name: 'jumps in 4 batches', share: 0.74, progress: 50 },
    { name: 'speeds up', share: 0.5, progress: 25 },
    { name: 'slows down', share: 0.25, progress: 50 },
    { name: 'sticks at 0', share: 0.9, progress: 0 },
    { name: 'sticks at 10, early', share: 0.11, progress: 10 },
    { name: 'sticks at 50', share: 0.95, progress: 50 },
    { name: 'sticks at 99', share: 0.95, progress: 99 },
    { name: 'reads 100 and runs on', share: 0.95, progress: 100 },
    { name: 'starts over, 3 phases', share: 0.5, progress: 50 },
    { name: 'starts late', share: 0.05, progress: 0 },
  ])('"$name" reports $progress at $share of its time', ({ name, share, progress }) => {
    expect(at(name, share)).toEqual({ running: true, progress: expect.closeTo(progress, 9) });
  });

  test('with a queue makes no progress until it runs', () => {
    expect(at('long queue, then linear', 0.89)).toEqual({ running: false, progress: 0 });
    expect(at('long queue, then linear', 0.995).running).toBe(true);
  });

  const complete = ['starts late', 'goes backwards once', 'rises at random speeds', 'linear, wait begins midway'];
  test.each(complete)('"%s" ends at 100', (name) => {
    expect(at(name, 0.999_999).progress).toBeCloseTo(100, 2);
  });

  test.each([5, 20, 50, 100])('fails in %p of 100 jobs, uniformly in progress', (rate) => {
    const lastOf = (seed: number) => at(`linear, ${rate}% fail midway`, 1 - 1e-9, seed).progress ?? NaN;
    const failed = Array.from({ length: 4_000 }, (_, seed) => lastOf(seed)).filter((progress) => progress < 99.999);
    expect(failed.length / 40).toBeCloseTo(rate, -1);
    const mean = failed.reduce((sum, progress) => sum + progress) / failed.length;
    expect(Math.abs(mean - 50)).toBeLessThan(5);
  });

  test('has no goal only if it always fails', () => {
    const expected = ['linear', 'whole percent', 'random speeds'].map((name) => `${name}, 100% fail midway`);
    expect(models.filter(({ alwaysFails }) => alwaysFails).map(({ name }) => name)).toEqual(expected);
  });
});
