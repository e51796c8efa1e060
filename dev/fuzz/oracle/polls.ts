import type { Exchange, Notification, Trace } from '../environment/trace.ts';
import type { Scenario } from '../scenario.ts';
import { meaningOf, NO_RESPONSE, type Meaning } from './classification.ts';
import { isStopped, pollsAtOnce, type Stops } from './limits.ts';

/** One poll of a job, or of Find jobs: all its requests, and what the observer was told. */
export interface Poll {
  readonly exchanges: readonly Exchange[];
  readonly endMs: number;
  /** Undefined where the poll ended the wait without another word. */
  readonly notified: Exclude<Notification['kind'], 'end'> | undefined;
}

/**
 * Divides the requests of one wait into its polls.
 * @param isOwn which requests belong to the wait
 */
export function pollsOf(trace: Trace, subject: string, isOwn: (one: Exchange) => boolean): Poll[] {
  const exchanges = trace.exchanges.filter(isOwn);
  const polls: Poll[] = [];
  let next = 0;
  for (const { kind, order, atMs } of trace.notifications.filter((one) => one.subject === subject)) {
    const first = next;
    while (Number(exchanges[next]?.order) < order) next++;
    // Without a token there is a poll that sends nothing; any other wait ends with its last poll, or in a delay.
    const last = polls.at(-1);
    const hasNoToken =
      kind === 'end' &&
      last?.notified !== 'done' &&
      last?.endMs !== atMs &&
      tokenRequestsAt(trace, atMs).length > 0;
    if (kind === 'end' && next === first && !hasNoToken) continue;
    const notified = kind === 'end' ? undefined : kind;
    polls.push({ exchanges: exchanges.slice(first, next), endMs: atMs, notified });
  }
  return polls;
}

/** What a poll as a whole means. */
export function meaningOfPoll(poll: Poll, scenario: Scenario, trace: Trace, stops: Stops): Meaning {
  const { exchanges, endMs } = poll;
  const last = exchanges.at(-1);
  if (last) {
    if (last.end === 'aborted' && isStopped(stops, last.endMs)) return { kind: 'stopped' };
    const meaning = meaningOf(last);
    const isRenewable =
      meaning.kind === 'unauthorized' &&
      scenario.settings.credentials.startsWith('client') &&
      !isSecondRejection(exchanges);
    const isHalf = meaning.kind === 'not-found' && last.api === 'jobs-v1' && asksBoth(scenario, trace, last);
    if (!isRenewable && !isHalf) {
      return isSecondOpinion(last, meaning, scenario, trace) ? { kind: 'not-found' } : meaning;
    }
  }
  // The next request of the poll was not sent: there was no token for it, no place in the queue, or no time left.
  const token = tokenRequestsAt(trace, endMs).find((one) => one.endMs - endMs < 1);
  if (token?.end === 'arrived' && token.content === undefined) return meaningOfToken(token);
  if (isStopped(stops, endMs)) return { kind: 'stopped' };
  const isInTime = endMs < scenario.settings.timeoutMs - 1;
  return isInTime && pollsAtOnce(scenario) ? { kind: 'incomplete' } : NO_RESPONSE;
}

/** Requests for a token that are under way at a time, or have just ended. */
function tokenRequestsAt({ exchanges }: Trace, ms: number): Exchange[] {
  return exchanges.filter(
    ({ endpoint, sentMs, endMs }) => endpoint === 'token' && sentMs <= ms && endMs > ms - 1,
  );
}

/** Without a token nothing can be requested: an error that is permanent here is permanent for all jobs. */
function meaningOfToken(token: Exchange): Meaning {
  const meaning = meaningOf(token);
  // Only a job may be too new for a response other than 500, not a token.
  if (meaning.kind === 'transient') return { ...meaning, is500: false };
  const { reply } = token;
  const isStatus = reply !== 'nothing' && !(reply instanceof Error) && reply.status < 500;
  return isStatus ? { kind: 'unauthorized' } : meaning;
}

function isSecondRejection(exchanges: readonly Exchange[]): boolean {
  const [first, second] = exchanges.slice(-2);
  return first !== undefined && first.api === second?.api && meaningOf(first).kind === 'unauthorized';
}

/** Whether an error that would be permanent is that of the API which is only asked because the first knows no such job. */
function isSecondOpinion(last: Exchange, { kind }: Meaning, scenario: Scenario, trace: Trace): boolean {
  if (last.api !== 'core-2.0' || last.reply instanceof Error) return false;
  if (!asksBoth(scenario, trace, last)) return false;
  // Credentials that the first API has taken are not rejected by the second.
  const isTaken = trace.exchanges.some((one) => one.api === 'jobs-v1' && hasJob(one, last.endOrder));
  return kind === 'permanent' || (kind === 'unauthorized' && isTaken);
}

/** Whether the other API is still to be asked: until one of them has given the job. */
function asksBoth({ settings }: Scenario, { exchanges }: Trace, { job, order, endpoint }: Exchange): boolean {
  if (endpoint !== 'job' || settings.jobApi !== 'auto') return false;
  return !exchanges.some((one) => one.job === job && hasJob(one, order));
}

function hasJob({ endpoint, content, end, endOrder }: Exchange, beforeOrder: number): boolean {
  return endpoint === 'job' && content !== undefined && end === 'arrived' && endOrder < beforeOrder;
}
