import { statusOf, type Exchange, type Notification } from '../environment/trace.ts';
import {
  isNotServed,
  isRateLimited,
  isRejected,
  isShared,
  meaningOf,
  NO_RESPONSE,
  type Meaning,
} from './classification.ts';
import { isStopped, MAX_FINAL_REQUEST_MS, MAX_REJECTED_MS, ROUNDING_MS, type Run } from './run.ts';

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
    const hasNoToken =
      !isOver && (tokenRequestsAt(run, endMs).length > 0 || meaningWithoutToken(run, undefined, endMs));
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
  const early = exchanges.filter(({ sentMs }) => sentMs < fromMs);
  const isLimited = early.length < exchanges.length && early.slice(-1).some(isRateLimited);
  return atMs > toMs || isLimited ? early.length : 0;
}

/** What a poll as a whole means. */
function meaningOfPoll(run: Run, exchanges: readonly Exchange[], { kind, atMs }: Notification): Meaning {
  const last = exchanges.at(-1);
  if (last?.end === 'aborted' && isStopped(run, last.endMs)) return { kind: 'stopped' };
  if (last && !expectsAnother(run, last, atMs) && !(kind !== 'poll' && isPartial(run, last))) {
    const isSecond = last.api === 'core-2.0' && asksBoth(run, last);
    return isSecond ? meaningOfBoth(run, meaningOfFirst(run, exchanges), last, meaningOf(last)) : meaningOf(last);
  }
  // The next request of the poll was not sent: there was no token for it.
  const meaning = meaningWithoutToken(run, last, atMs);
  if (meaning) {
    const isSecond = last && asksBoth(run, last) && (last.api === 'core-2.0' || !isRejected(last));
    return isSecond ? meaningOfBoth(run, meaningOfFirst(run, exchanges), undefined, meaning) : meaning;
  }
  return isStopped(run, atMs) ? { kind: 'stopped' } : { kind: 'incomplete' };
}

/** Why the first API did not give the job: what it responded, or that there was no token for it. */
function meaningOfFirst(run: Run, poll: readonly Exchange[]): Meaning & { readonly response?: Exchange } {
  const response = poll.findLast(({ api }) => api === 'jobs-v1');
  const { order } = poll.find(({ api }) => api === 'core-2.0') ?? { order: Infinity };
  if (response && !isRejected(response)) return { ...meaningOf(response), response };
  const sinceOrder = response?.endOrder ?? 0;
  const isBetween = (one: Exchange) => one.endOrder > sinceOrder && one.endOrder < order;
  const token = run.exchanges.findLast((one) => one.endpoint === 'token' && !isGiven(one) && isBetween(one));
  if (token) return meaningOfToken(token);
  return response ? { ...meaningOf(response), response } : { kind: 'incomplete' };
}

/** Whether another request belongs to the poll: with a new token, or to the other API. */
function expectsAnother(run: Run, last: Exchange, atMs: number): boolean {
  // Later the call may no longer be repeated, or another job may have renewed the token without success.
  const isFirst = () => !run.exchanges.some((one) => isRejected(one) && one.endOrder < last.endOrder);
  const isSure = () => statusOf(last) === 401 && last.endMs < MAX_REJECTED_MS && isFirst();
  const isFailedRenewal = (one: Exchange) =>
    one.endpoint === 'token' && !isGiven(one) && one.order > last.endOrder && one.endMs <= atMs;
  const isRepeated = () => atMs > last.endMs || isSure() || run.exchanges.some(isFailedRenewal);
  if (run.needsToken && isRejected(last) && isRepeated()) return true;
  return last.api === 'jobs-v1' && !isGiven(last) && !isShared(last) && asksBoth(run, last);
}

/** Whether a search stopped at a page that is not the last one, without a job. */
const isPartial = ({ report }: Run, { content, end }: Exchange) =>
  end === 'arrived' && content?.['nextCursor'] !== undefined && report.jobs.length === 0;

/** Requests for a token that are under way at a time, or have just finished. */
const tokenRequestsAt = ({ exchanges }: Run, ms: number): Exchange[] =>
  exchanges.filter((one) => one.endpoint === 'token' && one.sentMs <= ms && one.endMs > ms - 1);

/** What it means if a poll failed because it got no token; undefined if that is not why. */
function meaningWithoutToken(run: Run, last: Exchange | undefined, atMs: number): Meaning | undefined {
  const isFailed = ({ end, content, endMs }: Exchange) => endMs - atMs < 1 && (end === 'aborted' || !content);
  const token = tokenRequestsAt(run, atMs).find(isFailed);
  if (token) return meaningOfToken(token);
  // A final poll waits only so long for a token, which may itself have to wait for a rate limit.
  const sinceMs = Math.max(run.settings.timeoutMs, last?.endMs ?? 0);
  return run.needsToken && atMs >= sinceMs + MAX_FINAL_REQUEST_MS - ROUNDING_MS ? NO_RESPONSE : undefined;
}

/** Without a token nothing can be requested: an OAuth error is permanent for all jobs, anything else is transient. */
function meaningOfToken(token: Exchange): Meaning {
  const meaning = meaningOf(token);
  if (isShared(token)) return meaning;
  // Only a job may be too new for a response other than 500, not a token.
  if (meaning.kind === 'transient') return { ...meaning, is500: false };
  const { reply } = token;
  const body = reply instanceof Object && 'body' in reply ? reply.body : '';
  return /"error":"[a-z_]+"/.test(body) ? { kind: 'unauthorized' } : NO_RESPONSE;
}

/** What it means that both APIs failed: the more hopeful error counts, but rejected credentials stop everything. */
function meaningOfBoth(
  run: Run,
  first: ReturnType<typeof meaningOfFirst>,
  core: Exchange | undefined,
  second: Meaning,
): Meaning {
  if (second.kind === 'success') return second;
  const v1 = first.response;
  const is501 = (one: Exchange | undefined) => one?.end === 'arrived' && statusOf(one) === 501;
  if (first.kind === 'transient' && !is501(v1)) return first;
  if (second.kind === 'transient' && !is501(core)) return second;
  const isAnyRejected = [first, second].some(({ kind }) => kind === 'unauthorized');
  if (isAnyRejected && !isTaken(run, (core ?? v1)?.endOrder ?? Infinity)) return { kind: 'unauthorized' };
  return [v1, core].some((one) => one && isNotServed(one)) ? { kind: 'not-found' } : first;
}

/** Whether the first API has taken the credentials before, so that no rejection is one for all jobs. */
const isTaken = ({ exchanges }: Run, endOrder: number) =>
  exchanges.some((one) => one.api === 'jobs-v1' && hasJob(one, endOrder));

/** Whether the other API is still to be asked: until one of them has given the job. */
function asksBoth({ settings, exchanges }: Run, { job, order, endpoint }: Exchange): boolean {
  if (endpoint !== 'job' || settings.jobApi !== 'auto') return false;
  return !exchanges.some((one) => one.job === job && hasJob(one, order));
}

/** Whether a response gave what was asked for. */
const isGiven = ({ content, end }: Exchange) => content !== undefined && end === 'arrived';
const hasJob = (one: Exchange, beforeOrder: number) =>
  one.endpoint === 'job' && isGiven(one) && one.endOrder < beforeOrder;
