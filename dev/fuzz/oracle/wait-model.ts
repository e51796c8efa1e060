import type { Poll } from './polls.ts';
import { ROUNDING_MS, type Run } from './run.ts';
import { isUnfinished, rowOf, type Outcome, type View } from './verdict.ts';

/** How long a new job may be missing, errors of one that was seen may persist, and a COMPLETED one may lack a result. */
const GRACE_MS = 15_000;

/** What may follow a poll: another one, or the end with one of these outcomes. `verdict`: as the table says. */
type Allowed = Readonly<{ another: boolean; ends: readonly (Outcome | 'verdict')[] }>;

const ANOTHER: Allowed = { another: true, ends: [] };
const end = (...ends: Allowed['ends']): Allowed => ({ another: false, ends });

/** Follows a wait poll by poll, and knows by the contract what each of them must lead to. */
export class WaitModel {
  /** The last view of the job, and what may follow the last poll. */
  view: View | undefined;
  allowed = ANOTHER;
  readonly #run: Run;
  #hasSucceeded = false;
  /** When the first of consecutive errors came, the first of them that is not transient, and how long they are retried. */
  #failingSinceMs: number | undefined;
  #permanentSinceMs: number | undefined;
  #retryUntilMs = NaN;
  #noResultSinceMs: number | undefined;

  constructor(run: Run) {
    this.#run = run;
  }

  add(poll: Poll): void {
    const each = this.#mayBeFinal(poll).map((isFinal) => this.#allowedAfter(poll, isFinal));
    this.allowed = { another: each.some(({ another }) => another), ends: each.flatMap(({ ends }) => ends) };
  }

  /** Whether the interval need not hold after a poll: at the deadline, and where a grace period or budget ends. */
  isExempt(endMs: number, mayBeginMs: number, sentMs: number): boolean {
    const ends = [this.#run.settings.timeoutMs, Number(this.#noResultSinceMs) + GRACE_MS, this.#retryUntilMs];
    return ends.some((ms) => sentMs >= ms - ROUNDING_MS && mayBeginMs <= Math.max(ms, endMs));
  }

  /** Whether a poll began when the time was up: it did, it did not, or that can't be seen from outside. */
  #mayBeFinal({ exchanges, endMs }: Poll): readonly boolean[] {
    const { settings, pollsAtOnce, slackMs } = this.#run;
    const firstMs = Number(exchanges[0]?.sentMs);
    if (Math.min(endMs, pollsAtOnce ? firstMs : Infinity) < settings.timeoutMs - ROUNDING_MS) return [false];
    return Math.max(endMs, firstMs || 0) > settings.timeoutMs + slackMs ? [true] : [true, false];
  }

  #allowedAfter(poll: Poll, isFinal: boolean): Allowed {
    const { meaning } = poll;
    if (meaning.kind === 'success') return this.#afterSuccess(poll, meaning.view, isFinal);
    if (meaning.kind === 'interrupted') return ANOTHER;
    if (meaning.kind === 'incomplete') return end();
    return meaning.kind === 'stopped' ? end('cancelled', 'error') : this.#afterError(poll, isFinal);
  }

  #afterSuccess({ endMs }: Poll, view: View | undefined, isFinal: boolean): Allowed {
    this.#hasSucceeded = true;
    this.#failingSinceMs = this.#permanentSinceMs = undefined;
    this.#retryUntilMs = NaN;
    this.view = view;
    const row = view && rowOf(view);
    if (row !== 'no result') this.#noResultSinceMs = undefined;
    if (!view || isUnfinished(view)) return isFinal ? end('timeout') : ANOTHER;
    if (row !== 'no result') return end('verdict');
    this.#noResultSinceMs ??= endMs;
    return isFinal || endMs >= this.#noResultSinceMs + GRACE_MS - ROUNDING_MS ? end('verdict') : ANOTHER;
  }

  /** Errors are retried until a time that counts from the first failed response. */
  #afterError({ meaning, endMs }: Poll, isFinal: boolean): Allowed {
    const isTransient = meaning.kind === 'transient';
    this.#failingSinceMs ??= endMs;
    if (!isTransient) this.#permanentSinceMs ??= endMs;
    const mayBeNew = meaning.kind === 'not-found' || (isTransient && meaning.status === 500);
    const hasGrace = this.#hasSucceeded ? !isTransient : mayBeNew;
    const graceSinceMs = this.#hasSucceeded ? this.#permanentSinceMs : this.#failingSinceMs;
    const graceEndMs = hasGrace ? Number(graceSinceMs) + GRACE_MS : -Infinity;
    const outageEndMs = isTransient ? this.#failingSinceMs + this.#run.settings.outageMs : -Infinity;
    this.#retryUntilMs = Math.max(graceEndMs, outageEndMs);
    const mayGoOn = endMs < this.#retryUntilMs + ROUNDING_MS;
    const ends: Outcome[] = endMs >= this.#retryUntilMs - ROUNDING_MS ? ['error'] : [];
    if (isFinal && mayGoOn) ends.push(this.#hasSucceeded ? 'timeout' : 'error');
    return { another: mayGoOn && !isFinal, ends };
  }
}
