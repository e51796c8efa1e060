import type { HttpResponse, HttpRequest, Transport } from '../../src/collibra/http/transport.ts';
import type { FakeClock } from './fake-clock.ts';

/** What a fake server does with a request; `undefined` means that it never responds. */
export type Reply = HttpResponse | Error | undefined;

/** A server without a network. */
export class FakeTransport implements Transport {
  readonly requests: HttpRequest[] = [];
  /** When each request came, in milliseconds since the clock's start. */
  readonly times: number[] = [];
  inFlight = 0;
  peak = 0;
  readonly #clock: FakeClock;
  readonly #reply: (request: HttpRequest, n: number) => Reply;
  readonly #takesMs: number;

  constructor(clock: FakeClock, reply: (request: HttpRequest, n: number) => Reply, takesMs = 0) {
    this.#clock = clock;
    this.#reply = reply;
    this.#takesMs = takesMs;
  }

  async send(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
    signal.throwIfAborted();
    this.times.push(this.#clock.sinceStart());
    const n = this.requests.push(request);
    this.peak = Math.max(this.peak, ++this.inFlight);
    try {
      if (this.#takesMs > 0) await this.#clock.sleep(this.#takesMs, signal);
      signal.throwIfAborted();
      const reply = this.#reply(request, n);
      if (reply === undefined) return await abortOf(signal);
      if (reply instanceof Error) throw reply;
      return reply;
    } finally {
      this.inFlight--;
    }
  }
}

function abortOf(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error));
  });
}

/** A response with a body. */
export function text(body: string, status = 200, headers: HttpResponse['headers'] = {}): HttpResponse {
  return { status, headers: { 'content-type': 'text/plain', ...headers }, body };
}

/** A response with JSON. */
export function json(value: unknown, status = 200, headers: HttpResponse['headers'] = {}): HttpResponse {
  return text(JSON.stringify(value), status, { 'content-type': 'application/json', ...headers });
}

/** Lists the requests below `https://acme.example/c` as lines such as `GET /path?query`. */
export function lines({ requests }: FakeTransport): string[] {
  return requests.map(({ method, url }) => `${method} ${url.replace('https://acme.example/c', '')}`);
}

/** Returns what some work throws. */
export async function thrown(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error('Nothing was thrown');
}
