import type { Clock } from '../clock.ts';
import type { RequestLimits } from '../collibra/http/requests.ts';
import { CollibraError, isTransient } from '../collibra/errors.ts';
import { duration } from '../text.ts';
import { withTimeout } from '../timeout.ts';
import { delayAfter, type IntervalLimits } from './backoff.ts';
import { RetryBudget } from './retry-budget.ts';

/** Polling configuration: deadline, retry budget, and interval limits, in milliseconds. */
export interface PollOptions {
  readonly timeoutMs: number;
  readonly maxOutageMs: number;
  readonly interval: IntervalLimits;
}

/** The result of one poll: done, or pending with the delay that should precede the next poll, in milliseconds. */
export type PollResult<R> =
  { readonly kind: 'done'; readonly value: R } | { readonly kind: 'pending'; readonly delayMs: number };

/** How polling ended. Reasons are whole sentences and may quote the server. */
export type WaitResult<R> =
  | { readonly kind: 'done'; readonly value: R }
  | { readonly kind: 'timeout'; readonly reason: string }
  | { readonly kind: 'error'; readonly reason: string; readonly cause: CollibraError }
  | { readonly kind: 'stopped' };

/** What is polled. */
export interface PollTask<R> {
  /** When the wait began, on the clock's scale. */
  readonly startMs: number;
  /** Stops polling; the result is then `stopped`. */
  readonly signal: AbortSignal;
  /**
   * Polls once.
   * @param isFinal whether the time is up, so that no poll follows
   * @throws CollibraError; the signal's reason
   */
  poll(limits: RequestLimits, isFinal: boolean): Promise<PollResult<R>>;
  /** Called after a poll that is pending, with the delay that is slept, in milliseconds; undefined: no poll follows. */
  onPending(delayMs: number | undefined): void;
  /** Called before a retry, with the delay that is slept, in milliseconds; undefined: no poll follows. */
  onTransientError(error: CollibraError, delayMs: number | undefined): void;
}

/** The final poll begins when the time is up, so each of its requests gets some time of its own, in milliseconds. */
const FINAL_REQUEST_MS = 10_000;

/** Rejected credentials are retried only after this delay, in milliseconds, so that no account is locked out. */
const REJECTED_DELAY_MS = 5_000;

/**
 * Polls immediately, after each delay, and once more at the deadline. Retries transient errors. Knows neither jobs nor
 * HTTP.
 */
export async function poll<R>(task: PollTask<R>, options: PollOptions, clock: Clock): Promise<WaitResult<R>> {
  const { startMs, signal } = task;
  const deadlineMs = startMs + options.timeoutMs;
  const budget = new RetryBudget(options.maxOutageMs);
  const backoff = ({ kind, retryAfterMs = 0 }: CollibraError, waitedMs: number) =>
    Math.max(
      delayAfter(waitedMs, options.interval, () => clock.random()),
      retryAfterMs,
      kind === 'unauthorized' ? REJECTED_DELAY_MS : 0,
    );

  while (!signal.aborted) {
    const isFinal = clock.now() >= deadlineMs;
    const attempt = await (isFinal ? finalPoll(task) : pollUntil(deadlineMs, task, clock));
    if (attempt.kind === 'done' || attempt.kind === 'stopped') return attempt;
    if (attempt.kind === 'interrupted') continue;

    const nowMs = clock.now();
    const error = attempt.kind === 'failed' ? attempt.error : undefined;
    const retryUntilMs = error === undefined ? budget.onSuccess() : budget.onError(error, nowMs);
    if (error !== undefined && (nowMs >= retryUntilMs || (isFinal && budget.neverSucceeded)))
      return gaveUp(error, budget.failures(nowMs));

    const wantedMs = attempt.kind === 'pending' ? attempt.delayMs : backoff(attempt.error, nowMs - startMs);
    const leftMs = Math.min(deadlineMs, retryUntilMs) - nowMs;
    const delayMs = isFinal ? undefined : sleepTime(wantedMs, leftMs, options.interval);
    if (error === undefined) task.onPending(delayMs);
    else task.onTransientError(error, delayMs);
    if (delayMs === undefined) return timedOut(nowMs - startMs, budget.failures(nowMs));
    await clock.sleep(delayMs, signal);
  }
  return { kind: 'stopped' };
}

type Attempt<R> =
  | PollResult<R>
  | { readonly kind: 'failed'; readonly error: CollibraError }
  /** The deadline came first, which says nothing about the server. */
  | { readonly kind: 'interrupted' }
  | { readonly kind: 'stopped' };

class DeadlineReached extends Error {}

function finalPoll<R>(task: PollTask<R>): Promise<Attempt<R>> {
  return attempt(task.signal, () =>
    task.poll({ signal: task.signal, timeoutMs: FINAL_REQUEST_MS, isUrgent: true }, true),
  );
}

function pollUntil<R>(deadlineMs: number, task: PollTask<R>, clock: Clock): Promise<Attempt<R>> {
  const onTimeout = () => new DeadlineReached();
  const timeout = { clock, ms: deadlineMs - clock.now(), signal: task.signal, onTimeout };
  return attempt(task.signal, () => withTimeout(timeout, (signal) => task.poll({ signal }, false)));
}

async function attempt<R>(signal: AbortSignal, pollOnce: () => Promise<PollResult<R>>): Promise<Attempt<R>> {
  try {
    return await pollOnce();
  } catch (error) {
    if (signal.aborted) return { kind: 'stopped' };
    if (error instanceof DeadlineReached) return { kind: 'interrupted' };
    if (error instanceof CollibraError) return { kind: 'failed', error };
    throw error;
  }
}

/**
 * The delay that is really slept, in milliseconds. A poll that would leave less than the shortest interval before the
 * end takes place at the end, unless the delay would then exceed the longest interval.
 */
function sleepTime(delayMs: number, leftMs: number, { minMs, maxMs }: IntervalLimits): number {
  const endsAtEnd = delayMs + minMs > leftMs && leftMs <= Math.max(delayMs, maxMs);
  return endsAtEnd ? Math.max(0, leftMs) : delayMs;
}

type Failures = ReturnType<RetryBudget['failures']>;

function gaveUp(error: CollibraError, failures: Failures): WaitResult<never> {
  if (failures === undefined || !isTransient(error.kind)) return { kind: 'error', reason: error.message, cause: error };
  const reason =
    `Collibra did not respond successfully for ${failures.lasted} (${failures.errors}). ` +
    `Last error: ${error.message} Check that Collibra is reachable, or increase max-outage-minutes.`;
  return { kind: 'error', reason, cause: error };
}

function timedOut(waitedMs: number, failures: Failures): WaitResult<never> {
  const lately =
    failures === undefined ? '' : `, with no successful response for the last ${failures.lasted} (${failures.errors})`;
  return { kind: 'timeout', reason: `Not finished after ${duration(waitedMs)}${lately}.` };
}
