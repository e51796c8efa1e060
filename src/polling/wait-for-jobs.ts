import type { JobReport } from '../outcome.ts';
import { waitForJob, type WaitOptions } from './wait-for-job.ts';

/**
 * Waits for several jobs side by side, each in its own rhythm. One job's trouble is its own, but for refused
 * credentials: what is refused for one is refused for all, so they stop all waits at once.
 * @param signal stops all waits; reports are then `cancelled`
 * @returns a report for each job, in the order of the ids
 */
export function waitForJobs(
  ids: readonly string[],
  waiting: WaitOptions,
  signal: AbortSignal,
): Promise<JobReport[]> {
  const refused = new AbortController();
  const either = AbortSignal.any([signal, refused.signal]);

  const waitForOne = async (id: string): Promise<JobReport> => {
    const { report, credentialsRefused } = await waitForJob(id, waiting, either);
    if (credentialsRefused) refused.abort(report.reason);
    const told =
      report.outcome === 'cancelled' && !signal.aborted
        ? stopped(report, refused.signal.reason as string)
        : report;
    waiting.observer.onFinished(told);
    return told;
  };
  return Promise.all(ids.map(waitForOne));
}

/** The report of a job whose wait was stopped by the refusal that another job met. */
function stopped(report: JobReport, refusal: string): JobReport {
  return {
    ...report,
    outcome: 'error',
    reason: `Not waited for any longer, for another job was refused. ${refusal}`,
  };
}
