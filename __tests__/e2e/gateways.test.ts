import { brotliCompressSync, deflateRawSync, gzipSync } from 'node:zlib';

import { describe, expect, it, jest } from '@jest/globals';

import type { Gateway, GatewayOptions, GatewayRequest, GatewayResponse } from '../../dev/simulator/gateway.ts';
import { html, json, standardError, text } from '../../dev/simulator/responses.ts';
import { addJobThatEndsAtPoll } from './lives.ts';
import { closedAfterTests, delaysOf, expectError, gatewayTo, jobsOf, runStep, simulate, spanMs } from './run-step.ts';
import { TRANSIENT_ERROR } from './run-step.ts';
import { connectProxy, tlsFront } from './tls.ts';

jest.setTimeout(60_000);

const simulator = await simulate();

const quick = { 'max-interval-seconds': '0.5', 'import-results': 'false' };

/** Runs a step for one job behind a gateway. */
async function runBehind(options: GatewayOptions, inputs = {}, nthPoll = Infinity) {
  const gateway = await gatewayTo(simulator, options);
  const id = addJobThatEndsAtPoll(simulator, nthPoll);
  return { run: await runStep(simulator, { ...quick, url: gateway.url, 'job-id': id, ...inputs }), gateway };
}

/** The requests for one job. */
const requestsFor = ({ requests }: Gateway, id: string) => requests.filter(({ path }) => path.endsWith(id));

const redirect = (status: number, location: string) => ({ status, headers: { location } });

type Row = readonly [name: string, response: GatewayResponse, words: RegExp];

/** Errors that no retry is expected to end, and how the step reports them; server-words.test.ts has other bodies. */
const ROWS: readonly Row[] = [
  ['a 404 of an ingress as text', text(404, 'default backend - 404'), /HTTP 404 .*default backend - 404/],
  ['a 404 of an ingress as HTML', html(404, 'Not here'), /HTTP 404 .*Not here/],
  ['an empty 404', { status: 404 }, /HTTP 404 from /],
  ['a 404 as JSON', json(404, { message: 'no Route matched' }), /HTTP 404 .*Server response: no Route matched\./],
  [
    'a problem of RFC 9457',
    json(404, { title: 'Blocked', detail: 'Policy 7.' }),
    /Server response: Blocked\. Policy 7\./,
  ],
  ['a 401', standardError(401, 'unauthorized', 'Sign in first.'), /HTTP 401 .*Sign in first.*Check token/],
  ['a 403 page of a firewall', html(403, 'Request blocked'), /HTTP 403 .*Request blocked/],
  ['a 403 with Retry-After', { ...text(403, 'Slow down'), headers: { 'retry-after': '1' } }, /HTTP 403 .*Slow down/],
  [
    "Collibra's own 403",
    standardError(403, 'forbidden', 'Not for you.'),
    /Not for you\. .*Access denied\. .*permission/,
  ],
  ['a 302 to a maintenance page', redirect(302, '/maintenance'), /HTTP 302 .*redirected the request to \/maintenance/],
  [
    'a 302 to another host',
    redirect(302, 'https://login.example/'),
    /to https:\/\/login\.example\/\. Redirects are not/,
  ],
  ['a 308', redirect(308, '/elsewhere'), /HTTP 308 .*not followed/],
  ['a 304', { status: 304 }, /HTTP 304 /],
  ['a 400 page', html(400, 'Bad host'), /HTTP 400 from http:.*Server response: Bad host/],
  ['a 418', { status: 418 }, /HTTP 418/],
  ['a 421', text(421, 'Misdirected'), /HTTP 421 .*Misdirected/],
  ['a 499', text(499, 'Client closed request'), /HTTP 499 .*Client closed request/],
];

/** Runs one step for one job for each row, behind a gateway that sends the row's response to some of the requests. */
async function runAll(rows: readonly Row[], isFaulty: (request: GatewayRequest) => boolean, nthPoll = Infinity) {
  const responses = new Map(rows.map(([, response]) => [addJobThatEndsAtPoll(simulator, nthPoll), response]));
  const ids = [...responses.keys()];
  const gateway = await gatewayTo(simulator, {
    rule: (request) => (isFaulty(request) ? responses.get(request.path.split('/').at(-1) ?? '') : undefined),
  });
  // No outage is allowed: none of these is one.
  const inputs = { url: gateway.url, 'job-api': 'jobs-v1', 'job-id': ids.join(), 'max-outage-minutes': '0' };
  const run = await runStep(simulator, { ...quick, ...inputs });
  const jobs = jobsOf(run);
  return rows.map(([name], n) => ({ name, job: jobs[n] ?? {}, requests: requestsFor(gateway, ids[n] ?? '') }));
}

/** A 401 stops the waits for all jobs of its step, so it gets a step of its own. */
async function runAllApart(isFaulty: (request: GatewayRequest) => boolean) {
  const parts = [ROWS.filter(([name]) => name === 'a 401'), ROWS.filter(([name]) => name !== 'a 401')];
  return (await Promise.all(parts.map((rows) => runAll(rows, isFaulty)))).flat();
}

/** Starts what takes long before the tests that wait for it, which handle its errors. */
function startEarly<T>(work: () => Promise<T>): Promise<T> {
  const started = work();
  started.catch(() => undefined);
  return started;
}

/** Waits for the result of one row. */
async function rowOf(results: ReturnType<typeof runAll>, name: string) {
  const row = (await results).find((one) => one.name === name);
  if (row === undefined) throw new Error(`There is no row ${name}.`);
  return row;
}

/** Whether a request comes within 8 s of the third poll of its job, and is not one of the first two. */
function forEightSeconds(): (request: GatewayRequest) => boolean {
  const sinceMs = new Map<string, number>();
  return ({ path, nth, at }) => {
    if (nth === 3) sinceMs.set(path, at);
    return nth >= 3 && at < (sinceMs.get(path) ?? 0) + 8_000;
  };
}

describe('a permanent error', () => {
  const single = startEarly(() => runAll(ROWS, ({ nth }) => nth === 3, 5));
  const short = startEarly(() => runAll(ROWS, forEightSeconds(), 5));
  const lasting = startEarly(() => runAllApart(({ nth }) => nth >= 3));
  const atTheStart = startEarly(() => runAllApart(() => true));

  it.concurrent.each(ROWS)('does not end a wait when it comes once between successes: %s', async (name) => {
    const { job, requests } = await rowOf(single, name);
    expect(job.outcome).toBe('success');
    expect(requests).toHaveLength(6);
  });

  it.concurrent.each(ROWS)('does not end a wait when it is over after 8 s: %s', async (name) => {
    expect((await rowOf(short, name)).job.outcome).toBe('success');
  });

  it.concurrent.each(ROWS)('ends a wait with its own words after 15 s: %s', async (name, _, words) => {
    const { job, requests } = await rowOf(lasting, name);
    expect(job).toMatchObject({ outcome: 'error', state: 'RUNNING', reason: expect.stringMatching(words) });
    const failures = requests.slice(2);
    expect(spanMs(failures)).toBeGreaterThan(14_500);
    expect(spanMs(failures)).toBeLessThan(18_000);
    // Rejected credentials are tried a few times only, so that no account is locked out.
    if (name !== 'a 401') return;
    expect(failures).toHaveLength(4);
    expect(Math.min(...delaysOf(failures))).toBeGreaterThan(3_000);
  });

  it.concurrent.each(ROWS)('ends a wait at once before any success, a 404 after 15 s: %s', async (name, _, words) => {
    const { job, requests } = await rowOf(atTheStart, name);
    expect(job).toMatchObject({ outcome: 'error', state: '', reason: expect.stringMatching(words) });
    if (requests[0]?.status === 404) expect(spanMs(requests)).toBeGreaterThan(14_000);
    else expect(requests).toHaveLength(1);
  });
});

/** Runs a step through a proxy that rejects some connections; each poll opens its own. */
async function runBehindProxy(statusOf: (nth: number) => number | undefined, nthPoll = Infinity) {
  const gateway = await gatewayTo(simulator, {
    alter: (response) => ({ ...response, headers: { ...response.headers, connection: 'close' } }),
  });
  const front = closedAfterTests(await tlsFront(gateway.url, 'collibra.acme.example'));
  const proxy = closedAfterTests(await connectProxy(front.port, undefined, statusOf));
  const id = addJobThatEndsAtPoll(simulator, nthPoll);
  const inputs = { ...quick, url: 'https://collibra.acme.example', 'job-api': 'jobs-v1', 'job-id': id };
  const env = { NODE_EXTRA_CA_CERTS: front.caFile, https_proxy: `http://127.0.0.1:${proxy.port}` };
  return { run: await runStep(simulator, inputs, { env }), proxy };
}

describe('a proxy', () => {
  const STATUSES = [403, 404, 407];
  const lasting = STATUSES.map((status) => ({
    status,
    work: startEarly(() => runBehindProxy((nth) => (nth >= 3 ? status : undefined))),
  }));
  const words = (status: number) => new RegExp(`The proxy re\\w+ .*HTTP ${status}`);

  it.concurrent.each(STATUSES)('does not end a wait when it sends one %i between successes', async (status) => {
    const { run, proxy } = await runBehindProxy((nth) => (nth === 3 ? status : undefined), 5);
    expect(run.outputs.outcome).toBe('success');
    expect(proxy.times).toHaveLength(6);
  });

  it.concurrent.each(lasting)('ends a wait when it sends $status for 15 s', async ({ status, work }) => {
    const { run, proxy } = await work;
    expectError(run, words(status));
    expect(run.outputs.state).toBe('RUNNING');
    expect((proxy.times.at(-1) ?? NaN) - (proxy.times[2] ?? NaN)).toBeGreaterThan(14_000);
  });

  it.concurrent.each(STATUSES)('ends a wait at once when it sends %i before any success', async (status) => {
    const { run, proxy } = await runBehindProxy(() => status);
    expectError(run, words(status));
    expect(proxy.times).toHaveLength(1);
  });
});

describe('job-api auto', () => {
  const MISSING_TOKEN = json(403, { message: 'Missing Authentication Token' });
  const isV1 = ({ path }: GatewayRequest) => path.startsWith('/rest/jobs/v1/');

  it.concurrent.each<[name: string, response: GatewayResponse]>([
    ["a gateway's 403", MISSING_TOKEN],
    ['a redirect to a login page', redirect(302, '/signin')],
    ['a page with status 200', html(200, 'Welcome')],
    ['a 400', text(400, 'Bad request')],
    ['a 503', text(503, 'no healthy upstream')],
  ])('uses the Core REST API when the Job API responds with %s', async (_, response) => {
    const { run, gateway } = await runBehind({ rule: (request) => (isV1(request) ? response : undefined) }, {}, 3);
    expect(run.outputs.outcome).toBe('success');
    expect(gateway.requests.map(({ path }) => path.split('/')[2])).toEqual(['jobs', '2.0', '2.0', '2.0']);
    expect(run.stdout).not.toMatch(TRANSIENT_ERROR);
  });

  it.concurrent('reports both errors when both APIs fail', async () => {
    const rule: GatewayOptions['rule'] = (request) => (isV1(request) ? MISSING_TOKEN : redirect(302, '/signin'));
    const { run, gateway } = await runBehind({ rule });
    expectError(run, /403 from .*\/jobs\/v1\/.*Missing Authentication Token.*HTTP 302 from .*\/rest\/2\.0\/jobs\//);
    expect(gateway.requests).toHaveLength(2);
  });
});

// transport.test.ts has the other encodings.
it.concurrent.each<[encoding: string, encode: (body: Buffer) => Buffer, header?: string]>([
  ['gzip', gzipSync],
  ['raw deflate', deflateRawSync, 'deflate'],
  ['br', brotliCompressSync],
  ['gzip and a byte order mark', (body) => gzipSync(Buffer.concat([Buffer.from('\uFEFF'), body])), 'GZIP'],
])('a response is read with %s', async (name, encode, header = name) => {
  const alter: GatewayOptions['alter'] = ({ status, headers, body }) => ({
    ...{ status, headers: { ...headers, 'content-encoding': header }, body: encode(Buffer.from(body)) },
  });
  const { run, gateway } = await runBehind({ alter }, { 'max-outage-minutes': '0' }, 3);
  expect(run.outputs.outcome).toBe('success');
  expect(run.stdout).not.toMatch(TRANSIENT_ERROR);
  expect(gateway.requests[0]?.headers['accept-encoding']).toBe('identity');
});

it.concurrent('a load balancer that resets idle connections is not noticed', async () => {
  const ids = [4, 5, 6].map((nth) => addJobThatEndsAtPoll(simulator, nth));
  const inputs = { 'job-id': ids.join(), 'job-api': 'jobs-v1', 'max-outage-minutes': '0' };
  const { run, gateway } = await runBehind({ rule: ({ isReused }) => (isReused ? 'reset' : undefined) }, inputs);
  expect(run.outputs.outcome).toBe('success');
  expect(run.stdout).not.toMatch(/error|reset/i);
  expect(gateway.requests.filter(({ status }) => status === 200)).toHaveLength(15);
  expect(gateway.requests.some(({ status }) => status === 0)).toBe(true);
});
