import type { Scenario } from '../scenario.ts';
import type { Meaning } from './classification.ts';
import { pollsAtOnce, ROUNDING_MS, slackOf } from './limits.ts';
import type { Poll } from './polls.ts';
import { rowOf, type Outcome, type View } from './verdict.ts';

/** How long 404 and 500 are tolerated for a new job, and a COMPLETED job without a result. */
const GRACE_MS = 15_000;

/** What may follow a poll: another one, or the end with one of these outcomes. `verdict`: as the table says. */
export interface Allowed {
  readonly another: boolean;
  readonly ends: readonly (Outcome | 'verdict')[];
}

const ANOTHER: Allowed = { another: true, ends: [] };
const end = (...ends: Allowed['ends']): Allowed => ({ another: false, ends });

/** A span in which a moment lies that can't be seen exactly from outside. */
interface Moment {
  readonly earliestMs: number;
  readonly latestMs: number;
}

const exactly = (ms: number): Moment => ({ earliestMs: ms, latestMs: ms });

/** Follows a wait poll by poll, and knows by the contract what each of them must lead to. */
export class WaitModel {
  /** The last view of the job. */
  view: View | undefined;
  /** Moments for which the interval does not hold: the deadline, and the ends of grace periods and outage budgets. */
  exempt: readonly Moment[] = [];
  readonly #scenario: Scenario;
  readonly #graceEndMs: number;
  #hasSucceeded = false;
  #previousEndMs: number;
  #outage: Moment | undefined;
  #noResultSinceMs: number | undefined;

  /** @param sinceMs when this wait began; for a job that was found by its name, when it was found */
  constructor(scenario: Scenario, sinceMs: number) {
    this.#scenario = scenario;
    this.#graceEndMs = sinceMs + GRACE_MS;
    this.#previousEndMs = sinceMs;
  }

  /** What the contract allows after this poll. */
  after(poll: Poll, meaning: Meaning): Allowed {
    const each = this.#mayBeFinal(poll).map((isFinal) => this.#allowed(poll, meaning, isFinal));
    const { timeoutMs, outageMs } = this.#scenario.settings;
    const outage = this.#outage;
    this.exempt = [
      exactly(timeoutMs),
      ...(this.#hasSucceeded ? [] : [exactly(this.#graceEndMs)]),
      ...(outage ? [{ earliestMs: outage.earliestMs + outageMs, latestMs: outage.latestMs + outageMs }] : []),
      ...(this.#noResultSinceMs === undefined ? [] : [exactly(this.#noResultSinceMs + GRACE_MS)]),
    ];
    this.#previousEndMs = poll.endMs;
    return { another: each.some(({ another }) => another), ends: each.flatMap(({ ends }) => ends) };
  }

  /** Whether a poll began when the time was up: it did, it did not, or that can't be seen from outside. */
  #mayBeFinal({ exchanges, endMs }: Poll): readonly boolean[] {
    const { timeoutMs } = this.#scenario.settings;
    const firstMs = exchanges[0]?.sentMs ?? endMs;
    if (firstMs < timeoutMs - ROUNDING_MS) return [false];
    const beganMs = pollsAtOnce(this.#scenario) ? firstMs : endMs - slackOf(this.#scenario);
    return beganMs > timeoutMs + ROUNDING_MS ? [true] : [true, false];
  }

  #allowed(poll: Poll, meaning: Meaning, isFinal: boolean): Allowed {
    switch (meaning.kind) {
      case 'success':
        return this.#afterSuccess(poll, meaning.view, isFinal);
      case 'transient':
        return this.#afterTransient(poll, meaning.is500, isFinal);
      case 'not-found':
        return this.#afterNotFound(poll, isFinal);
      case 'unspecified':
        this.#outage = { earliestMs: this.#outage?.earliestMs ?? this.#beganMs(poll), latestMs: Infinity };
        return isFinal ? end('error', 'timeout') : { another: true, ends: ['error'] };
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
    const pending = isFinal ? end('timeout') : ANOTHER;
    switch (row) {
      case 'pending':
        return pending;
      case 'no result':
        this.#noResultSinceMs ??= endMs;
        return isFinal || endMs >= this.#noResultSinceMs + GRACE_MS - ROUNDING_MS ? end('verdict') : ANOTHER;
      case 'pending without an end date':
        if (view?.endedMs === undefined) return pending;
        // Whether a date that can't be read is an end date is not specified.
        return Number.isNaN(view.endedMs)
          ? { another: !isFinal, ends: ['verdict', 'timeout'] }
          : end('verdict');
      default:
        return end('verdict');
    }
  }

  #afterTransient(poll: Poll, is500: boolean, isFinal: boolean): Allowed {
    const earliestMs = this.#outage?.earliestMs ?? this.#beganMs(poll);
    const latestMs = Math.min(this.#outage?.latestMs ?? Infinity, poll.endMs);
    this.#outage = { earliestMs, latestMs };
    const { outageMs } = this.#scenario.settings;
    const mayBeOver = poll.endMs - earliestMs >= outageMs - ROUNDING_MS;
    const isOver = poll.endMs - latestMs >= outageMs + slackOf(this.#scenario);
    if (isFinal) {
      const hasNoResult = this.view !== undefined && rowOf(this.view) === 'no result';
      const ends: Outcome[] = this.#hasSucceeded && !mayBeOver ? ['timeout'] : ['timeout', 'error'];
      return hasNoResult ? end(...ends, 'failure', 'error') : end(...ends);
    }
    if (is500 && !this.#hasSucceeded && poll.endMs < this.#graceEndMs - ROUNDING_MS) return ANOTHER;
    return { another: !isOver, ends: mayBeOver ? ['error'] : [] };
  }

  #afterNotFound({ endMs }: Poll, isFinal: boolean): Allowed {
    // Whether an outage goes on behind a 404, or is over, is not specified.
    if (this.#outage) this.#outage = { ...this.#outage, latestMs: Infinity };
    if (this.#hasSucceeded || endMs >= this.#graceEndMs - ROUNDING_MS) return end('error');
    return isFinal ? end('error', 'timeout') : ANOTHER;
  }

  /** When a poll began, at the earliest: with its first request, unless it had to wait for that. */
  #beganMs({ exchanges, endMs }: Poll): number {
    return pollsAtOnce(this.#scenario) ? (exchanges[0]?.sentMs ?? endMs) : this.#previousEndMs;
  }
}
