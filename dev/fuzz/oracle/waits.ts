import { idOf } from '../environment/inputs.ts';
import type { Exchange } from '../environment/trace.ts';
import { SEARCH } from '../execute.ts';
import type { Scenario } from '../generators/scenarios.ts';
import { headerOf, isNotServed } from './classification.ts';
import { pollsAtOnce, ROUNDING_MS, slackOf, type Check, type Run } from './limits.ts';
import { pollsOf, type Poll } from './polls.ts';
import type { View } from './verdict.ts';
import { WaitModel, type Allowed } from './wait-model.ts';

/** One wait as it went, for a job or for Find jobs to list it. */
export interface Wait {
  readonly subject: string;
  readonly sinceMs: number;
  readonly polls: readonly Poll[];
  readonly endMs: number;
}

/** The search for a job by its name, and the waits for all jobs. */
export function waitsIn(run: Run): Wait[] {
  const { jobs, settings } = run.scenario;
  const isFind = ({ endpoint }: Exchange) => endpoint === 'find';
  const searches = settings.target.by === 'name' ? [waitFor(run, SEARCH, 0, isFind)] : [];
  const sinceMs = searches[0]?.endMs ?? 0;
  const isAbout = (index: number) => (one: Exchange) => one.endpoint === 'job' && one.job === index;
  return [...searches, ...jobs.map((_, index) => waitFor(run, idOf(index), sinceMs, isAbout(index)))];
}

function waitFor(run: Run, subject: string, sinceMs: number, isOwn: (one: Exchange) => boolean): Wait {
  const told = run.trace.notifications.filter((one) => one.subject === subject);
  const polls = pollsOf(run, told, run.trace.exchanges.filter(isOwn)).map((poll): Poll => {
    // An environment without Find jobs never has one.
    const hasNoFind = subject === SEARCH && poll.exchanges.slice(-1).some(isNotServed);
    return hasNoFind ? { ...poll, meaning: { kind: 'permanent' } } : poll;
  });
  return { subject, sinceMs, polls, endMs: told.findLast(({ kind }) => kind === 'end')?.atMs ?? NaN };
}

/** Checks the polls of a wait, and gives what the last one leaves for its end. */
export function follow(
  check: Check,
  scenario: Scenario,
  { polls, sinceMs }: Wait,
): { readonly allowed: Allowed; readonly view: View | undefined } {
  const model = new WaitModel(scenario, sinceMs);
  let allowed: Allowed = { another: true, ends: [] };
  for (const [index, poll] of polls.entries()) {
    const next = polls[index + 1];
    allowed = model.after(poll);
    if (next === undefined) break;
    const { meaning, endMs } = poll;
    check(
      allowed.another,
      `another poll at ${next.endMs} ms, although ${meaning.kind} at ${endMs} ms ends the wait`,
    );
    checkDelay(check, scenario, poll, next, model);
  }
  return { allowed, view: model.view };
}

function checkDelay(check: Check, scenario: Scenario, before: Poll, after: Poll, model: WaitModel): void {
  const { endMs, meaning, exchanges, delayMs: toldMs } = before;
  check(toldMs !== undefined, `another poll at ${after.endMs} ms, although none was announced`);
  const nextMs = after.exchanges[0]?.sentMs;
  if (nextMs === undefined) return;
  const slackMs = slackOf(scenario);
  const { minMs, maxMs } = scenario.settings;
  const isAtOnce = pollsAtOnce(scenario);
  const delayMs = nextMs - endMs;
  // A poll that has to wait for its first request may have begun any time before.
  const isExempt = model.isExempt(isAtOnce ? nextMs - slackMs : endMs, nextMs);
  const notBeforeMs = meaning.kind === 'transient' ? meaning.notBeforeMs : 0;
  check(isExempt || delayMs >= minMs - ROUNDING_MS, `a delay of ${delayMs} ms, shorter than ${minMs} ms`);
  check(
    isExempt || nextMs >= notBeforeMs - ROUNDING_MS,
    `a poll at ${nextMs} ms, although Retry-After asked to wait until ${notBeforeMs} ms`,
  );
  if (!isAtOnce) return;
  const isAsked =
    meaning.kind === 'transient' && exchanges.some((one) => headerOf(one, 'retry-after') !== '');
  check(isAsked || delayMs <= maxMs + slackMs, `a delay of ${delayMs} ms, longer than ${maxMs} ms`);
  check(Math.abs(delayMs - Number(toldMs)) <= slackMs, `a delay of ${delayMs} ms, announced as ${toldMs} ms`);
}
