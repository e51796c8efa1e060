import type { Clock } from '../clock.ts';
import type { RequestLimits } from '../collibra/http/requests.ts';
import { CollibraError, isNotServed } from '../collibra/errors.ts';
import { isUuid, type Job } from '../collibra/job.ts';
import type { JobFilters, JobPage } from '../collibra/jobs.ts';
import { duration } from '../text.ts';
import { delayAfter } from './backoff.ts';
import type { Observer } from './observer.ts';
import { poll, type PollOptions, type PollResult, type WaitResult } from './poll.ts';

/** Client of the Find jobs endpoint. */
export interface JobFinder {
  /** Finds jobs, newest first. @throws CollibraError */
  find(filters: JobFilters, limits: RequestLimits): AsyncIterable<JobPage>;
}

/** Describes the job to find: the newest one with exactly this name. */
export interface JobQuery {
  readonly name: string;
  readonly type: string | undefined;
  readonly user: string | undefined;
  /** How old the job may be when the step starts, in milliseconds. */
  readonly lookbackMs: number;
}

/** What a search needs. */
export interface SearchOptions {
  readonly finder: JobFinder;
  readonly polling: PollOptions;
  readonly clock: Clock;
  readonly observer: Observer;
  /** When the step began to wait, on the clock's scale. */
  readonly startMs: number;
}

/** The most jobs that Find jobs returns in one page. */
const PAGE_SIZE = 50;

/** A difference between two clocks up to this, in milliseconds, comes from the request's duration and the Date header's rounding. */
const CLOCK_NOISE_MS = 2_000;

/** A server clock that is behind by more, in milliseconds, is ignored: it would make old jobs look new. */
const MAX_BEHIND_MS = 600_000;

/**
 * Searches for a job by its name until it appears.
 * @returns the newest job that matches and is not older than the look-back
 */
export async function findJob(
  query: JobQuery,
  { finder, polling, clock, observer, startMs }: SearchOptions,
  signal: AbortSignal,
): Promise<WaitResult<Job>> {
  const description = describeQuery(query);
  const startedOn = clock.date() - (clock.now() - startMs);
  // Not the machine's wall clock, which may be set while the step waits.
  const dateNow = () => startedOn + clock.now() - startMs;
  const oldest = (serverTime: Date | undefined) => startedOn - query.lookbackMs + clockSkew(serverTime, dateNow());

  const task = {
    startMs,
    signal,
    poll: async (limits: RequestLimits): Promise<PollResult<Job>> => {
      const found = await newest(query, finder, oldest, limits);
      if (found !== undefined) return { kind: 'done', value: found };
      const delayMs = delayAfter(clock.now() - startMs, polling.interval, () => clock.random());
      return { kind: 'pending', delayMs };
    },
    onPending: observer.onNotFound.bind(observer, description),
    onTransientError: observer.onTransientError.bind(observer, description),
  };
  const result = await poll(task, polling, clock);
  if (result.kind === 'done') observer.onFound(description, result.value);
  if (result.kind !== 'timeout') return result;
  return { ...result, reason: `Found no ${description}. ${result.reason}` };
}

/** Describes the job to find, for messages. */
export function describeQuery({ name, type, user, lookbackMs }: JobQuery): string {
  const filters = [type && ` of type ${type}`, user && ` started by ${user}`].filter(Boolean);
  return `job named "${name}"${filters.join(',')} created at most ${duration(lookbackMs)} before the step started`;
}

async function newest(
  query: JobQuery,
  finder: JobFinder,
  oldestBy: (serverTime: Date | undefined) => number,
  limits: RequestLimits,
): Promise<Job | undefined> {
  const filters: JobFilters = {
    name: query.name,
    nameMatchMode: 'EXACT',
    ...(query.type === undefined ? {} : { type: [query.type] }),
    ...(query.user === undefined ? {} : { user: query.user }),
    pageSize: PAGE_SIZE,
  };
  const listing = new Listing(query);
  // The same on all pages: the duration of a request must not let an older job pass where a newer one did not.
  let oldestMs: number | undefined;
  try {
    for await (const { jobs, serverTime } of finder.find(filters, limits)) {
      oldestMs ??= oldestBy(serverTime);
      listing.add(jobs, oldestMs);
      if (listing.isDecided) break;
    }
  } catch (error) {
    throw error instanceof CollibraError && isNotServed(error) ? noFindJobs(error) : error;
  }
  return listing.newest();
}

/**
 * The jobs listed so far. Collibra lists the newest first, but nothing promises that, so it counts only as long as the
 * creation dates show it.
 */
class Listing {
  readonly #query: JobQuery;
  #newest: Job | undefined;
  /** A match without a creation date, listed before any job that is older than it must be. */
  #undatedFirst: Job | undefined;
  #undated: Job | undefined;
  #previousMs = NaN;
  #isDescending = false;
  #isOrdered = true;
  #isBeyondLookback = false;

  constructor(query: JobQuery) {
    this.#query = query;
  }

  /** @param oldestMs when the oldest job that may match was created, in milliseconds since 1970 */
  add(jobs: readonly Job[], oldestMs: number): void {
    for (const job of jobs) {
      const ms = createdMs(job);
      if (ms > this.#previousMs) this.#isOrdered = false;
      if (ms < this.#previousMs) this.#isDescending = true;
      if (ms < oldestMs) this.#isBeyondLookback = true;
      if (!Number.isNaN(ms)) this.#previousMs = ms;
      if (isMatch(job, this.#query)) this.#consider(job, ms, oldestMs);
    }
  }

  #consider(job: Job, ms: number, oldestMs: number): void {
    if (Number.isNaN(ms)) {
      this.#undated ??= job;
      if (this.#newest === undefined && !this.#isBeyondLookback) this.#undatedFirst ??= job;
    } else if (ms >= oldestMs && !(ms <= createdMs(this.#newest))) {
      this.#newest = job;
    }
  }

  /** Whether no later page can change the newest match. */
  get isDecided(): boolean {
    const isShown = this.#isOrdered && this.#isDescending;
    return isShown && (this.#newest !== undefined || this.#isBeyondLookback);
  }

  /** @throws CollibraError if a match that may be newer has no creation date */
  newest(): Job | undefined {
    const undated = this.#isOrdered ? this.#undatedFirst : this.#undated;
    if (undated === undefined) return this.#newest;
    const message =
      `Job ${undated.id} has this name but no creation date, so the newest job cannot be determined. ` +
      'Use job-id instead of job-name.';
    throw new CollibraError('permanent', 'job without a creation date', message);
  }
}

/** Checks the filters again, because a server ignores a filter that it does not know. Missing fields are trusted to it. */
function isMatch({ id, name, type, user }: Job, query: JobQuery): boolean {
  const { type: wantedType = type, user: wantedUser = user } = query;
  return (
    isUuid(id) && name === query.name && (type ?? wantedType) === wantedType && (user ?? wantedUser) === wantedUser
  );
}

/** When a job was created, in milliseconds since 1970; NaN without a creation date. */
function createdMs(job: Job | undefined): number {
  return job?.createdOn?.getTime() ?? NaN;
}

/** How far the server's clock is ahead of this machine's, in milliseconds: a job's dates are the server's. */
function clockSkew(serverTime: Date | undefined, dateNow: number): number {
  const skewMs = serverTime === undefined ? 0 : serverTime.getTime() - dateNow;
  return Math.abs(skewMs) <= CLOCK_NOISE_MS || skewMs < -MAX_BEHIND_MS ? 0 : skewMs;
}

function noFindJobs(cause: CollibraError): CollibraError {
  const message =
    'job-name requires the Find jobs API (/rest/jobs/v1/jobs), which this environment does not provide. ' +
    `Use job-id instead. ${cause.message}`;
  return new CollibraError('permanent', cause.label, message, { cause });
}
