import type { Clock } from '../clock.ts';
import { CollibraError } from '../collibra/errors.ts';
import type { Bounds } from '../collibra/http/requests.ts';
import { duration } from '../text.ts';
import { pauseAfter, type PaceLimits } from './backoff.ts';
import { Tolerance } from './retry-budget.ts';

/** How long to wait, and how much trouble to bear. All in milliseconds. */
export interface Patience {
  readonly timeoutMs: number;
  readonly maxOutageMs: number;
  readonly pace: PaceLimits;
}

/** What a look led to: it is settled, or another look is due after a pause. */
export type Step<R> =
  { readonly kind: 'settled'; readonly value: R } | { readonly kind: 'again'; readonly pauseMs: number };

/** How polling ended. Reasons may quote the server. */
export type Polled<R> =
  | { readonly kind: 'settled'; readonly value: R }
  | { readonly kind: 'timeout'; readonly reason: string }
  | { readonly kind: 'error'; readonly reason: string; readonly cause: CollibraError }
  | { readonly kind: 'stopped' };

/** What polling needs to know of the thing polled. */
export interface Polling<R> {
  /** When the wait began, on the clock's scale. */
  readonly startMs: number;
  /** Since when there has been something to look at, on the clock's scale; the start unless it was found later. */
  readonly freshMs?: number | undefined;
  /** How long the last look may take, in milliseconds; {@link LAST_LOOK_MS} unless others look at the same time. */
  readonly lastLookMs?: number | undefined;
  readonly signal: AbortSignal;
  /**
   * Looks once.
   * @param isLast whether the time is up, so that there is no look after this one
   * @throws CollibraError
   */
  look(bounds: Bounds, isLast: boolean): Promise<Step<R>>;
  /** Told of trouble that is borne, and of the pause before the next look in milliseconds. */
  onTrouble(error: CollibraError, pauseMs: number): void;
}

/** The last look begins when the time is up, so it needs some time of its own, in milliseconds. */
export const LAST_LOOK_MS = 10_000;

/**
 * Looks at once, again after every pause, and a last time when the time is up; bears passing trouble in between.
 * Knows neither jobs nor HTTP.
 */
export async function poll<R>(polling: Polling<R>, patience: Patience, clock: Clock): Promise<Polled<R>> {
  const { startMs, signal, lastLookMs = LAST_LOOK_MS } = polling;
  const deadlineMs = startMs + patience.timeoutMs;
  const tolerance = new Tolerance(polling.freshMs ?? startMs, patience.maxOutageMs);

  while (!signal.aborted) {
    const lookedMs = clock.now();
    const isLast = lookedMs >= deadlineMs;
    const step = await attempt(
      polling,
      { signal, until: isLast ? deadlineMs + lastLookMs : deadlineMs },
      isLast,
    );
    const nowMs = clock.now();
    let endMs = deadlineMs;
    let pauseMs: number;
    switch (step.kind) {
      case 'settled':
      case 'stopped':
        return step;
      case 'again':
        tolerance.good();
        pauseMs = step.pauseMs;
        break;
      case 'failed': {
        const patientUntilMs = tolerance.bear(step.error, lookedMs);
        if (nowMs >= patientUntilMs || (isLast && tolerance.neverSeen))
          return givenUp(step.error, tolerance.outage(nowMs));
        pauseMs = pauseInTrouble(step.error, nowMs - startMs, patience, clock);
        endMs = Math.min(deadlineMs, patientUntilMs);
        polling.onTrouble(step.error, isLast ? 0 : pauseWithin(pauseMs, endMs - nowMs, patience));
      }
    }
    if (isLast) return timedOut(nowMs - startMs, tolerance.outage(nowMs));
    await clock.sleep(pauseWithin(pauseMs, endMs - nowMs, patience), signal);
  }
  return { kind: 'stopped' };
}

type Attempt<R> =
  Step<R> | { readonly kind: 'failed'; readonly error: CollibraError } | { readonly kind: 'stopped' };

async function attempt<R>(polling: Polling<R>, bounds: Bounds, isLast: boolean): Promise<Attempt<R>> {
  try {
    return await polling.look(bounds, isLast);
  } catch (error) {
    if (bounds.signal.aborted) return { kind: 'stopped' };
    if (error instanceof CollibraError) return { kind: 'failed', error };
    throw error;
  }
}

/** Trouble is given time to pass, and a server that asks to be left alone is. */
function pauseInTrouble(error: CollibraError, waitedMs: number, { pace }: Patience, clock: Clock): number {
  return Math.max(
    pauseAfter(waitedMs, pace, () => clock.random()),
    error.retryAfterMs ?? 0,
  );
}

/** A look that would leave less than the shortest pause before the end is made at the end. */
function pauseWithin(pauseMs: number, leftMs: number, { pace }: Patience): number {
  return Math.max(0, pauseMs + pace.minMs > leftMs ? leftMs : pauseMs);
}

function givenUp(error: CollibraError, outage: string | undefined): Polled<never> {
  const reason = outage === undefined ? error.message : `Gave up: ${outage}. Last: ${error.message}`;
  return { kind: 'error', reason, cause: error };
}

function timedOut(waitedMs: number, outage: string | undefined): Polled<never> {
  const lately = outage === undefined ? '' : `; at last, ${outage}`;
  return { kind: 'timeout', reason: `Not finished after ${duration(waitedMs)}${lately}` };
}
