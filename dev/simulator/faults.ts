/** A group of routes on which a fault can be set. */
export type RouteGroup = 'job' | 'find' | 'delete' | 'results' | 'token' | 'oidc' | 'submit';

/** A way in which a request fails. */
export type Fault =
  /** Another status, with an error body in the given form. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly body?: 'standard' | 'text' | 'html';
      readonly retryAfter?: { readonly seconds: number; readonly as: 'seconds' | 'date' };
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** The connection is reset before a response. */
  | { readonly kind: 'reset' }
  /** The connection is reset and new ones are refused for a while. */
  | { readonly kind: 'refuse'; readonly forMs: number }
  /** The request is accepted, and no response is sent. */
  | { readonly kind: 'hang' }
  /** The headers and half of the body are sent, and then nothing. */
  | { readonly kind: 'stall' }
  /** Half of the body is sent, and then the connection is closed. */
  | { readonly kind: 'break-off' }
  /** The body is sent one byte at a time and never ends. */
  | { readonly kind: 'drip'; readonly everyMs: number }
  /** A login page with status 200. */
  | { readonly kind: 'html-200' }
  /** Half of the JSON, as a complete response. */
  | { readonly kind: 'truncated-json' }
  /** This JSON value instead of the response. */
  | { readonly kind: 'wrong-type'; readonly body: unknown }
  /** Another job, which succeeded. */
  | { readonly kind: 'other-job' }
  /** A redirect. */
  | { readonly kind: 'redirect'; readonly location: string; readonly status?: number }
  /** The correct response, delayed. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** Bytes that are not HTTP. */
  | { readonly kind: 'garbage' }
  /** The correct response with a message of this many megabytes. */
  | { readonly kind: 'huge'; readonly megabytes: number };

/** A fault and when it occurs. All bounds that are set must hold. */
export type FaultRule = {
  readonly on: RouteGroup;
  readonly fault: Fault;
  /** The first and the last request that it affects, counted from 1 for each job and group of routes. */
  readonly from?: number;
  readonly to?: number;
  /** When it occurs: from and to this time after the creation of the job (or the start of the simulator). */
  readonly fromMs?: number;
  readonly toMs?: number;
};

/** Returns the fault of the first rule that applies to the nth request of a group at a time. */
export function faultFor(rules: readonly FaultRule[], on: RouteGroup, nth: number, atMs: number): Fault | undefined {
  return rules.find(
    (rule) =>
      rule.on === on &&
      nth >= (rule.from ?? 1) &&
      nth <= (rule.to ?? Infinity) &&
      atMs >= (rule.fromMs ?? -Infinity) &&
      atMs < (rule.toMs ?? Infinity),
  )?.fault;
}

/** Counts the requests of each group of routes. */
export class Counts {
  readonly #counts = new Map<RouteGroup, number>();

  /** Counts a request and returns its number, starting at 1. */
  next(group: RouteGroup): number {
    const count = (this.#counts.get(group) ?? 0) + 1;
    this.#counts.set(group, count);
    return count;
  }
}
