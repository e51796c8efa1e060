import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { afterAll, expect } from '@jest/globals';

import { runAction, type Run, type RunOptions } from '../../dev/runner/runner.ts';
import { startGateway, type Gateway, type GatewayOptions } from '../../dev/simulator/gateway.ts';
import { startSimulator, type Life, type LoggedRequest } from '../../dev/simulator/simulator.ts';
import type { Simulator, SimulatorOptions } from '../../dev/simulator/simulator.ts';
import { listen } from './tls.ts';

/** The bearer token that the simulator accepts by default. */
export const TOKEN = 'a-bearer-token-for-the-pipeline';

/** Every output of the contract. */
export const OUTPUT_NAMES = ['outcome', 'state', 'result', 'message', 'job-id', 'failed-commands', 'jobs'];

type Inputs = NonNullable<RunOptions['inputs']>;

const open: { close: () => unknown }[] = [];

/** The log's line for an error that is retried. */
export const TRANSIENT_ERROR = /^Transient error/m;

/** Closes something after the last test of the file: a server that is left open holds jest up. */
export function closedAfterTests<T extends { close: () => unknown }>(one: T): T {
  open.push(one);
  return one;
}

// Not after each test: jest runs no such hook for concurrent ones.
afterAll(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

/** Starts a simulator, for one test or for a whole file. */
export async function simulate(options: SimulatorOptions = {}): Promise<Simulator> {
  return closedAfterTests(await startSimulator(options));
}

/** Starts a gateway in front of a server. */
export async function gatewayTo({ url }: { readonly url: string }, options: GatewayOptions): Promise<Gateway> {
  return closedAfterTests(await startGateway(url, options));
}

/** A request to a server of a test's own. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** The ID of a job in the path, if there is one. */
  readonly id: string;
  /** How many requests with this method and path there were, this one included. */
  readonly nth: number;
}

/**
 * Starts a server that misbehaves as no simulator should: a test writes each response itself.
 * @param respond returns the JSON of a response, its status alone, 'reset' for none, or undefined for none ever
 */
export async function serve(respond: (request: Received) => unknown) {
  const requests: Received[] = [];
  const server = createServer((incoming, outgoing) => {
    const { pathname: path, searchParams: query } = new URL(incoming.url ?? '', 'http://server');
    const { method = '' } = incoming;
    const nth = 1 + requests.filter((one) => one.method === method && one.path === path).length;
    const request = { method, path, query, id: /[0-9a-f-]{36}/.exec(path)?.[0] ?? '', nth };
    requests.push(request);
    void Promise.resolve(respond(request)).then((reply) => {
      if (reply === 'reset') incoming.socket.resetAndDestroy();
      else if (typeof reply === 'number') outgoing.writeHead(reply).end();
      else if (reply !== undefined) outgoing.end(JSON.stringify(reply));
    });
  });
  const url = `http://127.0.0.1:${await listen(server)}`;
  return closedAfterTests({ url, requests, close: () => server.close().closeAllConnections() });
}

/** Runs the built action against a server, with short polling intervals. */
export function runStep(simulator: { readonly url: string }, inputs: Inputs, options: RunOptions = {}): Promise<Run> {
  const common = { url: simulator.url, token: TOKEN, 'min-interval-seconds': '0.1' };
  return runAction({ ...options, inputs: { ...common, ...inputs } });
}

/** Adds one job to a simulator, and runs the built action for it. */
export function runStepFor(
  simulator: Simulator,
  life: Life,
  inputs: Inputs = {},
  options: RunOptions = {},
): Promise<Run> {
  return runStep(simulator, { 'job-id': simulator.addJob({ life }), ...inputs }, options);
}

/** Measures the time from the first line that matches, which does not depend on how fast a process starts. */
export function stopwatch(whenLine: RegExp) {
  let startMs = NaN;
  return {
    onLine: (line: string) => {
      if (Number.isNaN(startMs) && whenLine.test(line)) startMs = performance.now();
    },
    elapsedMs: () => performance.now() - startMs,
  };
}

/** The requests for the state of a job, which leaves out those for its Import Results. */
export function pollsOf({ requests }: Simulator, id = ''): readonly LoggedRequest[] {
  return requests.filter(({ method, path }) => method === 'GET' && path.includes('/jobs/') && path.endsWith(id));
}

/** The delays between these requests, in milliseconds. */
export function delaysOf(requests: readonly { readonly at: number }[]): number[] {
  return requests.slice(1).map(({ at }, index) => at - (requests[index]?.at ?? NaN));
}

/** The time from the first of these requests to the last one, in milliseconds; NaN without requests. */
export function spanMs(requests: readonly { readonly at: number }[]): number {
  return (requests.at(-1)?.at ?? NaN) - (requests[0]?.at ?? NaN);
}

/** Checks that a step ended with an error, and what its first annotation says. */
export function expectError(run: Run, message: RegExp): void {
  expect([run.outputs.outcome, run.exitCode]).toEqual(['error', 1]);
  expect(run.annotations[0]?.message).toMatch(message);
}

/** Variables that let a script run in the action's process before the action itself does. */
export function preloading(script: string): Record<string, string> {
  const file = join(mkdtempSync(join(tmpdir(), 'preload-')), 'preload.mjs');
  writeFileSync(file, script);
  return { NODE_OPTIONS: `--import=${pathToFileURL(file).href}` };
}

/** A script to preload that makes time pass so many times faster. */
export const fastClock = (times: number): string => `
  const { uptime } = process;
  process.uptime = () => ${times} * uptime.call(process);
  const { setTimeout } = globalThis;
  globalThis.setTimeout = (callback, ms, ...more) => setTimeout(callback, ms / ${times}, ...more);
`;

/** A minute is over in less than a second, which a busy machine may need for anything. */
export const FAST_CLOCK = fastClock(100);

/** The output `jobs`, parsed. */
export function jobsOf(run: Run): Record<string, unknown>[] {
  return JSON.parse(run.outputs.jobs ?? '') as Record<string, unknown>[];
}

/** Checks that every output is set: later steps may read any of them, whatever the outcome. */
export function expectAllOutputs(run: Run): void {
  expect(Object.keys(run.outputs).sort()).toEqual([...OUTPUT_NAMES].sort());
}
