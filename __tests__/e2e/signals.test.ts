import { describe, expect, it } from '@jest/globals';

import { cancelLikeRunner } from '../../dev/runner/runner.ts';
import { running } from '../../dev/simulator/simulator.ts';
import { faultsOf } from './lives.ts';
import { expectAllOutputs, runStep, runStepFor, simulate, stopwatch } from './run-step.ts';

const simulator = await simulate();

const endless = { steps: running(0, 600_000) };
const deletes = (id = '') => simulator.requests.filter(({ method, path }) => method === 'DELETE' && path.endsWith(id));

/** The signals with which the runner cancels the step, some time after it reports the first state. */
const cancelWhenRunning = (afterMs = 0) => ({ signals: cancelLikeRunner({ whenLine: /RUNNING/, afterMs }) });

describe('a canceled step', () => {
  it.concurrent.each(['SIGINT', 'SIGTERM'] as const)('writes everything and ends on %s', async (signal) => {
    const { onLine, elapsedMs } = stopwatch(/RUNNING/);
    const signals = [{ signal, whenLine: /RUNNING/ }];
    const interval = { 'min-interval-seconds': '3000', 'max-interval-seconds': '3000' };
    const run = await runStepFor(simulator, endless, interval, { signals, onLine });
    expect(elapsedMs()).toBeLessThan(4000);
    expect(run.exitCode).toBe(1);
    expect(run.outputs).toMatchObject({ outcome: 'cancelled', state: 'RUNNING' });
    expectAllOutputs(run);
    expect(run.annotations).toMatchObject([{ kind: 'error', title: 'Canceled while waiting for the Collibra job' }]);
    expect(run.summary).toMatch(/cancel/i);
    expect(deletes(run.outputs['job-id'])).toEqual([]);
  });

  it.concurrent('does not wait for a request without a response', async () => {
    const { onLine, elapsedMs } = stopwatch(/RUNNING/);
    const life = { ...endless, faults: faultsOf({ kind: 'hang' }, { from: 2 }) };
    const run = await runStepFor(simulator, life, {}, { ...cancelWhenRunning(700), onLine });
    expect(run.outputs.outcome).toBe('cancelled');
    expect(elapsedMs()).toBeLessThan(4000);
  });

  it.concurrent('ends while it searches for a job by name', async () => {
    const inputs = { 'job-name': 'Nowhere', 'on-cancel': 'delete' };
    const signals = [{ signal: 'SIGINT', whenLine: /not found yet/ }] as const;
    const run = await runStep(simulator, inputs, { signals });
    expect(run.outputs).toMatchObject({ outcome: 'cancelled', 'job-id': '', jobs: '[]' });
    expect(run.annotations[0]?.message).toMatch(/Canceled while searching for a job named "Nowhere"/);
  });
});

describe('a step that times out', () => {
  it.concurrent('fails, and does not delete the job', async () => {
    const run = await runStepFor(simulator, endless, { 'timeout-minutes': '0.02' });
    expect([run.outputs.outcome, run.exitCode]).toEqual(['timeout', 1]);
    expect(run.annotations).toHaveLength(1);
    expect(deletes(run.outputs['job-id'])).toEqual([]);
  });

  it.concurrent('ends at once when it is canceled while it deletes the job, and the post step goes on', async () => {
    const inputs = { 'timeout-minutes': '0.02', 'on-timeout': 'delete' };
    const { onLine, elapsedMs } = stopwatch(/: timeout after/);
    const signals = cancelLikeRunner({ whenLine: /: timeout after/, afterMs: 300 });
    const life = { ...endless, faults: [{ on: 'delete', fault: { kind: 'hang' }, to: 1 }] } as const;
    let tookMs = NaN;
    const onMainEnd = () => (tookMs = elapsedMs());
    const run = await runStepFor(simulator, life, inputs, { signals, onLine, onMainEnd });
    expect([run.outputs.outcome, run.exitCode]).toEqual(['timeout', 1]);
    expect(run.annotations).toHaveLength(1);
    expect(tookMs).toBeLessThan(2000);
    expect(deletes(run.outputs['job-id']).map(({ status }) => status)).toEqual([undefined, 204]);
  });
});
