import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';

import { describe, expect, it } from '@jest/globals';

import { cancelLikeRunner, leaks, type Run } from '../../dev/runner/runner.ts';
import { defaultCredentials, type Fault, type Simulator } from '../../dev/simulator/simulator.ts';
import { addJobs, addJobThatEndsAtPoll, endsAfter, stuck, succeeded } from './lives.ts';
import { closedAfterTests, expectError, runStep, runStepFor, simulate } from './run-step.ts';
import { connectProxy, listen, tlsFront } from './tls.ts';

const [[clientId, { audience }] = ['', { audience: '' }]] = Object.entries(defaultCredentials.federations ?? {});
const client = { 'client-id': clientId, 'client-auth-method': 'github_oidc', 'oidc-audience': audience, token: '' };

const rateLimited = (seconds: number): Fault => {
  return { kind: 'status', status: 429, retryAfter: { seconds, as: 'seconds' } };
};

const requestsTo = ({ requests }: Simulator, end: string) => requests.filter(({ path }) => path.endsWith(end));
const assertionOf = (body: string) => new URLSearchParams(body).get('client_assertion') ?? '';

/** Every secret of a run, in the encodings in which somebody might show it. */
function secretsOf({ idToken, issuedOidcTokens, issuedTokens }: Simulator): string[] {
  const all = [idToken.url, idToken.token, ...issuedOidcTokens, ...issuedTokens];
  return all.flatMap((one) => [one, encodeURIComponent(one), Buffer.from(one).toString('base64').slice(0, -4)]);
}

/** Checks that a run masks every secret before it can show it, and shows none. */
function expectNoLeak(run: Run, simulator: Simulator): void {
  const { idToken, issuedOidcTokens, issuedTokens } = simulator;
  const masks = [...run.masks, ...(run.post?.masks ?? [])];
  expect(masks).toEqual(expect.arrayContaining([idToken.url, idToken.token, ...issuedOidcTokens, ...issuedTokens]));
  expect(leaks(run, secretsOf(simulator))).toEqual([]);
}

describe('a step with github_oidc', () => {
  it.concurrent('gets one token for all jobs, and sends each secret only where it belongs', async () => {
    const simulator = await simulate();
    const { idToken, issuedOidcTokens, issuedTokens } = simulator;
    const ids = addJobs(simulator, 8, endsAfter(600)).join();
    const run = await runStep(simulator, { ...client, 'job-id': ids }, { idToken, env: { RUNNER_DEBUG: '1' } });
    expect(run.outputs.outcome).toBe('success');
    expect([issuedOidcTokens.length, issuedTokens.length]).toEqual([1, 1]);
    expect(
      requestsTo(simulator, '/id-token').map(({ query, headers }) => [query.toString(), headers.authorization]),
    ).toEqual([['api-version=2.0&audience=api%3A%2F%2FAzureADTokenExchange', `Bearer ${idToken.token}`]]);
    expect(requestsTo(simulator, '/token').map(({ headers }) => headers.authorization)).toEqual([undefined]);
    const sent = simulator.requests
      .filter(({ path }) => path.includes('/jobs/'))
      .map(({ headers }) => headers.authorization);
    expect(new Set(sent)).toEqual(new Set([`Bearer ${issuedTokens[0]}`]));
    expectNoLeak(run, simulator);
  });

  it.concurrent('renews tokens of 4 s, each with a new OIDC token', async () => {
    const simulator = await simulate({ tokenLifetimeSeconds: 4, github: { lifetimeSeconds: 4 } });
    const ids = addJobs(simulator, 4, endsAfter(7_000)).join();
    const inputs = { ...client, 'job-id': ids, 'max-interval-seconds': '0.3' };
    const run = await runStep(simulator, inputs, { idToken: simulator.idToken });
    expect(run.outputs.outcome).toBe('success');
    const assertions = requestsTo(simulator, '/token').map(({ body }) => assertionOf(body));
    expect(assertions).toEqual(simulator.issuedOidcTokens);
    expect(assertions.length).toBeGreaterThanOrEqual(3);
    expect(assertions.length).toBeLessThanOrEqual(1 + run.durationMs / 2_000);
    expect(simulator.requests.filter(({ status }) => status === 401)).toEqual([]);
    expectNoLeak(run, simulator);
  });

  it.concurrent.each<[on: 'oidc' | 'token', fault: Fault]>([
    ['oidc', { kind: 'html-200' }],
    ['oidc', rateLimited(1)],
    // The OIDC token has expired when the token endpoint accepts requests again.
    ['token', rateLimited(3)],
  ])('goes on after a transient error of %s: %j', async (on, fault) => {
    const simulator = await simulate({ github: { lifetimeSeconds: 2 } });
    simulator.failNext(on, fault);
    const run = await runStepFor(simulator, succeeded, client, { idToken: simulator.idToken });
    expect(run.outputs.outcome).toBe('success');
    expectNoLeak(run, simulator);
  });

  it.concurrent.each<[what: string, audience: string, idToken: object, error: RegExp]>([
    ['request token', 'x', { token: 'another-token' }, /^HTTP 401 from GitHub's OIDC endpoint\..* Check oidc-audience/],
    ['audience', 'a b&ü', {}, /issued no access token .* the aud a b&ü\. Check client-id, oidc-audience/],
    ['default audience', '', {}, /issued no access token .* the aud http.*\/rest\/oauth\/v2\/token\./],
  ])('ends with an error that says what to do about a wrong %s', async (...[, oidcAudience, idToken, error]) => {
    const simulator = await simulate();
    const options = { idToken: { ...simulator.idToken, ...idToken } };
    const run = await runStepFor(simulator, succeeded, { ...client, 'oidc-audience': oidcAudience }, options);
    expectError(run, error);
    expect(leaks(run, [options.idToken.url, options.idToken.token, ...secretsOf(simulator)])).toEqual([]);
  });

  it.concurrent('needs a permission, and sends nothing without it', async () => {
    const simulator = await simulate();
    const run = await runStepFor(simulator, succeeded, client);
    expectError(run, /requires the permission id-token: write\. Add it to the workflow or the job/);
    expect(simulator.requests).toEqual([]);
  });

  it.concurrent('reaches GitHub through the proxy, and Collibra without it', async () => {
    const simulator = await simulate();
    const front = closedAfterTests(await tlsFront(simulator.url, 'github.example'));
    const proxy = closedAfterTests(await connectProxy(front.port));
    const env = { https_proxy: `http://127.0.0.1:${proxy.port}`, NODE_EXTRA_CA_CERTS: front.caFile };
    const url = simulator.idToken.url.replace(simulator.url, 'https://github.example');
    const idToken = { ...simulator.idToken, url };
    const run = await runStepFor(simulator, succeeded, client, { env, idToken });
    expect([run.outputs.outcome, proxy.asked]).toEqual(['success', ['github.example:443']]);
    const runWith = (more: object) => {
      const inputs = { ...client, 'max-outage-minutes': '0' };
      return runStepFor(simulator, succeeded, inputs, { env: { ...env, ...more }, idToken });
    };
    expectError(await runWith({ https_proxy: 'proxy.local:8080' }), /https_proxy is not a URL/);
    expectError(
      await runWith({ no_proxy: 'github.example' }),
      /Could not connect to GitHub's OIDC endpoint: host name/,
    );
  });

  it.concurrent('deletes the job in the post step, with tokens of its own', async () => {
    const simulator = await simulate();
    const id = simulator.addJob({ life: stuck });
    const inputs = { ...client, 'job-id': id, 'on-cancel': 'delete' };
    const run = await runStep(simulator, inputs, {
      idToken: simulator.idToken,
      signals: cancelLikeRunner({ whenLine: /RUNNING/ }),
    });
    expect([run.outputs.outcome, simulator.job(id)?.deletion === undefined]).toEqual(['cancelled', false]);
    expect([simulator.issuedOidcTokens.length, simulator.issuedTokens.length]).toEqual([2, 2]);
    expect(run.post?.masks).toEqual(expect.arrayContaining([simulator.idToken.url, simulator.issuedOidcTokens[1]]));
    expectNoLeak(run, simulator);
  });
});

it.concurrent.each(['/id-token', '/token'])(
  'no secret is shown when a server echoes it with an error: %s',
  async (path) => {
    const simulator = await simulate();
    const server = createServer((request, response) => {
      void text(request).then((body) => {
        const words = `${body} ${decodeURIComponent(body)} ${request.url} ${request.headers.authorization}`;
        response.writeHead(400).end(JSON.stringify({ error: 'invalid_request', error_description: words }));
      });
    });
    const echo = `http://127.0.0.1:${await listen(closedAfterTests(server))}${path}`;
    const { idToken } = simulator;
    const options = path === '/token' ? { idToken } : { idToken: { ...idToken, url: `${echo}?run=1` } };
    const inputs = { ...client, ...(path === '/token' ? { 'token-url': echo } : {}) };
    const run = await runStep(simulator, { ...inputs, 'job-id': addJobThatEndsAtPoll(simulator, 1) }, options);
    expectError(run, path === '/token' ? /client_assertion=\*\*\*/ : /GitHub's OIDC endpoint\..*Bearer \*\*\*/);
    expect(leaks(run, [...secretsOf(simulator), `${echo}?run=1`, 'eyJ'])).toEqual([]);
  },
);
