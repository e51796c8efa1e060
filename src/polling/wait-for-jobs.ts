import type { Clock } from '../clock.ts';
import type { RequestLimits } from '../collibra/http/requests.ts';
import type { ImportResults } from '../collibra/import-results.ts';
import type { Job } from '../collibra/job.ts';
import type { JobReport } from '../outcome.ts';
import { judge, needsImportResults, stageOf, type Policy } from '../verdict.ts';
import { nextPoll, observe, startEstimate } from './backoff.ts';
import type { Observer } from './observer.ts';
import { poll, type PollOptions, type PollResult, type WaitResult } from './poll.ts';

/** Client of a job API. */
export interface JobSource {
  /** @throws CollibraError */
  get(id: string, limits: RequestLimits): Promise<Job>;
}

/** Reads Import Results. Never throws: returns undefined if they cannot be read. */
export interface ImportResultsSource {
  read(jobId: string, isNeeded: boolean, signal: AbortSignal): Promise<ImportResults | undefined>;
}

/** What the waits for all jobs of a step share. */
export interface WaitOptions {
  readonly jobs: JobSource;
  readonly importResults: ImportResultsSource;
  readonly policy: Policy;
  readonly polling: PollOptions;
  /** Whether Import Results are read even if the verdict does not depend on them. */
  readonly wantsImportResults: boolean;
  readonly clock: Clock;
  readonly observer: Observer;
  /** When the step began to wait, on the clock's scale. */
  readonly startMs: number;
  /** When the job was found, if it was searched by name. */
  readonly foundMs?: number | undefined;
}

/** A COMPLETED job without a result is polled again for this long before Import Results decide. */
const NO_RESULT_MS = 15_000;

/**
 * Waits for several jobs concurrently. Jobs fail independently, but rejected credentials stop every wait.
 * @param signal stops all waits; reports are then `cancelled`
 * @returns a report for each job, in the order of the IDs
 */
export function waitForJobs(ids: readonly string[], options: WaitOptions, signal: AbortSignal): Promise<JobReport[]> {
  const rejected = new AbortController();
  const either = AbortSignal.any([signal, rejected.signal]);

  const waitFor = async (id: string): Promise<JobReport> => {
    const { result, job } = await pollJob(id, options, either);
    let report = await reportOf(id, result, job, options, either);
    if (result.kind === 'error' && result.cause.kind === 'unauthorized') rejected.abort(report.reason);
    if (report.outcome === 'cancelled' && !signal.aborted)
      report = afterRejection(report, rejected.signal.reason as string);
    options.observer.onFinished(report);
    return report;
  };
  return Promise.all(ids.map(waitFor));
}

/** The report of a job whose wait was stopped because the credentials were rejected for another job. */
function afterRejection(report: JobReport, reason: string): JobReport {
  const stopped = 'Stopped waiting because authentication failed for another job.';
  return { ...report, outcome: 'error', reason: `${stopped} ${reason}` };
}

/** Polls one job until it is finished; returns the job as last seen, too. */
async function pollJob(
  id: string,
  options: WaitOptions,
  signal: AbortSignal,
): Promise<{ result: WaitResult<Job>; job: Job | undefined }> {
  const { clock, polling, observer, startMs, foundMs } = options;
  let estimate = startEstimate();
  let noResultSinceMs: number | undefined;
  let job: Job | undefined;
  let remainingMs: number | undefined;

  /** The delay that should precede the next poll; undefined if none is needed. */
  const delayAfterPoll = (polled: Job, isFinal: boolean): number | undefined => {
    const nowMs = clock.now();
    const stage = stageOf(polled);
    remainingMs = undefined;
    if (stage === 'finished') return undefined;
    if (stage === 'no-result') {
      noResultSinceMs ??= nowMs;
      const leftMs = noResultSinceMs + NO_RESULT_MS - nowMs;
      return leftMs <= 0 || isFinal ? undefined : Math.min(polling.interval.minMs, leftMs);
    }
    noResultSinceMs = undefined;
    // An unknown state counts as running. Progress is timed from when there was a job.
    const atMs = nowMs - (foundMs ?? startMs);
    const running = polled.state !== 'WAITING';
    estimate = observe(estimate, { atMs, running, progress: polled.progressPercentage });
    const next = nextPoll(estimate, polling.interval, () => clock.random());
    remainingMs = next.remainingMs;
    return next.delayMs;
  };

  const pollOnce = async (limits: RequestLimits, isFinal: boolean): Promise<PollResult<Job>> => {
    job = await options.jobs.get(id, limits);
    const delayMs = delayAfterPoll(job, isFinal);
    if (delayMs !== undefined) return { kind: 'pending', delayMs };
    observer.onPoll(id, job, undefined);
    return { kind: 'done', value: job };
  };
  const task = {
    startMs,
    signal,
    poll: pollOnce,
    onPending: (delayMs: number | undefined) => {
      if (job !== undefined) observer.onPoll(id, job, delayMs === undefined ? undefined : { delayMs, remainingMs });
    },
    onTransientError: observer.onTransientError.bind(observer, id),
  };
  return { result: await poll(task, polling, clock), job };
}

async function reportOf(
  id: string,
  result: WaitResult<Job>,
  job: Job | undefined,
  options: WaitOptions,
  signal: AbortSignal,
): Promise<JobReport> {
  const seen = job === undefined ? {} : { job };
  switch (result.kind) {
    case 'done':
      return judgeJob(id, result.value, options, signal);
    case 'timeout':
      return { id, outcome: 'timeout', reason: `${result.reason} ${lastState(job)}`, ...seen };
    case 'error':
      return { id, outcome: 'error', reason: result.reason, ...seen };
    case 'stopped':
      return { id, outcome: 'cancelled', reason: `The wait was canceled. ${lastState(job)}`, ...seen };
  }
}

function lastState(job: Job | undefined): string {
  if (job === undefined) return 'No status was ever received.';
  const unknown = stageOf(job) === 'unknown' ? ', which is unknown to this action' : '';
  return `The last state was ${job.state || '(none)'}${unknown}.`;
}

async function judgeJob(id: string, job: Job, options: WaitOptions, signal: AbortSignal): Promise<JobReport> {
  const isNeeded = needsImportResults(job, options.policy);
  const results =
    isNeeded || options.wantsImportResults ? await options.importResults.read(id, isNeeded, signal) : undefined;
  if (isNeeded && results?.failedCommands === undefined && signal.aborted) {
    const reason = 'Canceled before the Import Results were read, on which the verdict depends.';
    return { id, job, outcome: 'cancelled', reason };
  }
  const verdict = judge(job, options.policy, results);
  return { id, ...verdict, job, ...(results === undefined ? {} : { importResults: results }) };
}
