import { appendFileSync } from 'node:fs';

/*
 * What must happen before the other modules are loaded, which takes half of the startup: index.ts imports this first. From
 * here on, a signal does not end the process, and the post step knows that the main step was started.
 */

/** Fails closed: only a verdict that lets the step pass, or a post step without a defect, changes this. */
process.exitCode = 1;

/** The signals with which the runner stops a step; SIGBREAK on Windows. */
export const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGBREAK'] as const;

/** Aborted when the runner asks the step to stop. */
export const cancel = new AbortController();
for (const signal of STOP_SIGNALS) process.on(signal, () => cancel.abort());

/** The runner passes what the main step saved to the post step, which is the same file. */
export const isPostStep = Boolean(process.env.STATE_phase);

const { GITHUB_STATE } = process.env;
if (GITHUB_STATE && !isPostStep) saveStart(GITHUB_STATE);

function saveStart(file: string): void {
  try {
    appendFileSync(file, 'phase=started\n');
  } catch {
    // The outputs cannot be written, either: index.ts reports that.
  }
}
