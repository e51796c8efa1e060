import { describe, expect, it } from '@jest/globals';

import { decisiveJob, gravest, type Outcome, OUTCOMES, passes } from '../src/outcome.ts';
import { aReport, JOB_1, JOB_2, JOB_3 } from './support/jobs.ts';

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
    expect(gravest(outcomes)).toBe(expected);
    expect(gravest(outcomes.toReversed())).toBe(expected);
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
