import type { ImportResults } from '../../src/collibra/import-results.ts';
import type { Job } from '../../src/collibra/job.ts';
import type { JobReport } from '../../src/outcome.ts';

/** IDs of jobs. */
export const JOB_1 = '1a1a1a1a-1a1a-4a1a-8a1a-1a1a1a1a1a1a';
export const JOB_2 = '2b2b2b2b-2b2b-4b2b-8b2b-2b2b2b2b2b2b';
export const JOB_3 = '3c3c3c3c-3c3c-4c3c-8c3c-3c3c3c3c3c3c';

/** A job that is running, unless something else is given. */
export function aJob(more: Partial<Job> = {}): Job {
  return { id: JOB_1, state: 'RUNNING', result: 'NOT_SET', message: '', ...more };
}

/** A job that succeeded. */
export function aSuccess(more: Partial<Job> = {}): Job {
  return aJob({ state: 'COMPLETED', result: 'SUCCESS', ...more });
}

/** Import Results of an import that changed nothing and had no failed command, unless something else is given. */
export function someResults(more: Partial<ImportResults> = {}): ImportResults {
  return {
    importJobState: 'COMPLETED',
    resources: [],
    changes: undefined,
    failedCommands: undefined,
    firstFailedCommands: [],
    isPartial: false,
    ...more,
  };
}

/** The report of a job that succeeded, unless something else is given. */
export function aReport(more: Partial<JobReport> = {}): JobReport {
  return { id: JOB_1, outcome: 'success', reason: 'The job is COMPLETED with SUCCESS.', ...more };
}
