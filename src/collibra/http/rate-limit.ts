import type { Clock } from '../../clock.ts';
import { duration } from '../../text.ts';
import { CollibraError } from '../errors.ts';

/** The delay that a server gets which names none; it doubles from the first to the longest, in milliseconds. */
const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 60_000;

/** Each delay is longer by up to this part, so that runs that share a rate limit do not all resume at once. */
const JITTER = 0.1;

/** A server's rate limit. It belongs to the server, not to a job: while it applies, all requests wait. */
export class RateLimit {
  readonly #clock: Clock;
  readonly #onDelay: (delayMs: number) => void;
  /** When the last delay began, and when it ends. */
  #sinceMs = -Infinity;
  #untilMs: number;
  /** When the delay before the last one was over. */
  #resumedMs = -Infinity;
  #nextDelayMs = FIRST_DELAY_MS;
  /** When a request was last accepted. */
  #acceptedMs = -Infinity;
  #isOutage = false;

  /** @param onDelay called when requests start to wait, with the time in milliseconds */
  constructor(clock: Clock, onDelay: (delayMs: number) => void) {
    this.#clock = clock;
    this.#onDelay = onDelay;
    this.#untilMs = clock.now();
  }

  /** How long requests have to wait, in milliseconds; 0 or less if they need not. */
  get #remainingMs(): number {
    return this.#untilMs - this.#clock.now();
  }

  /**
   * Waits until requests may be sent.
   * @param latestMs until when to wait at most, on the clock's scale
   * @throws CollibraError as soon as that is not long enough; the signal's reason when it is aborted
   */
  async wait(signal: AbortSignal, latestMs = Infinity): Promise<void> {
    while (this.#remainingMs > 0 && !signal.aborted) {
      if (this.#untilMs > latestMs) throw this.#lastsTooLong();
      await this.#clock.sleep(this.#remainingMs, signal);
    }
    signal.throwIfAborted();
  }

  #lastsTooLong(): CollibraError {
    const retryAfterMs = this.#remainingMs;
    const message = `The rate limit of the server applies for another ${duration(retryAfterMs)}.`;
    return new CollibraError('transient', 'rate limit', message, { retryAfterMs });
  }

  /** Called after a response that is not rate limited. */
  onAccepted(): void {
    this.#acceptedMs = this.#clock.now();
    this.#isOutage = false;
    this.#nextDelayMs = FIRST_DELAY_MS;
  }

  /**
   * Makes all requests wait after one was rejected.
   * @param retryAfterMs how long the server asked to wait, in milliseconds
   * @param sentMs when the rejected request was sent
   * @returns whether no request at all has been accepted since the delay before the last one, so that it is an outage:
   * the requests that resume after a delay are sent together, and the rejected ones may be the first to return
   */
  onRejected(retryAfterMs: number | undefined, sentMs: number): boolean {
    const belongsToLastDelay = sentMs <= this.#sinceMs;
    if (!belongsToLastDelay) {
      this.#isOutage = this.#acceptedMs < this.#resumedMs;
      this.#sinceMs = this.#clock.now();
      this.#resumedMs = this.#untilMs;
    }
    // A server that asks for 0 s, but rejects requests, names no delay.
    if (!belongsToLastDelay || retryAfterMs) this.#delay(retryAfterMs || this.#nextDelayMs);
    return this.#isOutage;
  }

  #delay(ms: number): void {
    this.#nextDelayMs = Math.min(2 * this.#nextDelayMs, LONGEST_DELAY_MS);
    const isFirst = this.#remainingMs <= 0;
    this.#untilMs = Math.max(this.#untilMs, this.#clock.now() + ms * (1 + JITTER * this.#clock.random()));
    if (isFirst) this.#onDelay(this.#remainingMs);
  }
}
