import fc from 'fast-check';

import type { Life } from './scenario.ts';
import { lives } from './generators/scenarios.ts';
import { complaintsAbout } from './oracle/violations.ts';
import { play, theAction, type System } from './execute.ts';
import { storyOf } from './format-trace.ts';
import { count, emptyTally, type Tally } from './statistics.ts';

/** What is checked, and how. */
export interface Checking {
  readonly runs: number;
  readonly seed: number;
  /** The way to one life, as a failure told it. */
  readonly path?: string | undefined;
  readonly system?: System;
  /** Whether a failing life is made as small as it can be. */
  readonly shrink?: boolean;
  /** Which complaints count; all of them, unless told. */
  readonly about?: RegExp;
  /** Changes each life, so that something seldom happens often. */
  readonly among?: (life: Life) => Life;
}

/** A life in which the action did something that the contract does not allow. */
export interface Failure {
  readonly seed: number;
  readonly path: string;
  readonly complaints: readonly string[];
  readonly story: string;
}

/** Lets the action live through random lives, until the oracle complains. */
export async function check(checking: Checking): Promise<{ tally: Tally; failure: Failure | undefined }> {
  const { runs, seed, path, system = theAction, shrink = true, about = /^/, among } = checking;
  const tally = emptyTally();
  let hasFailed = false;
  const isGood = async (life: Life): Promise<boolean> => {
    const chronicle = await play(life, system);
    // What is played after a failure only makes that smaller.
    if (!hasFailed) count(tally, life, chronicle);
    const isBad = complaintsAbout(life, chronicle).some((complaint) => about.test(complaint));
    hasFailed ||= isBad;
    return !isBad;
  };
  const details = await fc.check(fc.asyncProperty(among ? lives.map(among) : lives, isGood), {
    numRuns: runs,
    seed,
    endOnFailure: !shrink,
    ...(path === undefined ? {} : { path }),
  });
  if (details.counterexample === null) return { tally, failure: undefined };
  const [life] = details.counterexample;
  const chronicle = await play(life, system);
  const failure = {
    seed,
    path: details.counterexamplePath,
    complaints: complaintsAbout(life, chronicle),
    story: storyOf(life, chronicle),
  };
  return { tally, failure };
}
