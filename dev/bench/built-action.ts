/*
 * What only real time shows: dist/index.js as the runner runs it, against the simulator. The figures depend on the
 * machine, so they are printed and never asserted.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { inputVariables, readActionFile } from '../runner/action-file.ts';
import { running, startSimulator, type Life, type Simulator } from '../simulator/simulator.ts';
import { percent, seconds, table } from './table.ts';

const entry = fileURLToPath(new URL('../../dist/index.js', import.meta.url));
const actionFile = fileURLToPath(new URL('../../action.yml', import.meta.url));
const ROUNDS = 15;

const now = () => performance.timeOrigin + performance.now();

/** Measures the size, the start, the memory and the delay of the built action. Returns Markdown. */
export async function measureBuiltAction(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  const simulator = await startSimulator({ now });
  try {
    const bench = new Bench(simulator, folder);
    const start = await bench.start();
    const memory = [await bench.peakMB(1), await bench.peakMB(100)].map((mb) => `${mb.toFixed(0)} MB`);
    return [
      '## The built action',
      `On this machine, with Node.js ${process.versions.node}.`,
      table(
        ['what', 'figure'],
        [
          ['size of dist/index.js', `${((await stat(entry)).size / 1_000).toFixed(1)} kB`],
          ['an empty script, until it exits (median)', `${start.emptyMs.toFixed(0)} ms`],
          ['this action, until its first request arrives (median)', `${start.actionMs.toFixed(0)} ms`],
          ['peak memory with 1 job', memory[0] ?? ''],
          ['peak memory with 100 jobs', memory[1] ?? ''],
        ],
      ),
      table(
        ['real jobs', 'delay', 'relative', 'requests'],
        await Promise.all(
          [3, 10, 30, 60].flatMap((duration) => [
            bench.wait('no progress', duration * 1_000, [{ atMs: 0, state: 'RUNNING' }]),
            bench.wait('linear, whole percent', duration * 1_000, running(0, duration * 1_000)),
          ]),
        ),
      ),
    ].join('\n\n');
  } finally {
    await simulator.close();
    await rm(folder, { recursive: true });
  }
}

class Bench {
  readonly #simulator: Simulator;
  readonly #folder: string;
  #runs = 0;

  constructor(simulator: Simulator, folder: string) {
    this.#simulator = simulator;
    this.#folder = folder;
  }

  /** Measures how long an empty script takes, and how long this action takes to send its first request. */
  async start(): Promise<{ emptyMs: number; actionMs: number }> {
    const empty = join(this.#folder, 'empty.mjs');
    await writeFile(empty, '');
    const times: { emptyMs: number; actionMs: number }[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const startMs = now();
      await this.#run(empty, {});
      const emptyMs = now() - startMs;
      const id = this.#add([], 0);
      const actionStartMs = now();
      await this.#runAction([id]);
      times.push({ emptyMs, actionMs: (this.#requestsAtMs(id)[0] ?? NaN) - actionStartMs });
    }
    const median = (numbers: number[]) => numbers.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? NaN;
    return {
      emptyMs: median(times.map(({ emptyMs }) => emptyMs)),
      actionMs: median(times.map(({ actionMs }) => actionMs)),
    };
  }

  /** Measures the largest resident memory of a wait for so many jobs, with some 15 polls each. */
  async peakMB(count: number): Promise<number> {
    const peak = join(this.#folder, `peak-${count}`);
    const hook = `import { writeFileSync } from 'node:fs';
      process.on('exit', () => writeFileSync(${JSON.stringify(peak)}, String(process.resourceUsage().maxRSS)));`;
    const ids = Array.from({ length: count }, () => this.#add(running(0, 5_000), 5_000));
    const inputs = { 'min-interval-seconds': '0.2', 'max-interval-seconds': '0.4' };
    await this.#runAction(ids, inputs, ['--import', `data:text/javascript,${encodeURIComponent(hook)}`]);
    return (Number(await readFile(peak, 'utf8')) * 1_024) / 1e6;
  }

  /** Waits for one job and returns a row of the table. */
  async wait(progress: string, durationMs: number, steps: Life['steps']): Promise<string[]> {
    const id = this.#add(steps, durationMs);
    const endMs = (this.#simulator.job(id)?.createdAt ?? NaN) + durationMs;
    await this.#runAction([id]);
    const polls = this.#requestsAtMs(id);
    const delayMs = (polls.at(-1) ?? NaN) - endMs;
    return [
      `${seconds(durationMs)}, ${progress}`,
      seconds(delayMs),
      percent(delayMs / durationMs),
      String(polls.length),
    ];
  }

  #add(steps: Life['steps'], durationMs: number): string {
    const end = { atMs: durationMs, state: 'COMPLETED', result: 'SUCCESS', progress: 100 };
    return this.#simulator.addJob({ life: { steps: [...steps, end] } });
  }

  #requestsAtMs(id: string): number[] {
    return this.#simulator.requests.filter(({ path }) => path.endsWith(id)).map(({ at }) => at);
  }

  async #runAction(
    ids: readonly string[],
    inputs: Readonly<Record<string, string>> = {},
    nodeOptions: readonly string[] = [],
  ): Promise<void> {
    const files = ['output', 'summary'].map((name) => join(this.#folder, `${name}-${++this.#runs}`));
    const [GITHUB_OUTPUT = '', GITHUB_STEP_SUMMARY = ''] = files;
    for (const file of files) await writeFile(file, '');
    const all = {
      url: this.#simulator.url,
      'job-id': ids.join(' '),
      token: 'a-bearer-token-for-the-pipeline',
      'job-api': 'jobs-v1',
      'import-results': 'false',
      ...inputs,
    };
    const variables = inputVariables(await readActionFile(actionFile), all);
    await this.#run(entry, { ...variables, GITHUB_OUTPUT, GITHUB_STEP_SUMMARY }, nodeOptions);
  }

  async #run(script: string, env: NodeJS.ProcessEnv, nodeOptions: readonly string[] = []): Promise<void> {
    const child = spawn(process.execPath, [...nodeOptions, script], {
      env,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0) throw new Error(`${script} exited with code ${String(code)}.`);
  }
}
