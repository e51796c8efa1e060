import { baseUrlOf, tokenUrlOf } from '../environment/inputs.ts';
import type { Exchange } from '../environment/trace.ts';
import { isFailedToken, isRateLimited, isShared, notBeforeMs } from './classification.ts';
import { MAX_FINAL_REQUEST_MS, MAX_IN_FLIGHT, ROUNDING_MS, type Run } from './run.ts';

/** A token with a shorter lifetime may have expired before it arrives, or while a request waits in the queue. */
const MIN_LIFETIME_MS = 120_000;

/** Checks the requests of a run, whatever they were for. */
export function checkRequests(run: Run): void {
  const { check } = run;
  const { exchanges } = run.trace;
  for (const one of exchanges) checkCredentials(run, one);
  for (const one of run.exchanges) checkTimes(run, one);
  checkRateLimits(run);
  const most = mostInFlight(exchanges);
  check(most <= MAX_IN_FLIGHT, `${most} requests at the same time`);
  const tokens = mostInFlight(exchanges.filter(({ endpoint }) => endpoint === 'token'));
  check(tokens <= 1, `${tokens} requests for a token at the same time`);
  const polls = exchanges.filter(({ endpoint }) => endpoint === 'job');
  for (const own of Map.groupBy(polls, ({ job }) => job).values()) checkApis(run, own);
}

function checkTimes({ check, settings: { timeoutMs }, stopsMs, slackMs, ...run }: Run, one: Exchange): void {
  const { endpoint, sentMs } = one;
  // The request for a token is shared by all: it may be left behind when the run ends.
  const endMs = one.end === 'pending' && endpoint === 'token' ? run.endMs : one.endMs;
  const times = `a request from ${sentMs} to ${endMs} ms (${endpoint})`;
  check(endMs - sentMs <= run.maxRequestMs(one) + slackMs, `${times} takes too long`);
  const isPoll = endpoint === 'job' || endpoint === 'find';
  const untilMs = sentMs < timeoutMs - ROUNDING_MS ? timeoutMs : sentMs + MAX_FINAL_REQUEST_MS;
  check(!isPoll || endMs <= untilMs + slackMs, `${times} is not over at ${untilMs} ms`);
  const stopMs = endpoint === 'token' ? Infinity : Math.min(...stopsMs);
  check(sentMs <= stopMs + slackMs, `${times}, although stopped at ${stopMs} ms`);
}

/** While a rate limit applies, nothing is sent to its server, unless later is too late: final polls and deletes. */
function checkRateLimits({ check, trace, settings: { timeoutMs } }: Run): void {
  for (const limit of trace.exchanges.filter(isRateLimited)) {
    const early = trace.exchanges.find(({ endpoint, order, sentMs, url }) => {
      const isPoll = (endpoint === 'job' && order < trace.endOrder) || endpoint === 'find';
      const isUrgent = endpoint === 'delete' || (isPoll && sentMs >= timeoutMs - ROUNDING_MS);
      const isSameServer = new URL(url).origin === new URL(limit.url).origin;
      return !isUrgent && isSameServer && order > limit.endOrder && sentMs < notBeforeMs(limit) - ROUNDING_MS;
    });
    check(early === undefined, `a request at ${early?.sentMs} ms, Retry-After was until ${notBeforeMs(limit)} ms`);
  }
}

function checkCredentials({ check, scenario, settings: { credentials }, ...run }: Run, one: Exchange): void {
  const { url, endpoint, authorization, order, sentMs, fault, reply } = one;
  const isToken = endpoint === 'token';
  const isOurs = isToken ? url === tokenUrlOf(scenario) : url.startsWith(`${baseUrlOf(scenario)}/rest/`);
  check(isOurs && endpoint !== 'unknown', `a request to ${url}`);
  // A token is reported, so that it can be masked, before it is used.
  const reportedOrder = run.trace.tokens.get(authorization.replace('Bearer ', '')) ?? Infinity;
  check(isToken || !run.needsToken || reportedOrder < order, `${authorization} used before it was reported`);
  check(credentials === 'basic' || authorization.startsWith('Bearer') !== isToken, `wrong credentials for ${url}`);
  if (fault || reply?.status !== 401) return;
  check(!isToken && run.needsToken, `credentials that are not written as they must be (${url})`);
  const { expiresIn, lifetimeMs, revokedMs } = run.server.token;
  const isKnown = (expiresIn === '$&' || expiresIn === '"$&"') && lifetimeMs >= MIN_LIFETIME_MS;
  // A request that waits for a rate limit keeps its token.
  const mayWait = !run.hasNoQueue || run.trace.exchanges.some(isRateLimited);
  const mayBeRejected = mayWait || revokedMs.some((ms) => ms <= sentMs);
  check(!isKnown || mayBeRejected, 'a token used after its end, although its lifetime was known');
}

function mostInFlight(exchanges: readonly Exchange[]): number {
  const changes = exchanges.flatMap(({ order, endOrder }) => [[order, 1] as const, [endOrder, -1] as const]);
  let now = 0;
  return changes.sort(([a], [b]) => a - b).reduce((most, [, by]) => Math.max(most, (now += by)), 0);
}

/** The API that gave a job is kept; before that, v1 comes first, and the other one where v1 fails for this job. */
function checkApis({ check, settings: { jobApi }, ...run }: Run, polls: readonly Exchange[]): void {
  const first = polls.find(({ content }) => content);
  for (const [n, { api, order }] of polls.entries()) {
    const kept = jobApi !== 'auto' ? jobApi : first && order > first.order ? first.api : undefined;
    check(kept === undefined || api === kept, `requested ${api}, not ${kept}`);
    if (kept !== undefined || api === 'jobs-v1') continue;
    const before = polls.slice(0, n).findLast((one) => one.api === 'jobs-v1');
    // Where no token arrived, the second API is the next attempt.
    const hadNoToken = run.needsToken && run.exchanges.some((one) => isFailedToken(one) && one.endOrder < order);
    const isFailed = hadNoToken || (before !== undefined && before.endOrder < order && !isShared(before));
    check(isFailed, 'requested core-2.0, although jobs-v1 did not fail before');
  }
}
