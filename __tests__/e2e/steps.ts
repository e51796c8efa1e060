import { runAction, type Run, type RunOptions } from '../../harness/runner.ts';
import type { Life, Simulator, Step } from '../../simulator/simulator.ts';

/** The bearer token that the simulator accepts by default. */
export const TOKEN = 'a-bearer-token-for-the-pipeline';

/** Every output of the contract. */
export const OUTPUT_NAMES = ['outcome', 'state', 'result', 'message', 'job-id', 'failed-commands', 'jobs'];

type Inputs = NonNullable<RunOptions['inputs']>;

/** Runs the built action against a simulator, with quick looks. */
export function waitStep(simulator: Simulator, inputs: Inputs, options: RunOptions = {}): Promise<Run> {
  const common = { url: simulator.url, token: TOKEN, 'min-interval-seconds': '0.1' };
  return runAction({ ...options, inputs: { ...common, ...inputs } });
}

/** A life that is in one state from the beginning on. */
export function settledLife(step: Omit<Step, 'atMs'>, more: Omit<Life, 'steps'> = {}): Life {
  return { steps: [{ atMs: 0, ...step }], ...more };
}

/** The jobs output, parsed. */
export function jobsOf(run: Run): Record<string, unknown>[] {
  return JSON.parse(run.outputs.jobs ?? '') as Record<string, unknown>[];
}
