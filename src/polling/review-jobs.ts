import { isUuid, type Job } from '../collibra/job.ts';
import { fits, isLike, type JobQuery } from '../job-query.ts';

/** What the jobs that are listed so far say about the one that is searched. */
export interface Review {
  /** The newest match that is not older than the look-back. */
  readonly newest: Job | undefined;
  /** A match that may be newer, but has no creation date. */
  readonly undated: Job | undefined;
  /** Whether no later page can change this. */
  readonly isDecided: boolean;
  /** The other names among the matches that are not older than the look-back. */
  readonly otherNames: readonly string[];
}

/**
 * Finds the newest match in a list. Collibra lists the newest jobs first, but nothing promises that, so it counts only as
 * long as the creation dates show it.
 * @param oldestMs when the oldest job that may match was created, in milliseconds since 1970
 */
export function reviewJobs(jobs: readonly Job[], query: JobQuery, oldestMs: number): Review {
  const dates = jobs.map(createdMs).filter((ms) => !Number.isNaN(ms));
  const isOrdered = dates.every((ms, n) => n === 0 || ms <= Number(dates[n - 1]));
  const matches = jobs.filter((job) => isMatch(job, query));
  const recent = matches.filter((job) => createdMs(job) >= oldestMs).sort((a, b) => createdMs(b) - createdMs(a));
  const newest = recent[0];
  const end = isOrdered ? jobs.findIndex((job) => job === newest || createdMs(job) < oldestMs) : -1;
  const mayBeNewer = end < 0 ? jobs : jobs.slice(0, end);
  return {
    newest,
    undated: matches.find((job) => Number.isNaN(createdMs(job)) && mayBeNewer.includes(job)),
    isDecided: end >= 0 && new Set(dates).size > 1,
    otherNames: [...new Set(recent.flatMap(({ name }) => (name === newest?.name ? [] : (name ?? []))))],
  };
}

/** Checks the filters again, because a server ignores a filter that it does not know. */
function isMatch({ id, name = '', type, user }: Job, query: JobQuery): boolean {
  return isUuid(id) && isLike(name, query.name, query.nameMatch) && fits(type, query.type) && fits(user, query.user);
}

/** When a job was created, in milliseconds since 1970; NaN without a creation date. */
function createdMs({ createdOn }: Job): number {
  return createdOn?.getTime() ?? NaN;
}
