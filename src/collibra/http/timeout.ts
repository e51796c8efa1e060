import type { Clock } from '../../clock.ts';

/** How long work may take, and what it fails with when it takes longer. */
export interface Timeout {
  readonly clock: Clock;
  /** In milliseconds; what is below 0 is over at once. */
  readonly ms: number;
  readonly signal: AbortSignal;
  readonly onTimeout: () => Error;
}

/**
 * Gives up on work when its time is over or the signal is aborted, whether or not the work takes notice.
 * @param work is given a signal that tells it to stop
 * @throws the deadline's error, the signal's reason, or what the work throws
 */
export async function withTimeout<T>(
  deadline: Timeout,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const done = new AbortController();
  const late = new AbortController();
  void deadline.clock.sleep(Math.max(0, deadline.ms), done.signal).then(() => {
    if (!done.signal.aborted) late.abort(deadline.onTimeout());
  });
  const either = AbortSignal.any([deadline.signal, late.signal]);
  try {
    return await unlessAborted(work(either), either);
  } finally {
    done.abort();
  }
}

/** The outcome of work, or the signal's reason as soon as it is aborted. */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort);
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
