import { CollibraError, type ErrorKind } from '../../src/collibra/errors.ts';
import type { Job } from '../../src/collibra/job.ts';
import type { ImportResults, JobReport } from '../../src/outcome.ts';

/** Ids of jobs: the first, the second, … */
export const JOB_1 = '1a1a1a1a-1a1a-4a1a-8a1a-1a1a1a1a1a1a';
export const JOB_2 = '2b2b2b2b-2b2b-4b2b-8b2b-2b2b2b2b2b2b';
export const JOB_3 = '3c3c3c3c-3c3c-4c3c-8c3c-3c3c3c3c3c3c';

/** A job that runs, unless told otherwise. */
export function aJob(more: Partial<Job> = {}): Job {
  return { id: JOB_1, state: 'RUNNING', result: 'NOT_SET', message: '', ...more };
}

/** A job that ended well. */
export function aSuccess(more: Partial<Job> = {}): Job {
  return aJob({ state: 'COMPLETED', result: 'SUCCESS', ...more });
}

/** An error as the HTTP client throws it. */
export function trouble(
  status: number,
  more: { kind?: ErrorKind; seen?: string; retryAfterMs?: number } = {},
): CollibraError {
  const { kind = 'transient', seen = `HTTP ${status}`, retryAfterMs } = more;
  return new CollibraError(kind, seen, `Trouble ${status}`, { status, retryAfterMs });
}

/** What Import Results tell, unless told otherwise of an import that changed nothing and had no failure. */
export function someFacts(
  more: Partial<ImportResults> & { state?: string; changes?: number } = {},
): ImportResults {
  const { state = 'COMPLETED', changes, ...facts } = more;
  return {
    summary: { state, resources: [], changes, failedCommands: facts.failedCommands },
    failedCommands: undefined,
    firstFailedCommands: [],
    ...facts,
  };
}

/** The report of a job that ended well, unless told otherwise. */
export function aReport(more: Partial<JobReport> = {}): JobReport {
  return { id: JOB_1, outcome: 'success', reason: 'COMPLETED with SUCCESS', ...more };
}
