import type { Clock } from './clock.ts';

/** How long work may take, and the error that it fails with when it takes longer. */
export interface Timeout {
  readonly clock: Clock;
  /** In milliseconds; a negative number times out at once. */
  readonly ms: number;
  readonly signal: AbortSignal;
  readonly onTimeout: () => Error;
}

/**
 * Stops waiting for work when its time is over or the signal is aborted, whether or not the work reacts to it.
 * @param work receives a signal that tells it to stop
 * @throws the timeout's error, the signal's reason, or what the work throws
 */
export async function withTimeout<T>(
  { clock, ms, signal, onTimeout }: Timeout,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const done = new AbortController();
  const expired = new AbortController();
  void clock.sleep(Math.max(0, ms), done.signal).then(() => {
    if (!done.signal.aborted) expired.abort(onTimeout());
  });
  const either = AbortSignal.any([signal, expired.signal]);
  try {
    return await unlessAborted(work(either), either);
  } finally {
    done.abort();
  }
}

/** Settles like `work`, or rejects with the signal's reason as soon as it is aborted. */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort);
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
