import { Agent, request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { setDefaultAutoSelectFamilyAttemptTimeout, type Socket } from 'node:net';
import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';

import { HttpClient } from '@actions/http-client';
import type { RequestInfo } from '@actions/http-client/lib/interfaces';

import type { Clock } from '../../clock.ts';
import { unlessAborted } from '../../timeout.ts';
import { proxyOf } from './proxy.ts';
import { ProxyAgent, withoutBrackets } from './proxy-agent.ts';

/** One HTTP request, ready to be sent as it is. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly url: string;
  /** What messages say in place of an address that must not be shown. */
  readonly shownAs?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Whether it changes something: it is never sent again unseen, because a lost response may mean that it was accepted. */
  readonly isCommand?: boolean;
}

/** One complete HTTP response. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/**
 * Makes Node.js check certificates, whatever NODE_TLS_REJECT_UNAUTHORIZED says: it reads the variable for each connection.
 * @returns whether the variable had turned the check off
 */
export function alwaysCheckCertificates(): boolean {
  const isDisabled = process.env.NODE_TLS_REJECT_UNAUTHORIZED === '0';
  delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
  return isDisabled;
}

/** How long each address of a host gets to accept a connection, in milliseconds; Node.js gives 250 ms. */
setDefaultAutoSelectFamilyAttemptTimeout(2_000);

/** Sends requests and does not know their meaning. Passed in, so that a simulated server can take its place. */
export interface Transport {
  /**
   * @param signal ends the request and its connection at any moment until the last byte of the body
   * @throws the error of the connection, or the signal's reason
   */
  send(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse>;
}

/** The largest response body. A larger one is no job, and reading on would only fill the memory. */
const MAX_BODY_BYTES = 32 * 1024 * 1024;

/** Gateways drop idle connections after a minute or so; one that has idled for longer, in milliseconds, is not reused. */
const MAX_IDLE_MS = 30_000;

/** The longest time limit of a request, in milliseconds. */
export const LONGEST_REQUEST_MS = 120_000;

/** The client's own idle timeout, in milliseconds. Deadlines come from the signal; this only frees what a proxy left open. */
const SOCKET_TIMEOUT_MS = LONGEST_REQUEST_MS + 30_000;

/** A connection that was kept alive was closed before the response began: the request can be repeated. */
class StaleConnectionError extends Error {}

const RESET_CODES = new Set(['ECONNRESET', 'EPIPE']);

/**
 * An HTTP client with a single connection to each server, so that aborting a request does not affect the others. Uses the
 * raw requests of http-client, because the others follow redirects and close the connection to a proxy.
 */
class SingleConnectionClient {
  readonly #client: HttpClient;
  readonly #agents = new Map<string, Agent>();
  /** The last connection to each origin. */
  readonly #sockets = new Map<string, Socket>();
  idleSince = 0;

  constructor(userAgent: string) {
    this.#client = new HttpClient(userAgent, [], { socketTimeout: SOCKET_TIMEOUT_MS });
  }

  async send({ method, url, headers, body, isCommand }: HttpRequest): Promise<HttpResponse> {
    const parsedUrl = new URL(url);
    const { origin, hostname, protocol, port, pathname, search } = parsedUrl;
    const options = {
      method,
      host: withoutBrackets(hostname),
      port: port || (protocol === 'https:' ? 443 : 80),
      path: pathname + search,
      // Responses are small; a compressed one is read all the same.
      headers: { 'user-agent': this.#client.userAgent, 'accept-encoding': 'identity', ...headers },
      agent: this.#agentOf(parsedUrl),
    };
    // The only function of the module that a raw request calls.
    const httpModule = { request: protocol === 'https:' ? httpsRequest : httpRequest } as RequestInfo['httpModule'];
    const isStale = staleCheck(this.#sockets.get(origin));
    const sent = this.#client.requestRaw({ options, parsedUrl, httpModule }, body ?? null);
    const { message } = await sent.catch((error: unknown) => {
      throw !isCommand && isStale(error) ? new StaleConnectionError() : error;
    });
    this.#sockets.set(origin, message.socket);
    return { status: message.statusCode ?? 0, headers: message.headers, body: await readBody(message) };
  }

  /** Collibra and a token endpoint share the client, and only one of them may be behind the proxy. */
  #agentOf({ href, protocol }: URL): Agent {
    const proxy = proxyOf(href);
    const key = proxy?.href ?? protocol;
    const options = { keepAlive: true, maxSockets: 1 };
    const create = () => {
      if (proxy !== undefined) return new ProxyAgent(proxy);
      return protocol === 'https:' ? new HttpsAgent(options) : new Agent(options);
    };
    const agent = this.#agents.get(key) ?? create();
    this.#agents.set(key, agent);
    return agent;
  }

  dispose(): void {
    for (const agent of this.#agents.values()) agent.destroy();
  }
}

/** @returns whether an error means that this connection, if it is still open, was closed before a byte of the response */
function staleCheck(kept: Socket | undefined): (error: unknown) => boolean {
  if (!kept?.writable) return () => false;
  const { bytesRead } = kept;
  return (error) => RESET_CODES.has((error as NodeJS.ErrnoException).code ?? '') && kept.bytesRead === bytesRead;
}

/**
 * The real transport: @actions/http-client with keep-alive connections, also through the runner's proxy.
 * Redirects are never followed, and nothing is retried here.
 */
export class HttpTransport implements Transport {
  readonly #free: SingleConnectionClient[] = [];
  readonly #userAgent: string;
  readonly #clock: Clock;

  /** @param clock measures how long a connection has been idle */
  constructor(userAgent: string, clock: Clock) {
    this.#userAgent = userAgent;
    this.#clock = clock;
  }

  /** See {@link Transport.send}. */
  async send(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
    try {
      return await this.#sendWith(this.#takeClient(), request, signal);
    } catch (error) {
      if (!(error instanceof StaleConnectionError)) throw error;
      return this.#sendWith(new SingleConnectionClient(this.#userAgent), request, signal);
    }
  }

  async #sendWith(client: SingleConnectionClient, request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
    let isComplete = false;
    try {
      signal.throwIfAborted();
      const response = await unlessAborted(client.send(request), signal);
      isComplete = true;
      return response;
    } finally {
      if (isComplete) this.#putBack(client);
      // The only way to end a request of http-client; its promise may never settle then.
      else client.dispose();
    }
  }

  /** The connection that was used last is the most likely to be still open. */
  #takeClient(): SingleConnectionClient {
    const client = this.#free.pop();
    if (client && this.#clock.now() - client.idleSince <= MAX_IDLE_MS) return client;
    client?.dispose();
    return new SingleConnectionClient(this.#userAgent);
  }

  #putBack(client: SingleConnectionClient): void {
    client.idleSince = this.#clock.now();
    this.#free.push(client);
  }
}

/** Reads a body to its end. Unlike http-client's own readers, it fails when the connection breaks before the end. */
async function readBody(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new Error(`the response is larger than ${MAX_BODY_BYTES / 1024 / 1024} MiB`);
    chunks.push(chunk);
  }
  const encoding = message.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  // Drops a byte order mark, too.
  return new TextDecoder().decode(decoded(Buffer.concat(chunks), encoding));
}

/** Decodes a body, although none was asked for: some gateways compress every response. */
function decoded(body: Buffer, encoding: string): Buffer {
  if (encoding === 'identity' || encoding === '' || body.length === 0) return body;
  const limit = { maxOutputLength: MAX_BODY_BYTES };
  switch (encoding) {
    case 'gzip':
    case 'x-gzip':
      return gunzipSync(body, limit);
    case 'deflate':
      // Meant is the zlib format (RFC 9110, 8.4.1.2), but some servers send raw deflate.
      return (Number(body[0]) & 0x0f) === 8 ? inflateSync(body, limit) : inflateRawSync(body, limit);
    case 'br':
      return brotliDecompressSync(body, limit);
    default:
      throw Object.assign(new Error(`"${encoding}" is unknown`), { code: 'ERR_CONTENT_ENCODING' });
  }
}
