import type { Clock } from '../clock.ts';
import { formEncoded } from '../text.ts';
import { withTimeout } from './http/timeout.ts';
import { CollibraError } from './errors.ts';
import type { RedactAndTruncate } from './http/classify.ts';
import type { RequestLimits, Requests } from './http/requests.ts';
import type { HttpResponse } from './http/transport.ts';
import { fit, maybe, number, object, parseJson, string, type Infer } from './schema.ts';

/** How the action proves who it is. */
export type CredentialSettings =
  | { readonly kind: 'bearer'; readonly token: string }
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  | {
      readonly kind: 'client';
      readonly clientId: string;
      readonly clientSecret: string;
      readonly tokenUrl: string;
      readonly scope: string | undefined;
    };

/** The source of the Authorization header. */
export interface Credentials {
  /** The inputs they come from, for messages. */
  readonly inputs: string;
  /** @throws CollibraError when a token was needed and not given */
  authorization(bounds: RequestLimits): Promise<string>;
  /**
   * Told that a header was refused with 401.
   * @returns whether asking for the header again gives another one
   */
  renew(refused: string): boolean;
}

/**
 * The `Authorization` value of basic authentication (RFC 7617).
 * Also masked, because it holds the password in another guise.
 */
export function basicAuthorization(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

/** The same for an OAuth client, whose id and secret are form-url-encoded first (RFC 6749, 2.3.1). */
export function clientAuthorization(clientId: string, clientSecret: string): string {
  return basicAuthorization(formEncoded(clientId), formEncoded(clientSecret));
}

/** @param onToken is told every token that is obtained, before it is used, so that it can be masked */
export function credentialsOf(
  settings: CredentialSettings,
  requests: Requests,
  clock: Clock,
  onToken: (token: string) => void,
): Credentials {
  switch (settings.kind) {
    case 'bearer':
      return fixed(
        'token (it may have expired, or belong to another environment)',
        `Bearer ${settings.token}`,
      );
    case 'basic':
      return fixed('username and password', basicAuthorization(settings.username, settings.password));
    case 'client':
      return new ClientCredentials(settings, requests, clock, onToken);
  }
}

function fixed(inputs: string, authorization: string): Credentials {
  return { inputs, authorization: () => Promise.resolve(authorization), renew: () => false };
}

/** RFC 6749, 5.1. `expires_in` is in seconds; some identity providers write it as a string. */
const tokenAnswer = {
  what: 'a token',
  cast: object({
    access_token: string(),
    token_type: maybe(string()),
    expires_in: maybe(number().or(string())),
  }),
};

/** RFC 6749, 5.2. */
const tokenError = object({ error: string(), error_description: maybe(string()) });

/** RFC 6750, 2.1: what a bearer token may consist of. Anything else could break out of the header. */
export const BEARER_TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/;

/** A token is shared, so its request is bound by nobody's time but this, in milliseconds. */
const TOKEN_DEADLINE_MS = 30_000;

/** A token is renewed this long before it expires, so that no request carries one that expires on its way. */
const RENEW_BEFORE_MS = 30_000;

interface Token {
  readonly authorization: string;
  /** On the clock's scale; Infinity where the server did not say. */
  readonly renewAt: number;
}

/** OAuth 2.0 client credentials (RFC 6749, 4.4): one token for all jobs, asked for by one request at a time. */
class ClientCredentials implements Credentials {
  readonly inputs = 'client-id and client-secret: Collibra refuses a token that was just obtained with them';
  readonly #settings: CredentialSettings & { kind: 'client' };
  readonly #requests: Requests;
  readonly #clock: Clock;
  readonly #onToken: (token: string) => void;
  readonly #never = new AbortController().signal;
  #token: Token | undefined;
  #underWay: Promise<Token> | undefined;

  constructor(
    settings: CredentialSettings & { kind: 'client' },
    requests: Requests,
    clock: Clock,
    onToken: (token: string) => void,
  ) {
    this.#settings = settings;
    this.#requests = requests;
    this.#clock = clock;
    this.#onToken = onToken;
  }

  async authorization({ until, signal }: RequestLimits): Promise<string> {
    if (this.#token && this.#clock.now() < this.#token.renewAt) return this.#token.authorization;
    this.#underWay ??= this.#obtain().finally(() => (this.#underWay = undefined));
    const asked = this.#underWay;
    // Whoever asked first, each bears the wait for its own time only.
    const onTimeout = () =>
      new CollibraError('transient', 'no token in time', `No token from ${this.#settings.tokenUrl} in time`);
    const deadline = { clock: this.#clock, ms: until - this.#clock.now(), signal, onTimeout };
    this.#token = await withTimeout(deadline, () => asked);
    return this.#token.authorization;
  }

  renew(refused: string): boolean {
    if (this.#token?.authorization === refused) this.#token = undefined;
    return true;
  }

  async #obtain(): Promise<Token> {
    const { clientId, clientSecret, tokenUrl, scope } = this.#settings;
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      ...(scope === undefined ? {} : { scope }),
    });
    const askedAt = this.#clock.now();
    const answer = await this.#requests.exchange(
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
      { until: askedAt + TOKEN_DEADLINE_MS, signal: this.#never },
    );
    if (answer.status < 200 || answer.status > 299) throw this.#refusal(answer);
    return this.#accept(this.#requests.json(answer, tokenUrl, tokenAnswer).value, askedAt);
  }

  /** Without a token nothing can be asked: what is final here is final for every job. */
  #refusal(answer: HttpResponse): CollibraError {
    const { tokenUrl } = this.#settings;
    const failure = this.#requests.failure(answer, tokenUrl, '');
    const seen = `HTTP ${answer.status} from the token endpoint`;
    // Without the status: what a status says of a job, it does not say of a token.
    const { retryAfterMs } = failure;
    if (failure.kind === 'transient')
      return new CollibraError('transient', seen, failure.message, { retryAfterMs });
    const words = tokenErrorOf(answer.body, this.#requests.cut) ?? failure.message;
    const said = `No token from ${tokenUrl}: ${words}. Check client-id, client-secret, scope and token-url`;
    return new CollibraError('unauthorized', seen, said);
  }

  #accept(answer: Infer<typeof tokenAnswer.cast>, askedAt: number): Token {
    if (!BEARER_TOKEN.test(answer.access_token)) {
      const said = `The token endpoint ${this.#settings.tokenUrl} answered with something that is not a token`;
      throw new CollibraError('transient', 'token answer without a token', said);
    }
    const { access_token: token, token_type: kind = 'bearer', expires_in: seconds } = answer;
    this.#onToken(token);
    if (kind.toLowerCase() !== 'bearer') {
      const said = `The token endpoint ${this.#settings.tokenUrl} gives tokens of type ${this.#requests.cut(kind, 100)}; only bearer tokens can be used`;
      throw new CollibraError('unauthorized', 'unusable token type', said);
    }
    return { authorization: `Bearer ${token}`, renewAt: askedAt + renewAfterMs(Number(seconds)) };
  }
}

/**
 * Short-lived tokens are used for half of their life at least, else each request would ask for a new one.
 * Where the server does not tell the lifetime, a 401 tells when it is over.
 */
function renewAfterMs(lifetimeSeconds: number): number {
  if (!(lifetimeSeconds > 0)) return Infinity;
  const lifetimeMs = lifetimeSeconds * 1000;
  return Math.max(lifetimeMs - RENEW_BEFORE_MS, lifetimeMs / 2);
}

function tokenErrorOf(body: string, cut: RedactAndTruncate): string | undefined {
  const answer = fit(tokenError, parseJson(body));
  if (answer === undefined) return undefined;
  const { error, error_description: description } = answer;
  return cut(description ? `${error} (${description})` : error, 500);
}
