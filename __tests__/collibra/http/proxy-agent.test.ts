import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';

import { afterEach, describe, expect, it } from '@jest/globals';

import { ProxyAgent } from '../../../src/collibra/http/proxy-agent.ts';
import { connectProxy, tlsFront } from '../../e2e/tls.ts';
import { thrown } from '../../support/http.ts';

const open: Server[] = [];
afterEach(() => {
  for (const server of open.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

type OnConnect = (asked: IncomingMessage, socket: Duplex) => void;

/** A proxy that does as told, and its address. */
async function aProxy(onConnect: OnConnect, host = '127.0.0.1') {
  const server = createServer().on('connect', onConnect);
  open.push(server);
  await once(server.listen(0, host), 'listening');
  return (server.address() as AddressInfo).port;
}

/** Asks for something by way of a proxy, and gives what comes of it. */
async function ask(agent: ProxyAgent, url: string): Promise<unknown> {
  const asking = request(url, { agent }).end();
  try {
    return await thrown(once(asking, 'response'));
  } finally {
    agent.destroy();
  }
}

describe('a tunnel', () => {
  it('leads to the server, is trusted by its certificate alone, and is kept for the next request', async () => {
    const seen: unknown[] = [];
    const target = createServer((asked, answer) => {
      seen.push(asked.url);
      answer.end('here');
    });
    open.push(target);
    await once(target.listen(0, '127.0.0.1'), 'listening');
    const host = 'collibra.example';
    const front = await tlsFront(`http://127.0.0.1:${(target.address() as AddressInfo).port}`, host);
    const proxy = await connectProxy(front.port);
    const agent = new ProxyAgent(new URL(`http://127.0.0.1:${proxy.port}`));
    const get = async (path: string, ca?: Buffer) => {
      const [answer] = (await once(
        request(`https://${host}${path}`, { agent, ...(ca === undefined ? {} : { ca }) }).end(),
        'response',
      )) as [IncomingMessage];
      return text(answer);
    };
    expect(await thrown(get('/untrusted'))).toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    const ca = readFileSync(front.caFile);
    expect([await get('/one', ca), await get('/two', ca)]).toEqual(['here', 'here']);
    expect(seen).toEqual(['/one', '/two']);
    // One for the server that was not trusted, and one for all that follows.
    expect(proxy.asked).toEqual([`${host}:443`, `${host}:443`]);
    agent.destroy();
    await Promise.all([proxy.close(), front.close()]);
  });

  it.each([
    ['https://collibra.example/rest', 'collibra.example:443'],
    ['https://collibra.example:8443/', 'collibra.example:8443'],
    ['https://[2001:db8::1]/', '[2001:db8::1]:443'],
  ])('to %s is asked for as %s', async (url, authority) => {
    let seen: IncomingMessage | undefined;
    const port = await aProxy((asked, socket) => {
      seen = asked;
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    });
    const error = await ask(new ProxyAgent(new URL(`http://127.0.0.1:${port}`)), url);
    expect(error).toMatchObject({
      name: 'ProxyRefusal',
      status: 403,
      message: 'the proxy answered with HTTP 403',
    });
    expect([seen?.method, seen?.url, seen?.headers.host]).toEqual(['CONNECT', authority, authority]);
    expect(seen?.headers).not.toHaveProperty('proxy-authorization');
  });

  it('is asked for with credentials, where there are some', async () => {
    const headers: unknown[] = [];
    const port = await aProxy(({ headers: given }, socket) => {
      headers.push(given['proxy-authorization']);
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    });
    const proxy = new URL(`http://127.0.0.1:${port}`);
    for (const [username, password] of [
      ['me', 'secret'],
      ['me', ''],
      ['', 'secret'],
    ]) {
      Object.assign(proxy, { username, password });
      await ask(new ProxyAgent(proxy), 'https://collibra.example/');
    }
    const told = headers.map((value) =>
      Buffer.from(String(value).replace('Basic ', ''), 'base64').toString(),
    );
    expect(told).toEqual(['me:secret', 'me:', ':secret']);
  });

  it('may begin at a proxy with an IPv6 address', async () => {
    const port = await aProxy((_, socket) => socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'), '::1');
    const error = await ask(new ProxyAgent(new URL(`http://[::1]:${port}`)), 'https://collibra.example/');
    expect(error).toMatchObject({ status: 502 });
  });

  it('fails with what broke the connection to the proxy, and says so', async () => {
    const port = await aProxy((_, socket) => socket.destroy());
    const error = await ask(new ProxyAgent(new URL(`http://127.0.0.1:${port}`)), 'https://collibra.example/');
    expect(error).toMatchObject({ code: 'ECONNRESET', message: expect.stringMatching(/^the proxy: /) });
  });

  it('begins with TLS at a proxy whose address says https', async () => {
    const port = await aProxy((_, socket) => socket.end('HTTP/1.1 403 Forbidden\r\n\r\n'));
    const error = await ask(
      new ProxyAgent(new URL(`https://127.0.0.1:${port}`)),
      'https://collibra.example/',
    );
    expect(error).toMatchObject({ code: 'EPROTO', message: expect.stringMatching(/^the proxy: /) });
  });

  it('that is refused leaves no connection behind', async () => {
    const left = Promise.withResolvers<undefined>();
    const port = await aProxy((_, socket) => {
      socket.resume().once('end', () => left.resolve(undefined));
      socket.write('HTTP/1.1 403 Forbidden\r\n\r\n');
    });
    const agent = new ProxyAgent(new URL(`http://127.0.0.1:${port}`));
    await once(request('https://collibra.example/', { agent }).end(), 'error');
    await left.promise;
  });

  it('is closed with the agent', async () => {
    const [begun, left] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
    const port = await aProxy((_, socket) => {
      // What comes through the tunnel is the beginning of TLS, which nobody answers.
      socket.once('data', () => begun.resolve(undefined)).once('end', () => left.resolve(undefined));
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    });
    const agent = new ProxyAgent(new URL(`http://127.0.0.1:${port}`));
    const broken = once(request('https://collibra.example/', { agent }).end(), 'error');
    await begun.promise;
    agent.destroy();
    await Promise.all([broken, left.promise]);
  });

  it('that is still asked for is given up with the agent', async () => {
    const asked = Promise.withResolvers<Duplex>();
    const port = await aProxy((_, socket) => asked.resolve(socket));
    const agent = new ProxyAgent(new URL(`http://127.0.0.1:${port}`));
    const broken = once(request('https://collibra.example/', { agent }).end(), 'error');
    const socket = await asked.promise;
    const ended = once(socket.resume(), 'end');
    agent.destroy();
    await Promise.all([broken, ended]);
    socket.destroy();
  });
});
