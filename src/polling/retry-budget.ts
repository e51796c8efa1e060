import { isTransient, type CollibraError, type ErrorKind } from '../collibra/errors.ts';
import { duration } from '../text.ts';

/**
 * How long a job may be missing, and how long an error that is not transient must persist after a success, in
 * milliseconds. A newly submitted job might not be visible yet (Collibra's sample client retries 404 and 500 for 10 s),
 * and a gateway may respond in place of Collibra for a moment.
 */
const GRACE_MS = 15_000;

/** Errors for a job that is not visible yet. */
const NOT_VISIBLE_YET: ReadonlySet<ErrorKind> = new Set<ErrorKind>(['not-found', 'server-error']);

/** Consecutive errors. */
interface Failures {
  readonly sinceMs: number;
  /** Since when there has been an error that is not transient. */
  permanentSinceMs: number | undefined;
  /** How often each error was seen, by its label. */
  readonly counts: Map<string, number>;
}

/** Tracks consecutive errors and decides when to stop retrying. Times are on the clock's scale. */
export class RetryBudget {
  readonly #maxOutageMs: number;
  #neverSucceeded = true;
  #failures: Failures | undefined;

  /** @param maxOutageMs how long transient errors may last without one successful response, in milliseconds */
  constructor(maxOutageMs: number) {
    this.#maxOutageMs = maxOutageMs;
  }

  /** Whether there has been no successful response at all. */
  get neverSucceeded(): boolean {
    return this.#neverSucceeded;
  }

  /**
   * Resets the budget after a successful response.
   * @returns the deadline for retrying: none
   */
  onSuccess(): number {
    this.#neverSucceeded = false;
    this.#failures = undefined;
    return Infinity;
  }

  /**
   * Charges an error to the budget.
   * @param nowMs when the poll failed
   * @returns the deadline for retrying; a deadline in the past means stop
   */
  onError({ kind, label }: CollibraError, nowMs: number): number {
    this.#failures ??= { sinceMs: nowMs, permanentSinceMs: undefined, counts: new Map() };
    const failures = this.#failures;
    failures.counts.set(label, (failures.counts.get(label) ?? 0) + 1);
    const outageEndMs = isTransient(kind) ? failures.sinceMs + this.#maxOutageMs : -Infinity;
    if (this.#neverSucceeded) {
      const graceEndMs = NOT_VISIBLE_YET.has(kind) ? failures.sinceMs + GRACE_MS : -Infinity;
      return Math.max(outageEndMs, graceEndMs);
    }
    if (isTransient(kind)) return outageEndMs;
    failures.permanentSinceMs ??= nowMs;
    return failures.permanentSinceMs + GRACE_MS;
  }

  /** Describes the consecutive errors: how long they have lasted, and their numbers; undefined if there are none. */
  failures(nowMs: number): { readonly lasted: string; readonly errors: string } | undefined {
    if (this.#failures === undefined) return undefined;
    const errors = [...this.#failures.counts].map(([label, n]) => `${n} × ${label}`).join(', ');
    return { lasted: duration(nowMs - this.#failures.sinceMs), errors };
  }
}
