import { request as httpRequest, type ClientRequest, type RequestOptions } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import { isIPv6 } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect, type ConnectionOptions } from 'node:tls';

import { basicAuthorization } from '../auth.ts';

/** A proxy's answer other than 200 to the request for a tunnel. */
export class ProxyError extends Error {
  override readonly name = 'ProxyRefusal';
  readonly status: number;

  constructor(status: number) {
    super(`the proxy answered with HTTP ${status}`);
    this.status = status;
  }
}

/**
 * Reaches https servers through a proxy (CONNECT: RFC 9110, 9.3.6) and keeps the connection alive. The agent that
 * http-client brings along closes it after each request.
 */
export class ProxyAgent extends Agent {
  readonly #proxy: URL;
  readonly #asking = new Set<ClientRequest>();

  /** @param proxy with the credentials as they are, not as a URL escapes them */
  constructor(proxy: URL) {
    super({ keepAlive: true, maxSockets: 1 });
    this.#proxy = proxy;
  }

  /** Asks for a tunnel, and begins TLS in it. Fails with a {@link ProxyError}, or with what broke the connection. */
  override createConnection(
    options: RequestOptions,
    callback: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    const fail = callback as (error: Error) => void;
    const request = this.#ask(options);
    this.#asking.add(request);
    request.once('close', () => this.#asking.delete(request));
    request.once('error', (error) => fail(Object.assign(error, { message: `the proxy: ${error.message}` })));
    request.once('connect', ({ statusCode = 0 }, socket) => {
      if (statusCode === 200) {
        callback(null, connect({ ...(options as ConnectionOptions), socket }));
        return;
      }
      socket.destroy();
      fail(new ProxyError(statusCode));
    });
    request.end();
  }

  /** Closes all connections, and those that are only asked for. */
  override destroy(): void {
    for (const request of this.#asking) request.destroy();
    super.destroy();
  }

  #ask({ host, port }: RequestOptions): ClientRequest {
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

/** A host as a lookup understands it: in a URL, an IPv6 address has brackets. */
export function withoutBrackets(host: string): string {
  return host.replace(/[[\]]/g, '');
}
