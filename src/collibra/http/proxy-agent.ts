import { once } from 'node:events';
import { request as httpRequest, type ClientRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import { isIP, isIPv6 } from 'node:net';
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
  /** Requests for tunnels, and the connections under them. */
  readonly #open = new Set<ClientRequest | Duplex>();

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
    this.#openTunnel(options).then(
      (socket) => callback(null, connect({ ...(options as ConnectionOptions), socket })),
      callback as (error: Error) => void,
    );
  }

  /** Closes all connections, and those that are being opened. */
  override destroy(): void {
    for (const one of this.#open) one.destroy();
    super.destroy();
  }

  async #openTunnel(options: RequestOptions): Promise<Duplex> {
    const { socket, status } = await this.#requestTunnel(options).catch((cause: unknown) => {
      throw new ProxyError(this.#proxy.host, { cause: cause as Error });
    });
    if (status >= 200 && status <= 299) return socket;
    socket.destroy();
    throw new ProxyError(this.#proxy.host, { status });
  }

  async #requestTunnel(options: RequestOptions): Promise<{ socket: Duplex; status: number }> {
    const request = this.#opened(this.#connect(options));
    const connected = (await once(request.end(), 'connect')) as [IncomingMessage, Duplex, Buffer];
    const [{ statusCode = 0 }, socket, head] = connected;
    return { socket, status: await finalStatus(statusCode, this.#opened(socket), head) };
  }

  #opened<T extends ClientRequest | Duplex>(one: T): T {
    this.#open.add(one);
    one.once('close', () => this.#open.delete(one));
    return one;
  }

  #connect({ host, port }: RequestOptions): ClientRequest {
    const { protocol, hostname, port: proxyPort, username, password } = this.#proxy;
    const proxyHost = withoutBrackets(hostname);
    const authority = `${isIPv6(host ?? '') ? `[${host}]` : host}:${port}`;
    return (protocol === 'https:' ? httpsRequest : httpRequest)({
      method: 'CONNECT',
      host: proxyHost,
      port: proxyPort,
      path: authority,
      // Otherwise it would be taken from the Host header, which is that of the server behind the proxy.
      servername: isIP(proxyHost) ? '' : proxyHost,
      headers: {
        host: authority,
        ...(username || password ? { 'proxy-authorization': basicAuthorization(username, password) } : {}),
      },
      agent: false,
    });
  }
}

/** The status of the first response in a text that is none of 1xx, once its head is complete. */
const FINAL_STATUS = /^(?:HTTP\/1\.\d 1\d\d[^]*?\r\n\r\n)*HTTP\/1\.\d ([02-9]\d\d)[^]*?\r\n\r\n/;

/** Reads on after an interim response (1xx), which Node.js takes for the final one. */
async function finalStatus(first: number, socket: Duplex, head: Buffer): Promise<number> {
  if (first < 100 || first > 199) return first;
  socket.unshift(head);
  let received = '';
  for await (const chunk of socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    received += chunk.toString('latin1');
    const status = FINAL_STATUS.exec(received)?.[1];
    if (status !== undefined) return Number(status);
  }
  throw new Error('the proxy closed the connection after an interim response');
}

/** A host as a lookup expects it: in a URL, an IPv6 address has brackets. */
export function withoutBrackets(host: string): string {
  return host.replace(/[[\]]/g, '');
}
