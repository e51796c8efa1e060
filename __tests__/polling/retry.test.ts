import { describe, expect, it } from '@jest/globals';

import { isTransient, type ErrorKind } from '../../src/collibra/errors.ts';
import { retry } from '../../src/polling/retry.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { cancelAt, noCancel } from '../support/waiting.ts';
import { anError, inTurn } from './support.ts';

interface Scene {
  readonly budgetOf?: (kind: ErrorKind) => number;
  readonly clock?: FakeClock;
  readonly signal?: AbortSignal;
  /** How long each request takes. */
  readonly requestMs?: number;
}

async function play(respond: (n: number) => Error | 'done', scene: Scene = {}) {
  const { budgetOf = () => 60_000, clock = new FakeClock(), signal = noCancel(), requestMs = 0 } = scene;
  const attempts: number[] = [];
  const request = async () => {
    const response = respond(attempts.push(clock.sinceStart()));
    if (requestMs > 0) await clock.sleep(requestMs);
    if (response instanceof Error) throw response;
    return response;
  };
  const result = await retry(request, budgetOf, clock, signal).catch((error: unknown) => error);
  return { result, attempts, endedAt: clock.sinceStart() };
}

describe('retry', () => {
  it('returns the first successful response, after delays that double up to 4 s', async () => {
    const { result, attempts } = await play((n) => (n < 8 ? anError(503) : 'done'));
    expect(result).toBe('done');
    expect(attempts).toEqual([0, 250, 750, 1_750, 3_750, 7_750, 11_750, 15_750]);
  });

  it('honors Retry-After, which shortens no delay', async () => {
    const retryAfter = (retryAfterMs: number) => anError(429, { retryAfterMs });
    const { attempts } = await play(inTurn<Error | 'done'>(retryAfter(3_000), retryAfter(1), 'done'));
    expect(attempts).toEqual([0, 3_000, 3_500]);
  });

  it('throws the last error if another attempt would come too late after the first error', async () => {
    const error = anError(429, { retryAfterMs: 10_000 });
    const scene = { requestMs: 5_000 };
    expect((await play(() => error, { ...scene, budgetOf: () => 24_999 })).attempts).toEqual([0, 15_000]);
    const played = await play(() => error, { ...scene, budgetOf: () => 25_000 });
    expect(played).toEqual({ result: error, attempts: [0, 15_000, 30_000], endedAt: 35_000 });
  });

  it('retries each kind of error for as long as its own budget', async () => {
    const respond = inTurn(anError(503), anError(403));
    const { result, attempts } = await play(respond, { budgetOf: (kind) => (isTransient(kind) ? 60_000 : -Infinity) });
    expect(result).toMatchObject({ kind: 'permanent' });
    expect(attempts).toEqual([0, 250]);
  });

  it('throws a defect at once', async () => {
    const defect = new TypeError('a defect');
    expect(await play(() => defect)).toMatchObject({ result: defect, attempts: [0] });
  });

  it('sends nothing after a cancellation, which also ends a delay at once', async () => {
    const clock = new FakeClock();
    const played = await play(() => anError(503), { clock, signal: cancelAt(clock, 500) });
    expect(played).toMatchObject({ attempts: [0, 250], endedAt: 500 });
    expect((await play(() => 'done', { signal: AbortSignal.abort() })).attempts).toEqual([]);
  });
});
