import type { Exchange } from '../environment/trace.ts';
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
  | { readonly kind: 'transient'; readonly status: number | undefined; readonly notBeforeMs: number }
  | { readonly kind: 'not-found' | 'permanent' | 'unauthorized' | 'stopped' | 'interrupted' | 'incomplete' };

/** A request that got no usable response in time. */
export const NO_RESPONSE: Meaning = { kind: 'transient', status: undefined, notBeforeMs: 0 };

/** What one exchange means by itself. */
export function meaningOf(exchange: Exchange): Meaning {
  const { endpoint, response, content } = exchange;
  if (content) return { kind: 'success', view: endpoint === 'job' ? viewOf(content) : undefined };
  if (isShared(exchange)) return { kind: 'permanent' };
  // A 2xx without content has a body that can't be used.
  if (response === undefined || response.status < 300) return NO_RESPONSE;
  const { status } = response;
  if (status >= 500 || [408, 425, 429].includes(status)) {
    return { kind: 'transient', status, notBeforeMs: notBeforeMs(exchange) };
  }
  if (status === 401) return { kind: 'unauthorized' };
  return { kind: [404, 405, 410].includes(status) ? 'not-found' : 'permanent' };
}

/** Whether an API is not served, or does not know the job. */
export const isNotServed = (meaning: Meaning) =>
  meaning.kind === 'not-found' || (meaning.kind === 'transient' && meaning.status === 501);

/** Whether every other request would fail in the same way. */
export const isShared = ({ end, fault }: Exchange) => end === 'arrived' && fault?.kind === 'permanent connection';

/** Whether a response rejects a request because there were too many: then all requests of its server wait. */
export const isRateLimited = ({ response }: Exchange) =>
  response?.status === 429 || (response?.status === 503 && response.headers['retry-after'] !== undefined);

/** Whether a response rejects the credentials, or what they may do. */
export const isRejected = ({ response }: Exchange) => response?.status === 401 || response?.status === 403;

/** Whether a request for a token gave none (so far). */
export const isFailedToken = ({ endpoint, content }: Exchange) => endpoint === 'token' && !content;

/** Until when Retry-After asks to wait. A date has whole seconds, and is compared with the Date header. */
export function notBeforeMs({ response, sentMs, endMs }: Exchange): number {
  const { 'retry-after': retryAfter = '', date = '' } = response?.headers ?? {};
  if (/^\d+$/.test(retryAfter)) return endMs + 1000 * Number(retryAfter);
  const waitMs = Date.parse(retryAfter) - Date.parse(date);
  return waitMs > 0 ? sentMs + waitMs - 1000 : 0;
}
