import type { Clock } from '../../src/clock.ts';

interface Timer {
  readonly atMs: number;
  readonly wake: () => void;
}

/** The wall clock of every fake clock at its start. */
export const START_DATE = Date.parse('2026-11-02T08:00:00.000Z');

/** The time of every fake clock at its start. It is not 0, because a monotonic clock starts anywhere. */
export const START_MS = 7_000;

/** A clock whose time jumps to the next timer as soon as everyone sleeps. */
export class FakeClock implements Clock {
  /** The result of `random`: by default the middle, so that jitter changes nothing. */
  chance = 0.5;
  #nowMs = START_MS;
  #timers: Timer[] = [];
  #isScheduled = false;

  now(): number {
    return this.#nowMs;
  }

  date(): number {
    return START_DATE + this.sinceStart();
  }

  random(): number {
    return this.chance;
  }

  /** Milliseconds since the clock was made. */
  sinceStart(): number {
    return this.#nowMs - START_MS;
  }

  /** How many sleepers there are. */
  get sleepers(): number {
    return this.#timers.length;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        this.#timers = this.#timers.filter((one) => one !== timer);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const timer = { atMs: this.#nowMs + Math.max(0, ms), wake };
      this.#timers.push(timer);
      signal?.addEventListener('abort', wake);
      this.#schedule();
    });
  }

  /** Does something at a time in milliseconds since the start. */
  at(ms: number, act: () => void): void {
    this.#timers.push({ atMs: START_MS + ms, wake: act });
    this.#schedule();
  }

  /** Promises settle before the next macrotask, so by then everyone who is not finished sleeps. */
  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      // The first of those that are due at the same time.
      const next = this.#timers.toSorted((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined) return;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.wake();
      if (this.#timers.length > 0) this.#schedule();
    });
  }
}
