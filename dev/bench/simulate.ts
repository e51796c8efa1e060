import type { Observation } from '../../src/polling/backoff.ts';
import type { Model, SimulatedJob } from './jobs.ts';
import { seeded } from './random.ts';

/** Given what the last look showed (undefined before the first one), how long to pause before the next. */
export type Rhythm = (sighting: Observation | undefined) => number;

/** A way of waiting for jobs. */
export interface Poller {
  readonly name: string;
  /** A fresh rhythm for one job. */
  begin(random: () => number): Rhythm;
  /** A pause between the look that sees the end and one more that confirms it. */
  readonly confirmMs?: number;
  /** How long it waits before it gives up; the benchmark lets it go on, and says so. */
  readonly limitMs?: number;
}

/** What waiting for one job came to. */
export interface Wait {
  readonly durationMs: number;
  /** How long after the job's end the wait ended. */
  readonly delayMs: number;
  /** When the looks were. */
  readonly looksMs: readonly number[];
}

/** Waits for one job in simulated time, in which a request takes no time. */
export function waitFor(job: SimulatedJob, poller: Poller, random: () => number): Wait {
  const rhythm = poller.begin(random);
  const looksMs: number[] = [];
  let now = rhythm(undefined);
  while (now < job.durationMs) {
    looksMs.push(now);
    now += rhythm({ atMs: now, ...job.at(now) });
  }
  looksMs.push(now);
  if (poller.confirmMs !== undefined) looksMs.push((now += poller.confirmMs));
  return { durationMs: job.durationMs, delayMs: now - job.durationMs, looksMs };
}

/** Means over many jobs. */
export interface Survey {
  readonly delayMs: number;
  /** The mean of each job's delay divided by its duration. */
  readonly relativeDelay: number;
  readonly requests: number;
  readonly worstDelayMs: number;
}

export const shortestMs = 2_000;
export const longestMs = 7_200_000;

/** `count` durations from 2 s to 2 h, evenly spread on a log scale. */
export function spreadDurations(count: number): number[] {
  const ratio = longestMs / shortestMs;
  return Array.from({ length: count }, (_, index) => shortestMs * ratio ** ((index + 0.5) / count));
}

/** Waits with `poller` for `count` jobs of the same model, one of each duration. */
export function survey(model: Model, poller: Poller, count: number): Survey {
  let [delay, relative, requests, worst] = [0, 0, 0, 0];
  for (const [index, durationMs] of spreadDurations(count).entries()) {
    const wait = waitFor(model.job(durationMs, seeded(index)), poller, seeded(index + 1e6));
    delay += wait.delayMs / count;
    relative += wait.delayMs / durationMs / count;
    requests += wait.looksMs.length / count;
    worst = Math.max(worst, wait.delayMs);
  }
  return { delayMs: delay, relativeDelay: relative, requests, worstDelayMs: worst };
}
