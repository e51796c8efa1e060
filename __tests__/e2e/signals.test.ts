import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { cancelLikeRunner } from '../../dev/runner/runner.ts';
import {
  running,
  startSimulator,
  type FaultRule,
  type Life,
  type Simulator,
} from '../../dev/simulator/simulator.ts';
import { expectAllOutputs, jobsOf, ROLL_BACK, succeeded, waitStep } from './run-step.ts';

let simulator: Simulator;

beforeAll(async () => {
  simulator = await startSimulator();
});
afterAll(() => simulator.close());

const life = (faults: readonly FaultRule[] = []): Life => ({ steps: running(0, 600_000), faults });
const deletes = (id: string) =>
  simulator.requests.filter(({ method, path }) => method === 'DELETE' && path.endsWith(id));

describe('a cancelled step', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('writes everything on %s and ends', async (signal) => {
    const id = simulator.addJob({ life: life() });
    const run = await waitStep(simulator, { 'job-id': id }, { signals: [{ signal, whenLine: /RUNNING/ }] });
    expect(run.exitCode).toBe(1);
    expect(run.outputs).toMatchObject({ outcome: 'cancelled', state: 'RUNNING', 'job-id': id });
    expectAllOutputs(run);
    expect(run.annotations).toMatchObject([
      { kind: 'error', title: 'Waiting for the Collibra job was cancelled' },
    ]);
    expect(run.summary).toMatch(/cancel/i);
    expect(run.durationMs).toBeLessThan(4000);
    expect(deletes(id)).toEqual([]);
  });

  it('is not held up by a request that gets no answer', async () => {
    const id = simulator.addJob({ life: life([{ on: 'job', from: 2, fault: { kind: 'hang' } }]) });
    const run = await waitStep(
      simulator,
      { 'job-id': id },
      { signals: cancelLikeRunner({ whenLine: /RUNNING/, afterMs: 700 }) },
    );
    expect(run.outputs.outcome).toBe('cancelled');
    expect(run.durationMs).toBeLessThan(4000);
  });

  it('deletes the unfinished jobs where it is told to, with a link to the run', async () => {
    const ids = [simulator.addJob({ life: life() }), simulator.addJob({ life: life() })];
    const done = simulator.addJob({ life: succeeded });
    const inputs = { 'job-id': [done, ...ids].join(), 'on-cancel': 'delete', 'import-results': 'false' };
    const signals = [{ signal: 'SIGINT' as const, whenLine: /RUNNING/, afterMs: 500 }];
    const run = await waitStep(simulator, inputs, { signals });
    expect(run.outputs.outcome).toBe('cancelled');
    expect(jobsOf(run).map(({ outcome }) => outcome)).toEqual(['success', 'cancelled', 'cancelled']);
    const sent = ids.flatMap(deletes);
    expect(sent.map(({ status }) => status)).toEqual([204, 204]);
    expect(sent[0]?.query.get('message')).toBe(
      'Workflow run cancelled: https://github.com/acme/catalog/actions/runs/4242',
    );
    expect(deletes(done)).toEqual([]);
    expect(run.stdout + run.summary).not.toMatch(ROLL_BACK);
  });

  it('deletes a hundred jobs within its time', async () => {
    const ids = Array.from({ length: 100 }, () => simulator.addJob({ life: life() }));
    const signals = cancelLikeRunner({ whenLine: /RUNNING/, afterMs: 1500 });
    const run = await waitStep(simulator, { 'job-id': ids.join(' '), 'on-cancel': 'delete' }, { signals });
    expect(run.signal).toBeNull();
    expect(run.outputs.outcome).toBe('cancelled');
    expect(ids.flatMap(deletes).filter(({ status }) => status === 204)).toHaveLength(100);
    expect(run.durationMs).toBeLessThan(8000);
  });

  it('cancels through the Core API where that one knows the job', async () => {
    const id = simulator.addJob({ life: life(), knownTo: ['core-2.0'] });
    const signals = [{ signal: 'SIGINT' as const, whenLine: /RUNNING/ }];
    await waitStep(simulator, { 'job-id': id, 'on-cancel': 'delete' }, { signals });
    const sent = simulator.requests.filter(({ path }) => path.endsWith(`${id}/canceled`));
    expect(sent.map(({ method, status }) => [method, status])).toEqual([['POST', 202]]);
  });

  it.each([
    ['refused', { kind: 'status', status: 403 }],
    ['never answered', { kind: 'hang' }],
  ] as const)('warns of a delete that is %s, and ends within 5 s', async (_, fault) => {
    const id = simulator.addJob({ life: life([{ on: 'delete', fault }]) });
    const signals = cancelLikeRunner({ whenLine: /RUNNING/ });
    const run = await waitStep(simulator, { 'job-id': id, 'on-cancel': 'delete' }, { signals });
    expect(run.signal).toBeNull();
    expect(run.outputs.outcome).toBe('cancelled');
    expect(run.annotations.map(({ kind }) => kind)).toEqual(['error']);
    expect(run.stdout).toMatch(`Warning: Collibra did not delete ${id}: `);
    expect(run.durationMs).toBeLessThan(6000);
  });

  it('is cancelled while it looks for a job by its name', async () => {
    const inputs = { 'job-name': 'Nowhere', 'on-cancel': 'delete' };
    const run = await waitStep(simulator, inputs, {
      signals: [{ signal: 'SIGINT', whenLine: /No job named/ }],
    });
    expect(run.outputs).toMatchObject({ outcome: 'cancelled', 'job-id': '', jobs: '[]' });
    expect(run.annotations[0]?.message).toMatch(/Cancelled while looking for a job named "Nowhere"/);
  });
});

describe('a step whose time is up', () => {
  it('leaves the jobs alone', async () => {
    const id = simulator.addJob({ life: life() });
    const run = await waitStep(simulator, { 'job-id': id, 'timeout-minutes': '0.02' });
    expect(run.outputs.outcome).toBe('timeout');
    expect(deletes(id)).toEqual([]);
  });

  it('deletes them where it is told to', async () => {
    const id = simulator.addJob({ life: life() });
    const run = await waitStep(simulator, {
      'job-id': id,
      'timeout-minutes': '0.02',
      'on-timeout': 'delete',
    });
    expect(run.outputs.outcome).toBe('timeout');
    expect(run.exitCode).toBe(1);
    expect(deletes(id).map(({ status }) => status)).toEqual([204]);
    expect(run.stdout).not.toMatch(ROLL_BACK);
  });

  it('leaves at once when it is cancelled while it deletes them', async () => {
    const id = simulator.addJob({ life: life([{ on: 'delete', fault: { kind: 'hang' } }]) });
    const inputs = { 'job-id': id, 'timeout-minutes': '0.02', 'on-timeout': 'delete' };
    const signals = cancelLikeRunner({ whenLine: /not finished in time/, afterMs: 300 });
    const run = await waitStep(simulator, inputs, { signals });
    expect([run.outputs.outcome, run.exitCode]).toEqual(['timeout', 1]);
    expect(run.annotations).toHaveLength(1);
    expect(run.durationMs).toBeLessThan(4000);
  });
});
