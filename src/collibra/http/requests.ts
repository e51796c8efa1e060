import type { Clock } from '../../clock.ts';
import { duration } from '../../text.ts';
import { CollibraError } from '../errors.ts';
import { parse, parseJson, type Expected } from '../schema.ts';
import {
  errorFromConnection,
  errorFromResponse,
  isSuccessful,
  looksLikeHtml,
  type RedactAndTruncate,
} from './classify.ts';
import { Semaphore } from './semaphore.ts';
import { withTimeout } from '../../timeout.ts';
import type { HttpRequest, HttpResponse, Transport } from './transport.ts';

/** The most concurrent requests, over all jobs. */
export const MAX_IN_FLIGHT = 8;

/** How long one request may take, including its body, in milliseconds. */
const REQUEST_TIMEOUT_MS = 30_000;

/** Limits of one request, besides its own timeout. */
export interface RequestLimits {
  /** When the response is of no use anymore, on the clock's scale. */
  readonly until: number;
  /** Ends the request when the run is canceled. */
  readonly signal: AbortSignal;
}

/** A JSON response, and the server's time. */
export interface JsonResponse<T> {
  readonly value: T;
  readonly serverTime: Date | undefined;
}

/** Sends single requests: in turn, each with a timeout, and turns every failure into a {@link CollibraError}. */
export class Requests {
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #semaphore = new Semaphore(MAX_IN_FLIGHT);
  readonly redactAndTruncate: RedactAndTruncate;

  constructor(transport: Transport, clock: Clock, redactAndTruncate: RedactAndTruncate) {
    this.#transport = transport;
    this.#clock = clock;
    this.redactAndTruncate = redactAndTruncate;
  }

  /**
   * Sends a request and reads the whole response, whatever its status.
   * @throws CollibraError if no response came; the signal's reason if the run was canceled
   */
  async send(request: HttpRequest, { until, signal }: RequestLimits): Promise<HttpResponse> {
    const where = addressOf(request.url);
    const timeout = (ms: number, outer: AbortSignal) => ({
      clock: this.#clock,
      ms,
      signal: outer,
      onTimeout: () =>
        new CollibraError(
          'transient',
          'no response in time',
          `No response from ${where} within ${duration(ms)}.`,
        ),
    });
    const sendInTurn = (turn: AbortSignal) =>
      withTimeout(timeout(REQUEST_TIMEOUT_MS, turn), (own) => this.#transport.send(request, own));
    try {
      return await withTimeout(timeout(Math.max(0, until - this.#clock.now()), signal), (outer) =>
        this.#semaphore.run(() => sendInTurn(outer), outer),
      );
    } catch (error) {
      signal.throwIfAborted();
      throw error instanceof CollibraError ? error : errorFromConnection(error, where);
    }
  }

  /**
   * Reads a successful response as JSON of the expected shape.
   * @throws CollibraError for a status other than 2xx, and if the body is something else
   */
  json<T>(response: HttpResponse, url: string, { what, schema }: Expected<T>): JsonResponse<T> {
    this.requireSuccess(response, url);
    const json = parseJson(response.body);
    const value = parse(schema, json);
    if (value !== undefined) return { value, serverTime: serverTimeOf(response) };
    const label = json === undefined ? notJson(response) : `JSON that is not ${what}`;
    throw new CollibraError('transient', label, `${addressOf(url)} returned ${label}.`);
  }

  /** @throws CollibraError for a status other than 2xx */
  requireSuccess(response: HttpResponse, url: string): void {
    if (!isSuccessful(response)) throw this.error(response, url);
  }

  /**
   * Classifies a response other than 2xx.
   * @param advice what to do, if the caller knows better than the status
   */
  error(response: HttpResponse, url: string, advice?: string): CollibraError {
    return errorFromResponse(response, addressOf(url), this.#clock.date(), this.redactAndTruncate, advice);
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
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}
