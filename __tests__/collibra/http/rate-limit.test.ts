import { describe, expect, it } from '@jest/globals';

import { RateLimit } from '../../../src/collibra/http/rate-limit.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { thrown } from '../../support/http.ts';
import { cancelAt, noCancel } from '../../support/waiting.ts';

/** A rate limit without jitter, unless `chance` says so, and the delays that it reports. */
function fakeLimit(chance = 0) {
  const clock = new FakeClock();
  clock.chance = chance;
  const delays: number[] = [];
  const limit = new RateLimit(clock, (delayMs) => delays.push(delayMs));
  /** A response now to a request that was sent so long ago. */
  const reject = (retryAfterMs?: number, agoMs = 0) => limit.onRejected(retryAfterMs, clock.now() - agoMs);
  return { clock, delays, limit, reject, wait: () => limit.wait(noCancel()) };
}

describe('a rate limit', () => {
  it.each<[retryAfterMs: number | undefined, chance: number, delayMs: number]>([
    [41_000, 0, 41_000],
    [41_000, 0.5, 43_050],
    [undefined, 0, 1_000],
    [undefined, 0.5, 1_050],
    // The server asks for no delay, but rejects requests.
    [0, 0, 1_000],
  ])(
    'with a Retry-After of %s ms and the jitter %d delays all later requests by %d ms',
    async (retryAfterMs, chance, ms) => {
      const { clock, delays, wait, reject } = fakeLimit(chance);
      await wait();
      expect([clock.sinceStart(), delays]).toEqual([0, []]);
      reject(retryAfterMs);
      await Promise.all([wait(), wait(), wait()]);
      expect([clock.sinceStart(), delays]).toEqual([ms, [ms]]);
    },
  );

  it('doubles the delay up to 60 s, and starts again at 1 s after a request was accepted', async () => {
    const { delays, limit, wait, reject } = fakeLimit();
    for (let n = 1; n <= 8; n++) {
      await wait();
      reject();
    }
    await wait();
    limit.onAccepted();
    reject();
    expect(delays).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 1_000]);
  });

  it('is not waited for longer than a request may wait, also when it is prolonged meanwhile', async () => {
    const { clock, limit, reject } = fakeLimit();
    const latestMs = clock.now() + 20_000;
    reject(10_000);
    const failure = thrown(limit.wait(noCancel(), latestMs));
    await clock.sleep(5_000);
    reject(3_600_000);
    expect(await failure).toMatchObject({ kind: 'transient', label: 'rate limit' });
    expect(clock.sinceStart()).toBeLessThanOrEqual(20_000);
    expect(await thrown(limit.wait(noCancel(), latestMs))).toMatchObject({ label: 'rate limit' });
  });

  it('is reported once for requests that were sent before the delay, and prolonged only by their Retry-After', async () => {
    const { clock, delays, wait, reject } = fakeLimit();
    await clock.sleep(100);
    reject(5_000, 100);
    reject(undefined, 100);
    reject(2_000, 50);
    const waits = wait();
    await clock.sleep(1_000);
    reject(9_000, 1_050);
    await waits;
    expect([clock.sinceStart(), delays]).toEqual([10_100, [5_000]]);
  });

  it('is an outage only if no request was accepted since the delay before', async () => {
    const { limit, wait, reject } = fakeLimit();
    expect([reject(), reject(undefined, 5)]).toEqual([false, false]);
    limit.onAccepted();
    await wait();
    expect([reject(), reject(undefined, 5)]).toEqual([false, false]);
    await wait();
    // Every request that the same delay rejects belongs to the outage, until one is accepted.
    expect([reject(), reject(undefined, 5)]).toEqual([true, true]);
    limit.onAccepted();
    expect(reject(undefined, 5)).toBe(false);
    await wait();
    expect(reject()).toBe(false);
  });

  it('is not waited for beyond a limit of the request, which learns how long it lasts', async () => {
    const { clock, reject, limit } = fakeLimit();
    reject(41_000);
    const error = await thrown(limit.wait(noCancel(), clock.now() + 40_000));
    const message = expect.stringMatching(/^The rate limit of the server applies for another 4\d s\.$/);
    expect(error).toMatchObject({ kind: 'transient', label: 'rate limit', retryAfterMs: expect.any(Number), message });
  });

  it('stops a wait that is canceled', async () => {
    const { clock, reject, limit } = fakeLimit();
    reject(41_000);
    const signal = cancelAt(clock, 300);
    expect(await thrown(limit.wait(signal))).toBe(signal.reason);
    expect(clock.sinceStart()).toBe(300);
  });
});
