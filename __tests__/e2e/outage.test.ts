import { afterAll, expect, it } from '@jest/globals';

import { startSimulator, type Fault, type FaultRule } from '../../dev/simulator/simulator.ts';
import { settledLife, succeeded, waitStep } from './run-step.ts';

/*
 * Tests that wait for the action's own patience to end, up to 35 s each. They only wait, so they run side by side;
 * concurrent tests start before any beforeAll, hence the simulator at the top.
 */
const simulator = await startSimulator();
afterAll(() => simulator.close());

const PATIENCE_MS = 60_000;

function addJob(faults: readonly FaultRule[]): string {
  return simulator.addJob({ life: { ...succeeded, faults } });
}

const SLOW: readonly [name: string, fault: Fault][] = [
  ['no answer', { kind: 'hang' }],
  ['a body that stalls', { kind: 'stall' }],
  ['a body that drips', { kind: 'drip', everyMs: 50 }],
];

it.concurrent.each(SLOW)(
  '%s is waited for as long as one request may take, and asked again',
  async (_, fault) => {
    const run = await waitStep(simulator, { 'job-id': addJob([{ on: 'job', fault, to: 1 }]) });
    expect(run.outputs.outcome).toBe('success');
    expect(run.stdout).toMatch(/no answer within 30 s/);
    expect(run.durationMs).toBeGreaterThan(30_000);
    expect(run.durationMs).toBeLessThan(40_000);
  },
  PATIENCE_MS,
);

it.concurrent.each(SLOW)(
  '%s for ever ends when the outage has lasted too long',
  async (_, fault) => {
    const inputs = { 'job-id': addJob([{ on: 'job', fault }]), 'max-outage-minutes': '0.1' };
    const run = await waitStep(simulator, inputs);
    expect(run.outputs.outcome).toBe('error');
    expect(run.annotations[0]?.message).toMatch(/Gave up: no good answer for 30 s \(1 × no answer in time\)/);
    expect(run.durationMs).toBeLessThan(40_000);
  },
  PATIENCE_MS,
);

it.concurrent.each(SLOW)(
  '%s at the last look ends some seconds after the deadline',
  async (_, fault) => {
    const inputs = { 'job-id': addJob([{ on: 'job', fault }]), 'timeout-minutes': '0.02' };
    const run = await waitStep(simulator, inputs);
    expect(run.outputs.outcome).toBe('error');
    expect(run.durationMs).toBeLessThan(14_000);
  },
  PATIENCE_MS,
);

it.concurrent(
  'a 500 of a job that was never seen is borne for the first 15 s, whatever the outage budget is',
  async () => {
    const faults: FaultRule[] = [{ on: 'job', fault: { kind: 'status', status: 500 }, toMs: 12_000 }];
    const run = await waitStep(simulator, { 'job-id': addJob(faults), 'max-outage-minutes': '0.01' });
    expect(run.outputs.outcome).toBe('success');
  },
  PATIENCE_MS,
);

it.concurrent(
  'an unknown job is an error after 15 s, with its id, its address and what Collibra says',
  async () => {
    const id = '0198c0de-0000-4000-8000-00000000dead';
    const run = await waitStep(simulator, { 'job-id': id });
    expect(run.outputs.outcome).toBe('error');
    expect(run.annotations[0]?.message).toMatch(
      new RegExp(`HTTP 404 from ${simulator.url}/rest/jobs/v1/jobs/${id}\\. It says: `),
    );
    expect(run.durationMs).toBeGreaterThan(15_000);
    expect(run.durationMs).toBeLessThan(18_000);
  },
  PATIENCE_MS,
);

it.concurrent(
  'a 404 page in the place of every answer is an error after 15 s',
  async () => {
    const faults: FaultRule[] = [{ on: 'job', fault: { kind: 'status', status: 404, body: 'html' } }];
    const run = await waitStep(simulator, { 'job-id': addJob(faults) });
    expect(run.outputs.outcome).toBe('error');
    expect(run.annotations[0]?.message).toMatch(/HTTP 404 .*HTML page/);
    expect(run.durationMs).toBeLessThan(18_000);
  },
  PATIENCE_MS,
);

it.concurrent(
  'a COMPLETED job without a result is looked at for 15 s before Import Results are asked',
  async () => {
    const unclear = { state: 'COMPLETED', result: 'NOT_SET' };
    const id = simulator.addJob({ life: settledLife(unclear, { importResults: { importJobState: '' } }) });
    const run = await waitStep(simulator, { 'job-id': id, 'min-interval-seconds': '1' });
    const requests = simulator.requests.filter(({ path }) => path.includes(id));
    const askedAt = requests.find(({ path }) => path.includes('/import/results/'))?.at ?? NaN;
    const firstAt = requests[0]?.at ?? NaN;
    expect(run.outputs.outcome).toBe('failure');
    expect(askedAt - firstAt).toBeGreaterThanOrEqual(15_000);
    expect(askedAt - firstAt).toBeLessThan(17_000);
  },
  PATIENCE_MS,
);
