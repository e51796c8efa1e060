import type { Poll } from './polls.ts';
import { ROUNDING_MS, type Run } from './run.ts';
import { rowOf, type Outcome, type View } from './verdict.ts';

/** How long 404 and 500 are retried for a new job, and how long a COMPLETED job without a result is polled again. */
const GRACE_MS = 15_000;

/** What may follow a poll: another one, or the end with one of these outcomes. `verdict`: as the table says. */
export interface Allowed {
  readonly another: boolean;
  readonly ends: readonly (Outcome | 'verdict')[];
}

const ANOTHER: Allowed = { another: true, ends: [] };
const end = (...ends: Allowed['ends']): Allowed => ({ another: false, ends });

/** Follows a wait poll by poll, and knows by the contract what each of them must lead to. */
export class WaitModel {
  /** The last view of the job. */
  view: View | undefined;
  readonly #run: Run;
  readonly #graceEndMs: number;
  #hasSucceeded = false;
  #previousEndMs: number;
  /** When the outage began: a span, because the moment can't always be seen from outside. */
  #outage: { readonly fromMs: number; readonly toMs: number } | undefined;
  #noResultSinceMs: number | undefined;

  /** @param sinceMs when this wait began; for a job that was found by its name, when it was found */
  constructor(run: Run, sinceMs: number) {
    this.#run = run;
    this.#graceEndMs = sinceMs + GRACE_MS;
    this.#previousEndMs = sinceMs;
  }

  /** What the contract allows after this poll. */
  after(poll: Poll): Allowed {
    const each = this.#mayBeFinal(poll).map((isFinal) => this.#allowed(poll, isFinal));
    this.#previousEndMs = poll.endMs;
    return { another: each.some(({ another }) => another), ends: each.flatMap(({ ends }) => ends) };
  }

  /** Whether the interval need not hold for the next poll: at the deadline, and where a grace period or budget ends. */
  isExempt(mayBeginMs: number, sentMs: number): boolean {
    const { timeoutMs, outageMs } = this.#run.settings;
    const { fromMs = NaN, toMs = NaN } = this.#outage ?? {};
    const ends = [timeoutMs, Number(this.#noResultSinceMs) + GRACE_MS, this.#hasSucceeded ? NaN : this.#graceEndMs];
    return [...ends.map((ms) => [ms, ms] as const), [fromMs + outageMs, toMs + outageMs] as const].some(
      ([from, to]) => sentMs >= from - ROUNDING_MS && mayBeginMs <= Math.max(to, this.#previousEndMs),
    );
  }

  /** Whether a poll began when the time was up: it did, it did not, or that can't be seen from outside. */
  #mayBeFinal({ exchanges, endMs }: Poll): readonly boolean[] {
    const { settings, pollsAtOnce, slackMs } = this.#run;
    const firstMs = exchanges[0]?.sentMs ?? endMs;
    if (firstMs < settings.timeoutMs - ROUNDING_MS) return [false];
    const beganMs = pollsAtOnce ? firstMs : endMs - slackMs;
    return beganMs > settings.timeoutMs + ROUNDING_MS ? [true] : [true, false];
  }

  #allowed(poll: Poll, isFinal: boolean): Allowed {
    const { meaning } = poll;
    switch (meaning.kind) {
      case 'success':
        return this.#afterSuccess(poll, meaning.view, isFinal);
      case 'transient':
        return this.#afterTransient(poll, meaning.is500, isFinal);
      case 'not-found':
        // Whether an outage goes on behind a 404, or is over, is not specified.
        if (this.#outage) this.#outage = { ...this.#outage, toMs: Infinity };
        if (this.#hasSucceeded || poll.endMs >= this.#graceEndMs - ROUNDING_MS) return end('error');
        return isFinal ? end('error', 'timeout') : ANOTHER;
      case 'permanent':
      case 'unauthorized':
        return end('error');
      case 'incomplete':
        return end();
      case 'stopped':
        return end('cancelled', 'error');
    }
  }

  #afterSuccess({ endMs }: Poll, view: View | undefined, isFinal: boolean): Allowed {
    this.#hasSucceeded = true;
    this.#outage = undefined;
    this.view = view;
    const row = view ? rowOf(view) : 'pending';
    if (row !== 'no result') this.#noResultSinceMs = undefined;
    const isPending = row === 'pending' || (row === 'unknown state' && view?.endedMs === undefined);
    if (isPending) return isFinal ? end('timeout') : ANOTHER;
    if (row !== 'no result') return end('verdict');
    this.#noResultSinceMs ??= endMs;
    return isFinal || endMs >= this.#noResultSinceMs + GRACE_MS - ROUNDING_MS ? end('verdict') : ANOTHER;
  }

  #afterTransient({ exchanges, endMs }: Poll, is500: boolean, isFinal: boolean): Allowed {
    const { settings, pollsAtOnce, slackMs } = this.#run;
    // A poll begins with its first request, or waits for it since the poll before.
    const beganMs = pollsAtOnce ? exchanges[0]?.sentMs : this.#previousEndMs;
    const fromMs = this.#outage?.fromMs ?? beganMs ?? endMs;
    const toMs = Math.min(this.#outage?.toMs ?? Infinity, endMs);
    this.#outage = { fromMs, toMs };
    const mayBeOver = endMs - fromMs >= settings.outageMs - ROUNDING_MS;
    if (isFinal) {
      const ends: Outcome[] = this.#hasSucceeded && !mayBeOver ? ['timeout'] : ['timeout', 'error'];
      return this.view && rowOf(this.view) === 'no result' ? end(...ends, 'failure', 'error') : end(...ends);
    }
    if (is500 && !this.#hasSucceeded && endMs < this.#graceEndMs - ROUNDING_MS) return ANOTHER;
    return { another: endMs - toMs < settings.outageMs + slackMs, ends: mayBeOver ? ['error'] : [] };
  }
}
