import type { Clock } from '../../clock.ts';
import { duration } from '../../text.ts';
import type { Credentials } from '../auth.ts';
import { withTimeout, type Timeout } from './timeout.ts';
import { CollibraError } from '../errors.ts';
import { errorFromResponse, errorFromConnection, looksLikeHtml, type RedactAndTruncate } from './classify.ts';
import { Semaphore } from './semaphore.ts';
import { fit, parseJson, type Expected } from '../schema.ts';
import type { HttpResponse, HttpRequest, Transport } from './transport.ts';

/** The most requests under way at the same moment, over all jobs. */
export const MAX_IN_FLIGHT = 8;

/** How long one request may take, body and all, in milliseconds. */
const REQUEST_DEADLINE_MS = 30_000;

/** Bounds of one request, beside its own deadline. */
export interface RequestLimits {
  /** When the answer is of no use any more, on the clock's scale. */
  readonly until: number;
  /** Ends the request when the run is cancelled. */
  readonly signal: AbortSignal;
}

/** A JSON answer, and the server's idea of the time. */
interface JsonAnswer<T> {
  readonly value: T;
  readonly serverTime: Date | undefined;
}

/** Sends single requests: in turn, each under its deadline, and turns every failure into a {@link CollibraError}. */
export class Requests {
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #gate = new Semaphore(MAX_IN_FLIGHT);
  readonly cut: RedactAndTruncate;

  constructor(transport: Transport, clock: Clock, cut: RedactAndTruncate) {
    this.#transport = transport;
    this.#clock = clock;
    this.cut = cut;
  }

  /**
   * Sends a request and reads the whole answer, whatever its status.
   * @throws CollibraError when no answer came; the signal's reason when the run was cancelled
   */
  async exchange(request: HttpRequest, { until, signal }: RequestLimits): Promise<HttpResponse> {
    const where = addressOf(request.url);
    const deadline = (ms: number, outer: AbortSignal): Timeout => ({
      clock: this.#clock,
      ms,
      signal: outer,
      onTimeout: () =>
        new CollibraError('transient', 'no answer in time', `${where}: no answer within ${duration(ms)}`),
    });
    const send = (turn: AbortSignal) =>
      withTimeout(deadline(REQUEST_DEADLINE_MS, turn), (own) => this.#transport.send(request, own));
    try {
      return await withTimeout(deadline(until - this.#clock.now(), signal), (outer) =>
        this.#gate.run(() => send(outer), outer),
      );
    } catch (error) {
      signal.throwIfAborted();
      throw error instanceof CollibraError ? error : errorFromConnection(error, where);
    }
  }

  /**
   * Reads a good answer as JSON of the expected shape.
   * @throws CollibraError for a status other than 2xx, and where the body is something else
   */
  json<T>(answer: HttpResponse, url: string, expected: Expected<T>): JsonAnswer<T> {
    this.good(answer, url);
    const json = parseJson(answer.body);
    const value = fit(expected.cast, json);
    if (value !== undefined) return { value, serverTime: serverTimeOf(answer) };
    const [seen, said] =
      json === undefined
        ? notJson(answer)
        : [`JSON that is not ${expected.what}`, `JSON that is not ${expected.what}`];
    throw new CollibraError('transient', seen, `${addressOf(url)} answered with ${said}`, {
      status: answer.status,
    });
  }

  /** @throws CollibraError for a status other than 2xx */
  good(answer: HttpResponse, url: string): void {
    if (answer.status < 200 || answer.status > 299) throw this.failure(answer, url);
  }

  /**
   * What an answer other than 2xx means.
   * @param advice what to do about it, where the caller knows better than the status tells
   */
  failure(answer: HttpResponse, url: string, advice?: string): CollibraError {
    return errorFromResponse(answer, addressOf(url), this.#clock.date(), this.cut, advice);
  }
}

function notJson({ body, headers }: HttpResponse): [seen: string, said: string] {
  return looksLikeHtml(body, headers)
    ? ['HTML page in place of JSON', 'an HTML page in place of JSON (a login or maintenance page?)']
    : ['answer that is not JSON', 'something that is not whole JSON'];
}

function serverTimeOf({ headers }: HttpResponse): Date | undefined {
  const time = Date.parse(headers.date ?? '');
  return Number.isNaN(time) ? undefined : new Date(time);
}

/** An address as messages show it: without its query, which may hold what was searched for. */
function addressOf(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}

/** What a call needs beside its path. */
interface Call extends RequestLimits {
  readonly query?: URLSearchParams;
  readonly body?: unknown;
}

/** Collibra's REST APIs under one base URL with one set of credentials. */
export class CollibraClient {
  readonly #baseUrl: string;
  readonly #requests: Requests;
  readonly #credentials: Credentials;

  /** @param baseUrl without a trailing slash */
  constructor(baseUrl: string, requests: Requests, credentials: Credentials) {
    this.#baseUrl = baseUrl;
    this.#requests = requests;
    this.#credentials = credentials;
  }

  /**
   * Asks for JSON.
   * @param path from the base URL on, e.g. `/rest/jobs/v1/jobs`
   * @throws CollibraError
   */
  async get<T>(path: string, expected: Expected<T>, call: Call): Promise<JsonAnswer<T>> {
    return this.#requests.json(await this.#send('GET', path, call), this.#urlOf(path), expected);
  }

  /**
   * Sends a command whose good answer holds nothing of interest.
   * @throws CollibraError
   */
  async command(method: 'POST' | 'DELETE', path: string, call: Call): Promise<void> {
    this.#requests.good(await this.#send(method, path, call), this.#urlOf(path));
  }

  #urlOf(path: string): string {
    return this.#baseUrl + path;
  }

  /** Asks again, once, where a 401 can be answered with fresh credentials. */
  async #send(method: HttpRequest['method'], path: string, call: Call): Promise<HttpResponse> {
    const refused = await this.#credentials.authorization(call);
    const first = await this.#sendAs(refused, method, path, call);
    if (first.status !== 401) return first;
    if (!this.#credentials.renew(refused)) throw this.#refusal(first, path);
    const second = await this.#sendAs(await this.#credentials.authorization(call), method, path, call);
    if (second.status === 401) throw this.#refusal(second, path);
    return second;
  }

  #sendAs(
    authorization: string,
    method: HttpRequest['method'],
    path: string,
    call: Call,
  ): Promise<HttpResponse> {
    const query = call.query === undefined ? '' : `?${call.query.toString()}`;
    const headers = { accept: 'application/json', authorization };
    const request = { method, url: this.#urlOf(path) + query, headers };
    if (call.body === undefined) return this.#requests.exchange(request, call);
    const body = JSON.stringify(call.body);
    return this.#requests.exchange(
      { ...request, headers: { ...headers, 'content-type': 'application/json' }, body },
      call,
    );
  }

  #refusal(answer: HttpResponse, path: string): CollibraError {
    return this.#requests.failure(answer, this.#urlOf(path), `Check ${this.#credentials.inputs}`);
  }
}
