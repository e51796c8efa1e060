import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

import { HttpClient, type HttpClientResponse } from '@actions/http-client';
import type { RequestHandler } from '@actions/http-client/lib/interfaces';

import type { Clock } from '../../clock.ts';
import { unlessAborted } from './timeout.ts';
import { proxyOf } from './proxy.ts';
import { ProxyAgent, withoutBrackets } from './proxy-agent.ts';

/** One HTTP request, ready to be sent as it is. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** One HTTP answer, whole. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Sends requests and knows nothing of their meaning. Handed in, so that a simulated server can take its place. */
export interface Transport {
  /**
   * @param signal ends the request, and its connection, at any moment up to the body's last byte
   * @throws whatever broke the connection, or the signal's reason
   */
  send(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse>;
}

/** An answer larger than this is no job: reading on would only fill the memory. */
const MAX_BODY_BYTES = 32 * 1024 * 1024;

/** Gateways drop idle connections after a minute or so; one that has idled for this long is not trusted again. */
const MAX_IDLE_MS = 30_000;

/** The client's own idle time-out. Deadlines come from the signal; this only frees what a proxy left open. */
const SOCKET_TIMEOUT_MS = 60_000;

/** A client with one connection of its own, so that giving up on a request closes no other request's connection. */
class SingleConnectionClient {
  readonly #client: HttpClient;
  #tunnel: ProxyAgent | undefined;
  #isProxied = false;
  idleSince = 0;

  constructor(userAgent: string) {
    const handler: RequestHandler = {
      prepareRequest: (options) => {
        // http-client leaves the brackets of an IPv6 address in it.
        options.host = withoutBrackets(options.host ?? '');
        if (this.#isProxied) options.agent = this.#tunnel;
      },
      canHandleAuthentication: () => false,
      handleAuthentication: () => Promise.reject(new Error('not a handler of authentication')),
    };
    this.#client = new HttpClient(userAgent, [handler], {
      allowRedirects: false,
      keepAlive: true,
      maxSockets: 1,
      socketTimeout: SOCKET_TIMEOUT_MS,
    });
  }

  async exchange({ method, url, headers, body }: HttpRequest): Promise<HttpResponse> {
    const proxy = proxyOf(url);
    // Collibra and a token endpoint share the lane, and only one of them may be behind the proxy.
    this.#isProxied = proxy !== undefined;
    if (proxy !== undefined) this.#tunnel ??= new ProxyAgent(proxy);
    const { message }: HttpClientResponse = await this.#client.request(method, url, body ?? null, {
      ...headers,
    });
    return { status: message.statusCode ?? 0, headers: message.headers, body: await readBody(message) };
  }

  dispose(): void {
    this.#client.dispose();
    this.#tunnel?.destroy();
  }
}

/**
 * The real transport: @actions/http-client, with connections kept alive, also through the runner's proxy.
 * Redirects are never followed, and nothing is retried here.
 */
export class HttpTransport implements Transport {
  readonly #free: SingleConnectionClient[] = [];
  readonly #userAgent: string;
  readonly #clock: Clock;

  /** @param clock tells for how long a connection has been idle */
  constructor(userAgent: string, clock: Clock) {
    this.#userAgent = userAgent;
    this.#clock = clock;
  }

  /** See {@link Transport.send}. */
  async send(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
    signal.throwIfAborted();
    const lane = this.#takeLane();
    let whole = false;
    try {
      const answer = await unlessAborted(lane.exchange(request), signal);
      whole = true;
      return answer;
    } finally {
      if (whole) this.#putBack(lane);
      // The only way to end a request of http-client, which may never settle then.
      else lane.dispose();
    }
  }

  /** The connection used last is the likeliest to be still open. */
  #takeLane(): SingleConnectionClient {
    const lane = this.#free.pop();
    if (lane && this.#clock.now() - lane.idleSince <= MAX_IDLE_MS) return lane;
    lane?.dispose();
    return new SingleConnectionClient(this.#userAgent);
  }

  #putBack(lane: SingleConnectionClient): void {
    lane.idleSince = this.#clock.now();
    this.#free.push(lane);
  }
}

/** Reads a body to its end. Unlike http-client's own readers it fails when the connection breaks half-way. */
async function readBody(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES)
      throw new Error(`the answer is larger than ${MAX_BODY_BYTES / 1024 / 1024} MiB`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
