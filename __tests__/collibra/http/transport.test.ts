import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterEach, describe, expect, it } from '@jest/globals';

import { systemClock } from '../../../src/clock.ts';
import { HttpTransport, type HttpRequest } from '../../../src/collibra/http/transport.ts';
import {
  defaultCredentials,
  type Fault,
  type Simulator,
  startSimulator,
} from '../../../dev/simulator/simulator.ts';
import { connectProxy } from '../../e2e/tls.ts';
import { thrown } from '../../support/http.ts';
import { JOB_1 } from '../../support/jobs.ts';
import { noCancel } from '../../support/waiting.ts';

const authorization = `Bearer ${defaultCredentials.tokens[0] ?? ''}`;
const open: { close: () => unknown }[] = [];

afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function aSimulator(fault?: Fault): Promise<{ simulator: Simulator; request: HttpRequest }> {
  const simulator = await startSimulator();
  open.push(simulator);
  simulator.addJob({ id: JOB_1, scenario: 'success' });
  if (fault !== undefined) simulator.failNext('job', fault);
  const url = `${simulator.url}/rest/jobs/v1/jobs/${JOB_1}`;
  return { simulator, request: { method: 'GET', url, headers: { authorization, 'x-mark': 'here' } } };
}

/** A server that does as told. */
async function aServer(
  listener: RequestListener,
  host = '127.0.0.1',
): Promise<{ server: Server; request: HttpRequest }> {
  const server = createServer(listener).listen(0, host.replace(/[[\]]/g, ''));
  await once(server, 'listening');
  open.push({ close: () => (server.closeAllConnections(), server.close()) });
  const { port } = server.address() as AddressInfo;
  return { server, request: { method: 'GET', url: `http://${host}:${port}/`, headers: {} } };
}

const transport = (clock = systemClock) => new HttpTransport('the-agent', clock);

/** Waits until something is so; an error where it never is, before jest's own time is up. */
async function until(isSo: () => boolean): Promise<void> {
  const endMs = performance.now() + 20_000;
  while (!isSo()) {
    if (performance.now() > endMs) throw new Error(`This never came true: ${String(isSo)}`);
    await new Promise(setImmediate);
  }
}

describe('a request', () => {
  it('is sent as it is, with the agent', async () => {
    const { simulator, request } = await aSimulator();
    const answer = await transport().send(request, noCancel());
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toContain('application/json');
    expect(JSON.parse(answer.body)).toMatchObject({ id: JOB_1 });
    expect(simulator.requests).toMatchObject([
      {
        method: 'GET',
        path: `/rest/jobs/v1/jobs/${JOB_1}`,
        headers: { authorization, 'x-mark': 'here', 'user-agent': 'the-agent' },
        body: '',
      },
    ]);
  });

  it('may have a body', async () => {
    const bodies: string[] = [];
    const { request } = await aServer((incoming, response) => {
      void incoming
        .setEncoding('utf8')
        .on('data', (chunk: string) => bodies.push(`${incoming.method ?? ''} ${chunk}`));
      incoming.on('end', () => response.end('ok'));
    });
    const answer = await transport().send({ ...request, method: 'POST', body: 'grüße' }, noCancel());
    expect(answer).toMatchObject({ status: 200, body: 'ok' });
    expect(bodies).toEqual(['POST grüße']);
  });

  it.each([204, 404, 503])('is answered whatever the status: %d', async (status) => {
    const { request } = await aServer((_, response) => response.writeHead(status, { 'x-y': 'z' }).end());
    const answer = await transport().send(request, noCancel());
    expect(answer).toMatchObject({ status, body: '', headers: { 'x-y': 'z' } });
  });

  it('follows no redirect, so that credentials go nowhere else', async () => {
    const elsewhere = await aSimulator();
    const { request } = await aSimulator({ kind: 'redirect', location: elsewhere.request.url });
    const answer = await transport().send(request, noCancel());
    expect(answer).toMatchObject({ status: 302, headers: { location: elsewhere.request.url } });
    expect(elsewhere.simulator.requests).toEqual([]);
  });

  it('may go to a host given as an IPv6 address', async () => {
    const { request } = await aServer((_, response) => response.end('here'), '[::1]');
    expect(await transport().send(request, noCancel())).toMatchObject({ status: 200, body: 'here' });
  });

  it('is answered with a 401 as with any other status', async () => {
    const { simulator, request } = await aSimulator({ kind: 'status', status: 401 });
    expect(await transport().send(request, noCancel())).toMatchObject({ status: 401 });
    expect(simulator.requests).toHaveLength(1);
  });

  it('is never repeated by itself', async () => {
    const { simulator, request } = await aSimulator({ kind: 'status', status: 503 });
    expect(await transport().send(request, noCancel())).toMatchObject({ status: 503 });
    expect(simulator.requests).toHaveLength(1);
  });

  it('reads text that is cut inside of a character', async () => {
    const bytes = Buffer.from('"€"');
    const { request } = await aServer((_, response) => {
      response.write(bytes.subarray(0, 2));
      setImmediate(() => response.end(bytes.subarray(2)));
    });
    expect((await transport().send(request, noCancel())).body).toBe('"€"');
  });
});

describe('a connection that breaks', () => {
  it.each<[fault: Fault, expected: object]>([
    [{ kind: 'break-off' }, { message: 'aborted' }],
    [{ kind: 'reset' }, { code: 'ECONNRESET' }],
    [{ kind: 'garbage' }, { code: expect.stringMatching(/^HPE_/) }],
  ])('fails: %j', async (fault, expected) => {
    const { request } = await aSimulator(fault);
    expect(await thrown(transport().send(request, noCancel()))).toMatchObject(expected);
  });

  it('fails where nobody listens', async () => {
    const { simulator, request } = await aSimulator();
    await simulator.close();
    expect(await thrown(transport().send(request, noCancel()))).toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('fails where there is no such host', async () => {
    const { request } = await aSimulator();
    const url = 'http://no-such-host.invalid/';
    expect(await thrown(transport().send({ ...request, url }, noCancel()))).toMatchObject({
      syscall: 'getaddrinfo',
    });
  });

  it('does no harm to the next request', async () => {
    const { simulator, request } = await aSimulator({ kind: 'break-off' });
    const one = transport();
    await thrown(one.send(request, noCancel()));
    expect(await one.send(request, noCancel())).toMatchObject({ status: 200 });
    expect(simulator.connections.opened).toBe(2);
  });
});

describe('an answer without end', () => {
  const LIMIT = 32 * 1024 * 1024;
  const sized = (bytes: number) =>
    aServer((_, response) => {
      for (let left = bytes; left > 0; left -= 2 ** 20)
        response.write(Buffer.alloc(Math.min(left, 2 ** 20), 'x'));
      response.end();
    });

  it('is read up to 32 MiB', async () => {
    const { request } = await sized(LIMIT);
    expect((await transport().send(request, noCancel())).body).toHaveLength(LIMIT);
  });

  it('is not read any further', async () => {
    const { request } = await sized(LIMIT + 1);
    expect(await thrown(transport().send(request, noCancel()))).toMatchObject({
      message: 'the answer is larger than 32 MiB',
    });
  });
});

describe('an abort', () => {
  it.each<Fault>([
    { kind: 'hang' },
    { kind: 'stall' },
    { kind: 'drip', everyMs: 1 },
    { kind: 'delay', ms: 60_000 },
  ])('ends a request at once and frees its connection: $kind', async (fault) => {
    const { simulator, request } = await aSimulator(fault);
    const stop = new AbortController();
    const error = thrown(transport().send(request, stop.signal));
    await until(() => simulator.requests.length === 1);
    const reason = new Error('enough');
    stop.abort(reason);
    expect(await error).toBe(reason);
    await until(() => simulator.connections.open === 0);
  });

  it('ends a body at any byte', async () => {
    let isClosed = false;
    const { request } = await aServer((_, response) => {
      response.write('{');
      response.on('close', () => (isClosed = true));
    });
    const stop = new AbortController();
    const error = thrown(transport().send(request, stop.signal));
    setTimeout(() => stop.abort(), 30);
    expect(await error).toBe(stop.signal.reason);
    await until(() => isClosed);
  });

  it('before the request lets none be sent', async () => {
    const { simulator, request } = await aSimulator();
    const signal = AbortSignal.abort();
    expect(await thrown(transport().send(request, signal))).toBe(signal.reason);
    // This one comes after whatever the other would have sent.
    await transport().send(request, noCancel());
    expect(simulator.connections.opened).toBe(1);
    expect(simulator.requests).toHaveLength(1);
  });

  it('of one request does not touch another', async () => {
    const { simulator, request } = await aSimulator({ kind: 'hang' });
    const one = transport();
    const stop = new AbortController();
    const error = thrown(one.send(request, stop.signal));
    await until(() => simulator.requests.length === 1);
    simulator.failNext('job', { kind: 'delay', ms: 30 });
    const other = one.send(request, noCancel());
    await until(() => simulator.requests.length === 2);
    stop.abort();
    await error;
    expect(await other).toMatchObject({ status: 200 });
  });

  it('leaves a transport that can be used', async () => {
    const { simulator, request } = await aSimulator({ kind: 'stall' });
    const one = transport();
    const stop = new AbortController();
    const error = thrown(one.send(request, stop.signal));
    await until(() => simulator.requests.length === 1);
    stop.abort();
    await error;
    expect(await one.send(request, noCancel())).toMatchObject({ status: 200 });
    expect(simulator.connections.opened).toBe(2);
  });

  it('after the answer changes nothing: the connection is used again', async () => {
    const { simulator, request } = await aSimulator();
    const one = transport();
    const stop = new AbortController();
    await one.send(request, stop.signal);
    stop.abort();
    await one.send(request, noCancel());
    expect(simulator.connections.opened).toBe(1);
  });
});

describe('connections', () => {
  it('are used again', async () => {
    const { simulator, request } = await aSimulator();
    const one = transport();
    for (let i = 0; i < 5; i++) await one.send(request, noCancel());
    expect(simulator.requests).toHaveLength(5);
    expect(simulator.connections.opened).toBe(1);
  });

  it('are as many as there are requests at once, and no more', async () => {
    const { simulator, request } = await aSimulator();
    const one = transport();
    for (let i = 0; i < 3; i++) await Promise.all([1, 2, 3].map(() => one.send(request, noCancel())));
    expect(simulator.requests).toHaveLength(9);
    expect(simulator.connections.opened).toBe(3);
  });

  it.each([
    [30_000, 1],
    [30_001, 2],
  ])('that have idled for %d ms make %d in all', async (idleMs, opened) => {
    const { simulator, request } = await aSimulator();
    let nowMs = 5_000;
    const one = transport({ ...systemClock, now: () => nowMs });
    await one.send(request, noCancel());
    nowMs += idleMs;
    await one.send(request, noCancel());
    expect(simulator.connections.opened).toBe(opened);
  });

  it('that are not trusted any more are closed, even if the server would keep them', async () => {
    const { server, request } = await aServer((_, response) => response.end('{}'));
    server.keepAliveTimeout = 0;
    let closed = 0;
    server.on('connection', (socket) => socket.on('close', () => closed++));
    let nowMs = 0;
    const one = transport({ ...systemClock, now: () => nowMs });
    await one.send(request, noCancel());
    nowMs = 30_001;
    await one.send(request, noCancel());
    await until(() => closed === 1);
  });
});

describe('a proxy', () => {
  afterEach(() => void Reflect.deleteProperty(process.env, 'https_proxy'));

  it('is asked for a way, except for hosts of this machine', async () => {
    const proxy = await connectProxy(9, undefined, 503);
    open.push(proxy);
    process.env['https_proxy'] = `http://127.0.0.1:${proxy.port}`;
    const all = transport();
    const request = { method: 'GET', url: 'https://collibra.example/rest', headers: {} } as const;
    expect(await thrown(all.send(request, noCancel()))).toMatchObject({ name: 'ProxyRefusal', status: 503 });
    const near = await aSimulator();
    expect((await all.send(near.request, noCancel())).status).toBe(200);
    expect(await thrown(all.send(request, noCancel()))).toMatchObject({ status: 503 });
    expect(proxy.asked).toEqual(['collibra.example:443', 'collibra.example:443']);
  });

  it('is left when the request is given up', async () => {
    const gone = Promise.withResolvers<unknown>();
    const asked = Promise.withResolvers<unknown>();
    const server = createServer().on('connect', (_, socket) => {
      asked.resolve(undefined);
      socket.resume().once('end', () => {
        socket.destroy();
        gone.resolve(undefined);
      });
    });
    open.push({ close: () => server.close() });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    process.env['https_proxy'] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const cancel = new AbortController();
    const request = { method: 'GET', url: 'https://collibra.example/rest', headers: {} } as const;
    const sent = thrown(transport().send(request, cancel.signal));
    await asked.promise;
    cancel.abort();
    expect(await sent).toBe(cancel.signal.reason);
    await gone.promise;
  });
});
