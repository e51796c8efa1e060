import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, it } from '@jest/globals';

import { cancelLikeRunner, type Run } from '../../dev/runner/runner.ts';
import { stuck, succeeded } from './lives.ts';
import { expectAllOutputs, preloading, runStepFor, simulate, stopwatch } from './run-step.ts';

/*
 * What src/index.ts and src/main.ts do when something goes wrong that no server can cause: a script that runs in the
 * action's process before the action causes it.
 */
const simulator = await simulate();

/** Runs a piece of code shortly after the first poll. */
const afterFirstPoll = (code: string) => `
  const { write } = process.stdout;
  process.stdout.write = function (text, ...more) {
    if (String(text).includes('RUNNING')) {
      process.stdout.write = write;
      setTimeout(() => { ${code} }, 200);
    }
    return write.call(this, text, ...more);
  };
`;

const NO_VERDICT = 'Unexpected error while waiting for the Collibra job';

function expectNoVerdict(run: Run, reason: RegExp | undefined): void {
  expect([run.exitCode, run.signal]).toEqual([1, null]);
  expectAllOutputs(run);
  expect(run.outputs).toMatchObject({ outcome: 'error', jobs: '[]' });
  const annotation = reason && { kind: 'error', title: NO_VERDICT, message: expect.stringMatching(reason) };
  expect(run.annotations).toMatchObject(annotation ? [annotation] : []);
}

/** Timers no longer hold the event loop, and no request ever ends. */
const EMPTY_LOOP = `
  import http from 'node:http';
  http.request = () => ({ on() {}, setTimeout() {}, end() {}, write() {} });
  const { setTimeout } = globalThis;
  globalThis.setTimeout = (...args) => setTimeout(...args).unref();
`;

describe('a process that cannot reach a verdict', () => {
  it.concurrent.each<[when: string, script: string, annotation?: RegExp]>([
    ['nobody catches an error', afterFirstPoll("throw new Error('thrown late')"), /thrown late/],
    ['nobody handles a rejection', afterFirstPoll("Promise.reject(new Error('rejected late'))"), /rejected late/],
    ['the event loop runs empty', EMPTY_LOOP, /exited without a result/],
    ['something ends it early', afterFirstPoll('process.exit()')],
  ])('fails when %s', async (_, script, reason) => {
    const env = preloading(script);
    expectNoVerdict(await runStepFor(simulator, stuck, { 'timeout-minutes': '0.1' }, { env }), reason);
  });

  it.concurrent('fails when a cancellation does not stop the wait', async () => {
    const env = preloading('AbortController.prototype.abort = () => {};');
    const { onLine, elapsedMs } = stopwatch(/RUNNING/);
    const signals = cancelLikeRunner({ whenLine: /RUNNING/ });
    const run = await runStepFor(simulator, stuck, {}, { env, onLine, signals });
    const tookMs = elapsedMs();
    expectNoVerdict(run, /did not stop in time after it was canceled/);
    expect(tookMs).toBeGreaterThan(4_400);
    // Then the runner sends its second signal.
    expect(tookMs).toBeLessThan(7_500);
  });

  it.concurrent('fails when it cannot write the outputs', async () => {
    const env = { GITHUB_OUTPUT: mkdtempSync(join(tmpdir(), 'output-')) };
    const run = await runStepFor(simulator, succeeded, {}, { env });
    expect([run.exitCode, run.signal]).toEqual([1, null]);
    expect(run.annotations).toMatchObject([
      { kind: 'error', title: NO_VERDICT, message: expect.stringMatching(/^Error: E[A-Z]+: /) },
    ]);
  });
});

it.concurrent('an error after the verdict takes the success back', async () => {
  // The error comes right after the verdict, and the process ends only when its slow stdout is flushed.
  const env = preloading(`
    const { write } = process.stdout;
    process.stdout.write = function (text, done) {
      if (text === '') return write.call(this, '', () => setTimeout(done, 300));
      if (String(text).includes(': success after')) queueMicrotask(() => { throw new Error('thrown at the end'); });
      return write.call(this, text, done);
    };
  `);
  const run = await runStepFor(simulator, succeeded, {}, { env });
  expect([run.exitCode, run.signal]).toEqual([1, null]);
  expect(run.annotations).toMatchObject([{ kind: 'error', title: NO_VERDICT }]);
  // The outcome was success for a moment; no later step may read that.
  expect(run.outputs).toMatchObject({ outcome: 'error', state: '', result: '', jobs: '[]' });
});
