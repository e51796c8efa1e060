import { describe, expect, it } from '@jest/globals';

import type { RequestLimits } from '../../src/collibra/http/requests.ts';
import type { Job } from '../../src/collibra/job.ts';
import type { JobFilters, JobPage } from '../../src/collibra/jobs.ts';
import { describeQuery, findJob, type JobQuery } from '../../src/polling/find-job.ts';
import type { PollOptions } from '../../src/polling/poll.ts';
import { FakeClock, START_DATE, START_MS } from '../support/fake-clock.ts';
import { aJob, JOB_1, JOB_2, JOB_3 } from '../support/jobs.ts';
import { anError, canceledAt, neverCanceled, recordingObserver } from './support.ts';

const MINUTE = 60_000;
const NAME = 'Nightly import';

const query: JobQuery = { name: NAME, type: undefined, user: undefined, lookbackMs: 60 * MINUTE };

/** A job as Find jobs returns it, with its creation time relative to the start of the step. */
function found(id: string, createdAfterMs: number | undefined, more: Partial<Job> = {}): Job {
  const created = createdAfterMs === undefined ? {} : { createdOn: new Date(START_DATE + createdAfterMs) };
  return aJob({ id, name: NAME, type: 'IMPORT', ...created, ...more });
}

type Pages = readonly (readonly Job[])[];

interface Scene {
  readonly query?: Partial<JobQuery>;
  /** What Find jobs returns at a moment. */
  readonly pages: (at: number, n: number) => Pages | Error;
  readonly polling?: Partial<PollOptions>;
  readonly clock?: FakeClock;
  readonly signal?: AbortSignal;
  /** How far the server's clock is ahead; undefined: no Date header. */
  readonly skewMs?: number | undefined;
  readonly serverTime?: () => number;
}

async function find(scene: Scene) {
  const { clock = new FakeClock(), signal = neverCanceled(), pages } = scene;
  const requests: { at: number; filters: JobFilters; pagesRead: number }[] = [];
  const { observer, events } = recordingObserver(clock);
  async function* finder(filters: JobFilters, limits: RequestLimits): AsyncGenerator<JobPage> {
    const request = { at: clock.sinceStart(), filters, pagesRead: 0 };
    requests.push(request);
    await Promise.resolve();
    limits.signal.throwIfAborted();
    const response = pages(request.at, requests.length);
    if (response instanceof Error) throw response;
    for (const jobs of response) {
      request.pagesRead++;
      const serverMs = scene.serverTime?.() ?? clock.date() + (scene.skewMs ?? NaN);
      yield { jobs, serverTime: Number.isNaN(serverMs) ? undefined : new Date(serverMs) };
    }
  }
  const options = {
    finder: { find: finder },
    polling: {
      timeoutMs: 10 * MINUTE,
      maxOutageMs: MINUTE,
      interval: { minMs: 1_000, maxMs: 1_000 },
      ...scene.polling,
    },
    clock,
    startMs: START_MS,
    observer,
  };
  const result = await findJob({ ...query, ...scene.query }, options, signal);
  const id = result.kind === 'done' ? result.value.id : undefined;
  const reported = events.map(({ at, what, value, delay }) => ({ at, what, value, delay }));
  return { result, id, requests, reported, subjects: new Set(events.map(({ subject }) => subject)) };
}

const absent = (at: number, delay?: number) => ({ at, what: 'not found', value: '', delay });

describe('a job by its name', () => {
  it('is found at once if it exists', async () => {
    const search = await find({ pages: () => [[found(JOB_1, -5 * MINUTE)]] });
    expect(search.result).toEqual({ kind: 'done', value: found(JOB_1, -5 * MINUTE) });
    expect(search.reported).toEqual([{ at: 0, what: 'found', value: JOB_1, delay: undefined }]);
    expect([...search.subjects]).toEqual([describeQuery(query)]);
  });

  it('is requested by its exact name, fifty at a time', async () => {
    const { requests } = await find({ pages: () => [[found(JOB_1, 0)]] });
    expect(requests).toStrictEqual([
      { at: 0, filters: { name: NAME, nameMatchMode: 'EXACT', pageSize: 50 }, pagesRead: 1 },
    ]);
  });

  it('is requested by type and user if they are set', async () => {
    const { requests } = await find({
      query: { type: 'IMPORT', user: 'a-user' },
      pages: () => [[found(JOB_1, 0)]],
    });
    expect(requests[0]?.filters).toEqual({
      name: NAME,
      nameMatchMode: 'EXACT',
      type: ['IMPORT'],
      user: 'a-user',
      pageSize: 50,
    });
  });

  it.each([
    ['another user', { user: 'c1c1c1c1-c1c1-4c1c-8c1c-c1c1c1c1c1c1' }],
    ['a user that is missing', { user: undefined }],
    ['an ID that is no UUID, and would lead elsewhere in a URL', { id: `${JOB_1}/../../2.0/users` }],
  ])('is never one with %s, whatever the server filters', async (_, more) => {
    const user = 'b1b1b1b1-b1b1-4b1b-8b1b-b1b1b1b1b1b1';
    const other = { ...found(JOB_1, -1), user, ...more } as Job;
    const mine = { ...found(JOB_2, -2), user };
    expect((await find({ query: { user }, pages: () => [[other, mine]] })).id).toBe(JOB_2);
    const search = await find({ query: { user }, pages: () => [[other]], polling: { timeoutMs: 500 } });
    expect(search.result.kind).toBe('timeout');
  });

  it('is searched until it appears', async () => {
    const search = await find({ pages: (at) => (at < 2_500 ? [[]] : [[found(JOB_1, 2_400)]]) });
    expect(search.id).toBe(JOB_1);
    expect(search.requests.map(({ at }) => at)).toEqual([0, 1_000, 2_000, 3_000]);
    expect(search.reported).toEqual([
      absent(0, 1_000),
      absent(1_000, 1_000),
      absent(2_000, 1_000),
      { at: 3_000, what: 'found', value: JOB_1, delay: undefined },
    ]);
  });

  it('is searched at growing intervals, with jitter from the clock', async () => {
    const interval = { minMs: 100, maxMs: MINUTE };
    const clock = new FakeClock();
    clock.chance = 0;
    const pages = () => [[]];
    const { reported } = await find({ clock, pages, polling: { interval } });
    expect(reported[0]?.delay).toBe(100);
    const late = reported.find(({ at }) => at > 9 * MINUTE);
    expect(late?.delay).toBeCloseTo(0.9 * Math.sqrt(220 * (late?.at ?? 0)), 5);
  });

  it('that does not appear in time leads to a timeout that says so', async () => {
    const search = await find({ pages: () => [[]], polling: { timeoutMs: 2_500 } });
    expect(search.result).toEqual({
      kind: 'timeout',
      reason:
        'Found no job named "Nightly import" created at most 1 h before the step started. Not finished after 2.5 s.',
    });
    expect(search.reported).toEqual([absent(0, 1_000), absent(1_000, 1_000), absent(2_000, 500), absent(2_500)]);
  });

  it('is searched until a cancellation', async () => {
    const clock = new FakeClock();
    const search = await find({ clock, pages: () => [[]], signal: canceledAt(clock, 4_500) });
    expect(search.result).toEqual({ kind: 'stopped' });
    expect(clock.sinceStart()).toBe(4_500);
  });
});

describe('among several jobs', () => {
  it('the newest is taken, whatever their order', async () => {
    const three = [found(JOB_1, -9 * MINUTE), found(JOB_2, -2 * MINUTE), found(JOB_3, -5 * MINUTE)];
    expect((await find({ pages: () => [three] })).id).toBe(JOB_2);
    expect((await find({ pages: () => [three.toReversed()] })).id).toBe(JOB_2);
  });

  it.each([
    ['a name that only starts the same', { name: `${NAME} 2` }],
    ['a name in another case', { name: NAME.toUpperCase() }],
  ])('%s does not match, even if the server returns it', async (_name, more) => {
    const search = await find({ pages: () => [[found(JOB_1, -1_000, more), found(JOB_2, -MINUTE)]] });
    expect(search.id).toBe(JOB_2);
  });

  it('another type does not match if a type is set', async () => {
    const pages = () => [[found(JOB_1, -1_000, { type: 'SYNC' }), found(JOB_2, -MINUTE)]];
    expect((await find({ pages, query: { type: 'IMPORT' } })).id).toBe(JOB_2);
    expect((await find({ pages })).id).toBe(JOB_1);
  });

  it('one without a creation date does not match', async () => {
    const pages = () => [[found(JOB_1, undefined), found(JOB_2, -MINUTE)]];
    expect((await find({ pages })).id).toBe(JOB_2);
    const alone = await find({ pages: () => [[found(JOB_1, undefined)]], polling: { timeoutMs: 2_000 } });
    expect(alone.result.kind).toBe('timeout');
  });

  it('one on a later page is found', async () => {
    const search = await find({
      pages: () => [
        [found(JOB_1, -MINUTE, { name: 'Other' })],
        [found(JOB_2, -2 * MINUTE)],
        [found(JOB_3, -3 * MINUTE)],
      ],
    });
    expect(search.id).toBe(JOB_2);
    expect(search.requests).toMatchObject([{ pagesRead: 2 }]);
  });

  it('the next page is read after a job that is just new enough', async () => {
    const limit = -60 * MINUTE;
    const search = await find({
      pages: () => [[found(JOB_1, limit, { name: 'Other' })], [found(JOB_2, limit)]],
    });
    expect(search.id).toBe(JOB_2);
  });

  it('no page is read beyond the first job that is too old', async () => {
    const search = await find({
      pages: () => [
        [found(JOB_1, -MINUTE, { name: 'Other' }), found(JOB_2, -61 * MINUTE)],
        [found(JOB_3, -62 * MINUTE)],
      ],
      polling: { timeoutMs: 500 },
    });
    expect(search.result.kind).toBe('timeout');
    expect(search.requests.map(({ pagesRead }) => pagesRead)).toEqual([1, 1]);
  });
});

describe('the look-back', () => {
  it.each([
    [60 * MINUTE, -60 * MINUTE, true],
    [60 * MINUTE, -60 * MINUTE - 1, false],
    [0, 0, true],
    [0, -1, false],
    [90_000, -89_000, true],
  ])('of %d ms and a job created %d ms after the start: %j', async (lookbackMs, createdAfterMs, isFound) => {
    const search = await find({
      query: { lookbackMs },
      pages: () => [[found(JOB_1, createdAfterMs)]],
      polling: { timeoutMs: 500 },
    });
    expect(search.result.kind).toBe(isFound ? 'done' : 'timeout');
  });

  it('is counted from when the step started, not from the poll', async () => {
    const search = await find({
      query: { lookbackMs: 1_000 },
      pages: (at) => (at < 30_000 ? [[]] : [[found(JOB_1, -900)]]),
    });
    expect(search.id).toBe(JOB_1);
    const clock = new FakeClock();
    await clock.sleep(30_000);
    expect((await find({ clock, query: { lookbackMs: 1_000 }, pages: () => [[found(JOB_1, -900)]] })).id).toBe(JOB_1);
  });

  it.each([
    ['ahead, a job that seems new is too old', 5 * MINUTE, -56 * MINUTE, false],
    ['ahead, a job that is new enough is found', 5 * MINUTE, -55 * MINUTE, true],
    ['behind, a job that seems too old is found', -5 * MINUTE, -65 * MINUTE, true],
    ['behind, a job that is too old is not found', -5 * MINUTE, -66 * MINUTE, false],
    ['ahead by the duration of a request, nothing changes', 2_000, -60 * MINUTE, true],
    ['behind by the duration of a request, nothing changes', -2_000, -60 * MINUTE - 1, false],
    ['ahead by more than that, the difference counts', 2_001, -60 * MINUTE, false],
    ['behind by more than that, the difference counts', -2_001, -60 * MINUTE - 2_001, true],
    ['behind by ten minutes, the difference counts', -10 * MINUTE, -70 * MINUTE, true],
    ['behind by more than ten minutes, it is ignored', -10 * MINUTE - 1, -60 * MINUTE - 1, false],
    ['behind by two days, a job of yesterday is not found', -48 * 60 * MINUTE, -26 * 60 * MINUTE, false],
    ['behind by two days, a job of today is found', -48 * 60 * MINUTE, -60 * MINUTE, true],
  ])("with the server's clock %s", async (_name, skewMs, createdAfterMs, isFound) => {
    const search = await find({
      skewMs,
      pages: () => [[found(JOB_1, createdAfterMs)]],
      polling: { timeoutMs: 500 },
    });
    expect(search.result.kind).toBe(isFound ? 'done' : 'timeout');
  });
});

it("takes no old job for a new one when this machine's clock is set while the step waits", async () => {
  const clock = new FakeClock();
  const behindMs = 120 * MINUTE;
  // Two hours behind at first, and correct from the tenth second on; the server's clock is always correct.
  const wall = () => START_DATE + clock.sinceStart() - (clock.sinceStart() < 10_000 ? behindMs : 0);
  clock.date = wall;
  const search = await find({
    clock,
    pages: () => [[found(JOB_1, -61 * MINUTE)]],
    serverTime: () => START_DATE + clock.sinceStart(),
    polling: { timeoutMs: 30_000 },
  });
  expect(search.result.kind).toBe('timeout');
});

describe('an error', () => {
  it('that is transient is reported and retried', async () => {
    const search = await find({ pages: (_, n) => (n < 3 ? anError(503) : [[found(JOB_1, 0)]]) });
    expect(search.id).toBe(JOB_1);
    expect(search.reported.slice(0, 2)).toEqual([
      { at: 0, what: 'error', value: 'HTTP 503', delay: 1_000 },
      { at: 1_000, what: 'error', value: 'HTTP 503', delay: 1_000 },
    ]);
  });

  it.each([
    anError(404, { kind: 'not-found' }),
    anError(405, { kind: 'not-found' }),
    anError(501, { kind: 'not-implemented' }),
  ])('that says there is no Find jobs API ends the search and says what to do: $message', async (error) => {
    const search = await find({ pages: () => error });
    expect(search.result).toEqual({
      kind: 'error',
      reason: `job-name requires the Find jobs API (/rest/jobs/v1/jobs), which this environment does not provide. Use job-id instead. ${error.message}`,
      cause: expect.objectContaining({ kind: 'permanent', label: error.label, cause: error }),
    });
    expect(search.requests).toHaveLength(1);
  });

  it('that is permanent ends the search with its own message', async () => {
    const search = await find({ pages: () => anError(403, { kind: 'permanent' }) });
    expect(search.result).toMatchObject({ kind: 'error', reason: 'Error 403.' });
  });

  it('that outlasts the outage budget ends the search', async () => {
    const search = await find({ pages: () => anError(502), polling: { maxOutageMs: 2_000 } });
    expect(search.result).toMatchObject({
      kind: 'error',
      reason:
        'Collibra did not respond successfully for 2 s (3 × HTTP 502). Last error: Error 502. Check that Collibra is reachable, or increase max-outage-minutes.',
    });
  });

  it('that is a defect is thrown', async () => {
    await expect(find({ pages: () => new TypeError('a defect') })).rejects.toThrow('a defect');
  });
});

it.each<[more: Partial<JobQuery>, words: string]>([
  [{}, 'job named "Nightly import" created at most 1 h before the step started'],
  [{ type: 'IMPORT' }, 'job named "Nightly import" of type IMPORT created at most 1 h before the step started'],
  [{ user: 'u-1' }, 'job named "Nightly import" started by u-1 created at most 1 h before the step started'],
  [
    { type: 'IMPORT', user: 'u-1', lookbackMs: 90_000 },
    'job named "Nightly import" of type IMPORT, started by u-1 created at most 1 min 30 s before the step started',
  ],
])('describes the job to find: %j', (more, words) => {
  expect(describeQuery({ ...query, ...more })).toBe(words);
});
