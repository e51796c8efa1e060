import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

import { runAction, type Run } from '../runner/runner.ts';
import { defaultCredentials, startSimulator, type Fault, type Simulator } from '../simulator/simulator.ts';

/** Memory may grow by this much after the first third of the time; more is a leak. */
export const MAX_GROWTH_MB = 40;
/** One connection for each of the 8 requests under way, and one that is just being replaced for each. */
export const MAX_SOCKETS = 16;

const SAMPLES = 30;

/** What goes wrong, again and again, one after the other. */
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

/** What takes one of the 8 requests out of the running until its deadline, so it is rarer. */
const SLOW: readonly Fault[] = [{ kind: 'stall' }, { kind: 'hang' }, { kind: 'drip', everyMs: 100 }];
const SLOW_EVERY = 60;

/** The state of the process and of the server at one moment. */
export interface Sample {
  readonly atS: number;
  readonly rssMb: number;
  readonly sockets: number;
  readonly requests: number;
}

/** What a soak showed, and what of it is wrong. */
export interface Soaked {
  readonly faults: readonly string[];
  readonly summary: string;
}

/**
 * Lets the built action wait for jobs that end when the time is over, with one request after the other going wrong.
 * @param forMs how long
 * @param onSample told what is seen on the way
 */
export async function soak(forMs: number, jobs: number, onSample: (sample: Sample) => void): Promise<Soaked> {
  const simulator = await startSimulator({ tokenLifetimeSeconds: 20 });
  const life = {
    steps: [
      { atMs: 0, state: 'RUNNING' },
      { atMs: forMs, state: 'COMPLETED', result: 'SUCCESS' },
    ],
  };
  const ids = Array.from({ length: jobs }, () => simulator.addJob({ life }));
  const over = new AbortController();
  const startedMs = Date.now();
  const troubled = makeTrouble(simulator, startedMs + forMs);
  const samples: Sample[] = [];
  const step = wait(simulator, ids, forMs, over);
  while (!over.signal.aborted) {
    await sleep(forMs / SAMPLES);
    const sample = take(simulator, startedMs);
    if (sample === undefined) continue;
    samples.push(sample);
    onSample(sample);
  }
  const run = await step;
  const troubles = await troubled;
  const { opened, peak } = simulator.connections;
  const requests = simulator.requests.length;
  await simulator.close();
  return {
    faults: faultsOf(run, samples, peak),
    summary: [
      `outcome ${run.outputs.outcome} after ${Math.round(run.durationMs / 1000)} s`,
      `${requests} requests, ${troubles} of them in trouble, at most ${simulator.peakInFlight} at once`,
      `${opened} connections, at most ${peak} at once`,
      `memory ${samples[0]?.rssMb} MB at first, ${samples.at(-1)?.rssMb} MB at last`,
    ].join('\n'),
  };
}

async function wait(
  simulator: Simulator,
  ids: readonly string[],
  forMs: number,
  over: AbortController,
): Promise<Run> {
  const [[clientId, clientSecret] = ['', '']] = Object.entries(defaultCredentials.clients);
  const inputs = {
    url: simulator.url,
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

/** @returns how many requests were troubled */
async function makeTrouble(simulator: Simulator, untilMs: number): Promise<number> {
  let count = 0;
  for (; Date.now() < untilMs; count++) {
    const isSlow = count % SLOW_EVERY === SLOW_EVERY - 1;
    const fault = isSlow ? SLOW[Math.floor(count / SLOW_EVERY) % SLOW.length] : QUICK[count % QUICK.length];
    if (fault !== undefined) simulator.failNext(count % 40 === 10 ? 'token' : 'job', fault);
    await sleep(QUICK_EVERY_MS);
  }
  return count;
}

/** @returns undefined where the process is not there (yet, or any more), or can't be looked at on this system */
function take(simulator: Simulator, startedMs: number): Sample | undefined {
  const rssKb = residentKb();
  if (rssKb === undefined) return undefined;
  return {
    atS: Math.round((Date.now() - startedMs) / 1000),
    rssMb: Math.round(rssKb / 1024),
    sockets: simulator.connections.open,
    requests: simulator.requests.length,
  };
}

/** The memory of the only child that runs dist; undefined on a system without a `ps` that tells. */
function residentKb(): number | undefined {
  const { stdout } = spawnSync('ps', ['-A', '-ww', '-o', 'ppid=,rss=,args='], { encoding: 'utf8' });
  const child = (stdout as string | null)
    ?.split('\n')
    .find((line) => line.trim().startsWith(`${process.pid} `) && line.includes('index.js'));
  return child === undefined ? undefined : Number(child.trim().split(/\s+/)[1]);
}

function faultsOf(run: Run, samples: readonly Sample[], peakSockets: number): string[] {
  const faults: string[] = [];
  if (run.outputs.outcome !== 'success')
    faults.push(`The outcome is ${run.outputs.outcome}, not success:\n${run.stdout.slice(-2000)}`);
  if (run.stderr !== '') faults.push(`stderr: ${run.stderr}`);
  if (peakSockets > MAX_SOCKETS) faults.push(`${peakSockets} sockets were open at once`);
  const settled = samples.slice(Math.floor(samples.length / 3));
  const growth = (settled.at(-1)?.rssMb ?? NaN) - (settled[0]?.rssMb ?? NaN);
  if (!(growth <= MAX_GROWTH_MB)) faults.push(`Memory grew by ${growth} MB`);
  return faults;
}
