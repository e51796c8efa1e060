import { expect, it } from '@jest/globals';

import { startServer, upload, v1 } from './support.ts';

const imports = '/rest/2.0/import';
const sync = `${imports}/synchronize/nightly`;

it('a synchronization is finalized with the results of its own batches, as jobs with the names and scenarios of the query', async () => {
  const { simulator, advance, send, get } = await startServer({ defaultScenario: 'failed' });
  const submit = async (path: string) => {
    const response = await send('POST', path, { body: upload() });
    return ((await response.json()) as { id: string }).id;
  };
  const failed = await submit(`${sync}/batch/json-job`);
  const succeeded = await submit(`${sync}/batch/csv-job?scenario=success&name=Nightly`);
  await submit(`${imports}/synchronize/another/batch/json-job`);
  advance(10_000);
  expect(await get(v1(succeeded))).toMatchObject({ name: 'Nightly' });
  const unfinished = await submit(`${sync}/batch/json-job`);
  const jobId = await submit(`${sync}/finalize/job`);
  const batches = [
    { jobId: failed, state: 'FAILED', result: 'FAILURE' },
    { jobId: succeeded, state: 'COMPLETED', result: 'SUCCESS' },
    { jobId: unfinished, state: 'WAITING', result: 'NOT_SET' },
  ];
  const finalized = { synchronizationId: 'nightly', jobId, batches, notSuccessful: [failed, unfinished] };
  expect(simulator.finalized).toEqual([finalized]);
});

it.each([
  ['', 2500, 1000, 0],
  ['limit=0&offset=0&countLimit=-1', 2500, 1000, 0],
  ['offset=2000', 2500, 500, 2000],
  ['offset=2500', 2500, 0, 2500],
  ['limit=7&offset=3', 2500, 7, 3],
  ['countLimit=20&limit=1', 20, 1, 0],
])('Import Results list errors in pages: %s', async (query, total, length, offset) => {
  const { simulator, get } = await startServer();
  const id = simulator.addJob({ scenario: 'large', createdAgoMs: 60_000 });
  const page = await get(`${imports}/results/${id}/errors?${query}`);
  expect(page).toMatchObject({ total, offset });
  const results = page['results'] as { command: { indices: number[] } }[];
  expect(results).toHaveLength(length);
  if (length > 0) expect(results[0]?.command.indices).toEqual([offset]);
});

it.each(['limit=1001', 'limit=-1', 'offset=-1', 'countLimit=-2', 'limit=5s'])(
  'Import Results reject %s',
  async (query) => {
    const { simulator, status } = await startServer();
    const id = simulator.addJob({ scenario: 'large', createdAgoMs: 60_000 });
    expect(await status(`${imports}/results/${id}/errors?${query}`)).toBe(400);
  },
);
