import { expect, it } from '@jest/globals';

import { cancelLikeRunner, type RunOptions } from '../../dev/runner/runner.ts';
import type { Life } from '../../dev/simulator/simulator.ts';
import { describeOnOlderNode } from '../support/needs.ts';
import { addJobs, constantLife, stuck, succeeded } from './lives.ts';
import { expectAllOutputs, expectError, FAST_CLOCK, preloading, runStep, simulate } from './run-step.ts';

/*
 * The runner falls back to an older Node.js on platforms without Node.js 24, such as Linux on ARM32. Each of these
 * steps takes a path through dist of its own: results, failed commands, heartbeat, timeout, cancellation, bad input.
 */
const simulator = await simulate();

const failedCommands = ['Domain', 'Domain', 'Asset type'].map((what, index) => ({
  errorType: 'VALIDATION',
  resourceType: 'ASSET',
  errorMessage: `${what} not found`,
  command: { indices: [index], identifier: `asset-${index}` },
}));
const partlyFailed = constantLife(
  { state: 'COMPLETED', result: 'COMPLETED_WITH_ERROR' },
  { importResults: { importJobState: 'COMPLETED_WITH_ERRORS', errors: failedCommands } },
);

describeOnOlderNode('dist on an older Node.js', (node) => {
  /** Runs a step for two jobs with this life, and checks what every step has to write. */
  async function step(life: Life, inputs: Record<string, string> = {}, options: RunOptions = {}) {
    const given = { 'job-id': addJobs(simulator, 2, life).join(), ...inputs };
    const run = await runStep(simulator, given, { ...options, node });
    expectAllOutputs(run);
    expect(run.summary).toMatch(/^#+ .*\n/);
    expect(run.stderr).toBe('');
    expect(run.annotations.filter(({ kind }) => kind === 'warning')).toEqual([]);
    return run;
  }

  it.concurrent('passes when the jobs succeed', async () => {
    const run = await step(succeeded);
    expect([run.outputs.outcome, run.exitCode]).toEqual(['success', 0]);
    expect(run.annotations).toEqual([]);
  });

  it.concurrent('groups failed commands, and jobs that fail alike, in the summary', async () => {
    const run = await step(partlyFailed);
    expect([run.outputs.outcome, run.exitCode]).toEqual(['failure', 1]);
    expect(run.outputs['failed-commands']).toBe('6');
    expect(run.summary).toContain('Domain not found');
    expect(run.summary).toContain('Asset type not found');
  });

  it.concurrent('writes a heartbeat for several jobs, and times out', async () => {
    const inputs = { 'min-interval-seconds': '30', 'timeout-minutes': '5', 'max-outage-minutes': '60' };
    const run = await step(stuck, inputs, { env: preloading(FAST_CLOCK) });
    expect([run.outputs.outcome, run.exitCode]).toEqual(['timeout', 1]);
    expect(run.stdout).toMatch(/^0 of 2 jobs .*\b2 RUNNING\b/m);
  });

  it.concurrent('ends when the runner cancels it', async () => {
    const signals = cancelLikeRunner({ whenLine: /RUNNING/ });
    const run = await step(stuck, { 'on-cancel': 'delete' }, { signals });
    expect([run.outputs.outcome, run.exitCode]).toEqual(['cancelled', 1]);
  });

  it.concurrent('reports wrong inputs', async () => {
    const run = await step(succeeded, { 'job-id': 'x', 'timeout-minutes': 'long' });
    expectError(run, /^job-id: .*"x"\.\ntimeout-minutes: .*"long"\.$/m);
  });
});
