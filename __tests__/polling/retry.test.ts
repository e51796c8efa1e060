import { describe, expect, it } from '@jest/globals';

import type { ErrorKind } from '../../src/collibra/errors.ts';
import { retry } from '../../src/polling/retry.ts';
import { FakeClock, START_MS } from '../support/fake-clock.ts';
import { anError, canceledAt, neverCanceled } from './support.ts';

interface Scene {
  readonly respond: (n: number, at: number) => Error | 'done';
  readonly retryUntil?: (kind: ErrorKind) => number;
  readonly clock?: FakeClock;
  readonly signal?: AbortSignal;
}

async function play({ respond, retryUntil = () => 60_000, clock = new FakeClock(), ...scene }: Scene) {
  const attempts: number[] = [];
  const request = () => {
    attempts.push(clock.sinceStart());
    const response = respond(attempts.length, clock.sinceStart());
    return response instanceof Error ? Promise.reject(response) : Promise.resolve(response);
  };
  const until = (kind: ErrorKind) => START_MS + retryUntil(kind);
  const result = await retry(request, until, clock, scene.signal ?? neverCanceled()).catch((error: unknown) => error);
  return { result, attempts, endedAt: clock.sinceStart() };
}

describe('retry', () => {
  it('returns the first successful response, after delays that double up to 4 s', async () => {
    const { result, attempts } = await play({ respond: (n) => (n < 8 ? anError(503) : 'done') });
    expect(result).toBe('done');
    expect(attempts).toEqual([0, 250, 750, 1_750, 3_750, 7_750, 11_750, 15_750]);
  });

  it('honors Retry-After, which shortens no delay', async () => {
    const respond = (n: number) =>
      n === 1 ? anError(429, { retryAfterMs: 3_000 }) : n === 2 ? anError(429, { retryAfterMs: 1 }) : 'done';
    expect((await play({ respond })).attempts).toEqual([0, 3_000, 3_500]);
  });

  it('throws the last error if another attempt would come too late', async () => {
    const error = anError(429, { retryAfterMs: 20_001 });
    const late = await play({ respond: () => error, retryUntil: () => 20_000 });
    expect(late).toEqual({ result: error, attempts: [0], endedAt: 0 });
    const inTime = await play({
      respond: (n) => (n === 1 ? anError(429, { retryAfterMs: 20_000 }) : 'done'),
      retryUntil: () => 20_000,
    });
    expect(inTime.attempts).toEqual([0, 20_000]);
  });

  it('asks for each kind of error how long to retry it', async () => {
    const permanent = anError(403, { kind: 'permanent' });
    const { result, attempts } = await play({
      respond: (n) => (n === 1 ? anError(503) : permanent),
      retryUntil: (kind) => (kind === 'transient' ? 60_000 : -Infinity),
    });
    expect(result).toBe(permanent);
    expect(attempts).toEqual([0, 250]);
  });

  it('throws a defect at once', async () => {
    const defect = new TypeError('a defect');
    expect(await play({ respond: () => defect })).toMatchObject({ result: defect, attempts: [0] });
  });

  it('sends nothing after a cancellation, which also ends a delay at once', async () => {
    const clock = new FakeClock();
    const played = await play({ clock, respond: () => anError(503), signal: canceledAt(clock, 500) });
    expect(played).toMatchObject({ attempts: [0, 250], endedAt: 500 });
    expect((await play({ respond: () => 'done', signal: AbortSignal.abort() })).attempts).toEqual([]);
  });
});
