import { dateAt } from '../environment/clock.ts';
import type { Exchange } from '../environment/trace.ts';
import { JOB_NAME, JOB_TYPE, USERS } from '../generators/jobs.ts';
import type { Poll } from './polls.ts';
import type { Run } from './run.ts';

/** This close to the edge of the lookback a job may count or not, because the server's clock is known only roughly. */
const EDGE_MS = 35_000;
/** A server's clock that is further behind is ignored: its jobs are then as old as it says. */
const MAX_BEHIND_MS = 600_000;
/** A job that may be the newest, but has no date: an error. And a result that needs another page. */
const UNDATED = 'a job without a date';
const UNDECIDED = 'the next page';

/** What Find jobs shows of a job. */
type Listed = Readonly<Partial<Record<string, string>>>;

/** Checks what the searches by name found. */
export function checkFound(run: Run, polls: readonly Poll[]): void {
  for (const [index, { meaning, exchanges }] of polls.entries()) {
    if (!isWhole(exchanges) || !/success|permanent/.test(meaning.kind)) continue;
    const possible = findable(run, exchanges);
    const last = index === polls.length - 1 ? run.report.jobs[0]?.id : undefined;
    const found = meaning.kind === 'permanent' ? UNDATED : last;
    run.check(possible.includes(found), `FALSE JOB: found ${found}, not ${possible.join(' or ')}`);
  }
}

/** Whether a poll failed because a job that may be the newest has no date. */
export function isUndated(run: Run, { exchanges, kind }: Poll): boolean {
  const isError = kind === 'transient error' || (kind === 'end' && run.report.jobs.length === 0);
  return isError && isWhole(exchanges) && findable(run, exchanges).includes(UNDATED);
}

/** Whether a poll got all of its pages: any other error than that of an old token ends it. */
const isWhole = (exchanges: readonly Exchange[]) => exchanges.at(-1)?.content !== undefined;

/** The IDs that a search may find on these pages; undefined: that it may find none. */
function findable({ settings: { target }, server: { skewMs } }: Run, pages: readonly Exchange[]) {
  if (target.by === 'id') return [];
  const isBehind = skewMs < -MAX_BEHIND_MS;
  const startMs = dateAt(isBehind ? 0 : skewMs);
  const oldestMs = startMs - target.lookbackMs;
  const newestMs = isBehind ? oldestMs + EDGE_MS : Math.min(startMs, oldestMs + EDGE_MS);
  // A field that is not shown is left to the filter of the server.
  const isMatch = ({ name, type = JOB_TYPE, user = USERS.wanted }: Listed) =>
    name === JOB_NAME && !(target.withType && type !== JOB_TYPE) && !(target.withUser && user !== USERS.wanted);
  return [oldestMs - EDGE_MS, oldestMs, newestMs].flatMap((edgeMs) => newestOn(pages, isMatch, edgeMs));
}

/** The newest jobs on some pages. Their order counts only where all dates agree with it. */
function newestOn(pages: readonly Exchange[], isMatch: (job: Listed) => boolean, edgeMs: number) {
  const listed = pages.flatMap(({ content }) => (content?.['results'] ?? []) as Listed[]);
  const dateOf = ({ createdOn }: Listed) => Date.parse(createdOn ?? '');
  const dates = listed.map(dateOf).filter((ms) => !Number.isNaN(ms));
  const isInOrder = dates.every((ms, n) => n === 0 || ms <= Number(dates[n - 1]));
  const matching = listed.filter(isMatch);
  const newestMs = Math.max(...matching.map(dateOf).filter((ms) => ms >= edgeMs));
  const newest = matching.filter((job) => dateOf(job) === newestMs);
  const end = isInOrder ? listed.findIndex((job) => job === newest[0] || dateOf(job) < edgeMs) : -1;
  const isShown = isInOrder && new Set(dates).size > 1;
  if (pages.at(-1)?.content?.['nextCursor'] !== undefined && !(isShown && end >= 0)) return [UNDECIDED];
  const mayBeNewer = (end < 0 ? listed : listed.slice(0, end)).filter(isMatch);
  if (mayBeNewer.some((job) => Number.isNaN(dateOf(job)))) return [UNDATED];
  return newest.length > 0 ? newest.map(({ id }) => id?.toLowerCase()) : [undefined];
}
