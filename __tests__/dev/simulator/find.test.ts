import { describe, expect, it } from '@jest/globals';

import { START, startServer, type TestServer } from './support.ts';

type Page = { readonly results: readonly { readonly name: string }[]; readonly nextCursor?: string };

async function find({ get }: TestServer, query: string): Promise<Page> {
  return (await get(`/rest/jobs/v1/jobs?${query}`)) as unknown as Page;
}

async function names(server: TestServer, query: string): Promise<string[]> {
  return (await find(server, query)).results.map(({ name }) => name);
}

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
  it.each([
    ['', [NIGHTLY, UPPER, FILE, REINDEX, WEEKLY]],
    ['name=nightly', [NIGHTLY, UPPER, FILE]],
    ['name=nightly&nameMatchMode=ANYWHERE', [NIGHTLY, UPPER, FILE]],
    ['name=NIGHTLY&nameMatchMode=START', [NIGHTLY, UPPER]],
    ['name=import&nameMatchMode=END', [NIGHTLY, UPPER, WEEKLY]],
    ['name=Nightly%20import&nameMatchMode=EXACT', [NIGHTLY]],
    ['state=FAILED', [UPPER]],
    ['state=FAILED&state=RUNNING', [UPPER, WEEKLY]],
    ['result=SUCCESS', [NIGHTLY, REINDEX]],
    ['result=FAILURE&result=NOT_SET', [UPPER, WEEKLY]],
    ['type=REINDEX', [REINDEX]],
    ['type=REINDEX&type=IMPORT&state=RUNNING', [WEEKLY]],
    ['sortField=NAME&sortOrder=ASC&pageSize=2', [FILE, NIGHTLY]],
    ['sortField=NAME&pageSize=2', [UPPER, WEEKLY]],
    ['sortField=TYPE', [REINDEX, NIGHTLY, UPPER, FILE, WEEKLY]],
    ['sortOrder=ASC&pageSize=1', [NIGHTLY]],
    ['cursor=unknown', []],
    ['cursor=&pageSize=1', [NIGHTLY]],
  ])('finds with the query "%s": %j', async (query, expected) => {
    expect(await names(await withJobs(), query)).toEqual(expected);
  });

  it('finds the jobs of a user', async () => {
    const server = await withJobs();
    const admin = server.simulator.userId('admin').toUpperCase();
    expect(await names(server, `user=${admin}`)).toEqual([UPPER]);
  });

  it.each([
    ...['pageSize=0', 'pageSize=51', 'pageSize=ten', 'nameMatchMode=exact', 'state=CANCELED', 'result=OK'],
    ...['user=somebody', 'sortField=CREATED_ON', 'sortOrder=UP'],
  ])('rejects %s', async (query) => {
    const { send } = await startServer();
    const response = await send('GET', `/rest/jobs/v1/jobs?${query}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ statusCode: 400, errorCode: 'invalidParameter' });
  });

  it('returns every job once, page by page, while new ones are created', async () => {
    const server = await startServer();
    for (let n = 0; n < 23; n++) server.simulator.addJob({ name: `${n}`, createdAgoMs: n });
    const pages: string[][] = [];
    let cursor: string | undefined = '';
    while (cursor !== undefined) {
      const page: Page = await find(server, `cursor=${cursor}`);
      pages.push(page.results.map(({ name }) => name));
      cursor = page.nextCursor;
      server.advance(1);
      server.simulator.addJob({ name: 'new' });
    }
    expect(pages.map(({ length }) => length)).toEqual([10, 10, 3]);
    expect(pages.flat()).toEqual(Array.from({ length: 23 }, (_, n) => `${n}`));
  });

  it('finds a job from its creation on', async () => {
    const server = await startServer();
    server.simulator.addJob({ name: 'later', appearsInMs: 5000 });
    expect(await names(server, 'name=later')).toEqual([]);
    server.advance(5000);
    const createdOn = new Date(START + 5000).toISOString();
    expect((await find(server, 'name=later')).results).toMatchObject([{ state: 'WAITING', createdOn }]);
  });
});
