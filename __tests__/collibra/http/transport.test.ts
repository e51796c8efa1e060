import * as http from 'node:http';
import * as https from 'node:https';
import * as net from 'node:net';
import type { Duplex } from 'node:stream';
import * as tls from 'node:tls';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';

import { afterEach, describe, expect, it } from '@jest/globals';
import { generate } from 'selfsigned';

import { systemClock } from '../../../src/clock.ts';
import { Requests } from '../../../src/collibra/http/requests.ts';
import { alwaysCheckCertificates, HttpTransport, type HttpRequest } from '../../../src/collibra/http/transport.ts';
import { shorten } from '../../../src/text.ts';
import { defaultCredentials, type Fault, type Simulator, startSimulator } from '../../../dev/simulator/simulator.ts';
import { connectProxy } from '../../e2e/tls.ts';
import { thrown } from '../../support/http.ts';
import { JOB_1 } from '../../support/jobs.ts';
import { noCancel } from '../../support/waiting.ts';
import { closeServers, listen, rawReplies, type RawReply } from '../support.ts';

const authorization = `Bearer ${defaultCredentials.tokens[0] ?? ''}`;
const authorities = tls.getCACertificates('default');
const simulators: Simulator[] = [];

afterEach(async () => {
  closeServers();
  for (const simulator of simulators.splice(0)) await simulator.close();
  Reflect.deleteProperty(process.env, 'https_proxy');
  tls.setDefaultCACertificates(authorities);
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
async function requestTo(listener: http.RequestListener, host = '127.0.0.1'): Promise<HttpRequest> {
  const port = await listen(http.createServer(listener), host);
  return get(`http://${host.includes(':') ? `[${host}]` : host}:${port}/`);
}

interface Certificate {
  readonly years?: readonly [from: string, to: string];
  /** The only name that it is for. */
  readonly name?: string;
  readonly isKnown?: boolean;
}

async function certificate({ years = ['2020', '2090'], name = '127.0.0.1', isKnown = true }: Certificate = {}) {
  const [notBeforeDate, notAfterDate] = [new Date(years[0]), new Date(years[1])];
  const altNames = [net.isIP(name) ? { type: 7 as const, ip: name } : { type: 2 as const, value: name }];
  const extensions = [
    { name: 'basicConstraints' as const, cA: true },
    { name: 'subjectAltName' as const, altNames },
  ];
  const pems = await generate([{ name: 'commonName', value: 'test' }], { notBeforeDate, notAfterDate, extensions });
  if (isKnown) tls.setDefaultCACertificates([...authorities, pems.cert]);
  return { key: pems.private, cert: pems.cert };
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
    const headers = { authorization, 'x-mark': 'here', 'user-agent': 'the-agent', 'accept-encoding': 'identity' };
    const request = { method: 'GET', path: `/rest/jobs/v1/jobs/${JOB_1}`, headers, body: '' };
    expect(simulator.requests).toMatchObject([request]);
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

  /** Its two pieces are split inside of a character. */
  const encoded = (encoding: string, body: Buffer) =>
    requestTo((_, response) => {
      response.writeHead(200, { 'content-encoding': encoding }).write(body.subarray(0, 15));
      setImmediate(() => response.end(body.subarray(15)));
    });
  const compressions: [encoding: string, encode: (body: Buffer) => Buffer][] = [
    ['gzip', gzipSync],
    ['X-GZIP', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['br', brotliCompressSync],
  ];
  const encoders = [...compressions, ...['identity', ''].map((name) => [name, (body: Buffer) => body] as const)];

  it.each(encoders)('in the encoding "%s" (%p) is read without its byte order mark', async (encoding, encode) => {
    const text = `{"name":"${'grüße € '.repeat(1_000)}"}`;
    const request = await encoded(encoding, encode(Buffer.from(`\uFEFF${text}`)));
    expect((await sendOnce(request)).body).toBe(text);
    // Nothing is no body in any encoding.
    expect((await sendOnce(await encoded(encoding, Buffer.alloc(0)))).body).toBe('');
  });

  it.each(compressions)('in the encoding "%s" (%p) is read up to 32 MiB', async (encoding, encode) => {
    const bomb = await encoded(encoding, encode(Buffer.alloc(LIMIT + 1)));
    expect(await thrown(sendOnce(bomb))).toMatchObject({ code: 'ERR_BUFFER_TOO_LARGE' });
  });

  it.each([
    ['gzip', gzipSync('{}'.repeat(99)).subarray(0, -9), 'Z_BUF_ERROR'],
    ['gzip', Buffer.from('{}'), 'Z_DATA_ERROR'],
    ['zstd', Buffer.from('{}'), 'ERR_CONTENT_ENCODING'],
  ])('that is no complete %s is an error', async (encoding, body, code) => {
    expect(await thrown(sendOnce(await encoded(encoding, body)))).toMatchObject({ code });
  });
});

describe('an abort', () => {
  const slow: Fault[] = [
    { kind: 'hang' },
    { kind: 'stall' },
    { kind: 'drip', everyMs: 1 },
    { kind: 'delay', ms: 60_000 },
  ];
  it.each(slow)('ends a request at once and closes its connection: $kind', async (fault) => {
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
  it('get 2 s for each address of a host', () => {
    expect(net.getDefaultAutoSelectFamilyAttemptTimeout()).toBe(2_000);
  });

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
    const sockets: net.Socket[] = [];
    const server = http.createServer((_, response) => response.end('{}'));
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

const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}';

describe('a kept-alive connection', () => {
  /** A transport of a raw server, through a proxy or not, and what the server has seen. */
  async function rawServer(reply: RawReply, isProxied = false) {
    const { seen, onConnection } = rawReplies(reply);
    const transport = new HttpTransport('the-agent', systemClock);
    const server = isProxied
      ? tls.createServer(await certificate({ name: 'collibra.example' }), onConnection)
      : net.createServer(onConnection);
    const port = await listen(server);
    const proxy = await connectProxy(port);
    if (isProxied) process.env['https_proxy'] = `http://127.0.0.1:${proxy.port}`;
    const url = isProxied ? 'https://collibra.example/' : `http://127.0.0.1:${port}/`;
    const send = (method: HttpRequest['method'] = 'GET') => {
      const request = { ...get(url), method, isCommand: method === 'DELETE' };
      return transport.send(method === 'POST' ? { ...request, body: 'grant_type=x' } : request, noCancel());
    };
    return { seen, send, close: () => proxy.close() };
  }

  const closings: [how: string, close: (socket: net.Socket) => void][] = [
    ['reset', (socket) => (socket instanceof tls.TLSSocket ? socket.destroy() : socket.resetAndDestroy())],
    ['closed', (socket) => socket.end()],
  ];

  describe.each([false, true])('(through a proxy: %j)', (isProxied) => {
    const methods = ['GET', 'POST'] as const;
    const cases = closings.flatMap(([how, close]) => methods.map((method) => ({ how, close, method })));

    it.each(cases)('that is $how before a response to $method is replaced', async ({ close, method }) => {
      const reply: RawReply = (socket, n) => (n === 2 ? close(socket) : socket.write(OK));
      const server = await rawServer(reply, isProxied);
      await server.send();
      expect(await server.send(method)).toMatchObject({ status: 200, body: '{}' });
      const line = `${method} / HTTP/1.1`;
      expect(server.seen).toEqual({ asked: ['GET / HTTP/1.1', line, line], connections: 2 });
      server.close();
    });

    it('is not replaced for a command, which may have been accepted', async () => {
      const reply: RawReply = (socket, n) => (n === 2 ? socket.destroy() : socket.write(OK));
      const server = await rawServer(reply, isProxied);
      await server.send();
      expect(await thrown(server.send('DELETE'))).toMatchObject({ code: 'ECONNRESET' });
      expect(server.seen.asked).toEqual(['GET / HTTP/1.1', 'DELETE / HTTP/1.1']);
      server.close();
    });
  });

  const closing = 'HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}';
  /** What is sent before the connection is reset is no whole response. */
  it.each<[what: string, replies: string[], requests: number]>([
    ['a new connection', [''], 1],
    ['a new connection after one that was not kept', [closing, ''], 2],
    ['the replacement of a connection', [OK, '', ''], 3],
    ['a connection after the first byte', [OK, 'H'], 2],
    ['a connection in the middle of a body', [OK, OK.slice(0, -1)], 2],
  ])('is not meant by the reset of %s, which is an error', async (_, replies, requests) => {
    const { seen, send, close } = await rawServer((socket, n) => {
      const reply = replies[n - 1] ?? OK;
      socket.write(reply, () => (reply.endsWith('}') ? undefined : socket.destroy()));
    });
    for (let n = 1; n < Math.min(2, replies.length); n++) await send();
    expect(await thrown(send())).toMatchObject({ code: 'ECONNRESET' });
    expect(seen.asked).toHaveLength(requests);
    close();
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
    const error = { name: 'ProxyError', proxy: `127.0.0.1:${proxy.port}`, status: 503 };
    expect(await thrown(transport.send(request, noCancel()))).toMatchObject(error);
    const { request: near } = await fakeJob();
    expect((await transport.send(near, noCancel())).status).toBe(200);
    expect(await thrown(transport.send(request, noCancel()))).toMatchObject(error);
    expect(proxy.asked).toEqual(['collibra.example:443', 'collibra.example:443']);
    proxy.close();
  });

  it('is left when the request is aborted', async () => {
    const asked = Promise.withResolvers<Duplex>();
    const port = await listen(http.createServer().on('connect', (_, socket) => asked.resolve(socket)));
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
  const failure = (request: HttpRequest) => {
    const transport = new HttpTransport('the-agent', systemClock);
    return thrown(new Requests(transport, systemClock, shorten, () => undefined).send(request, { signal: noCancel() }));
  };
  /** A server that does not get as far as HTTP, unless everything is right. */
  const tlsServer = async (of: Certificate = {}, options: tls.TlsOptions = {}) =>
    https.createServer({ ...(await certificate(of)), ...options }, (_, response) => response.end('here'));

  it('connects to a server with a good certificate', async () => {
    const url = `https://127.0.0.1:${await listen(await tlsServer())}/`;
    expect(await sendOnce(get(url))).toMatchObject({ body: 'here' });
  });

  it('connects to a proxy whose certificate is for the proxy, not for the server behind it', async () => {
    const proxy = await tlsServer();
    proxy.on('connect', (_, socket: Duplex) => socket.end('HTTP/1.1 503 Busy\r\n\r\n'));
    const request = throughProxy(await listen(proxy), 'https');
    expect(await failure(request)).toMatchObject({ label: 'HTTP 503 from the proxy' });
  });

  // cspell:ignore SECLEVEL
  const old: tls.TlsOptions = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' };
  const tls12: tls.TlsOptions = { maxVersion: 'TLSv1.2' };
  const demanding: tls.TlsOptions = { requestCert: true, rejectUnauthorized: true };
  it.each<[label: string, server: () => net.Server | Promise<net.Server>]>([
    ['expired certificate', () => tlsServer({ years: ['2020', '2021'] })],
    ['certificate that is not valid yet', () => tlsServer({ years: ['2089', '2090'] })],
    ['certificate for another host name', () => tlsServer({ name: '127.0.0.9' })],
    ['untrusted certificate', () => tlsServer({ isKnown: false })],
    ['no common TLS version', () => tlsServer({}, old)],
    ['TLS handshake rejected', () => tlsServer({}, { ...tls12, ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' })],
    ['TLS handshake rejected', () => tlsServer({}, { ...tls12, ...demanding })],
    ['client certificate required', () => tlsServer({}, demanding)],
    ['no TLS on this port', () => http.createServer((_, response) => response.end('plain'))],
    ['no TLS on this port', () => net.createServer((socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n'))],
  ])('reports "%s" of a server and of a proxy as a permanent error', async (label, server) => {
    const port = await listen(await server());
    const message = (where: string) => expect.stringContaining(`Could not connect to ${where}: ${label} (`);
    const url = `https://127.0.0.1:${port}/rest`;
    expect(await failure(get(url))).toMatchObject({ kind: 'permanent', label, message: message(url) });
    const proxied = { kind: 'permanent', label, message: message(`the proxy 127.0.0.1:${port}`) };
    expect(await failure(throughProxy(port, 'https'))).toMatchObject(proxied);
  });

  it.each([
    ['response headers that are too large', `HTTP/1.1 200 OK\r\nset-cookie: ${'x'.repeat(20_000)}\r\n\r\n`],
    ['a response that is not HTTP', 'SSH-2.0-OpenSSH_9.6\r\n'],
  ])('is not needed to report "%s" as a permanent error', async (label, response) => {
    const port = await listen(net.createServer((socket) => socket.write(response)));
    expect(await failure(get(`http://127.0.0.1:${port}/`))).toMatchObject({ kind: 'permanent', label });
    const message = expect.stringContaining(`the proxy 127.0.0.1:${port}`);
    expect(await failure(throughProxy(port))).toMatchObject({ kind: 'permanent', label, message });
  });
});

it.each([
  ['0', true],
  ['1', false],
])('NODE_TLS_REJECT_UNAUTHORIZED=%s is removed, and is reported: %j', (value, isReported) => {
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = value;
  expect(alwaysCheckCertificates()).toBe(isReported);
  expect(process.env).not.toHaveProperty('NODE_TLS_REJECT_UNAUTHORIZED');
});
