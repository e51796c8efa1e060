import type { Clock } from '../clock.ts';
import type { CollibraError } from '../collibra/errors.ts';
import type { RequestLimits } from '../collibra/http/requests.ts';
import type { Job } from '../collibra/job.ts';
import type { ImportResults, JobReport } from '../outcome.ts';
import { judge, needsImportResults, stageOf, type Evidence, type Policy } from '../verdict.ts';
import { observe, nextPoll, startEstimate, type NextPoll } from './backoff.ts';
import { poll, type PollOptions, type WaitResult, type PollResult } from './poll.ts';

/** Where jobs come from. */
export interface JobSource {
  /** @throws CollibraError */
  get(id: string, bounds: RequestLimits): Promise<Job>;
}

/** Where Import Results come from. Never throws: what can't be had is undefined. */
export interface ImportResultsSource {
  read(jobId: string, needed: boolean, signal: AbortSignal): Promise<ImportResults | undefined>;
}

/** Is told what happens while a job is waited for. */
export interface Observer {
  /** A good look; `pace` is missing where it was the last one. */
  onPoll(id: string, job: Job, pace: NextPoll | undefined): void;
  /** Trouble that is borne, and the pause before the next look in milliseconds. */
  onTransientError(id: string, error: CollibraError, pauseMs: number): void;
  /** The wait for this job is over. */
  onFinished(report: JobReport): void;
}

/** What all jobs of a step share. */
export interface WaitOptions {
  readonly jobs: JobSource;
  readonly importResults: ImportResultsSource;
  readonly policy: Policy;
  readonly options: PollOptions;
  /** Whether Import Results are read even where the verdict does not need them. */
  readonly wantsImportResults: boolean;
  readonly clock: Clock;
  readonly observer: Observer;
  /** When the step began to wait, on the clock's scale. */
  readonly startMs: number;
  /** When the job was found, where it was looked for by name. */
  readonly foundMs?: number | undefined;
  /** How long the last look at each job may take, in milliseconds. */
  readonly finalPollMs?: number | undefined;
}

/** A COMPLETED job without a result is looked at again for this long before Import Results are asked. */
const UNCLEAR_MS = 15_000;

/** How a job was polled to its end, and the job as last seen. */
interface Watched {
  readonly polled: WaitResult<Job>;
  readonly job: Job | undefined;
}

/**
 * Waits until a job has really ended and judges it.
 * @param signal stops the wait; the report is then `cancelled`
 * @returns the report, and whether it was refused credentials that ended the wait
 */
export async function waitForJob(
  id: string,
  waiting: WaitOptions,
  signal: AbortSignal,
): Promise<{ report: JobReport; credentialsRefused: boolean }> {
  const watched = await pollJob(id, waiting, signal);
  const report = await reportOf(id, watched, waiting, signal);
  const { polled } = watched;
  return { report, credentialsRefused: polled.kind === 'error' && polled.cause.kind === 'unauthorized' };
}

async function pollJob(id: string, waiting: WaitOptions, signal: AbortSignal): Promise<Watched> {
  const { clock, options, observer, startMs, foundMs, finalPollMs } = waiting;
  let track = startEstimate();
  let unclearSinceMs: number | undefined;
  let job: Job | undefined;

  /** The pause before the next look, or undefined where the job has ended. */
  const delayAfterPoll = (seen: Job, isFinal: boolean): NextPoll | undefined => {
    const nowMs = clock.now();
    const stage = stageOf(seen);
    if (stage === 'finished') return undefined;
    if (stage !== 'no-result') {
      unclearSinceMs = undefined;
      // A state that nobody knows is taken for work, and progress is counted from when there was a job.
      const atMs = nowMs - (foundMs ?? startMs);
      track = observe(track, { atMs, running: seen.state !== 'WAITING', progress: seen.progressPercentage });
      return nextPoll(track, options.interval, () => clock.random());
    }
    unclearSinceMs ??= nowMs;
    const patientMs = unclearSinceMs + UNCLEAR_MS - nowMs;
    if (patientMs <= 0 || isFinal) return undefined;
    return { delayMs: Math.min(options.interval.minMs, patientMs), remainingMs: undefined };
  };

  const pollOnce = async (bounds: RequestLimits, isFinal: boolean): Promise<PollResult<Job>> => {
    job = await waiting.jobs.get(id, bounds);
    const pace = delayAfterPoll(job, isFinal);
    observer.onPoll(id, job, pace);
    return pace === undefined ? { kind: 'done', value: job } : { kind: 'pending', delayMs: pace.delayMs };
  };

  const onTransientError = (error: CollibraError, pauseMs: number) =>
    observer.onTransientError(id, error, pauseMs);
  const polled = await poll(
    { startMs, visibleSinceMs: foundMs, finalPollMs, signal, poll: pollOnce, onTransientError },
    options,
    clock,
  );
  return { polled, job };
}

async function reportOf(
  id: string,
  { polled, job }: Watched,
  waiting: WaitOptions,
  signal: AbortSignal,
): Promise<JobReport> {
  const seen = job === undefined ? {} : { job };
  switch (polled.kind) {
    case 'done':
      return judged(id, polled.value, waiting, signal);
    case 'timeout':
      return { id, outcome: 'timeout', reason: `${polled.reason}${lastState(job)}`, ...seen };
    case 'error':
      return { id, outcome: 'error', reason: polled.reason, ...seen };
    case 'stopped':
      return { id, outcome: 'cancelled', reason: `The wait was cancelled${lastState(job)}`, ...seen };
  }
}

function lastState(job: Job | undefined): string {
  if (job === undefined) return '; the job was never seen';
  const unknown = stageOf(job) === 'unknown' ? ', which this action does not know' : '';
  return `; last seen in state ${job.state || '(none)'}${unknown}`;
}

async function judged(id: string, job: Job, waiting: WaitOptions, signal: AbortSignal): Promise<JobReport> {
  const needed = needsImportResults(job, waiting.policy);
  const wanted = needed || waiting.wantsImportResults;
  const facts = wanted ? await waiting.importResults.read(id, needed, signal) : undefined;
  if (needed && facts?.failedCommands === undefined && signal.aborted) {
    return {
      id,
      job,
      outcome: 'cancelled',
      reason: 'Cancelled before Import Results were read, which the verdict needs',
    };
  }
  const verdict = judge(job, waiting.policy, facts === undefined ? undefined : evidenceOf(facts));
  return { id, ...verdict, job, ...(facts === undefined ? {} : { importResults: facts }) };
}

function evidenceOf({ summary, failedCommands }: ImportResults): Evidence {
  return { importJobState: summary.state, failedCommands, changes: summary.changes };
}
