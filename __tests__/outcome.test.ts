import { describe, expect, it } from '@jest/globals';

import { CHANGES, changesOf, decisiveJob, isPlainSuccess, isUnfinished, mostSevere } from '../src/outcome.ts';
import { type Outcome, OUTCOMES, passes, sumOfKnown } from '../src/outcome.ts';
import { aJob, aReport, JOB_1, JOB_2, JOB_3, someResults } from './support/jobs.ts';

it.each<[outcomes: Outcome[], expected: Outcome]>([
  [['success'], 'success'],
  [['success', 'accepted'], 'accepted'],
  [['accepted', 'failure', 'success'], 'failure'],
  [['failure', 'timeout'], 'timeout'],
  [['timeout', 'error', 'failure'], 'error'],
  [['success', 'error', 'cancelled'], 'cancelled'],
  [['success', 'accepted', 'failure', 'timeout', 'error', 'cancelled'], 'cancelled'],
  [[], 'error'],
])('the most severe outcome of %j is %s', (outcomes, expected) => {
  expect(mostSevere(outcomes)).toBe(expected);
  expect(mostSevere(outcomes.toReversed())).toBe(expected);
});

it('the step passes only with the outcomes success and accepted', () => {
  expect(OUTCOMES.filter(passes)).toEqual(['accepted', 'success']);
});

it('a success is plain unless Import Results contradict it', () => {
  expect(isPlainSuccess(aReport())).toBe(true);
  expect(isPlainSuccess(aReport({ isContradicted: true }))).toBe(false);
  expect(isPlainSuccess(aReport({ outcome: 'accepted' }))).toBe(false);
});

const unfinished = OUTCOMES.filter((outcome) => outcome === 'timeout' || outcome === 'cancelled');
it.each<[state: string | undefined, result: string, outcomes: Outcome[]]>([
  ...['WAITING', 'RUNNING', 'CANCELING'].map((state): [string, string, Outcome[]] => [state, 'NOT_SET', unfinished]),
  ['PAUSED', '', unfinished],
  [undefined, '', unfinished],
  ['COMPLETED', 'ABORTED', []],
  ['FAILED', '', []],
])('a job last seen in the state %j with the result %j is unfinished if its outcome is one of %j', (...row) => {
  const [state, result, outcomes] = row;
  const job = state === undefined ? {} : { job: aJob({ state, result }) };
  expect(OUTCOMES.filter((outcome) => isUnfinished(aReport({ outcome, ...job })))).toEqual(outcomes);
});

it('the decisive job is the first one with the outcome of the step, else the first one', () => {
  const good = aReport({ id: JOB_1 });
  const [bad, worse] = [aReport({ id: JOB_2, outcome: 'failure' }), aReport({ id: JOB_3, outcome: 'failure' })];
  expect(decisiveJob({ outcome: 'failure', jobs: [good, bad, worse] })).toBe(bad);
  expect(decisiveJob({ outcome: 'failure', jobs: [good, worse, bad] })).toBe(worse);
  expect(decisiveJob({ outcome: 'cancelled', jobs: [good, bad] })).toBe(good);
  expect(decisiveJob({ outcome: 'error', jobs: [] })).toBeUndefined();
});

describe('the number of changes', () => {
  type Three = [added: number | undefined, updated: number | undefined, removed: number | undefined];
  const changes = (total: number | undefined, ...counters: Three[]) => {
    const rest = { resourceType: 'ASSET', failed: 9, categories: [] };
    const resources = counters.map(([added, updated, removed]) => ({ added, updated, removed, ...rest }));
    return CHANGES.map((kind) => changesOf(someResults({ changes: total, resources }), kind));
  };

  it('is the sum over all resources, and unknown where a counter of that kind is missing', () => {
    expect(changes(333, [1, 20, 300], [2, 10, 0])).toEqual([3, 30, 300]);
    expect(changes(8, [1, undefined, 3], [undefined, 2, 4])).toEqual([undefined, undefined, 7]);
  });

  it('is 0 without any resource when nothing changed, and otherwise unknown', () => {
    expect(changes(0)).toEqual([0, 0, 0]);
    expect(changes(undefined)).toEqual([undefined, undefined, undefined]);
  });

  it('can leave out the numbers that are unknown', () => {
    expect(sumOfKnown([1, undefined, 2])).toBe(3);
  });
});
