import { describe, expect, it } from '@jest/globals';

import { startServer, type TestServer } from './support.ts';

type Page = { readonly results: readonly { readonly name: string }[]; readonly nextCursor?: string };

const find = async ({ get }: TestServer, query: string) =>
  (await get(`/rest/jobs/v1/jobs?${query}`)) as unknown as Page;
const namesIn = ({ results }: Page) => results.map(({ name }) => name);

/** The newest first. All but the stuck one are finished after 10 s. */
const JOBS = [
  ['Nightly import', 'success'],
  ['nightly IMPORT', 'failed'],
  ['Import of the nightly file', 'completed-with-error'],
  ['Reindex', 'not-an-import'],
  ['Weekly import', 'stuck'],
] as const;
const [[NIGHTLY], [UPPER], [FILE], [REINDEX], [WEEKLY]] = JOBS;

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
    const server = await startServer();
    for (const [n, [name, scenario]] of JOBS.entries())
      server.simulator.addJob({ name, scenario, createdAgoMs: 1000 * n });
    server.advance(10_000);
    expect(namesIn(await find(server, query))).toEqual(expected);
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
