import type { Clock } from '../clock.ts';
import { basicAuthorization, formEncoded } from '../text.ts';
import { CollibraError, isTransient } from './errors.ts';
import { isSuccessful, quote } from './http/classify.ts';
import type { Requests } from './http/requests.ts';
import { unlessAborted } from '../timeout.ts';
import type { HttpResponse } from './http/transport.ts';
import { fallback, lenient, number, object, parse, parseJson, string, union, type InferOutput } from './schema.ts';

/** How the action authenticates. */
export type CredentialSettings =
  | { readonly kind: 'bearer'; readonly token: string }
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  | ClientSettings;

/** OAuth 2.0 client credentials. */
export interface ClientSettings {
  readonly kind: 'client';
  readonly clientId: string;
  readonly clientSecret: string;
  readonly tokenUrl: string;
  readonly scope: string | undefined;
}

/** Where the Authorization header comes from. */
export interface Credentials {
  /** What to do if Collibra rejects them. */
  readonly advice: string;
  /**
   * @param signal ends the wait for a token
   * @throws CollibraError if a token was needed and could not be obtained; the signal's reason
   */
  authorization(signal: AbortSignal): Promise<string>;
  /**
   * Drops a header that was rejected with 401.
   * @returns whether {@link Credentials.authorization} then returns another one
   */
  renew(rejected: string): boolean;
}

/** The Basic header of an OAuth client, whose ID and secret are form-encoded first (RFC 6749, 2.3.1). */
export function clientAuthorization(clientId: string, clientSecret: string): string {
  return basicAuthorization(formEncoded(clientId), formEncoded(clientSecret));
}

/** @param onToken called with every access token before it is used, so that it can be masked */
export function credentialsOf(
  settings: CredentialSettings,
  requests: Requests,
  clock: Clock,
  onToken: (token: string) => void,
): Credentials {
  switch (settings.kind) {
    case 'bearer':
      return fixed('Check token: it may have expired or belong to another environment.', `Bearer ${settings.token}`);
    case 'basic':
      return fixed('Check username and password.', basicAuthorization(settings.username, settings.password));
    case 'client':
      return new ClientCredentials(settings, requests, clock, onToken);
  }
}

function fixed(advice: string, authorization: string): Credentials {
  return { advice, authorization: () => Promise.resolve(authorization), renew: () => false };
}

/** RFC 6749, 5.1. `expires_in` is in seconds; some identity providers send it as a string. */
const tokenResponse = {
  what: 'an access token',
  schema: object({
    access_token: string(),
    token_type: fallback(string(), 'bearer'),
    expires_in: lenient(union([number(), string()])),
  }),
};

/** RFC 6749, 5.2. */
const tokenError = object({ error: string(), error_description: lenient(string()) });

/** RFC 6750, 2.1: what a bearer token may consist of. Anything else could break out of the header. */
export const BEARER_TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/;

/** A token is renewed this long before it expires, in milliseconds, so that none expires while a request is sent. */
const RENEW_BEFORE_MS = 30_000;

interface Token {
  readonly authorization: string;
  /** On the clock's scale; Infinity if the server did not say. */
  readonly renewAt: number;
}

/** OAuth 2.0 client credentials (RFC 6749, 4.4): one token for all jobs, requested once at a time. */
class ClientCredentials implements Credentials {
  readonly advice =
    'Check client-id and client-secret: Collibra rejects an access token that was just issued for them.';
  readonly #settings: ClientSettings;
  readonly #requests: Requests;
  readonly #clock: Clock;
  readonly #onToken: (token: string) => void;
  readonly #never = new AbortController().signal;
  #token: Token | undefined;
  #pending: Promise<Token> | undefined;

  constructor(settings: ClientSettings, requests: Requests, clock: Clock, onToken: (token: string) => void) {
    this.#settings = settings;
    this.#requests = requests;
    this.#clock = clock;
    this.#onToken = onToken;
  }

  async authorization(signal: AbortSignal): Promise<string> {
    if (this.#token && this.#clock.now() < this.#token.renewAt) return this.#token.authorization;
    this.#pending ??= this.#request().finally(() => (this.#pending = undefined));
    // Callers share one token request, but each stops waiting at its own deadline.
    this.#token = await unlessAborted(this.#pending, signal);
    return this.#token.authorization;
  }

  renew(rejected: string): boolean {
    if (this.#token?.authorization === rejected) this.#token = undefined;
    return true;
  }

  async #request(): Promise<Token> {
    const { clientId, clientSecret, tokenUrl, scope } = this.#settings;
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      ...(scope === undefined ? {} : { scope }),
    });
    const sentAt = this.#clock.now();
    const response = await this.#requests.send(
      {
        method: 'POST',
        url: tokenUrl,
        headers: {
          accept: 'application/json',
          authorization: clientAuthorization(clientId, clientSecret),
          'content-type': 'application/x-www-form-urlencoded',
        },
        body: form.toString(),
      },
      { signal: this.#never },
    );
    if (!isSuccessful(response)) throw this.#rejection(response);
    return this.#tokenOf(this.#requests.json(response, tokenUrl, tokenResponse).value, sentAt);
  }

  /** Without a token no request is possible, so a non-retryable error here fails all jobs. */
  #rejection(response: HttpResponse): CollibraError {
    const { tokenUrl } = this.#settings;
    const { kind, label, message, retryAfterMs } = this.#requests.error(response, tokenUrl, '');
    const tokenLabel = `${label} from the token endpoint`;
    // Only whether it is transient: what a status says about a job, it does not say about a token.
    if (isTransient(kind)) return new CollibraError('transient', tokenLabel, message, { retryAfterMs });
    const words = this.#oauthError(response.body) ?? message;
    const rejected = `The token endpoint ${tokenUrl} issued no access token. ${words} Check client-id, client-secret, scope and token-url.`;
    return new CollibraError('unauthorized', tokenLabel, rejected);
  }

  #oauthError(body: string): string | undefined {
    const parsed = parse(tokenError, parseJson(body));
    if (parsed === undefined) return undefined;
    const { error, error_description: description } = parsed;
    const words = description ? `${error} (${description})` : error;
    return quote(words, this.#requests.redactAndTruncate);
  }

  #tokenOf(response: InferOutput<typeof tokenResponse.schema>, sentAt: number): Token {
    const { access_token: token, token_type: type, expires_in: seconds } = response;
    const { tokenUrl } = this.#settings;
    if (!BEARER_TOKEN.test(token)) {
      const message = `The token endpoint ${tokenUrl} returned no valid token.`;
      throw new CollibraError('transient', 'token response without a valid token', message);
    }
    this.#onToken(token);
    if (type.toLowerCase() !== 'bearer') {
      const shown = this.#requests.redactAndTruncate(type, 100);
      const message = `The token endpoint ${tokenUrl} issues tokens of the type ${shown}, but only bearer tokens are supported. Check token-url.`;
      throw new CollibraError('unauthorized', 'unsupported token type', message);
    }
    return { authorization: `Bearer ${token}`, renewAt: sentAt + renewAfterMs(Number(seconds)) };
  }
}

/**
 * How long a token is used, in milliseconds. A short-lived token is used for at least half of its lifetime, because
 * otherwise each request would ask for a new one. If the lifetime is unknown, a 401 shows when it is over.
 */
function renewAfterMs(lifetimeSeconds: number): number {
  if (!(lifetimeSeconds > 0)) return Infinity;
  const lifetimeMs = lifetimeSeconds * 1000;
  return Math.max(lifetimeMs - RENEW_BEFORE_MS, lifetimeMs / 2);
}
