import { describe, expect, it } from '@jest/globals';

import {
  CHANGES,
  changesOf,
  decisiveJob,
  mostSevere,
  type Outcome,
  OUTCOMES,
  passes,
} from '../src/outcome.ts';
import { aReport, JOB_1, JOB_2, JOB_3, someFacts } from './support/jobs.ts';

describe('the gravest outcome', () => {
  it.each<[outcomes: Outcome[], expected: Outcome]>([
    [['success'], 'success'],
    [['success', 'success'], 'success'],
    [['success', 'accepted'], 'accepted'],
    [['accepted', 'failure', 'success'], 'failure'],
    [['failure', 'timeout'], 'timeout'],
    [['timeout', 'error', 'failure'], 'error'],
    [['success', 'error', 'cancelled'], 'cancelled'],
    [['success', 'accepted', 'failure', 'timeout', 'error', 'cancelled'], 'cancelled'],
    [[], 'error'],
  ])('of %j is %s', (outcomes, expected) => {
    expect(mostSevere(outcomes)).toBe(expected);
    expect(mostSevere(outcomes.toReversed())).toBe(expected);
  });

  it('lets the step pass only where every job did', () => {
    expect(OUTCOMES.map((outcome) => [outcome, passes(outcome)])).toEqual([
      ['cancelled', false],
      ['error', false],
      ['timeout', false],
      ['failure', false],
      ['accepted', true],
      ['success', true],
    ]);
  });
});

describe('the decisive job', () => {
  const good = aReport({ id: JOB_1 });
  const bad = aReport({ id: JOB_2, outcome: 'failure' });
  const worse = aReport({ id: JOB_3, outcome: 'failure' });

  it('is the first with the outcome of the step, in input order', () => {
    expect(decisiveJob({ outcome: 'failure', jobs: [good, bad, worse] })).toBe(bad);
    expect(decisiveJob({ outcome: 'failure', jobs: [good, worse, bad] })).toBe(worse);
  });

  it('is the first where no job has that outcome', () => {
    expect(decisiveJob({ outcome: 'cancelled', jobs: [good, bad] })).toBe(good);
  });

  it('is none where there are no jobs', () => {
    expect(decisiveJob({ outcome: 'error', jobs: [] })).toBeUndefined();
  });
});

describe('the changes of a kind', () => {
  type Three = [added: number | undefined, updated: number | undefined, removed: number | undefined];
  const changes = (told: number | undefined, ...counters: Three[]) => {
    const facts = someFacts();
    const resources = counters.map(([added, updated, removed]) => {
      return { resourceType: 'ASSET', added, updated, removed, failed: 9, categories: [] };
    });
    const summary = { ...facts.summary, changes: told, resources };
    return CHANGES.map((kind) => changesOf({ ...facts, summary }, kind));
  };

  it('are summed over all resources', () => {
    expect(changes(333, [1, 20, 300], [2, 10, 0])).toEqual([3, 30, 300]);
  });

  it('are not known where one of the counters is not', () => {
    expect(changes(8, [1, undefined, 3], [undefined, 2, 4])).toEqual([undefined, undefined, 7]);
  });

  it('are none where nothing was changed, and not known where that is not told', () => {
    expect(changes(0)).toEqual([0, 0, 0]);
    expect(changes(undefined)).toEqual([undefined, undefined, undefined]);
  });
});
