import { describe, expect, it } from '@jest/globals';

import type { Simulator, SimulatorOptions } from '../../dev/simulator/simulator.ts';
import { endsAfter, faultsOf, stuck, succeeded } from './lives.ts';
import { expectError, jobsOf, pollsOf, runStep, simulate, spanMs } from './run-step.ts';

/** Adds a job that ends after so many milliseconds, and whose message names its result. */
const add = (simulator: Simulator, ms: number, result = 'SUCCESS') =>
  simulator.addJob({ life: endsAfter(ms, { result, message: `${result} it is.` }) });

describe('a step for several jobs', () => {
  it.concurrent('has the most severe outcome, and reports each outcome for the right job', async () => {
    const simulator = await simulate();
    const forbidden = { ...stuck, faults: faultsOf({ kind: 'status', status: 403 }) };
    const kinds: [outcome: string, addJob: () => string][] = [
      ['success', () => add(simulator, 300)],
      ['accepted', () => add(simulator, 900, 'ABORTED')],
      ['failure', () => add(simulator, 100, 'FAILURE')],
      ['timeout', () => add(simulator, 60_000)],
      ['error', () => simulator.addJob({ life: forbidden })],
    ];
    // Each step has one more job, whose outcome is more severe than all before.
    const runs = await Promise.all(
      kinds.map(async (_, upTo) => {
        const ids = kinds.slice(0, upTo + 1).map(([, addJob]) => addJob());
        const inputs = { 'job-id': ids.toReversed().join(), accept: 'ABORTED', 'timeout-minutes': '0.05' };
        return { run: await runStep(simulator, inputs), ids };
      }),
    );
    for (const [index, { run, ids }] of runs.entries()) {
      const expected = kinds.slice(0, index + 1).map(([outcome]) => outcome);
      expect(jobsOf(run).map(({ outcome }) => outcome)).toEqual(expected.reverse());
      expect(run.outputs).toMatchObject({ outcome: kinds[index]?.[0], 'job-id': ids.at(-1) });
      expect(run.exitCode).toBe(index <= 1 ? 0 : 1);
      expect(run.annotations).toHaveLength(index);
    }
  });

  it.concurrent('polls a hundred jobs with 8 requests and connections at a time', async () => {
    const simulator = await simulate();
    const ids = Array.from({ length: 100 }, (_, n) => add(simulator, 200 + 40 * n));
    const run = await runStep(simulator, { 'job-id': JSON.stringify(ids), 'max-interval-seconds': '1' });
    expect(run.outputs.outcome).toBe('success');
    expect(jobsOf(run).map(({ id }) => id)).toEqual(ids);
    expect(simulator.peakInFlight).toBeLessThanOrEqual(8);
    expect(simulator.connections.peak).toBeLessThanOrEqual(8);
    expect(simulator.connections.opened).toBeLessThanOrEqual(16);
    // The last job ends after 4.2 s, and the last poll follows within one interval.
    expect(spanMs(pollsOf(simulator))).toBeLessThan(6500);
    expect(Buffer.byteLength(run.summary)).toBeLessThan(200_000);
  });

  it.concurrent('is not held up by one job whose requests hang', async () => {
    const simulator = await simulate();
    const hanging = { ...stuck, faults: faultsOf({ kind: 'hang' }) };
    const ids = [simulator.addJob({ life: hanging }), add(simulator, 800)];
    const run = await runStep(simulator, { 'job-id': ids.join(), 'timeout-minutes': '0.05' });
    expect(jobsOf(run).map(({ outcome }) => outcome)).toEqual(['error', 'success']);
    expect(spanMs(pollsOf(simulator, ids[1]))).toBeLessThan(2500);
  });
});

describe('a job that is known by its name', () => {
  const NAME = 'Nightly sync';
  const aborted = endsAfter(0, { result: 'ABORTED' });
  const minutes = (n: number) => n * 60_000;

  /** A simulator with successful jobs of that name, of these ages in minutes. */
  async function withJobs(ages: readonly number[], options: SimulatorOptions = {}) {
    const simulator = await simulate(options);
    for (const age of ages) simulator.addJob({ name: NAME, life: succeeded, createdAgoMs: minutes(age) });
    return simulator;
  }

  it.concurrent("is not yesterday's, and the step waits until it appears", async () => {
    const simulator = await withJobs([24 * 60]);
    const notFound = /^Job named "Nightly sync" created at most 1 h before the step started not found yet/;
    const late: string[] = [];
    const onLine = (line: string) => {
      if (notFound.test(line)) late.push(simulator.addJob({ name: NAME, life: succeeded }));
    };
    const run = await runStep(simulator, { 'job-name': NAME }, { onLine });
    expect(late).toHaveLength(1);
    expect(run.outputs).toMatchObject({ outcome: 'success', 'job-id': late[0] });
  });

  it.concurrent('is a timeout that names the search when no such job appears', async () => {
    const simulator = await withJobs([61]);
    simulator.addJob({ name: `${NAME} 2`, life: succeeded });
    simulator.addJob({ name: NAME.toLowerCase(), life: succeeded });
    simulator.addJob({ name: NAME, type: 'EXPORT', life: succeeded });
    const inputs = { 'job-name': NAME, 'job-type': 'IMPORT', 'timeout-minutes': '0.02' };
    const run = await runStep(simulator, inputs);
    expect(run.outputs).toMatchObject({ outcome: 'timeout', 'job-id': '', jobs: '[]' });
    expect(run.annotations[0]?.message).toMatch(
      /^Found no job named "Nightly sync" of type IMPORT created at most 1 h before/,
    );
    const query = { name: NAME, nameMatchMode: 'EXACT', type: 'IMPORT', pageSize: '50' };
    expect(Object.fromEntries(simulator.requests[0]?.query ?? [])).toEqual(query);
  });

  it.concurrent.each([90, -9])('is found by the clock of a server that is %d min ahead', async (ahead) => {
    const simulator = await simulate({ clockSkewMs: minutes(ahead) });
    simulator.addJob({ name: NAME, life: aborted, createdAgoMs: minutes(70) });
    const fresh = simulator.addJob({ name: NAME, life: succeeded, createdAgoMs: minutes(50) });
    const run = await runStep(simulator, { 'job-name': NAME });
    expect(run.outputs).toMatchObject({ outcome: 'success', 'job-id': fresh });
    const short = { 'lookback-minutes': '10', 'timeout-minutes': '0.01' };
    expect((await runStep(simulator, { 'job-name': NAME, ...short })).outputs.outcome).toBe('timeout');
  });

  it.concurrent('is an error at once when the environment has no Find jobs', async () => {
    const simulator = await simulate({ apis: ['core-2.0'] });
    const run = await runStep(simulator, { 'job-name': NAME });
    expectError(run, /requires the Find jobs API .*Use job-id instead/);
    expect(run.durationMs).toBeLessThan(5000);
  });
});
