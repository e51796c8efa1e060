import { afterAll, describe, expect, it } from '@jest/globals';

import { scenarios } from '../../../dev/simulator/scenarios.ts';
import { defaultCredentials } from '../../../dev/simulator/simulator.ts';
import { faultsOf, operationOf, operations, propertiesOf } from './openapi.ts';
import { basic, stage, type Stage, upload } from './support.ts';

const unknown = '00000000-0000-4000-8000-000000000000';
const checked = new Set<string>();

/** Sends a request and holds the answer against the description. */
async function check(
  on: Stage,
  method: string,
  path: string,
  status: number,
  init?: RequestInit,
): Promise<void> {
  const answer = await on.send(method, path, init);
  const [bare = ''] = path.split('?');
  const faults = await faultsOf(method, bare, answer);
  expect({ path, status: answer.status, faults }).toEqual({ path, status, faults: [] });
  checked.add(operationOf(method, bare));
}

/** Looks at a job through everything that shows it. */
async function checkJob(on: Stage, id: string, resultsStatus: number): Promise<void> {
  await check(on, 'GET', `/rest/jobs/v1/jobs/${id}`, 200);
  await check(on, 'GET', `/rest/2.0/jobs/${id}`, 200);
  await check(on, 'GET', '/rest/jobs/v1/jobs', 200);
  await check(on, 'GET', '/rest/2.0/jobs', 200);
  await check(on, 'GET', `/rest/2.0/import/results/${id}/summary`, resultsStatus);
  await check(on, 'GET', `/rest/2.0/import/results/${id}/errors`, resultsStatus);
}

describe('every answer fits the description', () => {
  it.each(Object.entries(scenarios))('all through the scenario %s', async (name, { life }) => {
    const on = await stage();
    const id = on.simulator.addJob({ scenario: name, life: { ...life, faults: [] } });
    const import_ = life.importResults !== undefined;
    for (let second = 0; second < 20; second++) {
      const { state } = await on.get(`/rest/jobs/v1/jobs/${id}`);
      const ended = ['COMPLETED', 'FAILED', 'DELETED'].includes(String(state));
      if (!ended) await checkJob(on, id, import_ ? 400 : 404);
      on.advance(1000);
    }
    const { state } = await on.get(`/rest/jobs/v1/jobs/${id}`);
    await checkJob(on, id, import_ ? 200 : 404);
    expect(state === 'RUNNING').toBe(name === 'stuck');
  });

  it.each(operations.filter((operation) => operation.endsWith('-job')))('%s', async (operation) => {
    const [method = '', template = ''] = operation.split(' ');
    const path = template.replace('{synchronizationId}', 'nightly');
    const on = await stage();
    await check(on, method, path, 200, { body: upload() });
    await check(on, method, `${path}?scenario=nonsense`, 400, { body: upload() });
    await check(on, method, path, 400, { body: new FormData() });
    await check(on, method, path, 415, { body: 'text' });
    await check(on, method, path, 401, { body: upload(), headers: {} });
  });

  it('finalize', async () => {
    const on = await stage();
    const path = '/rest/2.0/import/synchronize/nightly/finalize/job';
    await check(on, 'POST', path, 200);
    await check(on, 'POST', path, 401, { headers: {} });
  });

  it('pages of both lists', async () => {
    const on = await stage();
    for (let count = 0; count < 25; count++) on.simulator.addJob({ createdAgoMs: count });
    await check(on, 'GET', '/rest/jobs/v1/jobs?pageSize=20', 200);
    const { nextCursor } = await on.get('/rest/jobs/v1/jobs?pageSize=20');
    await check(on, 'GET', `/rest/jobs/v1/jobs?pageSize=20&cursor=${String(nextCursor)}`, 200);
    await check(on, 'GET', '/rest/jobs/v1/jobs?pageSize=51', 400);
    await check(on, 'GET', '/rest/2.0/jobs?offset=20&limit=10', 200);
    await check(on, 'GET', '/rest/2.0/jobs?limit=1001', 400);
  });

  it.each(['/rest/jobs/v1/jobs', '/rest/2.0/jobs'])(
    'a job under %s that is not there or not a UUID',
    async (path) => {
      const on = await stage();
      await check(on, 'GET', `${path}/${unknown}`, 404);
      await check(on, 'GET', `${path}/not-a-uuid`, 400);
      await check(on, 'GET', `${path}/${unknown}`, 401, { headers: {} });
      on.simulator.failNext('job', { kind: 'status', status: 500 });
      await check(on, 'GET', `${path}/${unknown}`, 500);
    },
  );

  it.each([
    ['DELETE', '/rest/jobs/v1/jobs/{id}', 204],
    ['POST', '/rest/2.0/jobs/{id}/canceled', 202],
  ])('%s %s', async (method, template, good) => {
    const on = await stage();
    const path = (id: string) => template.replace('{id}', id);
    const id = on.simulator.addJob({ scenario: 'stuck' });
    const foreign = on.simulator.addJob({ scenario: 'stuck', user: 'admin' });
    await check(on, method, path(id), good);
    await check(on, method, path(id), 400);
    await check(on, method, path(unknown), 404);
    await check(on, method, path(foreign), 403);
    await check(on, method, path(foreign), 401, { headers: {} });
    await checkJob(on, id, 404);
  });

  it('the token endpoint', async () => {
    const on = await stage();
    const [[id, secret] = ['', '']] = Object.entries(defaultCredentials.clients);
    const path = '/rest/oauth/v2/token';
    const good = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: id,
      client_secret: secret,
    });
    await check(on, 'POST', path, 200, { body: good, headers: {} });
    await check(on, 'POST', path, 200, { body: `${good.toString()}&scope=jobs`, headers: formHeader });
    await check(on, 'POST', path, 401, {
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
      headers: {},
    });
    await check(on, 'POST', path, 400, { body: 'text', headers: basic('a', 'b') });
  });

  it('names no field of a job that the description does not have', async () => {
    const on = await stage();
    const id = on.simulator.addJob({ scenario: 'completed-with-error' });
    on.advance(10_000);
    const v1 = Object.keys(await on.get(`/rest/jobs/v1/jobs/${id}`));
    const core = Object.keys(await on.get(`/rest/2.0/jobs/${id}`));
    expect(v1.toSorted()).toEqual(propertiesOf('Job').toSorted());
    expect(core.toSorted()).toEqual(propertiesOf('CoreJob').toSorted());
  });

  afterAll(() => {
    expect([...checked].toSorted()).toEqual(operations.toSorted());
  });
});

const formHeader = { 'content-type': 'application/x-www-form-urlencoded' };
