import { afterAll, describe, expect, it } from '@jest/globals';

import { scenarios } from '../../../dev/simulator/scenarios.ts';
import { defaultCredentials } from '../../../dev/simulator/simulator.ts';
import { faultsOf, operationOf, operations, propertiesOf } from './openapi.ts';
import { basic, core, startServer, type TestServer, unknown, upload, v1 } from './support.ts';

const checked = new Set<string>();

const ANONYMOUS = { headers: {} };
const FINALIZE = '/rest/2.0/import/synchronize/nightly/finalize/job';
const TOKEN = '/rest/oauth/v2/token';
const grant = { grant_type: 'client_credentials' };
const [[clientId, secret] = ['', '']] = Object.entries(defaultCredentials.clients);
const withClient = { ...grant, client_id: clientId, client_secret: secret };
const form = (fields: Record<string, string>) => ({ ...ANONYMOUS, body: new URLSearchParams(fields) });

/** Sends a request and validates the response against the description. */
async function check(server: TestServer, method: string, path: string, status: number, init?: RequestInit) {
  const response = await server.send(method, path, init);
  const [bare = ''] = path.split('?');
  const faults = await faultsOf(method, bare, response);
  expect({ path, status: response.status, faults }).toEqual({ path, status, faults: [] });
  checked.add(operationOf(method, bare));
}

/** Validates every representation of a job. */
async function checkJob(server: TestServer, id: string, resultsStatus: number): Promise<void> {
  for (const path of [v1(id), core(id), '/rest/jobs/v1/jobs', '/rest/2.0/jobs']) await check(server, 'GET', path, 200);
  for (const path of ['summary', 'errors'])
    await check(server, 'GET', `/rest/2.0/import/results/${id}/${path}`, resultsStatus);
}

describe('every response matches the description', () => {
  it.each(Object.entries(scenarios))('throughout the scenario %s', async (name, { life }) => {
    const server = await startServer();
    const id = server.simulator.addJob({ scenario: name, life: { ...life, faults: [] } });
    const isImport = life.importResults !== undefined;
    const state = async () => String((await server.get(v1(id)))['state']);
    for (let second = 0; second < 20; second++) {
      const isFinished = ['COMPLETED', 'FAILED', 'DELETED'].includes(await state());
      if (!isFinished) await checkJob(server, id, isImport ? 400 : 404);
      server.advance(1000);
    }
    await checkJob(server, id, isImport ? 200 : 404);
    expect((await state()) === 'RUNNING').toBe(name === 'stuck');
  });

  it.each(operations.filter((operation) => operation.endsWith('-job')))('of %s', async (operation) => {
    const [method = '', template = ''] = operation.split(' ');
    const path = template.replace('{synchronizationId}', 'nightly');
    const server = await startServer();
    await check(server, method, path, 200, { body: upload() });
    await check(server, method, `${path}?scenario=nonsense`, 400, { body: upload() });
    await check(server, method, path, 400, { body: new FormData() });
    await check(server, method, path, 415, { body: 'text' });
    await check(server, method, path, 401, { body: upload(), ...ANONYMOUS });
  });

  it.each<[method: string, path: string, status: number, init?: RequestInit]>([
    ['POST', FINALIZE, 200],
    ['POST', FINALIZE, 401, ANONYMOUS],
    ['GET', '/rest/jobs/v1/jobs?pageSize=51', 400],
    ['GET', '/rest/2.0/jobs?limit=1001', 400],
    ...[v1, core].flatMap((path): [string, string, number, RequestInit?][] => [
      ['GET', path(unknown), 404],
      ['GET', path('not-a-uuid'), 400],
      ['GET', path(unknown), 401, ANONYMOUS],
    ]),
    ['POST', TOKEN, 200, form(withClient)],
    ['POST', TOKEN, 200, form({ ...withClient, scope: 'jobs' })],
    ['POST', TOKEN, 401, form(grant)],
    ['POST', TOKEN, 400, { body: 'text', headers: basic('a', 'b') }],
  ])('of %s %s with status %d', async (method, path, status, init = {}) => {
    await check(await startServer(), method, path, status, init);
  });

  it.each([v1, core])('of a request that fails', async (path) => {
    const server = await startServer();
    server.simulator.failNext('job', { kind: 'status', status: 500 });
    await check(server, 'GET', path(unknown), 500);
  });

  it('of the pages of both lists', async () => {
    const server = await startServer();
    for (let count = 0; count < 25; count++) server.simulator.addJob({ createdAgoMs: count });
    const { nextCursor } = await server.get('/rest/jobs/v1/jobs?pageSize=20');
    for (const cursor of ['', String(nextCursor)])
      await check(server, 'GET', `/rest/jobs/v1/jobs?pageSize=20&cursor=${cursor}`, 200);
    await check(server, 'GET', '/rest/2.0/jobs?offset=20&limit=10', 200);
  });

  it.each([
    ['DELETE', v1, 204],
    ['POST', (id: string) => `${core(id)}/canceled`, 202],
  ])('of %s', async (method, path, success) => {
    const server = await startServer();
    const id = server.simulator.addJob({ scenario: 'stuck' });
    const foreign = server.simulator.addJob({ scenario: 'stuck', user: 'admin' });
    await check(server, method, path(id), success);
    await check(server, method, path(id), 400, { body: '{"message": 1}' });
    await check(server, method, path(unknown), 404);
    await check(server, method, path(foreign), 403);
    await check(server, method, path(foreign), 401, ANONYMOUS);
    await checkJob(server, id, 404);
  });

  it('in the fields of a job', async () => {
    const { simulator, advance, get } = await startServer();
    const id = simulator.addJob({ scenario: 'completed-with-error' });
    advance(10_000);
    expect(Object.keys(await get(v1(id))).toSorted()).toEqual(propertiesOf('Job').toSorted());
    expect(Object.keys(await get(core(id))).toSorted()).toEqual(propertiesOf('CoreJob').toSorted());
  });

  afterAll(() => {
    expect([...checked].toSorted()).toEqual(operations.toSorted());
  });
});
