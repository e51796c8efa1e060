import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';

import { describe, expect, it } from '@jest/globals';

import type { Fault, FaultRule } from '../../../dev/simulator/simulator.ts';
import { bearer, core, START, startServer, type TestServer, v1 } from './support.ts';

const steps = [{ atMs: 0, state: 'COMPLETED', result: 'SUCCESS' }];
const ID = '0199a1c0-5d1e-4d43-8f0a-2f1f6c1d0b01';
const unknown = '00000000-0000-4000-8000-000000000000';

/** Gets a job. Returns what comes back, without a status if no response begins; `end` may be `timeout` or an error code. */
async function getJob({ simulator }: TestServer, id: string, timeoutMs = 5000) {
  const outgoing = request(`${simulator.url}${v1(id)}`, { headers: bearer });
  const timeout = AbortSignal.timeout(timeoutMs);
  outgoing.on('error', () => undefined).end();
  const none: Partial<IncomingMessage> = {};
  const received = { status: none.statusCode, headers: none.headers, body: '', end: 'complete' };
  try {
    const [response] = (await once(outgoing, 'response', { signal: timeout })) as [IncomingMessage];
    Object.assign(received, { status: response.statusCode, headers: response.headers });
    response.setEncoding('utf8').on('data', (chunk: string) => (received.body += chunk));
    await once(response, 'end', { signal: timeout });
  } catch (error) {
    const { code, name } = error as NodeJS.ErrnoException;
    received.end = timeout.aborted ? 'timeout' : (code ?? name);
  } finally {
    outgoing.destroy();
  }
  return received;
}

async function getJobWith(fault: Fault) {
  const server = await startServer();
  server.simulator.addJob({ id: ID, life: { steps } });
  server.simulator.failNext('job', fault);
  const isEndless = ['hang', 'stall', 'drip'].includes(fault.kind);
  return { ...(await getJob(server, ID, isEndless ? 500 : 5000)), server };
}

const containing = (text: string): unknown => expect.stringContaining(text);

describe('a fault', () => {
  const location = 'https://elsewhere.example/';
  const retryAfter = (as: 'seconds' | 'date') =>
    ({ kind: 'status', status: 429, retryAfter: { seconds: 30, as } }) as const;
  const headers = { 'x-why': 'busy' };
  const complete = { status: 200, end: 'complete' };
  const noResponse = { status: undefined, body: '' };

  it.each<{ fault: Fault; sees: object }>([
    { fault: { kind: 'status', status: 500 }, sees: { status: 500, body: containing('"errorCode":"simulatedFault"') } },
    { fault: { kind: 'status', status: 503, body: 'text', headers }, sees: { headers, body: 'no healthy upstream' } },
    { fault: { kind: 'status', status: 503, body: 'text' }, sees: { headers: { 'content-type': 'text/plain' } } },
    { fault: { kind: 'status', status: 503, body: 'html' }, sees: { body: containing('<!DOCTYPE html>') } },
    {
      fault: { kind: 'status', status: 503, body: 'html' },
      sees: { headers: { 'content-type': 'text/html; charset=utf-8' } },
    },
    { fault: retryAfter('seconds'), sees: { status: 429, headers: { 'retry-after': '30' } } },
    { fault: retryAfter('date'), sees: { headers: { 'retry-after': new Date(START + 30_000).toUTCString() } } },
    { fault: { kind: 'html-200' }, sees: { ...complete, body: containing('Sign in') } },
    { fault: { kind: 'wrong-type', body: { id: 5 } }, sees: { ...complete, body: '{"id":5}' } },
    { fault: { kind: 'wrong-type', body: null }, sees: { ...complete, body: 'null' } },
    { fault: { kind: 'other-job' }, sees: { ...complete, body: expect.not.stringContaining(ID) } },
    {
      fault: { kind: 'other-job' },
      sees: { body: containing('"type":"IMPORT","state":"COMPLETED","result":"SUCCESS"') },
    },
    { fault: { kind: 'redirect', location }, sees: { status: 302, headers: { location } } },
    { fault: { kind: 'huge', megabytes: 3 }, sees: { ...complete, body: containing('x'.repeat(3 * 1024 * 1024)) } },
    { fault: { kind: 'delay', ms: 100 }, sees: { ...complete, body: containing(ID) } },
    { fault: { kind: 'reset' }, sees: { ...noResponse, end: 'ECONNRESET' } },
    { fault: { kind: 'garbage' }, sees: { ...noResponse, end: 'HPE_INVALID_CONSTANT' } },
    { fault: { kind: 'hang' }, sees: { ...noResponse, end: 'timeout' } },
  ])('changes the response: $fault', async ({ fault, sees }) => {
    expect(await getJobWith(fault)).toMatchObject(sees);
  });

  it.each([
    ['truncated-json', 'complete'],
    ['break-off', 'ECONNRESET'],
    ['stall', 'timeout'],
  ] as const)('of the kind %s sends half of the body', async (kind, end) => {
    const whole = await getJobWith({ kind: 'delay', ms: 0 });
    const half = whole.body.slice(0, Math.floor(whole.body.length / 2));
    expect(await getJobWith({ kind })).toMatchObject({ status: 200, body: half, end });
  });

  it.each([
    ['break-off', 'TypeError', 5000],
    ['stall', 'TimeoutError', 300],
  ] as const)('of the kind %s affects responses without a body, too', async (kind, name, timeoutMs) => {
    const { simulator, send } = await startServer();
    const path = v1(simulator.addJob({ scenario: 'stuck' }));
    simulator.failNext('delete', { kind });
    const response = send('DELETE', path, { signal: AbortSignal.timeout(timeoutMs) });
    await expect(response).rejects.toMatchObject({ name });
  });

  it('can send the body byte by byte, without an end', async () => {
    const received = await getJobWith({ kind: 'drip', everyMs: 10 });
    expect(received).toMatchObject({ status: 200, end: 'timeout' });
    expect('{"id":"'.startsWith(received.body.slice(0, 7))).toBe(true);
    expect(received.body.length).toBeGreaterThan(2);
  });

  it('can delay the response', async () => {
    const startedAt = performance.now();
    await getJobWith({ kind: 'delay', ms: 100 });
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(99);
  });

  it('can refuse connections for a time', async () => {
    const { server, end } = await getJobWith({ kind: 'refuse', forMs: 500 });
    expect(end).toBe('ECONNRESET');
    let received = await getJob(server, ID);
    expect(received.end).toBe('ECONNREFUSED');
    for (let tries = 0; received.end === 'ECONNREFUSED' && tries < 100; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      received = await getJob(server, ID);
    }
    expect(received.status).toBe(200);
  });
});

describe('a rule for faults', () => {
  const unavailable: Fault = { kind: 'status', status: 503 };

  it.each<[string, Omit<FaultRule, 'on' | 'fault'>, number[]]>([
    ['every request', {}, [503, 503, 503, 503]],
    ['some requests', { from: 2, to: 3 }, [200, 503, 503, 200]],
    ['all requests from one on', { from: 3 }, [200, 200, 503, 503]],
    ['a period', { fromMs: 100, toMs: 300 }, [200, 503, 503, 200]],
    ['requests in a period', { from: 3, toMs: 300 }, [200, 200, 503, 200]],
  ])('can apply to %s', async (_, bounds, expected) => {
    const { simulator, advance, status } = await startServer();
    const id = simulator.addJob({ life: { steps, faults: [{ on: 'job', fault: unavailable, ...bounds }] } });
    for (const [index, passedMs] of [0, 100, 199, 1].entries()) {
      advance(passedMs);
      expect(await status(v1(id))).toBe(expected[index]);
    }
  });

  it('counts the requests of each job and each group of routes', async () => {
    const { simulator, status } = await startServer();
    const life = { steps, faults: [{ on: 'job', fault: unavailable, to: 1 }] } as const;
    const [one, other] = [simulator.addJob({ life }), simulator.addJob({ life })];
    const paths = ['/rest/jobs/v1/jobs', `/rest/2.0/import/results/${one}/summary`, v1(one), core(one), v1(other)];
    const expected = [200, 404, 503, 200, 503];
    for (const [index, path] of paths.entries()) expect(await status(path)).toBe(expected[index]);
  });

  it('can apply to the requests of all jobs, or to the next ones', async () => {
    const { simulator, status } = await startServer();
    const statuses: number[] = [];
    simulator.faults.push({ on: 'find', fault: unavailable, from: 2, to: 2 });
    for (let n = 1; n <= 6; n++) {
      if (n === 4) simulator.failNext('find', unavailable, 2);
      statuses.push(await status('/rest/jobs/v1/jobs'));
    }
    expect(statuses).toEqual([200, 503, 200, 503, 503, 200]);
  });

  it.each([
    ['submit', 'POST', '/rest/2.0/import/json-job'],
    ['submit', 'POST', '/rest/2.0/import/synchronize/x/finalize/job'],
    ['token', 'POST', '/rest/oauth/v2/token'],
    ['find', 'GET', '/rest/2.0/jobs'],
    ['results', 'GET', `/rest/2.0/import/results/${unknown}/errors`],
    ['delete', 'DELETE', v1(unknown)],
    ['delete', 'POST', `/rest/2.0/jobs/${unknown}/canceled`],
  ] as const)('on the group %s applies to %s %s', async (group, method, path) => {
    const { simulator, send } = await startServer();
    simulator.failNext(group, { kind: 'status', status: 418 });
    expect((await send(method, path)).status).toBe(418);
  });

  it('lets a request take effect only if the fault sends its response', async () => {
    const { simulator, send, get } = await startServer();
    const path = v1(simulator.addJob({ scenario: 'stuck' }));
    simulator.failNext('delete', unavailable);
    await send('DELETE', path);
    expect(await get(path)).toMatchObject({ state: 'WAITING' });
    simulator.failNext('delete', { kind: 'delay', ms: 1 });
    await send('DELETE', path);
    expect(await get(path)).toMatchObject({ state: 'DELETED' });
  });
});

describe('the request log', () => {
  it('has every request, and counts connections', async () => {
    const { simulator, advance, send } = await startServer({ authentication: false });
    const path = v1(simulator.addJob());
    advance(5);
    simulator.failNext('job', { kind: 'delay', ms: 1000 }, 3);
    await Promise.all([1, 2, 3].map(() => send('GET', `${path}?x=1&x=2`)));
    expect(simulator.peakInFlight).toBe(3);
    expect(simulator.connections).toMatchObject({ opened: 3, peak: 3 });
    await send('POST', '/rest/oauth/v2/token', { body: 'grant_type=x', headers: { 'X-Test': 'yes' } });
    const [first, second, third, last] = simulator.requests;
    expect(new Set([first, second, third].map((logged) => logged?.connection)).size).toBe(3);
    expect(first).toMatchObject({ method: 'GET', path, at: START + 5, status: 200 });
    expect(first?.query.getAll('x')).toEqual(['1', '2']);
    const post = { method: 'POST', headers: { 'x-test': 'yes' }, body: 'grant_type=x', status: 400 };
    expect(last).toMatchObject(post);
  });

  it('has no status for a request without a response', async () => {
    const { server } = await getJobWith({ kind: 'hang' });
    expect(server.simulator.requests).toHaveLength(1);
    expect(server.simulator.requests[0]).not.toHaveProperty('status');
  });
});
