import { describe, expect, it } from '@jest/globals';

import { unlessAborted, withTimeout } from '../src/timeout.ts';
import { FakeClock } from './support/fake-clock.ts';
import { listenersOf } from './support/listeners.ts';
import { cancelAt, noCancel } from './support/waiting.ts';

describe('work with a timeout', () => {
  function start(work: (signal: AbortSignal, clock: FakeClock) => Promise<unknown>, ms = 1_000, cancelMs?: number) {
    const clock = new FakeClock();
    const signal = cancelMs === undefined ? noCancel() : cancelAt(clock, cancelMs);
    const onTimeout = () => new Error('too late');
    const result = withTimeout({ clock, ms, signal, onTimeout }, (signal) => work(signal, clock));
    return { clock, signal, result };
  }

  it('returns its result, and leaves no timer behind', async () => {
    const { clock, result } = start((_, clock) => clock.sleep(999).then(() => 'done'));
    expect(await result).toBe('done');
    expect(clock.sleepers).toBe(0);
    expect(clock.sinceStart()).toBe(999);
  });

  it('fails as it fails', async () => {
    const { clock, result } = start(() => Promise.reject(new Error('broken')));
    await expect(result).rejects.toThrow('broken');
    expect(clock.sleepers).toBe(0);
  });

  it.each([0, -5, 1_000])('fails after %d ms even if it does not react to the abort', async (ms) => {
    const aborted: AbortSignal[] = [];
    const { clock, result } = start((signal) => (aborted.push(signal), new Promise(() => undefined)), ms);
    await expect(result).rejects.toThrow('too late');
    expect(aborted).toMatchObject([{ aborted: true, reason: new Error('too late') }]);
    expect(clock.sinceStart()).toBe(Math.max(0, ms));
  });

  it('fails with the reason of its signal', async () => {
    const { clock, signal, result } = start(() => new Promise(() => undefined), 1_000, 400);
    await expect(result).rejects.toMatchObject({ name: 'AbortError' });
    await expect(result).rejects.toBe(signal.reason);
    expect(clock.sinceStart()).toBe(400);
    expect(clock.sleepers).toBe(0);
  });

  it('is not aborted after its end', async () => {
    const { clock, result } = start((signal) => Promise.resolve(signal));
    const signal = (await result) as AbortSignal;
    await clock.sleep(2_000);
    expect(signal.aborted).toBe(false);
  });
});

describe('work with a signal', () => {
  it('settles as it settles', async () => {
    expect(await unlessAborted(Promise.resolve(7), noCancel())).toBe(7);
    await expect(unlessAborted(Promise.reject(new Error('broken')), noCancel())).rejects.toThrow('broken');
  });

  it('fails at once if the signal is already aborted', async () => {
    const reason = new Error('stop');
    const work = new Promise(() => undefined);
    await expect(unlessAborted(work, AbortSignal.abort(reason))).rejects.toBe(reason);
  });

  it('leaves no listener behind', async () => {
    const { signal } = new AbortController();
    const heard = listenersOf(signal);
    await unlessAborted(Promise.resolve(), signal);
    await Promise.resolve();
    expect(heard).toEqual(['add abort', 'remove abort']);
  });
});
