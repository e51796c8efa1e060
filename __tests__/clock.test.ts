import { describe, expect, it } from '@jest/globals';

import { systemClock } from '../src/clock.ts';
import { listenersOf } from './support/listeners.ts';

/** How many timers keep the process alive. */
function timers(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
}

describe('the system clock', () => {
  it('has the date of the machine', () => {
    const dates = [Date.now(), systemClock.date(), Date.now()];
    expect(dates).toEqual(dates.toSorted((a, b) => a - b));
  });

  it('measures fractions of milliseconds', () => {
    const [start, before] = [performance.now(), systemClock.now()];
    while (performance.now() < start + 20);
    const passedMs = systemClock.now() - before;
    expect(passedMs).toBeGreaterThan(19.9);
    expect(passedMs).toBeLessThan(performance.now() - start + 0.1);
    const fractions = Array.from({ length: 1000 }, () => systemClock.now() % 1);
    expect(new Set(fractions).size).toBeGreaterThan(1);
  });

  it('has random numbers from 0 to 1', () => {
    const numbers = Array.from({ length: 20 }, () => systemClock.random());
    expect(numbers.every((n) => n >= 0 && n < 1)).toBe(true);
    expect(new Set(numbers).size).toBeGreaterThan(1);
  });

  it('sleeps as long as requested, and never less, or the final poll would take place before the deadline', async () => {
    for (let i = 0; i < 20; i++) {
      const delayMs = 1.95 + i / 100;
      const startMs = systemClock.now();
      await systemClock.sleep(delayMs);
      expect(systemClock.now() - startMs).toBeGreaterThanOrEqual(delayMs);
      expect(systemClock.now() - startMs).toBeLessThan(1000);
    }
  });

  it.each([
    ['does not sleep when the signal is already aborted', AbortSignal.abort(), 0],
    ['wakes at once when the signal is aborted', undefined, 1],
  ])('%s, and leaves no timer', async (_, aborted, running) => {
    const [before, startMs] = [timers(), systemClock.now()];
    const stop = new AbortController();
    const sleep = systemClock.sleep(60_000, aborted ?? stop.signal);
    expect(timers()).toBe(before + running);
    stop.abort();
    await sleep;
    expect(systemClock.now() - startMs).toBeLessThan(1000);
    expect(timers()).toBe(before);
  });

  it('leaves no listener behind after a sleep', async () => {
    const { signal } = new AbortController();
    const heard = listenersOf(signal);
    await systemClock.sleep(1, signal);
    expect(heard).toEqual(['add abort', 'remove abort']);
  });

  it.each([2 ** 31, 2 ** 40, Infinity])('sleeps on after %d ms were requested, which no timer can hold', async (ms) => {
    const stop = new AbortController();
    let isAwake = false;
    const sleep = systemClock.sleep(ms, stop.signal).then(() => (isAwake = true));
    await systemClock.sleep(10);
    expect(isAwake).toBe(false);
    stop.abort();
    await sleep;
  });
});
