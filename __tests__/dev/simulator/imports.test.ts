import { describe, expect, it } from '@jest/globals';

import { stage, type Stage, upload } from './support.ts';

const imports = '/rest/2.0/import';
const sync = `${imports}/synchronize/nightly`;

async function submit(on: Stage, path: string): Promise<string> {
  const answer = await on.send('POST', path, { body: upload() });
  expect(answer.status).toBe(200);
  const job = (await answer.json()) as { id: string };
  return job.id;
}

describe('submitting', () => {
  it('starts a job that lives by the scenario of the query', async () => {
    const on = await stage({ defaultScenario: 'failed' });
    const failed = await submit(on, `${imports}/json-job`);
    const aborted = await submit(on, `${imports}/csv-job?scenario=aborted&name=Nightly`);
    expect(await on.get(`/rest/jobs/v1/jobs/${failed}`)).toMatchObject({ state: 'WAITING', name: 'Import' });
    on.advance(10_000);
    expect(await on.get(`/rest/jobs/v1/jobs/${failed}`)).toMatchObject({
      state: 'FAILED',
      result: 'FAILURE',
    });
    expect(await on.get(`/rest/jobs/v1/jobs/${aborted}`)).toMatchObject({
      name: 'Nightly',
      result: 'ABORTED',
    });
  });

  it('knows its scenarios from the start', async () => {
    await expect(stage({ defaultScenario: 'nonsense' })).rejects.toThrow(
      'no scenario "nonsense". The scenarios are: success,',
    );
  });
});

describe('synchronizing', () => {
  it('finalizes after batches that all ended well', async () => {
    const on = await stage();
    const batches = [await submit(on, `${sync}/batch/json-job`), await submit(on, `${sync}/batch/csv-job`)];
    await submit(on, `${imports}/synchronize/another/batch/json-job`);
    on.advance(10_000);
    const answer = await on.send('POST', `${sync}/finalize/job`);
    const { id } = (await answer.json()) as { id: string };
    expect(on.simulator.finalized).toEqual([
      {
        synchronizationId: 'nightly',
        jobId: id,
        batches: batches.map((jobId) => ({ jobId, state: 'COMPLETED', result: 'SUCCESS' })),
        notSuccessful: [],
      },
    ]);
    on.advance(10_000);
    expect(await on.get(`/rest/jobs/v1/jobs/${id}`)).toMatchObject({ state: 'COMPLETED', result: 'SUCCESS' });
  });

  it('tells which batches had not ended well when it was finalized', async () => {
    const on = await stage();
    const failed = await submit(on, `${sync}/batch/json-job?scenario=completed-with-error`);
    on.advance(10_000);
    const unfinished = await submit(on, `${sync}/batch/json-job`);
    await on.send('POST', `${sync}/finalize/job`);
    expect(on.simulator.finalized[0]?.notSuccessful).toEqual([failed, unfinished]);
  });
});

describe('import results', () => {
  it('are refused until the job has ended and they are there', async () => {
    const on = await stage();
    const id = on.simulator.addJob({ scenario: 'late-results' });
    const status = async () => (await on.send('GET', `${imports}/results/${id}/summary`)).status;
    on.advance(5999);
    expect(await on.get(`/rest/jobs/v1/jobs/${id}`)).toMatchObject({ state: 'COMPLETED' });
    expect(await status()).toBe(400);
    on.advance(1);
    expect(await status()).toBe(200);
  });

  it('count what was done', async () => {
    const on = await stage();
    const id = on.simulator.addJob({ scenario: 'completed-with-error', createdAgoMs: 60_000 });
    const summary = await on.get(`${imports}/results/${id}/summary`);
    expect(summary).toMatchObject({ errorsCount: 3, importJobState: 'COMPLETED_WITH_ERRORS' });
    expect(summary['resourceTypes']).toContainEqual(
      expect.objectContaining({
        resourceType: 'ASSET',
        counters: { added: 1180, updated: 20, removed: 0, failed: 2 },
      }),
    );
  });

  it('can lack fields', async () => {
    const on = await stage();
    const importResults = {
      importJobState: 'COMPLETED',
      summary: { errorsCount: undefined, resourceTypes: null },
    };
    const steps = [{ atMs: 0, state: 'COMPLETED' }];
    const id = on.simulator.addJob({ life: { steps, importResults } });
    expect(await on.get(`${imports}/results/${id}/summary`)).toEqual({
      resourceTypes: null,
      importJobState: 'COMPLETED',
    });
  });

  it.each([
    ['', 2500, 1000, 0],
    ['limit=0&offset=0&countLimit=-1', 2500, 1000, 0],
    ['offset=2000', 2500, 500, 2000],
    ['offset=2500', 2500, 0, 2500],
    ['limit=7&offset=3', 2500, 7, 3],
    ['countLimit=20&limit=1', 20, 1, 0],
  ])('give errors in pages: %s', async (query, total, length, offset) => {
    const on = await stage();
    const id = on.simulator.addJob({ scenario: 'large', createdAgoMs: 60_000 });
    const page = await on.get(`${imports}/results/${id}/errors?${query}`);
    expect(page).toMatchObject({ total, offset });
    const results = page['results'] as { command: { indices: number[] } }[];
    expect(results.length).toBe(length);
    if (length > 0) expect(results[0]?.command.indices).toEqual([offset]);
  });

  it.each(['limit=1001', 'limit=-1', 'offset=-1', 'countLimit=-2', 'limit=5s'])(
    'refuse %s',
    async (query) => {
      const on = await stage();
      const id = on.simulator.addJob({ scenario: 'large', createdAgoMs: 60_000 });
      expect((await on.send('GET', `${imports}/results/${id}/errors?${query}`)).status).toBe(400);
    },
  );
});
