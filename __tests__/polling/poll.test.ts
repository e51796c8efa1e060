import { describe, expect, it } from '@jest/globals';

import { poll, type PollOptions, type PollTask } from '../../src/polling/poll.ts';
import { FakeClock, START_MS } from '../support/fake-clock.ts';
import { cancelAt, noCancel } from '../support/waiting.ts';
import { anError, inTurn } from './support.ts';

/** What a poll leads to: an error, the delay after which a pending task wants to be polled again, or the end. */
type Response = Error | number | 'done';

interface Scene extends Partial<PollOptions> {
  /** How long each poll takes. */
  readonly pollMs?: number;
  /** Whether a poll reacts to its signal, as requests do. */
  readonly isAbortable?: boolean;
  readonly cancelMs?: number;
  readonly clock?: FakeClock;
}

async function play(respond: (n: number, at: number) => Response, scene: Scene = {}) {
  const { clock = new FakeClock(), pollMs = 0, isAbortable = true, cancelMs } = scene;
  const { timeoutMs = 60_000, maxOutageMs = 20_000, interval = every(1_000) } = scene;
  const polls: { at: number; timeoutMs?: number | undefined; isFinal: boolean }[] = [];
  const errors: { at: number; label: string; delay: number | undefined }[] = [];
  const delays: (number | undefined)[] = [];
  const task: PollTask<string> = {
    startMs: START_MS,
    signal: cancelMs === undefined ? noCancel() : cancelAt(clock, cancelMs),
    poll: async ({ timeoutMs, signal }, isFinal) => {
      const at = clock.sinceStart();
      const n = polls.push({ at, timeoutMs, isFinal });
      if (pollMs > 0) await clock.sleep(pollMs, isAbortable ? signal : undefined);
      if (isAbortable) signal.throwIfAborted();
      const response = respond(n, at);
      if (response instanceof Error) throw response;
      return response === 'done' ? { kind: 'done', value: 'done' } : { kind: 'pending', delayMs: response };
    },
    onPending: (delay) => delays.push(delay),
    onTransientError: ({ label }, delay) => errors.push({ at: clock.sinceStart(), label, delay }),
  };
  const result = await poll(task, { timeoutMs, maxOutageMs, interval }, clock);
  return { result, polls, times: polls.map(({ at }) => at), errors, delays, endedAt: clock.sinceStart() };
}

const every = (ms: number) => ({ minMs: ms, maxMs: ms });

const DONE = { kind: 'done', value: 'done' };

describe('poll', () => {
  it('polls immediately and after each delay from the end of a poll, until the task is done', async () => {
    const played = await play(inTurn<Response>(1_000, 2_500, 10_000, 'done'), { pollMs: 400 });
    expect(played.result).toEqual(DONE);
    expect(played.polls).toEqual([0, 1_400, 4_300, 14_700].map((at) => ({ at, isFinal: false })));
    expect(played.endedAt).toBe(15_100);
    expect(played.errors).toEqual([]);
  });

  it('polls a last time at the deadline, with 10 s for each request, and reports the delays that it sleeps', async () => {
    const played = await play(() => 4_000, { timeoutMs: 10_000 });
    expect(played.polls).toEqual([
      { at: 0, isFinal: false },
      { at: 4_000, isFinal: false },
      { at: 8_000, isFinal: false },
      { at: 10_000, timeoutMs: 10_000, isFinal: true },
    ]);
    expect(played.delays).toEqual([4_000, 4_000, 2_000, undefined]);
    expect(played.result).toEqual({ kind: 'timeout', reason: 'Not finished after 10 s.' });
    expect(played.endedAt).toBe(10_000);
  });

  it.each([
    ['skips a poll that would leave less than the minimum interval', 3_001, 10_000, [0, 3_001, 6_002, 10_000]],
    ['keeps a poll that leaves the minimum interval', 3_001, 10_003, [0, 3_001, 6_002, 9_003, 10_003]],
    ['comes sooner if a delay would go beyond it', 1e12, 5_000, [0, 5_000]],
    ['does not lengthen a delay beyond the maximum interval', 4_000, 4_500, [0, 4_000, 4_500]],
  ])('the deadline %s', async (_, delay, timeoutMs, times) => {
    expect((await play(() => delay, { timeoutMs, interval: { minMs: 1_000, maxMs: 4_000 } })).times).toEqual(times);
  });

  it('counts the timeout from the start of the wait, even if polling begins later', async () => {
    const clock = new FakeClock();
    await clock.sleep(8_000);
    const played = await play(() => 1_000, { clock, timeoutMs: 10_000 });
    expect(played.times).toEqual([8_000, 9_000, 10_000]);
    expect(played.result).toEqual({ kind: 'timeout', reason: 'Not finished after 10 s.' });
  });

  it('throws a defect', async () => {
    await expect(play(() => new TypeError('a defect'))).rejects.toThrow('a defect');
  });
});

describe('the deadline', () => {
  const slow = { timeoutMs: 5_000, pollMs: 5_500, maxOutageMs: 0 };
  const twoPolls = [
    { at: 0, isFinal: false },
    { at: 5_000, timeoutMs: 10_000, isFinal: true },
  ];

  it.each([true, false])('interrupts a poll, which is no outage (reacts to its signal: %j)', async (isAbortable) => {
    const played = await play(() => 1_000, { ...slow, isAbortable });
    expect(played.polls).toEqual(twoPolls);
    expect(played.errors).toEqual([]);
    expect(played.result).toEqual({ kind: 'timeout', reason: 'Not finished after 11 s.' });
  });

  it('interrupts the first poll, and the final poll may be done', async () => {
    expect(await play(() => 'done', slow)).toMatchObject({ polls: twoPolls, result: DONE });
  });
});

const ADVICE = 'Check that Collibra is reachable, or increase max-outage-minutes.';

function outage(lasted: string, errors: string, last: number): string {
  return `Collibra did not respond successfully for ${lasted} (${errors}). Last error: Error ${last}. ${ADVICE}`;
}

describe('a transient error', () => {
  it('is reported and retried after a longer delay the longer the wait lasts, with jitter', async () => {
    const clock = new FakeClock();
    clock.chance = 0;
    const interval = { minMs: 100, maxMs: 60_000 };
    const played = await play(inTurn<Response>(10_000, anError(503), 'done'), { clock, interval, pollMs: 1_000 });
    expect(played.result).toEqual(DONE);
    // 0.9 · √(2 · 110 · 12,000), because the second poll failed 12 s after the start.
    expect(played.errors).toEqual([{ at: 12_000, label: 'HTTP 503', delay: expect.closeTo(0.9 * 1624.8, 1) }]);
  });

  it('ends the wait when the outage budget is used up, after a poll at its very end', async () => {
    const played = await play(inTurn<Response>(5_000, anError(503)), { maxOutageMs: 3_500 });
    expect(played.times).toEqual([0, 5_000, 6_000, 7_000, 8_000, 8_500]);
    const reason = outage('3.5 s', '5 × HTTP 503', 503);
    expect(played.result).toMatchObject({ kind: 'error', reason, cause: { label: 'HTTP 503' } });
    expect(played.errors.map(({ delay }) => delay)).toEqual([1_000, 1_000, 1_000, 500]);
  });

  it('does not end the wait if the poll at the end of the outage budget succeeds', async () => {
    const played = await play((_, at) => (at < 3_500 ? anError(503) : 'done'), { maxOutageMs: 3_500 });
    expect(played.times).toEqual([0, 1_000, 2_000, 3_000, 3_500]);
    expect(played.result).toEqual(DONE);
  });

  it('uses the outage budget from the first failed response on, also while later polls take their time', async () => {
    const noResponse = anError(0, { label: 'no response in time' });
    const played = await play(() => noResponse, { pollMs: 5_000, maxOutageMs: 12_000 });
    expect(played.times).toEqual([0, 6_000, 12_000]);
    expect(played.result).toMatchObject({ reason: outage('12 s', '3 × no response in time', 0) });
  });

  it('is retried if its response alone took longer than the outage budget', async () => {
    const scene = { pollMs: 90_000, maxOutageMs: 60_000, timeoutMs: 600_000 };
    expect((await play(inTurn<Response>(anError(503), 'done'), scene)).result).toEqual(DONE);
  });

  it('ends the wait at once if max-outage-minutes is 0', async () => {
    const played = await play(inTurn<Response>(2_000, anError(503)), { maxOutageMs: 0 });
    expect(played).toMatchObject({ times: [0, 2_000], result: { kind: 'error' }, errors: [] });
  });
});

describe('Retry-After', () => {
  it.each([
    ['lengthens a delay', 7_000, 60_000, { at: 7_000, isFinal: false }],
    ['shortens no delay', 10, 60_000, { at: 1_000, isFinal: false }],
    ['is limited by the deadline', 3_600_000, 9_000, { at: 9_000, timeoutMs: 10_000, isFinal: true }],
    ['is limited by the outage budget', 3_600_000, 60_000, { at: 20_000, isFinal: false }],
  ])('%s', async (_, retryAfterMs, timeoutMs, second) => {
    const played = await play(inTurn<Response>(anError(429, { retryAfterMs }), 'done'), { timeoutMs });
    expect(played.polls[1]).toEqual(second);
    expect(played.errors).toEqual([{ at: 0, label: 'HTTP 429', delay: second.at }]);
  });
});

describe('a job that is not visible yet', () => {
  it('is polled for 15 s from the first miss, and a last time at their end', async () => {
    const clock = new FakeClock();
    await clock.sleep(20_000);
    const played = await play(() => anError(404), { clock, interval: every(4_000), pollMs: 500 });
    expect(played.times).toEqual([20_000, 24_500, 29_000, 33_500, 35_500]);
    expect(played.result).toMatchObject({ kind: 'error', reason: 'Error 404.', cause: { kind: 'not-found' } });
  });

  it.each([404, 500])('may appear at the end of the 15 s, whatever the outage budget is (%d)', async (status) => {
    const played = await play((_, at) => (at < 15_000 ? anError(status) : 'done'), { maxOutageMs: 0 });
    expect(played.times.at(-1)).toBe(15_000);
    expect(played.result).toEqual(DONE);
  });
});

describe('a permanent error', () => {
  it.each([302, 400, 401, 403])('ends the wait at once if no poll succeeded before it (%d)', async (status) => {
    const played = await play(() => anError(status));
    expect(played).toMatchObject({ times: [0], errors: [], result: { kind: 'error', reason: `Error ${status}.` } });
  });

  it('is reported without the outage that preceded it', async () => {
    const { result } = await play(inTurn<Response>(anError(503), anError(503), anError(403)));
    expect(result).toMatchObject({ kind: 'error', reason: 'Error 403.' });
  });

  it.each([302, 400, 403, 404])('is retried for 15 s after a success with no outage budget (%d)', async (status) => {
    const scene = { maxOutageMs: 0, interval: every(4_000) };
    const once = await play(inTurn<Response>(2_000, anError(status), 'done'), scene);
    expect(once).toMatchObject({ times: [0, 2_000, 6_000], result: DONE });
    const forever = await play(inTurn<Response>(2_000, anError(status)), scene);
    expect(forever.times).toEqual([0, 2_000, 6_000, 10_000, 14_000, 17_000]);
    expect(forever.result).toMatchObject({ kind: 'error', reason: `Error ${status}.` });
  });

  it('is retried no sooner than after 5 s if the credentials are rejected', async () => {
    const played = await play(inTurn<Response>(1_000, anError(401)));
    expect(played.times).toEqual([0, 1_000, 6_000, 11_000, 16_000]);
    expect(played.result).toMatchObject({ kind: 'error', reason: 'Error 401.' });
  });
});

it.each([
  [503, outage('2.5 s', '4 × HTTP 503', 503)],
  [404, 'Error 404.'],
])('reports an error if the time is up and every response was a %d', async (status, reason) => {
  const played = await play(() => anError(status), { timeoutMs: 2_500 });
  expect(played.times).toEqual([0, 1_000, 2_000, 2_500]);
  expect(played.result).toMatchObject({ kind: 'error', reason });
});

it.each([503, 403])('reports a timeout if the time is up while a %d is retried after a success', async (status) => {
  const played = await play(inTurn<Response>(8_000, anError(status)), { timeoutMs: 10_000 });
  expect(played.times).toEqual([0, 8_000, 9_000, 10_000]);
  const reason = `Not finished after 10 s, with no successful response for the last 2 s (3 × HTTP ${status}).`;
  expect(played.result).toEqual({ kind: 'timeout', reason });
  expect(played.errors.at(-1)).toEqual({ at: 10_000, label: `HTTP ${status}`, delay: undefined });
});

it.each([502, 403])('has the whole retry budget again after each successful response (%d)', async (status) => {
  // Ten failures and a successful response, for an hour: each outage is shorter than 12 s, all together are not.
  const respond = (n: number) => (n % 11 === 1 ? 1_000 : anError(status));
  const played = await play(respond, { maxOutageMs: 12_000, timeoutMs: 3_600_000 });
  expect(played.result.kind).toBe('timeout');
  expect(played.polls).toHaveLength(3_601);
});

describe('a cancellation', () => {
  const STOPPED = { kind: 'stopped' };

  it('before the first poll prevents it', async () => {
    const clock = new FakeClock();
    const signal = AbortSignal.abort();
    const unreachable = () => Promise.reject(new Error('polled'));
    const task = { startMs: START_MS, signal, poll: unreachable, onPending: () => {}, onTransientError: () => {} };
    expect(await poll(task, { timeoutMs: 1_000, maxOutageMs: 0, interval: every(1_000) }, clock)).toEqual(STOPPED);
  });

  it('ends a delay at once', async () => {
    const clock = new FakeClock();
    const played = await play(() => 30_000, { clock, cancelMs: 12_345 });
    expect(played).toMatchObject({ result: STOPPED, endedAt: 12_345, times: [0] });
    expect(clock.sleepers).toBe(0);
  });

  it.each([true, false])('ends a poll at once (reacts to its signal: %j)', async (isAbortable) => {
    const played = await play(() => 'done', { pollMs: 9_000, cancelMs: 4_000, isAbortable });
    expect(played).toMatchObject({ result: STOPPED, endedAt: 4_000, errors: [] });
  });

  it('ends the final poll at once and is no timeout', async () => {
    const played = await play(() => 1_000, { timeoutMs: 2_000, pollMs: 500, cancelMs: 2_100 });
    expect(played.polls.at(-1)).toMatchObject({ at: 2_000, isFinal: true });
    expect(played).toMatchObject({ result: STOPPED, endedAt: 2_100 });
  });

  it('turns an error of the final poll into a stop, but does not undo its success', async () => {
    const scene = { timeoutMs: 0, pollMs: 9_000, cancelMs: 4_000, isAbortable: false };
    expect((await play(() => anError(403), scene)).result).toEqual(STOPPED);
    expect((await play(() => 'done', scene)).result).toEqual(DONE);
  });
});
