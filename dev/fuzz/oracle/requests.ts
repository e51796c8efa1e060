import { baseUrlOf, tokenUrlOf } from '../environment/inputs.ts';
import { statusOf, type Exchange, type Trace } from '../environment/trace.ts';
import type { Scenario } from '../generators/scenarios.ts';
import { isNotServed } from './classification.ts';
import { finalPollMs, jobsIn, MAX_IN_FLIGHT, ROUNDING_MS, slackOf, type Check } from './limits.ts';

/** The longest that one request may take. */
const MAX_REQUEST_MS = 30_000;

/** A token with a shorter lifetime may have expired before it arrives, or while a request waits in the queue. */
const MIN_LIFETIME_MS = 120_000;

/** Checks the requests of a run, whatever they were for. */
export function checkRequests(check: Check, scenario: Scenario, trace: Trace, stopMs: number): void {
  const { exchanges, endMs } = trace;
  for (const one of exchanges) {
    // The request for a token is shared by all: it may be left behind when the run ends.
    const isLeft = one.end === 'pending' && one.endpoint === 'token';
    checkTimes(check, isLeft ? { ...one, endMs } : one, scenario, stopMs);
    checkCredentials(check, one, scenario);
  }
  const most = mostInFlight(exchanges);
  check(most <= MAX_IN_FLIGHT, `${most} requests at the same time`);
  const tokens = mostInFlight(exchanges.filter(({ endpoint }) => endpoint === 'token'));
  check(tokens <= 1, `${tokens} requests for a token at the same time`);
  for (const index of scenario.jobs.keys()) {
    const polls = exchanges.filter(({ endpoint, job }) => endpoint === 'job' && job === index);
    checkApis(check, scenario.settings.jobApi, polls);
  }
}

function checkTimes(
  check: Check,
  { endpoint, sentMs, endMs }: Exchange,
  scenario: Scenario,
  stopMs: number,
): void {
  const { timeoutMs } = scenario.settings;
  const slackMs = slackOf(scenario);
  check(endMs - sentMs <= MAX_REQUEST_MS + slackMs, `a request of ${endMs - sentMs} ms (${endpoint})`);
  if (endpoint === 'job' || endpoint === 'find') {
    const untilMs = sentMs < timeoutMs - ROUNDING_MS ? timeoutMs : sentMs + finalPollMs(scenario);
    check(endMs <= untilMs + slackMs, `a request from ${sentMs} to ${endMs} ms, beyond ${untilMs} ms`);
  }
  const isShared = endpoint === 'delete' || endpoint === 'token';
  check(
    isShared || sentMs <= stopMs + slackMs,
    `a request at ${sentMs} ms, after the run was stopped at ${stopMs} ms (${endpoint})`,
  );
}

function checkCredentials(check: Check, one: Exchange, scenario: Scenario): void {
  const { url, endpoint, authorization, sentMs, fault } = one;
  const { credentials } = scenario.settings;
  const isToken = endpoint === 'token';
  const isOurs = isToken ? url === tokenUrlOf(scenario) : url.startsWith(`${baseUrlOf(scenario)}/rest/`);
  check(isOurs && endpoint !== 'unknown', `a request to ${url}`);
  const isRightKind = credentials === 'basic' || authorization.startsWith('Bearer') !== isToken;
  check(isRightKind, `the wrong kind of credentials for ${url}`);
  if (fault !== undefined || statusOf(one) !== 401) return;
  check(
    !isToken && credentials.startsWith('client'),
    `credentials that are not written as they must be (${url})`,
  );
  const { expiresIn, lifetimeMs, revokedMs } = scenario.server.token;
  const isKnown = (expiresIn === 'number' || expiresIn === 'text') && lifetimeMs >= MIN_LIFETIME_MS;
  const mayBeRejected = jobsIn(scenario) > MAX_IN_FLIGHT || revokedMs.some((ms) => ms <= sentMs);
  check(!isKnown || mayBeRejected, 'a token used after its end, although its lifetime was known');
}

function mostInFlight(exchanges: readonly Exchange[]): number {
  const begins = exchanges.map(({ order }) => ({ order, by: 1 }));
  const ends = exchanges.map(({ endOrder }) => ({ order: endOrder, by: -1 }));
  let now = 0;
  return [...begins, ...ends]
    .sort((a, b) => a.order - b.order)
    .reduce((most, { by }) => Math.max(most, (now += by)), 0);
}

/** The API that gave a job is kept; before that, v1 comes first, and the other one only where v1 has no such job. */
function checkApis(check: Check, jobApi: Scenario['settings']['jobApi'], polls: readonly Exchange[]): void {
  const first = polls.find(({ content, end }) => content && end === 'arrived');
  for (const [n, { api, order }] of polls.entries()) {
    const kept = jobApi !== 'auto' ? jobApi : first && order > first.order ? first.api : undefined;
    check(kept === undefined || api === kept, `requested ${api}, not ${kept}`);
    if (kept !== undefined || api === 'jobs-v1') continue;
    const before = polls.slice(0, n).findLast((one) => one.api === 'jobs-v1');
    check(
      before !== undefined && isNotServed(before),
      'requested core-2.0, although jobs-v1 is served and has the job',
    );
  }
}
