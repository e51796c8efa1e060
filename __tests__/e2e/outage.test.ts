import { expect, it, jest } from '@jest/globals';

import type { Fault } from '../../dev/simulator/simulator.ts';
import { faultsOf, pollsOf, runStep, runStepFor, settledLife, simulate, succeeded } from './run-step.ts';

/* Tests that wait until the action itself stops waiting, up to 35 s each. */
const simulator = await simulate();

jest.setTimeout(60_000);

const withFault = (fault: Fault, when = {}) => ({ ...succeeded, faults: faultsOf(fault, when) });

/** When the first poll of a job arrived: from here on it does not matter how fast the process started. */
const firstPollAt = (id: string) => pollsOf(simulator, id)[0]?.at ?? NaN;

const HANGING: readonly [name: string, fault: Fault][] = [
  ['has no response', { kind: 'hang' }],
  ['has a body that stalls', { kind: 'stall' }],
  ['has a body that drips', { kind: 'drip', everyMs: 50 }],
];

it.concurrent.each(HANGING)('a request that %s times out after 30 s and is retried', async (_, fault) => {
  const run = await runStepFor(simulator, withFault(fault, { to: 1 }));
  expect(run.outputs.outcome).toBe('success');
  expect(run.stdout).toMatch(/No response from .* within 30 s/);
  expect(run.durationMs).toBeGreaterThan(30_000);
  expect(run.durationMs).toBeLessThan(40_000);
});

it.concurrent.each(HANGING)(
  'a request that always %s ends the step when max-outage-minutes is over',
  async (_, fault) => {
    const run = await runStepFor(simulator, withFault(fault), { 'max-outage-minutes': '0.1' });
    expect(run.outputs.outcome).toBe('error');
    expect(run.annotations[0]?.message).toMatch(/did not respond successfully for 30 s \(1 × no response in time\)/);
    expect(run.durationMs).toBeLessThan(40_000);
  },
);

it.concurrent.each(HANGING)('a final poll that %s ends some seconds after the deadline', async (_, fault) => {
  const id = simulator.addJob({ life: withFault(fault) });
  const run = await runStep(simulator, { 'job-id': id, 'timeout-minutes': '0.02' });
  expect(run.outputs.outcome).toBe('error');
  expect(Date.now() - firstPollAt(id)).toBeLessThan(14_000);
});

it.concurrent(
  'a 500 before the first successful poll is retried for 15 s, whatever max-outage-minutes is',
  async () => {
    const life = withFault({ kind: 'status', status: 500 }, { toMs: 12_000 });
    const run = await runStepFor(simulator, life, { 'max-outage-minutes': '0.01' });
    expect(run.outputs.outcome).toBe('success');
  },
);

it.concurrent("an unknown job is an error after 15 s, with its ID, its URL and Collibra's message", async () => {
  const id = '0198c0de-0000-4000-8000-00000000dead';
  const run = await runStep(simulator, { 'job-id': id });
  expect(run.outputs.outcome).toBe('error');
  expect(run.annotations[0]?.message).toMatch(
    new RegExp(`HTTP 404 from ${simulator.url}/rest/jobs/v1/jobs/${id}\\. Server response: `),
  );
  expect(run.durationMs).toBeGreaterThan(15_000);
  expect(Date.now() - firstPollAt(id)).toBeLessThan(18_000);
});

it.concurrent('a 404 page in place of every response is an error after 15 s', async () => {
  const life = withFault({ kind: 'status', status: 404, body: 'html' });
  const id = simulator.addJob({ life });
  const run = await runStep(simulator, { 'job-id': id });
  expect(run.outputs.outcome).toBe('error');
  expect(run.annotations[0]?.message).toMatch(/HTTP 404 .*HTML page/);
  expect(Date.now() - firstPollAt(id)).toBeLessThan(18_000);
});

it.concurrent('a COMPLETED job without a result is polled for 15 s before Import Results are requested', async () => {
  const unclear = { state: 'COMPLETED', result: 'NOT_SET' };
  const id = simulator.addJob({ life: settledLife(unclear, { importResults: { importJobState: '' } }) });
  const run = await runStep(simulator, { 'job-id': id, 'min-interval-seconds': '1' });
  const results = simulator.requests.find(({ path }) => path.includes(`/import/results/${id}`));
  const waitedMs = (results?.at ?? NaN) - firstPollAt(id);
  expect(run.outputs.outcome).toBe('failure');
  expect(waitedMs).toBeGreaterThanOrEqual(15_000);
  expect(waitedMs).toBeLessThan(17_000);
});
