/** Time and randomness, passed in wherever they are needed, so that tests control them. */
export interface Clock {
  /** Monotonic time in milliseconds, from an arbitrary start. */
  now(): number;
  /** Wall-clock time in milliseconds since 1970. */
  date(): number;
  /** Resolves after `ms` milliseconds, or at once when `signal` is aborted; never rejects and leaves no timer. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** A number from 0 up to, but not including, 1. */
  random(): number;
}

/** The longest delay of a Node.js timer, in milliseconds; a longer one would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Not `performance.now()`, whose first use loads all of `perf_hooks`: 1 ms of the startup. */
const monotonicMs = () => process.uptime() * 1000;

/** The real clock. */
export const systemClock: Clock = {
  now: monotonicMs,
  date: () => Date.now(),
  random: () => Math.random(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      const endMs = monotonicMs() + ms;
      let timer: NodeJS.Timeout | undefined;
      // Timers have whole milliseconds and may fire early: then the rest is slept, too.
      const wakeOrWait = () => {
        const leftMs = endMs - monotonicMs();
        if (leftMs > 0 && !signal?.aborted) {
          timer = setTimeout(wakeOrWait, Math.min(Math.ceil(leftMs), LONGEST_TIMER_MS));
          return;
        }
        clearTimeout(timer);
        signal?.removeEventListener('abort', wakeOrWait);
        resolve();
      };
      signal?.addEventListener('abort', wakeOrWait);
      wakeOrWait();
    }),
};
