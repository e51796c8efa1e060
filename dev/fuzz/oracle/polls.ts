import { statusOf, type Exchange, type Notification } from '../environment/trace.ts';
import { isNotServed, meaningOf, type Meaning } from './classification.ts';
import { isStopped, ROUNDING_MS, type Run } from './run.ts';

/** One poll of a job, or of Find jobs. */
export interface Poll {
  readonly exchanges: readonly Exchange[];
  readonly endMs: number;
  readonly meaning: Meaning;
  /** What the observer was notified of then. */
  readonly kind: Notification['kind'];
  /** The delay that was announced to the observer; undefined where no poll follows. */
  readonly delayMs: number | undefined;
}

/** Divides the requests of one wait into its polls, by the notifications of the observer. */
export function pollsOf(run: Run, notified: readonly Notification[], exchanges: readonly Exchange[]): Poll[] {
  const polls: Poll[] = [];
  let next = 0;
  for (const one of notified) {
    const { kind, order, atMs: endMs, delayMs } = one;
    const first = next;
    while (Number(exchanges[next]?.order) < order) next++;
    // A wait ends with its last poll or in a delay; without a token there is a poll that sends no request of its own.
    const last = polls.at(-1);
    const isOver = last !== undefined && (last.delayMs === undefined || last.endMs === endMs);
    const hasNoToken = !isOver && tokenRequestsAt(run, endMs).length > 0;
    if (kind === 'end' && next === first && !hasNoToken) continue;
    const all = exchanges.slice(first, next);
    const before = all.slice(0, interruptedIn(run, all, one));
    if (before.length > 0) {
      const atMs = Math.max(run.settings.timeoutMs, Number(before.at(-1)?.endMs));
      polls.push({ exchanges: before, endMs: atMs, delayMs: 0, kind, meaning: { kind: 'interrupted' } });
    }
    const own = all.slice(before.length);
    polls.push({ exchanges: own, endMs, delayMs, kind, meaning: meaningOfPoll(run, own, one) });
  }
  return polls;
}

/** How many requests belong to a poll that the deadline interrupted, of which nobody is notified: the final one follows. */
function interruptedIn({ settings, slackMs }: Run, exchanges: readonly Exchange[], { atMs }: Notification): number {
  const [fromMs, toMs] = [settings.timeoutMs - ROUNDING_MS, settings.timeoutMs + slackMs];
  const last = exchanges.findLastIndex(({ end, endMs }) => end === 'aborted' && endMs >= fromMs && endMs <= toMs);
  // A request whose own time is over then is not interrupted: it is the last one, and at once an error.
  if (last >= 0) return last + 1 < exchanges.length || atMs > toMs ? last + 1 : 0;
  return atMs > toMs ? exchanges.filter(({ sentMs }) => sentMs < fromMs).length : 0;
}

/** What a poll as a whole means. */
function meaningOfPoll(run: Run, exchanges: readonly Exchange[], { kind, atMs }: Notification): Meaning {
  const last = exchanges.at(-1);
  if (last?.end === 'aborted' && isStopped(run, last.endMs)) return { kind: 'stopped' };
  if (last && !expectsAnother(run, last, exchanges.at(-2)) && !(kind !== 'poll' && isPartial(run, last))) {
    return leavesNotFound(run, last) ? { kind: 'not-found' } : meaningOf(last);
  }
  // The next request of the poll was not sent: there was no token for it.
  const isFailed = ({ end, content, endMs }: Exchange) => endMs - atMs < 1 && (end === 'aborted' || !content);
  const token = tokenRequestsAt(run, atMs).find(isFailed);
  if (token) return last && isTokenOfSecondApi(run, last, token) ? { kind: 'not-found' } : meaningOfToken(token);
  return isStopped(run, atMs) ? { kind: 'stopped' } : { kind: 'incomplete' };
}

/** Whether another request belongs to the poll: with a new token, or to the other API. */
function expectsAnother(run: Run, last: Exchange, before: Exchange | undefined): boolean {
  const isFirst = last.api !== before?.api || statusOf(before) !== 401;
  if (run.needsToken && isFirst && meaningOf(last).kind === 'unauthorized') return true;
  return last.api === 'jobs-v1' && isNotServed(last) && asksBoth(run, last);
}

/** Whether a search stopped at a page that is not the last one, without a job. */
const isPartial = ({ report }: Run, { content, end }: Exchange) =>
  end === 'arrived' && content?.['nextCursor'] !== undefined && report.jobs.length === 0;

/** Requests for a token that are under way at a time, or have just finished. */
const tokenRequestsAt = ({ exchanges }: Run, ms: number): Exchange[] =>
  exchanges.filter((one) => one.endpoint === 'token' && one.sentMs <= ms && one.endMs > ms - 1);

/** Without a token nothing can be requested: an error that is permanent here is permanent for all jobs. */
function meaningOfToken(token: Exchange): Meaning {
  const meaning = meaningOf(token);
  // Only a job may be too new for a response other than 500, not a token.
  if (meaning.kind === 'transient') return { ...meaning, is500: false };
  return statusOf(token) === undefined ? meaning : { kind: 'unauthorized' };
}

/** Whether this is the second API, only asked because the first knows no such job, so that its error changes nothing. */
function leavesNotFound(run: Run, last: Exchange): boolean {
  if (last.api !== 'core-2.0' || statusOf(last) === undefined || !asksBoth(run, last)) return false;
  const { kind } = meaningOf(last);
  return isNotServed(last) || kind === 'permanent' || (kind === 'unauthorized' && isTaken(run, last));
}

/** Whether a token was denied between the two APIs: then, too, the first one has the last word. */
function isTokenOfSecondApi(run: Run, last: Exchange, token: Exchange): boolean {
  const isBetween = last.endpoint === 'job' && (last.api === 'core-2.0' || isNotServed(last)) && asksBoth(run, last);
  return isBetween && meaningOfToken(token).kind === 'unauthorized' && isTaken(run, last);
}

/** Whether the first API has taken the credentials before, so that the second does not reject them for all jobs. */
const isTaken = ({ exchanges }: Run, { endOrder }: Exchange) =>
  exchanges.some((one) => one.api === 'jobs-v1' && hasJob(one, endOrder));

/** Whether the other API is still to be asked: until one of them has given the job. */
function asksBoth({ settings, exchanges }: Run, { job, order, endpoint }: Exchange): boolean {
  if (endpoint !== 'job' || settings.jobApi !== 'auto') return false;
  return !exchanges.some((one) => one.job === job && hasJob(one, order));
}

const hasJob = ({ endpoint, content, end, endOrder }: Exchange, beforeOrder: number) =>
  endpoint === 'job' && content !== undefined && end === 'arrived' && endOrder < beforeOrder;
