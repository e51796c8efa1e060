import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { request } from 'node:https';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';

import { afterEach, describe, expect, it } from '@jest/globals';

import { ProxyAgent } from '../../../src/collibra/http/proxy-agent.ts';
import { connectProxy, tlsFront } from '../../e2e/tls.ts';
import { thrown } from '../../support/http.ts';
import { closeServers, listen } from '../support.ts';

const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';

afterEach(closeServers);

/** An agent of a proxy that responds as `onConnect` does. */
async function fakeProxy(
  onConnect: (asked: IncomingMessage, socket: Duplex) => void,
  { host = '127.0.0.1', scheme = 'http', credentials = {} } = {},
) {
  const port = await listen(createServer().on('connect', onConnect), host);
  const proxy = new URL(`${scheme}://${host === '::1' ? '[::1]' : host}:${port}`);
  const agent = new ProxyAgent(Object.assign(proxy, credentials));
  return { agent, proxy: proxy.host };
}

/** The failure of a request through a proxy. */
async function failure(agent: ProxyAgent, url = 'https://collibra.example/'): Promise<unknown> {
  try {
    return await thrown(once(request(url, { agent }).end(), 'response'));
  } finally {
    agent.destroy();
  }
}

describe('a tunnel', () => {
  it('leads to the server, which must have a trusted certificate, and is reused', async () => {
    const paths: unknown[] = [];
    const target = createServer((incoming, response) => {
      paths.push(incoming.url);
      response.end('here');
    });
    const host = 'collibra.example';
    const front = await tlsFront(`http://127.0.0.1:${await listen(target)}`, host);
    const proxy = await connectProxy(front.port);
    const agent = new ProxyAgent(new URL(`http://127.0.0.1:${proxy.port}`));
    const get = async (path: string, ca?: Buffer) => {
      const sent = request(`https://${host}${path}`, { agent, ...(ca === undefined ? {} : { ca }) }).end();
      const [response] = (await once(sent, 'response')) as [IncomingMessage];
      return text(response);
    };
    expect(await thrown(get('/untrusted'))).toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    const ca = readFileSync(front.caFile);
    expect([await get('/one', ca), await get('/two', ca)]).toEqual(['here', 'here']);
    expect(paths).toEqual(['/one', '/two']);
    // One for the server that was not trusted, and one for all that follows.
    expect(proxy.asked).toEqual([`${host}:443`, `${host}:443`]);
    agent.destroy();
    proxy.close();
    front.close();
  });

  it.each([
    ['https://collibra.example/rest', 'collibra.example:443'],
    ['https://collibra.example:8443/', 'collibra.example:8443'],
    ['https://[2001:db8::1]/', '[2001:db8::1]:443'],
  ])('to %s is requested as %s', async (url, authority) => {
    let asked: IncomingMessage | undefined;
    const { agent, proxy } = await fakeProxy((incoming, socket) => {
      asked = incoming;
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    });
    const message = `The proxy ${proxy} failed.`;
    expect(await failure(agent, url)).toMatchObject({ name: 'ProxyError', message, proxy, status: 403 });
    expect(asked).toMatchObject({ method: 'CONNECT', url: authority, headers: { host: authority } });
    expect(asked?.headers).not.toHaveProperty('proxy-authorization');
  });

  it.each([
    ['me', 'secret'],
    ['me', ''],
    ['', 'secret'],
  ])('is requested with the user name "%s" and the password "%s"', async (username, password) => {
    let header = '';
    const { agent } = await fakeProxy(
      ({ headers }, socket) => {
        header = headers['proxy-authorization'] ?? '';
        socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
      },
      { credentials: { username, password } },
    );
    expect(await failure(agent)).toMatchObject({ status: 407 });
    expect(Buffer.from(header.replace('Basic ', ''), 'base64').toString()).toBe(`${username}:${password}`);
  });

  it('may begin at a proxy with an IPv6 address', async () => {
    const refuse = (_: unknown, socket: Duplex) => socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    const { agent, proxy } = await fakeProxy(refuse, { host: '::1' });
    expect(await failure(agent)).toMatchObject({ proxy, status: 502 });
  });

  it.each([
    ['http', 'ECONNRESET'],
    ['https', 'EPROTO'],
  ])('fails with what broke the connection to the %s proxy: %s', async (scheme, code) => {
    const { agent, proxy } = await fakeProxy((_, socket) => socket.destroy(), { scheme });
    expect(await failure(agent)).toMatchObject({ name: 'ProxyError', proxy, status: undefined, cause: { code } });
  });

  it.each<[what: string, pieces: string[]]>([
    ['200', ['HTTP/1.1 200 Connection established\r\n\r\n']],
    ['201', ['HTTP/1.0 201 Created\r\nvia: x\r\n\r\n']],
    ['204', ['HTTP/1.1 204 No Content\r\n\r\n']],
    ['299', ['HTTP/1.1 299 Odd\r\n\r\n']],
    ['100 and 200 in one piece', [`${CONTINUE}HTTP/1.1 200 OK\r\n\r\n`]],
    ['100, then 200', [CONTINUE, 'HTTP/1.1 200 OK\r\nvia: x\r\n\r\n']],
    ['103 and 100, then 201', [`HTTP/1.1 103 Early\r\nlink: x\r\n\r\n${CONTINUE}`, 'HTTP/1.1 201 OK\r\n\r\n']],
    ['100 and 200 in pieces', ['HTTP/1.1 100 C\r\n\r', '\nHT', 'TP/1.1 2', '00 OK\r\n', 'via: x\r\n\r', '\n']],
  ])('is open after %s', async (_, pieces) => {
    const begun = Promise.withResolvers<Buffer>();
    const { agent } = await fakeProxy((_asked, socket) => {
      socket.once('data', begun.resolve);
      const send = ([piece, ...rest]: string[]) => {
        if (piece !== undefined) socket.write(piece, () => void setTimeout(2).then(() => send(rest)));
      };
      send(pieces);
    });
    const failed = once(request('https://collibra.example/', { agent }).end(), 'error');
    // A TLS handshake begins so.
    expect((await begun.promise).subarray(0, 2)).toEqual(Buffer.from([0x16, 0x03]));
    agent.destroy();
    await failed;
  });

  const interims = ['', CONTINUE, `${CONTINUE}HTTP/1.1 103 Early\r\n\r\n`];
  it.each(interims)('is not opened by a status other than 2xx, here after %j', async (interim) => {
    for (const status of [301, 401, 403, 407, 502]) {
      const { agent } = await fakeProxy((_, socket) => socket.end(`${interim}HTTP/1.1 ${status} No\r\n\r\n`));
      expect(await failure(agent)).toMatchObject({ name: 'ProxyError', status });
    }
  });

  const closings = [CONTINUE, `${CONTINUE}HTTP/1.1 20`];
  it.each(closings)('fails at once if the proxy closes the connection after %j', async (interim) => {
    const { agent, proxy } = await fakeProxy((_, socket) => socket.end(interim));
    const cause = { message: 'the proxy closed the connection after an interim response' };
    expect(await failure(agent)).toMatchObject({ name: 'ProxyError', proxy, status: undefined, cause });
  });

  it('that is not opened leaves no connection behind', async () => {
    const left = Promise.withResolvers<undefined>();
    const { agent } = await fakeProxy((_, socket) => {
      socket.resume().once('end', () => left.resolve(undefined));
      socket.write('HTTP/1.1 403 Forbidden\r\n\r\n');
    });
    await once(request('https://collibra.example/', { agent }).end(), 'error');
    await left.promise;
  });

  it.each([
    // What comes through an open tunnel is the beginning of TLS, to which nobody responds.
    ['open', 'HTTP/1.1 200 Connection established\r\n\r\n', 'data'],
    ['requested', '', 'resume'],
    ['requested, with an interim response,', CONTINUE, 'resume'],
  ])('that is %s is closed with the agent', async (_, response, event) => {
    const asked = Promise.withResolvers<unknown>();
    const closed = Promise.withResolvers<unknown>();
    const { agent } = await fakeProxy((_, socket) => {
      socket.once(event, () => asked.resolve(0)).write(response);
      socket.on('error', closed.resolve).on('end', closed.resolve).resume();
    });
    const broken = once(request('https://collibra.example/', { agent }).end(), 'error');
    await asked.promise;
    // The interim response is read within that time, or not at all.
    await setTimeout(20);
    agent.destroy();
    await Promise.all([broken, closed.promise]);
  });
});
