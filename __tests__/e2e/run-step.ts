import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { afterEach, expect } from '@jest/globals';

import { runAction, type Run, type RunOptions } from '../../dev/runner/runner.ts';
import {
  running,
  startSimulator,
  type FaultRule,
  type Life,
  type Simulator,
  type SimulatorOptions,
  type Step,
} from '../../dev/simulator/simulator.ts';

/** The bearer token that the simulator accepts by default. */
export const TOKEN = 'a-bearer-token-for-the-pipeline';

/** Every output of the contract. */
export const OUTPUT_NAMES = ['outcome', 'state', 'result', 'message', 'job-id', 'failed-commands', 'jobs'];

/** What is never said: whether a deleted job's work is taken back is up to Collibra. */
export const ROLL_BACK = /roll(ed)?[ -]?back|reverted|undone/i;

type Inputs = NonNullable<RunOptions['inputs']>;

const open: { close: () => unknown }[] = [];

/** Has something closed when the test is over, however it ends: a server that is left open holds jest up. */
export function closedAfterTest<T extends { close: () => unknown }>(one: T): T {
  open.push(one);
  return one;
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

/** A simulator for one test. */
export async function simulate(options: SimulatorOptions = {}): Promise<Simulator> {
  return closedAfterTest(await startSimulator(options));
}

/** Runs the built action against a simulator, with quick looks. */
export function waitStep(simulator: Simulator, inputs: Inputs, options: RunOptions = {}): Promise<Run> {
  const common = { url: simulator.url, token: TOKEN, 'min-interval-seconds': '0.1' };
  return runAction({ ...options, inputs: { ...common, ...inputs } });
}

/** Variables that let a script run in the action's process before the action itself does. */
export function preloading(script: string): Record<string, string> {
  const file = join(mkdtempSync(join(tmpdir(), 'preload-')), 'preload.mjs');
  writeFileSync(file, script);
  return { NODE_OPTIONS: `--import=${pathToFileURL(file).href}` };
}

/** A life that is in one state from the beginning on. */
export function settledLife(step: Omit<Step, 'atMs'>, more: Omit<Life, 'steps'> = {}): Life {
  return { steps: [{ atMs: 0, ...step }], ...more };
}

const importResults = { importJobState: 'COMPLETED' };

/** An import that has ended well before anyone looks. */
export const succeeded = settledLife({ state: 'COMPLETED', result: 'SUCCESS' }, { importResults });

type End = Pick<Step, 'result' | 'message'> & Omit<Life, 'steps'>;

/** An import that runs, and ends after so many milliseconds; well, unless told otherwise. */
export function endsAfter(ms: number, { result = 'SUCCESS', message, ...more }: End = {}): Life {
  const end = { state: 'COMPLETED', result, ...(message === undefined ? {} : { message }) };
  return { steps: [...running(0, ms), { atMs: ms, ...end }], importResults, ...more };
}

/**
 * Adds a job that ends well at the nth look at it, whenever that is: however slow the machine, it is seen as often. Its
 * Import Results know nothing of that.
 */
export function addJobThatEndsAtLook(
  simulator: Simulator,
  nth: number,
  faults: readonly FaultRule[],
): string {
  const id = crypto.randomUUID();
  const body = { id, state: 'COMPLETED', result: 'SUCCESS' };
  const end: FaultRule = { on: 'job', from: nth, fault: { kind: 'wrong-type', body } };
  return simulator.addJob({ id, life: settledLife({ state: 'RUNNING' }, { faults: [...faults, end] }) });
}

/** The jobs output, parsed. */
export function jobsOf(run: Run): Record<string, unknown>[] {
  return JSON.parse(run.outputs.jobs ?? '') as Record<string, unknown>[];
}

/** Later steps may read any output, whichever way the step ended. */
export function expectAllOutputs(run: Run): void {
  expect(Object.keys(run.outputs).sort()).toEqual([...OUTPUT_NAMES].sort());
}
