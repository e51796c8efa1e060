import type { Clock } from '../clock.ts';
import { CollibraError } from '../collibra/errors.ts';
import type { RequestLimits } from '../collibra/http/requests.ts';
import { duration } from '../text.ts';
import { delayAfter, type IntervalLimits } from './backoff.ts';
import { RetryBudget } from './retry-budget.ts';

/** How long to wait, and how much trouble to bear. All in milliseconds. */
export interface PollOptions {
  readonly timeoutMs: number;
  readonly maxOutageMs: number;
  readonly interval: IntervalLimits;
}

/** What a look led to: it is settled, or another look is due after a pause. */
export type PollResult<R> =
  { readonly kind: 'done'; readonly value: R } | { readonly kind: 'pending'; readonly delayMs: number };

/** How polling ended. Reasons may quote the server. */
export type WaitResult<R> =
  | { readonly kind: 'done'; readonly value: R }
  | { readonly kind: 'timeout'; readonly reason: string }
  | { readonly kind: 'error'; readonly reason: string; readonly cause: CollibraError }
  | { readonly kind: 'stopped' };

/** What polling needs to know of the thing polled. */
export interface PollTask<R> {
  /** When the wait began, on the clock's scale. */
  readonly startMs: number;
  /** Since when there has been something to look at, on the clock's scale; the start unless it was found later. */
  readonly visibleSinceMs?: number | undefined;
  /** How long the last look may take, in milliseconds; {@link FINAL_POLL_MS} unless others look at the same time. */
  readonly finalPollMs?: number | undefined;
  readonly signal: AbortSignal;
  /**
   * Looks once.
   * @param isFinal whether the time is up, so that there is no look after this one
   * @throws CollibraError
   */
  poll(bounds: RequestLimits, isFinal: boolean): Promise<PollResult<R>>;
  /** Told of trouble that is borne, and of the pause before the next look in milliseconds. */
  onTransientError(error: CollibraError, pauseMs: number): void;
}

/** The last look begins when the time is up, so it needs some time of its own, in milliseconds. */
export const FINAL_POLL_MS = 10_000;

/**
 * Looks at once, again after every pause, and a last time when the time is up; bears passing trouble in between.
 * Knows neither jobs nor HTTP.
 */
export async function poll<R>(task: PollTask<R>, options: PollOptions, clock: Clock): Promise<WaitResult<R>> {
  const { startMs, signal, finalPollMs = FINAL_POLL_MS } = task;
  const deadlineMs = startMs + options.timeoutMs;
  const budget = new RetryBudget(task.visibleSinceMs ?? startMs, options.maxOutageMs);

  while (!signal.aborted) {
    const polledMs = clock.now();
    const isFinal = polledMs >= deadlineMs;
    const step = await attempt(
      task,
      { signal, until: isFinal ? deadlineMs + finalPollMs : deadlineMs },
      isFinal,
    );
    const nowMs = clock.now();
    let endMs = deadlineMs;
    let pauseMs: number;
    switch (step.kind) {
      case 'done':
      case 'stopped':
        return step;
      case 'pending':
        budget.onSuccess();
        pauseMs = step.delayMs;
        break;
      case 'failed': {
        const retryUntilMs = budget.onError(step.error, polledMs);
        if (nowMs >= retryUntilMs || (isFinal && budget.neverSucceeded))
          return givenUp(step.error, budget.outage(nowMs));
        pauseMs = delayAfterError(step.error, nowMs - startMs, options, clock);
        endMs = Math.min(deadlineMs, retryUntilMs);
        task.onTransientError(step.error, isFinal ? 0 : delayWithin(pauseMs, endMs - nowMs, options));
      }
    }
    if (isFinal) return timedOut(nowMs - startMs, budget.outage(nowMs));
    await clock.sleep(delayWithin(pauseMs, endMs - nowMs, options), signal);
  }
  return { kind: 'stopped' };
}

type Attempt<R> =
  PollResult<R> | { readonly kind: 'failed'; readonly error: CollibraError } | { readonly kind: 'stopped' };

async function attempt<R>(task: PollTask<R>, bounds: RequestLimits, isFinal: boolean): Promise<Attempt<R>> {
  try {
    return await task.poll(bounds, isFinal);
  } catch (error) {
    if (bounds.signal.aborted) return { kind: 'stopped' };
    if (error instanceof CollibraError) return { kind: 'failed', error };
    throw error;
  }
}

/** Trouble is given time to pass, and a server that asks to be left alone is. */
function delayAfterError(
  error: CollibraError,
  waitedMs: number,
  { interval: pace }: PollOptions,
  clock: Clock,
): number {
  return Math.max(
    delayAfter(waitedMs, pace, () => clock.random()),
    error.retryAfterMs ?? 0,
  );
}

/** A look that would leave less than the shortest pause before the end is made at the end. */
function delayWithin(pauseMs: number, leftMs: number, { interval: pace }: PollOptions): number {
  return Math.max(0, pauseMs + pace.minMs > leftMs ? leftMs : pauseMs);
}

function givenUp(error: CollibraError, outage: string | undefined): WaitResult<never> {
  const reason = outage === undefined ? error.message : `Gave up: ${outage}. Last: ${error.message}`;
  return { kind: 'error', reason, cause: error };
}

function timedOut(waitedMs: number, outage: string | undefined): WaitResult<never> {
  const lately = outage === undefined ? '' : `; at last, ${outage}`;
  return { kind: 'timeout', reason: `Not finished after ${duration(waitedMs)}${lately}` };
}
