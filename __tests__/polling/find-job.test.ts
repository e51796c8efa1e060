import { describe, expect, it } from '@jest/globals';

import type { RequestLimits } from '../../src/collibra/http/requests.ts';
import type { Job } from '../../src/collibra/job.ts';
import type { JobFilters, JobPage } from '../../src/collibra/jobs.ts';
import { describeQuery, findJob, type JobQuery } from '../../src/polling/find-job.ts';
import type { PollOptions } from '../../src/polling/poll.ts';
import { FakeClock, START_DATE, START_MS } from '../support/fake-clock.ts';
import { aJob, JOB_1, JOB_2, JOB_3 } from '../support/jobs.ts';
import { cancelAt, noCancel } from '../support/waiting.ts';
import { anError, inTurn, POLLING, recordingObserver } from './support.ts';

const MINUTE = 60_000;
const NAME = 'Nightly import';
const USER = 'b1b1b1b1-b1b1-4b1b-8b1b-b1b1b1b1b1b1';

const query: JobQuery = { name: NAME, type: undefined, user: undefined, lookbackMs: 60 * MINUTE };

/** A job as Find jobs returns it, with its creation time relative to the start of the step. */
function found(id: string, createdAfterMs?: number, more: { [Key in keyof Job]?: Job[Key] | undefined } = {}): Job {
  const created = createdAfterMs === undefined ? {} : { createdOn: new Date(START_DATE + createdAfterMs) };
  return { ...aJob({ id, name: NAME, type: 'IMPORT', ...created }), ...more } as Job;
}

type Pages = readonly (readonly Job[])[];

interface Scene {
  readonly query?: Partial<JobQuery>;
  readonly polling?: Partial<PollOptions>;
  readonly clock?: FakeClock;
  readonly signal?: AbortSignal;
  /** The server's time at each response; undefined: no Date header. */
  readonly serverTime?: (() => number) | undefined;
}

/** @param respond what Find jobs returns: always the same pages, or depending on the request and the moment */
async function find(respond: Pages | ((n: number, at: number) => Pages | Error), scene: Scene = {}) {
  const { clock = new FakeClock(), signal = noCancel(), serverTime } = scene;
  const requests: { at: number; filters: JobFilters; pagesRead: number }[] = [];
  const { observer, events } = recordingObserver(clock);
  async function* finder(filters: JobFilters, limits: RequestLimits): AsyncGenerator<JobPage> {
    const request = { at: clock.sinceStart(), filters, pagesRead: 0 };
    requests.push(request);
    await Promise.resolve();
    limits.signal.throwIfAborted();
    const response = typeof respond === 'function' ? respond(requests.length, request.at) : respond;
    if (response instanceof Error) throw response;
    for (const jobs of response) {
      request.pagesRead++;
      yield { jobs, serverTime: serverTime && new Date(serverTime()) };
    }
  }
  const polling = { ...POLLING, timeoutMs: 30_000, ...scene.polling };
  const options = { finder: { find: finder }, polling, clock, startMs: START_MS, observer };
  const result = await findJob({ ...query, ...scene.query }, options, signal);
  // The ID of the job that was found, or how the search ended otherwise.
  const ending = result.kind === 'done' ? result.value.id : result.kind;
  return { result, ending, requests, events };
}

const subject = describeQuery(query);
const absent = (at: number, delay?: number) => ({ at, subject, what: 'not found', value: '', delay });
const present = (at: number) => ({ at, subject, what: 'found', value: JOB_1 });

describe('a job by its name', () => {
  it('is found at once if it exists, by its exact name, and by its type and user if they are set', async () => {
    const search = await find([[found(JOB_1, -5 * MINUTE)]]);
    expect(search.result).toEqual({ kind: 'done', value: found(JOB_1, -5 * MINUTE) });
    expect(search.events).toEqual([present(0)]);
    const filters = { name: NAME, nameMatchMode: 'EXACT', pageSize: 50 };
    expect(search.requests).toStrictEqual([{ at: 0, filters, pagesRead: 1 }]);
    const { requests } = await find([[found(JOB_1, 0)]], { query: { type: 'IMPORT', user: 'a-user' } });
    expect(requests[0]?.filters).toEqual({ ...filters, type: ['IMPORT'], user: 'a-user' });
  });

  it.each<[string, Partial<Job>]>([
    ['another user', { user: 'c1c1c1c1-c1c1-4c1c-8c1c-c1c1c1c1c1c1' }],
    ['another type', { type: 'SYNC' }],
    ['a name that only starts the same', { name: `${NAME} 2` }],
    ['a name in another case', { name: NAME.toUpperCase() }],
    ['an ID that is no UUID, and would lead elsewhere in a URL', { id: `${JOB_1}/../../2.0/users` }],
  ])('is never one with %s, whatever the server filters', async (_, more) => {
    const scene = { query: { user: USER, type: 'IMPORT' } };
    const other = found(JOB_1, -1, { user: USER, ...more });
    expect((await find([[other, found(JOB_2, -2, { user: USER })]], scene)).ending).toBe(JOB_2);
    expect((await find([[other]], scene)).ending).toBe('timeout');
  });

  it('may have any type and user if none is set, and may lack what the server filters by', async () => {
    expect((await find([[found(JOB_1, 0, { user: USER, type: 'SYNC' })]])).ending).toBe(JOB_1);
    const bare = found(JOB_1, 0, { user: undefined, type: undefined });
    expect((await find([[bare]], { query: { user: USER, type: 'IMPORT' } })).ending).toBe(JOB_1);
  });

  it('is searched until it appears', async () => {
    const search = await find((_, at) => (at < 2_500 ? [[]] : [[found(JOB_1, 2_400)]]));
    expect(search.requests.map(({ at }) => at)).toEqual([0, 1_000, 2_000, 3_000]);
    expect(search.events).toEqual([...[0, 1_000, 2_000].map((at) => absent(at, 1_000)), present(3_000)]);
  });

  it('is searched at growing intervals, with jitter from the clock', async () => {
    const clock = new FakeClock();
    clock.chance = 0;
    const polling = { timeoutMs: 10 * MINUTE, interval: { minMs: 100, maxMs: MINUTE } };
    const { events } = await find([], { clock, polling });
    expect(events[0]?.delay).toBe(100);
    const late = events.find(({ at }) => at > 9 * MINUTE);
    expect(late?.delay).toBeCloseTo(0.9 * Math.sqrt(220 * (late?.at ?? 0)), 5);
  });

  it('that does not appear in time leads to a timeout that says so', async () => {
    const search = await find([[]], { polling: { timeoutMs: 2_500 } });
    const found = 'Found no job named "Nightly import" created at most 1 h before the step started.';
    expect(search.result).toEqual({ kind: 'timeout', reason: `${found} Not finished after 2.5 s.` });
    expect(search.events).toEqual([absent(0, 1_000), absent(1_000, 1_000), absent(2_000, 500), absent(2_500)]);
  });

  it('is searched until a cancellation', async () => {
    const clock = new FakeClock();
    expect((await find([[]], { clock, signal: cancelAt(clock, 4_500) })).ending).toBe('stopped');
    expect(clock.sinceStart()).toBe(4_500);
  });
});

describe('among several jobs', () => {
  const other = (createdAfterMs: number) => found(JOB_3, createdAfterMs, { name: 'Other' });

  const three = [found(JOB_1, -9 * MINUTE), found(JOB_2, -2 * MINUTE), found(JOB_3, -5 * MINUTE)];
  const old = Array.from({ length: 60 }, (_, i) => found(JOB_1, (i - 65) * 30_000));
  const newer = found(JOB_2, -1);
  const limit = -60 * MINUTE;
  it.each<[what: string, pages: Pages, ending: string, pagesRead: number]>([
    ['the newest is taken', [three], JOB_2, 1],
    ['the newest is taken also in the opposite order', [three.toReversed()], JOB_2, 1],
    ['the newest of unordered pages is taken', [old.slice(0, 50), [...old.slice(50), newer], []], JOB_2, 3],
    ['the next page is read after one job', [[found(JOB_1, -9)], [newer]], JOB_2, 2],
    ['the next page is read after two of the same moment', [[found(JOB_1, -9), other(-9)], [newer]], JOB_2, 2],
    ['the next page is read after no order', [[found(JOB_1, -8), other(-7), other(-9)], [newer]], JOB_2, 2],
    ['the next page is read within the look-back', [[other(-1), other(limit)], [found(JOB_2, limit)]], JOB_2, 2],
    ['no page is read beyond a match', [[other(-1)], [found(JOB_2, -2), other(-3)], [found(JOB_1, -4)]], JOB_2, 2],
    ['no page is read beyond the look-back', [[other(-1), found(JOB_2, limit - 1)], [newer]], 'timeout', 1],
    ['an undated one is ignored after a newer match', [[found(JOB_2, -9), found(JOB_1)]], JOB_2, 1],
    ['an undated one is ignored beyond the look-back', [[other(limit - 1), found(JOB_1)]], 'timeout', 1],
    ['an undated one of another name is ignored', [[found(JOB_1, undefined, { name: 'Other' }), newer]], JOB_2, 1],
  ])('%s', async (_, pages, ending, pagesRead) => {
    const search = await find(pages);
    expect(search.ending).toBe(ending);
    for (const request of search.requests) expect(request.pagesRead).toBe(pagesRead);
  });

  it.each<[name: string, pages: Pages]>([
    ['before a match', [[found(JOB_1), found(JOB_2, -MINUTE)]]],
    ['alone', [[found(JOB_1)]]],
    ['after another job that is new enough', [[other(-MINUTE), found(JOB_1)]]],
    ['in a list that is not in order', [[found(JOB_2, -MINUTE), found(JOB_1), found(JOB_3, -1)]]],
    ['in a list that turns out not to be in order', [[found(JOB_2, -MINUTE), found(JOB_1)], [other(-1)]]],
  ])('one without a creation date, listed %s, is an error that names it', async (_, pages) => {
    const search = await find(pages);
    const problem = `Job ${JOB_1} has this name but no creation date, so the newest job cannot be determined.`;
    expect(search.result).toMatchObject({ kind: 'error', reason: `${problem} Use job-id instead of job-name.` });
    expect(search.requests).toHaveLength(1);
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
    const { ending } = await find([[found(JOB_1, createdAfterMs)]], { query: { lookbackMs } });
    expect(ending).toBe(isFound ? JOB_1 : 'timeout');
  });

  it('is counted from when the step started, not from the poll', async () => {
    const clock = new FakeClock();
    await clock.sleep(30_000);
    const scene = { clock, query: { lookbackMs: 1_000 }, polling: { timeoutMs: 90_000 } };
    expect((await find((_, at) => (at < 60_000 ? [[]] : [[found(JOB_1, -900)]]), scene)).ending).toBe(JOB_1);
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
    const clock = new FakeClock();
    const { ending } = await find([[found(JOB_1, createdAfterMs)]], { clock, serverTime: () => clock.date() + skewMs });
    expect(ending).toBe(isFound ? JOB_1 : 'timeout');
  });

  it("admits no old job when this machine's clock is set while the step waits", async () => {
    const clock = new FakeClock();
    const serverTime = () => START_DATE + clock.sinceStart();
    // Two hours behind at first, and correct from the tenth second on; the server's clock is always correct.
    clock.date = () => serverTime() - (clock.sinceStart() < 10_000 ? 120 * MINUTE : 0);
    expect((await find([[found(JOB_1, -61 * MINUTE)]], { clock, serverTime })).ending).toBe('timeout');
  });
});

describe('an error', () => {
  it('that is transient is reported and retried until the outage budget is used up', async () => {
    const once = await find(inTurn<Pages | Error>(anError(503), [[found(JOB_1, 0)]]));
    expect(once.events).toEqual([{ ...absent(0, 1_000), what: 'error', value: 'HTTP 503' }, present(1_000)]);
    const { result } = await find(() => anError(502), { polling: { maxOutageMs: 2_000 } });
    expect(result).toMatchObject({ kind: 'error', cause: { label: 'HTTP 502' } });
  });

  it.each([404, 405, 501])('that says there is no Find jobs API ends the search (%d)', async (status) => {
    const error = anError(status);
    const search = await find(() => error);
    expect(search.result).toEqual({
      kind: 'error',
      reason: `job-name requires the Find jobs API (/rest/jobs/v1/jobs), which this environment does not provide. Use job-id instead. ${error.message}`,
      cause: expect.objectContaining({ kind: 'permanent', label: error.label, cause: error }),
    });
    expect(search.requests).toHaveLength(1);
  });

  it('that is permanent ends the search with its own message', async () => {
    expect((await find(() => anError(403))).result).toMatchObject({ kind: 'error', reason: 'Error 403.' });
  });
});

it.each<[more: Partial<JobQuery>, words: string]>([
  [{ type: 'IMPORT' }, 'of type IMPORT created at most 1 h'],
  [{ user: 'u-1' }, 'started by u-1 created at most 1 h'],
  [{ type: 'IMPORT', user: 'u-1', lookbackMs: 90_000 }, 'of type IMPORT, started by u-1 created at most 1 min 30 s'],
])('describes the job to find: %j', (more, words) => {
  expect(describeQuery({ ...query, ...more })).toBe(`job named "Nightly import" ${words} before the step started`);
});
