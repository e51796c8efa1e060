/** The clock by which jobs progress, and the clock that responses show. */
export type Clock = {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** How many times faster than real time jobs progress. */
  readonly speed: number;
  /** How far the server's clock is ahead of the real one. */
  readonly skewMs: number;
};

/** Returns how much simulated time has passed since a real time. */
export function elapsed(clock: Clock, sinceMs: number): number {
  return (clock.now() - sinceMs) * clock.speed;
}
