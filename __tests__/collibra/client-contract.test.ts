import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { systemClock } from '../../src/clock.ts';
import { credentialsOf } from '../../src/collibra/auth.ts';
import { CollibraClient } from '../../src/collibra/client.ts';
import { findJobs, type JobFilters } from '../../src/collibra/find-jobs.ts';
import { Requests } from '../../src/collibra/http/requests.ts';
import { HttpTransport } from '../../src/collibra/http/transport.ts';
import { ImportResultsClient } from '../../src/collibra/import-results.ts';
import { Jobs } from '../../src/collibra/jobs.ts';
import { shorten } from '../../src/text.ts';
import { defaultCredentials, startSimulator, type Simulator } from '../../dev/simulator/simulator.ts';
import { operationOf, queryFaultsOf } from '../dev/simulator/openapi.ts';
import { noCancel } from '../support/waiting.ts';

let simulator: Simulator;
let client: CollibraClient;
let jobs: Jobs;
let results: ImportResultsClient;

const limits = () => ({ timeoutMs: 10_000, signal: noCancel() });
const once = (state: string, result: string) => ({ steps: [{ atMs: 0, state, result }] });

beforeAll(async () => {
  simulator = await startSimulator();
  const transport = new HttpTransport('contract-test', systemClock);
  const requests = new Requests(transport, systemClock, shorten, () => undefined);
  const [token = ''] = defaultCredentials.tokens;
  const credentials = credentialsOf({ kind: 'bearer', token }, requests, systemClock, () => undefined);
  client = new CollibraClient(simulator.url, requests, credentials, systemClock);
  jobs = new Jobs(client, 'auto');
  results = new ImportResultsClient(client);
});
afterAll(() => simulator.close());

/** The requests since there were `before`, all of which the API description must allow. */
function sentSince(before: number) {
  const sent = simulator.requests.slice(before);
  expect(sent.flatMap(({ method, path, query }) => queryFaultsOf(method, path, query))).toEqual([]);
  return sent;
}

describe.each(['jobs-v1', 'core-2.0'] as const)('Find jobs of %s', (api) => {
  async function namesOf(filters: JobFilters) {
    const names: unknown[] = [];
    for await (const page of findJobs(client, api, filters, limits())) names.push(...page.jobs.map(({ name }) => name));
    return names;
  }

  it.each(['EXACT', 'START', 'END', 'ANYWHERE'] as const)('reads all pages with every filter: %s', async (match) => {
    const name = `${match} ${api}`;
    const job = { name, type: 'SYNC', user: 'admin', life: once('COMPLETED', 'SUCCESS') };
    for (const createdAgoMs of [120_000, 60_000]) simulator.addJob({ ...job, createdAgoMs });
    const filters = { name, nameMatchMode: match, type: 'SYNC', user: simulator.userId('admin'), pageSize: 1 };
    const before = simulator.requests.length;
    expect(await namesOf(filters)).toEqual([name, name]);
    expect(await namesOf({ ...filters, type: 'IMPORT' })).toEqual([]);
    expect(sentSince(before).map(({ query }) => query.size)).toEqual([5, 6, 5]);
  });

  it('rejects an invalid filter', async () => {
    await expect(namesOf({ user: 'me' })).rejects.toMatchObject({ kind: 'bad-request' });
  });
});

describe('the requests of one job', () => {
  it.each([
    ['jobs-v1', 'DELETED', []],
    ['core-2.0', 'CANCELED', [404]],
  ] as const)('are in the API description of %s', async (api, deleted, failures) => {
    const before = simulator.requests.length;
    const id = simulator.addJob({ scenario: 'stuck', knownTo: [api] });
    const importResults = { importJobState: 'COMPLETED' };
    const done = simulator.addJob({ life: { ...once('COMPLETED', 'SUCCESS'), importResults } });
    expect(await jobs.get(id, limits())).toMatchObject({ id, state: 'WAITING' });
    await jobs.delete(id, 'Not needed anymore', limits());
    expect(await jobs.get(id, limits())).toMatchObject({ state: deleted });
    expect(await results.summary(done, limits())).toMatchObject({ ...importResults, failedCommands: 0 });
    expect(await results.errors(done, 0, limits())).toEqual({ total: 0, commands: [] });

    const sent = sentSince(before);
    expect(new Set(sent.map(({ method, path }) => operationOf(method, path))).size).toBeGreaterThanOrEqual(4);
    expect(sent.map(({ status }) => status ?? 0).filter((status) => status >= 400)).toEqual(failures);
  });
});
