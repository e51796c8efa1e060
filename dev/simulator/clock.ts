/** The simulator's two times: the one that lives run by, and the one that answers show. */
export type Clock = {
  /** Milliseconds since the epoch, as the machine sees them. */
  readonly now: () => number;
  /** How many times faster than real time lives run. */
  readonly speed: number;
  /** How far the clock that Collibra shows is ahead of the real one. */
  readonly skewMs: number;
};

/** How much time of a life has gone by since a moment. */
export function lived(clock: Clock, sinceMs: number): number {
  return (clock.now() - sinceMs) * clock.speed;
}
