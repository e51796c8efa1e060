import type { Clock } from '../clock.ts';
import type { CollibraError } from '../collibra/errors.ts';
import type { Bounds } from '../collibra/http/requests.ts';
import type { Job } from '../collibra/job.ts';
import type { ImportFacts, JobReport } from '../outcome.ts';
import { judge, needsEvidence, stageOf, type Evidence, type Policy } from '../verdict.ts';
import { observe, paceOf, startTrack, type Pace } from './backoff.ts';
import { poll, type Patience, type Polled, type Step } from './poll.ts';

/** Where jobs come from. */
export interface JobSource {
  /** @throws CollibraError */
  get(id: string, bounds: Bounds): Promise<Job>;
}

/** Where Import Results come from. Never throws: what can't be had is undefined. */
export interface ImportFactsSource {
  read(jobId: string, needed: boolean, signal: AbortSignal): Promise<ImportFacts | undefined>;
}

/** Is told what happens while a job is waited for. */
export interface Watcher {
  /** A good look; `pace` is missing where it was the last one. */
  onLook(id: string, job: Job, pace: Pace | undefined): void;
  /** Trouble that is borne, and the pause before the next look in milliseconds. */
  onTrouble(id: string, error: CollibraError, pauseMs: number): void;
  /** The wait for this job is over. */
  onEnd(report: JobReport): void;
}

/** What all jobs of a step share. */
export interface Waiting {
  readonly jobs: JobSource;
  readonly importFacts: ImportFactsSource;
  readonly policy: Policy;
  readonly patience: Patience;
  /** Whether Import Results are read even where the verdict does not need them. */
  readonly wantsImportFacts: boolean;
  readonly clock: Clock;
  readonly watcher: Watcher;
  /** When the step began to wait, on the clock's scale. */
  readonly startMs: number;
  /** When the job was found, where it was looked for by name. */
  readonly foundMs?: number | undefined;
  /** How long the last look at each job may take, in milliseconds. */
  readonly lastLookMs?: number | undefined;
}

/** A COMPLETED job without a result is looked at again for this long before Import Results are asked. */
const UNCLEAR_MS = 15_000;

/** How a job was polled to its end, and the job as last seen. */
interface Watched {
  readonly polled: Polled<Job>;
  readonly job: Job | undefined;
}

/**
 * Waits until a job has really ended and judges it.
 * @param signal stops the wait; the report is then `cancelled`
 * @returns the report, and whether it was refused credentials that ended the wait
 */
export async function waitForJob(
  id: string,
  waiting: Waiting,
  signal: AbortSignal,
): Promise<{ report: JobReport; credentialsRefused: boolean }> {
  const watched = await watch(id, waiting, signal);
  const report = await reportOf(id, watched, waiting, signal);
  const { polled } = watched;
  return { report, credentialsRefused: polled.kind === 'error' && polled.cause.kind === 'unauthorized' };
}

async function watch(id: string, waiting: Waiting, signal: AbortSignal): Promise<Watched> {
  const { clock, patience, watcher, startMs, foundMs: freshMs, lastLookMs } = waiting;
  let track = startTrack();
  let unclearSinceMs: number | undefined;
  let job: Job | undefined;

  /** The pause before the next look, or undefined where the job has ended. */
  const pauseAfterLook = (seen: Job, isLast: boolean): Pace | undefined => {
    const nowMs = clock.now();
    const stage = stageOf(seen);
    if (stage === 'ended') return undefined;
    if (stage !== 'unclear') {
      unclearSinceMs = undefined;
      // A state that nobody knows is taken for work, and progress is counted from when there was a job.
      const atMs = nowMs - (freshMs ?? startMs);
      track = observe(track, { atMs, running: seen.state !== 'WAITING', progress: seen.progressPercentage });
      return paceOf(track, patience.pace, () => clock.random());
    }
    unclearSinceMs ??= nowMs;
    const patientMs = unclearSinceMs + UNCLEAR_MS - nowMs;
    if (patientMs <= 0 || isLast) return undefined;
    return { pauseMs: Math.min(patience.pace.minMs, patientMs), restMs: undefined };
  };

  const look = async (bounds: Bounds, isLast: boolean): Promise<Step<Job>> => {
    job = await waiting.jobs.get(id, bounds);
    const pace = pauseAfterLook(job, isLast);
    watcher.onLook(id, job, pace);
    return pace === undefined ? { kind: 'settled', value: job } : { kind: 'again', pauseMs: pace.pauseMs };
  };

  const onTrouble = (error: CollibraError, pauseMs: number) => watcher.onTrouble(id, error, pauseMs);
  const polled = await poll({ startMs, freshMs, lastLookMs, signal, look, onTrouble }, patience, clock);
  return { polled, job };
}

async function reportOf(
  id: string,
  { polled, job }: Watched,
  waiting: Waiting,
  signal: AbortSignal,
): Promise<JobReport> {
  const seen = job === undefined ? {} : { job };
  switch (polled.kind) {
    case 'settled':
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

async function judged(id: string, job: Job, waiting: Waiting, signal: AbortSignal): Promise<JobReport> {
  const needed = needsEvidence(job, waiting.policy);
  const wanted = needed || waiting.wantsImportFacts;
  const facts = wanted ? await waiting.importFacts.read(id, needed, signal) : undefined;
  if (needed && facts?.failedCommands === undefined && signal.aborted) {
    return {
      id,
      job,
      outcome: 'cancelled',
      reason: 'Cancelled before Import Results were read, which the verdict needs',
    };
  }
  const verdict = judge(job, waiting.policy, facts === undefined ? undefined : evidenceOf(facts));
  return { id, ...verdict, job, ...(facts === undefined ? {} : { importFacts: facts }) };
}

function evidenceOf({ summary, failedCommands }: ImportFacts): Evidence {
  return { importJobState: summary.state, failedCommands, changes: summary.changes };
}
