import type { Clock } from '../clock.ts';
import { CollibraError, isNotServed } from '../collibra/errors.ts';
import type { RequestLimits } from '../collibra/http/requests.ts';
import { isUuid, type Job } from '../collibra/job.ts';
import type { JobFilters, JobPage } from '../collibra/jobs.ts';
import { duration } from '../text.ts';
import { delayAfter } from './backoff.ts';
import { poll, type PollOptions, type WaitResult, type PollResult } from './poll.ts';

/** Where Find jobs is to be had. */
export interface JobFinder {
  /** Newest first. @throws CollibraError */
  find(filters: JobFilters, bounds: RequestLimits): AsyncIterable<JobPage>;
}

/** The job that is looked for: the newest with this very name. */
export interface JobQuery {
  readonly name: string;
  readonly type: string | undefined;
  readonly user: string | undefined;
  /** How old it may be when the step starts, in milliseconds. */
  readonly lookbackMs: number;
}

/** What the search needs. */
export interface SearchOptions {
  readonly finder: JobFinder;
  readonly options: PollOptions;
  readonly clock: Clock;
  /** When the step began to wait, on the clock's scale. */
  readonly startMs: number;
  onTransientError(error: CollibraError, pauseMs: number): void;
  /** There is no such job yet; told the pause before the next look in milliseconds. */
  onNotFound(pauseMs: number): void;
}

/** The most that Find jobs gives at once. */
const PAGE_SIZE = 50;

/** A difference of two clocks up to this, in milliseconds, is the time a request takes and the Date header's rounding. */
const CLOCK_NOISE_MS = 2_000;

/** A server's clock that is behind by more, in milliseconds, is not believed: it would make old jobs look young. */
const MOST_BEHIND_MS = 600_000;

/**
 * Looks for a job by its name until it appears.
 * @returns the newest job that matches and is not older than the look-back
 */
export async function findJob(
  wanted: JobQuery,
  finding: SearchOptions,
  signal: AbortSignal,
): Promise<WaitResult<Job>> {
  const { clock, options, startMs } = finding;
  const startedOn = clock.date() - (clock.now() - startMs);
  // Not by the clock of the machine, which may be set while the step waits.
  const dateNow = () => startedOn + clock.now() - startMs;

  const pollOnce = async (bounds: RequestLimits, isFinal: boolean): Promise<PollResult<Job>> => {
    const oldest = (serverTime: Date | undefined) =>
      startedOn - wanted.lookbackMs + skewOf(serverTime, dateNow());
    const found = await newest(wanted, finding.finder, oldest, bounds);
    if (found !== undefined) return { kind: 'done', value: found };
    const pauseMs = delayAfter(clock.now() - startMs, options.interval, () => clock.random());
    if (!isFinal) finding.onNotFound(pauseMs);
    return { kind: 'pending', delayMs: pauseMs };
  };
  const onTransientError = (error: CollibraError, pauseMs: number) =>
    finding.onTransientError(error, pauseMs);
  const polled = await poll({ startMs, signal, poll: pollOnce, onTransientError }, options, clock);
  return polled.kind === 'timeout'
    ? { ...polled, reason: `No ${describeQuery(wanted)} appeared. ${polled.reason}` }
    : polled;
}

/** What was looked for, for messages. */
export function describeQuery({ name, type, user, lookbackMs }: JobQuery): string {
  const more = [type && `of type ${type}`, user && `started by ${user}`]
    .filter(Boolean)
    .map((text) => ` ${text}`);
  return `job named "${name}"${more.join(',')} created at most ${duration(lookbackMs)} before the step started`;
}

async function newest(
  wanted: JobQuery,
  finder: JobFinder,
  oldestBy: (serverTime: Date | undefined) => number,
  bounds: RequestLimits,
): Promise<Job | undefined> {
  const filters: JobFilters = {
    name: wanted.name,
    nameMatchMode: 'EXACT',
    ...(wanted.type === undefined ? {} : { type: [wanted.type] }),
    ...(wanted.user === undefined ? {} : { user: wanted.user }),
    pageSize: PAGE_SIZE,
  };
  try {
    for await (const { jobs, serverTime } of finder.find(filters, bounds)) {
      const oldest = oldestBy(serverTime);
      // The server was asked for these only; a filter it does not know would be ignored in silence.
      const matches = jobs
        .filter(({ id, name, type }) => isUuid(id) && name === wanted.name && (wanted.type ?? type) === type)
        .filter(({ user }) => (wanted.user ?? user) === user)
        .filter((job) => createdMs(job) >= oldest)
        .sort((a, b) => createdMs(b) - createdMs(a));
      if (matches[0] !== undefined) return matches[0];
      if (jobs.some((job) => createdMs(job) < oldest)) return undefined;
    }
  } catch (error) {
    throw error instanceof CollibraError && isNotServed(error) ? noFindJobs(error) : error;
  }
  return undefined;
}

/** A job that does not tell when it was created compares as neither old nor young enough. */
function createdMs({ createdOn }: Job): number {
  return createdOn?.getTime() ?? NaN;
}

/** How far the server's clock is ahead of this machine's, in milliseconds: a job's dates are the server's. */
function skewOf(serverTime: Date | undefined, dateNow: number): number {
  const skewMs = serverTime === undefined ? 0 : serverTime.getTime() - dateNow;
  return Math.abs(skewMs) <= CLOCK_NOISE_MS || skewMs < -MOST_BEHIND_MS ? 0 : skewMs;
}

function noFindJobs(cause: CollibraError): CollibraError {
  const said = `This environment has no Find jobs (/rest/jobs/v1/jobs), which job-name needs: give job-id. ${cause.message}`;
  return new CollibraError('permanent', cause.label, said, { cause });
}
