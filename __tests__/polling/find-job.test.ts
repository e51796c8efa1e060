import { describe, expect, it } from '@jest/globals';

import type { CollibraError } from '../../src/collibra/errors.ts';
import type { RequestLimits } from '../../src/collibra/http/requests.ts';
import type { Job } from '../../src/collibra/job.ts';
import type { JobFilters, JobPage } from '../../src/collibra/jobs.ts';
import { describeQuery, findJob, type JobQuery } from '../../src/polling/find-job.ts';
import type { PollOptions } from '../../src/polling/poll.ts';
import { FakeClock, START_DATE, START_MS } from '../support/fake-clock.ts';
import { aJob, JOB_1, JOB_2, JOB_3, trouble } from '../support/jobs.ts';
import { cancelAt, noCancel } from '../support/waiting.ts';

const MINUTE = 60_000;
const NAME = 'Nightly import';

const wanted: JobQuery = { name: NAME, type: undefined, user: undefined, lookbackMs: 60 * MINUTE };

/** A job as Find jobs gives it, created so long after the start of the step. */
function found(id: string, createdAfterMs: number | undefined, more: Partial<Job> = {}): Job {
  const created = createdAfterMs === undefined ? {} : { createdOn: new Date(START_DATE + createdAfterMs) };
  return aJob({ id, name: NAME, type: 'IMPORT', ...created, ...more });
}

type Pages = readonly (readonly Job[])[];

interface Scene {
  readonly wanted?: Partial<JobQuery>;
  /** What Find jobs gives at a moment. */
  readonly pages: (at: number, n: number) => Pages | Error;
  readonly options?: Partial<PollOptions>;
  readonly clock?: FakeClock;
  readonly signal?: AbortSignal;
  /** How far the server's clock is ahead; undefined: it does not say. */
  readonly skewMs?: number | undefined;
  readonly serverTime?: () => number;
}

async function find(scene: Scene) {
  const { clock = new FakeClock(), signal = noCancel(), pages } = scene;
  const asked: { at: number; filters: JobFilters; pagesRead: number }[] = [];
  const absent: { at: number; pause: number }[] = [];
  const troubles: { at: number; seen: string; pause: number }[] = [];
  async function* finder(filters: JobFilters, bounds: RequestLimits): AsyncGenerator<JobPage> {
    const call = { at: clock.sinceStart(), filters, pagesRead: 0 };
    asked.push(call);
    await Promise.resolve();
    bounds.signal.throwIfAborted();
    const given = pages(call.at, asked.length);
    if (given instanceof Error) throw given;
    for (const jobs of given) {
      call.pagesRead++;
      const serverMs = scene.serverTime?.() ?? clock.date() + (scene.skewMs ?? NaN);
      yield { jobs, serverTime: Number.isNaN(serverMs) ? undefined : new Date(serverMs) };
    }
  }
  const polled = await findJob(
    { ...wanted, ...scene.wanted },
    {
      finder: { find: finder },
      options: {
        timeoutMs: 10 * MINUTE,
        maxOutageMs: MINUTE,
        interval: { minMs: 1_000, maxMs: 1_000 },
        ...scene.options,
      },
      clock,
      startMs: START_MS,
      onTransientError: (error: CollibraError, pause) =>
        troubles.push({ at: clock.sinceStart(), seen: error.label, pause }),
      onNotFound: (pause) => absent.push({ at: clock.sinceStart(), pause }),
    },
    signal,
  );
  return { polled, id: polled.kind === 'done' ? polled.value.id : undefined, asked, absent, troubles };
}

describe('a job by its name', () => {
  it('is found at once where it is there', async () => {
    const seen = await find({ pages: () => [[found(JOB_1, -5 * MINUTE)]] });
    expect(seen.polled).toEqual({ kind: 'done', value: found(JOB_1, -5 * MINUTE) });
    expect(seen.absent).toEqual([]);
  });

  it('is asked for by its exact name, fifty at a time', async () => {
    const { asked } = await find({ pages: () => [[found(JOB_1, 0)]] });
    expect(asked).toStrictEqual([
      { at: 0, filters: { name: NAME, nameMatchMode: 'EXACT', pageSize: 50 }, pagesRead: 1 },
    ]);
  });

  it('is asked for by type and user, where they are given', async () => {
    const { asked } = await find({
      wanted: { type: 'IMPORT', user: 'a-user' },
      pages: () => [[found(JOB_1, 0)]],
    });
    expect(asked[0]?.filters).toEqual({
      name: NAME,
      nameMatchMode: 'EXACT',
      type: ['IMPORT'],
      user: 'a-user',
      pageSize: 50,
    });
  });

  it.each([
    ['another user', { user: 'c1c1c1c1-c1c1-4c1c-8c1c-c1c1c1c1c1c1' }],
    ['a user that is not told', { user: undefined }],
    ['an id that is none, and would lead elsewhere in a URL', { id: `${JOB_1}/../../2.0/users` }],
  ])('is not one with %s, whatever the server filters', async (_, more) => {
    const user = 'b1b1b1b1-b1b1-4b1b-8b1b-b1b1b1b1b1b1';
    const other = { ...found(JOB_1, -1), user, ...more } as Job;
    const mine = { ...found(JOB_2, -2), user };
    expect((await find({ wanted: { user }, pages: () => [[other, mine]] })).id).toBe(JOB_2);
    const seen = await find({ wanted: { user }, pages: () => [[other]], options: { timeoutMs: 500 } });
    expect(seen.polled.kind).toBe('timeout');
  });

  it('is waited for until it appears', async () => {
    const seen = await find({ pages: (at) => (at < 2_500 ? [[]] : [[found(JOB_1, 2_400)]]) });
    expect(seen.id).toBe(JOB_1);
    expect(seen.asked.map(({ at }) => at)).toEqual([0, 1_000, 2_000, 3_000]);
    expect(seen.absent).toEqual([
      { at: 0, pause: 1_000 },
      { at: 1_000, pause: 1_000 },
      { at: 2_000, pause: 1_000 },
    ]);
  });

  it('is waited for in growing pauses, with the jitter of the clock', async () => {
    const pace = { minMs: 100, maxMs: MINUTE };
    const clock = new FakeClock();
    clock.chance = 0;
    const pages = () => [[]];
    const { absent } = await find({ clock, pages, options: { interval: pace } });
    expect(absent[0]?.pause).toBe(100);
    const late = absent.find(({ at }) => at > 9 * MINUTE);
    expect(late?.pause).toBeCloseTo(0.9 * Math.sqrt(220 * (late?.at ?? 0)), 5);
  });

  it('that does not appear in time is a time-out that says so', async () => {
    const seen = await find({ pages: () => [[]], options: { timeoutMs: 2_500 } });
    expect(seen.polled).toEqual({
      kind: 'timeout',
      reason:
        'No job named "Nightly import" created at most 1 h before the step started appeared. Not finished after 2.5 s',
    });
    expect(seen.asked.map(({ at }) => at)).toEqual([0, 1_000, 2_500]);
    // After the last look there is no next one to be told of.
    expect(seen.absent.map(({ at }) => at)).toEqual([0, 1_000]);
  });

  it('is looked for until a cancellation', async () => {
    const clock = new FakeClock();
    const seen = await find({ clock, pages: () => [[]], signal: cancelAt(clock, 4_500) });
    expect(seen.polled).toEqual({ kind: 'stopped' });
    expect(clock.sinceStart()).toBe(4_500);
  });
});

describe('among several jobs', () => {
  it('the newest counts, whatever their order', async () => {
    const three = [found(JOB_1, -9 * MINUTE), found(JOB_2, -2 * MINUTE), found(JOB_3, -5 * MINUTE)];
    expect((await find({ pages: () => [three] })).id).toBe(JOB_2);
    expect((await find({ pages: () => [three.toReversed()] })).id).toBe(JOB_2);
  });

  it.each([
    ['a name that only begins so', { name: `${NAME} 2` }],
    ['a name in another case', { name: NAME.toUpperCase() }],
  ])('%s does not count, even if the server lets it through', async (_name, more) => {
    const seen = await find({ pages: () => [[found(JOB_1, -1_000, more), found(JOB_2, -MINUTE)]] });
    expect(seen.id).toBe(JOB_2);
  });

  it('another type does not count where one is asked for', async () => {
    const pages = () => [[found(JOB_1, -1_000, { type: 'SYNC' }), found(JOB_2, -MINUTE)]];
    expect((await find({ pages, wanted: { type: 'IMPORT' } })).id).toBe(JOB_2);
    expect((await find({ pages })).id).toBe(JOB_1);
  });

  it('one that does not tell when it was created does not count', async () => {
    const pages = () => [[found(JOB_1, undefined), found(JOB_2, -MINUTE)]];
    expect((await find({ pages })).id).toBe(JOB_2);
    const alone = await find({ pages: () => [[found(JOB_1, undefined)]], options: { timeoutMs: 2_000 } });
    expect(alone.polled.kind).toBe('timeout');
  });

  it('one on a later page is found', async () => {
    const seen = await find({
      pages: () => [
        [found(JOB_1, -MINUTE, { name: 'Other' })],
        [found(JOB_2, -2 * MINUTE)],
        [found(JOB_3, -3 * MINUTE)],
      ],
    });
    expect(seen.id).toBe(JOB_2);
    expect(seen.asked).toMatchObject([{ pagesRead: 2 }]);
  });

  it('the next page is read after a job that is just young enough', async () => {
    const limit = -60 * MINUTE;
    const seen = await find({
      pages: () => [[found(JOB_1, limit, { name: 'Other' })], [found(JOB_2, limit)]],
    });
    expect(seen.id).toBe(JOB_2);
  });

  it('no page is read beyond the first job that is too old', async () => {
    const seen = await find({
      pages: () => [
        [found(JOB_1, -MINUTE, { name: 'Other' }), found(JOB_2, -61 * MINUTE)],
        [found(JOB_3, -62 * MINUTE)],
      ],
      options: { timeoutMs: 500 },
    });
    expect(seen.polled.kind).toBe('timeout');
    expect(seen.asked.map(({ pagesRead }) => pagesRead)).toEqual([1, 1]);
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
    const seen = await find({
      wanted: { lookbackMs },
      pages: () => [[found(JOB_1, createdAfterMs)]],
      options: { timeoutMs: 500 },
    });
    expect(seen.polled.kind).toBe(isFound ? 'done' : 'timeout');
  });

  it('is counted from when the step started, not from the look', async () => {
    const seen = await find({
      wanted: { lookbackMs: 1_000 },
      pages: (at) => (at < 30_000 ? [[]] : [[found(JOB_1, -900)]]),
    });
    expect(seen.id).toBe(JOB_1);
    const clock = new FakeClock();
    await clock.sleep(30_000);
    expect(
      (await find({ clock, wanted: { lookbackMs: 1_000 }, pages: () => [[found(JOB_1, -900)]] })).id,
    ).toBe(JOB_1);
  });

  it.each([
    ['ahead, a job that seems young is too old', 5 * MINUTE, -56 * MINUTE, false],
    ['ahead, a job that is young enough is found', 5 * MINUTE, -55 * MINUTE, true],
    ['behind, a job that seems too old is found', -5 * MINUTE, -65 * MINUTE, true],
    ['behind, a job that is too old is not found', -5 * MINUTE, -66 * MINUTE, false],
    ['ahead by what a request takes, nothing changes', 2_000, -60 * MINUTE, true],
    ['behind by what a request takes, nothing changes', -2_000, -60 * MINUTE - 1, false],
    ['ahead by more than that, it counts', 2_001, -60 * MINUTE, false],
    ['behind by more than that, it counts', -2_001, -60 * MINUTE - 2_001, true],
    ['behind by ten minutes, it counts', -10 * MINUTE, -70 * MINUTE, true],
    ['behind by more than ten minutes, it is not believed', -10 * MINUTE - 1, -60 * MINUTE - 1, false],
    ['behind by two days, a job of yesterday is not found', -48 * 60 * MINUTE, -26 * 60 * MINUTE, false],
    ['behind by two days, a job of today is found', -48 * 60 * MINUTE, -60 * MINUTE, true],
  ])("with the server's clock %s", async (_name, skewMs, createdAfterMs, isFound) => {
    const seen = await find({
      skewMs,
      pages: () => [[found(JOB_1, createdAfterMs)]],
      options: { timeoutMs: 500 },
    });
    expect(seen.polled.kind).toBe(isFound ? 'done' : 'timeout');
  });
});

it("makes no old job young when this machine's clock is set while the step waits", async () => {
  const clock = new FakeClock();
  const behindMs = 120 * MINUTE;
  // Two hours behind at first, and right from the tenth second on; the server's clock is right all the time.
  const wall = () => START_DATE + clock.sinceStart() - (clock.sinceStart() < 10_000 ? behindMs : 0);
  clock.date = wall;
  const seen = await find({
    clock,
    pages: () => [[found(JOB_1, -61 * MINUTE)]],
    serverTime: () => START_DATE + clock.sinceStart(),
    options: { timeoutMs: 30_000 },
  });
  expect(seen.polled.kind).toBe('timeout');
});

describe('trouble', () => {
  it('is borne and told', async () => {
    const seen = await find({ pages: (_, n) => (n < 3 ? trouble(503) : [[found(JOB_1, 0)]]) });
    expect(seen.id).toBe(JOB_1);
    expect(seen.troubles).toEqual([
      { at: 0, seen: 'HTTP 503', pause: 1_000 },
      { at: 1_000, seen: 'HTTP 503', pause: 1_000 },
    ]);
  });

  it.each([trouble(404, { kind: 'not-found' }), trouble(405, { kind: 'not-found' }), trouble(501)])(
    'that says there is no Find jobs is final and tells what to do: $message',
    async (error) => {
      const seen = await find({ pages: () => error });
      expect(seen.polled).toEqual({
        kind: 'error',
        reason: `This environment has no Find jobs (/rest/jobs/v1/jobs), which job-name needs: give job-id. ${error.message}`,
        cause: expect.objectContaining({ kind: 'permanent', seen: error.label, cause: error }),
      });
      expect(seen.asked).toHaveLength(1);
    },
  );

  it('that is final ends the search with its own words', async () => {
    const seen = await find({ pages: () => trouble(403, { kind: 'permanent' }) });
    expect(seen.polled).toMatchObject({ kind: 'error', reason: 'Trouble 403' });
  });

  it('that lasts ends the search', async () => {
    const seen = await find({ pages: () => trouble(502), options: { maxOutageMs: 2_000 } });
    expect(seen.polled).toMatchObject({
      kind: 'error',
      reason: 'Gave up: no good answer for 2 s (3 × HTTP 502). Last: Trouble 502',
    });
  });

  it('that is a defect is thrown', async () => {
    await expect(find({ pages: () => new TypeError('a defect') })).rejects.toThrow('a defect');
  });
});

it.each<[more: Partial<JobQuery>, words: string]>([
  [{}, 'job named "Nightly import" created at most 1 h before the step started'],
  [
    { type: 'IMPORT' },
    'job named "Nightly import" of type IMPORT created at most 1 h before the step started',
  ],
  [{ user: 'u-1' }, 'job named "Nightly import" started by u-1 created at most 1 h before the step started'],
  [
    { type: 'IMPORT', user: 'u-1', lookbackMs: 90_000 },
    'job named "Nightly import" of type IMPORT, started by u-1 created at most 1 min 30 s before the step started',
  ],
])('what is looked for is described: %j', (more, words) => {
  expect(describeQuery({ ...wanted, ...more })).toBe(words);
});
