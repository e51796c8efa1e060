import type { Clock } from '../clock.ts';
import { basicAuthorization } from '../text.ts';
import { unlessAborted, withTimeout } from '../timeout.ts';
import { CollibraError } from './errors.ts';
import { noResponse } from './http/classify.ts';
import type { RequestLimits, Requests } from './http/requests.ts';
import { requestToken, type ClientSettings, type Token } from './token-endpoint.ts';

/** How the action authenticates. */
export type CredentialSettings =
  | { readonly kind: 'bearer'; readonly token: string }
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  | ClientSettings;

/** Lists the addresses to which requests for tokens are sent. */
export function tokenUrlsOf(settings: CredentialSettings): string[] {
  if (settings.kind !== 'client') return [];
  const { tokenUrl, authentication } = settings;
  return authentication.method === 'github_oidc' ? [tokenUrl, authentication.oidc.requestUrl] : [tokenUrl];
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

/** @param onSecret called with every secret that is sent and no input, before it is sent, so that it can be masked */
export function credentialsOf(
  settings: CredentialSettings,
  requests: Requests,
  clock: Clock,
  onSecret: (secret: string) => void,
): Credentials {
  switch (settings.kind) {
    case 'bearer':
      return fixed('Check token: it may have expired or belong to another environment.', `Bearer ${settings.token}`);
    case 'basic': {
      const authorization = basicAuthorization(settings.username, settings.password);
      onSecret(authorization.replace('Basic ', ''));
      return fixed('Check username and password.', authorization);
    }
    case 'client':
      return new ClientCredentials(settings, () => requestToken(settings, requests, clock, onSecret), clock);
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

/** How long an identity provider's new token may take to be known to Collibra, in milliseconds. */
const PROPAGATION_MS = 5_000;
const PROPAGATION_DELAY_MS = 1_000;

/** After a failed renewal, the next one is tried after this, in milliseconds, while the present token lasts. */
const RENEWAL_RETRY_MS = 10_000;

/** OAuth 2.0 client credentials (RFC 6749, 4.4): one token for all jobs, requested once at a time. */
class ClientCredentials implements Credentials {
  readonly advice: string;
  readonly #tokenUrl: string;
  readonly #requestToken: () => Promise<Token>;
  readonly #clock: Clock;
  #token: Token | undefined;
  #hasWorked = false;
  /** Whether the present token replaces one that was rejected. */
  #isReplacement = false;
  #pending: Promise<Token> | undefined;
  #renewAt = Infinity;

  constructor({ tokenUrl, authentication }: ClientSettings, requestToken: () => Promise<Token>, clock: Clock) {
    const inputs = authentication.method === 'github_oidc' ? 'client-id and token-url' : 'client-id and client-secret';
    this.advice = `Check ${inputs}: Collibra rejects an access token that was just issued for them.`;
    this.#tokenUrl = tokenUrl;
    this.#requestToken = requestToken;
    this.#clock = clock;
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
    const onTimeout = () => noResponse(this.#tokenUrl, timeoutMs, { isShared: true });
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
    this.#pending ??= this.#requestToken()
      .then((token) => {
        this.#token = token;
        this.#renewAt = token.renewAt;
        this.#hasWorked = false;
        return token;
      })
      .catch((error: unknown) => {
        // Without a token, every other request would fail in the same way.
        throw error instanceof CollibraError ? error.shared() : error;
      })
      .finally(() => (this.#pending = undefined));
    return this.#pending;
  }
}
