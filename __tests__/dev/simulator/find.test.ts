import { describe, expect, it } from '@jest/globals';

import { startServer, type TestServer } from './support.ts';

type Page = { readonly results: readonly { readonly name: string }[]; readonly nextCursor?: string };

const find = async ({ get }: TestServer, query: string) =>
  (await get(`/rest/jobs/v1/jobs?${query}`)) as unknown as Page;
const namesIn = ({ results }: Page) => results.map(({ name }) => name);

const [NIGHTLY, UPPER, FILE] = ['Nightly import', 'nightly IMPORT', 'Import of the nightly file'];
const [REINDEX, WEEKLY] = ['Reindex', 'Weekly import'];

/** Five jobs, the newest first. All but the stuck one are finished. */
async function withJobs(): Promise<TestServer> {
  const server = await startServer();
  const { addJob } = server.simulator;
  addJob({ name: NIGHTLY, scenario: 'success' });
  addJob({ name: UPPER, scenario: 'failed', user: 'admin', createdAgoMs: 1000 });
  addJob({ name: FILE, scenario: 'completed-with-error', createdAgoMs: 2000 });
  addJob({ name: REINDEX, scenario: 'not-an-import', createdAgoMs: 3000 });
  addJob({ name: WEEKLY, scenario: 'stuck', createdAgoMs: 4000 });
  server.advance(10_000);
  return server;
}

describe('Find jobs', () => {
  // The rest is in client-contract.test.ts, which sends the requests of the client.
  it.each([
    ['', [NIGHTLY, UPPER, FILE, REINDEX, WEEKLY]],
    ['name=NIGHTLY', [NIGHTLY, UPPER, FILE]],
    ['name=import&nameMatchMode=END', [NIGHTLY, UPPER, WEEKLY]],
    ['state=FAILED&state=RUNNING', [UPPER, WEEKLY]],
    ['result=FAILURE&result=NOT_SET', [UPPER, WEEKLY]],
    ['type=REINDEX&type=IMPORT&state=RUNNING', [WEEKLY]],
    ['sortField=NAME&sortOrder=ASC&pageSize=2', [FILE, NIGHTLY]],
    ['sortField=NAME&pageSize=2', [UPPER, WEEKLY]],
    ['sortOrder=ASC&pageSize=1', [NIGHTLY]],
    ['cursor=unknown', []],
  ])('finds with the query "%s": %j', async (query, expected) => {
    expect(namesIn(await find(await withJobs(), query))).toEqual(expected);
  });

  const wrong = ['pageSize=ten', 'nameMatchMode=exact', 'state=CANCELED', 'result=OK', 'sortField=ID', 'sortOrder=UP'];
  it.each(wrong)('rejects %s', async (query) => {
    expect(await (await startServer()).status(`/rest/jobs/v1/jobs?${query}`)).toBe(400);
  });

  it('returns every job once, page by page, while new ones are created', async () => {
    const server = await startServer();
    for (let n = 0; n < 23; n++) server.simulator.addJob({ name: `${n}`, createdAgoMs: n });
    const pages: string[][] = [];
    let cursor: string | undefined = '';
    while (cursor !== undefined) {
      const page: Page = await find(server, `cursor=${cursor}`);
      pages.push(namesIn(page));
      cursor = page.nextCursor;
      server.advance(1);
      server.simulator.addJob({ name: 'new' });
    }
    expect(pages.map(({ length }) => length)).toEqual([10, 10, 3]);
    expect(pages.flat()).toEqual(Array.from({ length: 23 }, (_, n) => `${n}`));
  });
});
