import { expect, it, jest } from '@jest/globals';

import type { Fault } from '../../dev/simulator/simulator.ts';
import { constantLife, faultsOf, succeeded } from './lives.ts';
import { jobsOf, pollsOf, runStep, runStepFor, simulate } from './run-step.ts';

/*
 * Tests that wait until the action itself stops waiting, up to 40 s each. The longest come first, because eight run at a
 * time, and one step waits for several jobs where that is possible.
 */
const simulator = await simulate();

jest.setTimeout(60_000);

const withFault = (fault: Fault, when = {}) => ({ ...succeeded, faults: faultsOf(fault, when) });
const jobWith = (fault: Fault, when = {}) => simulator.addJob({ life: withFault(fault, when) });

/** When the first poll of a job arrived: from here on it does not matter how fast the process started. */
const firstPollAt = (id = '') => pollsOf(simulator, id)[0]?.at ?? NaN;

/** No response, a body that stalls, and one that drips. */
const HANGING: readonly Fault[] = [{ kind: 'hang' }, { kind: 'stall' }, { kind: 'drip', everyMs: 50 }];
/** With `auto`, the Core API would be asked as well. */
const JOBS_V1 = { 'job-api': 'jobs-v1' };
const everyJob = (outcome: string) => HANGING.map(() => expect.objectContaining({ outcome }) as unknown);

it.concurrent('a success does not wait for Import Results that hang for more than 45 s', async () => {
  const life = { ...succeeded, faults: [{ on: 'results', fault: { kind: 'hang' } }] } as const;
  const run = await runStepFor(simulator, life);
  expect([run.outputs.outcome, run.outputs['failed-commands'], run.exitCode]).toEqual(['success', '', 0]);
  expect(run.annotations).toEqual([]);
  expect(run.durationMs).toBeLessThan(45_000);
});

it.concurrent.each([
  ['is retried', 'success', { to: 1 }, {}],
  ['ends the step if no outage is allowed', 'error', {}, { 'max-outage-minutes': '0' }],
])('a request that hangs, stalls or drips times out after 30 s and %s', async (_, outcome, when, inputs) => {
  const ids = HANGING.map((fault) => jobWith(fault, when));
  const run = await runStep(simulator, { 'job-id': ids.join(), ...JOBS_V1, ...inputs });
  expect(jobsOf(run)).toEqual(everyJob(outcome));
  for (const id of ids) expect(run.stdout).toMatch(new RegExp(`No response from .*${id} within 30 s`));
  expect(run.annotations).toHaveLength(outcome === 'error' ? ids.length : 0);
  for (const { message } of run.annotations)
    expect(message).toMatch(/did not respond successfully for 0 s \(1 × no response in time\)/);
  expect(run.durationMs).toBeGreaterThan(30_000);
  expect(run.durationMs).toBeLessThan(40_000);
});

it.concurrent('a final poll that hangs, stalls or drips ends some seconds after the deadline', async () => {
  const ids = HANGING.map((fault) => jobWith(fault));
  const run = await runStep(simulator, { 'job-id': ids.join(), 'timeout-minutes': '0.02', ...JOBS_V1 });
  expect(jobsOf(run)).toEqual(everyJob('error'));
  expect(Date.now() - firstPollAt(ids[0])).toBeLessThan(14_000);
});

it.concurrent('a 500 before the first success is retried for 15 s, whatever max-outage-minutes is', async () => {
  const life = withFault({ kind: 'status', status: 500 }, { toMs: 12_000 });
  const run = await runStepFor(simulator, life, { 'max-outage-minutes': '0.01' });
  expect(run.outputs.outcome).toBe('success');
});

it.concurrent("a job that is not found is an error after 15 s, with its URL and the server's message", async () => {
  const unknown = '0198c0de-0000-4000-8000-00000000dead';
  const ids = [unknown, jobWith({ kind: 'status', status: 404, body: 'html' })];
  const run = await runStep(simulator, { 'job-id': ids.join() });
  expect(jobsOf(run).map(({ outcome }) => outcome)).toEqual(['error', 'error']);
  expect(run.annotations.map(({ message }) => message)).toEqual([
    expect.stringMatching(`HTTP 404 from ${simulator.url}/rest/jobs/v1/jobs/${unknown}\\. Server response: `),
    expect.stringMatching(
      /^Neither job API returned the job\. .*HTTP 404 .*Server response: Simulated fault with status 404/,
    ),
  ]);
  expect(run.durationMs).toBeGreaterThan(15_000);
  expect(Date.now() - firstPollAt(unknown)).toBeLessThan(18_000);
});

it.concurrent('a COMPLETED job without a result is polled for 15 s before Import Results are requested', async () => {
  const unclear = { state: 'COMPLETED', result: 'NOT_SET' };
  const id = simulator.addJob({ life: constantLife(unclear, { importResults: { importJobState: '' } }) });
  const run = await runStep(simulator, { 'job-id': id, 'min-interval-seconds': '1' });
  const results = simulator.requests.find(({ path }) => path.includes(`/import/results/${id}`));
  const waitedMs = (results?.at ?? NaN) - firstPollAt(id);
  expect(run.outputs.outcome).toBe('failure');
  expect(waitedMs).toBeGreaterThanOrEqual(15_000);
  expect(waitedMs).toBeLessThan(17_000);
});
