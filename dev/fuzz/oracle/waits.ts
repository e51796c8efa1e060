import type { Exchange, Trace } from '../environment/trace.ts';
import { SEARCH } from '../execute.ts';
import type { Scenario } from '../scenario.ts';
import { hasRetryAfter, type Meaning } from './classification.ts';
import { pollsAtOnce, ROUNDING_MS, slackOf, type Stops } from './limits.ts';
import { meaningOfPoll, pollsOf, type Poll } from './polls.ts';
import { WaitModel, type Allowed } from './wait-model.ts';
import type { View } from './verdict.ts';

/** One wait as it went, for a job or for Find jobs to list it. */
export interface Wait {
  readonly subject: string;
  readonly sinceMs: number;
  readonly polls: readonly (Poll & { readonly meaning: Meaning })[];
  readonly endMs: number;
}

/** The wait for a subject. */
export function waitFor(
  scenario: Scenario,
  trace: Trace,
  stops: Stops,
  { subject, sinceMs, isOwn }: Pick<Wait, 'subject' | 'sinceMs'> & { isOwn: (one: Exchange) => boolean },
): Wait {
  const polls = pollsOf(trace, subject, isOwn).map((poll) => {
    const meaning = meaningOfPoll(poll, scenario, trace, stops);
    // The contract speaks of unknown jobs, not of an environment without Find jobs.
    const isUnspecified = subject === SEARCH && meaning.kind === 'not-found';
    return { ...poll, meaning: isUnspecified ? ({ kind: 'unspecified' } as const) : meaning };
  });
  const end = trace.notifications.findLast((one) => one.subject === subject && one.kind === 'end');
  return { subject, sinceMs, polls, endMs: end?.atMs ?? NaN };
}

/** What is wrong with the polls of a wait, and what the last one leaves for its end. */
export interface FollowedWait {
  readonly violations: readonly string[];
  readonly allowed: Allowed;
  readonly view: View | undefined;
}

export function follow(scenario: Scenario, { polls, sinceMs }: Wait): FollowedWait {
  const model = new WaitModel(scenario, sinceMs);
  const violations: string[] = [];
  let allowed: Allowed = { another: true, ends: [] };
  for (const [index, poll] of polls.entries()) {
    const next = polls[index + 1];
    allowed = model.after(poll, poll.meaning);
    if (next === undefined) break;
    if (!allowed.another) {
      violations.push(
        `another poll at ${next.endMs} ms, although ${poll.meaning.kind} at ${poll.endMs} ms ends the wait`,
      );
    }
    violations.push(...delayViolations(scenario, poll, next, model));
  }
  return { violations, allowed, view: model.view };
}

/** What is wrong with the delay between two polls. */
function delayViolations(
  scenario: Scenario,
  before: Wait['polls'][number],
  after: Poll,
  { exempt }: WaitModel,
): string[] {
  const nextMs = after.exchanges[0]?.sentMs;
  if (nextMs === undefined) return [];
  const { endMs, meaning, exchanges } = before;
  const slackMs = slackOf(scenario);
  const { minMs, maxMs } = scenario.settings;
  const delayMs = nextMs - endMs;
  // A poll that has to wait for its first request may have begun any time before.
  const mayBeginMs = pollsAtOnce(scenario) ? nextMs - slackMs : endMs;
  const isExempt = exempt.some(
    ({ earliestMs, latestMs }) =>
      nextMs >= earliestMs - ROUNDING_MS && mayBeginMs <= Math.max(latestMs, endMs),
  );
  const notBeforeMs = meaning.kind === 'transient' ? meaning.notBeforeMs : 0;
  const violations: string[] = [];
  if (!isExempt && delayMs < minMs - ROUNDING_MS) {
    violations.push(`a delay of ${delayMs} ms, shorter than ${minMs} ms`);
  }
  if (!isExempt && nextMs < notBeforeMs - ROUNDING_MS) {
    violations.push(`a poll at ${nextMs} ms, although Retry-After asked to wait until ${notBeforeMs} ms`);
  }
  // A poll that would leave less than the minimum before an exempt one is left out.
  const longestMs = Math.max(maxMs, notBeforeMs - endMs) + (isExempt ? minMs : 0) + slackMs;
  const isLateByServer = meaning.kind === 'transient' || meaning.kind === 'unspecified';
  if (pollsAtOnce(scenario) && delayMs > longestMs && !(isLateByServer && exchanges.some(hasRetryAfter))) {
    violations.push(`a delay of ${delayMs} ms, longer than ${maxMs} ms`);
  }
  return violations;
}
