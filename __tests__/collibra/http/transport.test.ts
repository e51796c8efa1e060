import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';

import { afterEach, describe, expect, it } from '@jest/globals';
import { generate } from 'selfsigned';

import { systemClock } from '../../../src/clock.ts';
import { Requests } from '../../../src/collibra/http/requests.ts';
import { HttpTransport, type HttpRequest } from '../../../src/collibra/http/transport.ts';
import { shorten } from '../../../src/text.ts';
import { defaultCredentials, type Fault, type Simulator, startSimulator } from '../../../dev/simulator/simulator.ts';
import { connectProxy } from '../../e2e/tls.ts';
import { bounds, thrown } from '../../support/http.ts';
import { JOB_1 } from '../../support/jobs.ts';
import { noCancel } from '../../support/waiting.ts';
import { closeServers, listen } from '../support.ts';

const authorization = `Bearer ${defaultCredentials.tokens[0] ?? ''}`;
const simulators: Simulator[] = [];

afterEach(async () => {
  closeServers();
  for (const simulator of simulators.splice(0)) await simulator.close();
  Reflect.deleteProperty(process.env, 'https_proxy');
});

/** A simulator with a job, and a transport that requests it. */
async function fakeJob(fault?: Fault) {
  const simulator = await startSimulator();
  simulators.push(simulator);
  simulator.addJob({ id: JOB_1, scenario: 'success' });
  if (fault !== undefined) simulator.failNext('job', fault);
  const url = `${simulator.url}/rest/jobs/v1/jobs/${JOB_1}`;
  const request: HttpRequest = { method: 'GET', url, headers: { authorization, 'x-mark': 'here' } };
  const transport = new HttpTransport('the-agent', systemClock);
  const send = (signal = noCancel()) => transport.send(request, signal);
  return { simulator, request, send };
}

const get = (url: string): HttpRequest => ({ method: 'GET', url, headers: {} });

/** Sends one request with a transport of its own. */
const sendOnce = (request: HttpRequest, signal = noCancel()) =>
  new HttpTransport('the-agent', systemClock).send(request, signal);

/** A request to a server that responds as `listener` does. */
async function requestTo(listener: RequestListener, host = '127.0.0.1'): Promise<HttpRequest> {
  const port = await listen(createServer(listener), host);
  return get(`http://${host.includes(':') ? `[${host}]` : host}:${port}/`);
}

/** Waits until something is so, and fails before the time of the test is over. */
async function until(isSo: () => boolean): Promise<void> {
  const endMs = performance.now() + 20_000;
  while (!isSo()) {
    if (performance.now() > endMs) throw new Error(`This never became true: ${String(isSo)}`);
    await new Promise(setImmediate);
  }
}

describe('a request', () => {
  it('is sent as it is, with the user agent', async () => {
    const { simulator, send } = await fakeJob();
    const response = await send();
    expect(response.status).toBe(200);
    expect(response.headers['content-type']).toContain('application/json');
    expect(JSON.parse(response.body)).toMatchObject({ id: JOB_1 });
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
    const request = await requestTo((incoming, response) => {
      response.setHeader('x-method', incoming.method ?? '');
      incoming.pipe(response);
    });
    const response = await sendOnce({ ...request, method: 'POST', body: 'grüße' });
    expect(response).toMatchObject({ status: 200, headers: { 'x-method': 'POST' }, body: 'grüße' });
  });

  it.each([204, 401, 404, 503])('is sent once if the response has the status %d', async (status) => {
    let sent = 0;
    const request = await requestTo((_, response) => response.writeHead(status, { 'x-sent': ++sent }).end());
    expect(await sendOnce(request)).toMatchObject({ status, body: '', headers: { 'x-sent': '1' } });
    expect(sent).toBe(1);
  });

  it('follows no redirect, so that credentials go nowhere else', async () => {
    const elsewhere = await fakeJob();
    const location = elsewhere.request.url;
    const { send } = await fakeJob({ kind: 'redirect', location });
    expect(await send()).toMatchObject({ status: 302, headers: { location } });
    expect(elsewhere.simulator.requests).toEqual([]);
  });

  it('may go to a host given as an IPv6 address', async () => {
    const request = await requestTo((_, response) => response.end('here'), '::1');
    expect(await sendOnce(request)).toMatchObject({ status: 200, body: 'here' });
  });

  it('reads text that is split inside a character', async () => {
    const bytes = Buffer.from('"€"');
    const request = await requestTo((_, response) => {
      response.write(bytes.subarray(0, 2));
      setImmediate(() => response.end(bytes.subarray(2)));
    });
    expect((await sendOnce(request)).body).toBe('"€"');
  });
});

describe('a broken connection', () => {
  it.each<[fault: Fault, expected: object]>([
    [{ kind: 'break-off' }, { message: 'aborted' }],
    [{ kind: 'reset' }, { code: 'ECONNRESET' }],
    [{ kind: 'garbage' }, { code: expect.stringMatching(/^HPE_/) }],
  ])('by the fault %j fails the request', async (fault, expected) => {
    const { send } = await fakeJob(fault);
    expect(await thrown(send())).toMatchObject(expected);
  });

  it.each([
    ['http://127.0.0.1:1/', { code: 'ECONNREFUSED' }],
    ['http://no-such-host.invalid/', { syscall: 'getaddrinfo' }],
  ])('by the address %s fails the request', async (url, expected) => {
    expect(await thrown(sendOnce(get(url)))).toMatchObject(expected);
  });

  it('does not harm the next request', async () => {
    const { simulator, send } = await fakeJob({ kind: 'break-off' });
    await thrown(send());
    expect(await send()).toMatchObject({ status: 200 });
    expect(simulator.connections.opened).toBe(2);
  });
});

describe('a response body', () => {
  const LIMIT = 32 * 1024 * 1024;
  const sized = (bytes: number) =>
    requestTo((_, response) => {
      for (let left = bytes; left > 0; left -= 2 ** 20) response.write(Buffer.alloc(Math.min(left, 2 ** 20), 'x'));
      response.end();
    });

  it('is read up to 32 MiB and not any further', async () => {
    expect((await sendOnce(await sized(LIMIT))).body).toHaveLength(LIMIT);
    const error = { message: 'the response is larger than 32 MiB' };
    expect(await thrown(sendOnce(await sized(LIMIT + 1)))).toMatchObject(error);
  });
});

describe('an abort', () => {
  it.each<Fault>([{ kind: 'hang' }, { kind: 'stall' }, { kind: 'drip', everyMs: 1 }, { kind: 'delay', ms: 60_000 }])(
    'ends a request at once and closes its connection: $kind',
    async (fault) => {
      const { simulator, send } = await fakeJob(fault);
      const stop = new AbortController();
      const error = thrown(send(stop.signal));
      await until(() => simulator.requests.length === 1);
      const reason = new Error('enough');
      stop.abort(reason);
      expect(await error).toBe(reason);
      await until(() => simulator.connections.open === 0);
      // The transport can still be used.
      expect(await send()).toMatchObject({ status: 200 });
      expect(simulator.connections.opened).toBe(2);
    },
  );

  it('ends a response at any byte', async () => {
    let isClosed = false;
    const request = await requestTo((_, response) => {
      response.write('{');
      response.on('close', () => (isClosed = true));
    });
    const stop = new AbortController();
    const error = thrown(sendOnce(request, stop.signal));
    setTimeout(() => stop.abort(), 30);
    expect(await error).toBe(stop.signal.reason);
    await until(() => isClosed);
  });

  it('before the request prevents it', async () => {
    const { simulator, send } = await fakeJob();
    const signal = AbortSignal.abort();
    expect(await thrown(send(signal))).toBe(signal.reason);
    // This one comes after whatever the other would have sent.
    await send();
    expect(simulator.connections.opened).toBe(1);
    expect(simulator.requests).toHaveLength(1);
  });

  it('of one request does not affect another', async () => {
    const { simulator, send } = await fakeJob({ kind: 'hang' });
    const stop = new AbortController();
    const error = thrown(send(stop.signal));
    await until(() => simulator.requests.length === 1);
    simulator.failNext('job', { kind: 'delay', ms: 30 });
    const other = send();
    await until(() => simulator.requests.length === 2);
    stop.abort();
    await error;
    expect(await other).toMatchObject({ status: 200 });
  });

  it('after the response leaves the connection open for the next request', async () => {
    const { simulator, send } = await fakeJob();
    const stop = new AbortController();
    await send(stop.signal);
    stop.abort();
    await send();
    expect(simulator.connections.opened).toBe(1);
  });
});

describe('connections', () => {
  it('are as many as there are concurrent requests, and are reused', async () => {
    const { simulator, send } = await fakeJob();
    for (let i = 0; i < 3; i++) await send();
    expect(simulator.connections.opened).toBe(1);
    for (let i = 0; i < 3; i++) await Promise.all([send(), send(), send()]);
    expect(simulator.requests).toHaveLength(12);
    expect(simulator.connections.opened).toBe(3);
  });

  it.each([
    [30_000, 1],
    [30_001, 2],
  ])('that have been idle for %d ms make %d in all, of which one is open', async (idleMs, opened) => {
    const sockets: Socket[] = [];
    const server = createServer((_, response) => response.end('{}'));
    // The server would keep all of them.
    server.on('connection', (socket) => sockets.push(socket)).keepAliveTimeout = 0;
    const request = get(`http://127.0.0.1:${await listen(server)}/`);
    let nowMs = 5_000;
    const transport = new HttpTransport('the-agent', { ...systemClock, now: () => nowMs });
    await transport.send(request, noCancel());
    nowMs += idleMs;
    await transport.send(request, noCancel());
    expect(sockets).toHaveLength(opened);
    await until(() => sockets.filter(({ destroyed }) => !destroyed).length === 1);
  });
});

/** A request that goes through a proxy at this port. */
function throughProxy(port: number, scheme = 'http'): HttpRequest {
  process.env['https_proxy'] = `${scheme}://127.0.0.1:${port}`;
  return get('https://collibra.example/rest');
}

describe('a proxy', () => {
  it('is used, except for hosts of this machine', async () => {
    const proxy = await connectProxy(9, undefined, 503);
    const request = throughProxy(proxy.port);
    const transport = new HttpTransport('the-agent', systemClock);
    const refused = { name: 'ProxyError', proxy: `127.0.0.1:${proxy.port}`, status: 503 };
    expect(await thrown(transport.send(request, noCancel()))).toMatchObject(refused);
    const { request: near } = await fakeJob();
    expect((await transport.send(near, noCancel())).status).toBe(200);
    expect(await thrown(transport.send(request, noCancel()))).toMatchObject(refused);
    expect(proxy.asked).toEqual(['collibra.example:443', 'collibra.example:443']);
    await proxy.close();
  });

  it('is left when the request is aborted', async () => {
    const asked = Promise.withResolvers<Duplex>();
    const port = await listen(createServer().on('connect', (_, socket) => asked.resolve(socket)));
    const cancel = new AbortController();
    const sent = thrown(sendOnce(throughProxy(port), cancel.signal));
    const socket = await asked.promise;
    const left = new Promise((resolve) => socket.resume().once('end', resolve));
    cancel.abort();
    expect(await sent).toBe(cancel.signal.reason);
    await left;
    socket.destroy();
  });
});

describe('TLS', () => {
  const trusted = getCACertificates('default');
  afterEach(() => setDefaultCACertificates(trusted));

  const years = ['2020', '2090'] as const;
  interface Certificate {
    readonly years: readonly [from: string, to: string];
    readonly ip?: string;
    readonly isTrusted?: boolean;
  }

  /** A server with a new certificate. */
  async function tlsServer({ years, ip = '127.0.0.1', isTrusted = true }: Certificate): Promise<Server> {
    const [notBeforeDate, notAfterDate] = years.map((year) => new Date(year));
    const extensions = [
      { name: 'basicConstraints' as const, cA: true },
      { name: 'subjectAltName' as const, altNames: [{ type: 7 as const, ip }] },
    ];
    const dates = { notBeforeDate: notBeforeDate as Date, notAfterDate: notAfterDate as Date };
    const pems = await generate([{ name: 'commonName', value: 'test' }], { ...dates, extensions });
    if (isTrusted) setDefaultCACertificates([...trusted, pems.cert]);
    return createTlsServer({ key: pems.private, cert: pems.cert }, (_, response) => response.end('here'));
  }

  it('connects to a server with a good certificate', async () => {
    const port = await listen(await tlsServer({ years }));
    expect(await sendOnce(get(`https://127.0.0.1:${port}/`))).toMatchObject({ body: 'here' });
  });

  it.each<[label: string, kind: string, server: () => Server | Promise<Server>]>([
    ['expired certificate', 'permanent', () => tlsServer({ years: ['2020', '2021'] })],
    ['certificate that is not valid yet', 'permanent', () => tlsServer({ years: ['2089', '2090'] })],
    ['certificate for another host name', 'permanent', () => tlsServer({ years, ip: '127.0.0.9' })],
    ['untrusted certificate', 'permanent', () => tlsServer({ years, isTrusted: false })],
    ['no TLS on this port', 'transient', () => createServer((_, response) => response.end('plain'))],
  ])('reports "%s" (%s) of a server and of a proxy', async (label, kind, server) => {
    const port = await listen(await server());
    const failure = (request: HttpRequest) => {
      const requests = new Requests(new HttpTransport('the-agent', systemClock), systemClock, shorten);
      return thrown(requests.send(request, bounds(systemClock)));
    };
    const message = (where: string) => expect.stringContaining(`Could not connect to ${where}: ${label} (`);
    const url = `https://127.0.0.1:${port}/rest`;
    expect(await failure(get(url))).toMatchObject({ kind, label, message: message(url) });
    const proxied = { kind, label, message: message(`the proxy 127.0.0.1:${port}`) };
    expect(await failure(throughProxy(port, 'https'))).toMatchObject(proxied);
  });
});
