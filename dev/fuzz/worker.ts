/** Checks one batch of scenarios after the other, as the main thread asks. */
import { parentPort } from 'node:worker_threads';

import { check, type CheckOptions } from './check.ts';

// Errors are created by the million here, and nobody reads their stacks.
Error.stackTraceLimit = 0;

parentPort?.on('message', (batch: CheckOptions) => {
  void check(batch).then((result) => parentPort?.postMessage(result));
});
