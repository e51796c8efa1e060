import type { RedactAndTruncate } from '../collibra/http/server-words.ts';
import { isUuid, type Job } from '../collibra/job.ts';
import { fits, isLike, type JobQuery } from '../job-query.ts';
import { count, duration, few, groupBy, oneLine } from '../text.ts';

/** Why a job does not match, the detail that shows it, and what to do if it is the right job. */
type Miss = readonly [why: string, detail: string | undefined, fix: string];

const OTHER_NAME = 'whose name';
const OLDER = 'older than the look-back';

/** How much of a name, type or user is quoted, in characters. */
const QUOTE_LENGTH = 40;

const NOTHING =
  'Collibra listed no job of this or a similar name. ' +
  'Check job-name and the permissions of the user, or increase timeout-minutes.';

/**
 * Says which jobs were seen, why they do not match, and what to do.
 * @param jobs may contain a job twice
 * @param oldestMs when the oldest job that may match was created, in milliseconds since 1970
 */
export function describeNearMisses(
  jobs: readonly Job[],
  query: JobQuery,
  oldestMs: number,
  redactAndTruncate: RedactAndTruncate,
): string {
  const different = [...new Map(jobs.map((job) => [job.id, job])).values()];
  const misses = different
    .filter(({ id, name = '' }) => isUuid(id) && isLike(name, query.name, 'anywhere'))
    .sort((a, b) => createdMs(b) - createdMs(a))
    .map((job) => missOf(job, query, oldestMs));
  if (misses.length === 0) return NOTHING;

  const quote = (text = '') => oneLine(redactAndTruncate(text, QUOTE_LENGTH));
  const groups = [...groupBy(misses, ([why]) => why)].sort(([, a], [, b]) => b.length - a.length);
  const others = groups.filter(([why]) => why.startsWith(OTHER_NAME));
  const named = groups.filter((group) => !others.includes(group));
  const total = named.flatMap(([, group]) => group).length;
  const ofThisName = named.map(([why, group]) => `${group.length} ${inWords(why, group, quote)}`).join(', ');
  const listed = others.map(([why, group]) => `${count(group.length, 'job')} ${inWords(why, group, quote)}`);
  if (total > 0) listed.unshift(`${count(total, 'job')} of this name: ${ofThisName}`);
  const fixes = [...named, ...others].flatMap(([, group]) => group.slice(0, 1).map(([, , fix]) => fix)).join(', or ');
  return `Collibra listed ${listed.join('; ')}. If your job is one of them, ${fixes}. Otherwise, increase timeout-minutes.`;
}

function missOf(job: Job, query: JobQuery, oldestMs: number): Miss {
  const { id, name = '', type, user } = job;
  if (!isLike(name, query.name, query.nameMatch))
    return name.length === query.name.length
      ? [`${OTHER_NAME} differs in case`, name, 'write job-name as Collibra does']
      : [`${OTHER_NAME} only contains job-name`, name, 'change job-name-match'];
  if (!fits(type, query.type)) return ['of another type', type, 'correct job-type'];
  if (!fits(user, query.user)) return ['started by another user', user, 'correct job-user'];
  const ageMs = oldestMs + query.lookbackMs - createdMs(job);
  return ageMs > query.lookbackMs
    ? [OLDER, `newest ${duration(ageMs)}`, 'increase lookback-minutes']
    : ['listed only when the time was up', id, 'run the step again'];
}

/** When a job was created, in milliseconds since 1970; 0 without a creation date. */
function createdMs({ createdOn }: Job): number {
  return createdOn?.getTime() ?? 0;
}

/** Says why some jobs do not match, with a few of the details that show it. */
function inWords(why: string, misses: readonly Miss[], quote: (text?: string) => string): string {
  const mark = why.startsWith(OTHER_NAME) ? '"' : '';
  const details = [...new Set(misses.map(([, detail]) => mark + quote(detail) + mark))];
  return `${why} (${few(why === OLDER ? details.slice(0, 1) : details)})`;
}
