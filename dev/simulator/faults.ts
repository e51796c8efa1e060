/** The groups of routes that a fault can be set on. */
export type RouteGroup = 'job' | 'find' | 'delete' | 'results' | 'token' | 'submit';

/** One way in which a request goes wrong. */
export type Fault =
  /** Another status, with an error body in the form asked for. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly body?: 'standard' | 'text' | 'html';
      readonly retryAfter?: { readonly seconds: number; readonly as: 'seconds' | 'date' };
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** The connection is reset before any answer. */
  | { readonly kind: 'reset' }
  /** The connection is reset and new ones are refused for a while. */
  | { readonly kind: 'refuse'; readonly forMs: number }
  /** The request is taken and never answered. */
  | { readonly kind: 'hang' }
  /** Headers and half of the body, and then nothing. */
  | { readonly kind: 'stall' }
  /** Half of the body, and then the connection breaks. */
  | { readonly kind: 'break-off' }
  /** The body comes a byte at a time and never ends. */
  | { readonly kind: 'drip'; readonly everyMs: number }
  /** A login page with status 200. */
  | { readonly kind: 'html-200' }
  /** Half of the JSON, as if it were all. */
  | { readonly kind: 'truncated-json' }
  /** This JSON value in the place of the answer. */
  | { readonly kind: 'wrong-type'; readonly body: unknown }
  /** A job that ended well, but another one. */
  | { readonly kind: 'other-job' }
  /** A redirect. */
  | { readonly kind: 'redirect'; readonly location: string; readonly status?: number }
  /** The right answer, late. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** Bytes that are not HTTP. */
  | { readonly kind: 'garbage' }
  /** The right answer with a message of so many megabytes. */
  | { readonly kind: 'huge'; readonly megabytes: number };

/** A fault and when it happens; every bound that is given must hold. */
export type FaultRule = {
  readonly on: RouteGroup;
  readonly fault: Fault;
  /** The first and the last request that it hits, counted from 1 for each job and group of routes. */
  readonly from?: number;
  readonly to?: number;
  /** The window of time that it hits, counted from the creation of the job (or the simulator's start). */
  readonly fromMs?: number;
  readonly toMs?: number;
};

/** The fault of the first rule that hits the nth request of a group at a time. */
export function faultFor(
  rules: readonly FaultRule[],
  on: RouteGroup,
  nth: number,
  atMs: number,
): Fault | undefined {
  return rules.find(
    (rule) =>
      rule.on === on &&
      nth >= (rule.from ?? 1) &&
      nth <= (rule.to ?? Infinity) &&
      atMs >= (rule.fromMs ?? -Infinity) &&
      atMs < (rule.toMs ?? Infinity),
  )?.fault;
}

/** Counts requests for each group of routes. */
export class Counts {
  readonly #counts = new Map<RouteGroup, number>();

  /** Counts one request more and gives its number, the first being 1. */
  next(group: RouteGroup): number {
    const count = (this.#counts.get(group) ?? 0) + 1;
    this.#counts.set(group, count);
    return count;
  }
}
