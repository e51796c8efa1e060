import type { Life } from '../scenario.ts';
import type { Content } from './collibra.ts';

interface Given {
  readonly authorization: string;
  readonly atMs: number;
}

/** The tokens that the server gives to a client, and takes back. */
export class Tokens {
  readonly #life: Life;
  readonly #given: Given[] = [];

  constructor(life: Life) {
    this.#life = life;
  }

  /** A new token. */
  give(nowMs: number): Content {
    const token = `token-${this.#given.length}.${this.#life.chance}`;
    const authorization = `Bearer ${token}`;
    this.#given.push({ authorization, atMs: nowMs });
    const body = JSON.stringify({ access_token: token, token_type: 'Bearer', expires_in: this.#told() });
    return { served: { kind: 'token', authorization }, body };
  }

  /** Whether a request with this Authorization is let in, and why not. */
  check(authorization: string, nowMs: number): 'good' | 'token expired' | 'token refused' {
    const { lifetimeMs, revokedMs } = this.#life.server.token;
    const given = this.#given.find((one) => one.authorization === authorization);
    if (given === undefined || revokedMs.some((ms) => given.atMs < ms && ms <= nowMs)) return 'token refused';
    return nowMs < given.atMs + lifetimeMs ? 'good' : 'token expired';
  }

  #told(): number | string | undefined {
    const { lifetimeMs, told } = this.#life.server.token;
    const seconds = lifetimeMs / 1000;
    const answers = { number: seconds, text: `${seconds}`, nonsense: -1, nothing: undefined };
    return told === 'ten times as long' ? 10 * seconds : answers[told];
  }
}
