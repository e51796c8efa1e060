import type { Clock } from '../clock.ts';
import { basicAuthorization, formEncoded } from '../text.ts';
import { CollibraError, isTransient } from './errors.ts';
import { isSuccessful, noResponse } from './http/classify.ts';
import type { RequestLimits, Requests } from './http/requests.ts';
import { unlessAborted, withTimeout } from '../timeout.ts';
import { serverWords } from './http/server-words.ts';
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
   * @param limits of the request that needs it: the wait for a token has as much time
   * @throws CollibraError if a token was needed and could not be obtained; the signal's reason
   */
  authorization(limits: RequestLimits): Promise<string>;
  /** Called after a successful response to a header. */
  onAccepted(authorization: string): void;
  /**
   * Called after a header was rejected.
   * @param isUnauthorized whether with 401, otherwise with 403
   * @returns after which delay {@link Credentials.authorization} may have a better one, in milliseconds; undefined: never
   */
  onRejected(authorization: string, isUnauthorized: boolean): number | undefined;
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
  return {
    advice,
    authorization: () => Promise.resolve(authorization),
    onAccepted: () => undefined,
    onRejected: () => undefined,
  };
}

/** RFC 6749, 5.1. `expires_in` is in seconds; some identity providers send it as a string. */
const tokenResponse = {
  what: 'an access token',
  schema: object({
    access_token: string(),
    token_type: fallback(string(), ''),
    expires_in: lenient(union([number(), string()])),
  }),
};

/** RFC 6749, 5.2. */
const tokenError = object({ error: string() });

/** An error code as OAuth servers send it. Others send a field `error`, too: Spring has `Bad Request` in it. */
const OAUTH_ERROR = /^[a-z_]+$/;

/** What a bearer token may consist of: visible ASCII characters. Anything else could break out of the header. */
export const BEARER_TOKEN = /^[\x21-\x7e]+$/;

/**
 * A token is renewed this long before it expires, in milliseconds, so that none expires while a request is sent. A
 * short-lived one is used for at least half of its lifetime, because otherwise each request would ask for a new one.
 */
const RENEW_BEFORE_MS = 30_000;

/** How long an identity provider's new token may take to be known to Collibra, in milliseconds. */
const PROPAGATION_MS = 5_000;
const PROPAGATION_DELAY_MS = 1_000;

/** After a failed renewal, the next one is tried after this, in milliseconds, while the present token lasts. */
const RENEWAL_RETRY_MS = 10_000;

/** Errors of RFC 6749, 5.2 and what providers add to it, after which the same request may succeed. */
const TRANSIENT_OAUTH_ERRORS = new Set(['temporarily_unavailable', 'server_error', 'slow_down']);

interface Token {
  readonly authorization: string;
  /** Times on the clock's scale; Infinity if the server did not say. */
  readonly issuedAt: number;
  readonly renewAt: number;
  readonly expiresAt: number;
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
  #hasWorked = false;
  /** Whether the present token replaces one that was rejected. */
  #isReplacement = false;
  #pending: Promise<Token> | undefined;
  #renewAt = Infinity;

  constructor(settings: ClientSettings, requests: Requests, clock: Clock, onToken: (token: string) => void) {
    this.#settings = settings;
    this.#requests = requests;
    this.#clock = clock;
    this.#onToken = onToken;
  }

  async authorization({ signal, timeoutMs }: RequestLimits): Promise<string> {
    const token = this.#token;
    const now = this.#clock.now();
    if (token !== undefined && now < token.expiresAt) {
      // The present token is used while another one is requested, and if that fails.
      if (now >= this.#renewAt) void this.#renew().catch(() => (this.#renewAt = this.#clock.now() + RENEWAL_RETRY_MS));
      return token.authorization;
    }
    // Callers share one token request, but each stops waiting at its own deadline.
    const renewed = this.#renew();
    if (timeoutMs === undefined) return (await unlessAborted(renewed, signal)).authorization;
    const onTimeout = () => noResponse(this.#settings.tokenUrl, timeoutMs, { isShared: true });
    const timeout = { clock: this.#clock, ms: timeoutMs, signal, onTimeout };
    return (await withTimeout(timeout, () => renewed)).authorization;
  }

  onAccepted(authorization: string): void {
    if (authorization !== this.#token?.authorization) return;
    this.#hasWorked = true;
    this.#isReplacement = false;
  }

  onRejected(authorization: string, isUnauthorized: boolean): number | undefined {
    const token = this.#token;
    if (token?.authorization !== authorization) return 0;
    const isNew = this.#clock.now() < token.issuedAt + PROPAGATION_MS;
    if (isUnauthorized && isNew && !this.#hasWorked) return PROPAGATION_DELAY_MS;
    if (this.#isReplacement || (!isUnauthorized && !this.#hasWorked)) return undefined;
    this.#token = undefined;
    this.#isReplacement = true;
    return 0;
  }

  #renew(): Promise<Token> {
    this.#pending ??= this.#request()
      .then((token) => {
        this.#token = token;
        this.#renewAt = token.renewAt;
        this.#hasWorked = false;
        return token;
      })
      .finally(() => (this.#pending = undefined));
    return this.#pending;
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

  /**
   * Without a token no request is possible, so a permanent error here fails all jobs. Only an OAuth error is one: any
   * other response may come from a gateway.
   */
  #rejection(response: HttpResponse): CollibraError {
    const { tokenUrl } = this.#settings;
    const { kind, label, facts, retryAfterMs } = this.#requests.error(response, tokenUrl, '');
    const tokenLabel = `${label} from the token endpoint`;
    const { error = '' } = parse(tokenError, parseJson(response.body)) ?? {};
    const isOAuthError = OAUTH_ERROR.test(error) && !TRANSIENT_OAUTH_ERRORS.has(error);
    if (!isOAuthError || isTransient(kind) || kind === 'not-found')
      return new CollibraError('transient', tokenLabel, facts, { retryAfterMs, isShared: true });
    const rejected = `The token endpoint ${tokenUrl} issued no access token (${label}). ${serverWords(response, this.#requests.redactAndTruncate)}`;
    const advice = 'Check client-id, client-secret, scope and token-url.';
    return new CollibraError('unauthorized', tokenLabel, rejected, { advice, isShared: true });
  }

  #tokenOf(response: InferOutput<typeof tokenResponse.schema>, sentAt: number): Token {
    const { access_token: token, token_type: type, expires_in: seconds } = response;
    if (!BEARER_TOKEN.test(token))
      throw this.#unusable('invalid token', 'returned a token that cannot be sent in a header');
    this.#onToken(token);
    if (type !== '' && type.toLowerCase() !== 'bearer') {
      const shown = this.#requests.redactAndTruncate(type, 100);
      const what = `issues tokens of the type ${shown}, but only bearer tokens are supported`;
      throw this.#unusable('unsupported token type', what);
    }
    const lifetimeMs = Number(seconds) > 0 ? Number(seconds) * 1000 : Infinity;
    return {
      authorization: `Bearer ${token}`,
      issuedAt: this.#clock.now(),
      renewAt: sentAt + Math.max(lifetimeMs - RENEW_BEFORE_MS, lifetimeMs / 2),
      expiresAt: sentAt + lifetimeMs,
    };
  }

  #unusable(label: string, what: string): CollibraError {
    const facts = `The token endpoint ${this.#settings.tokenUrl} ${what}.`;
    return new CollibraError('unauthorized', label, facts, { advice: 'Check token-url.', isShared: true });
  }
}
