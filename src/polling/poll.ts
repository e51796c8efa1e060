import type { Clock } from '../clock.ts';
import type { RequestLimits } from '../collibra/http/requests.ts';
import { CollibraError } from '../collibra/errors.ts';
import { duration } from '../text.ts';
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
  /** Since when there has been something to poll, on the clock's scale; the start unless it was found later. */
  readonly visibleSinceMs?: number | undefined;
  /** How long the final poll may take, in milliseconds; {@link FINAL_POLL_MS} unless others poll at the same time. */
  readonly finalPollMs?: number | undefined;
  /** Stops polling; the result is then `stopped`. */
  readonly signal: AbortSignal;
  /**
   * Polls once.
   * @param isFinal whether the time is up, so that no poll follows
   * @throws CollibraError
   */
  poll(limits: RequestLimits, isFinal: boolean): Promise<PollResult<R>>;
  /** Called after a poll that is pending, with the delay that is slept, in milliseconds; undefined: no poll follows. */
  onPending(delayMs: number | undefined): void;
  /** Called before a retry, with the delay that is slept, in milliseconds; undefined: no poll follows. */
  onTransientError(error: CollibraError, delayMs: number | undefined): void;
}

/** The final poll begins when the time is up, so it gets some time of its own, in milliseconds. */
export const FINAL_POLL_MS = 10_000;

/**
 * Polls immediately, after each delay, and once more at the deadline. Retries transient errors. Knows neither jobs nor
 * HTTP.
 */
export async function poll<R>(task: PollTask<R>, options: PollOptions, clock: Clock): Promise<WaitResult<R>> {
  const { startMs, signal, finalPollMs = FINAL_POLL_MS } = task;
  const deadlineMs = startMs + options.timeoutMs;
  const budget = new RetryBudget(task.visibleSinceMs ?? startMs, options.maxOutageMs);
  const backoff = ({ retryAfterMs = 0 }: CollibraError, waitedMs: number) =>
    Math.max(
      delayAfter(waitedMs, options.interval, () => clock.random()),
      retryAfterMs,
    );

  while (!signal.aborted) {
    const polledMs = clock.now();
    const isFinal = polledMs >= deadlineMs;
    const attempt = await tryPoll(task, isFinal ? polledMs + finalPollMs : deadlineMs, isFinal);
    if (attempt.kind === 'done' || attempt.kind === 'stopped') return attempt;

    const nowMs = clock.now();
    const error = attempt.kind === 'failed' ? attempt.error : undefined;
    const retryUntilMs = error === undefined ? budget.onSuccess() : budget.onError(error, polledMs);
    if (error !== undefined && (nowMs >= retryUntilMs || (isFinal && budget.neverSucceeded)))
      return gaveUp(error, budget.outage(nowMs));

    const wantedMs = attempt.kind === 'pending' ? attempt.delayMs : backoff(attempt.error, nowMs - startMs);
    const leftMs = Math.min(deadlineMs, retryUntilMs) - nowMs;
    const delayMs = isFinal ? undefined : sleepTime(wantedMs, leftMs, options.interval);
    if (error === undefined) task.onPending(delayMs);
    else task.onTransientError(error, delayMs);
    if (delayMs === undefined) return timedOut(nowMs - startMs, budget.outage(nowMs));
    await clock.sleep(delayMs, signal);
  }
  return { kind: 'stopped' };
}

type Attempt<R> =
  PollResult<R> | { readonly kind: 'failed'; readonly error: CollibraError } | { readonly kind: 'stopped' };

async function tryPoll<R>(task: PollTask<R>, until: number, isFinal: boolean): Promise<Attempt<R>> {
  const { signal } = task;
  try {
    return await task.poll({ signal, until }, isFinal);
  } catch (error) {
    if (signal.aborted) return { kind: 'stopped' };
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

type Outage = ReturnType<RetryBudget['outage']>;

function gaveUp(error: CollibraError, outage: Outage): WaitResult<never> {
  if (outage === undefined) return { kind: 'error', reason: error.message, cause: error };
  const reason =
    `Collibra did not respond successfully for ${outage.lasted} (${outage.errors}). ` +
    `Last error: ${error.message} Check that Collibra is reachable, or increase max-outage-minutes.`;
  return { kind: 'error', reason, cause: error };
}

function timedOut(waitedMs: number, outage: Outage): WaitResult<never> {
  const lately =
    outage === undefined
      ? ''
      : `, with no successful response for the last ${outage.lasted} (${outage.errors})`;
  return { kind: 'timeout', reason: `Not finished after ${duration(waitedMs)}${lately}.` };
}
