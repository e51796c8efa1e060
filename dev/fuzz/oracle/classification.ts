import type { Fault } from '../scenario.ts';
import type { Exchange, View } from '../environment/trace.ts';

/**
 * What an answer, or its absence, means by the contract:
 * - `good`: a job, or a page of jobs (without a view);
 * - `passing`: trouble that is retried;
 * - `unknown`: 404, which is borne for a fresh job;
 * - `final`: the end of the wait for this job; `refused`: the end of all waits;
 * - `open`: the contract does not say whether it passes;
 * - `stopped`: no answer, because the run was cancelled or its credentials were refused elsewhere;
 * - `incomplete`: a request that belonged to the look was not sent, for no reason.
 */
export type Meaning =
  | { readonly kind: 'good'; readonly view: View | undefined }
  | { readonly kind: 'transient'; readonly is500: boolean; readonly notBeforeMs: number }
  | { readonly kind: 'unknown' | 'final' | 'permanent' | 'open' | 'stopped' | 'incomplete' };

const PASSING = [408, 425, 429, 500, 502, 503, 504];
const FINAL = [400, 403];

/** A request that got no answer in time. */
export const NO_ANSWER: Meaning = { kind: 'transient', is500: false, notBeforeMs: 0 };

/** What one exchange means by itself. */
export function meaningOf({ served, end, atMs, endMs }: Exchange): Meaning {
  if (end !== 'arrived') return NO_ANSWER;
  if (served.kind === 'job') return { kind: 'good', view: served.view };
  if (served.kind !== 'fault') return { kind: 'good', view: undefined };
  const { fault } = served;
  switch (fault.kind) {
    case 'status':
      return meaningOfStatus(fault, atMs, endMs);
    case 'certificate':
      return { kind: 'final' };
    case 'connection':
      return fault.code === '' || fault.code.startsWith('HPE_') ? { kind: 'open' } : NO_ANSWER;
    case 'hang':
    case 'body':
      return NO_ANSWER;
  }
}

function meaningOfStatus(fault: Fault & { kind: 'status' }, atMs: number, endMs: number): Meaning {
  const { status } = fault;
  if (PASSING.includes(status)) {
    return { kind: 'transient', is500: status === 500, notBeforeMs: notBefore(fault, atMs, endMs) };
  }
  if (status === 404) return { kind: 'unknown' };
  if (status === 401) return { kind: 'permanent' };
  return { kind: FINAL.includes(status) || (status >= 300 && status < 400) ? 'final' : 'open' };
}

/** Until when Retry-After asks for peace. A date is written in whole seconds, by the clock that is in the Date header. */
function notBefore({ retryAfter }: Fault & { kind: 'status' }, atMs: number, endMs: number): number {
  if (retryAfter === undefined || 'text' in retryAfter) return 0;
  return 'seconds' in retryAfter
    ? endMs + 1000 * retryAfter.seconds
    : atMs + 1000 * (retryAfter.dateInSeconds - 1);
}
