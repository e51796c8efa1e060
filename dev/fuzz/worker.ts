/** Checks one batch of lives after the other, as the main thread asks. */
import { parentPort } from 'node:worker_threads';

import { check, type Checking } from './check.ts';

// Errors are made by the million here, and nobody looks at where they come from.
Error.stackTraceLimit = 0;

parentPort?.on('message', (batch: Checking) => {
  void check(batch).then((result) => parentPort?.postMessage(result));
});
