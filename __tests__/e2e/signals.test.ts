import { describe, expect, it } from '@jest/globals';

import { cancelLikeRunner } from '../../dev/runner/runner.ts';
import { running } from '../../dev/simulator/simulator.ts';
import { addJobs, faultsOf, succeeded } from './lives.ts';
import { expectAllOutputs, jobsOf, runStep, runStepFor, simulate, stopwatch } from './run-step.ts';

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

  it.concurrent('deletes the unfinished jobs when on-cancel is delete, with a link to the run', async () => {
    const [done = '', ...ids] = [succeeded, endless, endless].map((life) => simulator.addJob({ life }));
    const inputs = { 'job-id': [done, ...ids].join(), 'on-cancel': 'delete', 'import-results': 'false' };
    const run = await runStep(simulator, inputs, cancelWhenRunning(500));
    expect(run.outputs.outcome).toBe('cancelled');
    expect(jobsOf(run).map(({ outcome }) => outcome)).toEqual(['success', 'cancelled', 'cancelled']);
    const sent = ids.flatMap(deletes);
    expect(sent.map(({ status }) => status)).toEqual([204, 204]);
    const message = 'Workflow run canceled: https://github.com/acme/catalog/actions/runs/4242';
    expect(sent[0]?.query.get('message')).toBe(message);
    expect(deletes(done)).toEqual([]);
    // Only Collibra decides what happens to the work of a deleted job.
    expect(run.stdout + run.summary).not.toMatch(/roll(ed)?[ -]?back|reverted|undone/i);
  });

  // Not beside others: a hundred deletes have 3 s.
  it('deletes a hundred jobs before the runner kills it', async () => {
    const ids = addJobs(simulator, 100, endless);
    const inputs = { 'job-id': ids.join(' '), 'on-cancel': 'delete', 'min-interval-seconds': '1' };
    const { onLine, elapsedMs } = stopwatch(/RUNNING/);
    const run = await runStep(simulator, inputs, { ...cancelWhenRunning(1500), onLine });
    expect([run.outputs.outcome, run.signal]).toEqual(['cancelled', null]);
    expect(ids.flatMap(deletes).filter(({ status }) => status === 204)).toHaveLength(100);
    expect(elapsedMs()).toBeLessThan(8000);
  });

  it.concurrent('deletes a job through the Core API when only that API knows the job', async () => {
    const id = simulator.addJob({ life: endless, knownTo: ['core-2.0'] });
    await runStep(simulator, { 'job-id': id, 'on-cancel': 'delete' }, cancelWhenRunning());
    const sent = simulator.requests.filter(({ path }) => path.endsWith(`${id}/canceled`));
    expect(sent.map(({ method, status }) => [method, status])).toEqual([['POST', 202]]);
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

  it.concurrent('ends at once when it is canceled while it deletes the job', async () => {
    const inputs = { 'timeout-minutes': '0.02', 'on-timeout': 'delete' };
    const { onLine, elapsedMs } = stopwatch(/: timeout after/);
    const signals = cancelLikeRunner({ whenLine: /: timeout after/, afterMs: 300 });
    const life = { ...endless, faults: [{ on: 'delete', fault: { kind: 'hang' } }] } as const;
    const run = await runStepFor(simulator, life, inputs, { signals, onLine });
    expect([run.outputs.outcome, run.exitCode]).toEqual(['timeout', 1]);
    expect(run.annotations).toHaveLength(1);
    expect(elapsedMs()).toBeLessThan(2000);
  });
});
