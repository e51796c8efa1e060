import { once } from 'node:events';
import { request as httpRequest, type ClientRequest, type RequestOptions } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import { isIPv6 } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect, type ConnectionOptions } from 'node:tls';

import { basicAuthorization } from '../../text.ts';

/** A proxy that could not be reached, or that did not open a tunnel. */
export class ProxyError extends Error {
  override readonly name = 'ProxyError';
  /** The proxy's host and port. */
  readonly proxy: string;
  /** The status of the proxy's response; undefined if the connection to the proxy failed (see `cause`). */
  readonly status: number | undefined;

  constructor(proxy: string, failure: { readonly status: number } | { readonly cause: Error }) {
    super(`The proxy ${proxy} failed.`, 'cause' in failure ? { cause: failure.cause } : {});
    this.proxy = proxy;
    this.status = 'status' in failure ? failure.status : undefined;
  }
}

/**
 * Connects to https servers through a proxy (CONNECT: RFC 9110, 9.3.6) and keeps the connection alive. The agent that
 * http-client includes closes it after each request.
 */
export class ProxyAgent extends Agent {
  readonly #proxy: URL;
  readonly #connecting = new Set<ClientRequest>();

  /** @param proxy with decoded credentials */
  constructor(proxy: URL) {
    super({ keepAlive: true, maxSockets: 1 });
    this.#proxy = proxy;
  }

  /** Requests a tunnel, and starts TLS in it. Fails with a {@link ProxyError}. */
  override createConnection(
    options: RequestOptions,
    callback: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    const fail = callback as (error: Error) => void;
    const request = this.#connect(options);
    this.#connecting.add(request);
    request.once('close', () => this.#connecting.delete(request));
    request.once('error', (cause) => fail(new ProxyError(this.#proxy.host, { cause })));
    request.once('connect', ({ statusCode: first = 0 }, socket, head) => {
      finalStatus(first, socket, head).then((status) => {
        if (status >= 200 && status <= 299) {
          callback(null, connect({ ...(options as ConnectionOptions), socket }));
          return;
        }
        socket.destroy();
        fail(new ProxyError(this.#proxy.host, { status }));
      }, fail);
    });
    request.end();
  }

  /** Closes all connections, and those that are being opened. */
  override destroy(): void {
    for (const request of this.#connecting) request.destroy();
    super.destroy();
  }

  #connect({ host, port }: RequestOptions): ClientRequest {
    const { protocol, hostname, port: proxyPort, username, password } = this.#proxy;
    const authority = `${isIPv6(host ?? '') ? `[${host}]` : host}:${port}`;
    return (protocol === 'https:' ? httpsRequest : httpRequest)({
      method: 'CONNECT',
      host: withoutBrackets(hostname),
      port: proxyPort,
      path: authority,
      headers: {
        host: authority,
        ...(username || password ? { 'proxy-authorization': basicAuthorization(username, password) } : {}),
      },
      agent: false,
    });
  }
}

/** Reads on after an interim response (1xx), which Node.js takes for the answer to CONNECT. */
async function finalStatus(first: number, socket: Duplex, head: Buffer): Promise<number> {
  if (first < 100 || first > 199) return first;
  let received = head.toString('latin1');
  for (;;) {
    const end = received.indexOf('\r\n\r\n');
    const status = Number(/^HTTP\/1\.\d (\d{3})/.exec(received)?.[1]);
    if (end >= 0 && !(status >= 100 && status <= 199)) {
      socket.pause();
      return status;
    }
    if (end >= 0) received = received.slice(end + 4);
    else received += ((await once(socket, 'data')) as [Buffer])[0].toString('latin1');
  }
}

/** A host as a lookup expects it: in a URL, an IPv6 address has brackets. */
export function withoutBrackets(host: string): string {
  return host.replace(/[[\]]/g, '');
}
