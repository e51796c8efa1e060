import type { Clock } from './clock.ts';
import { type Claims, generateSigningKey, type Jwks, jwksOf, type SigningKey, signJwt } from './jwt.ts';
import { HttpError, type HttpResponse, json } from './responses.ts';

/** How GitHub's OIDC endpoint is played. */
export type GithubOptions = {
  /** The token that the runner gives to a workflow job with the permission `id-token: write`. */
  readonly requestToken: string;
  /** The workflow job, as the claim `sub` names it. */
  readonly subject: string;
  /** How long an OIDC token is valid. */
  readonly lifetimeSeconds: number;
};

/** By default, a workflow job on the main branch, whose tokens are valid as long as those of GitHub. */
export const defaultGithub: GithubOptions = {
  requestToken: 'the-request-token-of-the-runner',
  subject: 'repo:acme/catalog:ref:refs/heads/main',
  lifetimeSeconds: 300,
};

/** The issuer of GitHub's OIDC tokens. */
export const GITHUB_ISSUER = 'https://token.actions.githubusercontent.com';

/** One key for all simulators, because it takes a while to generate. */
let signingKey: SigningKey | undefined;

function githubKey(): SigningKey {
  return (signingKey ??= generateSigningKey('simulated-github'));
}

/** Returns the public keys of GitHub's OIDC tokens. */
export function githubJwks(): Jwks {
  return jwksOf(githubKey());
}

/** Plays GitHub's OIDC endpoint for one workflow job. */
export class GithubOidc {
  readonly #options: GithubOptions;
  readonly #clock: Clock;
  /** Every issued token, the oldest first. */
  readonly issued: string[] = [];

  constructor(options: GithubOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
  }

  /**
   * Responds to a request for a token.
   * @throws HttpError with status 401 without the request token
   */
  respond(authorization: string | undefined, audience: string | null): HttpResponse {
    const { requestToken, subject } = this.#options;
    if (authorization !== `Bearer ${requestToken}`)
      throw new HttpError(401, 'unauthorized', 'The request token is missing or wrong.');
    const owner = /^repo:([^/]+)/.exec(subject)?.[1] ?? '';
    const value = this.sign({ aud: audience ?? `https://github.com/${owner}` });
    this.issued.push(value);
    return json(200, { count: value.length, value });
  }

  /** Signs a token as GitHub does; `claims` replace its own. */
  sign(claims: Claims, key = githubKey()): string {
    const { subject, lifetimeSeconds } = this.#options;
    const iat = Math.floor(this.#clock.now() / 1000);
    const jti = `${this.issued.length}`;
    return signJwt(
      { iss: GITHUB_ISSUER, sub: subject, jti, iat, nbf: iat, exp: iat + lifetimeSeconds, ...claims },
      key,
    );
  }
}
