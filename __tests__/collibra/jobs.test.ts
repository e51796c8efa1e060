import { describe, expect, it } from '@jest/globals';

import { CollibraError, type ErrorKind } from '../../src/collibra/errors.ts';
import type { JobFilters } from '../../src/collibra/find-jobs.ts';
import type { Job, JobApi } from '../../src/collibra/job.ts';
import { Jobs, MAX_DELETE_MESSAGE } from '../../src/collibra/jobs.ts';
import { json, lines, type Reply, text, thrown } from '../support/http.ts';
import { JOB_1, JOB_2 } from '../support/jobs.ts';
import { fakeCollibra, type Replies } from './support.ts';

const V1 = '/rest/jobs/v1/jobs';
const CORE = '/rest/2.0/jobs';

/** Jobs of a fake Collibra. */
function fakeJobs(api: JobApi | 'auto', reply: Replies) {
  const { client, transport, limits } = fakeCollibra(reply);
  const jobs = new Jobs(client, api);
  return {
    get: (id = JOB_1) => jobs.get(id, limits),
    remove: (message: string) => jobs.delete(JOB_1, message, limits),
    find: (filters: JobFilters) => jobs.find(filters, limits),
    transport,
    lines: () => lines(transport),
  };
}

/** Replies of two job APIs, by whether the requested one is v1. */
const twoApis =
  (v1: Reply, core: Reply): Replies =>
  ({ url }) =>
    url.includes(V1) ? v1 : core;

const JOB = { id: JOB_1 };

const APIS: [api: JobApi, path: string][] = [
  ['jobs-v1', V1],
  ['core-2.0', CORE],
];

describe('a job', () => {
  const read = (response: unknown, api: JobApi = 'jobs-v1') => fakeJobs(api, () => json(response)).get();

  it('is read from the Job API, with dates as text', async () => {
    const verdict = { state: 'COMPLETED', result: 'SUCCESS', message: 'Done', progressPercentage: 100 };
    const fields = { name: 'Nightly import', type: 'IMPORT', ...verdict };
    const dates = {
      createdOn: '2026-11-02T08:00:00Z',
      startDate: '2026-11-02T09:00:01.5+01:00',
      endDate: '2026-11-02T08:02:00.000Z',
    };
    const ids = { id: JOB_1.toUpperCase(), user: JOB_2.toUpperCase() };
    expect(await read({ ...fields, ...ids, ...dates, selfManaged: true })).toEqual({
      ...fields,
      id: JOB_1,
      user: JOB_2,
      createdOn: new Date('2026-11-02T08:00:00Z'),
      startDate: new Date('2026-11-02T08:00:01.500Z'),
      endDate: new Date('2026-11-02T08:02:00Z'),
    });
  });

  it('is read from the Core API, with dates as numbers of milliseconds or of seconds', async () => {
    const fields = { id: JOB_1, state: 'ERROR', result: 'FAILURE', progressPercentage: 12.5 };
    const dates = { createdOn: 1_793_606_400_000, startDate: 1_793_606_401, endDate: 1_793_606_402.5 };
    const dropped = { resourceType: 'Job', cancelable: false };
    expect(await read({ ...fields, ...dates, ...dropped, userId: JOB_2.toUpperCase() }, 'core-2.0')).toEqual({
      ...fields,
      user: JOB_2,
      message: '',
      createdOn: new Date('2026-11-02T08:00:00Z'),
      startDate: new Date('2026-11-02T08:00:01Z'),
      endDate: new Date('2026-11-02T08:00:02.500Z'),
    });
  });

  const odd = { state: '__proto__', result: ' PAUSED ', message: '::error::x\u0000' };
  const bare = { id: JOB_1, state: '', result: '', message: '' };
  it.each<[fields: object, job: Partial<Job>]>([
    [{}, {}],
    [{ name: null, type: null, user: null, state: null, result: null, message: null }, {}],
    [{ progressPercentage: null, createdOn: null, startDate: null, endDate: null }, {}],
    // Fields that decide nothing are dropped if they are of an unexpected type.
    [{ name: 7, type: ['IMPORT'], user: { id: 'someone' } }, {}],
    [{ createdOn: {}, startDate: true, endDate: [2026, 11, 2] }, {}],
    [{ progressPercentage: 'NaN' }, {}],
    [{ progressPercentage: '50.0' }, {}],
    [{ progressPercentage: 1e308 }, { progressPercentage: 1e308 }],
    [{ progressPercentage: 0 }, { progressPercentage: 0 }],
    // A message is shown, whatever it is.
    [{ message: { code: 'x', rows: [1] } }, { message: '{"code":"x","rows":[1]}' }],
    [{ message: 7 }, { message: '7' }],
    // Unknown values are kept as they are.
    [odd, odd],
  ])('with the fields %j is usable', async (fields, job) => {
    expect(await read({ id: JOB_1, ...fields })).toStrictEqual({ ...bare, ...job });
  });

  it.each<[iso: string | undefined, ...createdOn: (string | number)[]]>([
    [undefined, 'yesterday', '', 1e300, 0, -1, '1970-01-01T00:00:00Z'],
    ['1970-01-01T00:00:01.000Z', 1],
    ['5138-11-16T09:46:39.000Z', 99_999_999_999],
    ['1973-03-03T09:46:40.000Z', 100_000_000_000],
    ['2026-11-02T08:00:00.000Z', '1793606400', '1793606400000', '2026-11-02T08:00', '2026-11-02 08:00:00'],
    ['2026-11-02T08:00:00.123Z', '2026-11-02T08:00:00.123', '2026-11-02T08:00:00.123456'],
    ['2026-11-02T00:00:00.000Z', '2026-11-02'],
    ['2026-11-02T13:00:00.000Z', '2026-11-02T08:00:00-05:00'],
  ])('has the date %j if it was created on %j or the like', async (iso, ...dates) => {
    for (const createdOn of dates) expect((await read({ id: JOB_1, createdOn })).createdOn?.toISOString()).toBe(iso);
  });

  const noJobs = [{}, { id: 7 }, { id: JOB_1, state: 7 }, { id: JOB_1, result: ['SUCCESS'] }, [], [JOB], null, 'job'];
  it.each(noJobs)('cannot be read from %j, which is transient', async (response) => {
    expect(await thrown(read(response))).toMatchObject({ kind: 'transient', label: 'JSON that is not a job' });
  });

  it.each(APIS)('of another ID is a transient error of %s', async (api, path) => {
    const other = { id: JOB_2, state: 'COMPLETED', result: 'SUCCESS' };
    const message = `${path}/${JOB_1} returned another job (${JOB_2}).`;
    expect(await thrown(read(other, api))).toMatchObject({ kind: 'transient', label: 'another job', message });
  });
});

describe('the job API', () => {
  const all: [api: JobApi | 'auto', path: string][] = [...APIS, ['auto', V1]];
  it.each(all)('%s is requested at %s, and kept after a success, also for a 404', async (api, path) => {
    const { get, lines } = fakeJobs(api, (_, n) => (n === 1 ? json(JOB) : text('', 404)));
    await get();
    const message = `HTTP 404 from https://acme.example/c${path}/${JOB_1}. Check url and the job ID.`;
    expect(await thrown(get())).toMatchObject({ kind: 'not-found', message });
    expect(lines()).toEqual([`GET ${path}/${JOB_1}`, `GET ${path}/${JOB_1}`]);
  });

  it.each(APIS)('%s is not left for the other one if it is chosen', async (api, path) => {
    const { get, lines } = fakeJobs(api, () => text('', 404));
    expect(await thrown(get())).toMatchObject({ kind: 'not-found' });
    expect(lines()).toEqual([`GET ${path}/${JOB_1}`]);
  });

  const gateway = json({ message: 'Missing Authentication Token' }, 403);
  const replies: Record<string, [reply: Reply, label: string]> = {
    gateway: [gateway, 'HTTP 403'],
    page: [text('<html><title>Sign in</title>'), 'an HTML page instead of JSON (a login or maintenance page?)'],
    other: [json({ id: JOB_2 }), 'another job'],
    unreachable: [Object.assign(new Error('no'), { code: 'ECONNREFUSED' }), 'connection refused'],
    nothing: [undefined, 'no response in time'],
  };
  it.each<[what: string, v1: Reply]>([
    ...[204, 302, 400, 401, 403, 404, 405, 410, 500, 501, 503].map((n): [string, Reply] => [`HTTP ${n}`, text('', n)]),
    ...Object.values(replies).map(([reply, label]): [string, Reply] => [label, reply]),
  ])('changes for good if v1 fails with %s and the Core API knows the job', async (_, v1) => {
    const { get, lines } = fakeJobs('auto', twoApis(v1, json(JOB)));
    expect(await get()).toMatchObject({ id: JOB_1 });
    await get();
    expect(lines()).toEqual([`GET ${V1}/${JOB_1}`, `GET ${CORE}/${JOB_1}`, `GET ${CORE}/${JOB_1}`]);
  });

  it('is remembered for each job', async () => {
    const { get, lines } = fakeJobs('auto', ({ url }) =>
      url.includes(`${V1}/${JOB_1}`) ? text('', 404) : json({ id: url.split('/').at(-1) }),
    );
    for (const id of [JOB_1, JOB_2, JOB_1, JOB_2]) await get(id);
    const later = [`GET ${CORE}/${JOB_1}`, `GET ${V1}/${JOB_2}`];
    expect(lines()).toEqual([`GET ${V1}/${JOB_1}`, ...later, ...later]);
  });

  /** The star is at the failure that decides. */
  it.each<[kind: ErrorKind, failures: string]>([
    // The job may only just have been submitted.
    ['not-found', '*404 404, *501 404, *404 501, *501 501, *501 403, gateway *404, 302 *404, *404 403, *404 400'],
    ['transient', 'gateway *503, 302 *503, 401 *503, *page 403, *other 404, 404 *unreachable, *unreachable 503'],
    ['server-error', '404 *500, *500 403'],
    // Nothing will change.
    ['permanent', '*gateway gateway, *302 403'],
    ['unauthorized', '*401 404, 404 *401, gateway *401'],
  ])('may fail in both forms, which is %s: %s', async (kind, failures) => {
    for (const pair of failures.split(', ')) {
      const replyTo = (name: string) => replies[name] ?? [text('', Number(name)), `HTTP ${name}`];
      const [v1 = '', core = ''] = pair.replace('*', '').split(' ');
      const { get, lines } = fakeJobs('auto', twoApis(replyTo(v1)[0], replyTo(core)[0]));
      const [, label] = replyTo(pair.startsWith('*') ? v1 : core);
      const message = expect.stringMatching(/^Neither job API returned the job\. Job API: .* Core REST API: /);
      expect(await thrown(get())).toMatchObject({ kind, label, message });
      // Neither is remembered.
      await thrown(get());
      expect(lines()).toEqual([V1, CORE, V1, CORE].map((path) => `GET ${path}/${JOB_1}`));
    }
  });

  it('is the only one that is asked if every request would fail in the same way', async () => {
    const untrusted = Object.assign(new Error('expired'), { code: 'CERT_HAS_EXPIRED' });
    const { get, lines } = fakeJobs('auto', twoApis(untrusted, json(JOB)));
    expect(await thrown(get())).toMatchObject({ kind: 'permanent', isShared: true });
    expect(lines()).toEqual([`GET ${V1}/${JOB_1}`]);
  });

  it('keeps Retry-After and the advice of the failure that decides', async () => {
    const { get } = fakeJobs('auto', twoApis(text('', 502, { 'retry-after': '7' }), text('', 404)));
    expect(await thrown(get())).toMatchObject({ kind: 'transient', retryAfterMs: 7_000 });
    const { get: rejected } = fakeJobs('auto', twoApis(text('', 401), text('', 404)));
    expect(await thrown(rejected())).toMatchObject({ kind: 'unauthorized', advice: expect.stringMatching(/\S/) });
  });

  it('is quoted in both forms, with one advice', async () => {
    const { get } = fakeJobs('auto', twoApis(gateway, json({ userMessage: 'No such job' }, 404)));
    const v1 = `HTTP 403 from https://acme.example/c${V1}/${JOB_1}. Server response: Missing Authentication Token.`;
    const core = `HTTP 404 from https://acme.example/c${CORE}/${JOB_1}. Server response: No such job.`;
    const both = `Neither job API returned the job. Job API: ${v1} Core REST API: ${core} Check url and the job ID.`;
    expect(await thrown(get())).toMatchObject({ message: both });
  });

  it('may reject credentials as the second one, unless v1 has accepted them', async () => {
    const { get } = fakeJobs('auto', ({ url }) => {
      if (url.includes(CORE)) return text('', 401);
      return url.includes(JOB_2) ? json({ id: JOB_2 }) : text('', 404);
    });
    expect(await thrown(get())).toMatchObject({ kind: 'unauthorized' });
    await get(JOB_2);
    expect(await thrown(get())).toMatchObject({ kind: 'not-found' });
  });

  it.each([undefined, new CollibraError('transient', 'no time left', 'There was no time left.')])(
    'is not left for the other one when the request is aborted: %j',
    async (reason) => {
      const { client, limits } = fakeCollibra(() => text(''));
      const signal = AbortSignal.abort(reason);
      expect(await thrown(new Jobs(client, 'auto').get(JOB_1, { ...limits, signal }))).toBe(signal.reason);
    },
  );
});

describe('Find jobs', () => {
  const find = async (filters: JobFilters, pages: Reply[], api: JobApi | 'auto' = 'auto') => {
    const { find: search, lines } = fakeJobs(api, (_, n) => pages[n - 1]);
    const found: { ids: string[]; serverTime: Date | undefined }[] = [];
    const read = async () => {
      for await (const { jobs, serverTime } of search(filters))
        found.push({ ids: jobs.map(({ id }) => id), serverTime });
    };
    const error = await read().catch((error: unknown) => error);
    return { found, error, lines: lines() };
  };
  const page = (nextCursor?: unknown, ids: string[] = []) => json({ results: ids.map((id) => ({ id })), nextCursor });

  it('returns the jobs of one page, and the server time', async () => {
    const date = 'Mon, 02 Nov 2026 08:00:00 GMT';
    const { found, lines } = await find({}, [{ ...page(undefined, [JOB_1, JOB_2]), headers: { date } }]);
    expect(found).toEqual([{ ids: [JOB_1, JOB_2], serverTime: new Date(date) }]);
    expect(lines).toEqual([`GET ${V1}?`]);
  });

  const everyFilter = { name: 'A & b', nameMatchMode: 'EXACT', type: 'IMPORT', user: 'u-1', pageSize: 50 } as const;
  it.each<[api: JobApi, line: string]>([
    ['jobs-v1', `GET ${V1}?name=A+%26+b&nameMatchMode=EXACT&type=IMPORT&user=u-1&pageSize=50`],
    ['core-2.0', `GET ${CORE}?name=A+%26+b&nameMatchMode=EXACT&types=IMPORT&createdBy=u-1&limit=50`],
  ])('sends every filter by the names of %s', async (api, line) => {
    expect((await find(everyFilter, [page()], api)).lines).toEqual([line]);
    expect((await find({ type: undefined, user: undefined }, [page()], api)).lines).toEqual([
      line.replace(/\?.*/, '?'),
    ]);
  });

  it.each([undefined, null, ''])('ends at the cursor %j', async (none) => {
    const { found, lines } = await find({ name: 'n' }, [page('c=1&', [JOB_1]), page('c2'), page(none, [JOB_2])]);
    expect(found.map(({ ids }) => ids)).toEqual([[JOB_1], [], [JOB_2]]);
    const first = `GET ${V1}?name=n`;
    expect(lines).toEqual([first, `${first}&cursor=c%3D1%26`, `${first}&cursor=c2`]);
  });

  it.each<[name: string, pages: Reply[]]>([
    ['cursor', [page('a'), page('b'), page('a')]],
    ['page', [page('a', [JOB_1]), page('b', [JOB_2]), page('c', [JOB_2, JOB_1])]],
  ])('stops at a repeated %s', async (_, pages) => {
    const { found, error, lines } = await find({}, pages);
    const message = `${V1} returned the same page twice.`;
    expect(error).toMatchObject({ kind: 'transient', label: 'endless pages', message });
    expect([found.length, lines.length]).toEqual([3, 3]);
  });

  it('stops after 50 pages', async () => {
    const pages = Array.from({ length: 60 }, (_, n) => page(`c${n}`));
    const { error, lines } = await find({}, pages);
    expect(lines).toHaveLength(50);
    const message = `${V1} returned more than 50 pages.`;
    expect(error).toMatchObject({ kind: 'transient', label: 'endless pages', message });
    expect(await find({}, [...pages.slice(0, 49), page()])).toMatchObject({ error: undefined });
  });

  const corePage = (total: unknown, ...ids: string[]) => json({ results: ids.map((id) => ({ id })), total });
  it.each<[name: string, pages: Reply[], found: string[][], error: string | undefined]>([
    ['the total is reached', [corePage(2, JOB_1, JOB_2)], [[JOB_1, JOB_2]], undefined],
    ['the total is reached later', [corePage(2, JOB_1), corePage(2, JOB_2)], [[JOB_1], [JOB_2]], undefined],
    ['a page is empty', [corePage(9, JOB_1), corePage(9)], [[JOB_1], []], undefined],
    ['a page is empty, without a total', [corePage(0, JOB_1), corePage(0)], [[JOB_1], []], undefined],
    ['a page comes again, without a total', [corePage('2', JOB_1), corePage(null, JOB_1)], [[JOB_1], []], undefined],
    ['new jobs have moved others', [corePage(2, JOB_1), corePage(3, JOB_1, JOB_2)], [[JOB_1], [JOB_2]], undefined],
    ['a page comes again', [corePage(9, JOB_1), corePage(9, JOB_1)], [[JOB_1], []], 'the same page twice.'],
  ])('reads pages by offset until %s', async (_, pages, ids, error) => {
    const search = await find({}, pages, 'core-2.0');
    expect(search.found.map((one) => one.ids)).toEqual(ids);
    expect(search.lines).toEqual([`GET ${CORE}?`, `GET ${CORE}?offset=1`].slice(0, ids.length));
    expect((search.error as Error | undefined)?.message).toBe(error && `${CORE} returned ${error}`);
  });

  it.each<[what: string, statuses: number[], lines: string[], error: object]>([
    ['no API serves it', [404, 501], [V1, CORE], { kind: 'permanent', label: 'HTTP 501' }],
    ['the second fails otherwise', [405, 503], [V1, CORE], { kind: 'transient', label: 'HTTP 503' }],
    ['the second forbids it', [410, 401], [V1, CORE], { kind: 'unauthorized', advice: 'Check token.' }],
    ['the first fails otherwise', [503], [V1], { kind: 'transient', label: 'HTTP 503' }],
  ])('fails if %s (%j)', async (_, statuses, paths, error) => {
    const { error: thrown, lines } = await find(
      {},
      statuses.map((status) => text('', status)),
    );
    expect(lines).toEqual(paths.map((path) => `GET ${path}?`));
    expect(thrown).toMatchObject(error);
    const { message } = thrown as Error;
    const both = /HTTP 4\d\d from .*jobs\/v1\/jobs\. HTTP \d+ from .*2\.0\/jobs\./;
    if (paths.length > 1) expect(message).toMatch(both);
    else expect(message).toMatch(/^HTTP 503 from/);
  });

  it('stays with the API that has responded', async () => {
    const { find: search, lines } = fakeJobs('auto', (_, n) => [text('', 404), page(), page(), text('', 404)][n - 1]);
    const read = async () => {
      for await (const { jobs } of search({})) expect(jobs).toEqual([]);
    };
    await read();
    await read();
    expect(await thrown(read())).toMatchObject({
      kind: 'permanent',
      message: expect.stringMatching(
        /^job-name requires the Find jobs API of .*\. Use job-id instead\. HTTP 404 from /,
      ),
    });
    expect(lines()).toEqual([V1, CORE, CORE, CORE].map((path) => `GET ${path}?`));
  });

  const noPages = [{}, { results: [{}] }, { results: {} }, { results: [], nextCursor: 1 }, null, []];
  it.each(noPages)('cannot read the page %j, which is transient', async (response) => {
    const { error } = await find({}, [json(response)]);
    expect(error).toMatchObject({ kind: 'transient', label: 'JSON that is not a page of jobs' });
  });
});

describe('a deletion', () => {
  const [v1Line, coreLine] = [`DELETE ${V1}/${JOB_1}?message=a+%26+b`, `POST ${CORE}/${JOB_1}/canceled`];
  it.each<[api: JobApi | 'auto', line: string, body: string | undefined]>([
    ['jobs-v1', v1Line, undefined],
    ['auto', v1Line, undefined],
    ['core-2.0', coreLine, '{"message":"a & b"}'],
  ])('with %s is the request %s with the body %s', async (api, line, body) => {
    const { remove, lines, transport } = fakeJobs(api, () => text('', 202));
    await remove('a & b');
    expect(lines()).toEqual([line]);
    expect(transport.requests[0]?.body).toBe(body);
  });

  it('uses the API that knows the job, and may have a message of 128 characters', async () => {
    const { get, remove, lines } = fakeJobs('auto', twoApis(text('', 404), json(JOB)));
    await get();
    await remove('gone');
    expect(lines().at(-1)).toBe(coreLine);
    expect(MAX_DELETE_MESSAGE).toBe(128);
  });
});
