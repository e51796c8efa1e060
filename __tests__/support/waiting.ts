import type { FakeClock } from './fake-clock.ts';

/** A signal that nobody aborts. */
export function noCancel(): AbortSignal {
  return new AbortController().signal;
}

/** A signal that is aborted at a time in milliseconds since the clock's start. */
export function cancelAt(clock: FakeClock, ms: number): AbortSignal {
  const cancel = new AbortController();
  clock.at(ms, () => cancel.abort());
  return cancel.signal;
}
