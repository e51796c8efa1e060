import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { describe, expect, it } from '@jest/globals';

import type { Fault, Life } from '../../dev/simulator/simulator.ts';
import { rowsWith } from '../support/needs.ts';
import { constantLife, succeeded } from './lives.ts';
import { closedAfterTests, jobsOf, runStep, runStepFor, simulate } from './run-step.ts';

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
const withoutImportResults = constantLife({ state: 'COMPLETED', result: 'SUCCESS' });
const resultsFault = (fault: Fault): Partial<Life> => ({ faults: [{ on: 'results', fault }] });

describe('the outcome of an import', () => {
  it.concurrent('is in the outputs, the warning and the summary', async () => {
    const run = await runStepFor(simulator, partlyFailed(3), { accept });
    expect(run.outputs).toMatchObject({ outcome: 'accepted', 'failed-commands': '3' });
    expect(jobsOf(run)).toMatchObject([{ importResults: { added: 1220, updated: 20, removed: 4, failedCommands: 3 } }]);
    expect(run.annotations[0]?.message).toMatch(
      /COMPLETED_WITH_ERROR: 3 commands failed\. Import Results: ASSET 1,180 added, 20 updated, 3 removed; RELATION 40 added, 1 removed/,
    );
    expect(run.summary).toMatch(/1,180/);
  });
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
  ['missing', withoutImportResults, ''],
])('a success passes without an annotation when Import Results are %s', async (_, life, failedCommands) => {
  const run = await runStepFor(simulator, life, { accept, 'max-failed-commands': '0' });
  expect([run.outputs.outcome, run.outputs['failed-commands'], run.exitCode]).toEqual(['success', failedCommands, 0]);
  expect(run.annotations).toEqual([]);
});

describe('errors-file', () => {
  const folder = () => mkdtempSync(join(tmpdir(), 'errors-'));
  const commandsIn = (path: string) =>
    readFileSync(path, 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Record<string, unknown>);

  it.concurrent('holds every failed command of every job, in a folder that it creates', async () => {
    const path = join(folder(), 'deep', 'down', 'errors.jsonl');
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

  it.concurrent('is empty when nothing failed, and replaces an older file', async () => {
    const path = join(folder(), 'errors.jsonl');
    writeFileSync(path, 'yesterday\n');
    await runStepFor(simulator, succeeded, { 'errors-file': path });
    expect(readFileSync(path, 'utf8')).toBe('');
  });

  /** Makes something that is no regular file, and links to it. */
  const made = (make: (path: string) => unknown) => () => {
    const path = join(folder(), 'errors.jsonl');
    make(path);
    return path;
  };

  type Path = readonly [name: string, pathOf: () => string, message: RegExp];
  // cspell:ignore mkfifo
  const PIPE: Path = ['is a pipe', made((path) => execFileSync('mkfifo', [path])), /not a regular file/];
  const PATHS: readonly Path[] = [
    ['is a folder', folder, /not a regular file/],
    ['is below a file', () => join(made((path) => writeFileSync(path, ''))(), 'errors.jsonl'), /EEXIST|ENOTDIR/],
    ['is below /proc', () => '/proc/none/errors.jsonl', /ENOENT/],
    ...rowsWith('mkfifo', 'no pipe is given as errors-file', [PIPE]),
    ['is a socket', made((path) => closedAfterTests(createServer()).listen(path)), /not a regular file/],
    ['is a link to a device', made((path) => symlinkSync('/dev/null', path)), /not a regular file/],
    ['is a link to a file', made((path) => symlinkSync(import.meta.filename, path)), /not a regular file/],
    ['is a link to nothing', made((path) => symlinkSync('nothing', path)), /not a regular file/],
  ];

  // Windows has none of the others.
  it.concurrent.each(process.platform === 'win32' ? PATHS.slice(0, 2) : PATHS)(
    'ends the step before the first request when its path %s, and leaves it alone',
    async (_, pathOf, message) => {
      const own = await simulate();
      const path = pathOf();
      const kind = () => (existsSync(path) ? lstatSync(path).mode : 'missing');
      const before = kind();
      const run = await runStepFor(own, succeeded, { 'errors-file': path }, { timeoutMs: 10_000 });
      expect(run.outputs.outcome).toBe('error');
      expect(run.annotations[0]?.message).toMatch(/^errors-file: could not be written: /m);
      expect(run.annotations[0]?.message).toMatch(message);
      expect(own.requests).toEqual([]);
      expect(kind()).toBe(before);
    },
  );

  it.concurrent.each<[name: string, total: object, said: string]>([
    ['with a count', { total: 2500 }, '1,000 of 2,500'],
    ['without a count', {}, '1,000'],
  ])('is partial, and the log says so, when the server ignores the offset: %s', async (_, total, said) => {
    const path = join(folder(), 'errors.jsonl');
    const body = { importJobState: 'COMPLETED_WITH_ERRORS', ...total, results: errors(1000) };
    const life = partlyFailed(0, resultsFault({ kind: 'wrong-type', body }));
    const run = await runStepFor(simulator, life, { 'errors-file': path, accept });
    expect(run.outputs).toMatchObject({ outcome: 'accepted', 'failed-commands': String(Object.values(total)) });
    expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(1001);
    expect(run.stdout).toContain(`Only ${said} failed commands could be read. Collibra returned the same page twice.`);
    expect(run.summary).toMatch(/is incomplete/);
  });

  it.concurrent('holds all failed commands when fields of some are odd', async () => {
    const path = join(folder(), 'errors.jsonl');
    const odd = [{ indices: 'x' }, { indices: [null, {}] }, { indices: 7, identifier: 7 }, []];
    const results = [...odd.map((command) => ({ command })), null, ...errors(1)];
    const body = { importJobState: 'COMPLETED_WITH_ERRORS', total: 6, results };
    const life = partlyFailed(0, resultsFault({ kind: 'wrong-type', body }));
    const run = await runStepFor(simulator, life, { 'errors-file': path });
    expect(run.outputs['failed-commands']).toBe('6');
    const commands = commandsIn(path);
    expect(commands).toHaveLength(6);
    expect(commands[0]).toMatchObject({ indices: [], identifier: '' });
    expect(commands[5]).toMatchObject({ indices: [0], identifier: 'asset-0' });
  });

  it.concurrent('does not remain half-written after a cancellation', async () => {
    const path = join(folder(), 'errors.jsonl');
    const life = partlyFailed(2500, { faults: [{ on: 'results', from: 3, fault: { kind: 'hang' } }] });
    const signals = [{ signal: 'SIGINT', whenLine: /COMPLETED_WITH_ERROR/, afterMs: 800 }] as const;
    const run = await runStepFor(simulator, life, { 'errors-file': path, accept }, { signals });
    expect(run.outputs.outcome).toBe('cancelled');
    expect(existsSync(path)).toBe(false);
    expect(readdirSync(dirname(path))).toEqual([]);
  });
});
