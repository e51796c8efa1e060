import { describe, expect, it } from '@jest/globals';

import { CollibraError } from '../../src/collibra/errors.ts';
import type { RequestLimits } from '../../src/collibra/http/requests.ts';
import { poll, type PollOptions, type PollResult, type WaitResult } from '../../src/polling/poll.ts';
import { FakeClock, START_MS } from '../support/fake-clock.ts';
import { anError } from './support.ts';

/** What a poll leads to: an error, a job that is pending with its next delay, or a job that is done. */
type Response = Error | { readonly delay: number } | 'done';

interface Poll {
  /** When it began, in milliseconds since the start. */
  readonly at: number;
  /** How long it may take, in milliseconds. */
  readonly limit: number;
  readonly isFinal: boolean;
}

interface Played {
  readonly result: WaitResult<string>;
  readonly polls: readonly Poll[];
  readonly errors: readonly {
    readonly at: number;
    readonly label: string;
    readonly delay: number | undefined;
  }[];
  /** The delays that were reported after pending polls. */
  readonly delays: readonly (number | undefined)[];
  readonly endedAt: number;
}

interface Scene extends Partial<PollOptions> {
  readonly respond: (n: number, at: number) => Response;
  /** How long each poll takes. */
  readonly pollMs?: number;
  readonly cancelAt?: number;
  /** Whether a poll reacts to the signal, as requests do. */
  readonly isAbortable?: boolean;
  readonly signal?: AbortSignal;
  readonly clock?: FakeClock;
  /** Since when there has been something to poll. */
  readonly visibleAt?: number;
}

const STEADY = { minMs: 1_000, maxMs: 1_000 };

async function play(scene: Scene): Promise<Played> {
  const { clock = new FakeClock(), respond, pollMs = 0, cancelAt, isAbortable = true } = scene;
  const polls: Poll[] = [];
  const errors: Played['errors'][number][] = [];
  const delays: (number | undefined)[] = [];
  const cancel = new AbortController();
  if (cancelAt !== undefined) clock.at(cancelAt, () => cancel.abort());
  const task = {
    startMs: START_MS,
    ...(scene.visibleAt === undefined ? {} : { visibleSinceMs: START_MS + scene.visibleAt }),
    signal: scene.signal ?? cancel.signal,
    poll: async ({ until, signal }: RequestLimits, isFinal: boolean): Promise<PollResult<string>> => {
      const at = clock.sinceStart();
      polls.push({ at, limit: until - clock.now(), isFinal });
      if (pollMs > 0) await clock.sleep(pollMs, isAbortable ? signal : undefined);
      if (isAbortable) signal.throwIfAborted();
      const response = respond(polls.length, at);
      if (response instanceof Error) throw response;
      return response === 'done' ? { kind: 'done', value: 'done' } : { kind: 'pending', delayMs: response.delay };
    },
    onPending: (delay: number | undefined) => void delays.push(delay),
    onTransientError: ({ label }: CollibraError, delay: number | undefined) =>
      void errors.push({ at: clock.sinceStart(), label, delay }),
  };
  const { timeoutMs = 60_000, maxOutageMs = 20_000, interval = STEADY } = scene;
  const result = await poll(task, { timeoutMs, maxOutageMs, interval }, clock);
  return { result, polls, errors, delays, endedAt: clock.sinceStart() };
}

const times = ({ polls }: Played) => polls.map(({ at }) => at);

describe('poll', () => {
  it('polls immediately and after each delay, until the task is done', async () => {
    const pauses = [{ delay: 1_000 }, { delay: 2_500 }, { delay: 10_000 }];
    const played = await play({ respond: (n) => pauses[n - 1] ?? 'done' });
    expect(played.result).toEqual({ kind: 'done', value: 'done' });
    expect(played.polls).toEqual([
      { at: 0, limit: 60_000, isFinal: false },
      { at: 1_000, limit: 59_000, isFinal: false },
      { at: 3_500, limit: 56_500, isFinal: false },
      { at: 13_500, limit: 46_500, isFinal: false },
    ]);
    expect(played.endedAt).toBe(13_500);
    expect(played.errors).toEqual([]);
  });

  it('counts the delay from the end of a poll, not from its beginning', async () => {
    const played = await play({ pollMs: 400, respond: (n) => (n < 3 ? { delay: 1_000 } : 'done') });
    expect(times(played)).toEqual([0, 1_400, 2_800]);
  });

  it('polls a last time at the deadline, with 10 s of its own', async () => {
    const played = await play({ timeoutMs: 10_000, respond: () => ({ delay: 4_000 }) });
    expect(played.polls).toEqual([
      { at: 0, limit: 10_000, isFinal: false },
      { at: 4_000, limit: 6_000, isFinal: false },
      { at: 8_000, limit: 2_000, isFinal: false },
      { at: 10_000, limit: 10_000, isFinal: true },
    ]);
    expect(played.result).toEqual({ kind: 'timeout', reason: 'Not finished after 10 s.' });
    expect(played.endedAt).toBe(10_000);
  });

  it('may be done with the final poll', async () => {
    const played = await play({
      timeoutMs: 10_000,
      respond: (_, at) => (at < 10_000 ? { delay: 3_000 } : 'done'),
    });
    expect(times(played)).toEqual([0, 3_000, 6_000, 9_000, 10_000]);
    expect(played.result.kind).toBe('done');
  });

  it('skips a poll that would leave less than the minimum interval before the deadline', async () => {
    const interval = { minMs: 1_000, maxMs: 4_000 };
    const respond = () => ({ delay: 3_001 });
    expect(times(await play({ interval, timeoutMs: 10_000, respond }))).toEqual([0, 3_001, 6_002, 10_000]);
    expect(times(await play({ interval, timeoutMs: 10_003, respond }))).toEqual([0, 3_001, 6_002, 9_003, 10_003]);
  });

  it('polls at the deadline if a delay would go beyond it', async () => {
    const played = await play({ timeoutMs: 5_000, respond: () => ({ delay: 1e12 }) });
    expect(times(played)).toEqual([0, 5_000]);
  });

  it('keeps to the maximum interval, except for the final poll', async () => {
    const interval = { minMs: 60_000, maxMs: 60_000 };
    const played = await play({ timeoutMs: 119_000, interval, respond: () => ({ delay: 60_000 }) });
    expect(times(played)).toEqual([0, 60_000, 119_000]);
  });

  it('reports the delays that it sleeps, and none after the final poll', async () => {
    const clock = new FakeClock();
    const interval = { minMs: 1_000, maxMs: 4_000 };
    const played = await play({ clock, interval, timeoutMs: 10_000, respond: () => ({ delay: 3_001 }) });
    expect(played.delays).toEqual([3_001, 3_001, 3_998, undefined]);
    expect(clock.sleeps).toEqual([3_001, 3_001, 3_998]);
  });

  it('gives the final poll its 10 s from when it is sent, even if the timer fires late', async () => {
    const clock = new (class extends FakeClock {
      override sleep(ms: number, signal?: AbortSignal): Promise<void> {
        return super.sleep(ms + 15_000, signal);
      }
    })();
    const played = await play({ clock, timeoutMs: 10_000, respond: () => ({ delay: 10_000 }) });
    expect(played.polls[1]).toEqual({ at: 25_000, limit: 10_000, isFinal: true });
  });

  it('polls once more if a poll lasts beyond the deadline', async () => {
    const played = await play({ timeoutMs: 5_000, pollMs: 5_500, respond: () => ({ delay: 1_000 }) });
    expect(played.polls).toEqual([
      { at: 0, limit: 5_000, isFinal: false },
      { at: 5_500, limit: 10_000, isFinal: true },
    ]);
    expect(played.result).toEqual({ kind: 'timeout', reason: 'Not finished after 11 s.' });
  });

  it('counts the timeout from the start of the wait, even if polling begins later', async () => {
    const clock = new FakeClock();
    await clock.sleep(8_000);
    const played = await play({ clock, timeoutMs: 10_000, respond: () => ({ delay: 1_000 }) });
    expect(times(played)).toEqual([8_000, 9_000, 10_000]);
    expect(played.result).toEqual({ kind: 'timeout', reason: 'Not finished after 10 s.' });
  });
});

const ADVICE = 'Check that Collibra is reachable, or increase max-outage-minutes.';

describe('a transient error', () => {
  it('is reported and retried after the delay', async () => {
    const played = await play({ respond: (n) => (n <= 2 ? anError(503) : 'done') });
    expect(played.result.kind).toBe('done');
    expect(times(played)).toEqual([0, 1_000, 2_000]);
    expect(played.errors).toEqual([
      { at: 0, label: 'HTTP 503', delay: 1_000 },
      { at: 1_000, label: 'HTTP 503', delay: 1_000 },
    ]);
  });

  it('is retried after longer delays the longer the wait lasts', async () => {
    const interval = { minMs: 100, maxMs: 60_000 };
    const respond = (n: number): Response => (n === 1 ? { delay: 10_000 } : n === 2 ? anError(503) : 'done');
    const played = await play({ interval, respond, pollMs: 1_000 });
    // √(2 · 110 · 12,000), because the second poll failed 12 s after the start.
    expect(played.errors).toEqual([{ at: 12_000, label: 'HTTP 503', delay: expect.closeTo(1624.8, 1) }]);
  });

  it('is retried with jitter from the clock', async () => {
    const clock = new FakeClock();
    clock.chance = 0;
    const interval = { minMs: 100, maxMs: 60_000 };
    const respond = (n: number): Response => (n === 1 ? { delay: 12_000 } : n === 2 ? anError(503) : 'done');
    const played = await play({ clock, interval, respond });
    expect(played.errors[0]?.delay).toBeCloseTo(0.9 * 1624.8, 1);
  });

  it('ends the wait when the outage budget is used up, after a poll at its very end', async () => {
    const played = await play({
      respond: (n) => (n === 1 ? { delay: 5_000 } : anError(503)),
      maxOutageMs: 3_500,
    });
    expect(times(played)).toEqual([0, 5_000, 6_000, 7_000, 8_000, 8_500]);
    expect(played.result).toMatchObject({
      kind: 'error',
      reason: `Collibra did not respond successfully for 3.5 s (5 × HTTP 503). Last error: Error 503. ${ADVICE}`,
      cause: { label: 'HTTP 503' },
    });
    expect(played.errors.map(({ delay }) => delay)).toEqual([1_000, 1_000, 1_000, 500]);
  });

  it('does not end the wait if the poll at the end of the outage budget succeeds', async () => {
    const respond = (_: number, at: number): Response => (at < 3_500 ? anError(503) : 'done');
    const played = await play({ respond, maxOutageMs: 3_500 });
    expect(times(played)).toEqual([0, 1_000, 2_000, 3_000, 3_500]);
    expect(played.result.kind).toBe('done');
  });

  it('has its whole outage budget again after each successful response', async () => {
    // Ten failures and a successful response, for an hour: each outage is shorter than 12 s, all together are not.
    const respond = (n: number): Response => (n % 11 === 0 ? { delay: 1_000 } : anError(502));
    const played = await play({ respond, maxOutageMs: 12_000, timeoutMs: 3_600_000 });
    expect(played.result.kind).toBe('timeout');
    expect(played.polls).toHaveLength(3_601);
  });

  it('counts the time that failed polls take', async () => {
    const played = await play({
      respond: () => anError(0, { label: 'no response in time' }),
      pollMs: 5_000,
      maxOutageMs: 12_000,
    });
    expect(times(played)).toEqual([0, 6_000, 12_000]);
    expect(played.result).toMatchObject({
      reason: `Collibra did not respond successfully for 17 s (3 × no response in time). Last error: Error 0. ${ADVICE}`,
    });
  });

  it('ends the wait at once if max-outage-minutes is 0', async () => {
    const played = await play({
      respond: (n) => (n === 1 ? { delay: 2_000 } : anError(503)),
      maxOutageMs: 0,
    });
    expect(times(played)).toEqual([0, 2_000]);
    expect(played.result.kind).toBe('error');
    expect(played.errors).toEqual([]);
  });

  it('leads to a timeout if the time is up first and there was a successful response', async () => {
    const played = await play({
      respond: (n) => (n === 1 ? { delay: 8_000 } : anError(503)),
      timeoutMs: 10_000,
    });
    expect(times(played)).toEqual([0, 8_000, 9_000, 10_000]);
    expect(played.result).toEqual({
      kind: 'timeout',
      reason: 'Not finished after 10 s, with no successful response for the last 2 s (3 × HTTP 503).',
    });
    expect(played.errors.at(-1)).toEqual({ at: 10_000, label: 'HTTP 503', delay: undefined });
  });

  it('leads to an error if the time is up first and there was no successful response at all', async () => {
    const played = await play({ respond: () => anError(503), timeoutMs: 2_000 });
    expect(times(played)).toEqual([0, 1_000, 2_000]);
    expect(played.result).toMatchObject({
      kind: 'error',
      reason: `Collibra did not respond successfully for 2 s (3 × HTTP 503). Last error: Error 503. ${ADVICE}`,
    });
  });
});

describe('Retry-After', () => {
  const after = (retryAfterMs: number) => anError(429, { retryAfterMs });

  it('lengthens a delay', async () => {
    const played = await play({ respond: (n) => (n === 1 ? after(7_000) : 'done') });
    expect(times(played)).toEqual([0, 7_000]);
    expect(played.errors).toEqual([{ at: 0, label: 'HTTP 429', delay: 7_000 }]);
  });

  it('shortens no delay', async () => {
    expect(times(await play({ respond: (n) => (n === 1 ? after(10) : 'done') }))).toEqual([0, 1_000]);
  });

  it('is limited by the deadline', async () => {
    const played = await play({
      respond: (_, at) => (at === 0 ? after(3_600_000) : 'done'),
      timeoutMs: 9_000,
    });
    expect(times(played)).toEqual([0, 9_000]);
    expect(played.polls[1]?.isFinal).toBe(true);
    expect(played.errors[0]?.delay).toBe(9_000);
  });

  it('is limited by the outage budget', async () => {
    const played = await play({ respond: (_, at) => (at === 0 ? after(3_600_000) : 'done') });
    expect(times(played)).toEqual([0, 20_000]);
    expect(played.polls[1]?.isFinal).toBe(false);
  });
});

describe('a job that is not visible yet', () => {
  const notFound = anError(404, { kind: 'not-found' });

  it('is polled for 15 s, and a last time at their end', async () => {
    const interval = { minMs: 4_000, maxMs: 4_000 };
    const played = await play({ respond: () => notFound, interval });
    expect(times(played)).toEqual([0, 4_000, 8_000, 12_000, 15_000]);
    expect(played.result).toMatchObject({
      kind: 'error',
      reason: 'Error 404.',
      cause: { kind: 'not-found' },
    });
  });

  it('may appear at the end of the grace period', async () => {
    const played = await play({ respond: (_, at) => (at < 15_000 ? notFound : 'done') });
    expect(times(played).at(-1)).toBe(15_000);
    expect(played.result.kind).toBe('done');
  });

  it('has its grace period from when it was found, if that was later than the start', async () => {
    const clock = new FakeClock();
    await clock.sleep(20_000);
    const interval = { minMs: 4_000, maxMs: 4_000 };
    const played = await play({ clock, respond: () => notFound, interval, visibleAt: 20_000 });
    expect(times(played)).toEqual([20_000, 24_000, 28_000, 32_000, 35_000]);
    expect(played.result).toMatchObject({ kind: 'error', reason: 'Error 404.' });
  });

  it('may answer 500 during the grace period, however small the outage budget is', async () => {
    const played = await play({ respond: (_, at) => (at < 14_000 ? anError(500) : 'done'), maxOutageMs: 0 });
    expect(played.result.kind).toBe('done');
  });

  it('ends the wait at once if it was seen before', async () => {
    const played = await play({ respond: (n) => (n === 1 ? { delay: 2_000 } : notFound) });
    expect(times(played)).toEqual([0, 2_000]);
    expect(played.result).toMatchObject({ kind: 'error', reason: 'Error 404.' });
  });

  it('ends in an error if the time is up within the grace period', async () => {
    const played = await play({ respond: () => notFound, timeoutMs: 2_500 });
    expect(times(played)).toEqual([0, 1_000, 2_000, 2_500]);
    expect(played.result).toMatchObject({ kind: 'error', reason: 'Error 404.' });
  });
});

describe('an error that is not retried', () => {
  it('ends the wait at once', async () => {
    const played = await play({ respond: () => anError(403, { kind: 'permanent' }) });
    expect(times(played)).toEqual([0]);
    expect(played.result).toMatchObject({
      kind: 'error',
      reason: 'Error 403.',
      cause: { kind: 'permanent' },
    });
    expect(played.errors).toEqual([]);
  });

  it('is reported without the outage that preceded it', async () => {
    const played = await play({
      respond: (n) => (n < 3 ? anError(503) : anError(403, { kind: 'permanent' })),
    });
    expect(played.result).toMatchObject({ kind: 'error', reason: 'Error 403.' });
  });

  it('is not a defect, which is thrown', async () => {
    await expect(play({ respond: () => new TypeError('a defect') })).rejects.toThrow('a defect');
  });
});

describe('a cancellation', () => {
  it('before the first poll prevents it', async () => {
    const played = await play({ respond: () => 'done', signal: AbortSignal.abort() });
    expect(played.polls).toEqual([]);
    expect(played.result).toEqual({ kind: 'stopped' });
  });

  it('ends a delay at once', async () => {
    const clock = new FakeClock();
    const played = await play({ clock, respond: () => ({ delay: 30_000 }), cancelAt: 12_345 });
    expect(played.result).toEqual({ kind: 'stopped' });
    expect(played.endedAt).toBe(12_345);
    expect(times(played)).toEqual([0]);
    expect(clock.sleepers).toBe(0);
  });

  it('ends a poll at once, whatever it throws', async () => {
    const played = await play({ respond: () => 'done', pollMs: 9_000, cancelAt: 4_000 });
    expect(played.result).toEqual({ kind: 'stopped' });
    expect(played.endedAt).toBe(4_000);
    expect(played.errors).toEqual([]);
  });

  it('ends the final poll at once and is no timeout', async () => {
    const scene = { timeoutMs: 2_000, pollMs: 500, cancelAt: 2_100 };
    const played = await play({ ...scene, respond: () => ({ delay: 1_000 }) });
    expect(played.polls.at(-1)).toMatchObject({ at: 2_000, isFinal: true });
    expect(played.result).toEqual({ kind: 'stopped' });
    expect(played.endedAt).toBe(2_100);
  });

  it('turns an error of the same moment into a stop', async () => {
    const respond = () => anError(403, { kind: 'permanent' });
    const played = await play({ respond, pollMs: 9_000, cancelAt: 4_000, isAbortable: false });
    expect(played.result).toEqual({ kind: 'stopped' });
  });

  it('does not undo a poll that was just done', async () => {
    const played = await play({ respond: () => 'done', pollMs: 9_000, cancelAt: 4_000, isAbortable: false });
    expect(played.result).toEqual({ kind: 'done', value: 'done' });
  });
});
