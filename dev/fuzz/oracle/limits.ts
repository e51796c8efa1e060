import type { Scenario } from '../scenario.ts';

/** The most requests at the same time. */
export const MAX_IN_FLIGHT = 8;

/** Minutes with decimals, as inputs have them, are not quite the milliseconds that they stand for. */
export const ROUNDING_MS = 0.01;

/** How much later than planned things may happen: every timer may be late, and one follows from another. */
export function slackOf({ lateMs }: Scenario): number {
  return 1 + 3 * lateMs;
}

/** Whether no request waits in the queue, so that every poll begins with its first request, or with that for a token. */
export function hasNoQueue({ settings: { target } }: Scenario): boolean {
  return jobsIn(target) <= MAX_IN_FLIGHT;
}

/** Whether every poll begins with its first request: it waits neither in the queue nor for a token. */
export function pollsAtOnce(scenario: Scenario): boolean {
  return hasNoQueue(scenario) && !scenario.settings.credentials.startsWith('client');
}

/** How long the final polls may take: those of many jobs wait for one another. */
export function finalPollMs({ settings: { target } }: Scenario): number {
  return 10_000 * Math.ceil(jobsIn(target) / MAX_IN_FLIGHT);
}

function jobsIn(target: Scenario['settings']['target']): number {
  return target.by === 'name' ? 1 : new Set(target.order).size;
}

/** When the run is told to stop; what ends then needs no reason of its own. */
export interface Stops {
  readonly atMs: readonly number[];
  readonly slackMs: number;
}

export function isStopped({ atMs, slackMs }: Stops, ms: number): boolean {
  return atMs.some((stopMs) => ms >= stopMs && ms <= stopMs + slackMs);
}
