import type { Clock } from '../../clock.ts';
import { withTimeout } from '../../timeout.ts';
import { CollibraError } from '../errors.ts';
import { parse, parseJson, type Expected } from '../schema.ts';
import {
  errorFromConnection,
  errorFromResponse,
  isRateLimited,
  isSuccessful,
  noResponse,
  retryAfter,
} from './classify.ts';
import { RateLimit } from './rate-limit.ts';
import { Semaphore } from './semaphore.ts';
import { looksLikeHtml, type RedactAndTruncate } from './server-words.ts';
import { LONGEST_REQUEST_MS, type HttpRequest, type HttpResponse, type Transport } from './transport.ts';

/** The most concurrent requests, over all jobs. */
export const MAX_IN_FLIGHT = 8;

/** How long one request may take from when it is sent, including its body, in milliseconds. */
const REQUEST_TIMEOUT_MS = 30_000;

/** Limits of one request. */
export interface RequestLimits {
  /** How long it may take from when it is sent, in milliseconds; by default 30 s, and more after timeouts. */
  readonly timeoutMs?: number | undefined;
  /** Whether it is sent once and at once, whatever the rate limit is: it is useless or harmful later. */
  readonly isUrgent?: boolean | undefined;
  /** How long the rate limit may make it wait, in milliseconds; by default without end. */
  readonly maxRateLimitMs?: number | undefined;
  /** Whether it is sent before the requests that wait for their turn. */
  readonly goesFirst?: boolean | undefined;
  /** Makes the body each time the request is sent, because something in it may expire before its turn comes. */
  readonly makeBody?: (() => Promise<string>) | undefined;
  /** Ends the request. */
  readonly signal: AbortSignal;
}

/** A JSON response, and the server's time. */
export interface JsonResponse<T> {
  readonly value: T;
  readonly serverTime: Date | undefined;
}

/**
 * Sends single requests: in turn, each with a time limit, and within the rate limit of its server. Turns every failure
 * into a {@link CollibraError}.
 */
export class Requests {
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #semaphore = new Semaphore(MAX_IN_FLIGHT);
  readonly #onRateLimit: (delayMs: number) => void;
  /** By the origin of the server. */
  readonly #rateLimits = new Map<string, RateLimit>();
  /** The time limits of addresses that did not respond in time, in milliseconds. */
  readonly #longerTimeouts = new Map<string, number>();
  readonly redactAndTruncate: RedactAndTruncate;

  /** @param onRateLimit called when a rate limit makes all requests wait, with the time in milliseconds */
  constructor(
    transport: Transport,
    clock: Clock,
    redactAndTruncate: RedactAndTruncate,
    onRateLimit: (delayMs: number) => void,
  ) {
    this.#transport = transport;
    this.#clock = clock;
    this.redactAndTruncate = redactAndTruncate;
    this.#onRateLimit = onRateLimit;
  }

  /**
   * Sends a request and reads the whole response, whatever its status.
   * @throws CollibraError if no response came; the signal's reason if it is aborted
   */
  async send(request: HttpRequest, limits: RequestLimits): Promise<HttpResponse> {
    try {
      return await this.#semaphore.run(
        () => this.#sendWithinRateLimit(request, limits),
        limits.signal,
        limits.goesFirst,
      );
    } catch (error) {
      limits.signal.throwIfAborted();
      throw error instanceof CollibraError
        ? error
        : errorFromConnection(error, addressOf(request.shownAs ?? request.url));
    }
  }

  /** A request that the rate limit rejects keeps its turn and is sent again, unless no request is accepted anymore. */
  async #sendWithinRateLimit(request: HttpRequest, limits: RequestLimits): Promise<HttpResponse> {
    const rateLimit = this.#rateLimitOf(request.url);
    const waitUntilMs = this.#clock.now() + (limits.maxRateLimitMs ?? Infinity);
    for (;;) {
      if (!limits.isUrgent) await rateLimit.wait(limits.signal, waitUntilMs);
      const body = await limits.makeBody?.();
      const sentMs = this.#clock.now();
      const response = await this.#sendInTime(body === undefined ? request : { ...request, body }, limits);
      if (!isRateLimited(response)) {
        rateLimit.onAccepted();
        return response;
      }
      const isOutage = rateLimit.onRejected(retryAfter(response.headers, this.#clock.date()), sentMs);
      if (isOutage || limits.isUrgent) return response;
    }
  }

  /** Each timeout in a row doubles the time limit of the next request to the same address. */
  async #sendInTime(request: HttpRequest, { timeoutMs, signal }: RequestLimits): Promise<HttpResponse> {
    const address = addressOf(request.shownAs ?? request.url);
    const ms = timeoutMs ?? this.#longerTimeouts.get(address) ?? REQUEST_TIMEOUT_MS;
    const onTimeout = () => {
      this.#longerTimeouts.set(address, Math.min(2 * ms, LONGEST_REQUEST_MS));
      return noResponse(address, ms);
    };
    const timeout = { clock: this.#clock, ms, signal, onTimeout };
    const response = await withTimeout(timeout, (own) => this.#transport.send(request, own));
    this.#longerTimeouts.delete(address);
    return response;
  }

  #rateLimitOf(url: string): RateLimit {
    const { origin } = new URL(url);
    const rateLimit = this.#rateLimits.get(origin) ?? new RateLimit(this.#clock, this.#onRateLimit);
    this.#rateLimits.set(origin, rateLimit);
    return rateLimit;
  }

  /**
   * Reads a successful response as JSON of the expected shape.
   * @param where the requested address, or what messages say in its place
   * @throws CollibraError for a status other than 2xx, and if the body is something else
   */
  json<T>(response: HttpResponse, where: string, { what, schema }: Expected<T>): JsonResponse<T> {
    this.requireSuccess(response, where);
    const json = parseJson(response.body);
    const value = parse(schema, json);
    if (value !== undefined) return { value, serverTime: serverTimeOf(response) };
    const label = json === undefined ? notJson(response) : `JSON that is not ${what}`;
    throw new CollibraError('transient', label, `${addressOf(where)} returned ${label}.`);
  }

  /** @throws CollibraError for a status other than 2xx */
  requireSuccess(response: HttpResponse, where: string): void {
    if (!isSuccessful(response)) throw this.error(response, where);
  }

  /**
   * Classifies a response other than 2xx.
   * @param advice what to do, if the caller knows better than the status
   */
  error(response: HttpResponse, where: string, advice?: string): CollibraError {
    return errorFromResponse(response, addressOf(where), this.#clock.date(), this.redactAndTruncate, advice);
  }
}

function notJson({ body, headers }: HttpResponse): string {
  return looksLikeHtml(body, headers)
    ? 'an HTML page instead of JSON (a login or maintenance page?)'
    : 'invalid or incomplete JSON';
}

function serverTimeOf({ headers }: HttpResponse): Date | undefined {
  const time = Date.parse(headers.date ?? '');
  return Number.isNaN(time) ? undefined : new Date(time);
}

/** An address as messages show it: without its query, which may contain what was searched for. */
function addressOf(url: string): string {
  return url.replace(/\?.*/s, '');
}
