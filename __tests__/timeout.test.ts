import { describe, expect, it } from '@jest/globals';

import { unlessAborted, withTimeout } from '../src/timeout.ts';
import { FakeClock } from './support/fake-clock.ts';
import { thrown } from './support/http.ts';
import { cancelAt, noCancel } from './support/waiting.ts';
import { listenersOf } from './support/listeners.ts';

const late = () => new Error('too late');

describe('work with a deadline', () => {
  it('gives its result, and leaves nothing behind', async () => {
    const clock = new FakeClock();
    const work = async () => {
      await clock.sleep(999);
      return 'done';
    };
    expect(await withTimeout({ clock, ms: 1_000, signal: noCancel(), onTimeout: late }, work)).toBe('done');
    expect(clock.sleepers).toBe(0);
    expect(clock.sinceStart()).toBe(999);
  });

  it('fails as it fails', async () => {
    const clock = new FakeClock();
    const work = () => Promise.reject(new Error('broken'));
    await expect(
      withTimeout({ clock, ms: 1_000, signal: noCancel(), onTimeout: late }, work),
    ).rejects.toThrow('broken');
    expect(clock.sleepers).toBe(0);
  });

  it.each([0, -5, 1_000])('is given up after %d ms, though it takes no notice', async (ms) => {
    const clock = new FakeClock();
    let told: unknown;
    const work = (signal: AbortSignal) => {
      signal.addEventListener('abort', () => (told = signal.reason as unknown));
      return new Promise(() => undefined);
    };
    await expect(withTimeout({ clock, ms, signal: noCancel(), onTimeout: late }, work)).rejects.toThrow(
      'too late',
    );
    expect(told).toEqual(new Error('too late'));
    expect(clock.sinceStart()).toBe(Math.max(0, ms));
  });

  it('is given up with the reason of the signal', async () => {
    const clock = new FakeClock();
    const work = () => new Promise(() => undefined);
    const signal = cancelAt(clock, 400);
    expect(await thrown(withTimeout({ clock, ms: 1_000, signal, onTimeout: late }, work))).toBe(
      signal.reason,
    );
    expect(signal.aborted).toBe(true);
    expect(clock.sinceStart()).toBe(400);
    expect(clock.sleepers).toBe(0);
  });

  it('is not told of a deadline that came after its end', async () => {
    const clock = new FakeClock();
    let isAborted = false;
    await withTimeout({ clock, ms: 1_000, signal: noCancel(), onTimeout: late }, (signal) => {
      signal.addEventListener('abort', () => (isAborted = true));
      return Promise.resolve();
    });
    await clock.sleep(2_000);
    expect(isAborted).toBe(false);
  });
});

describe('work with a signal', () => {
  it('gives its result', async () => {
    expect(await unlessAborted(Promise.resolve(7), noCancel())).toBe(7);
    await expect(unlessAborted(Promise.reject(new Error('broken')), noCancel())).rejects.toThrow('broken');
  });

  it('ends at once where the signal is aborted already', async () => {
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
