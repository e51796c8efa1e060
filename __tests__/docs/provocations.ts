import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

import { type Run, runAction, type RunOptions } from '../../dev/runner/runner.ts';
import {
  defaultCredentials,
  type Fault,
  type JobToAdd,
  type Life,
  type RouteGroup,
  type Simulator,
  type SimulatorOptions,
  startSimulator,
} from '../../dev/simulator/simulator.ts';
import { connectProxy, tlsFront } from '../e2e/tls.ts';

/** Every way to make the action complain, each through dist. */

const ID = '0198c0de-0000-4000-8000-00000000c0de';
const token = defaultCredentials.tokens[0] ?? '';
const actionYml = fileURLToPath(new URL('../../action.yml', import.meta.url));

type Inputs = NonNullable<RunOptions['inputs']>;

/** Inputs that are refused before anything is asked. */
const BAD_INPUTS: readonly Inputs[] = [
  {},
  { url: 'acme', 'job-id': 'null', 'job-name': 'x', token, username: 'me' },
  { 'job-id': 'null' },
  { url: 'https://me:secret@acme.example', 'job-id': '[1]', password: 'secret' },
  { url: 'https://acme.example/?a', 'job-id': ',', 'client-id': 'x' },
  { url: 'http://acme.example', 'job-type': 'IMPORT', 'job-user': 'me', 'client-secret': 'secret' },
  { url: 'ftp://acme.example', 'job-id': ID, token: 'Bearer x' },
  { 'job-id': Array.from({ length: 101 }, (_, n) => ID.slice(0, -3) + String(100 + n)).join() },
  { username: 'a:b', password: 'secret', 'job-name': 'x', 'job-api': 'core-2.0' },
  { accept: 'FAILURE', 'max-failed-commands': '-1', 'on-timeout': 'x' },
  { 'timeout-minutes': '90m', 'lookback-minutes': 'x', 'max-outage-minutes': 'x' },
  { 'min-interval-seconds': '0', 'max-interval-seconds': '0' },
  { 'min-interval-seconds': '5', 'max-interval-seconds': '1' },
  { url: 'https://acme.example', 'job-id': ID, token, 'errors-file': `${actionYml}/errors.jsonl` },
];

/** One run against a simulator of its own. */
interface Provocation {
  readonly inputs?: Inputs;
  readonly job?: JobToAdd;
  readonly simulator?: SimulatorOptions;
  /** What every request of a kind meets. */
  readonly faults?: Partial<Record<RouteGroup, Fault>>;
  readonly run?: RunOptions;
  readonly prepare?: (simulator: Simulator) => void;
}

const settled = (state: string, result: string, more: Partial<Life> = {}): JobToAdd => ({
  life: { steps: [{ atMs: 0, state, result, ends: true }], ...more },
});
const status = (code: number): Fault => ({ kind: 'status', status: code });
const json = (body: unknown): Fault => ({ kind: 'wrong-type', body });
const quick = { 'timeout-minutes': '0.02', 'min-interval-seconds': '0.1' };
/** No patience: the first trouble is the last. */
const noOutage = { 'max-outage-minutes': '0' };
const curt = { ...quick, ...noOutage };
const [[clientId, clientSecret] = ['', '']] = Object.entries(defaultCredentials.clients);
const client = { token: '', 'client-id': clientId, 'client-secret': clientSecret };
const byName = { 'job-id': '', 'job-name': 'Sync' };
const partial = { accept: 'COMPLETED_WITH_ERROR' };
const noResults = { results: status(403) };
const stuck: JobToAdd = { scenario: 'stuck' };

const PROVOCATIONS: readonly Provocation[] = [
  // The job did not end well.
  { job: { scenario: 'completed-with-error' } },
  { job: { scenario: 'completed-with-nothing-committed' }, inputs: partial },
  { job: { scenario: 'aborted' }, inputs: { accept: 'ABORTED' } },
  { job: { scenario: 'completed-with-error' }, inputs: { ...partial, 'max-failed-commands': '1' } },
  { job: { scenario: 'completed-with-error' }, inputs: { ...partial, 'max-failed-commands': '5' } },
  {
    job: { scenario: 'completed-with-error' },
    inputs: { ...partial, 'max-failed-commands': '5' },
    faults: noResults,
  },
  { job: { scenario: 'failed' } },
  { job: settled('COMPLETED', 'FAILURE') },
  { job: { scenario: 'deleted' } },
  { job: settled('COMPLETED', 'NOT_SET'), inputs: quick, faults: noResults },
  { job: settled('COMPLETED', 'NOT_SET', { importResults: { importJobState: 'ODD' } }), inputs: quick },
  { job: settled('COMPLETED', 'NOT_SET', { importResults: { importJobState: 'FAILED' } }), inputs: quick },
  { job: settled('COMPLETED', 'SPLENDID') },
  { job: settled('COMPLETED', 'SUCCESS', { importResults: { importJobState: 'FAILED' } }) },
  { job: settled('EVAPORATED', 'SUCCESS') },
  // The wait ended before the job did.
  { job: stuck, inputs: quick },
  { job: { life: { steps: [{ atMs: 0, state: 'HIBERNATING' }] } }, inputs: quick },
  {
    job: { ...stuck, life: { steps: [], faults: [{ on: 'job', from: 2, fault: status(503) }] } },
    inputs: quick,
  },
  { inputs: { ...quick, ...byName } },
  { job: stuck, run: { signals: [{ signal: 'SIGINT', whenLine: /WAITING|RUNNING/ }] } },
  {
    job: stuck,
    faults: { job: { kind: 'hang' } },
    run: { signals: [{ signal: 'SIGINT', whenLine: /^Waiting/, afterMs: 200 }] },
  },
  { inputs: byName, run: { signals: [{ signal: 'SIGINT', whenLine: /^No job/ }] } },
  {
    job: settled('COMPLETED', 'NOT_SET'),
    inputs: quick,
    faults: { results: { kind: 'hang' } },
    run: { signals: [{ signal: 'SIGINT', whenLine: /COMPLETED/, afterMs: 1800 }] },
  },
  {
    job: settled('COMPLETED', 'SUCCESS'),
    faults: { results: { kind: 'hang' } },
    run: { signals: [{ signal: 'SIGINT', whenLine: /COMPLETED/ }] },
  },
  // Collibra can't be asked.
  { simulator: { tokens: [] } },
  { inputs: { token: '', username: 'pipeline', password: 'another-password' } },
  { inputs: client, prepare: ({ faults }) => faults.push({ on: 'job', fault: status(401) }) },
  { inputs: { ...client, 'client-secret': 'another-secret' } },
  { inputs: { ...client, ...curt }, faults: { token: json({ access_token: 'not a token' }) } },
  { inputs: client, faults: { token: json({ access_token: 'abcdefgh', token_type: 'mac' }) } },
  { inputs: { ...client, ...curt }, faults: { token: { kind: 'hang' } } },
  { inputs: { ...client, ...curt }, faults: { token: json({}) } },
  { faults: { job: status(403) } },
  { inputs: { 'job-id': ID, ...quick } },
  { faults: { job: { kind: 'redirect', location: 'https://sso.acme.example/' } } },
  { faults: { job: status(400) } },
  { inputs: curt, faults: { job: status(503) } },
  { inputs: curt, faults: { job: { kind: 'status', status: 502, body: 'html' } } },
  { inputs: curt, faults: { job: { kind: 'html-200' } } },
  { inputs: curt, faults: { job: { kind: 'truncated-json' } } },
  { inputs: curt, faults: { job: json([]) } },
  { inputs: { ...curt, ...byName }, faults: { find: json([]) } },
  { inputs: { ...curt, ...byName }, faults: { find: json({ results: [], nextCursor: 'x' }) } },
  { inputs: { ...curt, ...byName }, prepare: endlessPages },
  { inputs: curt, faults: { job: { kind: 'other-job' } } },
  { inputs: curt, faults: { job: { kind: 'hang' } } },
  { inputs: curt, faults: { job: { kind: 'reset' } } },
  { inputs: noOutage, faults: { job: { kind: 'break-off' } } },
  { inputs: curt, faults: { job: { kind: 'garbage' } } },
  { inputs: noOutage, faults: { job: { kind: 'huge', megabytes: 33 } }, run: { timeoutMs: 30_000 } },
  { inputs: { ...curt, url: 'http://127.0.0.1:9' } },
  { inputs: { ...curt, url: 'https://collibra.invalid' } },
  { inputs: byName, simulator: { apis: ['core-2.0'] } },
  // A second job beside one that is refused.
  {
    job: { ...stuck, id: ID },
    inputs: { 'job-id': `${ID}, ${ID.replace('c0de', 'c0df')}` },
    prepare: ({ addJob, failNext }) => {
      addJob({ ...stuck, id: ID.replace('c0de', 'c0df') });
      failNext('job', status(401));
    },
  },
  // Warnings.
  { job: { ...stuck, user: 'admin' }, inputs: { ...quick, 'on-timeout': 'delete' } },
  {
    job: { scenario: 'success' },
    run: { env: { GITHUB_STEP_SUMMARY: `${dirname(actionYml)}/none/summary` } },
  },
  { job: { scenario: 'large' }, inputs: { 'errors-file': 'e.jsonl' }, prepare: missingErrors },
  {
    inputs: { 'job-id': Array.from({ length: 12 }, (_, n) => ID.slice(0, -2) + String(10 + n)).join() },
    prepare: ({ addJob }) => {
      for (let n = 10; n < 22; n++) addJob({ scenario: 'failed', id: ID.slice(0, -2) + String(n) });
    },
  },
];

/** The second page of failed commands is empty. */
function missingErrors({ faults }: Simulator): void {
  faults.push({ on: 'results', from: 3, fault: json({ total: 2500, results: [] }) });
}

/** Every page of Find jobs has a cursor of its own. */
function endlessPages({ faults }: Simulator): void {
  for (let n = 1; n <= 60; n++)
    faults.push({ on: 'find', from: n, to: n, fault: json({ results: [], nextCursor: `c${n}` }) });
}

/** All that was said, and of that the errors and warnings, without what only leads over to them. */
export interface Said {
  readonly said: readonly string[];
  readonly errors: readonly string[];
}

/** Provokes everything, several runs at a time. */
export function provokeAll(): { results: Promise<Said>; close: () => Promise<void> } {
  const work = [
    ...BAD_INPUTS.map((inputs) => () => runAction({ inputs })),
    () => proxyWithoutScheme(),
    ...PROVOCATIONS.map((provocation) => () => provoke(provocation)),
    () => behindTls({}),
    ...[407, 403, 502].map((refusal) => () => behindTls({ refusal })),
  ];
  const results = inTurn(work, 4).then((runs) => ({
    said: runs.flatMap(({ lines, annotations }) => [
      ...lines,
      ...annotations.flatMap(({ title, message }) => [title, ...message.split('\n')]),
    ]),
    errors: runs.flatMap(({ annotations }) =>
      annotations.flatMap(({ title, message }) =>
        message
          .split('\n')
          .filter((line) => !/To be put right first:$/.test(line))
          .map((line) => `${title}: ${line}`),
      ),
    ),
  }));
  const close = async () => {
    await results.catch(() => undefined);
    await rm(`${dirname(actionYml)}/none`, { force: true, recursive: true });
  };
  return { results, close };
}

async function inTurn<T>(work: readonly (() => Promise<T>)[], lanes: number): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  const lane = async () => {
    for (let index = next++; index < work.length; index = next++) {
      const result = await work[index]?.();
      if (result !== undefined) results[index] = result;
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return results;
}

async function provoke({ inputs = {}, job = {}, faults = {}, run = {}, ...more }: Provocation): Promise<Run> {
  const simulator = await startSimulator({ speed: 1000, ...more.simulator });
  try {
    const life: Life | undefined = job.life && { ...job.life };
    const id = simulator.addJob({ ...job, ...(life && { life }) });
    for (const [on, fault] of Object.entries(faults)) simulator.faults.push({ on: on as RouteGroup, fault });
    more.prepare?.(simulator);
    return await runAction({ ...run, inputs: { url: simulator.url, 'job-id': id, token, ...inputs } });
  } finally {
    await simulator.close();
  }
}

function proxyWithoutScheme(): Promise<Run> {
  const inputs = { url: 'https://acme.example', 'job-id': ID, token };
  return runAction({ inputs, env: { https_proxy: 'proxy.acme.example:8080' } });
}

/** A certificate that nobody vouches for; or a proxy that refuses. */
async function behindTls({ refusal }: { refusal?: number }): Promise<Run> {
  const simulator = await startSimulator();
  const front = await tlsFront(simulator.url, 'localhost');
  const proxy = await connectProxy(front.port, undefined, refusal);
  try {
    const inputs = { 'job-id': simulator.addJob(), token };
    return refusal !== undefined
      ? await runAction({
          inputs: { ...inputs, ...curt, url: 'https://collibra.acme.example' },
          env: { https_proxy: `http://127.0.0.1:${proxy.port}` },
        })
      : await runAction({ inputs: { ...inputs, url: `https://localhost:${front.port}` } });
  } finally {
    await Promise.all([front.close(), proxy.close(), simulator.close()]);
  }
}
