import type { CollibraError } from '../collibra/errors.ts';
import type { Job } from '../collibra/job.ts';
import type { JobReport } from '../outcome.ts';

/** What is known about the next poll. */
export interface UpcomingPoll {
  /** The delay before it, in milliseconds: the one that is really slept. */
  readonly delayMs: number;
  /** The estimated time until the job finishes, in milliseconds; undefined without an estimate. */
  readonly remainingMs: number | undefined;
}

/** Is notified of what happens while jobs are waited for. Delays are in milliseconds; undefined: no poll follows. */
export interface Observer {
  /** Called after each successful poll of a job. */
  onPoll(id: string, job: Job, next: UpcomingPoll | undefined): void;
  /**
   * Called before a retry.
   * @param subject the ID of a job, or the description of a job that is searched by name
   */
  onTransientError(subject: string, error: CollibraError, delayMs: number | undefined): void;
  /** Called when the rate limit of a server makes all requests wait, with the time in milliseconds. */
  onRateLimit(delayMs: number): void;
  /**
   * Called after each search by name that found no job.
   * @param nearMisses says which jobs almost matched, if no poll follows
   */
  onNotFound(query: string, delayMs: number | undefined, nearMisses: string): void;
  /**
   * Called once a search by name has found its job.
   * @param otherNames the names of older jobs that match, too
   */
  onFound(query: string, job: Job, otherNames: readonly string[]): void;
  /** Called when the wait for a job is over. */
  onFinished(report: JobReport): void;
  /** Called when Import Results could not be read, or not completely. */
  onImportResultsUnavailable(jobId: string, reason: string): void;
}
