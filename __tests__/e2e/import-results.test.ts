import { lstatSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { describe, expect, it } from '@jest/globals';

import type { Fault, Life } from '../../dev/simulator/simulator.ts';
import { constantLife, succeeded } from './lives.ts';
import { expectError, jobsOf, runStep, runStepFor, simulate } from './run-step.ts';

const simulator = await simulate();

const accept = 'COMPLETED_WITH_ERROR';
const resourceTypes = [
  { resourceType: 'ASSET', counters: { added: 1180, updated: 20, removed: 3, failed: 2 } },
  { resourceType: 'RELATION', counters: { added: 40, updated: 0, removed: 1, failed: 1 } },
].map((one) => ({ ...one, subcategories: null }));
const errors = (n: number) =>
  Array.from({ length: n }, (_, index) => ({
    errorType: 'RUNTIME',
    resourceType: 'ASSET',
    errorMessage: `The asset\n"${index}" is not there.`,
    command: { indices: [index], identifier: `asset-${index}` },
  }));

/** An import of which some commands failed. */
const partlyFailed = (failed: number, more: Partial<Life> = {}) =>
  constantLife(
    { state: 'COMPLETED', result: 'COMPLETED_WITH_ERROR' },
    { importResults: { importJobState: 'COMPLETED_WITH_ERRORS', resourceTypes, errors: errors(failed) }, ...more },
  );
const resultsFault = (fault: Fault): Partial<Life> => ({ faults: [{ on: 'results', fault }] });

it.concurrent('what an import did is in the outputs, the warning and the summary', async () => {
  const run = await runStepFor(simulator, partlyFailed(3), { accept });
  expect(run.outputs).toMatchObject({ outcome: 'accepted', 'failed-commands': '3' });
  expect(jobsOf(run)).toMatchObject([{ importResults: { added: 1220, updated: 20, removed: 4, failedCommands: 3 } }]);
  expect(run.annotations[0]?.message).toMatch(
    /COMPLETED_WITH_ERROR: 3 commands failed\. Import Results: ASSET 1,180 added, 20 updated, 3 removed; RELATION 40 added, 1 removed/,
  );
  expect(run.summary).toMatch(/1,180/);
});

describe('max-failed-commands', () => {
  it.concurrent.each([
    ['4', 'accepted'],
    ['3', 'accepted'],
    ['2', 'failure'],
    // See defect 10 in regressions.test.ts: 0 must not turn into a default.
    ['0', 'failure'],
  ])('of %s makes three failed commands %s, with and without import-results', async (limit, outcome) => {
    const runs = await Promise.all(
      ['true', 'false'].map((wanted) =>
        runStepFor(simulator, partlyFailed(3), { accept, 'max-failed-commands': limit, 'import-results': wanted }),
      ),
    );
    expect(runs.map((run) => run.outputs.outcome)).toEqual([outcome, outcome]);
  });

  it.concurrent.each([
    ['is rejected', resultsFault({ kind: 'status', status: 403 })],
    ['is missing', resultsFault({ kind: 'wrong-type', body: {} })],
    ['is negative', resultsFault({ kind: 'wrong-type', body: { errorsCount: -1, total: -1, results: [] } })],
  ] as const)('fails the step when the number of failed commands %s', async (_, more) => {
    const run = await runStepFor(simulator, partlyFailed(0, more), { accept, 'max-failed-commands': '1000' });
    expect(run.outputs).toMatchObject({ outcome: 'failure', 'failed-commands': '' });
    expect(run.annotations[0]?.message).toMatch(
      /max-failed-commands is 1000, but Import Results do not report how many commands failed/,
    );
  });
});

it.concurrent.each<[state: string, life: Life, failedCommands: string]>([
  ['late', { ...succeeded, importResults: { importJobState: 'COMPLETED', lateMs: 700 } }, '0'],
  ['rejected', { ...succeeded, ...resultsFault({ kind: 'status', status: 403 }) }, ''],
  ['broken', { ...succeeded, ...resultsFault({ kind: 'wrong-type', body: 'nothing' }) }, ''],
  ['missing', constantLife({ state: 'COMPLETED', result: 'SUCCESS' }), ''],
])('a success passes without an annotation when Import Results are %s', async (_, life, failedCommands) => {
  const run = await runStepFor(simulator, life, { accept, 'max-failed-commands': '0' });
  expect([run.outputs.outcome, run.outputs['failed-commands'], run.exitCode]).toEqual(['success', failedCommands, 0]);
  expect(run.annotations).toEqual([]);
});

describe('errors-file', () => {
  const newFolder = () => mkdtempSync(join(tmpdir(), 'errors-'));
  const newPath = () => join(newFolder(), 'errors.jsonl');
  const commandsIn = (path: string) => {
    const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  };
  it.concurrent('holds every failed command of every job, in a folder that it creates', async () => {
    const path = join(newFolder(), 'deep', 'down', 'errors.jsonl');
    const ids = [2500, 2].map((failed) => simulator.addJob({ life: partlyFailed(failed) }));
    const inputs = { 'job-id': ids.join(), accept, 'errors-file': path, 'import-results': 'false' };
    const run = await runStep(simulator, inputs);
    expect(run.outputs).toMatchObject({ outcome: 'accepted', 'failed-commands': '2502' });
    const commands = commandsIn(path);
    expect(commands).toHaveLength(2502);
    const expected = errors(2500).map(({ command, ...others }) => ({ jobId: ids[0], ...others, ...command }));
    expect(commands.filter(({ jobId }) => jobId === ids[0])).toEqual(expected);
    expect(readdirSync(dirname(path))).toEqual(['errors.jsonl']);
  });

  // __tests__/report/errors-file.test.ts has the other kinds of paths.
  it.concurrent('ends the step before the first request when its path is a folder, and leaves it alone', async () => {
    const [own, path] = [await simulate(), newFolder()];
    const run = await runStepFor(own, succeeded, { 'errors-file': path }, { timeoutMs: 10_000 });
    expectError(run, /^errors-file: could not be written: .*not a regular file/m);
    expect(own.requests).toEqual([]);
    expect(lstatSync(path).isDirectory()).toBe(true);
  });

  it.concurrent('is partial, and the log says so, when the server ignores the offset', async () => {
    const path = newPath();
    const body = { importJobState: 'COMPLETED_WITH_ERRORS', total: 2500, results: errors(1000) };
    const life = partlyFailed(0, resultsFault({ kind: 'wrong-type', body }));
    const run = await runStepFor(simulator, life, { 'errors-file': path, accept });
    expect(run.outputs).toMatchObject({ outcome: 'accepted', 'failed-commands': '2500' });
    expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(1001);
    expect(run.stdout).toContain('Only 1,000 of 2,500 failed commands could be read. Collibra returned the same page');
    expect(run.summary).toMatch(/is incomplete/);
  });

  it.concurrent('holds all failed commands when fields of some are odd', async () => {
    const path = newPath();
    const odd = [{ indices: 'x' }, { indices: [null, {}] }, { indices: 7, identifier: 7 }, []];
    const results = [...odd.map((command) => ({ command })), null, ...errors(1)];
    const body = { importJobState: 'COMPLETED_WITH_ERRORS', total: 6, results };
    const life = partlyFailed(0, resultsFault({ kind: 'wrong-type', body }));
    expect((await runStepFor(simulator, life, { 'errors-file': path })).outputs['failed-commands']).toBe('6');
    const [first, ...others] = commandsIn(path);
    expect(first).toMatchObject({ indices: [], identifier: '' });
    expect(others).toHaveLength(5);
    expect(others[4]).toMatchObject({ indices: [0], identifier: 'asset-0' });
  });
});
