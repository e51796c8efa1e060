import * as core from '@actions/core';

import { main } from './main.ts';
import { outputsOf, writeOutputs } from './report/outputs.ts';
import { plain } from './report/sanitize.ts';

/** After a cancellation the runner sends SIGTERM in 7.5 s: an end that is not reached by then is not waited for. */
const LAST_RESORT_MS = 4_500;

/** Fails closed: only a verdict that lets the step pass changes this, and the outputs say `error` until there is one. */
process.exitCode = 1;

/** What has failed once can't pass any more, neither before a verdict nor after it. */
let hasFailed = false;
let hasPassed = false;
process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);
// The event loop ran empty: nothing is left that could still bring a verdict.
process.on('beforeExit', () => fail('The step came to its end without a verdict'));

const cancel = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGBREAK'] as const) {
  process.on(signal, () => {
    cancel.abort();
    setTimeout(() => fail('The step was cancelled and did not end in time'), LAST_RESORT_MS).unref();
  });
}

const noVerdict = outputsOf({ outcome: 'error', jobs: [] });
writeOutputs(noVerdict);
main(cancel.signal).then((passed) => {
  hasPassed = passed;
  end();
}, fail);

/** Ends the process without a verdict: a defect, or a runner that can't be written to. */
function fail(reason: unknown): void {
  hasFailed = true;
  const advice = 'This is a defect of the action or of its dependencies; please report it';
  core.error(`${plain(String(reason))}. ${advice}.`, { title: 'No verdict on the Collibra job' });
  end();
}

/** Leaves when everything is written, whatever connections are still open. */
function end(): void {
  if (hasPassed && hasFailed) takeBack();
  process.exitCode = hasPassed && !hasFailed ? 0 : 1;
  process.stdout.write('', () => process.exit());
}

/** No later step may read that this one passed. */
function takeBack(): void {
  try {
    writeOutputs(noVerdict);
  } catch {
    // The exit code says it.
  }
}
