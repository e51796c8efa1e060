import type { Clock } from '../../../src/clock.ts';
import { seeded } from '../../bench/random.ts';
import type { Scenario } from '../generators/scenarios.ts';

/** When the step begins: on the clock's scale, and as a date. */
const START_MS = 40.25;
const START_DATE_MS = Date.UTC(2026, 10, 22, 8, 30);
/** A moment in ms since the step began as a date, in ms since 1970. */
export const dateAt = (ms: number) => START_DATE_MS + ms;
/** The longest delay a Node.js timer can hold. */
const MAX_TIMER_MS = 2 ** 31 - 1;
/** Who sleeps more often without any time passing, or through more moments, never ends. */
const MAX_SLEEPS_AT_ONCE = 5_000;
const MAX_MOMENTS = 500_000;

type Timer = Readonly<{ atMs: number; fire: () => void }>;

/** A clock that jumps to the next timer as soon as all work that can go on has gone on. */
export class SimulatedClock implements Clock {
  readonly #timers = new Set<Timer>();
  readonly #lateMs: number;
  #nowMs = START_MS;
  #sleepsAtOnce = 0;
  readonly random: () => number;
  readonly now = () => this.#nowMs;
  /** In ms since the step began. */
  readonly sinceStartMs = () => this.#nowMs - START_MS;
  readonly date = () => Math.floor(dateAt(this.sinceStartMs()));

  constructor({ seed, lateMs }: Scenario) {
    this.random = seeded(seed);
    this.#lateMs = lateMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      // An endless run is never woken again, so that no timer is left in the end.
      if (!(ms >= 0) || ++this.#sleepsAtOnce > MAX_SLEEPS_AT_ONCE) return;
      const wake = () => {
        signal?.removeEventListener('abort', wake);
        cancel();
        resolve();
      };
      const cancel = this.after(Math.min(ms, MAX_TIMER_MS) + this.#lateMs * this.random(), () => wake());
      signal?.addEventListener('abort', wake);
      if (signal?.aborted) wake();
    });
  }

  /** Sets a timer; the function that is returned clears it. */
  after(ms: number, fire: () => void): () => unknown {
    const timer: Timer = { atMs: this.#nowMs + ms, fire };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Lets time pass until the work is done. @throws an error where it never is; whatever the work throws */
  async runUntilDone<T>(work: Promise<T>): Promise<T> {
    const state = { isDone: false };
    work.finally(() => (state.isDone = true)).catch(() => undefined);
    for (let moments = 0; moments < MAX_MOMENTS; moments++) {
      // All promises that can go on do so before the next turn of the event loop.
      await new Promise((resolve) => setImmediate(resolve));
      if (state.isDone) return work;
      this.#jump();
    }
    throw new Error(`Endless: not finished after ${MAX_MOMENTS} moments`);
  }

  #jump(): void {
    let timer: Timer | undefined;
    for (const one of this.#timers) if (!timer || one.atMs < timer.atMs) timer = one;
    if (!timer) throw new Error('Endless: no timer is left');
    if (timer.atMs > this.#nowMs) this.#sleepsAtOnce = 0;
    this.#nowMs = timer.atMs;
    this.#timers.delete(timer);
    timer.fire();
  }
}
