/*
 * When to poll next. "Delay + REQUEST_WORTH_MS per request" is smallest if the polling interval is the square root
 * of the time that a job has run so far, or, if its end can be predicted, the root of its whole predicted duration:
 * a job is equally likely to fail at any moment of it, so a steady job is polled at a constant interval. Shortly
 * before the predicted end the next poll is at that end. `npm run bench` measures all this, also for progress that
 * misleads; the constants have the lowest cost of those that never do worse than a fixed interval of 10 s.
 */

/** What one poll saw of a job. */
export interface Observation {
  /** When the response arrived, in milliseconds since the wait for this job began. */
  readonly atMs: number;
  /** Whether the job is running (false while it waits in Collibra's queue or its state is unknown). */
  readonly running: boolean;
  /** `progressPercentage` as reported: may be missing, stand still, jump, fall, or lie outside 0 to 100. */
  readonly progress: number | undefined;
}

/** The shortest and the longest delay between two polls, in milliseconds. */
export interface IntervalLimits {
  readonly minMs: number;
  readonly maxMs: number;
}

/** When to poll next, and what is known about the end. */
export interface NextPoll {
  /** The delay before the next poll, in milliseconds, within the limits. */
  readonly delayMs: number;
  /** The time until the predicted end, in milliseconds. Undefined unless progress rises as predicted. */
  readonly remainingMs: number | undefined;
}

/** What the observations of one job say about its end. Constant in size, and never changed. */
export interface ProgressEstimate {
  /** When the job was last observed. */
  readonly nowMs: number;
  /** When the job started to run: at the last poll that did not see it run. Undefined until it runs. */
  readonly startMs: number | undefined;
  readonly trend: Trend | undefined;
  /** How many polls came early because of a prediction, and did not find the job finished. */
  readonly earlyPolls: number;
}

/** Progress since it last fell. */
interface Trend {
  readonly first: Point;
  /** The latest gain. */
  readonly last: Point;
  /** The faster of the average and the latest rate, in percent per millisecond; 0 before the first gain. */
  readonly rate: number;
}

type Point = Readonly<{ atMs: number; percent: number }>;

/** The delay that is worth one request. */
const REQUEST_WORTH_MS = 110;
/** A job in the queue has yet to run before it can finish, so it is polled less often by this factor. */
const QUEUE_FACTOR = 1.8;
/** A predicted duration lengthens the delay up to this part of the running time: early predictions are rough. */
const RUNNING_SHARE = 0.45;
/** Each early poll makes the next one less early by this factor, so a wrong prediction costs few requests. */
const EARLY_GROWTH = 1.15;

/** Returns the estimate for a job that was not observed yet. */
export function startEstimate(): ProgressEstimate {
  return { nowMs: 0, startMs: undefined, trend: undefined, earlyPolls: 0 };
}

/** Returns the estimate after one more observation. */
export function observe(estimate: ProgressEstimate, seen: Observation): ProgressEstimate {
  if (!seen.running) return { ...estimate, nowMs: seen.atMs, trend: undefined };
  return {
    nowMs: seen.atMs,
    startMs: estimate.startMs ?? estimate.nowMs,
    trend: trendAfter(estimate.trend, seen),
    earlyPolls: estimate.earlyPolls + Number(untilEnd(estimate) < plainDelay(estimate)),
  };
}

/** Decides when to poll next. `random` returns numbers from 0 to 1 for the jitter. */
export function nextPoll(estimate: ProgressEstimate, limits: IntervalLimits, random: () => number): NextPoll {
  const { nowMs, startMs = 0, trend, earlyPolls } = estimate;
  const [plainMs, untilEndMs] = [plainDelay(estimate), untilEnd(estimate)];
  // Whole percents explain that progress stands still while it should have risen by less than one.
  const isRising = trend !== undefined && (nowMs - trend.last.atMs) * trend.rate < 1;
  const isPredicted = isRising && untilEndMs > 0 && untilEndMs < Infinity;
  const runningMs = nowMs - startMs;
  const steadyMs = isPredicted ? Math.min(root(runningMs + untilEndMs), RUNNING_SHARE * runningMs) : 0;
  const shortestMs = Math.min(plainMs, limits.minMs * EARLY_GROWTH ** earlyPolls);
  const delayMs = Math.max(shortestMs, Math.min(untilEndMs, Math.max(plainMs, steadyMs)));
  return { delayMs: withJitter(delayMs, limits, random), remainingMs: isPredicted ? untilEndMs : undefined };
}

/** Returns the delay where there is no progress to go by: after an error, or while a job is searched by name. */
export function delayAfter(waitedMs: number, limits: IntervalLimits, random: () => number): number {
  return withJitter(root(waitedMs), limits, random);
}

/** The interval at which delay and requests together cost least for a job of this duration. */
function root(durationMs: number): number {
  return Math.sqrt(2 * REQUEST_WORTH_MS * durationMs);
}

/** The delay without a prediction. */
function plainDelay({ nowMs, startMs }: ProgressEstimate): number {
  return startMs === undefined ? QUEUE_FACTOR * root(nowMs) : root(nowMs - startMs);
}

/** The time until the predicted end: negative when it has passed, Infinity when nothing is predicted. */
function untilEnd({ nowMs, trend }: ProgressEstimate): number {
  if (trend === undefined) return Infinity;
  return trend.last.atMs + (100 - trend.last.percent) / trend.rate - nowMs;
}

function trendAfter(trend: Trend | undefined, { atMs, progress = NaN }: Observation): Trend | undefined {
  if (!(progress >= 0 && progress < 100)) return trend;
  // A whole number may have been rounded down: it counts as the middle of its step.
  const point = { atMs, percent: Number.isInteger(progress) && progress > 0 ? progress + 0.5 : progress };
  const fresh = { first: point, last: point, rate: 0 };
  if (trend === undefined || point.percent < trend.last.percent) return fresh;
  const { first, last } = trend;
  if (point.percent === last.percent || atMs <= last.atMs) return trend;
  const rateSince = (past: Point) => (point.percent - past.percent) / (atMs - past.atMs);
  return { first, last: point, rate: Math.max(rateSince(first), rateSince(last)) };
}

/** Adds a jitter of 10%, and keeps the delay within the limits; the shortest one if it is not a number. */
function withJitter(delayMs: number, { minMs, maxMs }: IntervalLimits, random: () => number): number {
  const jittered = delayMs * (0.9 + 0.2 * random());
  return jittered > minMs ? Math.min(maxMs, jittered) : minMs;
}
