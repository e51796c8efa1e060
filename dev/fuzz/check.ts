import fc from 'fast-check';

import { count, formatTrace, type Statistics } from './describe.ts';
import { execute, theAction, type System } from './execute.ts';
import { scenarios, type Scenario } from './generators/scenarios.ts';
import { violationsOf } from './oracle/violations.ts';

/** Which scenarios run, and which violations count. */
export interface CheckOptions {
  readonly runs: number;
  readonly seed: number;
  /** The path to one scenario, as a failure reported it. */
  readonly path?: string | undefined;
  readonly system?: System;
  /** Whether a failing scenario is made as small as it can be. */
  readonly shrink?: boolean;
  /** Which violations count; all of them by default. */
  readonly about?: RegExp;
  /** Changes each scenario, so that something rare happens often. */
  readonly among?: (scenario: Scenario) => Scenario;
}

/**
 * Runs the action through random scenarios until the oracle finds a violation. Gives the first scenario in which the
 * action did something that the contract does not allow, and how often what happened until then.
 */
export async function check(options: CheckOptions) {
  const { runs, seed, path = '', system = theAction, shrink = true, about = /^/, among } = options;
  const statistics: Statistics = {};
  let hasFailed = false;
  const isGood = async (scenario: Scenario): Promise<boolean> => {
    const trace = await execute(scenario, system);
    // Scenarios after a failure only make that one smaller.
    if (!hasFailed) count(statistics, trace);
    const isBad = violationsOf(trace).some((violation) => about.test(violation));
    hasFailed ||= isBad;
    return !isBad;
  };
  const property = fc.asyncProperty(among ? scenarios.map(among) : scenarios, isGood);
  const details = await fc.check(property, { numRuns: runs, seed, path, endOnFailure: !shrink });
  if (details.counterexample === null) return { statistics, failure: undefined };
  const [scenario] = details.counterexample;
  const trace = await execute(scenario, system);
  const violations = violationsOf(trace);
  return { statistics, failure: { path: details.counterexamplePath, violations, trace: formatTrace(trace) } };
}
