import type { RunReport } from '../../../src/outcome.ts';
import type { Trace } from '../environment/trace.ts';
import type { Scenario } from '../generators/scenarios.ts';

/** Records a violation where something is not right. */
export type Check = (isRight: boolean, violation: string) => void;

/** The most requests at the same time. */
export const MAX_IN_FLIGHT = 8;

/** Minutes with decimals, as inputs have them, are not quite the milliseconds that they stand for. */
export const ROUNDING_MS = 0.01;

/** Collects what all checks of one run share. */
export function runOf(scenario: Scenario, trace: Trace, report: RunReport, check: Check) {
  const { settings, server, jobs, cancelAtMs: cancelMs = Infinity, lateMs } = scenario;
  const { exchanges, endMs } = trace;
  const waited = settings.target.by === 'name' ? 1 : new Set(settings.target.order).size;
  const hasNoQueue = waited <= MAX_IN_FLIGHT;
  return {
    ...{ scenario, settings, server, jobs, trace, exchanges, endMs, report, check, cancelMs },
    /** When the run must stop; what ends then needs no reason of its own. */
    stopsMs: [cancelMs],
    /** How much later than planned things may happen: every timer may be late, and one follows from another. */
    slackMs: 1 + 3 * lateMs,
    hasNoQueue,
    /** Whether every poll begins with its first request: it waits neither in the queue nor for a token. */
    pollsAtOnce: hasNoQueue && !settings.credentials.startsWith('client'),
    /** How long the final polls may take: those of many jobs wait for one another. */
    finalPollMs: 10_000 * Math.ceil(waited / MAX_IN_FLIGHT),
  };
}
export type Run = ReturnType<typeof runOf>;

/** Whether the run must stop at this time. */
export function isStopped({ stopsMs, slackMs }: Run, ms: number): boolean {
  return stopsMs.some((stopMs) => ms >= stopMs && ms <= stopMs + slackMs);
}
