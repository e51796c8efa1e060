import type { CollibraError } from '../collibra/errors.ts';
import { duration } from '../text.ts';

/** A job that was only just submitted may be unknown for a moment: Collibra's own sample bears 404 and 500 for 10 s. */
const GRACE_MS = 15_000;

/** Passing trouble in a row, without a good answer in between. */
interface Outage {
  readonly sinceMs: number;
  readonly seen: Map<string, number>;
}

/** Bears trouble that may pass, and knows when it has lasted too long. Times are on the clock's scale. */
export class RetryBudget {
  readonly #maxOutageMs: number;
  readonly #graceEndsMs: number;
  #neverSeen = true;
  #outage: Outage | undefined;

  /** @param freshMs since when there has been something to look at, which may be too fresh to be known */
  constructor(freshMs: number, maxOutageMs: number) {
    this.#graceEndsMs = freshMs + GRACE_MS;
    this.#maxOutageMs = maxOutageMs;
  }

  /** Whether there has been no good answer at all. */
  get neverSucceeded(): boolean {
    return this.#neverSeen;
  }

  /** A good answer: the outage budget starts anew. */
  onSuccess(): void {
    this.#neverSeen = false;
    this.#outage = undefined;
  }

  /**
   * @param lookedMs when the failing look began
   * @returns until when to go on; a time that has come means: give up
   */
  onError(error: CollibraError, lookedMs: number): number {
    if (error.kind !== 'transient') {
      this.#outage = undefined;
      return this.#neverSeen && error.kind === 'not-found' ? this.#graceEndsMs : -Infinity;
    }
    this.#outage ??= { sinceMs: lookedMs, seen: new Map() };
    this.#outage.seen.set(error.label, (this.#outage.seen.get(error.label) ?? 0) + 1);
    const endMs = this.#outage.sinceMs + this.#maxOutageMs;
    return this.#neverSeen && error.status === 500 ? Math.max(endMs, this.#graceEndsMs) : endMs;
  }

  /** What was seen, how often and for how long; undefined where there is no outage. */
  outage(nowMs: number): string | undefined {
    if (this.#outage === undefined) return undefined;
    const tally = [...this.#outage.seen].map(([seen, times]) => `${times} × ${seen}`).join(', ');
    return `no good answer for ${duration(nowMs - this.#outage.sinceMs)} (${tally})`;
  }
}
