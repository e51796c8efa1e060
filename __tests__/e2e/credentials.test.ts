import { setTimeout as sleep } from 'node:timers/promises';

import { describe, expect, it } from '@jest/globals';

import { leaks } from '../../dev/runner/runner.ts';
import { defaultCredentials, type Simulator } from '../../dev/simulator/simulator.ts';
import { addJobs, addJobThatEndsAtPoll, endsAfter, succeeded } from './lives.ts';
import { closedAfterTests, expectError, pollsOf, runStep, runStepFor, simulate, spanMs } from './run-step.ts';
import { connectProxy, makeCertificate, tlsFront } from './tls.ts';

const [[clientId, clientSecret] = ['', '']] = Object.entries(defaultCredentials.clients);
const client = { token: '', 'client-id': clientId, 'client-secret': clientSecret };
const tokenRequests = ({ requests }: Simulator) => requests.filter(({ path }) => path.endsWith('/token'));
const rejected = ({ requests }: Simulator) => requests.filter(({ status }) => status === 401);

/** Revokes every token as soon as there were so many polls. Throws an error when these do not come within 20 s. */
async function revokeAfter(simulator: Simulator, count: number): Promise<void> {
  const endMs = performance.now() + 20_000;
  while (pollsOf(simulator).length < count) {
    if (performance.now() > endMs) throw new Error(`There were fewer than ${count} polls.`);
    await sleep(10);
  }
  simulator.revokeTokens();
}

describe('a step with client credentials', () => {
  it.concurrent('requests one token for all jobs, whatever characters the credentials have', async () => {
    const simulator = await simulate();
    const inputs = { ...client, 'job-id': addJobs(simulator, 20, endsAfter(600)).join(), scope: 'jobs read' };
    const run = await runStep(simulator, inputs);
    expect(run.outputs.outcome).toBe('success');
    expect(tokenRequests(simulator).map(({ body }) => new URLSearchParams(body))).toEqual([
      new URLSearchParams({ grant_type: 'client_credentials', scope: 'jobs read' }),
    ]);
    expect(rejected(simulator)).toEqual([]);
    const secrets = [clientSecret, ...simulator.issuedTokens];
    expect(run.masks).toEqual(expect.arrayContaining(secrets));
    expect(leaks(run, secrets)).toEqual([]);
  });

  it.concurrent('renews a rejected token once for all jobs', async () => {
    const simulator = await simulate();
    const ids = Array.from({ length: 10 }, () => addJobThatEndsAtPoll(simulator, 10));
    const inputs = { ...client, 'job-id': ids.join(), 'max-interval-seconds': '0.5' };
    const [run] = await Promise.all([runStep(simulator, inputs), revokeAfter(simulator, 20)]);
    expect(run.outputs.outcome).toBe('success');
    expect(tokenRequests(simulator)).toHaveLength(2);
    expect(rejected(simulator).length).toBeGreaterThanOrEqual(1);
  });

  it.concurrent('ends when a new token is rejected as well', async () => {
    const simulator = await simulate();
    simulator.faults.push({ on: 'job', fault: { kind: 'status', status: 401 } });
    const run = await runStepFor(simulator, succeeded, client);
    expectError(run, /HTTP 401 .*Check client-id and client-secret/);
    expect(tokenRequests(simulator)).toHaveLength(2);
    // Each token is tried for 5 s, once per second: it may not be valid everywhere at once.
    expect(rejected(simulator).length).toBeLessThanOrEqual(14);
  });

  it.concurrent('sends the credentials to token-url alone', async () => {
    // The first simulator lets everybody in, because it does not know the tokens of the second one.
    const [simulator, idp] = [await simulate({ authentication: false }), await simulate()];
    const inputs = { ...client, 'token-url': `${idp.url}/rest/oauth/v2/token` };
    const run = await runStepFor(simulator, succeeded, inputs);
    expect(run.outputs.outcome).toBe('success');
    expect(idp.requests.map(({ method, path }) => [method, path])).toEqual([['POST', '/rest/oauth/v2/token']]);
    expect(tokenRequests(simulator)).toEqual([]);
    expect(idp.issuedTokens).toHaveLength(1);
    const sent = new Set(simulator.requests.map(({ headers }) => headers.authorization));
    expect(sent).toEqual(new Set([`Bearer ${idp.issuedTokens[0] ?? ''}`]));
  });
});

it.concurrent('a username and a password are sent unchanged, also outside of ASCII', async () => {
  const [username, password] = ['jürgen@acme.example', ' pass wörd: '];
  const simulator = await simulate({ users: { [username]: password } });
  const run = await runStepFor(simulator, succeeded, { token: '', username, password });
  expect(run.outputs.outcome).toBe('success');
});

it.concurrent.each<[when: string, polls: number, lastS: number, rejections: number]>([
  // Eight requests are in flight, and each job asks both APIs.
  ['from the first request on', 0, 0, 18],
  ['after a success for 15 s', 40, 15, 4 * 30],
])('the waits for all jobs end when credentials are rejected %s', async (_, polls, lastS, rejections) => {
  const simulator = await simulate();
  if (polls === 0) simulator.revokeTokens();
  const inputs = { 'job-id': addJobs(simulator, 30, endsAfter(60_000)).join() };
  const [run] = await Promise.all([runStep(simulator, inputs), revokeAfter(simulator, polls)]);
  expectError(run, /HTTP 401/);
  const requests = rejected(simulator);
  expect(spanMs(requests)).toBeGreaterThanOrEqual(lastS * 1000);
  expect(spanMs(requests)).toBeLessThan((lastS + 5) * 1000);
  expect(requests.length).toBeLessThanOrEqual(rejections);
  expect(run.annotations).toHaveLength(10);
  expect(run.annotations.at(-1)?.message).toMatch(/^21 more jobs are listed in the job summary/);
});

const HOST = 'collibra.acme.example';

describe('a proxy', () => {
  /** Runs a step through a proxy in front of a simulator; `PORT` in the variables stands for that of the proxy. */
  async function runBehindProxy(variables: Record<string, string>, proxyCredentials?: string) {
    const simulator = await simulate();
    const front = closedAfterTests(await tlsFront(simulator.url, HOST));
    const proxy = closedAfterTests(await connectProxy(front.port, proxyCredentials));
    const values = Object.entries(variables).map(([name, value]) => [name, value.replace('PORT', `${proxy.port}`)]);
    const inputs = { url: `https://${HOST}`, 'job-id': addJobThatEndsAtPoll(simulator, 4), 'max-outage-minutes': '0' };
    const env = { NODE_EXTRA_CA_CERTS: front.caFile, ...(Object.fromEntries(values) as Record<string, string>) };
    const run = await runStep(simulator, inputs, { env });
    return { run, proxy, simulator };
  }

  it.concurrent.each([
    ['its credentials', 'http://me:proxy-secret@127.0.0.1:PORT', 'me:proxy-secret'],
    ['no scheme in its variable', '127.0.0.1:PORT', undefined],
  ])('is used with %s, over one connection for all polls', async (_, https_proxy, credentials) => {
    const { run, proxy, simulator } = await runBehindProxy({ https_proxy }, credentials);
    expect(run.outputs.outcome).toBe('success');
    expect(pollsOf(simulator)).toHaveLength(4);
    expect(proxy.asked).toEqual([`${HOST}:443`]);
    expect(run.stderr).toBe('');
    expect(leaks(run, ['proxy-secret'])).toEqual([]);
  });

  it.concurrent('ends the step when it rejects its credentials', async () => {
    const variables = { HTTPS_PROXY: 'http://me:wrong-secret@127.0.0.1:PORT' };
    const { run, proxy } = await runBehindProxy(variables, 'me:proxy-secret');
    expectError(run, /The proxy rejected its credentials \(HTTP 407\)/);
    expect(proxy.asked).toHaveLength(1);
  });

  it.concurrent('is not used for hosts in no_proxy', async () => {
    const { run } = await runBehindProxy({ https_proxy: 'proxy.local:8080', no_proxy: 'acme.example' });
    expectError(run, /collibra\.acme\.example.*host name/);
  });
});

describe('NODE_TLS_REJECT_UNAUTHORIZED=0', () => {
  const OFF = { NODE_TLS_REJECT_UNAUTHORIZED: '0' };
  const NO_EFFECT = /^Warning: NODE_TLS_REJECT_UNAUTHORIZED=0 has no effect/m;
  const NOT_TRUSTED = /untrusted certificate .*NODE_EXTRA_CA_CERTS/;
  type InputsFor = (url: string) => Record<string, string>;
  const direct: InputsFor = (url) => ({ url });
  const proxied: InputsFor = () => ({ url: `https://${HOST}` });
  const withClient: InputsFor = (url) => ({ ...client, 'token-url': `${url}/rest/oauth/v2/token` });

  it.concurrent.each<[what: string, host: string, inputs: InputsFor, error: RegExp, proxy?: 'http' | 'https']>([
    ['no token to a server', 'localhost', direct, NOT_TRUSTED],
    ['no token to a server for another host', 'elsewhere.example', direct, NOT_TRUSTED],
    ['no client secret to a token endpoint', 'localhost', withClient, NOT_TRUSTED],
    ['no token through a good proxy to a server', HOST, proxied, NOT_TRUSTED, 'http'],
    ['nothing through a proxy', HOST, proxied, /the proxy localhost:\d+: untrusted certificate/, 'https'],
  ])('sends %s whose certificate no authority vouches for', async (_, host, inputs, error, scheme) => {
    const simulator = await simulate();
    const front = closedAfterTests(await tlsFront(simulator.url, host));
    const certificate = scheme === 'https' ? await makeCertificate('localhost') : undefined;
    const proxy = closedAfterTests(await connectProxy(front.port, undefined, undefined, certificate));
    const env = scheme ? { ...OFF, HTTPS_PROXY: `${scheme}://me:secret@localhost:${proxy.port}` } : OFF;
    const run = await runStepFor(simulator, succeeded, inputs(`https://localhost:${front.port}`), { env });
    expectError(run, error);
    expect(run.stdout).toMatch(NO_EFFECT);
    expect(simulator.requests).toEqual([]);
    expect(proxy.asked).toHaveLength(scheme === 'http' ? 1 : 0);
  });

  it.concurrent('is only a warning when NODE_EXTRA_CA_CERTS makes the certificate trusted', async () => {
    const simulator = await simulate();
    const front = closedAfterTests(await tlsFront(simulator.url, 'localhost'));
    const env = { ...OFF, NODE_EXTRA_CA_CERTS: front.caFile };
    const run = await runStepFor(simulator, succeeded, { url: `https://localhost:${front.port}` }, { env });
    expect(run.outputs.outcome).toBe('success');
    expect(run.stdout).toMatch(NO_EFFECT);
  });
});
