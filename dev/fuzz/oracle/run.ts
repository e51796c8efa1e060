import type { RunReport } from '../../../src/outcome.ts';
import { inputIds } from '../environment/inputs.ts';
import type { Exchange, Trace } from '../environment/trace.ts';

/** The most requests at the same time. */
export const MAX_IN_FLIGHT = 8;
/** The longest that one request may take, from when it is sent; and one of a final poll. */
export const MAX_REQUEST_MS = 30_000;
export const MAX_FINAL_REQUEST_MS = 10_000;
/** The longest that one request may take after others to the same address got no response in time. */
const MAX_LONGER_REQUEST_MS = 120_000;
/** For how long a call is repeated with other tokens. */
export const MAX_REJECTED_MS = 15_000;
/** Minutes with decimals, as inputs have them, are not quite the milliseconds that they stand for. */
export const ROUNDING_MS = 0.01;

/**
 * Collects what all checks of one run share.
 * @param check records a violation where something is not right
 */
export function runOf(trace: Trace, report: RunReport, check: (isRight: boolean, violation: string) => void) {
  const { scenario, endMs, endOrder } = trace;
  const { settings, server, cancelAtMs: cancelMs = Infinity, lateMs } = scenario;
  const exchanges = trace.exchanges.filter(({ order }) => order < endOrder);
  const cleanup = trace.exchanges.filter(({ order }) => order > endOrder);
  const waited = Math.max(1, new Set(inputIds(scenario)).size);
  /** How many requests may stand in the queue before the one in its turn, in groups of those that are sent together. */
  const turns = Math.ceil((waited + 1) / MAX_IN_FLIGHT);
  const hasNoQueue = waited <= MAX_IN_FLIGHT;
  const isSlow = exchanges.some(({ end }) => end === 'aborted');
  const turnsMs = turns * (isSlow ? MAX_LONGER_REQUEST_MS : MAX_REQUEST_MS);
  const needsToken = settings.credentials.startsWith('client');
  return {
    ...{ scenario, settings, server, trace, exchanges, cleanup, endMs, report, check, cancelMs, needsToken },
    /** When the run must stop; what ends then needs no reason of its own. */
    stopsMs: [cancelMs],
    /** How much later than planned things may happen: every timer may be late, and one follows from another. */
    slackMs: 1 + 3 * lateMs,
    hasNoQueue,
    /** Whether every poll begins with its first request: it waits neither in the queue nor for a token. */
    pollsAtOnce: hasNoQueue && !needsToken,
    /** How long a call that may take some time may last with its requests for tokens, and in the queue. */
    withQueueMs: (ms: number) => (hasNoQueue ? ms : turnsMs) + (needsToken ? turnsMs + MAX_REJECTED_MS : 0),
    /** The longest that a request may take: each one to the same address without a response in time doubles it. */
    maxRequestMs: ({ url, order }: Exchange) => {
      const before = exchanges.filter((one) => one.order < order && addressOf(one) === addressOf({ url }));
      const responded = before.findLastIndex(({ response }) => response !== undefined);
      const inRow = before.slice(responded + 1).filter(({ end }) => end === 'aborted').length;
      return Math.min(MAX_REQUEST_MS * 2 ** inRow, MAX_LONGER_REQUEST_MS);
    },
  };
}
const addressOf = ({ url }: Pick<Exchange, 'url'>) => url.replace(/\?.*/, '');
export type Run = ReturnType<typeof runOf>;

/** Whether the run must stop at this time. */
export const isStopped = ({ stopsMs, slackMs }: Run, ms: number) =>
  stopsMs.some((stopMs) => ms >= stopMs && ms <= stopMs + slackMs);
