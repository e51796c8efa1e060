import { HttpError } from './responses.ts';
import type { Clock } from './clock.ts';
import { uuidOf } from './ids.ts';

/** The sender of a request. */
export type Principal = { readonly userId: string; readonly admin: boolean };

/** The credentials that the simulator accepts. */
export type Credentials = {
  /** Passwords by user name. The user `admin` is an administrator. */
  readonly users: Readonly<Record<string, string>>;
  /** Secrets by the ID of the OAuth client. Clients act for the first user. */
  readonly clients: Readonly<Record<string, string>>;
  /** Bearer tokens that are valid until they are revoked. They act for the first user. */
  readonly tokens: readonly string[];
  /** How long an issued OAuth token is valid. */
  readonly tokenLifetimeSeconds: number;
};

/** Returns the UUID of a user. */
export function userIdOf(userName: string): string {
  return uuidOf(`user ${userName}`);
}

/** Checks credentials, and issues and revokes tokens. */
export class Accounts {
  readonly credentials: Credentials;
  /** Every issued OAuth token, the oldest first. */
  readonly issued: string[] = [];
  readonly #clock: Clock;
  readonly #newId: () => string;
  readonly #validUntil = new Map<string, number>();

  constructor(credentials: Credentials, clock: Clock, newId: () => string) {
    this.credentials = credentials;
    this.#clock = clock;
    this.#newId = newId;
    for (const token of credentials.tokens) this.#validUntil.set(token, Infinity);
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
