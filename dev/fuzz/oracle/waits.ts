import { idOf } from '../environment/inputs.ts';
import type { Exchange } from '../environment/trace.ts';
import { SEARCH } from '../execute.ts';
import { hasRetryAfter, isNotServed, isRateLimited, notBeforeMs } from './classification.ts';
import { pollsOf, type Poll } from './polls.ts';
import { checkRejections } from './requests.ts';
import { ROUNDING_MS, type Run } from './run.ts';
import { isUndated } from './search.ts';
import { WaitModel, type Allowed } from './wait-model.ts';

/** The search for a job by its name, and the waits for all jobs. */
export function waitsIn(run: Run): Wait[] {
  // The search for similar names at the end changes nothing.
  const isFind = ({ endpoint, url }: Exchange) => endpoint === 'find' && !url.includes('nameMatchMode=ANYWHERE');
  const searches = run.settings.target.by === 'name' ? [waitFor(run, SEARCH, 0, isFind)] : [];
  const sinceMs = searches[0]?.endMs ?? 0;
  const isAbout = (index: number) => (one: Exchange) => one.endpoint === 'job' && one.job === index;
  return [...searches, ...run.jobs.map((_, index) => waitFor(run, idOf(index), sinceMs, isAbout(index)))];
}

/** One wait as it went, for a job or for Find jobs to list it. */
export type Wait = ReturnType<typeof waitFor>;

function waitFor(run: Run, subject: string, sinceMs: number, isOwn: (one: Exchange) => boolean) {
  const notified = run.trace.notifications.filter((one) => one.subject === subject);
  const polls = pollsOf(run, notified, run.exchanges.filter(isOwn)).map((poll): Poll => {
    // An environment without Find jobs never has one.
    const isPermanent = poll.exchanges.slice(-1).some(isNotServed) || isUndated(run, poll);
    return subject === SEARCH && isPermanent ? { ...poll, meaning: { kind: 'permanent' } } : poll;
  });
  return { subject, sinceMs, polls, endMs: notified.findLast(({ kind }) => kind === 'end')?.atMs ?? NaN };
}

/** Checks the polls of a wait, and gives what the last one leaves for its end. */
export function follow(run: Run, { polls }: Wait): Pick<WaitModel, 'view'> & { allowed: Allowed } {
  const model = new WaitModel(run);
  let allowed: Allowed = { another: true, ends: [] };
  for (const [index, poll] of polls.entries()) {
    checkRejections(run, poll.exchanges);
    const next = polls[index + 1];
    allowed = model.after(poll);
    if (next === undefined) break;
    const { meaning, endMs, delayMs } = poll;
    const again = `another poll at ${next.endMs} ms, although`;
    run.check(allowed.another, `${again} ${meaning.kind} at ${endMs} ms ends the wait`);
    run.check(delayMs !== undefined, `${again} none was announced`);
    if (next.exchanges[0]) checkDelay(run, poll, next.exchanges[0].sentMs, model);
  }
  return { allowed, view: model.view };
}

/** Rejected credentials are not tried again soon: that could lock an account. */
const MIN_REJECTED_MS = 5_000;

function checkDelay(run: Run, before: Poll, nextMs: number, model: WaitModel): void {
  const { check, slackMs, pollsAtOnce, settings } = run;
  const { endMs, meaning, exchanges, delayMs: announcedMs } = before;
  const delayMs = nextMs - endMs;
  const minMs = Math.max(settings.minMs, meaning.kind === 'unauthorized' ? MIN_REJECTED_MS : 0);
  const maxMs = Math.max(settings.maxMs, minMs);
  // A poll that has to wait for its first request may have begun any time before.
  const isLimited = nextMs <= rateLimitedUntilMs(run, nextMs) + slackMs;
  const isExempt = model.isExempt(pollsAtOnce && !isLimited ? nextMs - slackMs : endMs, nextMs);
  check(isExempt || delayMs >= minMs - ROUNDING_MS, `a delay of ${delayMs} ms, shorter than ${minMs} ms`);
  const isTransient = meaning.kind === 'transient';
  const waitMs = (isTransient ? meaning.notBeforeMs : 0) - endMs;
  check(isExempt || delayMs >= waitMs - ROUNDING_MS, `a delay of ${delayMs} ms, Retry-After was ${waitMs} ms`);
  if (!pollsAtOnce) return;
  const isAsked = isTransient && exchanges.some(hasRetryAfter);
  check(isAsked || isLimited || delayMs <= maxMs + slackMs, `a delay of ${delayMs} ms, longer than ${maxMs} ms`);
  const longerMs = delayMs - Number(announcedMs);
  const isAnnounced = longerMs >= -slackMs && (isLimited || longerMs <= slackMs);
  check(isAnnounced, `a delay of ${delayMs} ms, announced as ${announcedMs} ms`);
}

/** A rate limit without Retry-After, and by how much any may be longer than asked for. */
const MAX_RATE_LIMIT_MS = 60_000;
const RATE_LIMIT_JITTER = 1.1;

/** Until when the rate limits that are known at a time may make requests wait. */
export function rateLimitedUntilMs({ exchanges }: Run, ms: number): number {
  const limits = exchanges.filter((one) => one.endMs <= ms && isRateLimited(one));
  const untilMs = limits.map((one) => {
    const askedMs = notBeforeMs(one) - one.sentMs + DATE_ROUNDING_MS;
    return one.endMs + RATE_LIMIT_JITTER * Math.max(askedMs, MAX_RATE_LIMIT_MS);
  });
  return Math.max(-Infinity, ...untilMs);
}

/** A Retry-After that is a date has whole seconds, as has the Date header; and it counts from when the response came. */
const DATE_ROUNDING_MS = 2_000;
