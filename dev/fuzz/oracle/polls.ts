import { statusOf, type Exchange, type Notification } from '../environment/trace.ts';
import { isNotServed, meaningOf, NO_RESPONSE, type Meaning } from './classification.ts';
import { isStopped, type Run } from './run.ts';

/** One poll of a job, or of Find jobs. */
export interface Poll {
  readonly exchanges: readonly Exchange[];
  readonly endMs: number;
  readonly meaning: Meaning;
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
    const own = exchanges.slice(first, next);
    polls.push({ exchanges: own, endMs, delayMs, meaning: meaningOfPoll(run, own, one) });
  }
  return polls;
}

/** What a poll as a whole means. */
function meaningOfPoll(run: Run, exchanges: readonly Exchange[], { kind, atMs }: Notification): Meaning {
  const last = exchanges.at(-1);
  if (last?.end === 'aborted' && isStopped(run, last.endMs)) return { kind: 'stopped' };
  if (last && !expectsAnother(run, last, exchanges.at(-2)) && !(kind !== 'poll' && isPartial(run, last))) {
    return leavesNotFound(run, last) ? { kind: 'not-found' } : meaningOf(last);
  }
  // The next request of the poll was not sent: there was no token for it, no place in the queue, or no time left.
  const token = tokenRequestsAt(run, atMs).find(({ endMs }) => endMs - atMs < 1);
  if (token?.end === 'arrived' && token.content === undefined) return meaningOfToken(token);
  if (isStopped(run, atMs)) return { kind: 'stopped' };
  return run.pollsAtOnce && atMs < run.settings.timeoutMs - 1 ? { kind: 'incomplete' } : NO_RESPONSE;
}

/** Whether another request belongs to the poll: with a new token, or to the other API. */
function expectsAnother(run: Run, last: Exchange, before: Exchange | undefined): boolean {
  const isRenewable = run.settings.credentials.startsWith('client');
  const isFirst = last.api !== before?.api || statusOf(before) !== 401;
  if (isRenewable && isFirst && meaningOf(last).kind === 'unauthorized') return true;
  return last.api === 'jobs-v1' && isNotServed(last) && asksBoth(run, last);
}

/** Whether a search stopped at a page that is not the last one, without a job. */
function isPartial({ report }: Run, { content, end }: Exchange): boolean {
  return end === 'arrived' && content?.['nextCursor'] !== undefined && report.jobs.length === 0;
}

/** Requests for a token that are under way at a time, or have just finished. */
function tokenRequestsAt({ exchanges }: Run, ms: number): Exchange[] {
  return exchanges.filter((one) => one.endpoint === 'token' && one.sentMs <= ms && one.endMs > ms - 1);
}

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
  // Credentials that the first API has taken are not rejected by the second.
  const isTaken = run.exchanges.some((one) => one.api === 'jobs-v1' && hasJob(one, last.endOrder));
  return isNotServed(last) || kind === 'permanent' || (kind === 'unauthorized' && isTaken);
}

/** Whether the other API is still to be asked: until one of them has given the job. */
function asksBoth({ settings, exchanges }: Run, { job, order, endpoint }: Exchange): boolean {
  if (endpoint !== 'job' || settings.jobApi !== 'auto') return false;
  return !exchanges.some((one) => one.job === job && hasJob(one, order));
}

function hasJob({ endpoint, content, end, endOrder }: Exchange, beforeOrder: number): boolean {
  return endpoint === 'job' && content !== undefined && end === 'arrived' && endOrder < beforeOrder;
}
