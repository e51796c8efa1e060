/** What one look at a job showed that bears on when to look next. */
export interface Sighting {
  /** When it was seen, in milliseconds since the wait for this job began. */
  readonly atMs: number;
  /** Whether the job is being worked on (false while it waits in Collibra's queue or its state is unknown). */
  readonly running: boolean;
  /** `progressPercentage` as reported; may be missing, stuck, jump, go backwards or lie outside 0 to 100. */
  readonly progress: number | undefined;
}

/** The shortest and the longest pause between two looks, in milliseconds. */
export interface PaceLimits {
  readonly minMs: number;
  readonly maxMs: number;
}

/** When to look next, and what is known about the end. */
export interface Pace {
  /** The pause before the next look, in milliseconds, within the limits. */
  readonly pauseMs: number;
  /** The estimated rest in milliseconds, where progress allows an estimate. */
  readonly restMs: number | undefined;
}
