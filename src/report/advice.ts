import type { Job } from '../collibra/job.ts';
import type { Settings } from '../inputs.ts';
import { isUnfinished, type JobReport, type Outcome } from '../outcome.ts';
import { isDeletedJob, someCommandsFailed } from '../verdict.ts';
import { plain } from './sanitize.ts';

/** How the step ends when inputs are invalid, for its annotation and its summary. */
export const INVALID_INPUTS = { title: 'Invalid inputs', advice: 'No request was sent to Collibra. Fix these inputs:' };

/** What the step does with unfinished jobs when it ends. By default, it leaves them alone. */
export type UnfinishedPolicy = Partial<Pick<Settings, 'onTimeout' | 'onCancel'>>;

/** Gives the title for an outcome that is that of the whole step, but of none of its jobs. */
export function stepTitle(outcome: Outcome): string {
  return outcome === 'cancelled' ? 'The step was canceled' : 'The step failed';
}

/** Whether somebody deleted or canceled the job in Collibra, so that there is no data to fix. */
export function isDeleted({ outcome, job }: JobReport): boolean {
  return outcome === 'failure' && job !== undefined && isDeletedJob(job);
}

/** Whether Import Results report commands that failed. */
export function hasFailedCommands({ importResults }: JobReport): boolean {
  return importResults !== undefined && someCommandsFailed(importResults);
}

/** Quotes the message of a job in a sentence; '' without one. */
export function quoteMessage(
  job: Job | undefined,
  limit: number,
  format: (text: string, limit: number) => string = plain,
): string {
  const message = plain(job?.message ?? '', limit).replace(/\.$/, '');
  return message && `Collibra's message: "${format(message, limit)}".`;
}

/** Advises on jobs that the step stopped waiting for: sentences for one job, or for several. */
export function adviceOnUnfinished(
  outcome: 'timeout' | 'cancelled',
  jobs: readonly JobReport[],
  { onTimeout, onCancel }: UnfinishedPolicy,
): string[] {
  if (!jobs.some(isUnfinished)) return ['Check the job in Collibra.'];
  const [theJob, is, aRunningImport, it] =
    jobs.length === 1 ? ['The job', 'is', 'A running import', 'it'] : ['The jobs', 'are', 'Running imports', 'them'];
  const isTimeout = outcome === 'timeout';
  if ((isTimeout ? onTimeout : onCancel) === 'delete')
    return [
      isTimeout
        ? `${theJob} ${is} being deleted in Collibra.`
        : `The post step asks Collibra to delete ${theJob.toLowerCase()}. Its log says what came of that.`,
      `${aRunningImport} might not stop. Check ${it} before you import again.`,
    ];
  return [
    `${theJob} might still be running in Collibra.`,
    isTimeout ? `Check ${it} there, or increase timeout-minutes.` : `Check ${it} before you import again.`,
  ];
}
