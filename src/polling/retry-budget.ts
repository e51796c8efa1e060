import type { CollibraError, ErrorKind } from '../collibra/errors.ts';
import { duration } from '../text.ts';

/** A newly submitted job might not be visible yet. Collibra's sample client retries 404 and 500 for 10 s. */
const GRACE_MS = 15_000;

/** For how long the poll loop retries an error; one that has neither budget stops the wait. */
interface Budgets {
  /** Retried while the outage budget lasts. */
  readonly outage: boolean;
  /** Retried during the grace period of a job that has never been seen. */
  readonly grace: boolean;
}

/** What each kind of error means for a wait. */
const BUDGETS: Readonly<Record<ErrorKind, Budgets>> = {
  transient: { outage: true, grace: false },
  'server-error': { outage: true, grace: true },
  'not-implemented': { outage: true, grace: false },
  'not-found': { outage: false, grace: true },
  'bad-request': { outage: false, grace: false },
  unauthorized: { outage: false, grace: false },
  permanent: { outage: false, grace: false },
};

/** Consecutive transient errors. */
interface Outage {
  readonly sinceMs: number;
  /** How often each error was seen, by its label. */
  readonly counts: Map<string, number>;
}

/** Tracks consecutive transient errors and decides when to stop retrying. Times are on the clock's scale. */
export class RetryBudget {
  readonly #maxOutageMs: number;
  readonly #graceEndMs: number;
  #neverSucceeded = true;
  #outage: Outage | undefined;

  /** @param visibleSinceMs since when there has been something to poll, which might be too new to be visible */
  constructor(visibleSinceMs: number, maxOutageMs: number) {
    this.#graceEndMs = visibleSinceMs + GRACE_MS;
    this.#maxOutageMs = maxOutageMs;
  }

  /** Whether there has been no successful response at all. */
  get neverSucceeded(): boolean {
    return this.#neverSucceeded;
  }

  /**
   * Resets the outage budget after a successful response.
   * @returns the deadline for retrying: none
   */
  onSuccess(): number {
    this.#neverSucceeded = false;
    this.#outage = undefined;
    return Infinity;
  }

  /**
   * Charges an error to its budgets.
   * @param polledMs when the failed poll began
   * @returns the deadline for retrying; a deadline in the past means stop
   */
  onError({ kind, label }: CollibraError, polledMs: number): number {
    const { outage, grace } = BUDGETS[kind];
    this.#outage = outage ? (this.#outage ?? { sinceMs: polledMs, counts: new Map() }) : undefined;
    this.#outage?.counts.set(label, (this.#outage.counts.get(label) ?? 0) + 1);
    return Math.max(
      this.#outage === undefined ? -Infinity : this.#outage.sinceMs + this.#maxOutageMs,
      grace && this.#neverSucceeded ? this.#graceEndMs : -Infinity,
    );
  }

  /** Describes the outage: its duration, and the errors with their numbers; undefined if there is none. */
  outage(nowMs: number): { readonly lasted: string; readonly errors: string } | undefined {
    if (this.#outage === undefined) return undefined;
    const errors = [...this.#outage.counts].map(([label, n]) => `${n} × ${label}`).join(', ');
    return { lasted: duration(nowMs - this.#outage.sinceMs), errors };
  }
}
