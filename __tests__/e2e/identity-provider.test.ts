import { describe, expect, it } from '@jest/globals';

import { leaks } from '../../dev/runner/runner.ts';
import type { GatewayResponse, GatewayRule } from '../../dev/simulator/gateway.ts';
import { html, json, standardError, text } from '../../dev/simulator/responses.ts';
import { defaultCredentials } from '../../dev/simulator/simulator.ts';
import { CLIENT, startIdentityProvider, type IdentityProviderOptions } from './identity-provider.ts';
import { addJobThatEndsAtPoll } from './lives.ts';
import { closedAfterTests, expectError, gatewayTo, runStep, simulate, TRANSIENT_ERROR } from './run-step.ts';

/** It lets everybody in: who may enter is decided by the gateways of these tests. */
const simulator = await simulate({ authentication: false });

const common = { token: '', 'import-results': 'false', 'min-interval-seconds': '0.3', 'max-interval-seconds': '0.3' };

const UNAUTHORIZED = standardError(401, 'unauthorized', 'The token is not valid.');

/** Runs a step with a token of a real identity provider, which a gateway checks. */
async function runWithProvider(options: IdentityProviderOptions, nthPoll: number, inputs = {}) {
  const provider = closedAfterTests(await startIdentityProvider(options));
  const rule: GatewayRule = ({ headers: { authorization = '' } }) =>
    provider.tokens.isValid(authorization.replace('Bearer ', '')) ? undefined : UNAUTHORIZED;
  const gateway = await gatewayTo(simulator, { rule });
  const credentials = { 'client-id': CLIENT.id, 'client-secret': CLIENT.secret, scope: 'jobs' };
  const given = { ...common, ...credentials, 'token-url': provider.tokenUrl, url: gateway.url };
  const run = await runStep(simulator, { ...given, 'job-id': addJobThatEndsAtPoll(simulator, nthPoll), ...inputs });
  return { run, provider, statuses: gateway.requests.map(({ status }) => status) };
}

describe('a real identity provider', () => {
  it.concurrent('issues one token for the whole wait', async () => {
    const { run, provider, statuses } = await runWithProvider({ lifetimeSeconds: 600 }, 5);
    expect(run.outputs.outcome).toBe('success');
    expect(statuses).toEqual(Array(5).fill(200));
    expect(provider.tokens.issued).toHaveLength(1);
    expect(leaks(run, [CLIENT.secret, ...provider.tokens.issued])).toEqual([]);
  });

  it.concurrent('renews tokens of 3 s before Collibra rejects one', async () => {
    const { run, provider, statuses } = await runWithProvider({ lifetimeSeconds: 3 }, 20);
    expect(run.outputs.outcome).toBe('success');
    expect(statuses).toEqual(Array(20).fill(200));
    expect(provider.tokens.issued.length).toBeGreaterThanOrEqual(3);
  });

  it.concurrent('may be down while its last token is valid', async () => {
    const { run, provider, statuses } = await runWithProvider({ lifetimeSeconds: 8, down: [1_000, 7_000] }, 35);
    expect(run.outputs.outcome).toBe('success');
    expect(statuses.filter((status) => status === 200)).toHaveLength(35);
    // The provider counts in whole seconds, so a token may expire before its 8 s are over: then it is renewed once.
    expect(statuses.length).toBeLessThanOrEqual(36);
    expect(provider.times.length).toBeGreaterThanOrEqual(3);
    expect(run.stdout).not.toMatch(TRANSIENT_ERROR);
  });

  it.concurrent('ends the step with its own words when it rejects the client', async () => {
    const ids = [5, 5].map((nth) => addJobThatEndsAtPoll(simulator, nth));
    const inputs = { 'client-secret': 'other', 'job-id': ids.join() };
    const { run, provider, statuses } = await runWithProvider({ lifetimeSeconds: 8 }, 5, inputs);
    expectError(
      run,
      /^The token endpoint .* issued no access token \(HTTP 401\)\. Server response: invalid_client\. client authentication failed.*Check client-id, client-secret, scope and token-url/,
    );
    expect(statuses).toEqual([]);
    expect(provider.times).toHaveLength(1);
    expect(run.durationMs).toBeLessThan(5000);
  });
});

const [[clientId, clientSecret] = ['', '']] = Object.entries(defaultCredentials.clients);
const client = { ...common, 'client-id': clientId, 'client-secret': clientSecret };

/** Runs a step against a simulator that checks tokens, behind a gateway that sees them. */
async function runBehind(rule: GatewayRule, nthPoll = 5) {
  const own = await simulate();
  const gateway = await gatewayTo(own, { rule });
  const run = await runStep(own, { ...client, url: gateway.url, 'job-id': addJobThatEndsAtPoll(own, nthPoll) });
  const statusesOf = (end: RegExp) => gateway.requests.filter(({ path }) => end.test(path)).map(({ status }) => status);
  return { run, tokenStatuses: statusesOf(/token$/), pollStatuses: statusesOf(/jobs\/[^/]+$/) };
}

describe('a token', () => {
  it.concurrent('may be unknown to Collibra for its first 0.5 s', async () => {
    let firstMs = Infinity;
    const { run, tokenStatuses, pollStatuses } = await runBehind(({ path, at }) => {
      if (path.endsWith('/token')) return undefined;
      firstMs = Math.min(firstMs, at);
      return at < firstMs + 500 ? UNAUTHORIZED : undefined;
    });
    expect(run.outputs.outcome).toBe('success');
    expect(pollStatuses).toEqual([401, ...Array<number>(5).fill(200)]);
    expect(tokenStatuses).toEqual([200]);
    expect(run.stdout).not.toMatch(TRANSIENT_ERROR);
  });

  it.concurrent('is renewed once when it had worked and is rejected with 403', async () => {
    const first: string[] = [];
    const { run, tokenStatuses, pollStatuses } = await runBehind(({ path, nth, headers: { authorization = '' } }) => {
      if (path.endsWith('/token')) return undefined;
      if (nth === 1) first.push(authorization);
      return nth >= 3 && first.includes(authorization) ? json(403, { message: 'jwt expired' }) : undefined;
    });
    expect(run.outputs.outcome).toBe('success');
    expect(pollStatuses).toEqual([200, 200, 403, 200, 200, 200]);
    expect(tokenStatuses).toEqual([200, 200]);
    expect(run.stdout).not.toMatch(TRANSIENT_ERROR);
  });
});

describe('a token endpoint', () => {
  /** Runs a step whose token endpoint is the gateway. */
  async function runWithTokens(respond: (nth: number) => ReturnType<GatewayRule>) {
    const rule: GatewayRule = ({ path, nth }) => (path === '/token' ? respond(nth) : undefined);
    const gateway = await gatewayTo(simulator, { rule });
    const id = addJobThatEndsAtPoll(simulator, 3);
    const inputs = { ...client, url: gateway.url, 'token-url': `${gateway.url}/token`, 'job-id': id };
    const run = await runStep(simulator, { ...inputs, 'max-outage-minutes': '0.1' });
    const tokenRequests = gateway.requests.filter(({ path }) => path === '/token').length;
    const sent = gateway.requests.filter(({ path }) => path !== '/token').map(({ headers }) => headers.authorization);
    return { run, tokenRequests, sent };
  }

  const token = json(200, { access_token: 'an-access-token', token_type: 'Bearer', expires_in: 600 });

  it.concurrent.each<[name: string, response: GatewayResponse | 'reset']>([
    ['a 503', text(503, 'no healthy upstream')],
    ['a login page', html(200, 'Welcome')],
    ['a reset connection', 'reset'],
    ['a response without a token', json(200, { token_type: 'Bearer' })],
    ['a 403 page', html(403, 'Blocked')],
    ['a 404', text(404, 'default backend - 404')],
    ['a 401 page', html(401, 'Sign in')],
    ['a redirect', { status: 302, headers: { location: '/maintenance' } }],
    ['temporarily_unavailable', json(400, { error: 'temporarily_unavailable' })],
    ['slow_down', json(400, { error: 'slow_down' })],
  ])('is asked again after %s, also twice', async (_, response) => {
    const { run, tokenRequests } = await runWithTokens((nth) => (nth <= 2 ? response : token));
    expect(run.outputs.outcome).toBe('success');
    expect(tokenRequests).toBe(3);
  });

  it.concurrent('ends the step with its own words when they last', async () => {
    const { run, tokenRequests } = await runWithTokens(() => html(401, 'Sign in to the portal'));
    expectError(run, /× HTTP 401 from the token endpoint.*Sign in to the portal/);
    expect(tokenRequests).toBeGreaterThan(2);
  });

  // auth.test.ts has the other tokens.
  it.concurrent.each<[name: string, response: Record<string, unknown>]>([
    ['characters that RFC 6750 does not list', { access_token: 'a|b:c!d{e}"f\'', token_type: 'Bearer' }],
    ['odd fields', { access_token: 'abcdefgh', token_type: '', expires_in: { seconds: 5 } }],
  ])('may send a token with %s', async (_, response) => {
    const { run, tokenRequests, sent } = await runWithTokens(() => json(200, response));
    expect(run.outputs.outcome).toBe('success');
    expect(tokenRequests).toBe(1);
    expect(new Set(sent)).toEqual(new Set([`Bearer ${String(response['access_token'])}`]));
  });

  it.concurrent('ends the step at once with a token that no header can contain', async () => {
    const { run, tokenRequests, sent } = await runWithTokens(() => json(200, { access_token: 'line\nbreak' }));
    expectError(run, /^The token endpoint .* returned a token that cannot be sent in a header.*Check token-url/);
    expect([tokenRequests, sent]).toEqual([1, []]);
  });
});
