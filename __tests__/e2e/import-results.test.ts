import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { startSimulator, type Fault, type Life, type Simulator } from '../../dev/simulator/simulator.ts';
import { jobsOf, ROLL_BACK, settledLife, succeeded, waitStep } from './run-step.ts';

let simulator: Simulator;

beforeAll(async () => {
  simulator = await startSimulator();
});
afterAll(() => simulator.close());

const counters = (added: number, updated: number, removed: number, failed = 0) => ({
  added,
  updated,
  removed,
  failed,
});
const resourceTypes = [
  { resourceType: 'ASSET', counters: counters(1180, 20, 3, 2), subcategories: null },
  { resourceType: 'RELATION', counters: counters(40, 0, 1, 1), subcategories: null },
];
const errors = (n: number) =>
  Array.from({ length: n }, (_, index) => ({
    errorType: 'RUNTIME',
    resourceType: 'ASSET',
    errorMessage: `The asset\n"${index}" is not there.`,
    command: { indices: [index], identifier: `asset-${index}` },
  }));
const partly = (failed: number, more: Partial<Life> = {}) =>
  settledLife(
    { state: 'COMPLETED', result: 'COMPLETED_WITH_ERROR' },
    {
      importResults: { importJobState: 'COMPLETED_WITH_ERRORS', resourceTypes, errors: errors(failed) },
      ...more,
    },
  );
const well = (more: Partial<Life> = {}): Life => ({
  ...succeeded,
  importResults: { importJobState: 'COMPLETED', resourceTypes },
  ...more,
});
const resultsFault = (fault: Fault): Partial<Life> => ({ faults: [{ on: 'results', fault }] });
const accept = 'COMPLETED_WITH_ERROR';

describe('what the import did', () => {
  it('is in the outputs, the warning and the summary', async () => {
    const run = await waitStep(simulator, { 'job-id': simulator.addJob({ life: partly(3) }), accept });
    expect(run.outputs).toMatchObject({ outcome: 'accepted', 'failed-commands': '3' });
    expect(jobsOf(run)).toMatchObject([
      { importResults: { added: 1220, updated: 20, removed: 4, failedCommands: 3 } },
    ]);
    expect(run.annotations[0]?.message).toMatch(
      /COMPLETED_WITH_ERROR: 3 commands failed\. Import Results: ASSET 1,180 added, 20 updated, 3 removed; RELATION 40 added, 1 removed/,
    );
    expect(run.summary).toMatch(/1,180/);
  });

  it('is said to be nothing where nothing was committed', async () => {
    const importResults = {
      importJobState: 'COMPLETED_WITH_ERRORS',
      resourceTypes: [{ resourceType: 'ASSET', counters: counters(0, 0, 0, 2), subcategories: null }],
      errors: errors(2),
    };
    const run = await waitStep(simulator, {
      'job-id': simulator.addJob({ life: partly(2, { importResults }) }),
      accept,
    });
    expect(run.outputs.outcome).toBe('accepted');
    expect(run.annotations[0]?.message).toMatch(/nothing was added, updated or removed/);
    expect(run.stdout + run.summary).not.toMatch(ROLL_BACK);
  });

  it('of several jobs is summed up, and unknown where one is unknown', async () => {
    const known = [simulator.addJob({ life: partly(3) }), simulator.addJob({ life: partly(4) })];
    const unknown = simulator.addJob({ life: settledLife({ state: 'COMPLETED', result: 'SUCCESS' }) });
    const [all, some] = await Promise.all([
      waitStep(simulator, { 'job-id': known.join(), accept }),
      waitStep(simulator, { 'job-id': [...known, unknown].join(), accept }),
    ]);
    expect(all.outputs['failed-commands']).toBe('7');
    expect(some.outputs['failed-commands']).toBe('');
  });

  it('is not asked for where it is not wanted', async () => {
    const id = simulator.addJob({ life: partly(3) });
    const run = await waitStep(simulator, { 'job-id': id, accept, 'import-results': 'false' });
    expect(run.outputs).toMatchObject({ outcome: 'accepted', 'failed-commands': '' });
    expect(simulator.requests.filter(({ path }) => path.includes(`results/${id}`))).toEqual([]);
  });
});

describe('max-failed-commands', () => {
  it.each([
    ['below', '4', 'accepted'],
    ['at', '3', 'accepted'],
    ['above', '2', 'failure'],
  ])('%s the limit, with and without import-results', async (_, limit, outcome) => {
    const runs = await Promise.all(
      ['true', 'false'].map((wanted) =>
        waitStep(simulator, {
          'job-id': simulator.addJob({ life: partly(3) }),
          accept,
          'max-failed-commands': limit,
          'import-results': wanted,
        }),
      ),
    );
    expect(runs.map((run) => run.outputs.outcome)).toEqual([outcome, outcome]);
  });

  it.each([
    ['is refused', resultsFault({ kind: 'status', status: 403 })],
    [
      'is left out',
      {
        importResults: { importJobState: '', summary: { errorsCount: undefined }, errors: [] },
        ...resultsFault({ kind: 'wrong-type', body: {} }),
      },
    ],
    ['is negative', resultsFault({ kind: 'wrong-type', body: { errorsCount: -1, total: -1, results: [] } })],
  ] as const)('fails the step where the number %s', async (_, more) => {
    const run = await waitStep(simulator, {
      'job-id': simulator.addJob({ life: partly(0, more) }),
      accept,
      'max-failed-commands': '1000',
    });
    expect(run.outputs).toMatchObject({ outcome: 'failure', 'failed-commands': '' });
    expect(run.annotations[0]?.message).toMatch(
      /max-failed-commands is 1,?000, but Import Results do not tell/,
    );
  });

  it('does not bear on a success', async () => {
    const life = well(resultsFault({ kind: 'status', status: 403 }));
    const run = await waitStep(simulator, {
      'job-id': simulator.addJob({ life }),
      accept,
      'max-failed-commands': '0',
    });
    expect(run.outputs.outcome).toBe('success');
    expect(run.annotations).toEqual([]);
  });
});

describe('a success stays a success, without a word too many, where Import Results are', () => {
  it.each([
    ['late', well({ importResults: { importJobState: 'COMPLETED', lateMs: 700 } }), '0'],
    ['refused', well(resultsFault({ kind: 'status', status: 403 })), ''],
    ['broken', well(resultsFault({ kind: 'wrong-type', body: 'nothing' })), ''],
    ['absent', settledLife({ state: 'COMPLETED', result: 'SUCCESS' }), ''],
    ['hanging', well(resultsFault({ kind: 'hang' })), ''],
  ])(
    '%s',
    async (_, life, failedCommands) => {
      const run = await waitStep(simulator, { 'job-id': simulator.addJob({ life }) });
      expect(run.outputs).toMatchObject({ outcome: 'success', 'failed-commands': failedCommands });
      expect(run.exitCode).toBe(0);
      expect(run.annotations).toEqual([]);
      expect(run.durationMs).toBeLessThan(25_000);
    },
    40_000,
  );
});

describe('errors-file', () => {
  const folder = () => mkdtempSync(join(tmpdir(), 'errors-'));
  const linesOf = (path: string) =>
    readFileSync(path, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);

  it('holds every failed command of every job, page by page, in a folder that is made for it', async () => {
    const path = join(folder(), 'deep', 'down', 'errors.jsonl');
    const ids = [simulator.addJob({ life: partly(2500) }), simulator.addJob({ life: partly(2) })];
    const run = await waitStep(simulator, {
      'job-id': ids.join(),
      accept,
      'errors-file': path,
      'import-results': 'false',
    });
    expect(run.outputs).toMatchObject({ outcome: 'accepted', 'failed-commands': '2502' });
    const lines = linesOf(path);
    expect(lines).toHaveLength(2502);
    const first = lines.filter(({ jobId }) => jobId === ids[0]);
    expect(first.map(({ identifier }) => identifier)).toEqual(
      errors(2500).map(({ command }) => command.identifier),
    );
    expect(first[7]).toEqual({
      jobId: ids[0],
      errorType: 'RUNTIME',
      resourceType: 'ASSET',
      errorMessage: 'The asset\n"7" is not there.',
      indices: [7],
      identifier: 'asset-7',
    });
    expect(readdirSync(join(path, '..'))).toEqual(['errors.jsonl']);
  });

  it('is empty, and takes the place of an older one, where nothing failed', async () => {
    const path = join(folder(), 'errors.jsonl');
    writeFileSync(path, 'yesterday\n');
    await waitStep(simulator, { 'job-id': simulator.addJob({ life: well() }), 'errors-file': path });
    expect(readFileSync(path, 'utf8')).toBe('');
  });

  const belowFile = () => {
    const file = join(folder(), 'file');
    writeFileSync(file, '');
    return join(file, 'errors.jsonl');
  };

  it.each([
    ['a folder', folder],
    ['below a file', belowFile],
  ])('that can not be written is an error before anything is asked: %s', async (_, pathOf) => {
    const before = simulator.requests.length;
    const run = await waitStep(simulator, {
      'job-id': simulator.addJob({ life: well() }),
      'errors-file': pathOf(),
    });
    expect(run.outputs.outcome).toBe('error');
    expect(run.annotations[0]?.message).toMatch(/errors-file: can't be written/);
    expect(simulator.requests).toHaveLength(before);
  });

  it('is not left half-written by a cancellation', async () => {
    const path = join(folder(), 'errors.jsonl');
    const life = partly(2500, { faults: [{ on: 'results', from: 3, fault: { kind: 'hang' } }] });
    const run = await waitStep(
      simulator,
      { 'job-id': simulator.addJob({ life }), 'errors-file': path, accept },
      { signals: [{ signal: 'SIGINT', whenLine: /COMPLETED_WITH_ERROR/, afterMs: 800 }] },
    );
    expect(run.outputs.outcome).toBe('cancelled');
    expect(existsSync(path)).toBe(false);
    expect(readdirSync(join(path, '..'))).toEqual([]);
  });
});
