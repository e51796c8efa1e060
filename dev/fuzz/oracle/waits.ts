import type { JobReport } from '../../../src/outcome.ts';
import type { Exchange } from '../environment/trace.ts';
import { SEARCH } from '../execute.ts';
import { isNotServed, isRateLimited, isRejected, notBeforeMs } from './classification.ts';
import { pollsOf, type Poll } from './polls.ts';
import { ROUNDING_MS, type Run } from './run.ts';
import { isUndated } from './search.ts';
import { WaitModel } from './wait-model.ts';

/** One wait as it went, for a job or for Find jobs to list it. */
export type Wait = ReturnType<typeof waitFor>;

/** The search for a job by its name, and the waits for all jobs. */
export function waitsIn(run: Run): Wait[] {
  const searches = run.settings.target.by === 'name' ? [waitFor(run, SEARCH, 0)] : [];
  return [...searches, ...run.report.jobs.map((job) => waitFor(run, job.id, searches[0]?.endMs ?? 0, job))];
}

/** @param report of the job; undefined for a search */
function waitFor(run: Run, subject: string, sinceMs: number, report?: JobReport) {
  const isSearch = report === undefined;
  const notified = run.trace.notifications.filter((one) => one.subject === subject);
  const isOwn = ({ endpoint, job }: Exchange) =>
    isSearch ? endpoint === 'find' : endpoint === 'job' && job === subject;
  const polls = pollsOf(run, notified, run.exchanges.filter(isOwn)).map((poll): Poll => {
    // An environment without Find jobs never has one.
    const isPermanent = isSearch && (isNotServed(poll.meaning) || isUndated(run, poll));
    return isPermanent ? { ...poll, meaning: { kind: 'permanent' } } : poll;
  });
  return { subject, report, sinceMs, polls, endMs: notified.findLast(({ kind }) => kind === 'end')?.atMs ?? NaN };
}

/** How often a poll may be rejected, by both APIs: a token may be new, is then renewed, and that one is new again. */
const MAX_REJECTIONS = 40;

/** Checks the polls of a wait, and gives what the last one leaves for its end. */
export function follow(run: Run, { polls }: Wait): WaitModel {
  const model = new WaitModel(run);
  for (const [index, poll] of polls.entries()) {
    const rejections = poll.exchanges.filter(isRejected).length;
    run.check(rejections <= MAX_REJECTIONS, `credentials rejected ${rejections} times in one poll`);
    model.add(poll);
    const next = polls[index + 1];
    if (next === undefined) break;
    const { meaning, endMs, delayMs } = poll;
    const again = `another poll at ${next.endMs} ms, although`;
    run.check(model.allowed.another, `${again} ${meaning.kind} at ${endMs} ms ends the wait`);
    run.check(delayMs !== undefined, `${again} none was announced`);
    if (next.exchanges[0]) checkDelay(run, poll, next.exchanges[0].sentMs, model);
  }
  return model;
}

/** Rejected credentials are not tried again soon: that could lock an account. */
const MIN_REJECTED_MS = 5_000;

function checkDelay(run: Run, before: Poll, nextMs: number, model: WaitModel): void {
  const { check, slackMs, pollsAtOnce, settings } = run;
  const { endMs, meaning, exchanges, delayMs: announcedMs } = before;
  const delayMs = nextMs - endMs;
  const rejectedMs = meaning.kind === 'unauthorized' ? MIN_REJECTED_MS : 0;
  const retryAfterMs = meaning.kind === 'transient' ? meaning.notBeforeMs - endMs : 0;
  const minMs = Math.max(settings.minMs, rejectedMs, retryAfterMs);
  // A poll that has to wait for its first request may have begun any time before.
  const isLimited = nextMs <= rateLimitedUntilMs(run, nextMs) + slackMs;
  const isExempt = model.isExempt(endMs, pollsAtOnce && !isLimited ? nextMs - slackMs : endMs, nextMs);
  check(isExempt || delayMs >= minMs - ROUNDING_MS, `a delay of ${delayMs} ms, shorter than ${minMs} ms`);
  if (!pollsAtOnce) return;
  const isAsked =
    meaning.kind === 'transient' && exchanges.some(({ response }) => response?.headers['retry-after'] !== undefined);
  const maxMs = Math.max(settings.maxMs, minMs);
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
