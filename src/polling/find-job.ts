import type { Clock } from '../clock.ts';
import { CollibraError } from '../collibra/errors.ts';
import type { JobFilters, JobPage } from '../collibra/find-jobs.ts';
import type { RequestLimits } from '../collibra/http/requests.ts';
import type { RedactAndTruncate } from '../collibra/http/server-words.ts';
import type { Job } from '../collibra/job.ts';
import { describeQuery, type JobQuery } from '../job-query.ts';
import { withTimeout } from '../timeout.ts';
import { delayAfter } from './backoff.ts';
import { describeNearMisses } from './near-misses.ts';
import type { Observer } from './observer.ts';
import { poll, type PollOptions, type PollResult, type WaitResult } from './poll.ts';
import { reviewJobs, type Review } from './review-jobs.ts';

/** Client of the Find jobs endpoint. */
export interface JobFinder {
  /** Finds jobs, newest first. @throws CollibraError */
  find(filters: JobFilters, limits: RequestLimits): AsyncIterable<JobPage>;
}

/** What a search needs. */
export interface SearchOptions {
  readonly finder: JobFinder;
  readonly polling: PollOptions;
  readonly clock: Clock;
  readonly observer: Observer;
  /** When the step began to wait, on the clock's scale. */
  readonly startMs: number;
  readonly redactAndTruncate: RedactAndTruncate;
}

/** The most jobs that Find jobs returns in one page. */
const PAGE_SIZE = 50;

/** A difference between two clocks up to this, in milliseconds, comes from the request's duration and the Date header's rounding. */
const CLOCK_NOISE_MS = 2_000;

/** A server clock that is behind by more, in milliseconds, is ignored: it would make old jobs look new. */
const MAX_BEHIND_MS = 600_000;

/**
 * Searches for a job by its name until it appears. A timeout says which jobs almost matched.
 * @returns the newest job that matches and is not older than the look-back
 */
export async function findJob(query: JobQuery, options: SearchOptions, signal: AbortSignal): Promise<WaitResult<Job>> {
  const { finder, polling, clock, observer, startMs, redactAndTruncate } = options;
  const description = describeQuery(query);
  const oldestBy = lookback(query, clock, startMs);
  /** The latest search that succeeded, and jobs with similar names. */
  let search: Search | undefined;
  let similar: readonly Job[] = [];
  const nearMisses = () =>
    search === undefined
      ? ''
      : describeNearMisses([...search.jobs, ...similar], query, search.oldestMs, redactAndTruncate);

  const task = {
    startMs,
    signal,
    poll: async (limits: RequestLimits, isFinal: boolean): Promise<PollResult<Job>> => {
      const untilMs = clock.now() + (limits.timeoutMs ?? 0);
      search = await searchOnce(finder, query, oldestBy, limits);
      const { newest } = search.review;
      if (newest !== undefined) return { kind: 'done', value: newest };
      if (isFinal) similar = await findSimilar(finder, query, limits, untilMs, clock);
      const delayMs = delayAfter(clock.now() - startMs, polling.interval, () => clock.random());
      return { kind: 'pending', delayMs };
    },
    onPending: (delayMs: number | undefined) =>
      observer.onNotFound(description, delayMs, delayMs === undefined ? nearMisses() : ''),
    onTransientError: observer.onTransientError.bind(observer, description),
  };
  const result = await poll(task, polling, clock);
  if (result.kind === 'done') observer.onFound(description, result.value, search?.review.otherNames ?? []);
  if (result.kind !== 'timeout') return result;
  return { ...result, reason: `Found no ${description}. ${result.reason} ${nearMisses()}` };
}

/** What one search has listed. */
interface Search {
  readonly jobs: readonly Job[];
  /** When the oldest job that may match was created, in milliseconds since 1970. */
  readonly oldestMs: number;
  readonly review: Review;
}

/**
 * Lists jobs until no other page can change which one is found.
 * @throws CollibraError, also if a match that may be the newest has no creation date
 */
async function searchOnce(
  finder: JobFinder,
  query: JobQuery,
  oldestBy: (serverTime: Date | undefined) => number,
  limits: RequestLimits,
): Promise<Search> {
  const { name, nameMatch, type, user } = query;
  const nameMatchMode = nameMatch.toUpperCase() as Uppercase<typeof nameMatch>;
  const jobs: Job[] = [];
  // The same on all pages: the duration of a request must not let an older job pass where a newer one did not.
  let oldestMs: number | undefined;
  for await (const page of finder.find({ name, nameMatchMode, type, user, pageSize: PAGE_SIZE }, limits)) {
    oldestMs ??= oldestBy(page.serverTime);
    jobs.push(...page.jobs);
    if (reviewJobs(jobs, query, oldestMs).isDecided) break;
  }
  oldestMs ??= oldestBy(undefined);
  const review = reviewJobs(jobs, query, oldestMs);
  if (review.undated === undefined) return { jobs, oldestMs, review };
  const message = `Job ${review.undated.id} has this name but no creation date, so the newest job cannot be determined. Use job-id instead of job-name.`;
  throw new CollibraError('permanent', 'job without a creation date', message);
}

/**
 * Finds jobs whose name contains the wanted one, of any type and user, for the message alone: at most one page, before the
 * time of the final request is up.
 */
async function findSimilar(
  finder: JobFinder,
  { name }: JobQuery,
  limits: RequestLimits,
  untilMs: number,
  clock: Clock,
): Promise<readonly Job[]> {
  const timeoutMs = untilMs - clock.now();
  const onTimeout = () => new CollibraError('transient', '', '');
  try {
    return await withTimeout({ clock, ms: timeoutMs, signal: limits.signal, onTimeout }, async (signal) => {
      const filters = { name, nameMatchMode: 'ANYWHERE', pageSize: PAGE_SIZE } as const;
      for await (const { jobs } of finder.find(filters, { ...limits, timeoutMs, signal })) return jobs;
      return [];
    });
  } catch (error) {
    if (error instanceof CollibraError) return [];
    throw error;
  }
}

/** When the oldest job that may match was created, by the server's clock, in milliseconds since 1970. */
function lookback({ lookbackMs }: JobQuery, clock: Clock, startMs: number): (serverTime: Date | undefined) => number {
  const startedOn = clock.date() - (clock.now() - startMs);
  // Not the machine's wall clock, which may be set while the step waits.
  const dateNow = () => startedOn + clock.now() - startMs;
  return (serverTime) => startedOn - lookbackMs + clockSkew(serverTime, dateNow());
}

/** How far the server's clock is ahead of this machine's, in milliseconds: a job's dates are the server's. */
function clockSkew(serverTime: Date | undefined, dateNow: number): number {
  const skewMs = serverTime === undefined ? 0 : serverTime.getTime() - dateNow;
  return Math.abs(skewMs) <= CLOCK_NOISE_MS || skewMs < -MAX_BEHIND_MS ? 0 : skewMs;
}
