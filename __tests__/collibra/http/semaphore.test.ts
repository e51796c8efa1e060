import { describe, expect, it } from '@jest/globals';

import { Semaphore } from '../../../src/collibra/http/semaphore.ts';
import { noCancel } from '../../support/waiting.ts';

/** Pieces of work with one semaphore, one for each signal. Each ends when the test says so. */
function fakeWork(semaphore: Semaphore, signals: readonly AbortSignal[]) {
  const work = signals.map((signal) => ({ ...Promise.withResolvers<undefined>(), signal, isStarted: false }));
  const runs = work.map((one) =>
    semaphore.run(() => {
      one.isStarted = true;
      return one.promise;
    }, one.signal),
  );
  const end = (...indexes: number[]) => indexes.forEach((index) => work[index]?.resolve(undefined));
  /** The indexes of the work that has started once everything that can is done. */
  const started = async () => {
    await new Promise(setImmediate);
    return work.flatMap(({ isStarted }, index) => (isStarted ? [index] : []));
  };
  return { runs, end, started };
}

const noSignals = (n: number) => Array.from({ length: n }, noCancel);

describe('a semaphore', () => {
  it('returns the result of the work, and throws its error', async () => {
    const semaphore = new Semaphore(1);
    expect(await semaphore.run(() => Promise.resolve('done'), noCancel())).toBe('done');
    const failing = semaphore.run(() => Promise.reject(new Error('failed')), noCancel());
    const next = semaphore.run(() => Promise.resolve('next'), noCancel());
    await expect(failing).rejects.toThrow('failed');
    expect(await next).toBe('next');
  });

  it('never gets more permits than it had', async () => {
    const semaphore = new Semaphore(1);
    for (let i = 0; i < 3; i++) await semaphore.run(() => Promise.resolve(), noCancel());
    const { runs, end, started } = fakeWork(semaphore, noSignals(2));
    expect(await started()).toEqual([0]);
    end(0, 1);
    await Promise.all(runs);
  });

  it('runs work that goes first before all queued work', async () => {
    const semaphore = new Semaphore(1);
    const order: string[] = [];
    const run = (name: string, goesFirst: boolean) =>
      semaphore.run(() => Promise.resolve(order.push(name)), noCancel(), goesFirst);
    await Promise.all([run('running', false), run('queued', false), run('first', true)]);
    expect(order).toEqual(['running', 'first', 'queued']);
  });

  it('drops queued work whose signal is aborted, and no other', async () => {
    const semaphore = new Semaphore(1);
    const stop = new AbortController();
    const reason = new Error('stop');
    const signals = [noCancel(), noCancel(), stop.signal, noCancel()];
    const { runs, end, started } = fakeWork(semaphore, signals);
    stop.abort(reason);
    await expect(runs[2]).rejects.toBe(reason);
    end(0);
    expect(await started()).toEqual([0, 1]);
    end(1);
    expect(await started()).toEqual([0, 1, 3]);
    end(3);
    await Promise.all([runs[0], runs[1], runs[3]]);
    expect(await semaphore.run(() => Promise.resolve('free'), noCancel())).toBe('free');
  });

  it('does not queue work again whose signal is aborted while it runs', async () => {
    const stop = new AbortController();
    const { runs, end, started } = fakeWork(new Semaphore(1), [noCancel(), stop.signal, noCancel()]);
    end(0);
    expect(await started()).toEqual([0, 1]);
    stop.abort();
    end(1);
    expect(await started()).toEqual([0, 1, 2]);
    end(2);
    await Promise.all(runs);
  });
});
