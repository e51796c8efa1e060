import type { Clock } from './clock.ts';
import { defaultGithub, GithubOidc, type GithubOptions } from './github-oidc.ts';
import { uuidOf } from './ids.ts';
import { HttpError } from './responses.ts';

/** The sender of a request. */
export type Principal = { readonly userId: string; readonly admin: boolean };

/** The credentials that the simulator accepts. */
export type Credentials = {
  /** Passwords by user name. The user `admin` is an administrator. */
  readonly users: Readonly<Record<string, string>>;
  /** Secrets by the ID of the OAuth client. Clients act for the first user. */
  readonly clients: Readonly<Record<string, string>>;
  /** What the OIDC token of an OAuth client without a secret must say, by the ID of the client. */
  readonly federations?: Readonly<Record<string, Federation>>;
  /** How OAuth clients may authenticate. By default in every way. */
  readonly clientAuthMethods?: readonly ClientAuthMethod[];
  /** Fields that token requests must have, such as `audience`. */
  readonly requiredFields?: Readonly<Record<string, string>>;
  /** How GitHub's OIDC endpoint is played. */
  readonly github?: Partial<GithubOptions>;
  /** Bearer tokens that are valid until they are revoked. They act for the first user. */
  readonly tokens: readonly string[];
  /** How long an issued OAuth token is valid. */
  readonly tokenLifetimeSeconds: number;
};

/** How a client proves who it is (RFC 6749, 2.3.1; RFC 7523, 2.2). */
export type ClientAuthMethod = 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt';

/** An OIDC token that is accepted in place of a secret. */
export type Federation = { readonly issuer: string; readonly subject: string; readonly audience: string };

/** Returns the UUID of a user. */
export function userIdOf(userName: string): string {
  return uuidOf(`user ${userName}`);
}

/** Checks credentials, and issues and revokes tokens. */
export class Accounts {
  readonly credentials: Credentials;
  /** Every issued OAuth token, the oldest first. */
  readonly issued: string[] = [];
  readonly github: GithubOidc;
  readonly #clock: Clock;
  readonly #newId: () => string;
  readonly #validUntil = new Map<string, number>();

  constructor(credentials: Credentials, clock: Clock, newId: () => string) {
    this.credentials = credentials;
    this.#clock = clock;
    this.#newId = newId;
    this.github = new GithubOidc({ ...defaultGithub, ...credentials.github }, clock);
    for (const token of credentials.tokens) this.#validUntil.set(token, Infinity);
  }

  /** The time, in milliseconds since the epoch. */
  now(): number {
    return this.#clock.now();
  }

  /** The user for whom tokens and clients act. */
  get firstUser(): Principal {
    return principalOf(Object.keys(this.credentials.users)[0] ?? 'nobody');
  }

  /** Issues a token for an OAuth client. */
  issue(): string {
    const token = `simulated-token-${this.#newId()}`;
    this.issued.push(token);
    this.#validUntil.set(token, this.#clock.now() + this.credentials.tokenLifetimeSeconds * 1000);
    return token;
  }

  /** Revokes every token issued or configured so far. */
  revokeTokens(): void {
    this.#validUntil.clear();
  }

  /**
   * Identifies the sender of a request by its Authorization header.
   * @throws HttpError with status 401 if the credentials are missing, wrong or expired
   */
  authenticate(authorization: string | undefined): Principal {
    const [scheme, value = ''] = (authorization ?? '').split(' ');
    if (scheme?.toLowerCase() === 'bearer' && this.#clock.now() < (this.#validUntil.get(value) ?? 0)) {
      return this.firstUser;
    }
    const basic = basicCredentials(authorization);
    if (basic && Object.hasOwn(this.credentials.users, basic.name)) {
      if (this.credentials.users[basic.name] === basic.secret) return principalOf(basic.name);
    }
    throw new HttpError(401, 'unauthorized', 'The credentials are missing, wrong or expired.');
  }
}

function principalOf(userName: string): Principal {
  return { userId: userIdOf(userName), admin: userName === 'admin' };
}

/** Reads an Authorization header of the Basic scheme; returns undefined if it is none. */
export function basicCredentials(authorization: string | undefined): { name: string; secret: string } | undefined {
  const encoded = /^basic +(\S+)$/i.exec(authorization ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const [name = '', ...secret] = Buffer.from(encoded, 'base64').toString().split(':');
  return { name, secret: secret.join(':') };
}
