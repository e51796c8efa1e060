import { describe, expect, it } from '@jest/globals';

import type { FaultRule, Simulator } from '../../dev/simulator/simulator.ts';
import { endsAfter, jobsOf, settledLife, simulate, succeeded, waitStep } from './run-step.ts';

/** Adds a job that ends after so many milliseconds, and says how. */
const add = (simulator: Simulator, ms: number, result = 'SUCCESS') =>
  simulator.addJob({ life: endsAfter(ms, { result, message: `${result} it is.` }) });

describe('several jobs', () => {
  it('are all waited for, and the gravest outcome is reported for the right job', async () => {
    const simulator = await simulate();
    const kinds: [string, () => string][] = [
      ['success', () => add(simulator, 300)],
      ['accepted', () => add(simulator, 900, 'ABORTED')],
      ['failure', () => add(simulator, 100, 'FAILURE')],
      ['timeout', () => add(simulator, 60_000)],
      [
        'error',
        () => {
          const faults: FaultRule[] = [{ on: 'job', fault: { kind: 'status', status: 403 } }];
          return simulator.addJob({ life: settledLife({ state: 'RUNNING' }, { faults }) });
        },
      ],
    ];
    // From the best to the gravest: each set adds one that is graver than all before.
    const runs = await Promise.all(
      kinds.map((_, upTo) => {
        const ids = kinds.slice(0, upTo + 1).map(([, addJob]) => addJob());
        const inputs = { 'job-id': [...ids].reverse().join(), accept: 'ABORTED', 'timeout-minutes': '0.05' };
        return waitStep(simulator, inputs).then((run) => ({ run, ids }));
      }),
    );
    for (const [index, { run, ids }] of runs.entries()) {
      const expected = kinds.slice(0, index + 1).map(([outcome]) => outcome);
      expect(jobsOf(run).map(({ outcome }) => outcome)).toEqual(expected.reverse());
      expect(run.outputs.outcome).toBe(kinds[index]?.[0]);
      expect(run.outputs['job-id']).toBe(ids.at(-1));
      expect(run.exitCode).toBe(index <= 1 ? 0 : 1);
      expect(run.annotations).toHaveLength(index);
    }
  });

  it('that end alike are described by the first of them in input order', async () => {
    const simulator = await simulate();
    const ids = [add(simulator, 1000, 'FAILURE'), add(simulator, 100, 'ABORTED')];
    const run = await waitStep(simulator, { 'job-id': ids.join() });
    expect(run.outputs).toMatchObject({
      outcome: 'failure',
      result: 'FAILURE',
      message: 'FAILURE it is.',
      'job-id': ids[0],
    });
  });

  it('are looked at side by side, a hundred with 8 requests and as many connections, and end with the last', async () => {
    const simulator = await simulate();
    const lengths = Array.from({ length: 100 }, (_, n) => 200 + 40 * n);
    const ids = lengths.map((ms) => add(simulator, ms));
    const run = await waitStep(simulator, { 'job-id': JSON.stringify(ids), 'max-interval-seconds': '1' });
    expect(run.outputs.outcome).toBe('success');
    expect(jobsOf(run).map(({ id }) => id)).toEqual(ids);
    expect(simulator.peakInFlight).toBeLessThanOrEqual(8);
    expect(simulator.connections.peak).toBeLessThanOrEqual(8);
    expect(simulator.connections.opened).toBeLessThanOrEqual(16);
    // The last job lives for 4.2 s; the step ends within one pause of it, and its start and end take their time, too.
    expect(run.durationMs).toBeLessThan(7500);
    expect(Buffer.byteLength(run.summary)).toBeLessThan(200_000);
  }, 30_000);

  it('that fail get ten annotations in all, and the last one sums up', async () => {
    const simulator = await simulate();
    const ids = Array.from({ length: 25 }, () => add(simulator, 100, 'ABORTED'));
    const run = await waitStep(simulator, { 'job-id': ids.join(), 'import-results': 'false' });
    expect(run.annotations).toHaveLength(10);
    expect(run.annotations.at(-1)?.message).toMatch(/^16 more jobs are told of/);
  });

  it('get no more attention from trouble that one of them has', async () => {
    const simulator = await simulate();
    const troubled = settledLife({ state: 'RUNNING' }, { faults: [{ on: 'job', fault: { kind: 'hang' } }] });
    const started = Date.now();
    const ids = [simulator.addJob({ life: troubled }), add(simulator, 800)];
    const run = await waitStep(simulator, { 'job-id': ids.join(), 'timeout-minutes': '0.05' });
    const lastLook =
      simulator.requests.filter(({ path }) => path.endsWith(`/jobs/${ids[1] ?? ''}`)).at(-1)?.at ?? NaN;
    expect(jobsOf(run).map(({ outcome }) => outcome)).toEqual(['error', 'success']);
    expect(lastLook - started).toBeLessThan(3000);
  }, 30_000);
});

describe('a job known by its name', () => {
  const NAME = 'Nightly sync';
  const aborted = endsAfter(0, { result: 'ABORTED' });
  const minutes = (n: number) => n * 60_000;

  it('is the newest one, although an older one of that name ended well', async () => {
    const simulator = await simulate();
    simulator.addJob({ name: NAME, life: succeeded, createdAgoMs: minutes(30) });
    const newest = simulator.addJob({ name: NAME, life: aborted, createdAgoMs: minutes(5) });
    simulator.addJob({ name: NAME, life: succeeded, createdAgoMs: minutes(50) });
    const run = await waitStep(simulator, { 'job-name': NAME });
    expect(run.outputs).toMatchObject({ outcome: 'failure', 'job-id': newest });
  });

  it("is not yesterday's, and is waited for until it appears", async () => {
    const simulator = await simulate();
    simulator.addJob({ name: NAME, life: succeeded, createdAgoMs: minutes(24 * 60) });
    const late = simulator.addJob({ name: NAME, life: succeeded, appearsInMs: 1500 });
    const run = await waitStep(simulator, { 'job-name': NAME });
    expect(run.outputs).toMatchObject({ outcome: 'success', 'job-id': late });
    expect(run.stdout).toMatch(/No job named "Nightly sync" created at most 1 h before the step started yet/);
  });

  it('is a time-out that says what was looked for where it does not appear', async () => {
    const simulator = await simulate();
    simulator.addJob({ name: NAME, life: succeeded, createdAgoMs: minutes(61) });
    simulator.addJob({ name: `${NAME} 2`, life: succeeded });
    simulator.addJob({ name: NAME.toLowerCase(), life: succeeded });
    simulator.addJob({ name: NAME, type: 'EXPORT', life: succeeded });
    const run = await waitStep(simulator, {
      'job-name': NAME,
      'job-type': 'IMPORT',
      'timeout-minutes': '0.02',
    });
    expect(run.outputs).toMatchObject({ outcome: 'timeout', 'job-id': '', jobs: '[]' });
    expect(run.annotations[0]?.message).toMatch(
      /No job named "Nightly sync" of type IMPORT created at most 1 h before/,
    );
    const sent = simulator.requests[0]?.query;
    expect(Object.fromEntries(sent ?? [])).toEqual({
      name: NAME,
      nameMatchMode: 'EXACT',
      type: 'IMPORT',
      pageSize: '50',
    });
  });

  it('is found by its type and its user', async () => {
    const simulator = await simulate();
    const user = simulator.userId('admin');
    const mine = simulator.addJob({
      name: NAME,
      type: 'SYNC',
      user,
      life: succeeded,
      createdAgoMs: minutes(10),
    });
    simulator.addJob({ name: NAME, type: 'IMPORT', user, life: aborted });
    simulator.addJob({ name: NAME, type: 'SYNC', life: aborted });
    const run = await waitStep(simulator, { 'job-name': NAME, 'job-type': 'SYNC', 'job-user': user });
    expect(run.outputs).toMatchObject({ outcome: 'success', 'job-id': mine });
  });

  it.each([[minutes(90)], [-minutes(9)]])(
    'is found by the clock of the server (%d ms ahead)',
    async (clockSkewMs) => {
      const simulator = await simulate({ clockSkewMs });
      simulator.addJob({ name: NAME, life: aborted, createdAgoMs: minutes(70) });
      const fresh = simulator.addJob({ name: NAME, life: succeeded, createdAgoMs: minutes(50) });
      const run = await waitStep(simulator, { 'job-name': NAME });
      expect(run.outputs).toMatchObject({ outcome: 'success', 'job-id': fresh });
      const old = await waitStep(simulator, {
        'job-name': NAME,
        'lookback-minutes': '10',
        'timeout-minutes': '0.01',
      });
      expect(old.outputs.outcome).toBe('timeout');
    },
  );

  it('is not one of yesterday, for a server whose clock is far behind', async () => {
    const simulator = await simulate({ clockSkewMs: -minutes(24 * 60) });
    simulator.addJob({ name: NAME, life: succeeded, createdAgoMs: minutes(70) });
    const run = await waitStep(simulator, { 'job-name': NAME, 'timeout-minutes': '0.01' });
    expect(run.outputs.outcome).toBe('timeout');
  });

  it('is looked for patiently, with trouble ridden out', async () => {
    const simulator = await simulate();
    simulator.failNext('find', { kind: 'status', status: 503 }, 2);
    simulator.addJob({ name: NAME, life: succeeded });
    expect((await waitStep(simulator, { 'job-name': NAME })).outputs.outcome).toBe('success');
  });

  it('is an error at once where the environment has no Find jobs', async () => {
    const simulator = await simulate({ apis: ['core-2.0'] });
    const run = await waitStep(simulator, { 'job-name': NAME });
    expect(run.outputs.outcome).toBe('error');
    expect(run.annotations[0]?.message).toMatch(/has no Find jobs .*give job-id/);
    expect(run.durationMs).toBeLessThan(5000);
  });
});
