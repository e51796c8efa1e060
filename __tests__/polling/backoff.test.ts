import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { delayAfter, nextPoll, observe, startEstimate } from '../../src/polling/backoff.ts';
import type { IntervalLimits, Observation, ProgressEstimate } from '../../src/polling/backoff.ts';

const limits: IntervalLimits = { minMs: 1_000, maxMs: 60_000 };
const noLimits: IntervalLimits = { minMs: 1e-3, maxMs: Infinity };
/** The middle of the jitter: the delay is what it would be without any. */
const noJitter = () => 0.5;

/** Observations of a running job, from [seconds, progress] each. */
const running = (...seen: readonly (readonly [number, (number | undefined)?])[]): Observation[] =>
  seen.map(([seconds, progress]) => ({ atMs: seconds * 1_000, running: true, progress }));

const queued = (...seconds: readonly number[]): Observation[] =>
  seconds.map((second) => ({ atMs: second * 1_000, running: false, progress: undefined }));

/** Observations of a running job, one each second, that gains 1% each second. */
const steady = (fromSeconds: number, toSeconds: number): Observation[] =>
  Array.from({ length: toSeconds - fromSeconds + 1 }, (_, index) => fromSeconds + index).flatMap((second) =>
    running([second, second + 0.25]),
  );

const estimateOf = (observations: readonly Observation[]): ProgressEstimate =>
  observations.reduce(observe, startEstimate());

const after = (...observations: readonly Observation[]) => nextPoll(estimateOf(observations), limits, noJitter);

const withoutProgress = (seconds: number) => delayAfter(seconds * 1_000, limits, noJitter);

/** When a job of this duration is polled, in seconds, to a tenth. */
function pollsOf(durationSeconds: number, progressAt: (share: number) => number | undefined): number[] {
  const polls: number[] = [];
  let [estimate, nowMs] = [startEstimate(), 0];
  while (nowMs < durationSeconds * 1_000) {
    polls.push(nowMs);
    if (polls.length > 2_000) throw new Error('The job is polled too often.');
    const progress = progressAt(nowMs / durationSeconds / 1_000);
    estimate = observe(estimate, { atMs: nowMs, running: true, progress });
    nowMs += nextPoll(estimate, limits, noJitter).delayMs;
  }
  return [...polls, nowMs].map((ms) => Math.round(ms / 100) / 10);
}

describe('a job without progress', () => {
  test.each([
    { waited: 0, delay: 1_000 },
    { waited: 4_000, delay: 1_000 },
    { waited: 10_000, delay: 1_483 },
    { waited: 100_000, delay: 4_690 },
    { waited: 3_600_000, delay: 28_142 },
    { waited: 86_400_000, delay: 60_000 },
  ])('is polled again $delay ms after it has run for $waited ms', ({ waited, delay }) => {
    expect(Math.round(delayAfter(waited, limits, noJitter))).toBe(delay);
    const next = after(...running([waited / 1_000]));
    expect(next).toEqual({ delayMs: expect.closeTo(delay, -1), remainingMs: undefined });
  });

  test('is polled more rarely the longer it runs', () => {
    expect(pollsOf(25, () => undefined)).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7.2, 8.5, 9.8, 11.3, 12.9, 14.6, 16.3, 18.2, 20.2, 22.4, 24.6, 26.9,
    ]);
  });

  test('is polled after the shortest delay if nothing was observed yet', () => {
    expect(nextPoll(startEstimate(), limits, noJitter)).toEqual({ delayMs: 1_000, remainingMs: undefined });
  });
});

describe('the jitter', () => {
  test.each([
    { random: 0, delay: 4_221 },
    { random: 0.25, delay: 4_456 },
    { random: 1, delay: 5_159 },
  ])('makes 4,690 ms $delay ms if the random number is $random', ({ random, delay }) => {
    expect(Math.round(delayAfter(100_000, limits, () => random))).toBe(delay);
  });

  test('does not leave the limits', () => {
    expect(delayAfter(0, limits, () => 0)).toBe(1_000);
    expect(delayAfter(1e9, limits, () => 1)).toBe(60_000);
  });

  test.each([NaN, -1])('becomes the shortest delay if the time waited is %d', (waitedMs) => {
    expect(delayAfter(waitedMs, limits, noJitter)).toBe(1_000);
  });
});

describe('a job in the queue', () => {
  test('is polled at 1.8 times the interval of a running job', () => {
    expect(after(...queued(0, 100)).delayMs / withoutProgress(100)).toBeCloseTo(1.8, 9);
  });

  test('has no predicted end, whatever progress it reports', () => {
    const rising = steady(1, 9).map((seen) => ({ ...seen, running: false }));
    expect(after(...rising)).toEqual(after(...queued(1, 9)));
  });

  test('is polled like a new job once it runs, counted from the last poll that saw it in the queue', () => {
    const { delayMs } = after(...queued(0, 3_000, 3_050), ...running([3_060], [3_150]));
    expect(delayMs).toBeCloseTo(withoutProgress(100), 6);
  });

  test('is not new each time that it returns to the queue', () => {
    const seen = [...running([0], [50]), ...queued(60), ...running([70]), ...queued(80)];
    expect(after(...seen).delayMs).toBeCloseTo(withoutProgress(80), 6);
    expect(after(...seen, ...running([100])).delayMs).toBeCloseTo(withoutProgress(100), 6);
  });

  test('loses the prediction of the run before it', () => {
    expect(after(...steady(0, 9), ...queued(10), ...running([11, 11.25])).remainingMs).toBeUndefined();
  });
});

describe('a job with progress', () => {
  test('is polled at a constant interval if it is steady, and at its predicted end', () => {
    const polls = pollsOf(1_000, (share) => 100 * share);
    expect(polls.slice(0, 10)).toEqual([0, 1, 2, 3, 4.4, 6.3, 9.1, 13.3, 19.2, 27.9]);
    expect(polls.slice(10, 13)).toEqual([40.4, 55.3, 70.1]);
    const intervals = polls.slice(11, -2).map((poll, index) => poll - (polls[index + 10] ?? 0));
    expect(Math.max(...intervals)).toBeCloseTo(14.8, 0);
    expect(Math.min(...intervals)).toBeCloseTo(14.8, 0);
    expect(polls.at(-1)).toBeCloseTo(1_000, 0);
  });

  test('is polled as if it reported none while it stands still, until its predicted end comes near', () => {
    const seen = running([0, 0.5], [60, 1.5], [120, 2.5], [240, 4.5]);
    expect(after(...seen).delayMs).toBeGreaterThan(2 * withoutProgress(240));
    expect(after(...seen, ...running([301, 4.5])).delayMs).toBeCloseTo(withoutProgress(301), 6);
  });

  test('is polled no later than after 45% of its running time', () => {
    expect(after(...running([0, 0.5], [10, 0.75])).delayMs).toBe(4_500);
    expect(after(...queued(0, 30), ...running([40, 0.5], [50, 0.75])).delayMs).toBe(9_000);
  });

  test.each([
    ['two polls', steady(0, 1), 98.75],
    ['many polls', steady(0, 30), 69.75],
    ['polls of a job that had begun before', running([0, 40.5], [2, 50.5]), 9.9],
    ['the average rate if it is the faster one', running([0, 0.5], [10, 20.5], [20, 30.5]), 46.333],
    ['the latest rate if it is the faster one', running([0, 0.5], [10, 10.5], [20, 30.5]), 34.75],
    ['whole percents, as the middle of their steps', running([0, 1], [1, 2]), 97.5],
    ['zero percent, as it is', running([0, 0], [1, 0.5]), 199],
    ['the last gain, while less than 1% is overdue', running([0, 0.5], [10, 10.5], [10.9, 10.5]), 88.6],
  ])('has a predicted end after %s', (_, seen, seconds) => {
    expect(after(...seen).remainingMs).toBeCloseTo(seconds * 1_000, -1);
  });

  test.each([100, NaN, -1, 101, -0.1, Infinity, undefined])('keeps its prediction when a poll reports %p', (odd) => {
    const { remainingMs } = after(...steady(0, 9), ...running([9.5, odd]), ...steady(10, 10));
    expect(remainingMs).toBeCloseTo(89_750, 3);
    const first = after(...running([0, odd]), ...steady(1, 9));
    expect(first.remainingMs).toBeCloseTo(90_750, 3);
  });

  test('keeps its prediction when two polls come at the same moment', () => {
    expect(after(...steady(0, 9), ...running([9, 9.5], [9, 9.5])).remainingMs).toBeCloseTo(90_750, 3);
  });
});

describe('the end of a job', () => {
  test.each<[name: string, seen: Observation[]]>([
    ['no progress is reported', running([0], [1], [2])],
    ['progress was reported once', running([0, 5])],
    ['progress stands still from the start', running([0, 5], [1, 5], [2, 5])],
    ['progress reads 100', running([0, 100], [1, 100])],
    ['progress is negative', running([0, -4], [1, -3], [2, -2])],
    ['progress is not a number', running([0, NaN], [1, NaN])],
    ['progress is above 100', running([0, 101], [1, 102], [2, 103])],
    ['a gain of 1% is overdue', [...steady(0, 9), ...running([10, 9.25])]],
    ['progress has just fallen', [...steady(0, 9), ...running([10, 3])]],
    ['the predicted end is now', running([0, 0.5], [99.25, 99.75], [99.5, 99.75])],
    ['the predicted end is beyond all numbers', running([0, 0], [1, 1e-320], [2, 2e-320])],
  ])('is not predicted if %s', (_, seen) => {
    expect(after(...seen).remainingMs).toBeUndefined();
  });

  test('is predicted again from the progress after a fall', () => {
    expect(after(...steady(0, 9), ...running([10, 3.25], [11, 5.25])).remainingMs).toBeCloseTo(47_375, 3);
  });

  test('is when the job is polled if it is near, and then at the shortest interval', () => {
    const seen = running([0, 0.5], [900, 90.5], [990, 99.5]);
    expect(after(...seen).delayMs).toBeCloseTo(5_000, 3);
    expect(after(...seen, ...running([996, 99.5])).delayMs).toBeLessThan(1_200);
  });

  test('is waited for ever more rarely the more early polls did not find it', () => {
    const overdue = running([0, 0.5], [900, 90.5], [990, 99.5], [996, 99.5]);
    const again = (count: number) => Array.from({ length: count }, () => running([996, 99.5])).flat();
    const delays = Array.from({ length: 30 }, (_, count) => after(...overdue, ...again(count)).delayMs);
    const growing = delays.filter((delayMs) => delayMs < 14_700);
    expect(growing.length).toBeGreaterThanOrEqual(16);
    expect(growing.length).toBeLessThanOrEqual(20);
    for (const [index, delayMs] of growing.slice(1).entries())
      expect(delayMs / (growing[index] ?? NaN)).toBeCloseTo(1.15, 6);
    expect(delays.at(-1)).toBeCloseTo(withoutProgress(996), 6);
  });

  test('makes no poll count as early that would have come then without a prediction', () => {
    expect(estimateOf(steady(0, 60)).earlyPolls).toBe(0);
    expect(estimateOf([...steady(0, 99), ...running([99.8, 99.5])]).earlyPolls).toBeGreaterThan(0);
  });
});

describe('any job', () => {
  const double = (min: number, max: number) => fc.double({ min, max, noNaN: true });
  const anyNumber = fc.oneof(fc.double(), fc.double({ min: 0, max: 100 }), fc.integer({ min: -10, max: 110 }));
  const progress = fc.option(anyNumber, { nil: undefined });
  const anyObservations = fc
    .array(fc.record({ afterMs: double(0, 1e7), running: fc.boolean(), progress }))
    .map((steps) => {
      let atMs = 0;
      return steps.map(({ afterMs, ...seen }) => ({ ...seen, atMs: (atMs += afterMs) }));
    });
  const risingProgress = fc.array(fc.tuple(double(0.1, 100), double(0, 5))).map((steps) => {
    let [seconds, progress] = [0, 0];
    return running(...steps.map(([delay, gain]) => [(seconds += delay), (progress += gain)] as const));
  });
  const observations = fc.oneof(anyObservations, risingProgress);
  const chance = double(0, 1);
  const anyLimits = fc.tuple(double(100, 1e5), double(0, 1e6)).map(([minMs, more]) => ({ minMs, maxMs: minMs + more }));

  test('is polled within the limits', () => {
    fc.assert(
      fc.property(observations, anyLimits, chance, (seen, someLimits, random) => {
        const { delayMs } = nextPoll(estimateOf(seen), someLimits, () => random);
        expect(delayMs).toBeGreaterThanOrEqual(someLimits.minMs);
        expect(delayMs).toBeLessThanOrEqual(someLimits.maxMs);
      }),
    );
  });

  test('is polled with a jitter of at most 10%', () => {
    fc.assert(
      fc.property(observations, chance, (seen, random) => {
        const estimate = estimateOf(seen);
        const { delayMs } = nextPoll(estimate, noLimits, noJitter);
        const share = nextPoll(estimate, noLimits, () => random).delayMs / delayMs;
        expect(Math.abs(share - 1)).toBeLessThanOrEqual(0.1 + 1e-9);
      }),
    );
  });

  test('is polled no later than after 45% of its running time, or as late as without progress', () => {
    fc.assert(
      fc.property(risingProgress, (seen) => {
        const lastMs = seen.at(-1)?.atMs ?? 0;
        const unpredicted = delayAfter(lastMs, noLimits, noJitter);
        const { delayMs } = nextPoll(estimateOf(seen), noLimits, noJitter);
        expect(delayMs).toBeLessThanOrEqual(Math.max(unpredicted, 0.45 * lastMs));
      }),
    );
  });

  test('has a positive and finite remaining time, or none', () => {
    fc.assert(
      fc.property(observations, (seen) => {
        const { remainingMs = 1 } = nextPoll(estimateOf(seen), limits, noJitter);
        expect(remainingMs).toBeGreaterThan(0);
        expect(remainingMs).toBeLessThan(Infinity);
      }),
    );
  });

  test('has an estimate that never changes and never grows', () => {
    const frozen = (estimate: ProgressEstimate): ProgressEstimate => {
      const { trend } = estimate;
      if (trend !== undefined) [trend.first, trend.last, trend].forEach((part) => Object.freeze(part));
      return Object.freeze(estimate);
    };
    fc.assert(
      fc.property(observations, (seen) => {
        let estimate = frozen(startEstimate());
        for (const observation of seen) estimate = frozen(observe(estimate, Object.freeze(observation)));
        expect(JSON.stringify(estimate).length).toBeLessThan(400);
      }),
    );
  });

  test('costs at most 30 requests more with misleading progress than with none', () => {
    const rising = fc
      .array(fc.tuple(chance, chance), { maxLength: 12 })
      .map((knots) => [0, 1].map((part) => knots.map((knot) => knot[part] ?? 0).sort((a, b) => a - b)))
      .map(([times = [], heights = []]) => (share: number) => {
        const passed = times.filter((time) => time <= share).length;
        const [from, to] = [times[passed - 1] ?? 0, times[passed] ?? 1];
        const [low, high] = [heights[passed - 1] ?? 0, heights[passed] ?? 1];
        return 100 * (low + ((high - low) * (share - from)) / (to - from));
      });
    fc.assert(
      fc.property(rising, double(2, 36_000), (progressAt, seconds) => {
        const unpredicted = pollsOf(seconds, () => undefined).length;
        expect(pollsOf(seconds, progressAt).length).toBeLessThanOrEqual(unpredicted + 30);
      }),
      { numRuns: 500 },
    );
  });
});
