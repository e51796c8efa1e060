import type { JobReport } from '../../../src/outcome.ts';
import { SEARCH } from '../execute.ts';
import { isNotServed, isRateLimited, isRejected, notBeforeMs } from './classification.ts';
import { pollsOf, type Poll } from './polls.ts';
import { ROUNDING_MS, type Run } from './run.ts';
import { isUndated } from './search.ts';
import { isUnfinished, rowOf, type Outcome, type View } from './verdict.ts';

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
  const [endpoint, job] = isSearch ? ['find', undefined] : ['job', subject];
  const own = run.exchanges.filter((one) => one.endpoint === endpoint && one.job === job);
  const polls = pollsOf(run, notified, own).map((poll): Poll => {
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
  const model = new WaitModel();
  for (const [index, poll] of polls.entries()) {
    const rejections = poll.exchanges.filter(isRejected).length;
    run.check(rejections <= MAX_REJECTIONS, `credentials rejected ${rejections} times in one poll`);
    model.add(run, poll);
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
  const mayBeginMs = pollsAtOnce && !isLimited ? nextMs - slackMs : endMs;
  const isExempt = model.isExempt(settings.timeoutMs, endMs, mayBeginMs, nextMs);
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

/** How long a new job may be missing, errors of one that was seen may persist, and a COMPLETED one may lack a result. */
const GRACE_MS = 15_000;

/** What may follow a poll: another one, or the end with one of these outcomes. `verdict`: as the table says. */
type Allowed = Readonly<{ another: boolean; ends: readonly (Outcome | 'verdict')[] }>;

const ANOTHER: Allowed = { another: true, ends: [] };
const end = (...ends: Allowed['ends']): Allowed => ({ another: false, ends });

/** Whether a poll began when the time was up: it did, it did not, or that can't be seen from outside. */
function mayBeFinal({ settings, pollsAtOnce, slackMs }: Run, { exchanges, endMs }: Poll): readonly boolean[] {
  const firstMs = Number(exchanges[0]?.sentMs);
  if (Math.min(endMs, pollsAtOnce ? firstMs : Infinity) < settings.timeoutMs - ROUNDING_MS) return [false];
  return Math.max(endMs, firstMs || 0) > settings.timeoutMs + slackMs ? [true] : [true, false];
}

/** Follows a wait poll by poll, and knows by the contract what each of them must lead to. */
class WaitModel {
  /** The last view of the job, and what may follow the last poll. */
  view: View | undefined;
  allowed = ANOTHER;
  #hasSucceeded = false;
  /** When the first of consecutive errors came, the first of them that is not transient, and how long they are retried. */
  #failingSinceMs: number | undefined;
  #permanentSinceMs: number | undefined;
  #retryUntilMs = NaN;
  #noResultSinceMs: number | undefined;

  add(run: Run, poll: Poll): void {
    const each = mayBeFinal(run, poll).map((isFinal) => this.#allowedAfter(poll, isFinal, run.settings.outageMs));
    this.allowed = { another: each.some(({ another }) => another), ends: each.flatMap(({ ends }) => ends) };
  }

  /** Whether the interval need not hold after a poll: at the deadline, and where a grace period or budget ends. */
  isExempt(timeoutMs: number, endMs: number, mayBeginMs: number, sentMs: number): boolean {
    const ends = [timeoutMs, Number(this.#noResultSinceMs) + GRACE_MS, this.#retryUntilMs];
    return ends.some((ms) => sentMs >= ms - ROUNDING_MS && mayBeginMs <= Math.max(ms, endMs));
  }

  #allowedAfter(poll: Poll, isFinal: boolean, outageMs: number): Allowed {
    const { meaning } = poll;
    if (meaning.kind === 'success') return this.#afterSuccess(poll, meaning.view, isFinal);
    if (meaning.kind === 'interrupted') return ANOTHER;
    if (meaning.kind === 'incomplete') return end();
    return meaning.kind === 'stopped' ? end('cancelled', 'error') : this.#afterError(poll, isFinal, outageMs);
  }

  #afterSuccess({ endMs }: Poll, view: View | undefined, isFinal: boolean): Allowed {
    this.#hasSucceeded = true;
    this.#failingSinceMs = this.#permanentSinceMs = undefined;
    this.#retryUntilMs = NaN;
    this.view = view;
    const row = view && rowOf(view);
    if (row !== 'no result') this.#noResultSinceMs = undefined;
    if (!view || isUnfinished(view)) return isFinal ? end('timeout') : ANOTHER;
    if (row !== 'no result') return end('verdict');
    this.#noResultSinceMs ??= endMs;
    return isFinal || endMs >= this.#noResultSinceMs + GRACE_MS - ROUNDING_MS ? end('verdict') : ANOTHER;
  }

  /** Errors are retried until a time that counts from the first failed response. */
  #afterError({ meaning, endMs }: Poll, isFinal: boolean, outageMs: number): Allowed {
    const isTransient = meaning.kind === 'transient';
    this.#failingSinceMs ??= endMs;
    if (!isTransient) this.#permanentSinceMs ??= endMs;
    const mayBeNew = meaning.kind === 'not-found' || (isTransient && meaning.status === 500);
    const hasGrace = this.#hasSucceeded ? !isTransient : mayBeNew;
    const graceSinceMs = this.#hasSucceeded ? this.#permanentSinceMs : this.#failingSinceMs;
    const graceEndMs = hasGrace ? Number(graceSinceMs) + GRACE_MS : -Infinity;
    const outageEndMs = isTransient ? this.#failingSinceMs + outageMs : -Infinity;
    this.#retryUntilMs = Math.max(graceEndMs, outageEndMs);
    const mayGoOn = endMs < this.#retryUntilMs + ROUNDING_MS;
    const ends: Outcome[] = endMs >= this.#retryUntilMs - ROUNDING_MS ? ['error'] : [];
    if (isFinal && mayGoOn) ends.push(this.#hasSucceeded ? 'timeout' : 'error');
    return { another: mayGoOn && !isFinal, ends };
  }
}
