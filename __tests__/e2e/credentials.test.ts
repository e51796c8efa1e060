import { setTimeout as sleep } from 'node:timers/promises';

import { describe, expect, it } from '@jest/globals';

import { leaks, runAction } from '../../dev/runner/runner.ts';
import { defaultCredentials, type Simulator } from '../../dev/simulator/simulator.ts';
import {
  closedAfterTest,
  addJobThatEndsAtLook,
  endsAfter,
  simulate,
  succeeded,
  TOKEN,
  waitStep,
} from './run-step.ts';
import { connectProxy, tlsFront } from './tls.ts';

const [[clientId, clientSecret] = ['', '']] = Object.entries(defaultCredentials.clients);
const client = { token: '', 'client-id': clientId, 'client-secret': clientSecret };
const tokenRequests = ({ requests }: Simulator) => requests.filter(({ path }) => path.endsWith('/token'));
const looks = ({ requests }: Simulator) => requests.filter(({ method }) => method === 'GET');
const refused = ({ requests }: Simulator) => requests.filter(({ status }) => status === 401);

/** How long to wait for looks, which is less than a test may take. */
const PATIENCE_MS = 20_000;

/** Makes every token worthless as soon as there were so many looks; an error where there never are. */
async function revokeAfter(simulator: Simulator, count: number): Promise<void> {
  const endMs = performance.now() + PATIENCE_MS;
  while (looks(simulator).length < count) {
    if (performance.now() > endMs) throw new Error(`${count} looks never came.`);
    await sleep(10);
  }
  simulator.revokeTokens();
}

describe('OAuth client credentials', () => {
  it('ask for one token for all jobs, whatever the client id and secret consist of', async () => {
    const simulator = await simulate();
    const ids = Array.from({ length: 20 }, () => simulator.addJob({ life: endsAfter(600) }));
    const run = await waitStep(simulator, { ...client, 'job-id': ids.join(), scope: 'jobs read' });
    expect(run.outputs.outcome).toBe('success');
    expect(tokenRequests(simulator)).toHaveLength(1);
    const sent = tokenRequests(simulator)[0];
    expect(new URLSearchParams(sent?.body)).toEqual(
      new URLSearchParams({ grant_type: 'client_credentials', scope: 'jobs read' }),
    );
    expect(refused(simulator)).toEqual([]);
    const secrets = [clientSecret, ...simulator.issuedTokens];
    expect(run.masks).toEqual(expect.arrayContaining(secrets));
    expect(leaks(run, secrets)).toEqual([]);
  });

  it('renew the token before it expires', async () => {
    const simulator = await simulate({ tokenLifetimeSeconds: 2 });
    const run = await waitStep(simulator, {
      ...client,
      'job-id': simulator.addJob({ life: endsAfter(6000) }),
      'max-interval-seconds': '0.3',
    });
    expect(run.outputs.outcome).toBe('success');
    expect(tokenRequests(simulator).length).toBeGreaterThanOrEqual(3);
    expect(refused(simulator)).toEqual([]);
  }, 30_000);

  it('renew a token that is refused, once', async () => {
    const simulator = await simulate();
    const ids = Array.from({ length: 10 }, () => simulator.addJob({ life: endsAfter(5000) }));
    const inputs = { ...client, 'job-id': ids.join(), 'max-interval-seconds': '0.5' };
    const [run] = await Promise.all([waitStep(simulator, inputs), revokeAfter(simulator, 20)]);
    expect(run.outputs.outcome).toBe('success');
    expect(tokenRequests(simulator)).toHaveLength(2);
    expect(refused(simulator).length).toBeGreaterThanOrEqual(1);
  }, 30_000);

  it('end the step where a fresh token is refused too', async () => {
    const simulator = await simulate();
    simulator.faults.push({ on: 'job', fault: { kind: 'status', status: 401 } });
    const run = await waitStep(simulator, { ...client, 'job-id': simulator.addJob({ life: succeeded }) });
    expect(run.outputs.outcome).toBe('error');
    expect(run.annotations[0]?.message).toMatch(/HTTP 401 .*Check client-id and client-secret/);
    expect(tokenRequests(simulator)).toHaveLength(2);
    expect(refused(simulator)).toHaveLength(2);
  });

  it("end the step with the endpoint's own words where the client is refused", async () => {
    const simulator = await simulate();
    const ids = [simulator.addJob({ life: succeeded }), simulator.addJob({ life: succeeded })];
    const run = await waitStep(simulator, {
      ...client,
      'client-secret': 'another-secret',
      'job-id': ids.join(),
    });
    expect(run.outputs.outcome).toBe('error');
    expect(run.annotations[0]?.message).toMatch(
      /No token from .*: invalid_client.*Check client-id, client-secret, scope and token-url/,
    );
    expect(run.durationMs).toBeLessThan(5000);
  });

  it.each([
    ['503', { kind: 'status', status: 503 }],
    ['a login page', { kind: 'html-200' }],
    ['a reset', { kind: 'reset' }],
    ['no token in it', { kind: 'wrong-type', body: { token_type: 'Bearer' } }],
  ] as const)('ride out passing trouble of the token endpoint: %s', async (_, fault) => {
    const simulator = await simulate();
    simulator.failNext('token', fault, 2);
    const run = await waitStep(simulator, { ...client, 'job-id': simulator.addJob({ life: succeeded }) });
    expect(run.outputs.outcome).toBe('success');
  });

  it('go to a token endpoint of their own, and nowhere else', async () => {
    // The one lets everybody in, for it does not know the tokens of the other.
    const [simulator, idp] = [await simulate({ authentication: false }), await simulate()];
    const inputs = {
      ...client,
      'job-id': simulator.addJob({ life: succeeded }),
      'token-url': `${idp.url}/rest/oauth/v2/token`,
    };
    const run = await waitStep(simulator, inputs);
    expect(run.outputs.outcome).toBe('success');
    expect(idp.requests.map(({ method, path }) => [method, path])).toEqual([
      ['POST', '/rest/oauth/v2/token'],
    ]);
    expect(tokenRequests(simulator)).toEqual([]);
    const sent = new Set(simulator.requests.map(({ headers }) => headers.authorization));
    expect(idp.issuedTokens).toHaveLength(1);
    expect(sent).toEqual(new Set([`Bearer ${idp.issuedTokens[0] ?? ''}`]));
  });
});

it('a user name and password are sent as they are, not only in ASCII', async () => {
  const simulator = await simulate({ users: { 'jürgen@acme.example': ' pass wörd: ' } });
  const inputs = {
    token: '',
    username: 'jürgen@acme.example',
    password: ' pass wörd: ',
    'job-id': simulator.addJob({ life: succeeded }),
  };
  expect((await waitStep(simulator, inputs)).outputs.outcome).toBe('success');
});

it('refused credentials stop the waits for all jobs at once', async () => {
  const simulator = await simulate();
  const ids = Array.from({ length: 30 }, () => simulator.addJob({ life: endsAfter(60_000) }));
  const inputs = { 'job-id': ids.join() };
  const [run] = await Promise.all([waitStep(simulator, inputs), revokeAfter(simulator, 40)]);
  expect(run.outputs.outcome).toBe('error');
  expect(run.durationMs).toBeLessThan(10_000);
  expect(refused(simulator).length).toBeLessThanOrEqual(8);
  expect(run.annotations).toHaveLength(10);
  expect(run.annotations[0]?.message).toMatch(/HTTP 401/);
});

describe('a proxy', () => {
  const jobLooks = ({ requests }: Simulator) => requests.filter(({ path }) => path.includes('/jobs/'));

  async function behindProxy(proxyCredentials?: string) {
    const simulator = await simulate();
    const front = closedAfterTest(await tlsFront(simulator.url, 'collibra.acme.example'));
    const proxy = closedAfterTest(await connectProxy(front.port, proxyCredentials));
    const inputs = {
      url: 'https://collibra.acme.example',
      token: TOKEN,
      'job-id': addJobThatEndsAtLook(simulator, 4, []),
      'min-interval-seconds': '0.2',
    };
    return { simulator, front, proxy, inputs };
  }

  it('is used, with its credentials, and a private certificate authority is trusted', async () => {
    const { simulator, front, proxy, inputs } = await behindProxy('me:proxy-secret');
    const env = {
      https_proxy: `http://me:proxy-secret@127.0.0.1:${proxy.port}`,
      NODE_EXTRA_CA_CERTS: front.caFile,
    };
    const run = await runAction({ inputs, env });
    expect(run.outputs.outcome).toBe('success');
    // One connection for all looks.
    expect(jobLooks(simulator)).toHaveLength(4);
    expect(proxy.asked).toEqual(['collibra.acme.example:443']);
    expect(run.stderr).toBe('');
    expect(leaks(run, ['proxy-secret'])).toEqual([]);
  });

  it('that refuses its credentials ends the step at once', async () => {
    const { front, proxy, inputs } = await behindProxy('me:proxy-secret');
    const env = {
      HTTPS_PROXY: `http://me:wrong-secret@127.0.0.1:${proxy.port}`,
      NODE_EXTRA_CA_CERTS: front.caFile,
    };
    const run = await runAction({ inputs, env });
    expect(run.outputs.outcome).toBe('error');
    expect(run.annotations[0]?.message).toMatch(/The proxy .* refuses its credentials \(407\)/);
    expect(proxy.asked).toHaveLength(1);
  });

  it.each([
    ['127.0.0.1:port', true],
    ['proxy.local:8080', false],
    ['socks5://127.0.0.1:1080', false],
  ])('given as %s is used or reported, never ignored', async (value, usable) => {
    const { front, proxy, inputs } = await behindProxy();
    const env = { https_proxy: value.replace('port', String(proxy.port)), NODE_EXTRA_CA_CERTS: front.caFile };
    const run = await runAction({ inputs, env });
    expect(run.outputs.outcome).toBe(usable ? 'success' : 'error');
    if (!usable)
      expect(run.annotations[0]?.message).toMatch(/The proxy variable https_proxy is not a URL such as/);
    expect(proxy.asked.length > 0).toBe(usable);
  });

  it('is passed by for hosts in no_proxy', async () => {
    const { inputs } = await behindProxy();
    const env = { https_proxy: 'proxy.local:8080', no_proxy: 'acme.example' };
    const run = await runAction({ inputs: { ...inputs, 'max-outage-minutes': '0' }, env });
    expect(run.annotations[0]?.message).toMatch(/collibra\.acme\.example.*host name/);
  });
});
