import type { Clock } from '../../../src/clock.ts';
import { seeded } from '../../bench/random.ts';

/** A run that will never end: nothing is left that could wake it, or it never stops to ask. */
export class Endless extends Error {}

/** When the step begins: on the clock's scale, and as a date. */
export const START_MS = 40.25;
export const START_DATE_MS = Date.UTC(2026, 10, 22, 8, 30);

/** The longest delay a Node.js timer can hold. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** A run that sets so many timers within one moment, or that lives through so many moments, does not end. */
const MOST_TIMERS_AT_ONCE = 5_000;
const MOST_MOMENTS = 500_000;

interface Due {
  readonly atMs: number;
  readonly happen: () => void;
}

/** Time that passes only when everybody has said what they wait for, and then leaps to the next of those moments. */
export class SimulatedTime implements Clock {
  /** Sorted, the next one last. */
  readonly #dues: Due[] = [];
  readonly #lateMs: number;
  readonly #jitter: () => number;
  readonly #lateness: () => number;
  #nowMs = START_MS;
  #timersAtOnce = 0;
  #endless: Endless | undefined;

  /**
   * @param chance decides what `random` gives, and how late each timer is
   * @param lateMs how late a timer may be
   */
  constructor(chance: number, lateMs: number) {
    this.#jitter = seeded(chance);
    this.#lateness = seeded(chance + 1);
    this.#lateMs = lateMs;
  }

  now(): number {
    return this.#nowMs;
  }

  date(): number {
    return START_DATE_MS + Math.floor(this.#nowMs - START_MS);
  }

  random(): number {
    return this.#jitter();
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      // Whoever goes in a circle is left asleep.
      if (this.#endless) return;
      const late = this.#lateMs * this.#lateness();
      const cancel = this.after(Math.min(ms, LONGEST_TIMER_MS) + late, () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      });
      const abort = () => {
        cancel();
        resolve();
      };
      if (signal?.aborted) abort();
      else signal?.addEventListener('abort', abort, { once: true });
    });
  }

  /** Lets something happen later; the function that is returned prevents it. */
  after(ms: number, happen: () => void): () => void {
    if (!(ms >= 0)) this.#endless ??= new Endless(`A timer of ${ms} ms`);
    if (++this.#timersAtOnce > MOST_TIMERS_AT_ONCE) {
      this.#endless ??= new Endless('The run goes in a circle without time passing');
    }
    const due: Due = { atMs: this.#nowMs + ms, happen };
    let place = this.#dues.length;
    while (place > 0 && Number(this.#dues[place - 1]?.atMs) <= due.atMs) place--;
    this.#dues.splice(place, 0, due);
    return () => {
      const index = this.#dues.lastIndexOf(due);
      if (index >= 0) this.#dues.splice(index, 1);
    };
  }

  /**
   * Lets time pass until the work is settled.
   * @throws Endless where it never will be; whatever the work throws
   */
  async passUntil<T>(work: Promise<T>): Promise<T> {
    const state = { isSettled: false };
    const settle = () => (state.isSettled = true);
    work.then(settle, settle);
    for (let moments = 0; moments < MOST_MOMENTS; moments++) {
      // All promises that can go on do so before the next turn of the event loop.
      await new Promise((resolve) => setImmediate(resolve));
      if (state.isSettled) return work;
      this.#leap();
    }
    throw new Endless(`Not over after ${MOST_MOMENTS} moments`);
  }

  #leap(): void {
    const due = this.#dues.pop();
    if (this.#endless) throw this.#endless;
    if (due === undefined) throw new Endless('Nothing is due any more, and the run is not over');
    if (due.atMs > this.#nowMs) this.#timersAtOnce = 0;
    this.#nowMs = due.atMs;
    due.happen();
  }
}
