import { describe, expect, test } from '@jest/globals';

import { check } from '../../../dev/fuzz/check.ts';
import { seededFaults, whereImportResultsAreLimited } from './seeded-faults.ts';

describe('the action', () => {
  test('violates nothing of the contract in random scenarios', async () => {
    const { statistics, failure } = await check({ runs: 1_500, seed: 2026 });
    expect([failure?.violations, failure?.trace]).toEqual([undefined, undefined]);
    expect(statistics['scenarios']).toBe(1_500);
    for (const outcome of ['success', 'accepted', 'failure', 'timeout', 'error', 'cancelled']) {
      expect(statistics[`run ${outcome}`]).toBeGreaterThan(10);
    }
  }, 120_000);

  test('does not wait for Import Results as long as a rate limit of hours applies', async () => {
    const { failure } = await check({ runs: 100, seed: 7, among: whereImportResultsAreLimited });
    expect([failure?.violations, failure?.trace]).toEqual([undefined, undefined]);
  });
});

describe('fuzz', () => {
  test('runs the same scenarios for the same seed', async () => {
    const [one, other] = [await check({ runs: 30, seed: 5 }), await check({ runs: 30, seed: 5 })];
    expect(one).toEqual(other);
  });

  test('makes a failing scenario small, prints its trace, and repeats it by its path', async () => {
    const system = seededFaults.find(([name]) => name === 'takes COMPLETED for success')?.[1];
    if (system === undefined) throw new Error('There is no such seeded fault.');
    const { failure } = await check({ runs: 200, seed: 7, system });
    if (failure === undefined) throw new Error('The seeded fault was not found.');
    expect(failure.trace).toContain('The run ends: success');
    const again = await check({ runs: 200, seed: 7, system, path: failure.path, shrink: false });
    expect(again.failure?.trace).toBe(failure.trace);
  }, 60_000);
});

describe('the oracle', () => {
  test.each(seededFaults)(
    'finds an action that %s',
    async (_, system, violation, among = (scenario) => scenario) => {
      const { failure } = await check({ runs: 500, seed: 7, system, shrink: false, about: violation, among });
      expect(failure?.violations).toContainEqual(expect.stringMatching(violation));
    },
    60_000,
  );
});
