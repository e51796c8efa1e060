import type { Life } from '../scenario.ts';
import type { View } from '../environment/trace.ts';
import { isSimple, slackOf, type Look } from './polls.ts';
import type { Meaning } from './classification.ts';
import { callOf, type Ending } from './verdict.ts';

/** How long 404 and 500 are borne at first, and a COMPLETED job without a result. */
const GRACE_MS = 15_000;
const UNCLEAR_MS = 15_000;

/** Minutes with decimals, as inputs have them, are not quite the milliseconds that they stand for. */
export const ROUNDING_MS = 0.01;

/** What may come after a look: another one, or the end, in one of these ways. `verdict`: as the table says. */
export interface Allowed {
  readonly goOn: boolean;
  readonly ends: readonly (Ending | 'verdict')[];
}

const GO_ON: Allowed = { goOn: true, ends: [] };
const end = (...ends: Allowed['ends']): Allowed => ({ goOn: false, ends });

/** A span in which a moment lies that can't be seen exactly from outside. */
export interface Moment {
  readonly earliestMs: number;
  readonly latestMs: number;
}

/** Follows a wait look by look, and knows by the contract what each of them must lead to. */
export class Wait {
  /** The last good view. */
  view: View | undefined;
  /** Moments for which a look may come sooner than the shortest pause, or leave a longer pause before it. */
  forced: readonly Moment[] = [];
  readonly #life: Life;
  readonly #slackMs: number;
  readonly #graceEndMs: number;
  #hasGoodAnswer = false;
  #previousEndMs: number;
  #outage: Moment | undefined;
  #unclearSinceMs: number | undefined;

  /** @param sinceMs when this wait began; for a job that was found by its name, when it was found */
  constructor(life: Life, sinceMs: number) {
    this.#life = life;
    this.#slackMs = slackOf(life);
    this.#graceEndMs = sinceMs + GRACE_MS;
    this.#previousEndMs = sinceMs;
  }

  get deadlineMs(): number {
    return this.#life.settings.timeoutMs;
  }

  /** What the contract allows after this look. */
  after(look: Look, meaning: Meaning): Allowed {
    const each = this.#mayBeLast(look).map((isLast) => this.#allowed(look, meaning, isLast));
    const allowed = { goOn: each.some(({ goOn }) => goOn), ends: each.flatMap(({ ends }) => ends) };
    this.forced = [exactly(this.deadlineMs), ...this.#forcedByTrouble(), ...this.#forcedByUnclear()];
    this.#previousEndMs = look.endMs;
    return allowed;
  }

  /** Whether a look began when the time was up: it did, it did not, or that can't be seen from outside. */
  #mayBeLast({ exchanges, endMs }: Look): readonly boolean[] {
    const firstMs = exchanges[0]?.atMs ?? endMs;
    if (firstMs < this.deadlineMs - ROUNDING_MS) return [false];
    const beganMs = isSimple(this.#life) ? firstMs : endMs - this.#slackMs;
    return beganMs > this.deadlineMs + ROUNDING_MS ? [true] : [true, false];
  }

  #allowed(look: Look, meaning: Meaning, isLast: boolean): Allowed {
    switch (meaning.kind) {
      case 'good':
        return this.#afterGood(look, meaning.view, isLast);
      case 'transient':
        return this.#afterPassing(look, meaning.is500, isLast);
      case 'unknown':
        return this.#afterUnknown(look, isLast);
      case 'open':
        this.#outage = { earliestMs: this.#outage?.earliestMs ?? this.#beganMs(look), latestMs: Infinity };
        return isLast ? end('error', 'timeout') : { goOn: true, ends: ['error'] };
      case 'final':
      case 'permanent':
        return end('error');
      case 'incomplete':
        return end();
      case 'stopped':
        return end('cancelled', 'error');
    }
  }

  #afterGood(look: Look, view: View | undefined, isLast: boolean): Allowed {
    this.#hasGoodAnswer = true;
    this.#outage = undefined;
    this.view = view;
    const call = view ? callOf(view) : 'wait';
    if (call !== 'unclear') this.#unclearSinceMs = undefined;
    switch (call) {
      case 'wait':
        return isLast ? end('timeout') : GO_ON;
      case 'unclear':
        this.#unclearSinceMs ??= look.endMs;
        return isLast || look.endMs >= this.#unclearSinceMs + UNCLEAR_MS - ROUNDING_MS
          ? end('verdict')
          : GO_ON;
      case 'wait unless it has ended':
        if (view?.endDate === 'given') return end('verdict');
        if (view?.endDate === 'unreadable') return { goOn: !isLast, ends: ['verdict', 'timeout'] };
        return isLast ? end('timeout') : GO_ON;
      default:
        return end('verdict');
    }
  }

  #afterPassing(look: Look, is500: boolean, isLast: boolean): Allowed {
    const earliestMs = this.#outage?.earliestMs ?? this.#beganMs(look);
    const latestMs = Math.min(this.#outage?.latestMs ?? Infinity, look.endMs);
    this.#outage = { earliestMs, latestMs };
    const { outageMs } = this.#life.settings;
    const isOver = look.endMs - earliestMs >= outageMs - ROUNDING_MS;
    const isSurelyOver = look.endMs - latestMs >= outageMs + this.#slackMs;
    if (isLast) {
      const isUnclear = this.view !== undefined && callOf(this.view) === 'unclear';
      const ends = this.#hasGoodAnswer && !isOver ? (['timeout'] as const) : (['timeout', 'error'] as const);
      return isUnclear ? end(...ends, 'failure', 'error') : end(...ends);
    }
    if (is500 && !this.#hasGoodAnswer && look.endMs < this.#graceEndMs - ROUNDING_MS) return GO_ON;
    return { goOn: !isSurelyOver, ends: isOver ? ['error'] : [] };
  }

  #afterUnknown(look: Look, isLast: boolean): Allowed {
    // Whether an outage goes on behind an unknown job, or is over, is not told.
    if (this.#outage) this.#outage = { ...this.#outage, latestMs: Infinity };
    if (this.#hasGoodAnswer || look.endMs >= this.#graceEndMs - ROUNDING_MS) return end('error');
    return isLast ? end('error', 'timeout') : GO_ON;
  }

  /** When a look began, at the earliest: with its first request, unless it had to wait for that. */
  #beganMs({ exchanges, endMs }: Look): number {
    return isSimple(this.#life) ? (exchanges[0]?.atMs ?? endMs) : this.#previousEndMs;
  }

  #forcedByTrouble(): Moment[] {
    const fresh = this.#hasGoodAnswer ? [] : [exactly(this.#graceEndMs)];
    if (this.#outage === undefined) return fresh;
    const { outageMs } = this.#life.settings;
    const { earliestMs, latestMs } = this.#outage;
    return [...fresh, { earliestMs: earliestMs + outageMs, latestMs: latestMs + outageMs }];
  }

  #forcedByUnclear(): Moment[] {
    return this.#unclearSinceMs === undefined ? [] : [exactly(this.#unclearSinceMs + UNCLEAR_MS)];
  }
}

function exactly(ms: number): Moment {
  return { earliestMs: ms, latestMs: ms };
}
