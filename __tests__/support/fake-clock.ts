import type { Clock } from '../../src/clock.ts';

interface Timer {
  readonly atMs: number;
  readonly wake: () => void;
}

/** The wall clock of every fake clock at its start. */
export const START_DATE = Date.parse('2026-11-02T08:00:00.000Z');

/** What every fake clock shows at its start: not zero, for a monotonic clock starts anywhere. */
export const START_MS = 7_000;

/** A clock whose time passes only while everyone sleeps, and then at once. */
export class FakeClock implements Clock {
  /** Every pause that was asked for, in milliseconds. */
  readonly sleeps: number[] = [];
  /** What `random` gives: by default the middle, so that a jitter changes nothing. */
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
    this.sleeps.push(ms);
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

  /** Does something when so many milliseconds have passed since the start. */
  at(ms: number, act: () => void): void {
    this.#timers.push({ atMs: START_MS + ms, wake: act });
    this.#schedule();
  }

  /** Promises settle before the next macrotask, so by then everyone who still waits is asleep. */
  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      const next = this.#timers.reduce<Timer | undefined>(
        (first, timer) => (first === undefined || timer.atMs < first.atMs ? timer : first),
        undefined,
      );
      if (next === undefined) return;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.wake();
      if (this.#timers.length > 0) this.#schedule();
    });
  }
}
