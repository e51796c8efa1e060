import { describe, expect, it } from '@jest/globals';

import { Semaphore } from '../../../src/collibra/http/semaphore.ts';
import { noCancel } from '../../support/waiting.ts';

/** Work that ends when it is told to. */
function task(): { work: () => Promise<void>; end: () => void; fail: () => void; readonly began: boolean } {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const state = { began: false };
  return {
    work: () => {
      state.began = true;
      return promise;
    },
    end: () => resolve(undefined),
    fail: () => reject(new Error('failed')),
    get began() {
      return state.began;
    },
  };
}

/** Lets everything settle that can. */
const settled = () => new Promise(setImmediate);

function began(tasks: readonly { readonly began: boolean }[]): boolean[] {
  return tasks.map((one) => one.began);
}

describe('a gate', () => {
  it('lets so many in at once, and the others in the order they came', async () => {
    const gate = new Semaphore(2);
    const tasks = [task(), task(), task(), task()] as const;
    const runs = tasks.map(({ work }) => gate.run(work, noCancel()));
    await settled();
    expect(began(tasks)).toEqual([true, true, false, false]);
    tasks[1].end();
    await settled();
    expect(began(tasks)).toEqual([true, true, true, false]);
    tasks[0].end();
    await settled();
    expect(began(tasks)).toEqual([true, true, true, true]);
    tasks[2].end();
    tasks[3].end();
    await Promise.all(runs);
  });

  it('gives the result, and passes an error on', async () => {
    const gate = new Semaphore(1);
    expect(await gate.run(() => Promise.resolve('done'), noCancel())).toBe('done');
    await expect(gate.run(() => Promise.reject(new Error('failed')), noCancel())).rejects.toThrow('failed');
    expect(await gate.run(() => Promise.resolve('again'), noCancel())).toBe('again');
  });

  it('gives a place back when work fails', async () => {
    const gate = new Semaphore(1);
    const [first, second] = [task(), task()];
    const runs = [gate.run(first.work, noCancel()), gate.run(second.work, noCancel())];
    first.fail();
    await expect(runs[0]).rejects.toThrow('failed');
    await settled();
    expect(second.began).toBe(true);
    second.end();
    await runs[1];
  });

  it('never has more places than at first', async () => {
    const gate = new Semaphore(1);
    for (let i = 0; i < 3; i++) await gate.run(() => Promise.resolve(), noCancel());
    const tasks = [task(), task()] as const;
    const runs = tasks.map(({ work }) => gate.run(work, noCancel()));
    await settled();
    expect(began(tasks)).toEqual([true, false]);
    tasks[0].end();
    tasks[1].end();
    await Promise.all(runs);
  });

  it('lets nobody in whose signal is aborted', async () => {
    const gate = new Semaphore(1);
    const one = task();
    const reason = new Error('stop');
    await expect(gate.run(one.work, AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(one.began).toBe(false);
    expect(await gate.run(() => Promise.resolve('free'), noCancel())).toBe('free');
  });

  it('lets those go who give up in the queue, and only those', async () => {
    const gate = new Semaphore(1);
    const tasks = [task(), task(), task(), task()] as const;
    const stop = new AbortController();
    const reason = new Error('stop');
    const runs = tasks.map(({ work }, i) => gate.run(work, i === 2 ? stop.signal : noCancel()));
    const given = expect(runs[2]).rejects.toBe(reason);
    await settled();
    stop.abort(reason);
    await given;
    tasks[0].end();
    await settled();
    expect(began(tasks)).toEqual([true, true, false, false]);
    tasks[1].end();
    await settled();
    expect(began(tasks)).toEqual([true, true, false, true]);
    tasks[3].end();
    await Promise.all([runs[0], runs[1], runs[3]]);
    expect(await gate.run(() => Promise.resolve('free'), noCancel())).toBe('free');
  });

  it('does not take a place from those who are in when their signal is aborted', async () => {
    const gate = new Semaphore(1);
    const stop = new AbortController();
    const tasks = [task(), task(), task()] as const;
    const runs = tasks.map(({ work }, i) => gate.run(work, i === 1 ? stop.signal : noCancel()));
    tasks[0].end();
    await settled();
    expect(began(tasks)).toEqual([true, true, false]);
    stop.abort();
    tasks[1].end();
    await settled();
    expect(began(tasks)).toEqual([true, true, true]);
    tasks[2].end();
    await Promise.all(runs);
  });
});
