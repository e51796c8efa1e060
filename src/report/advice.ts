import type { Settings } from '../inputs.ts';
import type { JobReport, Outcome } from '../outcome.ts';
import { stageOf } from '../verdict.ts';

/** Titles for an outcome that is that of the whole step, but of none of its jobs. */
export const STEP_TITLES: Readonly<Partial<Record<Outcome, string>>> & { readonly error: string } = {
  error: 'The step failed',
  cancelled: 'The step was canceled',
};

/** How the step ends when inputs are invalid, for its annotation and its summary. */
export const INVALID_INPUTS = {
  title: 'Invalid inputs',
  advice: 'No request was sent to Collibra. Fix these inputs:',
};

/** What the step does with unfinished jobs when it ends. */
export type UnfinishedPolicy = Pick<Settings, 'onTimeout' | 'onCancel'>;

/** Leaves unfinished jobs alone. */
export const LEAVE_UNFINISHED: UnfinishedPolicy = { onTimeout: 'leave', onCancel: 'leave' };

/** Whether somebody deleted or canceled the job in Collibra, so that there is no data to fix. */
export function isDeleted({ outcome, job }: JobReport): boolean {
  return outcome === 'failure' && (job?.state === 'DELETED' || job?.state === 'CANCELED');
}

/** Whether Import Results report commands that failed. */
export function hasFailedCommands({ importResults }: JobReport): boolean {
  if (importResults === undefined) return false;
  return Boolean(importResults.failedCommands) || importResults.firstFailedCommands.length > 0;
}

/** Advises on jobs that were unfinished when the step ended: sentences for one job, or for several. */
export function adviceOnUnfinished(
  outcome: 'timeout' | 'cancelled',
  jobs: readonly JobReport[],
  { onTimeout, onCancel }: UnfinishedPolicy,
): string[] {
  const [theJob, is, aRunningImport, it] =
    jobs.length === 1 ? ['The job', 'is', 'A running import', 'it'] : ['The jobs', 'are', 'Running imports', 'them'];
  const isTimeout = outcome === 'timeout';
  if (!jobs.some(mightBeRunning)) return ['Check the job in Collibra.'];
  if ((isTimeout ? onTimeout : onCancel) === 'delete')
    return [
      `${theJob} ${is} being deleted in Collibra.`,
      `${aRunningImport} might not stop. Check ${it} before you import again.`,
    ];
  return [
    `${theJob} might still be running in Collibra.`,
    isTimeout ? `Check ${it} there, or increase timeout-minutes.` : `Check ${it} before you import again.`,
  ];
}

/** Whether a job may be unfinished. One that was never seen may be in any state. */
function mightBeRunning({ job }: JobReport): boolean {
  const stage = job === undefined ? 'unknown' : stageOf(job);
  return stage === 'pending' || stage === 'unknown';
}
