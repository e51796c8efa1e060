import type { Clock } from '../clock.ts';
import type { Credentials } from './auth.ts';
import { CollibraError } from './errors.ts';
import { isRejection, isSuccessful, isUnauthorized } from './http/classify.ts';
import type { JsonResponse, RequestLimits, Requests } from './http/requests.ts';
import type { HttpRequest, HttpResponse } from './http/transport.ts';
import type { Expected } from './schema.ts';

/** How long a call is repeated with other credentials, in milliseconds: tokens might be rejected without end. */
const MAX_REJECTED_MS = 15_000;

/** How long a command may wait for an access token, in milliseconds: what it is about may change in the meantime. */
const MAX_COMMAND_DELAY_MS = 1_000;

/** What a call needs besides its path. */
interface Call extends RequestLimits {
  readonly query?: URLSearchParams;
  readonly body?: unknown;
}

/** Client of Collibra's REST APIs under one base URL with one set of credentials. */
export class CollibraClient {
  readonly #clock: Clock;
  readonly #baseUrl: string;
  readonly #requests: Requests;
  readonly #credentials: Credentials;

  /** @param baseUrl without a trailing slash */
  constructor(baseUrl: string, requests: Requests, credentials: Credentials, clock: Clock) {
    this.#clock = clock;
    this.#baseUrl = baseUrl;
    this.#requests = requests;
    this.#credentials = credentials;
  }

  /**
   * Requests JSON.
   * @param path after the base URL, e.g. `/rest/jobs/v1/jobs`
   * @throws CollibraError
   */
  async get<T>(path: string, expected: Expected<T>, call: Call): Promise<JsonResponse<T>> {
    return this.#requests.json(await this.#send('GET', path, call), this.#urlOf(path), expected);
  }

  /**
   * Sends a command whose successful response contains nothing of interest.
   * @throws CollibraError
   */
  async command(method: 'POST' | 'DELETE', path: string, call: Call): Promise<void> {
    this.#requests.requireSuccess(await this.#send(method, path, call), this.#urlOf(path));
  }

  #urlOf(path: string): string {
    return this.#baseUrl + path;
  }

  /** Sends a request again after a 401 or 403, as long as the credentials may have a better header. */
  async #send(method: HttpRequest['method'], path: string, call: Call): Promise<HttpResponse> {
    const startMs = this.#clock.now();
    for (;;) {
      const authorization = await this.#credentials.authorization(call);
      if (method !== 'GET' && this.#clock.now() - startMs > MAX_COMMAND_DELAY_MS) throw notSent(method);
      const response = await this.#sendAs(authorization, method, path, call);
      if (isSuccessful(response)) this.#credentials.onAccepted(authorization);
      if (!isRejection(response)) return response;
      const delayMs = this.#credentials.onRejected(authorization, isUnauthorized(response));
      if (delayMs === undefined || this.#clock.now() - startMs > MAX_REJECTED_MS) {
        if (isUnauthorized(response)) throw this.#rejection(response, path);
        return response;
      }
      await this.#clock.sleep(delayMs, call.signal);
    }
  }

  #sendAs(authorization: string, method: HttpRequest['method'], path: string, call: Call): Promise<HttpResponse> {
    const query = call.query === undefined ? '' : `?${call.query.toString()}`;
    const headers = { accept: 'application/json', authorization };
    const request = { method, url: this.#urlOf(path) + query, headers, isCommand: method !== 'GET' };
    if (call.body === undefined) return this.#requests.send(request, call);
    const body = JSON.stringify(call.body);
    return this.#requests.send({ ...request, headers: { ...headers, 'content-type': 'application/json' }, body }, call);
  }

  #rejection(response: HttpResponse, path: string): CollibraError {
    return this.#requests.error(response, this.#urlOf(path), this.#credentials.advice);
  }
}

function notSent(method: string): CollibraError {
  const message = `The ${method} request was not sent, because there was no access token in time.`;
  return new CollibraError('transient', 'no token in time', message, { isShared: true });
}
