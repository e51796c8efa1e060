import type { Observation } from '../../src/polling/backoff.ts';
import type { Model, SimulatedJob } from './models.ts';
import { seeded } from './random.ts';

/** A polling schedule: the delay before the next poll, given what the last one saw (undefined before the first). */
export type Schedule = (seen: Observation | undefined) => number;

/** A way to poll jobs. */
export interface Poller {
  readonly name: string;
  /** Starts the schedule for one job. */
  start(random: () => number): Schedule;
  /** A last delay, between the poll that sees the end and one more that confirms it. */
  readonly confirmMs?: number;
  /** The poller's own timeout. The benchmark ignores it, and reports how many jobs it would lose. */
  readonly timeoutMs?: number;
}

/** How long a request takes. The server reads the job halfway. */
export const ROUND_TRIP_MS = 150;
export const SHORTEST_MS = 2_000;
export const LONGEST_MS = 7_200_000;

/** Polls one job in simulated time. Returns when each request was sent, and the delay from the job's end to the last response. */
export function waitFor(
  job: SimulatedJob,
  poller: Poller,
  random: () => number,
): { sentMs: number[]; delayMs: number } {
  const schedule = poller.start(random);
  const sentMs: number[] = [];
  let nowMs = schedule(undefined);
  for (;;) {
    sentMs.push(nowMs);
    const readMs = nowMs + ROUND_TRIP_MS / 2;
    nowMs += ROUND_TRIP_MS;
    if (readMs >= job.durationMs) break;
    nowMs += schedule({ atMs: nowMs, ...job.at(readMs) });
  }
  if (poller.confirmMs !== undefined) {
    sentMs.push(nowMs + poller.confirmMs);
    nowMs += poller.confirmMs + ROUND_TRIP_MS;
  }
  return { sentMs, delayMs: nowMs - job.durationMs };
}

/** Means over many jobs. */
export interface Survey {
  readonly delayMs: number;
  /** The mean of each job's delay divided by its duration. */
  readonly relativeDelay: number;
  readonly requests: number;
}

/** Returns `count` durations from 2 s to 2 h, evenly spread on a log scale. */
export function spreadDurations(count: number): number[] {
  const ratio = LONGEST_MS / SHORTEST_MS;
  return Array.from({ length: count }, (_, index) => SHORTEST_MS * ratio ** ((index + 0.5) / count));
}

/** Polls `count` jobs of one model, one of each duration. */
export function survey(model: Model, poller: Poller, count: number): Survey {
  let [delayMs, relativeDelay, requests] = [0, 0, 0];
  for (const [index, durationMs] of spreadDurations(count).entries()) {
    const wait = waitFor(model.job(durationMs, seeded(index)), poller, seeded(index + 1e6));
    delayMs += wait.delayMs / count;
    relativeDelay += wait.delayMs / durationMs / count;
    requests += wait.sentMs.length / count;
  }
  return { delayMs, relativeDelay, requests };
}
