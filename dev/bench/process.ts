/*
 * What can only be measured in real time, on the action as it is built: dist/index.js in a process of its own,
 * run as the runner runs it. These figures depend on the machine, so they are printed and never asserted.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { inputVariables, readActionFile } from '../runner/action-file.ts';
import { runAction } from '../runner/runner.ts';
import { momentOf } from '../simulator/life.ts';
import { running, startSimulator, type Life, type Simulator } from '../simulator/simulator.ts';
import type { SimulatedJob } from './jobs.ts';
import { thisAction } from './pollers.ts';
import { seeded } from './random.ts';
import { waitFor, type Poller } from './simulate.ts';

const entry = fileURLToPath(new URL('../../dist/index.js', import.meta.url));
const actionFile = fileURLToPath(new URL('../../action.yml', import.meta.url));

/** How heavy the built action is. */
export async function distBytes(): Promise<number> {
  return (await stat(entry)).size;
}

/** Times in milliseconds from spawning a process on. */
export interface Times {
  readonly medianMs: number;
  readonly fastestMs: number;
}

/** What starting takes. */
export interface StartUp {
  /** An empty script, until its process has ended. */
  readonly empty: Times;
  /** A script that does nothing but send a request with node:http, until the request arrives. */
  readonly bareRequest: Times;
  /** The action, until its first request arrives. */
  readonly action: Times;
}

/** Measures the start of the action and of two scripts to compare it with, in turn. */
export async function measureStartUp(rounds: number): Promise<StartUp> {
  let onRequest: () => void = () => undefined;
  const server = createServer((_request, response) => {
    onRequest();
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify({ id: someId, state: 'COMPLETED', result: 'SUCCESS' }));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  try {
    const empty = join(folder, 'empty.mjs');
    const bare = join(folder, 'bare.cjs');
    await writeFile(empty, '');
    await writeFile(
      bare,
      `const { get } = require('node:http');\nget('${url}', (answer) => answer.resume());\n`,
    );
    const times: [number[], number[], number[]] = [[], [], []];
    const env = await actionVariables(folder, { url, 'job-id': someId });
    const untilRequest = async (script: string) => {
      const arrival = new Promise<number>((resolve) => {
        onRequest = () => resolve(performance.now());
      });
      const startedMs = await run(script, env);
      return (await arrival) - startedMs;
    };
    for (let round = 0; round < rounds; round++) {
      const startedMs = await run(empty, env);
      times[0].push(performance.now() - startedMs);
      times[1].push(await untilRequest(bare));
      times[2].push(await untilRequest(entry));
    }
    return { empty: timesOf(times[0]), bareRequest: timesOf(times[1]), action: timesOf(times[2]) };
  } finally {
    server.close();
    await rm(folder, { recursive: true });
  }
}

/** The largest resident memory of a process, in MB of 10⁶ bytes. */
export interface Memory {
  readonly emptyMB: number;
  readonly oneJobMB: number;
  readonly hundredJobsMB: number;
}

/** Measures the memory of waits for one job and for a hundred, each with some 15 looks a job. */
export async function measureMemory(): Promise<Memory> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  const simulator = await startSimulator();
  try {
    const empty = join(folder, 'empty.mjs');
    await writeFile(empty, '');
    const waitFor = async (count: number) => {
      const ids = Array.from({ length: count }, () => simulator.addJob({ life: linearLife(5_000) }));
      const intervals = { 'min-interval-seconds': '0.2', 'max-interval-seconds': '0.4' };
      const inputs = { url: simulator.url, 'job-id': ids.join(' '), ...intervals };
      return peakMB(folder, entry, await actionVariables(folder, inputs));
    };
    return {
      emptyMB: await peakMB(folder, empty, {}),
      oneJobMB: await waitFor(1),
      hundredJobsMB: await waitFor(100),
    };
  } finally {
    await simulator.close();
    await rm(folder, { recursive: true });
  }
}

/** How a job was waited for in real time, and how it should have been. */
export interface RealWait {
  readonly progress: string;
  readonly durationMs: number;
  readonly passed: boolean;
  readonly delayMs: number;
  readonly requests: number;
  /** The smallest and the largest in simulated time, whatever the jitter and the moment of the first look. */
  readonly foretoldDelayMs: readonly [number, number];
  readonly foretoldRequests: readonly [number, number];
}

/** Lets the built action wait for short jobs of the simulator, each in a run of its own, side by side. */
export async function waitInRealTime(): Promise<readonly RealWait[]> {
  const simulator = await startSimulator({ now: () => performance.timeOrigin + performance.now() });
  try {
    return await Promise.all(
      [3, 10, 30, 60]
        .flatMap((seconds) => Object.entries(lives).map(([progress, life]) => ({ seconds, progress, life })))
        .map(async ({ seconds, progress, life }, index) => {
          // Processes that start at the same moment would wait for each other.
          await sleep(index * 400);
          return realWait(simulator, progress, seconds * 1_000, life(seconds * 1_000));
        }),
    );
  } finally {
    await simulator.close();
  }
}

const someId = '11111111-2222-4333-8444-555555555555';

const lives: Readonly<Record<string, (durationMs: number) => Life>> = {
  none: (durationMs) => ({ steps: [{ atMs: 0, state: 'RUNNING' }, ended(durationMs)] }),
  'linear, whole per cent': linearLife,
  'sticks at 50': (durationMs) => ({ steps: [...running(0, durationMs / 2, 0, 50), ended(durationMs)] }),
  'queue, then linear': (durationMs) => ({
    steps: [{ atMs: 0, state: 'WAITING' }, ...running(durationMs / 2, durationMs), ended(durationMs)],
  }),
};

function linearLife(durationMs: number): Life {
  return { steps: [...running(0, durationMs), ended(durationMs)] };
}

function ended(atMs: number) {
  return { atMs, state: 'COMPLETED', result: 'SUCCESS', progress: 100 };
}

async function realWait(
  simulator: Simulator,
  progress: string,
  durationMs: number,
  life: Life,
): Promise<RealWait> {
  const id = simulator.addJob({ life });
  const createdMs = simulator.job(id)?.createdAt ?? NaN;
  const { exitCode } = await runAction({
    inputs: {
      url: simulator.url,
      'job-id': id,
      token: 'a-bearer-token-for-the-pipeline',
      'import-results': 'false',
    },
    timeoutMs: 2 * durationMs + 60_000,
  });
  const looks = simulator.requests.filter(({ path }) => path.endsWith(id)).map(({ at }) => at - createdMs);
  const waits = Array.from({ length: 500 }, (_, seed) =>
    waitFor(lateLook(life, durationMs, looks[0] ?? NaN), slowAction, seeded(seed)),
  );
  return {
    progress,
    durationMs,
    passed: exitCode === 0,
    delayMs: (looks.at(-1) ?? NaN) - durationMs,
    requests: looks.length,
    foretoldDelayMs: range(waits.map(({ delayMs }) => delayMs)),
    foretoldRequests: range(waits.map(({ looksMs }) => looksMs.length)),
  };
}

/** In real time a request takes some time too, and a busy machine wakes late. */
const slowAction: Poller = {
  name: 'this action, with requests that take up to 30 ms',
  begin(random) {
    const rhythm = thisAction().begin(random);
    return (sighting) => rhythm(sighting) + (sighting === undefined ? 0 : 30 * random());
  },
};

/** The rest of a job whose wait begins so late: a process has to start first. */
function lateLook(life: Life, durationMs: number, lateMs: number): SimulatedJob {
  return {
    durationMs: durationMs - lateMs,
    at(ms) {
      const { state, progress } = momentOf(life, ms + lateMs);
      return { running: state === 'RUNNING', progress };
    },
  };
}

/** What the runner sets for a step. */
async function actionVariables(
  folder: string,
  inputs: Readonly<Record<string, string>>,
): Promise<Record<string, string>> {
  const usual = { token: 'a-bearer-token-for-the-pipeline', 'job-api': 'jobs-v1', 'import-results': 'false' };
  return {
    ...inputVariables(await readActionFile(actionFile), { ...usual, ...inputs }),
    GITHUB_OUTPUT: join(folder, 'output'),
    GITHUB_STEP_SUMMARY: join(folder, 'summary'),
  };
}

/** Runs a script to its end, as quietly as can be, and tells when it was started. */
async function run(
  script: string,
  env: Readonly<Record<string, string>>,
  options: readonly string[] = [],
): Promise<number> {
  for (const name of ['GITHUB_OUTPUT', 'GITHUB_STEP_SUMMARY']) if (env[name]) await writeFile(env[name], '');
  const startedMs = performance.now();
  const child = spawn(process.execPath, [...options, script], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${script} ended with exit code ${String(code)}.`);
  return startedMs;
}

async function peakMB(
  folder: string,
  script: string,
  env: Readonly<Record<string, string>>,
): Promise<number> {
  const [hook, result] = [join(folder, 'peak.mjs'), join(folder, 'peak')];
  await writeFile(
    hook,
    `import { writeFileSync } from 'node:fs';
     process.on('exit', () => writeFileSync(${JSON.stringify(result)}, String(process.resourceUsage().maxRSS)));`,
  );
  await run(script, env, ['--import', pathToFileURL(hook).href]);
  return (Number(await readFile(result, 'utf8')) * 1_024) / 1e6;
}

function timesOf(numbers: readonly number[]): Times {
  const sorted = [...numbers].sort((a, b) => a - b);
  return { medianMs: sorted[Math.floor(sorted.length / 2)] ?? NaN, fastestMs: sorted[0] ?? NaN };
}

function range(numbers: readonly number[]): [number, number] {
  return [Math.min(...numbers), Math.max(...numbers)];
}
