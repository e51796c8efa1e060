import type { Clock } from '../../../src/clock.ts';
import { seeded } from '../../bench/random.ts';

/** A run that never ends: no timer is left that could wake it, or it never stops sending requests. */
export class Endless extends Error {}

/** When the step begins: on the clock's scale, and as a date. */
const START_MS = 40.25;
const START_DATE_MS = Date.UTC(2026, 10, 22, 8, 30);

/** The longest delay a Node.js timer can hold. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** More timers set at one moment, or more moments, mean a run that does not end. */
const MAX_TIMERS_AT_ONCE = 5_000;
const MAX_MOMENTS = 500_000;

interface Timer {
  readonly atMs: number;
  readonly fire: () => void;
}

/** A clock that jumps to the next timer as soon as all work that can go on has gone on. */
export class SimulatedClock implements Clock {
  readonly #timers = new Set<Timer>();
  readonly #lateMs: number;
  readonly #jitter: () => number;
  readonly #lateness: () => number;
  #nowMs = START_MS;
  #timersAtOnce = 0;
  #endless: Endless | undefined;

  /** @param lateMs how late a timer may be, in ms */
  constructor(seed: number, lateMs: number) {
    this.#jitter = seeded(seed);
    this.#lateness = seeded(seed + 1);
    this.#lateMs = lateMs;
  }

  now(): number {
    return this.#nowMs;
  }

  /** In ms since the step began. */
  sinceStartMs(): number {
    return this.#nowMs - START_MS;
  }

  date(): number {
    return Math.floor(dateAt(this.sinceStartMs()));
  }

  random(): number {
    return this.#jitter();
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      // An endless run is never woken again.
      if (this.#endless) return;
      const late = this.#lateMs * this.#lateness();
      const cancel = this.after(Math.min(ms, MAX_TIMER_MS) + late, () => {
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

  /** Sets a timer; the function that is returned clears it. */
  after(ms: number, fire: () => void): () => unknown {
    if (!(ms >= 0)) this.#endless ??= new Endless(`A timer of ${ms} ms`);
    if (++this.#timersAtOnce > MAX_TIMERS_AT_ONCE) {
      this.#endless ??= new Endless('The run goes on and on without time passing');
    }
    const timer: Timer = { atMs: this.#nowMs + ms, fire };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /**
   * Lets time pass until the work is settled.
   * @throws Endless where it never is; whatever the work throws
   */
  async runUntilSettled<T>(work: Promise<T>): Promise<T> {
    let isSettled = false;
    work.finally(() => (isSettled = true)).catch(() => undefined);
    for (let moments = 0; moments < MAX_MOMENTS; moments++) {
      // All promises that can go on do so before the next turn of the event loop.
      await new Promise((resolve) => setImmediate(resolve));
      if (isSettled) return work;
      this.#jump();
    }
    throw new Endless(`Not finished after ${MAX_MOMENTS} moments`);
  }

  #jump(): void {
    let timer: Timer | undefined;
    for (const one of this.#timers) if (!timer || one.atMs < timer.atMs) timer = one;
    if (this.#endless) throw this.#endless;
    if (timer === undefined) throw new Endless('No timer is left, and the run is not finished');
    if (timer.atMs > this.#nowMs) this.#timersAtOnce = 0;
    this.#nowMs = timer.atMs;
    this.#timers.delete(timer);
    timer.fire();
  }
}

/** A moment in ms since the step began as a date, in ms since 1970. */
export function dateAt(ms: number): number {
  return START_DATE_MS + ms;
}
