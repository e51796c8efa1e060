import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { systemClock } from '../../src/clock.ts';
import { credentialsOf } from '../../src/collibra/auth.ts';
import { CollibraClient, Requests } from '../../src/collibra/http/requests.ts';
import { ImportResultsClient } from '../../src/collibra/import-results.ts';
import type { Job } from '../../src/collibra/job.ts';
import { Jobs, type JobFilters } from '../../src/collibra/jobs.ts';
import { HttpTransport } from '../../src/collibra/http/transport.ts';
import { shorten } from '../../src/text.ts';
import { defaultCredentials, startSimulator, type Simulator } from '../../dev/simulator/simulator.ts';
import { operationOf, queryFaultsOf } from '../dev/simulator/openapi.ts';

let simulator: Simulator;
let jobs: Jobs;
let results: ImportResultsClient;

const bounds = () => ({ until: systemClock.now() + 10_000, signal: new AbortController().signal });
const minutesAgo = (n: number) => n * 60_000;

beforeAll(async () => {
  simulator = await startSimulator();
  const requests = new Requests(new HttpTransport('contract-test', systemClock), systemClock, shorten);
  const [token = ''] = defaultCredentials.tokens;
  const credentials = credentialsOf({ kind: 'bearer', token }, requests, systemClock, () => undefined);
  const http = new CollibraClient(simulator.url, requests, credentials);
  jobs = new Jobs(http, 'auto');
  results = new ImportResultsClient(http);
});
afterAll(() => simulator.close());

async function found(filters: JobFilters): Promise<Job[]> {
  const all: Job[] = [];
  for await (const page of jobs.find(filters, bounds())) all.push(...page.jobs);
  return all;
}

const namesOf = async (filters: JobFilters) => (await found(filters)).map(({ name }) => name);

describe('Find jobs', () => {
  beforeAll(() => {
    const life = (state: string, result: string) => ({ steps: [{ atMs: 0, state, result }] });
    simulator.addJob({
      name: 'Sync north',
      type: 'SYNC',
      life: life('COMPLETED', 'SUCCESS'),
      createdAgoMs: minutesAgo(3),
    });
    simulator.addJob({
      name: 'Sync south',
      type: 'SYNC',
      life: life('COMPLETED', 'ABORTED'),
      createdAgoMs: minutesAgo(2),
    });
    simulator.addJob({
      name: 'My sync',
      type: 'IMPORT',
      user: 'admin',
      life: life('FAILED', 'FAILURE'),
      createdAgoMs: minutesAgo(1),
    });
  });

  const cases: readonly [name: string, filters: () => JobFilters, names: string[]][] = [
    ['everything, the newest first', () => ({}), ['My sync', 'Sync south', 'Sync north']],
    ['a name, exactly', () => ({ name: 'Sync north', nameMatchMode: 'EXACT' }), ['Sync north']],
    ['a name, exactly, in another case', () => ({ name: 'sync north', nameMatchMode: 'EXACT' }), []],
    ['the start of a name', () => ({ name: 'sync', nameMatchMode: 'START' }), ['Sync south', 'Sync north']],
    ['the end of a name', () => ({ name: 'sync', nameMatchMode: 'END' }), ['My sync']],
    ['a part of a name', () => ({ name: 'c n', nameMatchMode: 'ANYWHERE' }), ['Sync north']],
    ['states', () => ({ state: ['FAILED', 'DELETED'] }), ['My sync']],
    ['results', () => ({ result: ['SUCCESS', 'ABORTED'] }), ['Sync south', 'Sync north']],
    ['types', () => ({ type: ['IMPORT', 'EXPORT'] }), ['My sync']],
    ['a user', () => ({ user: simulator.userId('admin') }), ['My sync']],
    [
      'a sorting of one’s own',
      () => ({ sortField: 'NAME', sortOrder: 'ASC' }),
      ['My sync', 'Sync north', 'Sync south'],
    ],
    ['small pages', () => ({ pageSize: 1 }), ['My sync', 'Sync south', 'Sync north']],
  ];
  it.each(cases)('by %s', async (_, filters, names) => {
    const before = simulator.requests.length;
    expect(await namesOf(filters())).toEqual(names);
    const sent = simulator.requests.slice(before);
    expect(sent.flatMap(({ method, path, query }) => queryFaultsOf(method, path, query))).toEqual([]);
    expect(sent).toHaveLength(filters().pageSize === 1 ? 3 : 1);
    const [first] = sent;
    expect([...new Set(first?.query.keys())].sort()).toEqual(Object.keys(filters()).sort());
  });

  it('tells the time of the server', async () => {
    for await (const { serverTime } of jobs.find({}, bounds())) {
      expect(Math.abs((serverTime?.getTime() ?? NaN) - Date.now())).toBeLessThan(5000);
    }
  });

  it.each<[string, JobFilters]>([
    ['a page of no size', { pageSize: 0 }],
    ['too large a page', { pageSize: 51 }],
    ['a user that is none', { user: 'me' }],
  ])('is refused %s', async (_, filters) => {
    await expect(found(filters)).rejects.toMatchObject({ kind: 'permanent', status: 400 });
  });
});

describe('every request is one that the description knows', () => {
  it.each(['jobs-v1', 'core-2.0'] as const)('to %s', async (api) => {
    const before = simulator.requests.length;
    const id = simulator.addJob({ scenario: 'stuck', knownTo: [api] });
    const done = simulator.addJob({
      life: {
        steps: [{ atMs: 0, state: 'COMPLETED', result: 'SUCCESS' }],
        importResults: { importJobState: 'COMPLETED' },
      },
    });
    expect(await jobs.get(id, bounds())).toMatchObject({ id, state: 'WAITING' });
    await jobs.delete(id, 'Not needed any more', bounds());
    expect(await jobs.get(id, bounds())).toMatchObject({ state: api === 'jobs-v1' ? 'DELETED' : 'CANCELED' });
    expect(await results.summary(done, bounds())).toMatchObject({ state: 'COMPLETED', failedCommands: 0 });
    expect(await results.errors(done, 0, bounds())).toEqual({ total: 0, commands: [] });

    const sent = simulator.requests.slice(before);
    expect(sent.flatMap(({ method, path, query }) => queryFaultsOf(method, path, query))).toEqual([]);
    expect(new Set(sent.map(({ method, path }) => operationOf(method, path))).size).toBeGreaterThanOrEqual(4);
    expect(sent.map(({ status }) => status ?? 0).filter((status) => status >= 400)).toEqual(
      api === 'jobs-v1' ? [] : [404],
    );
  });
});
