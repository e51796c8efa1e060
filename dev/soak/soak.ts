import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

import { runAction, type Run } from '../runner/runner.ts';
import { startGateway, type Gateway, type GatewayResponse, type GatewayRule } from '../simulator/gateway.ts';
import { rateLimitRule } from '../simulator/rate-limits.ts';
import { html, json, text } from '../simulator/responses.ts';
import {
  defaultCredentials,
  startSimulator,
  succeedsAfter,
  type Fault,
  type Simulator,
} from '../simulator/simulator.ts';

/** More growth of memory after the first third of the time is a leak. */
export const MAX_GROWTH_MB = 40;
/** For each of the 8 concurrent requests one connection, and one that is being replaced. */
export const MAX_SOCKETS = 16;

const SAMPLES = 30;

/** Faults that are injected in turn. */
const QUICK: readonly Fault[] = [
  { kind: 'status', status: 503, body: 'text' },
  { kind: 'reset' },
  { kind: 'html-200' },
  { kind: 'break-off' },
  { kind: 'status', status: 429, retryAfter: { seconds: 1, as: 'seconds' } },
  { kind: 'truncated-json' },
  { kind: 'garbage' },
  { kind: 'huge', megabytes: 2 },
];
const QUICK_EVERY_MS = 250;

/** Faults that block one of the 8 concurrent requests until its timeout, so they are rarer. */
const SLOW: readonly Fault[] = [{ kind: 'stall' }, { kind: 'hang' }, { kind: 'drip', everyMs: 100 }];
const SLOW_EVERY = 60;

/** What a gateway sends now and then between successes. */
const ODD: readonly (GatewayResponse | 'reset')[] = [
  text(404, 'default backend - 404'),
  html(403, 'Request blocked'),
  'reset',
  { status: 302, headers: { location: '/maintenance' } },
  json(401, { message: 'Unauthorized' }),
];
const ODD_EVERY = 23;

/** The rate limit of the gateway: it rejects some requests for most of the time. */
const RATE_LIMIT = { requests: 30, windowMs: 2_000, countsRejected: false };

/** A measurement of the process and of the server. */
export interface Sample {
  readonly atS: number;
  readonly rssMb: number;
  readonly sockets: number;
  readonly requests: number;
}

/** The result of a soak test. */
export interface SoakResult {
  /** Empty if everything is within the limits. */
  readonly problems: readonly string[];
  readonly summary: string;
}

/**
 * Runs the built action until its jobs finish, while faults are injected.
 * @param forMs how long the jobs run
 * @param onSample called with each measurement
 */
export async function soak(forMs: number, jobs: number, onSample: (sample: Sample) => void): Promise<SoakResult> {
  const simulator = await startSimulator({ tokenLifetimeSeconds: 20 });
  const gateway = await startGateway(simulator.url, { rule: oddRule() });
  const life = succeedsAfter(forMs);
  const ids = Array.from({ length: jobs }, () => simulator.addJob({ life }));
  const over = new AbortController();
  const startedMs = Date.now();
  const injected = injectFaults(simulator, startedMs + forMs);
  const samples: Sample[] = [];
  const step = wait(gateway, ids, forMs, over);
  while (!over.signal.aborted) {
    await sleep(forMs / SAMPLES);
    const sample = measure(gateway, startedMs);
    if (sample === undefined) continue;
    samples.push(sample);
    onSample(sample);
  }
  const run = await step;
  const faults = await injected;
  const { opened, peak } = gateway.connections;
  const { requests } = gateway;
  const rejected = requests.filter(({ status }) => status === 429).length;
  await gateway.close();
  await simulator.close();
  return {
    problems: problemsOf(run, samples, peak),
    summary: [
      `outcome ${run.outputs.outcome} after ${Math.round(run.durationMs / 1000)} s`,
      `${requests.length} requests, ${rejected} of them rejected by the rate limit, ${faults} with a fault, at most ${simulator.peakInFlight} concurrent`,
      `${opened} connections, at most ${peak} open at the same time`,
      `memory: first ${samples[0]?.rssMb} MB, last ${samples.at(-1)?.rssMb} MB`,
    ].join('\n'),
  };
}

async function wait(gateway: Gateway, ids: readonly string[], forMs: number, over: AbortController): Promise<Run> {
  const [[clientId, clientSecret] = ['', '']] = Object.entries(defaultCredentials.clients);
  const inputs = {
    url: gateway.url,
    'client-id': clientId,
    'client-secret': clientSecret,
    'job-id': ids.join(),
    'min-interval-seconds': '0.1',
    'max-interval-seconds': '1',
    'timeout-minutes': String((2 * forMs) / 60_000 + 2),
  };
  try {
    return await runAction({ inputs, timeoutMs: 2 * forMs + 180_000 });
  } finally {
    over.abort();
  }
}

/** A rate limit, and from time to time another response for a single poll. */
function oddRule(): GatewayRule {
  const limit = rateLimitRule(RATE_LIMIT);
  let polls = 0;
  return (request) => {
    const limited = limit(request);
    if (limited !== undefined || !request.path.includes('/jobs/')) return limited;
    polls++;
    return polls % ODD_EVERY === 0 ? ODD[(polls / ODD_EVERY) % ODD.length] : undefined;
  };
}

/** @returns the number of injected faults */
async function injectFaults(simulator: Simulator, untilMs: number): Promise<number> {
  let count = 0;
  for (; Date.now() < untilMs; count++) {
    const isSlow = count % SLOW_EVERY === SLOW_EVERY - 1;
    const fault = isSlow ? SLOW[Math.floor(count / SLOW_EVERY) % SLOW.length] : QUICK[count % QUICK.length];
    if (fault !== undefined) simulator.failNext(count % 40 === 10 ? 'token' : 'job', fault);
    await sleep(QUICK_EVERY_MS);
  }
  return count;
}

/** @returns undefined if the process does not run, or cannot be measured on this system */
function measure(gateway: Gateway, startedMs: number): Sample | undefined {
  const rssKb = residentKb();
  if (rssKb === undefined) return undefined;
  return {
    atS: Math.round((Date.now() - startedMs) / 1000),
    rssMb: Math.round(rssKb / 1024),
    sockets: gateway.connections.open,
    requests: gateway.requests.length,
  };
}

/** @returns the memory of the process that runs dist; undefined without a suitable `ps` */
function residentKb(): number | undefined {
  const { stdout } = spawnSync('ps', ['-A', '-ww', '-o', 'ppid=,rss=,args='], { encoding: 'utf8' });
  const child = (stdout as string | null)
    ?.split('\n')
    .find((line) => line.trim().startsWith(`${process.pid} `) && line.includes('index.js'));
  return child === undefined ? undefined : Number(child.trim().split(/\s+/)[1]);
}

function problemsOf(run: Run, samples: readonly Sample[], peakSockets: number): string[] {
  const problems: string[] = [];
  if (run.outputs.outcome !== 'success')
    problems.push(`The outcome is ${run.outputs.outcome}, not success:\n${run.stdout.slice(-2000)}`);
  if (run.stderr !== '') problems.push(`stderr: ${run.stderr}`);
  if (peakSockets > MAX_SOCKETS) problems.push(`${peakSockets} sockets were open at the same time.`);
  const afterStart = samples.slice(Math.floor(samples.length / 3));
  const growth = (afterStart.at(-1)?.rssMb ?? NaN) - (afterStart[0]?.rssMb ?? NaN);
  if (!(growth <= MAX_GROWTH_MB)) problems.push(`Memory grew by ${growth} MB.`);
  return problems;
}
