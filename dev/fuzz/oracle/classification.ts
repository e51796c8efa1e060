import { statusOf, type Exchange } from '../environment/trace.ts';
import { viewOf, type View } from './verdict.ts';

/**
 * What a response, or its absence, means by the contract:
 * - `success`: a job, or a page of jobs (without a view);
 * - `transient`: an error that is retried;
 * - `not-found`: the job is unknown, which is retried for a new one, or this API is not served;
 * - `permanent`: the end of the wait for this job, unless it has succeeded before; `unauthorized`: of all waits;
 * - `stopped`: no response, because the run was canceled or its credentials were rejected elsewhere;
 * - `interrupted`: the deadline came before the response;
 * - `incomplete`: a request that belonged to the poll was not sent, for no reason.
 */
export type Meaning =
  | { readonly kind: 'success'; readonly view: View | undefined }
  | { readonly kind: 'transient'; readonly is500: boolean; readonly notBeforeMs: number }
  | { readonly kind: 'not-found' | 'permanent' | 'unauthorized' | 'stopped' | 'interrupted' | 'incomplete' };

/** A request that got no usable response in time. */
export const NO_RESPONSE: Meaning = { kind: 'transient', is500: false, notBeforeMs: 0 };
const TRANSIENT = [408, 425, 429];
const NOT_FOUND = [404, 405, 410];

/** What one exchange means by itself. */
export function meaningOf(exchange: Exchange): Meaning {
  const { end, endpoint, content } = exchange;
  if (end !== 'arrived') return NO_RESPONSE;
  if (content) return { kind: 'success', view: endpoint === 'job' ? viewOf(content) : undefined };
  if (isShared(exchange)) return { kind: 'permanent' };
  const status = statusOf(exchange);
  // A 2xx without content has a body that can't be used.
  if (status === undefined || status < 300) return NO_RESPONSE;
  if (status >= 500 || TRANSIENT.includes(status)) {
    return { kind: 'transient', is500: status === 500, notBeforeMs: notBeforeMs(exchange) };
  }
  if (status === 401) return { kind: 'unauthorized' };
  return { kind: NOT_FOUND.includes(status) ? 'not-found' : 'permanent' };
}

/** Whether a response means that its API is not served, or does not know the job. */
export const isNotServed = (exchange: Exchange) =>
  meaningOf(exchange).kind === 'not-found' || (exchange.end === 'arrived' && statusOf(exchange) === 501);

/** Whether every other request would fail in the same way. */
export const isShared = ({ end, fault }: Exchange) => end === 'arrived' && fault?.kind === 'permanent connection';

/** Whether a response rejects a request because there were too many: then all requests of its server wait. */
export const isRateLimited = (exchange: Exchange) => {
  const status = exchange.end === 'arrived' ? statusOf(exchange) : undefined;
  return status === 429 || (status === 503 && hasRetryAfter(exchange));
};

/** Whether a response has a Retry-After header, which may be unreadable. */
export const hasRetryAfter = ({ reply }: Exchange) =>
  reply instanceof Object && 'headers' in reply && reply.headers['retry-after'] !== undefined;

/** Whether a response rejects the credentials, or what they may do. */
export const isRejected = (exchange: Exchange) =>
  exchange.end === 'arrived' && [401, 403].includes(Number(statusOf(exchange)));

/** Until when Retry-After asks to wait. A date has whole seconds, and is compared with the Date header. */
export function notBeforeMs(exchange: Exchange): number {
  const retryAfter = headerOf(exchange, 'retry-after');
  if (/^\d+$/.test(retryAfter)) return exchange.endMs + 1000 * Number(retryAfter);
  const waitMs = Date.parse(retryAfter) - Date.parse(headerOf(exchange, 'date'));
  return waitMs > 0 ? exchange.sentMs + waitMs - 1000 : 0;
}

/** A header of a response; '' where there is none. */
const headerOf = ({ reply }: Exchange, name: string) =>
  reply instanceof Object && 'headers' in reply ? String(reply.headers[name] ?? '') : '';
