/*
 * A hundred jobs behind a rate limit: dist/index.js against the simulator, with a gateway in between. The time from the
 * first request to the end is compared with the least that the limit allows.
 */
import { runAction } from '../runner/runner.ts';
import { startGateway } from '../simulator/gateway.ts';
import { rateLimitRule, type RateLimit } from '../simulator/rate-limits.ts';
import { startSimulator, succeedsAfter } from '../simulator/simulator.ts';
import { seconds, table } from './table.ts';

/** Jobs that all take the same time, behind a rate limit. */
export type RateLimitCase = RateLimit & { readonly jobs: number; readonly jobMs: number };

/** What a step does behind a rate limit. */
export type RateLimitResult = {
  readonly requests: number;
  readonly rejected: number;
  /** How many jobs do not end as `success`. */
  readonly lost: number;
  /** From the first request to the last one. */
  readonly tookMs: number;
  /** The least that the limit allows: when the jobs end, each of them still needs one response. */
  readonly allowedMs: number;
  /** Lines of the log, and those that name the rate limit. */
  readonly lines: number;
  readonly rateLimitLines: number;
  readonly retryLines: number;
};

/** Waits for jobs behind a rate limit. */
export async function measureRateLimit(limits: RateLimitCase): Promise<RateLimitResult> {
  const { jobs, jobMs, requests: perWindow, windowMs } = limits;
  const allowedMs = jobMs + (Math.ceil(jobs / perWindow) - 1) * windowMs;
  const simulator = await startSimulator();
  const gateway = await startGateway(simulator.url, { rule: rateLimitRule(limits) });
  try {
    const life = succeedsAfter(jobMs);
    const ids = Array.from({ length: jobs }, () => simulator.addJob({ life }));
    const run = await runAction({
      inputs: {
        url: gateway.url,
        token: 'a-bearer-token-for-the-pipeline',
        'job-id': ids.join(),
        'job-api': 'jobs-v1',
        'import-results': 'false',
        'timeout-minutes': String((3 * allowedMs) / 60_000),
        // As jobs of 20 minutes with the default of 10 minutes.
        'max-outage-minutes': String(jobMs / 2 / 60_000),
      },
      timeoutMs: 4 * allowedMs,
    });
    const { requests } = gateway;
    const outcomes = JSON.parse(run.outputs.jobs ?? '[]') as { outcome: string }[];
    return {
      requests: requests.length,
      rejected: requests.filter(({ status }) => status === 429).length,
      lost: jobs - outcomes.filter(({ outcome }) => outcome === 'success').length,
      tookMs: (requests.at(-1)?.at ?? NaN) - (requests[0]?.at ?? NaN),
      allowedMs,
      lines: run.shown.log.length,
      rateLimitLines: run.shown.log.filter((line) => line.includes('limits the rate of requests')).length,
      retryLines: run.shown.log.filter((line) => line.includes('Transient error')).length,
    };
  } finally {
    await gateway.close();
    await simulator.close();
  }
}

const HUNDRED_JOBS = { jobs: 100, jobMs: 20_000 };

const CASES: readonly (RateLimitCase & { readonly name: string })[] = [
  { name: 'none', ...HUNDRED_JOBS, requests: 1e6, windowMs: 1_000, countsRejected: false },
  { name: '20 in 6 s, with Retry-After', ...HUNDRED_JOBS, requests: 20, windowMs: 6_000, countsRejected: false },
  { name: '50 in 10 s, with Retry-After', ...HUNDRED_JOBS, requests: 50, windowMs: 10_000, countsRejected: false },
  { name: '6 in 1 s, rejected ones count', ...HUNDRED_JOBS, requests: 6, windowMs: 1_000, countsRejected: true },
];

/** Measures a hundred jobs behind several rate limits. Returns Markdown. */
export async function measureRateLimits(): Promise<string> {
  const rows = await Promise.all(
    CASES.map(async ({ name, ...limits }) => {
      const result = await measureRateLimit(limits);
      const { requests, rejected, lost, tookMs, allowedMs, lines } = result;
      return [
        name,
        String(requests),
        String(rejected),
        seconds(tookMs),
        seconds(allowedMs),
        (tookMs / allowedMs).toFixed(2),
        String(lost),
        String(lines),
      ];
    }),
  );
  return [
    '## A hundred jobs of 20 s behind a rate limit',
    'In real time, on this machine. The least time is that of the jobs, and one more response for each of them.',
    table(['limit', 'requests', 'rejected', 'time to the end', 'least', 'ratio', 'jobs lost', 'log lines'], rows),
  ].join('\n\n');
}
