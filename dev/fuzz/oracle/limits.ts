import type { Trace } from '../environment/trace.ts';
import type { Scenario } from '../generators/scenarios.ts';

/** Records a violation where something is not right. */
export type Check = (isRight: boolean, violation: string) => void;

/** What the whole oracle works on. */
export interface Run {
  readonly scenario: Scenario;
  readonly trace: Trace;
  /** When the run is told to stop; what ends then needs no reason of its own. */
  readonly stopsMs: readonly number[];
}

/** The most requests at the same time. */
export const MAX_IN_FLIGHT = 8;

/** Minutes with decimals, as inputs have them, are not quite the milliseconds that they stand for. */
export const ROUNDING_MS = 0.01;

/** How much later than planned things may happen: every timer may be late, and one follows from another. */
export function slackOf({ lateMs }: Scenario): number {
  return 1 + 3 * lateMs;
}

/** How many jobs are waited for. */
export function jobsIn({ settings: { target } }: Scenario): number {
  return target.by === 'name' ? 1 : new Set(target.order).size;
}

/** Whether every poll begins with its first request: it waits neither in the queue nor for a token. */
export function pollsAtOnce(scenario: Scenario): boolean {
  return jobsIn(scenario) <= MAX_IN_FLIGHT && !scenario.settings.credentials.startsWith('client');
}

/** How long the final polls may take: those of many jobs wait for one another. */
export function finalPollMs(scenario: Scenario): number {
  return 10_000 * Math.ceil(jobsIn(scenario) / MAX_IN_FLIGHT);
}

/** Whether the run is told to stop at a time. */
export function isStopped({ stopsMs, scenario }: Run, ms: number): boolean {
  return stopsMs.some((stopMs) => ms >= stopMs && ms <= stopMs + slackOf(scenario));
}
