import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach } from '@jest/globals';

import { readKeyValueFile } from '../../dev/runner/file-commands.ts';
import { type Life, type Simulator, startSimulator, type Step } from '../../dev/simulator/simulator.ts';
import { JOB_1 } from './jobs.ts';
import { written } from './stdout.ts';

/* Runs a step for JOB_1 in this process, against a simulator, with files as those of the runner. */

export const TOKEN = 'a-bearer-token-for-the-pipeline';
export const RUN_URL = 'https://github.com/acme/catalog/actions/runs/4242';

export type Inputs = Readonly<Record<string, string>>;

/** The simulator and the folder of the files, new for each test. */
export let simulator: Simulator;
export let folder = '';
let before: NodeJS.ProcessEnv = {};

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'step-'));
  before = { ...process.env };
  unset(/^(https?|no)_proxy$|^RUNNER_DEBUG$|^NODE_TLS_|^STATE_/i);
  simulator = await startSimulator();
});

afterEach(async () => {
  await simulator.close();
  unset(/^/);
  Object.assign(process.env, before);
  rmSync(folder, { recursive: true });
});

/** Starts another simulator in place of the first one. */
export async function restartSimulator(options: Parameters<typeof startSimulator>[0]): Promise<void> {
  await simulator.close();
  simulator = await startSimulator(options);
}

/** Removes variables from the environment. */
function unset(names: RegExp): void {
  for (const name of Object.keys(process.env)) if (names.test(name)) Reflect.deleteProperty(process.env, name);
}

/** Does something as soon as the simulator has a request with a method. */
export function onRequest(method: string, act: () => void): void {
  const timer = setInterval(() => {
    if (!simulator.requests.some((request) => request.method === method)) return;
    clearInterval(timer);
    act();
  }, 5);
}

/** A signal that is aborted as soon as the simulator has a request with a method. */
export function canceledOnRequest(method: string): AbortSignal {
  const cancel = new AbortController();
  onRequest(method, () => cancel.abort());
  return cancel.signal;
}

/** Runs a step with inputs; the others have quick defaults. */
export async function runStep(inputs: Inputs, act: () => Promise<unknown>, summaryFile = join(folder, 'summary')) {
  for (const name of ['output', 'state', 'summary']) writeFileSync(join(folder, name), '');
  const quick = { 'min-interval-seconds': '0.1', 'import-results': 'false' };
  const given = { url: simulator.url, token: TOKEN, 'job-id': JOB_1, ...quick, ...inputs };
  unset(/^INPUT_/);
  for (const [name, value] of Object.entries(given)) process.env[`INPUT_${name.toUpperCase()}`] = value;
  const github = { GITHUB_SERVER_URL: 'https://github.com', GITHUB_REPOSITORY: 'acme/catalog', GITHUB_RUN_ID: '4242' };
  const files = { GITHUB_OUTPUT: join(folder, 'output'), GITHUB_STATE: join(folder, 'state') };
  Object.assign(process.env, { ...files, GITHUB_STEP_SUMMARY: summaryFile, ...github });
  let result: unknown;
  const out = await written(async () => (result = await act()));
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  const commands = (kind: RegExp) => out.commands.filter(({ name }) => kind.test(name));
  return {
    passed: result,
    outputs: readKeyValueFile(read('output')),
    state: readKeyValueFile(read('state')),
    summary: read('summary'),
    out,
    masks: commands(/^add-mask$/).map(({ text }) => text),
    annotations: commands(/^(error|warning)$/).map(({ name, title, text }) => [name, title, text]),
  };
}

/** Adds a job that never changes. */
export function addJob(state: string, result: string, step: Partial<Step> = {}, life: Partial<Life> = {}): void {
  simulator.addJob({ id: JOB_1, name: 'Nightly', life: { steps: [{ atMs: 0, state, result, ...step }], ...life } });
}

export const addSuccess = () => addJob('COMPLETED', 'SUCCESS');
export const addRunning = () => addJob('RUNNING', 'NOT_SET');
