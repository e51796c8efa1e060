import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { cancelLikeRunner, type Run } from '../../dev/runner/runner.ts';
import { startSimulator, type Simulator } from '../../dev/simulator/simulator.ts';
import { expectAllOutputs, preloading, settledLife, succeeded, waitStep } from './run-step.ts';

/*
 * What src/index.ts and src/main.ts take care of, and what no server can bring about: scripts that run in the action's
 * process before it let things go wrong there.
 */
let simulator: Simulator;

beforeAll(async () => {
  simulator = await startSimulator();
});
afterAll(() => simulator.close());

/** A job that shows nothing new, for longer than any test. */
const addStuckJob = () => simulator.addJob({ life: settledLife({ state: 'RUNNING' }) });

/** Runs a piece of code shortly after the first look at a job, when everything is under way. */
const afterFirstLook = (code: string) => `
  const { write } = process.stdout;
  process.stdout.write = function (text, ...more) {
    if (String(text).includes('RUNNING')) {
      process.stdout.write = write;
      setTimeout(() => { ${code} }, 200);
    }
    return write.call(this, text, ...more);
  };
`;

const NO_VERDICT = 'No verdict on the Collibra job';

function expectNoVerdict(run: Run, reason: RegExp): void {
  expect([run.exitCode, run.signal]).toEqual([1, null]);
  expectAllOutputs(run);
  expect(run.outputs).toMatchObject({ outcome: 'error', jobs: '[]' });
  expect(run.annotations).toMatchObject([
    { kind: 'error', title: NO_VERDICT, message: expect.stringMatching(reason) },
  ]);
}

it('something is said once a minute, however little happens', async () => {
  const hundredTimesFaster = `
    const { uptime } = process;
    process.uptime = () => 100 * uptime.call(process);
    const { setTimeout } = globalThis;
    globalThis.setTimeout = (callback, ms, ...more) => setTimeout(callback, ms / 100, ...more);
  `;
  const id = addStuckJob();
  const inputs = {
    'job-id': id,
    'min-interval-seconds': '30',
    'timeout-minutes': '10',
    // One request may take 0.3 s now, which a busy machine can need.
    'max-outage-minutes': '60',
  };
  const run = await waitStep(simulator, inputs, { env: preloading(hundredTimesFaster) });
  // The first is that of the first look; a busy machine may miss some of the other nine.
  const told = run.stdout.split('\n').filter((line) => line.startsWith(id) && line.includes(': RUNNING'));
  expect(told.length).toBeGreaterThanOrEqual(4);
});

describe('a process that can bring no verdict any more is red, and says so:', () => {
  it.each([
    ['an error that nobody catches', "throw new Error('thrown late')", /thrown late/],
    ['a rejection that nobody handles', "Promise.reject(new Error('rejected late'))", /rejected late/],
  ])('%s', async (_, code, reason) => {
    const inputs = { 'job-id': addStuckJob(), 'timeout-minutes': '0.1' };
    expectNoVerdict(await waitStep(simulator, inputs, { env: preloading(afterFirstLook(code)) }), reason);
  });

  it('an event loop that runs empty', async () => {
    // Nothing holds the event loop: timers are let go, and a connection that breaks off leaves its request unsettled.
    const env = preloading(`
      import http from 'node:http';
      http.request = () => ({ on() {}, setTimeout() {}, end() {}, write() {} });
      const { setTimeout } = globalThis;
      globalThis.setTimeout = (...args) => setTimeout(...args).unref();
    `);
    const run = await waitStep(simulator, { 'job-id': simulator.addJob({ life: succeeded }) }, { env });
    expectNoVerdict(run, /came to its end without a verdict/);
  });

  it('a cancellation that does not get through', async () => {
    const env = preloading('AbortController.prototype.abort = () => {};');
    let firstLookMs = NaN;
    const onLine = (line: string) => {
      if (line.includes('RUNNING') && Number.isNaN(firstLookMs)) firstLookMs = performance.now();
    };
    const signals = cancelLikeRunner({ whenLine: /RUNNING/ });
    const run = await waitStep(simulator, { 'job-id': addStuckJob() }, { env, onLine, signals });
    const tookMs = performance.now() - firstLookMs;
    expectNoVerdict(run, /cancelled and did not end in time/);
    expect(tookMs).toBeGreaterThan(4_400);
    // Then the runner sends its second signal.
    expect(tookMs).toBeLessThan(7_500);
  });
});

it('what has failed once does not pass any more, although the jobs do', async () => {
  // The error comes with the verdict, and the process ends only when its slow output has taken everything.
  const env = preloading(`
    const { write } = process.stdout;
    process.stdout.write = function (text, done) {
      if (text === '') return write.call(this, '', () => setTimeout(done, 300));
      if (String(text).includes(': success.')) queueMicrotask(() => { throw new Error('thrown at the end'); });
      return write.call(this, text, done);
    };
  `);
  const run = await waitStep(simulator, { 'job-id': simulator.addJob({ life: succeeded }) }, { env });
  expect([run.exitCode, run.signal]).toEqual([1, null]);
  expect(run.annotations).toMatchObject([{ kind: 'error', title: NO_VERDICT }]);
  // It was success for a moment, and no later step may read that.
  expect(run.outputs).toMatchObject({ outcome: 'error', state: '', result: '', jobs: '[]' });
});

it('a process that something ends on the way is red', async () => {
  const env = preloading(afterFirstLook('process.exit()'));
  const run = await waitStep(simulator, { 'job-id': addStuckJob(), 'timeout-minutes': '0.1' }, { env });
  expect([run.exitCode, run.signal]).toEqual([1, null]);
  expectAllOutputs(run);
  expect(run.outputs.outcome).toBe('error');
});

it('a step whose outputs can not be written is red, and says so', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'output-'));
  const inputs = { 'job-id': simulator.addJob({ life: succeeded }) };
  const run = await waitStep(simulator, inputs, { env: { GITHUB_OUTPUT: folder } });
  expect([run.exitCode, run.signal]).toEqual([1, null]);
  expect(run.annotations).toMatchObject([
    { kind: 'error', title: NO_VERDICT, message: expect.stringMatching(/^Error: E[A-Z]+: /) },
  ]);
});
