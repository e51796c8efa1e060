import { describe, expect, it } from '@jest/globals';

import type { JobFilters, JobPage } from '../../src/collibra/find-jobs.ts';
import type { RequestLimits } from '../../src/collibra/http/requests.ts';
import type { Job } from '../../src/collibra/job.ts';
import { describeQuery, isLike, type JobQuery } from '../../src/job-query.ts';
import { findJob } from '../../src/polling/find-job.ts';
import type { PollOptions } from '../../src/polling/poll.ts';
import { shorten } from '../../src/text.ts';
import { FakeClock, START_DATE, START_MS } from '../support/fake-clock.ts';
import { aJob, JOB_1, JOB_2, JOB_3 } from '../support/jobs.ts';
import { cancelAt, noCancel } from '../support/waiting.ts';
import { anError, inTurn, POLLING, recordingObserver } from './support.ts';

const MINUTE = 60_000;
const NAME = 'Nightly import';
const USER = 'b1b1b1b1-b1b1-4b1b-8b1b-b1b1b1b1b1b1';

const any = { type: undefined, user: undefined };
const query: JobQuery = { name: NAME, nameMatch: 'exact', ...any, lookbackMs: 60 * MINUTE };
const NOTHING =
  'Collibra listed no job of this or a similar name. ' +
  'Check job-name and the permissions of the user, or increase timeout-minutes.';

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
  /** How long a response takes, in milliseconds. */
  readonly takesMs?: (filters: JobFilters) => number;
}

/** @param respond what Find jobs returns: always the same pages, or depending on the request and the moment */
async function find(
  respond: Pages | ((n: number, at: number, filters: JobFilters) => Pages | Error),
  scene: Scene = {},
) {
  const { clock = new FakeClock(), signal = noCancel(), serverTime } = scene;
  const requests: { at: number; filters: JobFilters; limits: RequestLimits; pagesRead: number }[] = [];
  const { observer, events } = recordingObserver(clock);
  async function* finder(filters: JobFilters, limits: RequestLimits): AsyncGenerator<JobPage> {
    const request = { at: clock.sinceStart(), filters, limits, pagesRead: 0 };
    requests.push(request);
    await Promise.resolve();
    if (scene.takesMs !== undefined) await clock.sleep(scene.takesMs(filters), limits.signal);
    limits.signal.throwIfAborted();
    const response = typeof respond === 'function' ? respond(requests.length, request.at, filters) : respond;
    if (response instanceof Error) throw response;
    for (const jobs of response) {
      request.pagesRead++;
      yield { jobs, serverTime: serverTime && new Date(serverTime()) };
    }
  }
  const polling = { ...POLLING, timeoutMs: 30_000, ...scene.polling };
  const options = { finder: { find: finder }, polling, clock, startMs: START_MS, observer, redactAndTruncate: shorten };
  const result = await findJob({ ...query, ...scene.query }, options, signal);
  // The ID of the job that was found, or how the search ended otherwise.
  const ending = result.kind === 'done' ? result.value.id : result.kind;
  return { result, ending, requests, events };
}

const subject = describeQuery(query);
const absent = (at: number, delay?: number, value = '') => ({ at, subject, what: 'not found', value, delay });
const present = (at: number) => ({ at, subject, what: 'found', value: JOB_1 });

describe('a job by its name', () => {
  it('is found at once if it exists, by its exact name, and by its type and user if they are set', async () => {
    const search = await find([[found(JOB_1, -5 * MINUTE)]]);
    expect(search.result).toEqual({ kind: 'done', value: found(JOB_1, -5 * MINUTE) });
    expect(search.events).toEqual([present(0)]);
    const filters = { name: NAME, nameMatchMode: 'EXACT', ...any, pageSize: 50 };
    expect(search.requests).toMatchObject([{ at: 0, filters, pagesRead: 1 }]);
    const { requests } = await find([[found(JOB_1, 0)]], { query: { type: 'IMPORT', user: 'a-user' } });
    expect(requests[0]?.filters).toEqual({ ...filters, type: 'IMPORT', user: 'a-user' });
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
    expect(search.result).toEqual({ kind: 'timeout', reason: `${found} Not finished after 2.5 s. ${NOTHING}` });
    const polls = [absent(0, 1_000), absent(1_000, 1_000), absent(2_000, 500), absent(2_500, undefined, NOTHING)];
    expect(search.events).toEqual(polls);
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

it('the other names among several jobs that match and are new enough are reported once', async () => {
  const named = (minutes: number, name: string) => found(JOB_2, -minutes * MINUTE, { name });
  const jobs = [found(JOB_1, -1), named(1, 'B'), named(2, NAME), named(3, 'A'), named(4, 'B'), named(61, 'C')];
  const { events } = await find([jobs, []], { query: { name: '', nameMatch: 'start' } });
  expect(events.map(({ value }) => value)).toEqual([`${JOB_1},B,A`]);
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

  it('is the same on all pages, however the time of the server changes', async () => {
    const clock = new FakeClock();
    let pages = 0;
    const serverTime = () => clock.date() + (++pages > 1 ? 5 * MINUTE : 0);
    expect((await find([[], [found(JOB_1, -58 * MINUTE)]], { clock, serverTime })).ending).toBe(JOB_1);
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

  it('that is permanent ends the search with its own message', async () => {
    expect((await find(() => anError(403))).result).toMatchObject({ kind: 'error', reason: 'Error 403.' });
  });
});

describe('at the deadline', () => {
  const polling = { timeoutMs: 2_500 };
  const old = found(JOB_1, -14 * 60 * MINUTE);
  const OLD = 'Collibra listed 1 job of this name: 1 older than the look-back (newest 14 h).';
  const isWide = ({ nameMatchMode }: JobFilters) => nameMatchMode === 'ANYWHERE';

  it('one request looks for similar names, of any type and user', async () => {
    const similar = found(JOB_2, -1, { name: `${NAME} 2`, type: 'SYNC' });
    const scene = { polling, query: { type: 'IMPORT', user: USER } };
    const { result, requests } = await find(
      (_, __, filters) => (isWide(filters) ? [[old, similar], [old]] : [[]]),
      scene,
    );
    expect(requests.map(({ at, filters }) => [at, isWide(filters)])).toEqual([
      ...[0, 1_000, 2_000, 2_500].map((at) => [at, false]),
      [2_500, true],
    ]);
    expect(requests.at(-1)).toMatchObject({
      filters: { name: NAME, pageSize: 50 },
      limits: { isUrgent: true },
      pagesRead: 1,
    });
    expect(Object.keys(requests.at(-1)?.filters ?? {})).toEqual(['name', 'nameMatchMode', 'pageSize']);
    expect(result).toMatchObject({
      reason: expect.stringMatching(/newest 14 h\); 1 job whose name only contains job-name/),
    });
  });

  it.each<[name: string, respond: () => Pages | Error, wideMs: number, at: number]>([
    ['fails', () => anError(400), 100, 2_700],
    ['takes longer than the final request may', () => [[]], 60_000, 12_500],
    ['finds nothing more', () => [[]], 100, 2_700],
  ])('the result stays the same if that request %s', async (_, respond, wideMs, at) => {
    const clock = new FakeClock();
    const takesMs = (filters: JobFilters) => (isWide(filters) ? wideMs : 100);
    const response = (_: number, __: number, filters: JobFilters) => (isWide(filters) ? respond() : [[old]]);
    const { result, requests } = await find(response, { clock, polling, takesMs });
    expect(result).toMatchObject({ kind: 'timeout', reason: expect.stringContaining(OLD) });
    expect(requests.at(-1)?.limits.timeoutMs).toBe(9_900);
    expect(clock.sinceStart()).toBe(at);
  });

  it('a cancellation ends that request, too, and a defect in it is not hidden', async () => {
    const clock = new FakeClock();
    const takesMs = (filters: JobFilters) => (isWide(filters) ? 5_000 : 0);
    const scene = { clock, polling, takesMs, signal: cancelAt(clock, 4_000) };
    expect((await find([[]], scene)).ending).toBe('stopped');
    const defect = (_: number, __: number, filters: JobFilters) => (isWide(filters) ? new TypeError('x') : [[]]);
    await expect(find(defect, { polling })).rejects.toThrow(TypeError);
  });

  it('what the last successful search has listed is reported if the final one fails', async () => {
    const { result, requests } = await find((_, at) => (at < 2_500 ? [[old]] : anError(503)), { polling });
    expect(result).toMatchObject({ kind: 'timeout', reason: expect.stringContaining(`(1 × HTTP 503). ${OLD}`) });
    expect(requests.some(({ filters }) => isWide(filters))).toBe(false);
  });
});

it.each<[more: Partial<JobQuery>, words: string]>([
  [{ type: 'IMPORT' }, 'named "Nightly import" of type IMPORT created at most 1 h'],
  [{ nameMatch: 'start', user: 'u-1' }, 'whose name starts with "Nightly import" started by u-1 created at most 1 h'],
  [{ nameMatch: 'end', lookbackMs: 0 }, 'whose name ends with "Nightly import" created at most 0 s'],
  [
    { nameMatch: 'anywhere', type: 'IMPORT', user: 'u-1', lookbackMs: 90_000 },
    'whose name contains "Nightly import" of type IMPORT, started by u-1 created at most 1 min 30 s',
  ],
])('describes the job to find: %j', (more, words) => {
  expect(describeQuery({ ...query, ...more })).toBe(`job ${words} before the step started`);
});

it.each<[name: string, wanted: string, matches: string]>([
  ['Sync', 'Sync', 'exact start end anywhere'],
  ['SYNC', 'sync', 'start end anywhere'],
  ['Sync 2', 'sync', 'start anywhere'],
  ['My sync', 'SYNC', 'end anywhere'],
  ['My sync 2', 'sync', 'anywhere'],
  ['ΟΔΟΣ ΟΔΟΣ', 'οδος', 'start end anywhere'],
  ['οδοσα', 'ΟΔΟΣ', 'start anywhere'],
  ['Sync', 'S.nc', ''],
])('the name "%s" matches "%s" with: %s', (name, wanted, matches) => {
  const all = ['exact', 'start', 'end', 'anywhere'] as const;
  expect(all.filter((nameMatch) => isLike(name, wanted, nameMatch)).join(' ')).toBe(matches);
});
