import { describe, expect, test } from '@jest/globals';

import { check } from '../../../dev/fuzz/check.ts';
import { mutants } from './mutants.ts';

describe('random server lives', () => {
  test('hold no surprise for the action', async () => {
    const { tally, failure } = await check({ runs: 1_500, seed: 2026 });
    expect([failure?.complaints, failure?.story]).toEqual([undefined, undefined]);
    expect(tally.lives).toBe(1_500);
    for (const outcome of ['success', 'accepted', 'failure', 'timeout', 'error', 'cancelled']) {
      expect(tally.outcomes[outcome]).toBeGreaterThan(10);
    }
  }, 60_000);

  test('are the same for the same seed', async () => {
    const [one, other] = [await check({ runs: 30, seed: 5 }), await check({ runs: 30, seed: 5 })];
    expect(one).toEqual(other);
  });
});

describe('the oracle catches an action that', () => {
  test.each(mutants)(
    '%s',
    async (_, system, complaint, among = (life) => life) => {
      const { failure } = await check({ runs: 500, seed: 7, system, shrink: false, about: complaint, among });
      expect(failure?.complaints).toContainEqual(expect.stringMatching(complaint));
    },
    60_000,
  );
});

describe('a failing life', () => {
  test('is made small, told, and repeated by its path', async () => {
    const system = mutants.find(([name]) => name === 'takes COMPLETED for success')?.[1];
    if (system === undefined) throw new Error('no such mutant');
    const { failure } = await check({ runs: 200, seed: 7, system });
    if (failure === undefined) throw new Error('not found');
    expect(failure.story).toContain('the run ends: success');
    const again = await check({ runs: 200, seed: 7, system, path: failure.path, shrink: false });
    expect(again.failure?.story).toBe(failure.story);
  }, 60_000);
});
