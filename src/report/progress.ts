import type { Job } from '../collibra/job.ts';
import { mostSevere, type JobReport } from '../outcome.ts';
import { count, duration, groupBy } from '../text.ts';
import { plain } from './sanitize.ts';

/** What the log knows about one job, or about a search by name. `nextPollMs` is in milliseconds since the step began. */
export class Progress {
  /** State, result and progress in the latest line. */
  shown = '';
  job: Job | undefined;
  isNotFound = false;
  /** The labels of the transient errors since the last successful response. */
  readonly errors = new Set<string>();
  nextPollMs: number | undefined;
  remainingMs: number | undefined;
  report: JobReport | undefined;
}

/** Describes one job: `ID "name": RUNNING, 30%, 20 s elapsed, about 50 s left, next check in 4 s`. */
export function statusOf(id: string, progress: Progress, elapsedMs: number): string {
  const { job, isNotFound, errors, remainingMs, nextPollMs } = progress;
  const unseen = isNotFound ? 'not found yet' : 'no status yet';
  const parts = [
    job === undefined ? unseen : job.state || 'no state',
    job?.result === 'NOT_SET' ? '' : job?.result,
    job?.progressPercentage === undefined ? '' : `${job.progressPercentage}%`,
    ...errors,
    `${duration(elapsedMs)} elapsed`,
    remainingMs === undefined ? '' : `about ${duration(remainingMs)} left`,
    nextCheck(nextPollMs, elapsedMs),
  ];
  return `${nameOf(id, job)}: ${parts.filter(Boolean).join(', ')}`;
}

/** Counts several jobs: `1 of 3 jobs finished (worst outcome so far: failure); 2 RUNNING; 20 s elapsed`. */
export function overviewOf(all: readonly Progress[], elapsedMs: number): string {
  const outcomes = all.flatMap(({ report }) => (report === undefined ? [] : [report.outcome]));
  const waiting = all.filter(({ report }) => report === undefined);
  const states = waiting.map(({ job }) => job?.state || 'without a status');
  const errors = waiting.flatMap(({ errors }) => [...errors]);
  const worst = outcomes.length > 0 ? ` (worst outcome so far: ${mostSevere(outcomes)})` : '';
  const parts = [
    `${outcomes.length} of ${count(all.length, 'job')} finished${worst}`,
    counted(states),
    errors.length > 0 ? `errors: ${counted(errors)}` : '',
    `${duration(elapsedMs)} elapsed`,
    nextCheck(Math.min(...waiting.map(({ nextPollMs = Infinity }) => nextPollMs)), elapsedMs),
  ];
  return parts.filter(Boolean).join('; ');
}

/** Counts words: `2 RUNNING, 1 WAITING`. */
function counted(words: readonly string[]): string {
  return [...groupBy(words, (word) => plain(word, 40))].map(([word, same]) => `${same.length} ${word}`).join(', ');
}

/** Names a job by its ID and, if it is known, its name. */
export function nameOf(id: string, job: Job | undefined): string {
  return job?.name === undefined ? id : `${id} "${plain(job.name, 100)}"`;
}

function nextCheck(atMs = Infinity, elapsedMs: number): string {
  const delayMs = atMs - elapsedMs;
  return delayMs > 0 && Number.isFinite(delayMs) ? `next check in ${duration(delayMs)}` : '';
}
