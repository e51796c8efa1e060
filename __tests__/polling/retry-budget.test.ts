import { describe, expect, it } from '@jest/globals';

import { Tolerance } from '../../src/polling/retry-budget.ts';
import { trouble } from '../support/jobs.ts';

const START = 1_000;
const OUTAGE = 60_000;

/** Tolerance from {@link START} on, for outages of a minute. */
function tolerance(maxOutageMs = OUTAGE): Tolerance {
  return new Tolerance(START, maxOutageMs);
}

/** One that has had a good answer. */
function seen(): Tolerance {
  const one = tolerance();
  one.good();
  return one;
}

describe('the outage budget', () => {
  it('begins with the first failing look', () => {
    const one = seen();
    expect(one.bear(trouble(503), 5_000)).toBe(65_000);
    expect(one.bear(trouble(502), 30_000)).toBe(65_000);
    expect(one.bear(trouble(503), 64_999)).toBe(65_000);
  });

  it('begins anew after a good answer', () => {
    const one = seen();
    one.bear(trouble(503), 5_000);
    one.good();
    expect(one.outage(6_000)).toBeUndefined();
    expect(one.bear(trouble(503), 50_000)).toBe(110_000);
  });

  it('may be nothing', () => {
    expect(new Tolerance(START, 0).bear(trouble(503), 5_000)).toBe(5_000);
  });

  it('is told with what was seen, how often and for how long', () => {
    const one = seen();
    one.bear(trouble(503), 10_000);
    one.bear(trouble(0, { seen: 'connection refused' }), 20_000);
    one.bear(trouble(503), 30_000);
    expect(one.outage(75_000)).toBe('no good answer for 1 min 5 s (2 × HTTP 503, 1 × connection refused)');
  });

  it('tells nothing where there was no trouble', () => {
    expect(tolerance().outage(9_000)).toBeUndefined();
  });
});

describe('the grace for a job that was never seen', () => {
  const notFound = trouble(404, { kind: 'not-found' });

  it('bears not-found for the first 15 s of the wait', () => {
    expect(tolerance().bear(notFound, 2_000)).toBe(16_000);
    expect(tolerance().bear(notFound, 15_999)).toBe(16_000);
  });

  it('does not bear it once the job was seen', () => {
    expect(seen().bear(notFound, 2_000)).toBe(-Infinity);
  });

  it('bears 500 for 15 s even where an outage may not last so long', () => {
    expect(tolerance(1_000).bear(trouble(500), 2_000)).toBe(16_000);
    expect(tolerance(20_000).bear(trouble(500), 2_000)).toBe(22_000);
  });

  it('bears 500 only as an outage once the job was seen', () => {
    const one = tolerance(1_000);
    one.good();
    expect(one.bear(trouble(500), 2_000)).toBe(3_000);
  });

  it('does not bear other trouble for longer', () => {
    expect(tolerance(1_000).bear(trouble(503), 2_000)).toBe(3_000);
  });

  it('is known by whether there was a good answer', () => {
    expect(tolerance().neverSeen).toBe(true);
    expect(seen().neverSeen).toBe(false);
  });
});

describe('final errors', () => {
  it.each([
    trouble(400, { kind: 'refused' }),
    trouble(401, { kind: 'unauthorized' }),
    trouble(403, { kind: 'refused' }),
    trouble(302, { kind: 'refused' }),
    trouble(500, { kind: 'refused' }),
  ])('are not borne: $message', (error) => {
    expect(tolerance().bear(error, 2_000)).toBe(-Infinity);
    expect(seen().bear(error, 2_000)).toBe(-Infinity);
  });

  it('end an outage: what is told is the error alone', () => {
    const one = seen();
    one.bear(trouble(503), 5_000);
    one.bear(trouble(403, { kind: 'refused' }), 6_000);
    expect(one.outage(7_000)).toBeUndefined();
  });

  it('of a job that is not there yet end an outage too, so that the next one has its whole budget', () => {
    const one = tolerance();
    one.bear(trouble(503), 2_000);
    one.bear(trouble(404, { kind: 'not-found' }), 3_000);
    expect(one.outage(3_000)).toBeUndefined();
    expect(one.bear(trouble(503), 10_000)).toBe(70_000);
  });
});
