import { describe, expect, test } from '@jest/globals';

import { modelNamed, models, type Model } from '../../../dev/bench/jobs.ts';
import { defaultLimits, peers, thisAction } from '../../../dev/bench/pollers.ts';
import { survey, type Survey } from '../../../dev/bench/simulate.ts';

/** Simulated time and seeded chance: these are the same figures on every machine. */
describe('the goals, for durations from 2 s to 2 h', () => {
  const jobs = 2_000;
  const surveys = new Map<Model, Survey>();
  const of = (model: Model) => {
    const known = surveys.get(model) ?? survey(model, thisAction(), jobs);
    surveys.set(model, known);
    return known;
  };
  const unaided = of(modelNamed('none'));

  test('without progress: at most 5 s of delay with at most 88 requests', () => {
    expect(unaided.delayMs).toBeLessThanOrEqual(5_000);
    expect(unaided.requests).toBeLessThanOrEqual(88);
  });

  test('without progress: better than a fixed 10 s in delay and in requests', () => {
    const fixed = peers.find(({ name }) => name === 'lewagon/wait-on-check-action');
    if (fixed === undefined) throw new Error('The peer with a fixed 10 s is gone.');
    const { delayMs, requests } = survey(modelNamed('none'), fixed, jobs);
    expect(unaided.delayMs).toBeLessThan(delayMs);
    expect(unaided.requests).toBeLessThan(requests);
  });

  test('with linear progress: at most 1 s of delay with at most 28 requests', () => {
    const { delayMs, requests } = of(modelNamed('linear'));
    expect(delayMs).toBeLessThanOrEqual(1_000);
    expect(requests).toBeLessThanOrEqual(28);
  });

  test('with linear progress in whole per cent: at most 1.5 s of delay with at most 36 requests', () => {
    const { delayMs, requests } = of(modelNamed('linear, whole per cent'));
    expect(delayMs).toBeLessThanOrEqual(1_500);
    expect(requests).toBeLessThanOrEqual(36);
  });

  test.each(models.filter(({ name }) => name.includes('queue')))(
    '$name: cheaper than no queue in both',
    (model) => {
      const { delayMs, requests } = of(model);
      expect(delayMs).toBeLessThan(unaided.delayMs);
      expect(requests).toBeLessThan(unaided.requests);
    },
  );

  test.each(models.filter(({ kind }) => kind === 'misleading'))(
    'progress that $name: at most 5 % more delay than without, and no more requests',
    (model) => {
      const { delayMs, requests } = of(model);
      expect(delayMs).toBeLessThanOrEqual(1.05 * unaided.delayMs);
      expect(requests).toBeLessThanOrEqual(unaided.requests);
    },
  );

  test.each(models.filter(({ kind }) => kind !== 'aborted'))('$name: relative delay at most 6 %', (model) => {
    expect(of(model).relativeDelay).toBeLessThanOrEqual(0.06);
  });

  test('a job that ends long before its progress foretells is seen later, but within these bounds', () => {
    const { delayMs, relativeDelay, requests, worstDelayMs } = of(modelNamed('steady, but ends early'));
    expect(delayMs).toBeLessThanOrEqual(4 * unaided.delayMs);
    expect(relativeDelay).toBeLessThanOrEqual(0.12);
    expect(requests).toBeLessThanOrEqual(unaided.requests / 3);
    expect(worstDelayMs).toBeLessThanOrEqual(defaultLimits.maxMs);
  });
});
