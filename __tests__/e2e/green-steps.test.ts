import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, it, jest } from '@jest/globals';

import { constantLife } from './lives.ts';
import { runStep, runStepFor, serve, simulate } from './run-step.ts';

/* A green step means what it says: servers that report a failure where few expect one, or respond oddly. */
const simulator = await simulate();

jest.setTimeout(60_000);

const SUCCESS = { state: 'COMPLETED', result: 'SUCCESS' };
const FAILURE = { state: 'COMPLETED', result: 'FAILURE' };
const RUNNING = { state: 'RUNNING', result: 'NOT_SET' };
const command = { errorType: 'VALIDATION', errorMessage: 'Domain not found' };
const failed = (n: number) => [{ resourceType: 'ASSET', counters: { added: 1, updated: 0, removed: 0, failed: n } }];

describe('Import Results with importJobState COMPLETED', () => {
  it.concurrent.each<[name: string, results: object, failedCommands: string]>([
    ['list failed commands without a count', { results: [command, command, command] }, ''],
    ['list failed commands beside a total of 0', { total: 0, results: [command] }, '1'],
    ['list failed commands beside odd entries', { results: [null, 'odd', command] }, ''],
    ['list nothing but odd entries', { results: [null] }, ''],
    ['count failed commands in a total', { total: 2, results: [] }, '2'],
    ['have failed counters without errorsCount', { resourceTypes: failed(5) }, ''],
    ['have failed counters although errorsCount is 0', { errorsCount: 0, resourceTypes: failed(5) }, ''],
    ['have failed counters beside odd ones', { errorsCount: 0, resourceTypes: [null, 7, ...failed(5)] }, ''],
    ['have failed counters of a category alone', { errorsCount: 0, resourceTypes: [{ subcategories: failed(5) }] }, ''],
    ['have an errorsCount above 0', { errorsCount: 4 }, '4'],
  ])('never turn into a plain success when they %s', async (_, results, failedCommands) => {
    const body = { importJobState: 'COMPLETED', ...results };
    const faults = [{ on: 'results', fault: { kind: 'wrong-type', body } }] as const;
    const step = (result: string) =>
      runStepFor(simulator, constantLife({ ...SUCCESS, result }, { faults }), { 'timeout-minutes': '0.01' });
    const [noResult, success] = await Promise.all([step('NOT_SET'), step('SUCCESS')]);
    expect([noResult.outputs.outcome, noResult.exitCode]).toEqual(['failure', 1]);
    expect(noResult.annotations[0]?.message).toMatch(/COMPLETED_WITH_ERROR/);
    expect(success.outputs).toMatchObject({ outcome: 'success', 'failed-commands': failedCommands });
    expect(success.annotations).toMatchObject([{ kind: 'warning', message: expect.stringMatching(/SUCCESS, but/) }]);
    expect(success.stdout + success.summary).not.toMatch(/\b0 failed commands/);
  });
});

describe('a job that is known by its name', () => {
  const [NAME, USER, OTHER] = ['Sync', crypto.randomUUID(), crypto.randomUUID()];
  const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
  const withoutOffset = (minutes: number) => ago(minutes).slice(0, 19);
  const listed = (minutes: number, more: object = SUCCESS) => ({
    ...{ id: crypto.randomUUID(), name: NAME, type: 'IMPORT', user: USER, createdOn: ago(minutes), ...SUCCESS },
    ...more,
  });
  const page = (minutes: number) => Array.from({ length: 50 }, () => listed(minutes));
  const dated = (createdOn: string) => [[listed(0, { createdOn })]];
  const [fresh, undated] = [listed(1, FAILURE), listed(1, { ...RUNNING, createdOn: undefined })];

  const TYPE = { inputs: { 'job-type': 'IMPORT' } };
  const OF_USER = { inputs: { 'job-user': USER } };
  // cspell:ignore Kolkata
  const EAST = { env: { TZ: 'Asia/Kolkata' } };
  const WEST = { env: { TZ: 'America/Los_Angeles' } };
  type Given = Partial<typeof TYPE | typeof OF_USER | typeof EAST>;

  it.concurrent.each<[name: string, pages: (typeof fresh)[][], outcome: string, given?: Given]>([
    ['is an error when the newest one has no date', [[undated, listed(30)]], 'error'],
    ['is an error when the newest one has an odd date', [[{ ...undated, createdOn: 'now' }, listed(30)]], 'error'],
    ['is an error when the only one has no date', [[undated]], 'error'],
    ['is an error when one without a date may be newer', [[listed(30), undated, listed(10)]], 'error'],
    ['is not the older one without a date', [[fresh, listed(9), undated]], 'failure'],
    ['is found without its type', [[listed(1, { ...FAILURE, type: null }), listed(30)]], 'failure', TYPE],
    ['is found without its user', [[listed(1, { user: null })]], 'success', OF_USER],
    ['is not the one of another type', [[{ ...fresh, type: 'X' }, listed(9)]], 'success', TYPE],
    ['is not the one of another user', [[{ ...fresh, user: OTHER }, listed(9)]], 'success', OF_USER],
    ['is on the second page when an older one comes first', [page(40), [fresh]], 'failure'],
    ['is on the last page when the oldest one comes first', [page(40), page(30), [fresh]], 'failure'],
    ['is on the second page when the first one is not sorted', [[listed(30), ...page(20)], [fresh]], 'failure'],
    ['is last on the first page', [[...page(30), fresh]], 'failure'],
    ['is dated in UTC without an offset, east of it', dated(withoutOffset(1)), 'success', EAST],
    ['is dated in UTC with a space, east of it', dated(withoutOffset(1).replace('T', ' ')), 'success', EAST],
    ['is not an old one in UTC, west of it', dated(withoutOffset(300)), 'timeout', WEST],
    ['keeps the offset of its date', dated(`${withoutOffset(-120)}+02:00`), 'success', WEST],
    ['may be dated by digits as text', dated(`${Date.now()}`), 'success'],
    ['may be dated by seconds as text', dated(`${Math.floor(Date.now() / 1000)}`), 'success'],
    ['is not an old one that is dated by digits as text', dated(`${Date.now() - 8e6}`), 'timeout'],
  ])('%s', async (_, pages, outcome, { inputs = {}, env = {} }: { inputs?: object; env?: object } = {}) => {
    const server = await serve(({ path, query, id }) => {
      if (path.includes('/import/')) return 404;
      if (id !== '') return pages.flat().find((job) => job.id === id) ?? 404;
      const index = Number(query.get('cursor'));
      return { results: pages[index], ...(index + 1 < pages.length ? { nextCursor: `${index + 1}` } : {}) };
    });
    const run = await runStep(server, { 'job-name': NAME, 'timeout-minutes': '0.02', ...inputs }, { env: { ...env } });
    expect(run.outputs.outcome).toBe(outcome);
    if (outcome === 'error') expect(run.annotations[0]?.message).toContain(undated.id);
  });
});

it.concurrent.each([0, 1, 2, 3, 4, 6])('success is no output when the disk is full after %d kB', async (blocks) => {
  if (process.platform === 'win32') return;
  const folder = mkdtempSync(join(tmpdir(), 'full-'));
  const [node, output] = [join(folder, 'node'), join(folder, 'output')];
  writeFileSync(output, '');
  // A limit for every file stands for a full disk. bash counts it in kB.
  writeFileSync(node, `#!/bin/bash\nulimit -f ${blocks}\nexec '${process.execPath}' "$@"\n`, { mode: 0o700 });
  const life = constantLife({ ...SUCCESS, message: 'Imported. '.repeat(400) });
  const run = await runStepFor(simulator, life, {}, { node, env: { GITHUB_OUTPUT: output } });
  expect([run.exitCode, run.signal]).toEqual([1, null]);
  expect(readFileSync(output, 'utf8')).not.toMatch(/^outcome<<.*\nsuccess$/m);
});

it.concurrent.each<[name: string, fields: object]>([
  ...['NaN', '50.0', 1e308, -1, true, [], {}]
    .map((progressPercentage) => ({ progressPercentage }))
    .map((fields): [string, object] => [JSON.stringify(fields), fields]),
  ['a message that is an object', { message: { code: 7 } }],
  ['a message that is a number', { message: 7 }],
  ['a name that is a number', { name: 7 }],
  ['a type that is an object and a user that is an array', { type: {}, user: [] }],
  ['dates that are arrays, objects or null', { endDate: [2026, 1, 1], startDate: {}, createdOn: null }],
  ['dates out of range', { endDate: 1e308, startDate: '+999999-01-01', createdOn: -1 }],
])('COMPLETED with SUCCESS is believed beside %s', async (_, fields) => {
  const life = constantLife({ ...SUCCESS, fields: fields as Record<string, unknown> });
  const inputs = { 'max-outage-minutes': '0', 'import-results': 'false' };
  const apis = ['jobs-v1', 'core-2.0'];
  const runs = await Promise.all(apis.map((api) => runStepFor(simulator, life, { 'job-api': api, ...inputs })));
  const message = 'message' in fields ? JSON.stringify(fields.message) : '';
  for (const { outputs } of runs) expect(outputs).toMatchObject({ outcome: 'success', message });
});
