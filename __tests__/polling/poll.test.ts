import { describe, expect, it } from '@jest/globals';

import { CollibraError } from '../../src/collibra/errors.ts';
import { type PollOptions, poll, type WaitResult, type PollResult } from '../../src/polling/poll.ts';
import { FakeClock, START_MS } from '../support/fake-clock.ts';
import { trouble } from '../support/jobs.ts';

/** What a look does: it takes some time and then leads to something. */
type Act = CollibraError | Error | { readonly again: number } | 'done';

interface Look {
  /** When it began, in milliseconds since the start. */
  readonly at: number;
  /** How long it may take, in milliseconds. */
  readonly room: number;
  readonly isLast: boolean;
}

interface Outcome {
  readonly polled: WaitResult<string>;
  readonly looks: readonly Look[];
  readonly troubles: readonly { readonly at: number; readonly seen: string; readonly pause: number }[];
  readonly endedAt: number;
}

interface Scene extends Partial<PollOptions> {
  readonly act: (n: number, at: number) => Act;
  /** How long each look takes. */
  readonly lookMs?: number;
  readonly cancelAt?: number;
  /** Whether a look heeds the signal, as requests do. */
  readonly heeds?: boolean;
  readonly signal?: AbortSignal;
  readonly clock?: FakeClock;
  /** Since when there has been something to look at. */
  readonly freshAt?: number;
}

const STEADY = { minMs: 1_000, maxMs: 1_000 };

async function play(scene: Scene): Promise<Outcome> {
  const { clock = new FakeClock(), act, lookMs = 0, cancelAt, heeds = true } = scene;
  const looks: Look[] = [];
  const troubles: Outcome['troubles'][number][] = [];
  const cancel = new AbortController();
  if (cancelAt !== undefined) clock.at(cancelAt, () => cancel.abort());
  const polling = {
    startMs: START_MS,
    signal: scene.signal ?? cancel.signal,
    poll: async ({ until, signal }: { until: number; signal: AbortSignal }, isLast: boolean) => {
      const at = clock.sinceStart();
      looks.push({ at, room: until - clock.now(), isLast });
      if (lookMs > 0) await clock.sleep(lookMs, heeds ? signal : undefined);
      if (heeds) signal.throwIfAborted();
      const done = act(looks.length, at);
      if (done instanceof Error) throw done;
      const step: PollResult<string> =
        done === 'done' ? { kind: 'done', value: 'done' } : { kind: 'pending', delayMs: done.again };
      return step;
    },
    onTransientError: (error: CollibraError, pause: number) => {
      troubles.push({ at: clock.sinceStart(), seen: error.label, pause });
    },
  };
  const fresh = scene.freshAt === undefined ? {} : { visibleSinceMs: START_MS + scene.freshAt };
  const { timeoutMs = 60_000, maxOutageMs = 20_000, interval: pace = STEADY } = scene;
  const polled = await poll({ ...polling, ...fresh }, { timeoutMs, maxOutageMs, interval: pace }, clock);
  return { polled, looks, troubles, endedAt: clock.sinceStart() };
}

const times = ({ looks }: Outcome) => looks.map(({ at }) => at);

describe('looks', () => {
  it('are made at once and after each pause, until it is settled', async () => {
    const pauses = [{ again: 1_000 }, { again: 2_500 }, { again: 10_000 }];
    const seen = await play({ act: (n) => pauses[n - 1] ?? 'done' });
    expect(seen.polled).toEqual({ kind: 'done', value: 'done' });
    expect(seen.looks).toEqual([
      { at: 0, room: 60_000, isLast: false },
      { at: 1_000, room: 59_000, isLast: false },
      { at: 3_500, room: 56_500, isLast: false },
      { at: 13_500, room: 46_500, isLast: false },
    ]);
    expect(seen.endedAt).toBe(13_500);
    expect(seen.troubles).toEqual([]);
  });

  it('are paused between, not from begin to begin', async () => {
    const seen = await play({ lookMs: 400, act: (n) => (n < 3 ? { again: 1_000 } : 'done') });
    expect(times(seen)).toEqual([0, 1_400, 2_800]);
  });

  it('end with one exactly at the deadline, with 10 s of its own', async () => {
    const seen = await play({ timeoutMs: 10_000, act: () => ({ again: 4_000 }) });
    expect(seen.looks).toEqual([
      { at: 0, room: 10_000, isLast: false },
      { at: 4_000, room: 6_000, isLast: false },
      { at: 8_000, room: 2_000, isLast: false },
      { at: 10_000, room: 10_000, isLast: true },
    ]);
    expect(seen.polled).toEqual({ kind: 'timeout', reason: 'Not finished after 10 s' });
    expect(seen.endedAt).toBe(10_000);
  });

  it('may settle it at the deadline', async () => {
    const seen = await play({
      timeoutMs: 10_000,
      act: (_, at) => (at < 10_000 ? { again: 3_000 } : 'done'),
    });
    expect(times(seen)).toEqual([0, 3_000, 6_000, 9_000, 10_000]);
    expect(seen.polled.kind).toBe('done');
  });

  it('are not made where less than the shortest pause would be left before the deadline', async () => {
    const act = () => ({ again: 3_001 });
    expect(times(await play({ timeoutMs: 10_000, act }))).toEqual([0, 3_001, 6_002, 10_000]);
    expect(times(await play({ timeoutMs: 10_003, act }))).toEqual([0, 3_001, 6_002, 9_003, 10_003]);
  });

  it('are made at the deadline where a pause would pass it', async () => {
    const seen = await play({ timeoutMs: 5_000, act: () => ({ again: 1e12 }) });
    expect(times(seen)).toEqual([0, 5_000]);
  });

  it('are made once more where one lasts beyond the deadline', async () => {
    const seen = await play({ timeoutMs: 5_000, lookMs: 5_500, act: () => ({ again: 1_000 }) });
    expect(seen.looks).toEqual([
      { at: 0, room: 5_000, isLast: false },
      { at: 5_500, room: 9_500, isLast: true },
    ]);
    expect(seen.polled).toEqual({ kind: 'timeout', reason: 'Not finished after 11 s' });
  });

  it('are counted from when the wait began, though polling begins later', async () => {
    const clock = new FakeClock();
    await clock.sleep(8_000);
    const seen = await play({ clock, timeoutMs: 10_000, act: () => ({ again: 1_000 }) });
    expect(times(seen)).toEqual([8_000, 9_000, 10_000]);
    expect(seen.polled).toEqual({ kind: 'timeout', reason: 'Not finished after 10 s' });
  });
});

describe('passing trouble', () => {
  it('is borne, told, and followed by another look after the pause', async () => {
    const seen = await play({ act: (n) => (n <= 2 ? trouble(503) : 'done') });
    expect(seen.polled.kind).toBe('done');
    expect(times(seen)).toEqual([0, 1_000, 2_000]);
    expect(seen.troubles).toEqual([
      { at: 0, seen: 'HTTP 503', pause: 1_000 },
      { at: 1_000, seen: 'HTTP 503', pause: 1_000 },
    ]);
  });

  it('is given longer pauses the longer the wait is', async () => {
    const pace = { minMs: 100, maxMs: 60_000 };
    const act = (n: number): Act => (n === 1 ? { again: 10_000 } : n === 2 ? trouble(503) : 'done');
    const seen = await play({ interval: pace, act, lookMs: 1_000 });
    // √(2 · 110 · 12,000), for the second look failed 12 s after the start.
    expect(seen.troubles).toEqual([{ at: 12_000, seen: 'HTTP 503', pause: expect.closeTo(1624.8, 1) }]);
  });

  it('is given pauses with the jitter of the clock', async () => {
    const clock = new FakeClock();
    clock.chance = 0;
    const pace = { minMs: 100, maxMs: 60_000 };
    const act = (n: number): Act => (n === 1 ? { again: 12_000 } : n === 2 ? trouble(503) : 'done');
    const seen = await play({ clock, interval: pace, act });
    expect(seen.troubles[0]?.pause).toBeCloseTo(0.9 * 1624.8, 1);
  });

  it('is an error when it lasts longer than an outage may, after a look at its very end', async () => {
    const seen = await play({ act: (n) => (n === 1 ? { again: 5_000 } : trouble(503)), maxOutageMs: 3_500 });
    expect(times(seen)).toEqual([0, 5_000, 6_000, 7_000, 8_500]);
    expect(seen.polled).toMatchObject({
      kind: 'error',
      reason: 'Gave up: no good answer for 3.5 s (4 × HTTP 503). Last: Trouble 503',
      cause: { seen: 'HTTP 503' },
    });
    expect(seen.troubles.map(({ pause }) => pause)).toEqual([1_000, 1_000, 1_500]);
  });

  it('may end with the look at the end of an outage', async () => {
    const act = (_: number, at: number): Act => (at < 3_500 ? trouble(503) : 'done');
    const seen = await play({ act, maxOutageMs: 3_500 });
    expect(times(seen)).toEqual([0, 1_000, 2_000, 3_500]);
    expect(seen.polled.kind).toBe('done');
  });

  it('has its whole budget again after each good answer', async () => {
    // Ten failures and a good answer, for an hour: each outage is shorter than 12 s, all together are not.
    const act = (n: number): Act => (n % 11 === 0 ? { again: 1_000 } : trouble(502));
    const seen = await play({ act, maxOutageMs: 12_000, timeoutMs: 3_600_000 });
    expect(seen.polled.kind).toBe('timeout');
    expect(seen.looks).toHaveLength(3_601);
  });

  it('counts the time that failing looks take', async () => {
    const seen = await play({
      act: () => trouble(0, { seen: 'no answer in time' }),
      lookMs: 5_000,
      maxOutageMs: 12_000,
    });
    expect(times(seen)).toEqual([0, 6_000, 12_000]);
    expect(seen.polled).toMatchObject({
      reason: 'Gave up: no good answer for 17 s (3 × no answer in time). Last: Trouble 0',
    });
  });

  it('ends the wait at once where no outage is borne', async () => {
    const seen = await play({ act: (n) => (n === 1 ? { again: 2_000 } : trouble(503)), maxOutageMs: 0 });
    expect(times(seen)).toEqual([0, 2_000]);
    expect(seen.polled.kind).toBe('error');
    expect(seen.troubles).toEqual([]);
  });

  it('is a time-out where the time is up first, and the job was seen', async () => {
    const seen = await play({ act: (n) => (n === 1 ? { again: 8_000 } : trouble(503)), timeoutMs: 10_000 });
    expect(times(seen)).toEqual([0, 8_000, 9_000, 10_000]);
    expect(seen.polled).toEqual({
      kind: 'timeout',
      reason: 'Not finished after 10 s; at last, no good answer for 2 s (3 × HTTP 503)',
    });
    expect(seen.troubles.at(-1)).toEqual({ at: 10_000, seen: 'HTTP 503', pause: 0 });
  });

  it('is an error where the time is up first, and there was no good answer at all', async () => {
    const seen = await play({ act: () => trouble(503), timeoutMs: 2_000 });
    expect(times(seen)).toEqual([0, 1_000, 2_000]);
    expect(seen.polled).toMatchObject({
      kind: 'error',
      reason: 'Gave up: no good answer for 2 s (3 × HTTP 503). Last: Trouble 503',
    });
  });
});

describe('Retry-After', () => {
  const after = (retryAfterMs: number) => trouble(429, { retryAfterMs });

  it('makes a pause longer', async () => {
    const seen = await play({ act: (n) => (n === 1 ? after(7_000) : 'done') });
    expect(times(seen)).toEqual([0, 7_000]);
    expect(seen.troubles).toEqual([{ at: 0, seen: 'HTTP 429', pause: 7_000 }]);
  });

  it('makes no pause shorter', async () => {
    expect(times(await play({ act: (n) => (n === 1 ? after(10) : 'done') }))).toEqual([0, 1_000]);
  });

  it('is bounded by the deadline', async () => {
    const seen = await play({ act: (_, at) => (at === 0 ? after(3_600_000) : 'done'), timeoutMs: 9_000 });
    expect(times(seen)).toEqual([0, 9_000]);
    expect(seen.looks[1]?.isLast).toBe(true);
    expect(seen.troubles[0]?.pause).toBe(9_000);
  });

  it('is bounded by the time that an outage may last', async () => {
    const seen = await play({ act: (_, at) => (at === 0 ? after(3_600_000) : 'done') });
    expect(times(seen)).toEqual([0, 20_000]);
    expect(seen.looks[1]?.isLast).toBe(false);
  });
});

describe('a job that is not there yet', () => {
  const notFound = trouble(404, { kind: 'not-found' });

  it('is looked for for 15 s, and a last time at their end', async () => {
    const pace = { minMs: 4_000, maxMs: 4_000 };
    const seen = await play({ act: () => notFound, interval: pace });
    expect(times(seen)).toEqual([0, 4_000, 8_000, 15_000]);
    expect(seen.polled).toMatchObject({ kind: 'error', reason: 'Trouble 404', cause: { kind: 'not-found' } });
  });

  it('may appear at the end of its grace', async () => {
    const seen = await play({ act: (_, at) => (at < 15_000 ? notFound : 'done') });
    expect(times(seen).at(-1)).toBe(15_000);
    expect(seen.polled.kind).toBe('done');
  });

  it('has its grace from when it was found, where that was later than the start', async () => {
    const clock = new FakeClock();
    await clock.sleep(20_000);
    const pace = { minMs: 4_000, maxMs: 4_000 };
    const seen = await play({ clock, act: () => notFound, interval: pace, freshAt: 20_000 });
    expect(times(seen)).toEqual([20_000, 24_000, 28_000, 35_000]);
    expect(seen.polled).toMatchObject({ kind: 'error', reason: 'Trouble 404' });
  });

  it('is borne when 500 is its answer, however short an outage may be', async () => {
    const seen = await play({ act: (_, at) => (at < 14_000 ? trouble(500) : 'done'), maxOutageMs: 0 });
    expect(seen.polled.kind).toBe('done');
  });

  it('is an error at once when it was seen before', async () => {
    const seen = await play({ act: (n) => (n === 1 ? { again: 2_000 } : notFound) });
    expect(times(seen)).toEqual([0, 2_000]);
    expect(seen.polled).toMatchObject({ kind: 'error', reason: 'Trouble 404' });
  });

  it('is an error when the time is up within its grace', async () => {
    const seen = await play({ act: () => notFound, timeoutMs: 2_500 });
    expect(times(seen)).toEqual([0, 1_000, 2_500]);
    expect(seen.polled).toMatchObject({ kind: 'error', reason: 'Trouble 404' });
  });
});

describe('what is final', () => {
  it('ends the wait at once', async () => {
    const seen = await play({ act: () => trouble(403, { kind: 'permanent' }) });
    expect(times(seen)).toEqual([0]);
    expect(seen.polled).toMatchObject({ kind: 'error', reason: 'Trouble 403', cause: { kind: 'permanent' } });
    expect(seen.troubles).toEqual([]);
  });

  it('is not told as an outage that went before', async () => {
    const seen = await play({ act: (n) => (n < 3 ? trouble(503) : trouble(403, { kind: 'permanent' })) });
    expect(seen.polled).toMatchObject({ kind: 'error', reason: 'Trouble 403' });
  });

  it('is no defect, which is thrown', async () => {
    await expect(play({ act: () => new TypeError('a defect') })).rejects.toThrow('a defect');
  });
});

describe('a cancellation', () => {
  it('before the first look lets none be made', async () => {
    const seen = await play({ act: () => 'done', signal: AbortSignal.abort() });
    expect(seen.looks).toEqual([]);
    expect(seen.polled).toEqual({ kind: 'stopped' });
  });

  it('ends a pause at once', async () => {
    const clock = new FakeClock();
    const seen = await play({ clock, act: () => ({ again: 30_000 }), cancelAt: 12_345 });
    expect(seen.polled).toEqual({ kind: 'stopped' });
    expect(seen.endedAt).toBe(12_345);
    expect(times(seen)).toEqual([0]);
    expect(clock.sleepers).toBe(0);
  });

  it('ends a look at once, whatever it throws', async () => {
    const seen = await play({ act: () => 'done', lookMs: 9_000, cancelAt: 4_000 });
    expect(seen.polled).toEqual({ kind: 'stopped' });
    expect(seen.endedAt).toBe(4_000);
    expect(seen.troubles).toEqual([]);
  });

  it('ends the last look at once, and is no time-out', async () => {
    const scene = { timeoutMs: 2_000, lookMs: 500, cancelAt: 2_100 };
    const seen = await play({ ...scene, act: () => ({ again: 1_000 }) });
    expect(seen.looks.at(-1)).toMatchObject({ at: 2_000, isLast: true });
    expect(seen.polled).toEqual({ kind: 'stopped' });
    expect(seen.endedAt).toBe(2_100);
  });

  it('turns an error of that moment into a stop', async () => {
    const act = () => trouble(403, { kind: 'permanent' });
    const seen = await play({ act, lookMs: 9_000, cancelAt: 4_000, heeds: false });
    expect(seen.polled).toEqual({ kind: 'stopped' });
  });

  it('does not take back what a look has just settled', async () => {
    const seen = await play({ act: () => 'done', lookMs: 9_000, cancelAt: 4_000, heeds: false });
    expect(seen.polled).toEqual({ kind: 'done', value: 'done' });
  });
});
