// The first import, because it is evaluated before the others.
import { cancel, isPostStep, STOP_SIGNALS } from './start.ts';

import * as core from '@actions/core';

import { cleanUp } from './cleanup.ts';
import { main } from './main.ts';
import { outputsOf, writeOutputs } from './report/outputs.ts';
import { plain } from './report/sanitize.ts';
import { readState, SavedState } from './report/saved-state.ts';

/** How long the step may take to stop after a cancellation, in milliseconds. The runner sends SIGTERM after 7.5 s. */
const STOP_TIMEOUT_MS = 4_500;

/** After a failure the step cannot pass anymore, neither before a verdict nor after it. */
let hasFailed = false;
let hasPassed = false;
process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);
// The event loop is empty: nothing is left that could lead to a verdict.
process.on('beforeExit', () => fail('The action exited without a result'));

const stopLater = () =>
  setTimeout(() => fail('The step did not stop in time after it was canceled'), STOP_TIMEOUT_MS).unref();
for (const signal of STOP_SIGNALS) process.on(signal, stopLater);

/** The outputs say `error` until there is a verdict. */
const noVerdict = outputsOf({ outcome: 'error', jobs: [] });
(isPostStep ? runPost() : runMain()).then((passed) => {
  hasPassed = passed;
  end();
}, fail);

/** @returns whether the step passes */
async function runMain(): Promise<boolean> {
  writeOutputs(noVerdict);
  return main(new SavedState(), cancel.signal);
}

/** The post step does not judge: it passes unless it has a defect. */
async function runPost(): Promise<boolean> {
  await cleanUp(readState(), cancel.signal);
  return true;
}

/** Ends the process without a verdict: because of a defect, or because the runner's files cannot be written. */
function fail(reason: unknown): void {
  hasFailed = true;
  const advice = 'This is a bug in the action or a runner problem. Open an issue and attach the log.';
  const title = 'Unexpected error while waiting for the Collibra job';
  core.error(`${plain(String(reason))}. ${advice}`, { title });
  end();
}

/** Exits once everything is written, whatever connections are still open. */
function end(): void {
  if (hasPassed && hasFailed) revokeSuccess();
  process.exitCode = hasPassed && !hasFailed ? 0 : 1;
  process.stdout.write('', () => process.exit());
}

/** Makes sure that no later step reads that this one passed. */
function revokeSuccess(): void {
  try {
    writeOutputs(noVerdict);
  } catch {
    // The exit code says it.
  }
}
