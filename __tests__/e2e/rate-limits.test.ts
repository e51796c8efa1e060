import { describe, expect, it, jest } from '@jest/globals';

import { measureRateLimit, type RateLimitCase } from '../../dev/bench/rate-limits.ts';
import { rateLimitRule } from '../../dev/simulator/rate-limits.ts';
import { addJobs, addJobThatEndsAtPoll, endsAfter } from './lives.ts';
import { delaysOf, expectError, gatewayTo, pollsOf, runStep, simulate, TRANSIENT_ERROR } from './run-step.ts';

jest.setTimeout(120_000);

it.concurrent.each<[name: string, limits: Omit<RateLimitCase, 'jobs' | 'jobMs'>]>([
  ['20 requests in 3 s, with Retry-After', { requests: 20, windowMs: 3_000, countsRejected: false }],
  ['6 requests in 1 s, where rejected ones count', { requests: 6, windowMs: 1_000, countsRejected: true }],
])('a hundred jobs all succeed about as soon as a limit allows: %s', async (_, limits) => {
  const result = await measureRateLimit({ jobs: 100, jobMs: 8_000, ...limits });
  expect(result).toMatchObject({ lost: 0, rateLimitLines: 1, retryLines: 0 });
  expect(result.tookMs / result.allowedMs).toBeLessThan(1.3);
  // Each job is seen, may change, and is finished.
  expect(result.lines).toBeLessThan(310);
  expect(result.rejected).toBeLessThan(result.requests / 2);
});

describe('a rate limit', () => {
  it.concurrent.each<[name: string, retryAfter: string, ms: number]>([
    ['decimals as the next second', '1.5', 2_000],
    ['nonsense as nothing', '-3 weeks', 1_000],
    ['a number that looks like a year as seconds', '2.040', 3_000],
  ])('reads a Retry-After with %s', async (_, retryAfter, ms) => {
    const simulator = await simulate();
    const gateway = await gatewayTo(simulator, {
      rule: ({ nth }) => (nth === 2 ? { status: 429, headers: { 'retry-after': retryAfter } } : undefined),
    });
    const id = addJobThatEndsAtPoll(simulator, 3);
    const run = await runStep(simulator, { url: gateway.url, 'job-id': id, 'import-results': 'false' });
    const [, delayMs] = delaysOf(gateway.requests);
    expect(run.outputs.outcome).toBe('success');
    expect(delayMs).toBeGreaterThanOrEqual(ms - 20);
    // The delay has a jitter of up to 10%.
    expect(delayMs).toBeLessThan(1.1 * ms + 700);
  });

  it.concurrent('makes all jobs wait, and is no outage while others succeed', async () => {
    const simulator = await simulate();
    const rule = rateLimitRule({ requests: 1, windowMs: 1_000, countsRejected: false });
    const gateway = await gatewayTo(simulator, { rule });
    const ids = addJobs(simulator, 8, endsAfter(2_000));
    const inputs = { url: gateway.url, 'job-id': ids.join(), 'import-results': 'false', 'max-outage-minutes': '0.01' };
    const run = await runStep(simulator, inputs);
    expect(run.outputs.outcome).toBe('success');
    expect(run.stdout).not.toMatch(TRANSIENT_ERROR);
    expect(pollsOf(simulator).length).toBeGreaterThanOrEqual(8);
  });

  it.concurrent('is an outage when nothing succeeds', async () => {
    const simulator = await simulate();
    const rule = () => ({ status: 429, headers: { 'retry-after': '1' }, body: 'Quota exceeded' });
    const gateway = await gatewayTo(simulator, { rule });
    const id = addJobThatEndsAtPoll(simulator, 3);
    const run = await runStep(simulator, { url: gateway.url, 'job-id': id, 'max-outage-minutes': '0.03' });
    expectError(run, /did not respond successfully for .*× HTTP 429\).*Quota exceeded/);
  });
});
