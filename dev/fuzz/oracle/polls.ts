import type { Life } from '../scenario.ts';
import type { Chronicle, Exchange } from '../environment/trace.ts';
import { meaningOf, NO_ANSWER, type Meaning } from './classification.ts';

/** One look at a job (or for one): all requests that it took, and what came of it. */
export interface Look {
  readonly exchanges: readonly Exchange[];
  readonly endMs: number;
  readonly endOrder: number;
  /** What the watcher was told; undefined where the look ended the wait without another word. */
  readonly mark: 'look' | 'done' | 'trouble' | undefined;
}

/** More requests than this are never under way, so with more jobs some must wait for their turn. */
export const MOST_AT_ONCE = 8;

/** Whether every look begins with its first request: no token to wait for, no turn to wait for. */
export function isSimple(life: Life): boolean {
  return jobsOf(life) <= MOST_AT_ONCE && !life.settings.credentials.startsWith('client');
}

function jobsOf({ settings: { target } }: Life): number {
  return target.by === 'name' ? 1 : new Set(target.order).size;
}

/** How long the last looks may take: those of many jobs wait for one another's turns. */
export function lastLookMs(life: Life): number {
  return 10_000 * Math.ceil(jobsOf(life) / MOST_AT_ONCE);
}

/** How much later than meant things may happen: every timer may be late, and one follows from another. */
export function slackOf(life: Life): number {
  return 1 + 3 * life.lateMs;
}

/**
 * The looks of one who looks, in their order.
 * @param who as in the marks
 * @param mine which requests are made by these looks
 */
export function looksOf(chronicle: Chronicle, who: string, mine: (one: Exchange) => boolean): Look[] {
  const exchanges = chronicle.exchanges.filter(mine);
  const marks = chronicle.marks.filter((mark) => mark.who === who);
  const looks: Look[] = [];
  let next = 0;
  for (const { kind, order, atMs } of marks) {
    const first = next;
    while (Number(exchanges[next]?.order) < order) next++;
    // Without a token there was a look that sent nothing; all else ends with the last look, or in a pause.
    const last = looks.at(-1);
    const isTokenless =
      kind === 'end' && last?.mark !== 'done' && last?.endMs !== atMs && tokensAt(chronicle, atMs).length > 0;
    if (kind !== 'end' || next > first || isTokenless) {
      const own = exchanges.slice(first, next);
      looks.push({ exchanges: own, endMs: atMs, endOrder: order, mark: kind === 'end' ? undefined : kind });
    }
  }
  return looks;
}

/** When the run is told to stop; nothing that ends then has to have a reason of its own. */
export interface Stops {
  readonly atMs: readonly number[];
  readonly slackMs: number;
}

export function isStopped({ atMs, slackMs }: Stops, ms: number): boolean {
  return atMs.some((stopMs) => ms >= stopMs && ms <= stopMs + slackMs);
}

/** What a look as a whole means. */
export function meaningOfLook(look: Look, life: Life, chronicle: Chronicle, stops: Stops): Meaning {
  const last = look.exchanges.at(-1);
  if (last) {
    if (last.end === 'given up' && isStopped(stops, last.endMs)) return { kind: 'stopped' };
    const meaning = meaningOf(last);
    const isRenewable =
      meaning.kind === 'permanent' &&
      life.settings.credentials.startsWith('client') &&
      !isSecondRefusal(look);
    const isHalf = meaning.kind === 'unknown' && last.api === 'jobs-v1' && asksBoth(life, chronicle, last);
    if (!isRenewable && !isHalf)
      return isSecondOpinion(life, chronicle, last) ? { kind: 'unknown' } : meaning;
  }
  // The next request of the look was not sent: there was no token for it, no turn, or no time left.
  const token = tokensAt(chronicle, look.endMs).find(({ endMs }) => endMs - look.endMs < 1);
  if (token?.end === 'arrived' && token.served.kind !== 'token') return meaningOfToken(token);
  if (isStopped(stops, look.endMs)) return { kind: 'stopped' };
  const isInTime = look.endMs < life.settings.timeoutMs - 1;
  return isInTime && isSimple(life) ? { kind: 'incomplete' } : NO_ANSWER;
}

/** Requests for a token that are under way at a time, or have just ended. */
function tokensAt(chronicle: Chronicle, ms: number): Exchange[] {
  return chronicle.exchanges.filter(
    ({ endpoint, atMs, endMs }) => endpoint === 'token' && atMs <= ms && endMs > ms - 1,
  );
}

/** Without a token there is nothing to be asked: an answer that is final here is final for all. */
function meaningOfToken(token: Exchange): Meaning {
  const meaning = meaningOf(token);
  const fault = token.served.kind === 'fault' ? token.served.fault : undefined;
  const isFinal = fault?.kind === 'status' && fault.status < 500 && meaning.kind !== 'transient';
  if (isFinal) return { kind: 'permanent' };
  // It is a job that may be too fresh for an answer other than 500, not a token.
  return meaning.kind === 'transient' ? { ...meaning, is500: false } : meaning;
}

function isSecondRefusal({ exchanges }: Look): boolean {
  const [first, second] = exchanges.slice(-2);
  return first !== undefined && first.api === second?.api && meaningOf(first).kind === 'permanent';
}

/** Whether an answer that would be final is that of the API which was only asked because the first knows no such job. */
function isSecondOpinion(life: Life, chronicle: Chronicle, last: Exchange): boolean {
  const { served, api, endOrder } = last;
  if (api !== 'core-2.0' || served.kind !== 'fault' || served.fault.kind !== 'status') return false;
  if (!asksBoth(life, chronicle, last)) return false;
  // Credentials that the first API has taken are not refused by the second.
  const isTaken = chronicle.exchanges.some(
    (one) =>
      one.api === 'jobs-v1' && one.served.kind === 'job' && one.end === 'arrived' && one.endOrder < endOrder,
  );
  const { kind } = meaningOf(last);
  return kind === 'final' || (kind === 'permanent' && isTaken);
}

/** Whether the other API is still to be asked: until one of them has given a good answer. */
function asksBoth(life: Life, chronicle: Chronicle, { job, order, endpoint }: Exchange): boolean {
  const isGood = (one: Exchange) =>
    one.job === job && one.served.kind === 'job' && one.end === 'arrived' && one.endOrder < order;
  return (
    endpoint === 'job' && life.settings.jobApi === 'auto' && !chronicle.exchanges.some((one) => isGood(one))
  );
}
