import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { modelNamed, type SimulatedJob } from '../../dev/bench/jobs.ts';
import { defaultLimits, thisAction } from '../../dev/bench/pollers.ts';
import { seeded } from '../../dev/bench/random.ts';
import { waitFor } from '../../dev/bench/simulate.ts';
import {
  observe,
  nextPoll,
  delayAfter,
  startEstimate,
  type IntervalLimits,
  type Observation,
  type ProgressEstimate,
} from '../../src/polling/backoff.ts';

/** The middle of the jitter: the pause is what it would be without any. */
const middle = () => 0.5;
const noLimits: IntervalLimits = { minMs: 1e-3, maxMs: Infinity };

/** A running job's sightings, from [seconds, progress] each. */
const running = (...seen: readonly (readonly [number, (number | undefined)?])[]): Observation[] =>
  seen.map(([seconds, progress]) => ({ atMs: seconds * 1_000, running: true, progress }));

const trackOf = (sightings: readonly Observation[]): ProgressEstimate =>
  sightings.reduce(observe, startEstimate());

const paceAfter = (...sightings: readonly Observation[]) =>
  nextPoll(trackOf(sightings), defaultLimits, middle);

/** The first looks at a job in seconds, to a tenth. */
function looks(job: SimulatedJob, count = Infinity): number[] {
  return waitFor(job, thisAction(), middle)
    .looksMs.slice(0, count)
    .map((ms) => Math.round(ms / 100) / 10);
}

const job = (model: string, seconds: number) => modelNamed(model).job(seconds * 1_000, middle);

describe('without progress', () => {
  test.each([
    { waited: 0, pause: 1_000 },
    { waited: 4_000, pause: 1_000 },
    { waited: 10_000, pause: 1_483 },
    { waited: 100_000, pause: 4_690 },
    { waited: 3_600_000, pause: 28_142 },
    { waited: 86_400_000, pause: 60_000 },
  ])('pauses $pause ms after $waited ms', ({ waited, pause }) => {
    expect(Math.round(delayAfter(waited, defaultLimits, middle))).toBe(pause);
    expect(nextPoll(trackOf(running([waited / 1_000])), defaultLimits, middle)).toEqual({
      delayMs: delayAfter(waited, defaultLimits, middle),
      remainingMs: undefined,
    });
  });

  test('looks at these times, and at no others', () => {
    expect(looks(job('none', 7_200), 14)).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7.2, 8.5, 9.8, 11.3, 12.9, 14.6, 16.3,
    ]);
  });

  test('pauses the shortest time before anything was seen', () => {
    expect(nextPoll(startEstimate(), defaultLimits, middle)).toEqual({
      delayMs: 1_000,
      remainingMs: undefined,
    });
  });

  test.each([
    { chance: 0, pause: 0.9 * 4_690.4 },
    { chance: 0.25, pause: 0.95 * 4_690.4 },
    { chance: 1, pause: 1.1 * 4_690.4 },
  ])('jitters with the random number $chance', ({ chance, pause }) => {
    expect(delayAfter(100_000, defaultLimits, () => chance)).toBeCloseTo(pause, 0);
  });

  test('jitter does not leave the limits', () => {
    expect(delayAfter(0, defaultLimits, () => 0)).toBe(1_000);
    expect(delayAfter(1e9, defaultLimits, () => 1)).toBe(60_000);
  });

  test('what is no number pauses, and does not hammer', () => {
    expect(delayAfter(NaN, defaultLimits, middle)).toBe(1_000);
    expect(delayAfter(-1, defaultLimits, middle)).toBe(1_000);
  });
});

describe('in the queue', () => {
  const queued = (...seconds: readonly number[]): Observation[] =>
    seconds.map((second) => ({ atMs: second * 1_000, running: false, progress: undefined }));

  test('pauses twice as long', () => {
    expect(paceAfter(...queued(0, 100)).delayMs).toBeCloseTo(2 * 4_690.4, 0);
  });

  test('progress counts for nothing', () => {
    const risen = running([1, 10], [2, 20], [3, 30], [4, 40]).map((seen) => ({ ...seen, running: false }));
    expect(paceAfter(...risen)).toEqual({
      delayMs: expect.closeTo(2 * Math.sqrt(220 * 4_000), 0),
      remainingMs: undefined,
    });
  });

  test('a job that begins to run is as new as one that was not queued', () => {
    const pace = paceAfter(...queued(0, 3_000, 3_050), ...running([3_060], [3_150]));
    expect(pace.delayMs).toBeCloseTo(delayAfter(100_000, defaultLimits, middle), 6);
  });

  test('a job that falls back into the queue again and again is not new each time', () => {
    const pace = paceAfter(
      ...running([0], [50]),
      ...queued(60),
      ...running([70]),
      ...queued(80),
      ...running([100]),
    );
    expect(pace.delayMs).toBeCloseTo(4_690.4, 0);
  });
});

describe('with progress', () => {
  test('a steady job is looked at at these times', () => {
    expect(looks(job('linear', 100))).toEqual([
      0, 1, 2, 3, 4.2, 5.9, 8.2, 11.5, 16.1, 22.6, 31.6, 44.3, 62, 86.8, 98.1, 99.7, 100.8,
    ]);
  });

  test('the rest is known once forecasts agree', () => {
    expect(paceAfter(...running([0, 0.2], [1, 1.2], [2, 2.2], [3, 3.2])).remainingMs).toBeCloseTo(96_800, 3);
  });

  test('the rest of a job that had begun before the wait is known too', () => {
    expect(paceAfter(...running([0, 40.5], [1, 45.5], [2, 50.5], [3, 55.5])).remainingMs).toBeCloseTo(
      8_900,
      3,
    );
  });

  test('the sooner of the ends that the average and the recent rate foretell counts', () => {
    const [slow, faster] = [running([0, 0.5], [10, 10.5], [20, 20.5]), running([30, 35.5], [40, 50.5])];
    const remainingMs = paceAfter(...slow, ...faster).remainingMs;
    // The recent rate is 1.5 per cent a second, of which 49.5 are left; the average is 1.25.
    expect(remainingMs).toBeGreaterThanOrEqual(33_000 - 1e-6);
    expect(remainingMs).toBeLessThan((49.5 / 1.25) * 1_000);
  });

  test('the recent rate is that of the last third or so, and the faster of the two counts', () => {
    const steady = [
      [0, 0.2],
      [10, 10.2],
      [20, 20.2],
    ] as const;
    // In per cent a second: 1 so far, and two thirds of the way from there to the last step's 1.5 or 0.5.
    expect(paceAfter(...running(...steady, [30, 35.2])).remainingMs).toBeCloseTo((64.8 / (4 / 3)) * 1_000, 3);
    expect(paceAfter(...running(...steady, [30, 25.2])).remainingMs).toBeCloseTo(
      (74.8 / (25 / 30)) * 1_000,
      3,
    );
  });

  test('a whole number stands for the middle of its step', () => {
    expect(paceAfter(...running([0, 1], [1, 2], [2, 3], [3, 4])).remainingMs).toBeCloseTo(95_500, 3);
  });

  test.each<{ name: string; seen: Observation[] }>([
    { name: 'nothing was reported', seen: running([0], [1], [2], [3]) },
    { name: 'there was one gain', seen: running([0, 0.5], [1, 1.5]) },
    { name: 'it never rose', seen: running([0, 0], [1, 0], [2, 0], [3, 0]) },
    { name: 'it reads 100', seen: running([0, 100], [1, 100], [2, 100], [3, 100]) },
    { name: 'it is below 0', seen: running([0, -4], [1, -3], [2, -2], [3, -1]) },
    { name: 'it is no number', seen: running([0, NaN], [1, NaN], [2, NaN], [3, NaN]) },
    { name: 'it is over 100', seen: running([0, 101], [1, 102], [2, 103], [3, 104]) },
    { name: 'the two rates are far apart', seen: running([0, 1], [10, 2], [20, 3], [21, 30], [22, 60]) },
    {
      name: 'it stands still after a rise',
      seen: running([0, 1], [1, 2], [2, 3], [3, 4], [4.1, 4], [5.5, 4]),
    },
    { name: 'it has just fallen', seen: running([0, 1], [1, 2], [2, 3], [3, 4], [4, 1]) },
    {
      name: 'it rises again after a fall',
      seen: running([0, 1], [1, 2], [2, 3], [3, 4], [4, 1], [5, 2], [6, 3], [7, 4]),
    },
    {
      name: 'it rises again after a standstill',
      seen: running([0, 1], [1, 2], [2, 3], [3, 4], [6, 4], [7, 5], [8, 6], [9, 7]),
    },
    { name: 'the foretold end has passed', seen: running([0, 0], [30, 30], [60, 60], [90, 90], [105, 90]) },
    { name: 'the end lies beyond all numbers', seen: running([0, 0], [1, 1e-320], [2, 2e-320], [3, 3e-320]) },
  ])('the rest is not known where $name', ({ seen }) => {
    expect(paceAfter(...seen).remainingMs).toBeUndefined();
  });

  test.each([100, NaN, -1, 101, undefined])('%p in the midst of a rise changes nothing', (odd) => {
    const rise = running([0, 0.5], [1, 1.5], [2, 2.5], [3, 3.5], [4, odd], [5, 5.5], [6, 6.5]);
    expect(paceAfter(...rise).remainingMs).toBeCloseTo(93_500, 3);
  });

  test.each([100, NaN, -1, 101, undefined])('%p before a rise changes nothing', (odd) => {
    const rise = running([0, odd], [1, 1.5], [2, 2.5], [3, 3.5], [4, 4.5]);
    expect(paceAfter(...rise).remainingMs).toBeCloseTo(95_500, 3);
  });

  test('two looks at the same moment do no harm', () => {
    const rise = running([0, 0.5], [1, 1.5], [2, 2.5], [2, 2.6], [3, 3.5], [4, 4.5]);
    expect(paceAfter(...rise).remainingMs).toBeCloseTo(95_500, -3);
  });

  test('only looks shortly before a believed end are in vain', () => {
    const steady = running([0, 0.5], [500, 33.5], [1_000, 66.5], [1_480, 98.18]);
    const soonMs = 500 / 0.066 + 20_000;
    expect(soonMs).toBeGreaterThan(delayAfter(1_480_000, defaultLimits, middle));
    expect(trackOf(steady.concat(running([1_481, 98.3]))).earlyPolls).toBe(0);
    expect(trackOf(steady.concat(running([1_500, 99.5], [1_501, 99.5]))).earlyPolls).toBe(1);
    const doubted = running([0, 0.5], [1_490, 1], [1_500, 99.5]);
    expect(trackOf(doubted.concat(running([1_501, 99.5], [1_502, 99.5]))).earlyPolls).toBe(0);
  });

  test('a job that has fallen or stood still can be believed again, only later', () => {
    const rise = (from: number, count: number) =>
      running(...Array.from({ length: count }, (_, index) => [from + index, 0.5 + index] as const));
    expect(paceAfter(...rise(0, 3)).remainingMs).toBeDefined();
    expect(paceAfter(...rise(0, 3), ...rise(3, 3)).remainingMs).toBeUndefined();
    expect(paceAfter(...rise(0, 3), ...rise(3, 5)).remainingMs).toBeUndefined();
    expect(paceAfter(...rise(0, 3), ...rise(3, 6)).remainingMs).toBeDefined();
    expect(paceAfter(...rise(0, 3), ...rise(3, 3), ...rise(6, 8)).remainingMs).toBeUndefined();
    expect(paceAfter(...rise(0, 3), ...rise(3, 3), ...rise(6, 9)).remainingMs).toBeDefined();
  });

  test('a standstill counts as one, however often it is looked at', () => {
    const seen = running([0, 0.5], [1, 1.5], [2, 2.5], [3, 3.5], [5, 3.5], [6, 3.5], [7, 3.5]);
    const again = running([8, 4.5], [9, 5.5], [10, 6.5], [11, 7.5], [12, 8.5], [13, 9.5]);
    expect(paceAfter(...seen, ...again.slice(0, -1)).remainingMs).toBeUndefined();
    expect(paceAfter(...seen, ...again).remainingMs).toBeCloseTo(90_500, 3);
  });

  test('a pause longer than without progress follows only a look that saw progress', () => {
    const rise = running([0, 0.5], [60, 1.5], [120, 2.5], [180, 3.5], [240, 4.5]);
    const unaided = (seconds: number) => delayAfter(seconds * 1_000, defaultLimits, middle);
    // After four gains that agree a sixteenth of the doubt is left: 7 × 7,266 ms / (1 + 2 × 0.1125).
    expect(paceAfter(...rise).delayMs).toBeCloseTo(41_522, -1);
    expect(paceAfter(...rise, ...running([300, 4.5])).delayMs).toBeCloseTo(unaided(300), 6);
  });

  test('progress that is overdue leads back to the square root', () => {
    const rise = running([0, 0.5], [60, 1.5], [120, 2.5], [180, 3.5], [240, 4.5]);
    const unaided = (seconds: number) => delayAfter(seconds * 1_000, defaultLimits, middle);
    expect(paceAfter(...rise, ...running([315, 4.5])).delayMs).toBeCloseTo(0.8 * unaided(315), 6);
    expect(paceAfter(...rise, ...running([3_000, 4.5])).delayMs).toBeCloseTo(unaided(3_000), 6);
  });

  test('past a foretold end the pause grows with the time since then', () => {
    const rise = running([0, 0.5], [500, 33.5], [1_000, 66.5], [1_500, 99.5]);
    const endMs = 1_500_000 + 500 / 0.066;
    const past = (seconds: number) => paceAfter(...rise, ...running([seconds, 99.5])).delayMs;
    expect(past(1_512)).toBeCloseTo(0.4 * (1_512_000 - endMs), 0);
    expect(past(1_530)).toBeCloseTo(0.4 * (1_530_000 - endMs), 0);
    expect(past(1_600)).toBeCloseTo(delayAfter(1_600_000, defaultLimits, middle), 0);
  });

  test('early looks in vain make the next ones less early', () => {
    const rise = running([0, 0.5], [500, 33.5], [1_000, 66.5], [1_500, 99.5]);
    const looked = rise.concat(
      running(...Array.from({ length: 20 }, (_, index) => [1_501 + index / 10, 99.5] as const)),
    );
    expect(paceAfter(...looked).delayMs).toBeGreaterThan(5_000);
    expect(paceAfter(...looked).delayMs).toBeLessThan(8_000);
    const sameAgain = [...looked, ...looked.slice(4), ...looked.slice(4), ...looked.slice(4)];
    expect(paceAfter(...sameAgain).delayMs).toBeCloseTo(delayAfter(1_502_900, defaultLimits, middle), 6);
  });
});

describe('whatever is seen', () => {
  const anyProgress = fc.option(
    fc.oneof(fc.double(), fc.double({ min: 0, max: 100 }), fc.integer({ min: -10, max: 110 })),
    { nil: undefined },
  );
  const anySightings = fc
    .array(
      fc.record({
        afterMs: fc.double({ min: 0, max: 1e7, noNaN: true }),
        running: fc.boolean(),
        progress: anyProgress,
      }),
    )
    .map((steps) => {
      let atMs = 0;
      return steps.map(({ afterMs, ...seen }) => ({ ...seen, atMs: (atMs += afterMs) }));
    });
  const anyRise = fc
    .array(
      fc.tuple(fc.double({ min: 0.1, max: 100, noNaN: true }), fc.double({ min: 0, max: 5, noNaN: true })),
    )
    .map((steps) => {
      let [seconds, progress] = [0, 0];
      return running(...steps.map(([pause, gain]) => [(seconds += pause), (progress += gain)] as const));
    });
  const seen = fc.oneof(anySightings, anyRise);
  const chance = fc.double({ min: 0, max: 1, noNaN: true });
  const anyLimits = fc
    .tuple(fc.double({ min: 100, max: 1e5, noNaN: true }), fc.double({ min: 0, max: 1e6, noNaN: true }))
    .map(([minMs, more]) => ({ minMs, maxMs: minMs + more }));

  test('the pause stays within the limits', () => {
    fc.assert(
      fc.property(seen, anyLimits, chance, (sightings, limits, random) => {
        const { delayMs: delayMs } = nextPoll(trackOf(sightings), limits, () => random);
        expect(delayMs).toBeGreaterThanOrEqual(limits.minMs);
        expect(delayMs).toBeLessThanOrEqual(limits.maxMs);
      }),
    );
  });

  test('the jitter is at most 10 % of the pause', () => {
    fc.assert(
      fc.property(seen, chance, (sightings, random) => {
        const track = trackOf(sightings);
        const { delayMs: delayMs } = nextPoll(track, noLimits, middle);
        const share = nextPoll(track, noLimits, () => random).delayMs / delayMs;
        expect(Math.abs(share - 1)).toBeLessThanOrEqual(0.1 + 1e-9);
      }),
    );
  });

  test('the rest is positive and finite, or not known', () => {
    fc.assert(
      fc.property(seen, (sightings) => {
        const { remainingMs: remainingMs = 1 } = nextPoll(trackOf(sightings), defaultLimits, middle);
        expect(remainingMs).toBeGreaterThan(0);
        expect(remainingMs).toBeLessThan(Infinity);
      }),
    );
  });

  test('the pause is at most 7 times as long as without progress, and the jitter', () => {
    fc.assert(
      fc.property(anyRise, chance, (sightings, random) => {
        const waited = sightings.at(-1)?.atMs ?? 0;
        const { delayMs: delayMs } = nextPoll(trackOf(sightings), noLimits, () => random);
        expect(delayMs).toBeLessThanOrEqual(Math.max(1e-3, 7 * 1.1 * Math.sqrt(220 * waited)));
      }),
    );
  });

  test('a track is never changed, and never grows', () => {
    const frozen = (track: ProgressEstimate): ProgressEstimate => {
      if (track.rise !== undefined) [track.rise.first, track.rise.last, track.rise].forEach(Object.freeze);
      return Object.freeze(track);
    };
    fc.assert(
      fc.property(seen, (sightings) => {
        let track = frozen(startEstimate());
        for (const sighting of sightings) track = frozen(observe(track, Object.freeze(sighting)));
        expect(JSON.stringify(track).length).toBeLessThan(600);
      }),
    );
  });

  test('progress that never falls costs at most 30 requests more than none, for a job of any length', () => {
    const curve = fc
      .array(
        fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 100, noNaN: true })),
        {
          maxLength: 12,
        },
      )
      .map((knots): readonly (readonly number[])[] => {
        const sorted = [0, 1].map((part) => knots.map((knot) => knot[part] ?? 0).sort((a, b) => a - b));
        return [
          [0, ...(sorted[0] ?? []), 1],
          [0, ...(sorted[1] ?? []), 100],
        ];
      });
    const at = ([times = [], heights = []]: readonly (readonly number[])[], share: number) => {
      const next = Math.max(
        1,
        times.findIndex((time) => time > share),
      );
      const [from = 0, to = 1, low = 0, high = 0] = [
        times[next - 1],
        times[next],
        heights[next - 1],
        heights[next],
      ];
      return low + ((high - low) * (share - from)) / (to - from);
    };
    fc.assert(
      fc.property(
        curve,
        fc.double({ min: 2, max: 36_000, noNaN: true }),
        fc.integer(),
        (points, seconds, seed) => {
          const durationMs = seconds * 1_000;
          const requests = (progress: (ms: number) => number | undefined) =>
            waitFor(
              { durationMs, at: (ms) => ({ running: true, progress: progress(ms) }) },
              thisAction(),
              seeded(seed),
            ).looksMs.length;
          expect(requests((ms) => at(points, ms / durationMs))).toBeLessThanOrEqual(
            requests(() => undefined) + 30,
          );
        },
      ),
      { numRuns: 500 },
    );
  });
});
