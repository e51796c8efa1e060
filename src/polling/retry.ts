import type { Clock } from '../clock.ts';
import { CollibraError, type ErrorKind } from '../collibra/errors.ts';

/** The delay between two attempts doubles from the first to the longest, in milliseconds. */
const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 4_000;

/**
 * Repeats a request beside the poll loop (Import Results, deletes) until it succeeds. Honors Retry-After.
 * @param retryUntil until when to retry a kind of error, on the clock's scale; a time in the past means never
 * @throws the last error when it is not retried; the signal's reason when it is aborted before an attempt
 */
export async function retry<T>(
  request: () => Promise<T>,
  retryUntil: (kind: ErrorKind) => number,
  clock: Clock,
  signal: AbortSignal,
): Promise<T> {
  for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(2 * delayMs, LONGEST_DELAY_MS)) {
    try {
      signal.throwIfAborted();
      return await request();
    } catch (error) {
      if (!(error instanceof CollibraError) || signal.aborted) throw error;
      const sleepMs = Math.max(delayMs, error.retryAfterMs ?? 0);
      if (clock.now() + sleepMs > retryUntil(error.kind)) throw error;
      await clock.sleep(sleepMs, signal);
    }
  }
}
