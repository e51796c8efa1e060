import { Refusal } from './answers.ts';
import type { Clock } from './clock.ts';
import { uuidOf } from './ids.ts';

/** Who sent a request. */
export type Principal = { readonly userId: string; readonly admin: boolean };

/** Who may use the simulator. */
export type Credentials = {
  /** User names and their passwords. The user `admin` is an administrator. */
  readonly users: Readonly<Record<string, string>>;
  /** Ids and secrets of OAuth clients; they act for the first user. */
  readonly clients: Readonly<Record<string, string>>;
  /** Bearer tokens that are good until they are revoked; they act for the first user. */
  readonly tokens: readonly string[];
  /** How long an OAuth token is good for. */
  readonly tokenLifetimeSeconds: number;
};

/** The UUID of a user. */
export function userIdOf(userName: string): string {
  return uuidOf(`user ${userName}`);
}

/** Checks credentials, and issues and revokes tokens. */
export class Accounts {
  readonly credentials: Credentials;
  /** Every OAuth token that was issued, the oldest first. */
  readonly issued: string[] = [];
  readonly #clock: Clock;
  readonly #newId: () => string;
  readonly #goodUntil = new Map<string, number>();

  constructor(credentials: Credentials, clock: Clock, newId: () => string) {
    this.credentials = credentials;
    this.#clock = clock;
    this.#newId = newId;
    for (const token of credentials.tokens) this.#goodUntil.set(token, Infinity);
  }

  /** The user for whom tokens and clients act. */
  get firstUser(): Principal {
    return principalOf(Object.keys(this.credentials.users)[0] ?? 'nobody');
  }

  /** A new token for an OAuth client. */
  issue(): string {
    const token = `simulated-token-${this.#newId()}`;
    this.issued.push(token);
    this.#goodUntil.set(token, this.#clock.now() + this.credentials.tokenLifetimeSeconds * 1000);
    return token;
  }

  /** Makes every token that is known so far worthless. */
  revokeTokens(): void {
    this.#goodUntil.clear();
  }

  /** The sender of a request by its Authorization header; who can't be known is refused. */
  authenticate(authorization: string | undefined): Principal {
    const [scheme, value = ''] = (authorization ?? '').split(' ');
    if (scheme?.toLowerCase() === 'bearer' && this.#clock.now() < (this.#goodUntil.get(value) ?? 0)) {
      return this.firstUser;
    }
    const basic = basicCredentials(authorization);
    if (basic && Object.hasOwn(this.credentials.users, basic.name)) {
      if (this.credentials.users[basic.name] === basic.secret) return principalOf(basic.name);
    }
    throw new Refusal(401, 'unauthorized', 'The credentials are missing, wrong or expired.');
  }
}

function principalOf(userName: string): Principal {
  return { userId: userIdOf(userName), admin: userName === 'admin' };
}

/** The two parts of an Authorization header of the Basic scheme. */
export function basicCredentials(
  authorization: string | undefined,
): { name: string; secret: string } | undefined {
  const encoded = /^basic +(\S+)$/i.exec(authorization ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const [name = '', ...secret] = Buffer.from(encoded, 'base64').toString().split(':');
  return { name, secret: secret.join(':') };
}
