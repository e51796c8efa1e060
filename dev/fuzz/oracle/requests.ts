import { baseUrlOf, tokenUrlOf } from '../environment/inputs.ts';
import type { Exchange, Trace } from '../environment/trace.ts';
import type { Scenario } from '../scenario.ts';
import { finalPollMs, hasNoQueue, MAX_IN_FLIGHT, ROUNDING_MS, slackOf } from './limits.ts';

/** The longest that one request may take. */
const MAX_REQUEST_MS = 30_000;

/** A token with a shorter lifetime may have expired before it arrives, or while a request waits in the queue. */
const MIN_LIFETIME_MS = 120_000;

/** What is wrong with the requests of a run, whatever they were for. */
export function requestViolations(scenario: Scenario, trace: Trace, stopMs: number): string[] {
  return [
    ...trace.exchanges.flatMap((one) => [
      ...timeViolations(one, scenario, trace, stopMs),
      ...credentialViolations(one, scenario),
    ]),
    ...concurrencyViolations(trace),
    ...apiViolations(scenario, trace),
  ];
}

function timeViolations(one: Exchange, scenario: Scenario, trace: Trace, stopMs: number): string[] {
  const violations: string[] = [];
  const { endpoint, sentMs } = one;
  // The request for a token is shared by all: it may be left behind when the run ends.
  const endMs = one.end === 'pending' && endpoint === 'token' ? trace.endMs : one.endMs;
  const { timeoutMs } = scenario.settings;
  const slackMs = slackOf(scenario);
  if (endMs - sentMs > MAX_REQUEST_MS + slackMs) {
    violations.push(`a request of ${endMs - sentMs} ms (${endpoint})`);
  }
  if (endpoint === 'job' || endpoint === 'find') {
    const untilMs = sentMs < timeoutMs - ROUNDING_MS ? timeoutMs : sentMs + finalPollMs(scenario);
    if (endMs > untilMs + slackMs)
      violations.push(`a request from ${sentMs} to ${endMs} ms, beyond ${untilMs} ms`);
  }
  if (endpoint !== 'delete' && endpoint !== 'token' && sentMs > stopMs + slackMs) {
    violations.push(`a request at ${sentMs} ms, after the run was stopped at ${stopMs} ms (${endpoint})`);
  }
  return violations;
}

function credentialViolations(
  { url, endpoint, authorization, sentMs, ...one }: Exchange,
  scenario: Scenario,
) {
  const violations: string[] = [];
  const { credentials } = scenario.settings;
  const isOurs =
    endpoint === 'token' ? url === tokenUrlOf(scenario) : url.startsWith(`${baseUrlOf(scenario)}/rest/`);
  if (!isOurs || endpoint === 'unknown') violations.push(`a request to ${url}`);
  if (credentials !== 'basic' && authorization.startsWith('Bearer') === (endpoint === 'token')) {
    violations.push(`the wrong kind of credentials for ${url}`);
  }
  const isRejected =
    one.fault === undefined &&
    one.reply instanceof Object &&
    'status' in one.reply &&
    one.reply.status === 401;
  if (!isRejected) return violations;
  const { expiresIn, lifetimeMs, revokedMs } = scenario.server.token;
  const isKnownToExpire = (expiresIn === 'number' || expiresIn === 'text') && lifetimeMs >= MIN_LIFETIME_MS;
  if (!credentials.startsWith('client') || endpoint === 'token') {
    violations.push(`credentials that are not written as they must be (${endpoint})`);
  } else if (isKnownToExpire && hasNoQueue(scenario) && revokedMs.every((ms) => ms > sentMs)) {
    violations.push('a token used after its end, although its lifetime was known');
  }
  return violations;
}

function concurrencyViolations({ exchanges }: Trace): string[] {
  const most = mostInFlight(exchanges);
  const tokens = mostInFlight(exchanges.filter(({ endpoint }) => endpoint === 'token'));
  return [
    ...(most > MAX_IN_FLIGHT ? [`${most} requests at the same time`] : []),
    ...(tokens > 1 ? [`${tokens} requests for a token at the same time`] : []),
  ];
}

function mostInFlight(exchanges: readonly Exchange[]): number {
  const changes = exchanges
    .flatMap(({ order, endOrder }) => [
      { order, by: 1 },
      { order: endOrder, by: -1 },
    ])
    .sort((a, b) => a.order - b.order);
  let now = 0;
  return changes.reduce((most, { by }) => Math.max(most, (now += by)), 0);
}

/** The API that gave a job is kept; before that, v1 comes first, and the other one only where v1 has no such job. */
function apiViolations({ settings, jobs }: Scenario, { exchanges }: Trace): string[] {
  return jobs.flatMap((_, index) => {
    const own = exchanges.filter(({ endpoint, job }) => endpoint === 'job' && job === index);
    const kept = own.find(({ content, end }) => content && end === 'arrived');
    return own.flatMap((one, n) => {
      if (settings.jobApi !== 'auto') return one.api === settings.jobApi ? [] : [`requested ${one.api}`];
      if (kept && one.order > kept.order) {
        return one.api === kept.api ? [] : [`requested ${one.api}, not ${kept.api}`];
      }
      if (one.api === 'jobs-v1') return [];
      const before = own.slice(0, n).findLast(({ api }) => api === 'jobs-v1')?.reply;
      const isUnknown =
        before instanceof Object && 'status' in before && [404, 405, 410, 501].includes(before.status);
      return isUnknown ? [] : ['requested core-2.0, although jobs-v1 did not say that it has no such job'];
    });
  });
}
