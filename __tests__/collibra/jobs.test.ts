import { describe, expect, it } from '@jest/globals';

import type { Job } from '../../src/collibra/job.ts';
import { type JobApi, type JobFilters, Jobs, MAX_DELETE_MESSAGE } from '../../src/collibra/jobs.ts';
import type { HttpRequest } from '../../src/collibra/http/transport.ts';
import { aCollibra, json, lines, type Reply, text, thrown } from '../support/http.ts';
import { JOB_1, JOB_2 } from '../support/jobs.ts';

const V1 = '/rest/jobs/v1/jobs';
const CORE = '/rest/2.0/jobs';

function jobs(api: JobApi | 'auto', reply: (request: HttpRequest, n: number) => Reply) {
  const { http, transport, bounds } = aCollibra(reply);
  return { jobs: new Jobs(http, api), transport, bounds };
}

/** A Collibra of which one API knows the jobs; the other answers as told. */
function onlyCore(v1: Reply) {
  return ({ url }: HttpRequest): Reply => (url.includes(V1) ? v1 : json({ id: url.split('/').at(-1) }));
}

describe('a job', () => {
  const read = async (answer: unknown, api: JobApi = 'jobs-v1'): Promise<Job> => {
    const { jobs: all, bounds } = jobs(api, () => json(answer));
    return all.get(JOB_1, bounds);
  };

  it('is read from the Job API, with dates as text', async () => {
    const answer = {
      id: JOB_1.toUpperCase(),
      name: 'Nightly import',
      type: 'IMPORT',
      state: 'COMPLETED',
      result: 'SUCCESS',
      message: 'Done',
      progressPercentage: 100,
      createdOn: '2026-11-02T08:00:00Z',
      startDate: '2026-11-02T09:00:01.5+01:00',
      endDate: '2026-11-02T08:02:00.000Z',
      user: 'B1B1B1B1-B1B1-4B1B-8B1B-B1B1B1B1B1B1',
      selfManaged: true,
    };
    expect(await read(answer)).toEqual({
      id: JOB_1,
      name: 'Nightly import',
      type: 'IMPORT',
      user: 'b1b1b1b1-b1b1-4b1b-8b1b-b1b1b1b1b1b1',
      state: 'COMPLETED',
      result: 'SUCCESS',
      message: 'Done',
      progressPercentage: 100,
      createdOn: new Date(Date.UTC(2026, 10, 2, 8)),
      startDate: new Date(Date.UTC(2026, 10, 2, 8, 0, 1, 500)),
      endDate: new Date(Date.UTC(2026, 10, 2, 8, 2)),
    });
  });

  it.each([[{ id: 'someone' }], [7], [null]])('may have a user that is something else: %j', async (user) => {
    expect(await read({ id: JOB_1, user })).not.toHaveProperty('user');
  });

  it('is read from the Core API, with dates as numbers of milliseconds or of seconds', async () => {
    const answer = {
      id: JOB_1,
      resourceType: 'Job',
      state: 'ERROR',
      result: 'FAILURE',
      progressPercentage: 12.5,
      createdOn: 1_793_606_400_000,
      startDate: 1_793_606_401,
      endDate: 1_793_606_402.5,
      userId: 'someone',
      cancelable: false,
    };
    expect(await read(answer, 'core-2.0')).toEqual({
      id: JOB_1,
      state: 'ERROR',
      result: 'FAILURE',
      message: '',
      progressPercentage: 12.5,
      createdOn: new Date('2026-11-02T08:00:00Z'),
      startDate: new Date('2026-11-02T08:00:01Z'),
      endDate: new Date('2026-11-02T08:00:02.500Z'),
    });
  });

  it('may be no more than its id', async () => {
    const bare = { id: JOB_1, state: '', result: '', message: '' };
    expect(await read({ id: JOB_1 })).toStrictEqual(bare);
    const nulls = { id: JOB_1, name: null, state: null, result: null, message: null, createdOn: null };
    expect(await read({ ...nulls, type: null, progressPercentage: null, startDate: null })).toStrictEqual(
      bare,
    );
  });

  it('keeps unknown words as they are', async () => {
    const odd = { id: JOB_1, state: '__proto__', result: ' paused ', message: '::error::x\u0000' };
    expect(await read(odd)).toEqual(odd);
  });

  it.each([
    ['yesterday', undefined],
    ['', undefined],
    [1e300, undefined],
    [0, undefined],
    [-1, undefined],
    ['1970-01-01T00:00:00Z', undefined],
    [1, '1970-01-01T00:00:01.000Z'],
    [99_999_999_999, '5138-11-16T09:46:39.000Z'],
    [100_000_000_000, '1973-03-03T09:46:40.000Z'],
    ['1793606400000', undefined],
  ])('with the date %j has %j', async (createdOn, iso) => {
    const { createdOn: date } = await read({ id: JOB_1, createdOn });
    expect(date?.toISOString()).toBe(iso);
  });

  it.each([
    {},
    { id: 7 },
    { id: JOB_1, state: 7 },
    { id: JOB_1, result: ['SUCCESS'] },
    { id: JOB_1, progressPercentage: '50' },
    { id: JOB_1, createdOn: {} },
    [],
    null,
    'job',
  ])('of a wrong type is passing trouble: %j', async (answer) => {
    expect(await thrown(read(answer))).toMatchObject({ kind: 'transient', label: 'JSON that is not a job' });
  });

  it('with the id of another is passing trouble', async () => {
    const error = await thrown(read({ id: JOB_2, state: 'COMPLETED', result: 'SUCCESS' }));
    expect(error).toMatchObject({
      kind: 'transient',
      seen: "another job's answer",
      message: `${V1}/${JOB_1} answered with another job (${JOB_2})`,
    });
    expect(await thrown(read({ id: JOB_2 }, 'core-2.0'))).toMatchObject({
      message: `${CORE}/${JOB_1} answered with another job (${JOB_2})`,
    });
  });
});

describe('the API', () => {
  it.each<[api: JobApi | 'auto', path: string]>([
    ['jobs-v1', V1],
    ['core-2.0', CORE],
    ['auto', V1],
  ])('of %s is asked at %s', async (api, path) => {
    const { jobs: all, transport, bounds } = jobs(api, () => json({ id: JOB_1 }));
    await all.get(JOB_1, bounds);
    await all.get(JOB_1, bounds);
    expect(lines(transport)).toEqual([`GET ${path}/${JOB_1}`, `GET ${path}/${JOB_1}`]);
  });

  it.each<[api: JobApi, path: string]>([
    ['jobs-v1', V1],
    ['core-2.0', CORE],
  ])('that is fixed (%s) is never left', async (api, path) => {
    const { jobs: all, transport, bounds } = jobs(api, () => text('', 404));
    expect(await thrown(all.get(JOB_1, bounds))).toMatchObject({
      kind: 'not-found',
      message: `HTTP 404 from https://acme.example/c${path}/${JOB_1}`,
    });
    expect(lines(transport)).toEqual([`GET ${path}/${JOB_1}`]);
  });

  it.each([404, 405, 410, 501])(
    'is the other one where the first answers %d, and is kept',
    async (status) => {
      const { jobs: all, transport, bounds } = jobs('auto', onlyCore(text('', status)));
      expect(await all.get(JOB_1, bounds)).toMatchObject({ id: JOB_1 });
      await all.get(JOB_1, bounds);
      expect(lines(transport)).toEqual([
        `GET ${V1}/${JOB_1}`,
        `GET ${CORE}/${JOB_1}`,
        `GET ${CORE}/${JOB_1}`,
      ]);
    },
  );

  it('is kept for each job of its own', async () => {
    const {
      jobs: all,
      transport,
      bounds,
    } = jobs('auto', ({ url }) =>
      url.includes(V1) && url.includes(JOB_1) ? text('', 404) : json({ id: url.split('/').at(-1) }),
    );
    for (const id of [JOB_1, JOB_2, JOB_1, JOB_2]) await all.get(id, bounds);
    expect(lines(transport)).toEqual([
      `GET ${V1}/${JOB_1}`,
      `GET ${CORE}/${JOB_1}`,
      `GET ${V1}/${JOB_2}`,
      `GET ${CORE}/${JOB_1}`,
      `GET ${V1}/${JOB_2}`,
    ]);
  });

  it.each([500, 503, 429, 401, 403])('is not the other one where the first answers %d', async (status) => {
    const { jobs: all, transport, bounds } = jobs('auto', onlyCore(text('', status)));
    expect(await thrown(all.get(JOB_1, bounds))).toMatchObject({ status });
    expect(transport.requests).toHaveLength(1);
  });

  it('is not left once it has answered, not even for a 404', async () => {
    const {
      jobs: all,
      transport,
      bounds,
    } = jobs('auto', (_, n) => (n === 1 ? json({ id: JOB_1 }) : text('', 404)));
    await all.get(JOB_1, bounds);
    expect(await thrown(all.get(JOB_1, bounds))).toMatchObject({ kind: 'not-found' });
    expect(lines(transport)).toEqual([`GET ${V1}/${JOB_1}`, `GET ${V1}/${JOB_1}`]);
  });

  it('is not kept for an answer about another job', async () => {
    const {
      jobs: all,
      transport,
      bounds,
    } = jobs('auto', ({ url }, n) =>
      n === 1 ? json({ id: JOB_2 }) : onlyCore(text('', 404))({ url } as HttpRequest),
    );
    expect(await thrown(all.get(JOB_1, bounds))).toMatchObject({ seen: "another job's answer" });
    await all.get(JOB_1, bounds);
    expect(lines(transport)).toEqual([`GET ${V1}/${JOB_1}`, `GET ${V1}/${JOB_1}`, `GET ${CORE}/${JOB_1}`]);
  });

  it('that is neither of the two is told with what both said', async () => {
    const { jobs: all, bounds } = jobs('auto', ({ url }) =>
      url.includes(V1) ? text('', 501) : json({ userMessage: 'No such job' }, 404),
    );
    expect(await thrown(all.get(JOB_1, bounds))).toMatchObject({
      kind: 'not-found',
      label: 'HTTP 501',
      status: 404,
      message:
        `HTTP 501 from https://acme.example/c${V1}/${JOB_1}. The other job API: ` +
        `HTTP 404 from https://acme.example/c${CORE}/${JOB_1}. It says: No such job`,
    });
  });

  it.each([302, 400, 403])(
    'that is the second one has not the last word: a job that the first may know yet, and %d',
    async (status) => {
      const { jobs: all, bounds } = jobs('auto', ({ url }, n) =>
        url.includes(V1) ? (n > 2 ? json({ id: JOB_1 }) : text('', 404)) : text('', status),
      );
      expect(await thrown(all.get(JOB_1, bounds))).toMatchObject({
        kind: 'not-found',
        label: 'HTTP 404',
        message: expect.stringContaining(`The other job API: HTTP ${status} from`),
      });
      expect(await all.get(JOB_1, bounds)).toMatchObject({ id: JOB_1 });
    },
  );

  it('that is the second one refuses credentials, but not those that the first has taken', async () => {
    const { jobs: all, bounds } = jobs('auto', ({ url }) => {
      if (url.includes(CORE)) return text('', 401);
      return url.includes(JOB_2) ? json({ id: JOB_2 }) : text('', 404);
    });
    expect(await thrown(all.get(JOB_1, bounds))).toMatchObject({ kind: 'unauthorized' });
    await all.get(JOB_2, bounds);
    expect(await thrown(all.get(JOB_1, bounds))).toMatchObject({ kind: 'not-found' });
  });

  it('that is the second one is not trusted in spite of its certificate', async () => {
    const untrusted = Object.assign(new Error('no'), { code: 'CERT_HAS_EXPIRED' });
    const { jobs: all, bounds } = jobs('auto', ({ url }) => (url.includes(V1) ? text('', 404) : untrusted));
    expect(await thrown(all.get(JOB_1, bounds))).toMatchObject({ kind: 'permanent' });
  });

  it.each([302, 400, 401, 403])('that is the first one is not left at %d', async (status) => {
    const { jobs: all, transport, bounds } = jobs('auto', () => text('', status));
    expect(await thrown(all.get(JOB_1, bounds))).toMatchObject({ status });
    expect(lines(transport)).toEqual([`GET ${V1}/${JOB_1}`]);
  });

  it('that fails where the other does not know the job is passing trouble', async () => {
    const { jobs: all, bounds } = jobs('auto', ({ url }) => text('', url.includes(V1) ? 404 : 503));
    expect(await thrown(all.get(JOB_1, bounds))).toMatchObject({ kind: 'transient', label: 'HTTP 503' });
  });

  it('throws what is no error of Collibra', async () => {
    const { jobs: all, bounds } = jobs('auto', () => text(''));
    const signal = AbortSignal.abort();
    expect(await thrown(all.get(JOB_1, { ...bounds, signal }))).toBe(signal.reason);
  });
});

describe('Find jobs', () => {
  const find = async (filters: JobFilters, pages: Reply[]) => {
    const { jobs: all, transport, bounds } = jobs('auto', (_, n) => pages[n - 1]);
    const found: { ids: string[]; serverTime: Date | undefined }[] = [];
    let error: unknown;
    try {
      for await (const { jobs: some, serverTime } of all.find(filters, bounds))
        found.push({ ids: some.map(({ id }) => id), serverTime });
    } catch (thrownError) {
      error = thrownError;
    }
    const queries = transport.requests.map(({ url }) => [...new URL(url).searchParams]);
    return { found, error, queries, lines: lines(transport) };
  };

  it('gives the jobs of one page, and the time of the server', async () => {
    const date = 'Mon, 02 Nov 2026 08:00:00 GMT';
    const seen = await find({}, [json({ results: [{ id: JOB_1 }, { id: JOB_2 }] }, 200, { date })]);
    expect(seen.found).toEqual([{ ids: [JOB_1, JOB_2], serverTime: new Date(date) }]);
    expect(seen.lines).toEqual([`GET ${V1}?`]);
  });

  it('sends every filter that is given', async () => {
    const filters: JobFilters = {
      name: 'Nightly & more',
      nameMatchMode: 'EXACT',
      type: ['IMPORT', 'SYNC'],
      user: 'u-1',
      pageSize: 50,
    };
    const { queries } = await find(filters, [json({ results: [] })]);
    expect(queries).toEqual([
      [
        ['name', 'Nightly & more'],
        ['nameMatchMode', 'EXACT'],
        ['type', 'IMPORT'],
        ['type', 'SYNC'],
        ['user', 'u-1'],
        ['pageSize', '50'],
      ],
    ]);
  });

  it('takes an empty cursor for none', async () => {
    const seen = await find({ name: 'n' }, [json({ results: [{ id: JOB_1 }], nextCursor: '' })]);
    expect(seen.queries).toEqual([[['name', 'n']]]);
  });

  it('goes on with the cursor until there is none', async () => {
    const seen = await find({ name: 'n' }, [
      json({ results: [{ id: JOB_1 }], nextCursor: 'c=1&' }),
      json({ results: [], nextCursor: 'c2' }),
      json({ results: [{ id: JOB_2 }], nextCursor: null }),
    ]);
    expect(seen.found.map(({ ids }) => ids)).toEqual([[JOB_1], [], [JOB_2]]);
    expect(seen.queries).toEqual([
      [['name', 'n']],
      [
        ['name', 'n'],
        ['cursor', 'c=1&'],
      ],
      [
        ['name', 'n'],
        ['cursor', 'c2'],
      ],
    ]);
  });

  it('does not go in a circle', async () => {
    const page = (nextCursor: string) => json({ results: [], nextCursor });
    const seen = await find({}, [page('a'), page('b'), page('a')]);
    expect(seen.found).toHaveLength(3);
    expect(seen.error).toMatchObject({
      kind: 'transient',
      label: 'pages that go in a circle',
      message: `${V1} gave the same cursor twice`,
    });
    expect(seen.lines).toHaveLength(3);
  });

  it('does not go on without end', async () => {
    const pages = Array.from({ length: 60 }, (_, n) => json({ results: [], nextCursor: `c${n}` }));
    const seen = await find({}, pages);
    expect(seen.lines).toHaveLength(50);
    expect(seen.error).toMatchObject({
      kind: 'transient',
      label: 'pages without end',
      message: `${V1} gave more than 50 pages`,
    });
    const last = await find({}, [...pages.slice(0, 49), json({ results: [] })]);
    expect(last.error).toBeUndefined();
  });

  it.each([{}, { results: [{}] }, { results: {} }, { results: [], nextCursor: 1 }, null])(
    'is passing trouble where its answer is none: %j',
    async (answer) => {
      const { error } = await find({}, [json(answer)]);
      expect(error).toMatchObject({ kind: 'transient', label: 'JSON that is not a page of jobs' });
    },
  );
});

describe('a deletion', () => {
  it('is a DELETE with its message in the Job API', async () => {
    for (const api of ['jobs-v1', 'auto'] as const) {
      const { jobs: all, transport, bounds } = jobs(api, () => text('', 204));
      await all.delete(JOB_1, 'Not finished & gone', bounds);
      expect(lines(transport)).toEqual([`DELETE ${V1}/${JOB_1}?message=Not+finished+%26+gone`]);
      expect(transport.requests[0]?.body).toBeUndefined();
    }
  });

  it('is a cancellation in the Core API', async () => {
    const { jobs: all, transport, bounds } = jobs('core-2.0', () => text('', 202));
    await all.delete(JOB_1, 'gone', bounds);
    expect(lines(transport)).toEqual([`POST ${CORE}/${JOB_1}/canceled`]);
    expect(transport.requests[0]?.body).toBe('{"message":"gone"}');
  });

  it('goes to the API that knows the job', async () => {
    const { jobs: all, transport, bounds } = jobs('auto', onlyCore(text('', 404)));
    await all.get(JOB_1, bounds);
    await all.delete(JOB_1, 'gone', bounds);
    expect(lines(transport).at(-1)).toBe(`POST ${CORE}/${JOB_1}/canceled`);
  });

  it('that is refused is an error', async () => {
    const { jobs: all, bounds } = jobs('auto', () => json({ userMessage: 'Not yours' }, 403));
    expect(await thrown(all.delete(JOB_1, 'gone', bounds))).toMatchObject({ kind: 'permanent', status: 403 });
  });

  it('may have a message of 128 characters', () => {
    expect(MAX_DELETE_MESSAGE).toBe(128);
  });
});
