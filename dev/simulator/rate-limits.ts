import type { GatewayRule } from './gateway.ts';

/** How a gateway limits the rate of requests. */
export type RateLimit = {
  readonly requests: number;
  readonly windowMs: number;
  /** Whether requests that it rejects count, too; it then sends no Retry-After. */
  readonly countsRejected: boolean;
};

/** Returns a rule that rejects requests over a limit with 429. */
export function rateLimitRule({ requests, windowMs, countsRejected }: RateLimit): GatewayRule {
  return countsRejected ? slidingWindow(requests, windowMs) : fixedWindow(requests, windowMs);
}

/** The window starts with its first request. Retry-After says when the next one can start. */
function fixedWindow(requests: number, windowMs: number): GatewayRule {
  let [startMs, count] = [-Infinity, 0];
  return ({ at }) => {
    if (at >= startMs + windowMs) [startMs, count] = [at, 0];
    count++;
    if (count <= requests) return undefined;
    return rejection({ 'retry-after': String(Math.ceil((startMs + windowMs - at) / 1000)) });
  };
}

/** Every request counts until it is older than the window. */
function slidingWindow(requests: number, windowMs: number): GatewayRule {
  let times: number[] = [];
  return ({ at }) => {
    times = [...times.filter((time) => time > at - windowMs), at];
    return times.length <= requests ? undefined : rejection({});
  };
}

const rejection = (headers: Record<string, string>) => ({
  status: 429,
  headers: { 'content-type': 'text/plain', ...headers },
  body: 'Too many requests',
});
