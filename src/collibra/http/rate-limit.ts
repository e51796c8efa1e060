import type { Clock } from '../../clock.ts';
import { duration } from '../../text.ts';
import { CollibraError } from '../errors.ts';

/** The pause of a server that names none; it doubles from the first to the longest, in milliseconds. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

/** Requests do not all resume at the same moment: each pause is longer by up to this part. */
const JITTER = 0.1;

/** A server's rate limit. It belongs to the server, not to a job: while it applies, all requests wait. */
export class RateLimit {
  readonly #clock: Clock;
  readonly #onPause: (pauseMs: number) => void;
  #beganMs = -Infinity;
  /** When the pause before the present one was over. */
  #resumedMs = -Infinity;
  #untilMs: number;
  #nextPauseMs = FIRST_PAUSE_MS;
  #succeededMs = -Infinity;

  /** @param onPause called when requests start to wait, with the time in milliseconds */
  constructor(clock: Clock, onPause: (pauseMs: number) => void) {
    this.#clock = clock;
    this.#onPause = onPause;
    this.#untilMs = clock.now();
  }

  /** How long requests have to wait, in milliseconds. */
  get #pauseMs(): number {
    return Math.max(0, this.#untilMs - this.#clock.now());
  }

  /**
   * Waits until requests may be sent.
   * @param maxMs how long to wait, in milliseconds; without it, until the signal is aborted
   * @throws CollibraError if the wait would take longer; the signal's reason when it is aborted
   */
  async wait(signal: AbortSignal, maxMs = Infinity): Promise<void> {
    const endMs = this.#clock.now() + maxMs;
    for (let pauseMs = this.#pauseMs; pauseMs > 0 && !signal.aborted; pauseMs = this.#pauseMs) {
      if (this.#untilMs > endMs)
        throw new CollibraError(
          'transient',
          'rate limit',
          `The rate limit allows no request for ${duration(pauseMs)}.`,
        );
      await this.#clock.sleep(pauseMs, signal);
    }
    signal.throwIfAborted();
  }

  /** Called after a response that the limit did not refuse. */
  onResponse(): void {
    this.#succeededMs = this.#clock.now();
    this.#nextPauseMs = FIRST_PAUSE_MS;
  }

  /**
   * Pauses all requests after one was refused.
   * @param retryAfterMs how long the server asked to wait, in milliseconds
   * @param sentMs when the refused request was sent
   * @returns whether no request at all has succeeded since the pause before the last one, so that it is an outage: the
   * requests that resume after a pause are sent together, and those that are refused may be the first to return
   */
  onRefused(retryAfterMs: number | undefined, sentMs: number): boolean {
    const isSamePause = sentMs < this.#beganMs;
    const isOutage = !isSamePause && this.#succeededMs < this.#resumedMs;
    if (!isSamePause) {
      this.#beganMs = this.#clock.now();
      this.#resumedMs = this.#untilMs;
    }
    if (isSamePause && retryAfterMs === undefined) return false;
    const pauseMs = (retryAfterMs ?? this.#nextPauseMs) * (1 + JITTER * this.#clock.random());
    this.#nextPauseMs = Math.min(2 * this.#nextPauseMs, LONGEST_PAUSE_MS);
    const wasPaused = this.#pauseMs > 0;
    this.#untilMs = Math.max(this.#untilMs, this.#clock.now() + pauseMs);
    if (!wasPaused) this.#onPause(this.#pauseMs);
    return isOutage;
  }
}
