import type { Exchange } from '../environment/trace.ts';
import { viewOf, type View } from './verdict.ts';

/**
 * What a response, or its absence, means by the contract:
 * - `success`: a job, or a page of jobs (without a view);
 * - `transient`: an error that is retried;
 * - `not-found`: 404, which is tolerated for a new job;
 * - `permanent`: the end of the wait for this job; `unauthorized`: the end of all waits;
 * - `unspecified`: the contract does not say whether it is retried;
 * - `stopped`: no response, because the run was canceled or its credentials were rejected elsewhere;
 * - `incomplete`: a request that belonged to the poll was not sent, for no reason.
 */
export type Meaning =
  | { readonly kind: 'success'; readonly view: View | undefined }
  | { readonly kind: 'transient'; readonly is500: boolean; readonly notBeforeMs: number }
  | {
      readonly kind: 'not-found' | 'permanent' | 'unauthorized' | 'unspecified' | 'stopped' | 'incomplete';
    };

const TRANSIENT = [408, 425, 429, 500, 502, 503, 504];
const PERMANENT = [400, 403];

/** A request that got no usable response in time. */
export const NO_RESPONSE: Meaning = { kind: 'transient', is500: false, notBeforeMs: 0 };

/** What one exchange means by itself. */
export function meaningOf(exchange: Exchange): Meaning {
  const { end, endpoint, fault, reply, content } = exchange;
  if (end !== 'arrived') return NO_RESPONSE;
  if (content) return { kind: 'success', view: endpoint === 'job' ? viewOf(content) : undefined };
  if (fault?.kind === 'certificate') return { kind: 'permanent' };
  if (reply instanceof Error) {
    return reply.code === '' || reply.code.startsWith('HPE_') ? { kind: 'unspecified' } : NO_RESPONSE;
  }
  // A 2xx without content has a body that can't be used.
  if (reply === 'nothing' || reply.status < 300) return NO_RESPONSE;
  const { status } = reply;
  if (TRANSIENT.includes(status)) {
    return { kind: 'transient', is500: status === 500, notBeforeMs: notBeforeMs(exchange) };
  }
  if (status === 404) return { kind: 'not-found' };
  if (status === 401) return { kind: 'unauthorized' };
  const isPermanent = PERMANENT.includes(status) || status < 400;
  return { kind: isPermanent ? 'permanent' : 'unspecified' };
}

/** Until when Retry-After asks to wait. A date has whole seconds, and is compared with the Date header. */
function notBeforeMs({ reply, sentMs, endMs }: Exchange): number {
  const [retryAfter, date] = [headerOf(reply, 'retry-after'), headerOf(reply, 'date')];
  if (/^\d+$/.test(retryAfter)) return endMs + 1000 * Number(retryAfter);
  const waitMs = Date.parse(retryAfter) - Date.parse(date);
  return waitMs > 0 ? sentMs + waitMs - 1000 : 0;
}

/** Whether a response asks to wait, in seconds or in a way of its own. */
export function hasRetryAfter({ reply }: Exchange): boolean {
  return headerOf(reply, 'retry-after') !== '';
}

function headerOf(reply: Exchange['reply'], name: string): string {
  if (reply === 'nothing' || reply instanceof Error) return '';
  return String(reply.headers[name] ?? '');
}
