import { describe, expect, it } from '@jest/globals';

import { startServer, type TestServer, upload, v1 } from './support.ts';

const imports = '/rest/2.0/import';
const sync = `${imports}/synchronize/nightly`;

async function submit({ send }: TestServer, path: string): Promise<string> {
  const response = await send('POST', path, { body: upload() });
  expect(response.status).toBe(200);
  return ((await response.json()) as { id: string }).id;
}

it('an import starts a job with the scenario and the name of the query', async () => {
  const server = await startServer({ defaultScenario: 'failed' });
  const failed = await submit(server, `${imports}/json-job`);
  const aborted = await submit(server, `${imports}/csv-job?scenario=aborted&name=Nightly`);
  expect(await server.get(v1(failed))).toMatchObject({ state: 'WAITING', name: 'Import' });
  server.advance(10_000);
  expect(await server.get(v1(failed))).toMatchObject({ state: 'FAILED', result: 'FAILURE' });
  expect(await server.get(v1(aborted))).toMatchObject({ name: 'Nightly', result: 'ABORTED' });
});

it('a synchronization is finalized with the results of its own batches', async () => {
  const server = await startServer();
  const succeeded = await submit(server, `${sync}/batch/json-job`);
  const failed = await submit(server, `${sync}/batch/csv-job?scenario=completed-with-error`);
  await submit(server, `${imports}/synchronize/another/batch/json-job`);
  server.advance(10_000);
  const unfinished = await submit(server, `${sync}/batch/json-job`);
  const jobId = await submit(server, `${sync}/finalize/job`);
  const batches = [
    { jobId: succeeded, state: 'COMPLETED', result: 'SUCCESS' },
    { jobId: failed, state: 'COMPLETED', result: 'COMPLETED_WITH_ERROR' },
    { jobId: unfinished, state: 'WAITING', result: 'NOT_SET' },
  ];
  const finalized = { synchronizationId: 'nightly', jobId, batches, notSuccessful: [failed, unfinished] };
  expect(server.simulator.finalized).toEqual([finalized]);
  server.advance(10_000);
  expect(await server.get(v1(jobId))).toMatchObject({ state: 'COMPLETED', result: 'SUCCESS' });
});

describe('Import Results', () => {
  it('are available only when the job is finished and their delay is over', async () => {
    const { simulator, advance, get, status } = await startServer();
    const id = simulator.addJob({ scenario: 'late-results' });
    advance(5999);
    expect(await get(v1(id))).toMatchObject({ state: 'COMPLETED' });
    expect(await status(`${imports}/results/${id}/summary`)).toBe(400);
    advance(1);
    expect(await status(`${imports}/results/${id}/summary`)).toBe(200);
  });

  it('can lack fields', async () => {
    const { simulator, get } = await startServer();
    const importResults = { importJobState: 'COMPLETED', summary: { errorsCount: undefined, resourceTypes: null } };
    const id = simulator.addJob({ life: { steps: [{ atMs: 0, state: 'COMPLETED' }], importResults } });
    expect(await get(`${imports}/results/${id}/summary`)).toEqual({ resourceTypes: null, importJobState: 'COMPLETED' });
  });

  it.each([
    ['', 2500, 1000, 0],
    ['limit=0&offset=0&countLimit=-1', 2500, 1000, 0],
    ['offset=2000', 2500, 500, 2000],
    ['offset=2500', 2500, 0, 2500],
    ['limit=7&offset=3', 2500, 7, 3],
    ['countLimit=20&limit=1', 20, 1, 0],
  ])('list errors in pages: %s', async (query, total, length, offset) => {
    const { simulator, get } = await startServer();
    const id = simulator.addJob({ scenario: 'large', createdAgoMs: 60_000 });
    const page = await get(`${imports}/results/${id}/errors?${query}`);
    expect(page).toMatchObject({ total, offset });
    const results = page['results'] as { command: { indices: number[] } }[];
    expect(results.length).toBe(length);
    if (length > 0) expect(results[0]?.command.indices).toEqual([offset]);
  });

  it.each(['limit=1001', 'limit=-1', 'offset=-1', 'countLimit=-2', 'limit=5s'])('reject %s', async (query) => {
    const { simulator, status } = await startServer();
    const id = simulator.addJob({ scenario: 'large', createdAgoMs: 60_000 });
    expect(await status(`${imports}/results/${id}/errors?${query}`)).toBe(400);
  });
});
