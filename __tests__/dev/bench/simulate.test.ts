import { describe, expect, test } from '@jest/globals';
import { load } from '../../../dev/bench/fleet.ts';
import { modelNamed, models } from '../../../dev/bench/jobs.ts';
import { bestSchedule, bestScheduleFor, oracleWithin } from '../../../dev/bench/limits.ts';
import { peers, thisAction } from '../../../dev/bench/pollers.ts';
import { seeded } from '../../../dev/bench/random.ts';
import {
  longestMs,
  shortestMs,
  spreadDurations,
  survey,
  waitFor,
  type Poller,
} from '../../../dev/bench/simulate.ts';

const none = modelNamed('none');
const peer = (name: string): Poller => {
  const found = peers.find((each) => each.name === name);
  if (found === undefined) throw new Error(`There is no peer named ${name}.`);
  return found;
};
const every = (pauseMs: number, firstMs = 0): Poller => ({
  name: 'fixed',
  begin: () => (sighting) => (sighting === undefined ? firstMs : pauseMs),
});
const looksOf = (name: string, seconds: number) =>
  waitFor(none.job(seconds * 1_000, seeded(1)), peer(name), () => 0.5).looksMs.map((ms) => ms / 1_000);

describe('a simulated wait', () => {
  test('ends with the first look at or after the end of the job', () => {
    const job = none.job(20_000, seeded(1));
    expect(waitFor(job, every(10_000), seeded(1))).toEqual({
      durationMs: 20_000,
      delayMs: 0,
      looksMs: [0, 10_000, 20_000],
    });
    expect(waitFor(job, every(8_000, 3_000), seeded(1)).delayMs).toBe(7_000);
  });

  test('shows the poller what the job shows', () => {
    const seen: unknown[] = [];
    const poller: Poller = {
      name: 'spy',
      begin: () => (sighting) => (sighting && seen.push(sighting), sighting ? 25_000 : 0),
    };
    waitFor(modelNamed('linear').job(100_000, seeded(1)), poller, seeded(1));
    expect(seen).toEqual(
      [0, 25, 50, 75].map((share) => ({ atMs: share * 1_000, running: true, progress: share })),
    );
  });
});

describe('peers', () => {
  test.each([
    { name: 'actions/deploy-pages', looks: [5, 10, 15, 20, 25] },
    { name: 'aws-actions/aws-codebuild-run-build', looks: [0, 30, 45] },
    { name: 'amazon-ecs-deploy-task-definition', looks: [0, 15, 37.5] },
    { name: 'AWS SDK waiter, default', looks: [0, 2, 5, 10, 19, 36] },
    { name: 'hashicorp/tfci', looks: [0, 2, 6, 12, 19, 26] },
    { name: 'fal-ai/dbt-cloud-action', looks: [30] },
    { name: 'lewagon/wait-on-check-action', looks: [0, 10, 20, 30] },
    { name: 'databricks/run-notebook', looks: [0, 5, 10, 15, 20, 25] },
    { name: 'google deploy-cloud-functions', looks: [0, 5, 10, 15, 20, 25] },
    { name: 'int128/wait-for-workflows-action', looks: [10, 25] },
    { name: 'Azure core-lro', looks: [0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26] },
    { name: "Collibra's Java sample", looks: [0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26] },
  ])('$name looks at a job of 25 s at $looks', ({ name, looks }) => {
    expect(looksOf(name, 25)).toEqual(looks);
  });

  test('google-gax operations grow by 1.3 from 0.1 s to 60 s', () => {
    const looks = looksOf('google-gax operations', 3_600);
    const pauses = looks.slice(1).map((look, index) => look - (looks[index] ?? 0));
    expect(pauses[0]).toBeCloseTo(0.1, 9);
    expect(pauses[3]).toBeCloseTo(0.2197, 9);
    expect(pauses.at(-1)).toBeCloseTo(60, 9);
  });
});

describe('durations', () => {
  test('are evenly spread on a log scale from 2 s to 2 h', () => {
    const durations = spreadDurations(100);
    expect(durations[0]).toBeGreaterThan(shortestMs);
    expect(durations.at(-1)).toBeLessThan(longestMs);
    expect(durations.filter((durationMs) => durationMs < Math.sqrt(shortestMs * longestMs))).toHaveLength(50);
  });

  test('of a survey: its means', () => {
    const fixed = survey(none, every(1e9), 2);
    const [short = 0, long = 0] = spreadDurations(2);
    expect(fixed.requests).toBe(2);
    expect(fixed.delayMs).toBeCloseTo(1e9 - (short + long) / 2, 3);
    expect(fixed.relativeDelay).toBeCloseTo((1e9 / short + 1e9 / long) / 2 - 1, 6);
    expect(fixed.worstDelayMs).toBeCloseTo(1e9 - short, 3);
  });

  test('give the same figures every time', () => {
    for (const model of models)
      expect(survey(model, thisAction(), 50)).toEqual(survey(model, thisAction(), 50));
  });
});

describe('models', () => {
  const at = (name: string, share: number) =>
    modelNamed(name)
      .job(1_000, seeded(7))
      .at(share * 1_000);

  test.each([
    { name: 'linear', share: 0.333, progress: 33.3 },
    { name: 'linear, whole per cent', share: 0.339, progress: 33 },
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
  ])('$name: $progress at $share of the time', ({ name, share, progress }) => {
    expect(at(name, share)).toEqual({ running: true, progress: expect.closeTo(progress, 9) });
  });

  test('a queued job runs later, and progresses only then', () => {
    expect(at('long queue, then linear', 0.89)).toEqual({ running: false, progress: 0 });
    expect(at('long queue, then linear', 0.995).running).toBe(true);
  });

  test.each(['starts late', 'goes backwards once', 'rises at random speeds', 'linear, wait begins midway'])(
    'progress that %s ends at 100',
    (name) => {
      expect(at(name, 0.999_999).progress).toBeCloseTo(100, 2);
    },
  );

  test('a model that does not exist is an error', () => {
    expect(() => modelNamed('no such')).toThrow('There is no model named no such.');
  });
});

describe('limits', () => {
  test('the best schedule for few requests is that of a search by hand', () => {
    // With one look after the one at 0 only the end is left; every duration is waited for until then.
    const { delayMs, requests } = bestSchedule(1e12, 200);
    const mean = (longestMs - shortestMs) / Math.log(longestMs / shortestMs);
    expect(requests).toBe(2);
    expect(delayMs).toBeCloseTo(longestMs - mean, 0);
  });

  test('two looks are as good as the best of all pairs', () => {
    const span = Math.log(longestMs / shortestMs);
    const requestMs = 1e6;
    const costOf = (lookMs: number) => {
      const early = Math.log(lookMs / shortestMs) / span;
      const mean = (longestMs - shortestMs) / span;
      return lookMs * early + longestMs * (1 - early) - mean + requestMs * (2 + (1 - early));
    };
    let best = Infinity;
    for (let lookMs = shortestMs; lookMs <= longestMs; lookMs += 500) best = Math.min(best, costOf(lookMs));
    const { delayMs, requests } = bestSchedule(requestMs, 1_000);
    expect(delayMs + requestMs * requests).toBeLessThanOrEqual(best * 1.001);
  });

  test('the best schedule for so many requests has no more, and hardly fewer', () => {
    const { requests } = bestScheduleFor(50);
    expect(requests).toBeLessThanOrEqual(50.5);
    expect(requests).toBeGreaterThan(49);
  });

  test('no poller that knows nothing of a job beats the best schedule', () => {
    for (const poller of [
      thisAction(),
      peer('lewagon/wait-on-check-action'),
      peer('AWS SDK waiter, default'),
    ]) {
      const { delayMs, requests } = survey(none, poller, 1_000);
      expect(bestScheduleFor(requests).delayMs).toBeLessThan(delayMs);
    }
  });

  test('one that knows the end still looks at once and every so often', () => {
    expect(oracleWithin(longestMs, 10)).toEqual({ delayMs: 0, requests: 2 });
    expect(oracleWithin(60_000, 1_000).requests).toBeCloseTo(1.5 + 7_200 / 60 / Math.log(3_600), 0);
  });
});

describe('a fleet', () => {
  test('all at once, every 10 s: everyone in the same second', () => {
    const { peak, laterPeak, mean } = load(none, every(10_000), 100, 0);
    expect(peak).toBe(100);
    // The look at 60 s counts: who runs for 50 s is seen to have ended then.
    expect(laterPeak).toBe(spreadDurations(100).filter((durationMs) => durationMs > 50_000).length);
    expect(mean).toBeCloseTo((100 * survey(none, every(10_000), 100).requests) / 7_000, 0);
  });

  test('spread over a minute: no such crowd', () => {
    expect(load(none, every(10_000), 100, 60_000).peak).toBeLessThan(25);
  });
});
