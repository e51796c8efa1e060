import { describe, expect, it } from '@jest/globals';

import { START, stage, type Stage } from './support.ts';

type Found = { readonly results: readonly { readonly name: string }[]; readonly nextCursor?: string };

async function find(on: Stage, query: string): Promise<Found> {
  return (await on.get(`/rest/jobs/v1/jobs?${query}`)) as unknown as Found;
}

async function names(on: Stage, query: string): Promise<string[]> {
  return (await find(on, query)).results.map(({ name }) => name);
}

/** Five jobs of which the first is the newest; ten seconds later all but the stuck one have ended. */
async function withJobs(): Promise<Stage> {
  const on = await stage();
  const jobs = [
    { name: 'Nightly import', scenario: 'success' },
    { name: 'nightly IMPORT', scenario: 'failed', user: 'admin' },
    { name: 'Import of the nightly file', scenario: 'completed-with-error' },
    { name: 'Reindex', scenario: 'not-an-import' },
    { name: 'Weekly import', scenario: 'stuck' },
  ];
  jobs.forEach((job, index) => on.simulator.addJob({ ...job, createdAgoMs: index * 1000 }));
  on.advance(10_000);
  return on;
}

describe('find jobs', () => {
  it.each([
    ['', ['Nightly import', 'nightly IMPORT', 'Import of the nightly file', 'Reindex', 'Weekly import']],
    ['name=nightly', ['Nightly import', 'nightly IMPORT', 'Import of the nightly file']],
    [
      'name=nightly&nameMatchMode=ANYWHERE',
      ['Nightly import', 'nightly IMPORT', 'Import of the nightly file'],
    ],
    ['name=NIGHTLY&nameMatchMode=START', ['Nightly import', 'nightly IMPORT']],
    ['name=import&nameMatchMode=END', ['Nightly import', 'nightly IMPORT', 'Weekly import']],
    ['name=Nightly%20import&nameMatchMode=EXACT', ['Nightly import']],
    ['state=FAILED', ['nightly IMPORT']],
    ['state=FAILED&state=RUNNING', ['nightly IMPORT', 'Weekly import']],
    ['result=SUCCESS', ['Nightly import', 'Reindex']],
    ['result=FAILURE&result=NOT_SET', ['nightly IMPORT', 'Weekly import']],
    ['type=REINDEX', ['Reindex']],
    ['type=REINDEX&type=IMPORT&state=RUNNING', ['Weekly import']],
    ['sortField=NAME&sortOrder=ASC&pageSize=2', ['Import of the nightly file', 'Nightly import']],
    ['sortField=NAME&pageSize=2', ['nightly IMPORT', 'Weekly import']],
    [
      'sortField=TYPE',
      ['Reindex', 'Nightly import', 'nightly IMPORT', 'Import of the nightly file', 'Weekly import'],
    ],
    ['sortOrder=ASC&pageSize=1', ['Nightly import']],
  ])('%s', async (query, expected) => {
    expect(await names(await withJobs(), query)).toEqual(expected);
  });

  it('finds the jobs of a user', async () => {
    const on = await withJobs();
    expect(await names(on, `user=${on.simulator.userId('admin').toUpperCase()}`)).toEqual(['nightly IMPORT']);
  });

  it.each([
    'pageSize=0',
    'pageSize=51',
    'pageSize=ten',
    'nameMatchMode=exact',
    'state=CANCELED',
    'result=OK',
    'user=somebody',
    'sortField=CREATED_ON',
    'sortOrder=UP',
    'cursor=made-up',
  ])('refuses %s', async (query) => {
    const on = await stage();
    const answer = await on.send('GET', `/rest/jobs/v1/jobs?${query}`);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ statusCode: 400, errorCode: 'invalidParameter' });
  });

  it('gives every job once, page by page, while new ones appear', async () => {
    const on = await stage();
    for (let count = 0; count < 23; count++) on.simulator.addJob({ name: `${count}`, createdAgoMs: count });
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await find(on, cursor === undefined ? '' : `cursor=${cursor}`);
      seen.push(...page.results.map(({ name }) => name));
      expect(page.results.length).toBe(cursor === undefined || page.nextCursor ? 10 : 3);
      cursor = page.nextCursor;
      on.advance(1);
      on.simulator.addJob({ name: 'new' });
    } while (cursor !== undefined);
    expect(seen).toEqual(Array.from({ length: 23 }, (_, count) => `${count}`));
  });

  it('finds a job only from its creation on', async () => {
    const on = await stage();
    on.simulator.addJob({ name: 'later', appearsInMs: 5000 });
    expect(await names(on, 'name=later')).toEqual([]);
    on.advance(5000);
    expect((await find(on, 'name=later')).results).toMatchObject([
      { state: 'WAITING', createdOn: new Date(START + 5000).toISOString() },
    ]);
  });
});
