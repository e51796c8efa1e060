import type { Exchange, Notification } from '../environment/trace.ts';
import {
  isFailedToken,
  isNotServed,
  isRateLimited,
  isRejected,
  isShared,
  meaningOf,
  NO_RESPONSE,
  type Meaning,
} from './classification.ts';
import { isStopped, MAX_FINAL_REQUEST_MS, MAX_REJECTED_MS, ROUNDING_MS, type Run } from './run.ts';

/** One poll of a job, or of Find jobs, and what the observer was notified of then. */
export interface Poll extends Pick<Notification, 'kind' | 'delayMs'> {
  readonly exchanges: readonly Exchange[];
  readonly endMs: number;
  readonly meaning: Meaning;
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
    if (kind === 'end' && next === first && (isOver || !meaningWithoutToken(run, undefined, endMs))) continue;
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

/** What a poll as a whole means. Where a request that belongs to it was not sent, there was no token for it. */
function meaningOfPoll(run: Run, exchanges: readonly Exchange[], { kind, atMs }: Notification): Meaning {
  const last = exchanges.at(-1);
  if (last?.end === 'aborted' && isStopped(run, last.endMs)) return { kind: 'stopped' };
  // A search without a job needs all pages.
  const isPartial = kind !== 'poll' && run.report.jobs.length === 0 && last?.content?.['nextCursor'] !== undefined;
  const isWhole = last && !isPartial && !expectsAnother(run, last, atMs);
  const meaning = isWhole ? meaningOf(last) : meaningWithoutToken(run, last, atMs);
  if (meaning === undefined) return { kind: isStopped(run, atMs) ? 'stopped' : 'incomplete' };
  const isOfBoth = last && asksBoth(run, last) && (last.api === 'core-2.0' || (!isWhole && !isRejected(last)));
  return isOfBoth ? meaningOfBoth(run, exchanges, meaning, last.endOrder) : meaning;
}

/** Whether another request belongs to the poll: with a new token, or to the other API. */
function expectsAnother(run: Run, last: Exchange, atMs: number): boolean {
  // Later the call may no longer be repeated, or another job may have renewed the token without success.
  const isFirst = () => !run.exchanges.some((one) => isRejected(one) && one.endOrder < last.endOrder);
  const isSure = () => last.response?.status === 401 && last.endMs < MAX_REJECTED_MS && isFirst();
  const isFailedRenewal = (one: Exchange) => isFailedToken(one) && one.order > last.endOrder && one.endMs <= atMs;
  const isRepeated = () => atMs > last.endMs || isSure() || run.exchanges.some(isFailedRenewal);
  if (run.needsToken && isRejected(last) && isRepeated()) return true;
  return last.api === 'jobs-v1' && !last.content && !isShared(last) && asksBoth(run, last);
}

/** What it means if a poll failed because it got no token; undefined if that is not why. */
function meaningWithoutToken(run: Run, last: Exchange | undefined, atMs: number): Meaning | undefined {
  const token = run.exchanges.find((one) => isFailedToken(one) && one.sentMs <= atMs && Math.abs(one.endMs - atMs) < 1);
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
  if (meaning.kind === 'transient') return { ...meaning, status: undefined };
  return /"error":"[a-z_]+"/.test(token.response?.body ?? '') ? { kind: 'unauthorized' } : NO_RESPONSE;
}

/** Why the first API did not give the job: what it responded, or that there was no token for it. */
function meaningOfFirst(run: Run, poll: readonly Exchange[]): Meaning {
  const v1 = poll.findLast(({ api }) => api === 'jobs-v1');
  const { order: untilOrder } = poll.find(({ api }) => api === 'core-2.0') ?? { order: Infinity };
  const isBetween = ({ endOrder }: Exchange) => endOrder > (v1?.endOrder ?? 0) && endOrder < untilOrder;
  const token = run.exchanges.findLast((one) => isFailedToken(one) && isBetween(one));
  if (v1 && (!token || !isRejected(v1))) return meaningOf(v1);
  return token ? meaningOfToken(token) : { kind: 'incomplete' };
}

/** What it means that both APIs failed: the more hopeful error counts, but rejected credentials stop everything. */
function meaningOfBoth(run: Run, poll: readonly Exchange[], second: Meaning, endOrder: number): Meaning {
  if (second.kind === 'success') return second;
  const first = meaningOfFirst(run, poll);
  const both = [first, second];
  const hopeful = both.find((one) => one.kind === 'transient' && !isNotServed(one));
  if (hopeful) return hopeful;
  // Credentials that the first API has taken before are not rejected for all jobs.
  const isTaken = jobsBefore(run, endOrder).some(({ api }) => api === 'jobs-v1');
  if (!isTaken && both.some(({ kind }) => kind === 'unauthorized')) return { kind: 'unauthorized' };
  return both.some(isNotServed) ? { kind: 'not-found' } : first;
}

/** Whether the other API is still to be asked: until one of them has given the job. */
const asksBoth = (run: Run, { job, order, endpoint }: Exchange) =>
  endpoint === 'job' && run.settings.jobApi === 'auto' && !jobsBefore(run, order).some((one) => one.job === job);

/** The responses before a time in the order of things that gave a job. */
const jobsBefore = ({ exchanges }: Run, order: number): Exchange[] =>
  exchanges.filter(({ endpoint, content, endOrder }) => endpoint === 'job' && content && endOrder < order);
