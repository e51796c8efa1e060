import { createServer, type ServerOptions } from 'node:https';

import { root } from '../../dev/scripts/documents.ts';
import { type Run, runAction, type RunOptions } from '../../dev/runner/runner.ts';
import type { Fault, JobToAdd, Life, RouteGroup, Simulator, SimulatorOptions } from '../../dev/simulator/simulator.ts';
import { defaultCredentials, startSimulator } from '../../dev/simulator/simulator.ts';
import { connectProxy, listen, makeCertificate } from '../e2e/tls.ts';

/** Provokes every error and warning of the action through dist. */

const ID = '0198c0de-0000-4000-8000-00000000c0de';
const token = defaultCredentials.tokens[0] ?? '';
/** A path below a file, where nothing can be written. */
const notWritable = `${root}action.yml/file`;

type Inputs = NonNullable<RunOptions['inputs']>;

const ofJob = (url: string): Inputs => ({ url, 'job-id': ID, token });

/** Inputs that are rejected before the first request. */
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
  ...[notWritable, root].map((path) => ({ ...ofJob('https://acme.example'), 'errors-file': path })),
];

/** A run against its own simulator. */
interface Provocation {
  readonly inputs?: Inputs | ((simulator: Simulator) => Inputs);
  readonly job?: JobToAdd;
  readonly simulator?: SimulatorOptions;
  /** The fault of every request to a group of routes. */
  readonly faults?: Partial<Record<RouteGroup, Fault>>;
  readonly run?: RunOptions;
  readonly prepare?: (simulator: Simulator) => unknown;
}

const finished = (state: string, result: string, more: Partial<Life> = {}): JobToAdd => ({
  life: { steps: [{ atMs: 0, state, result, ends: true }], ...more },
});
const status = (code: number) => ({ kind: 'status', status: code }) as const;
const rateLimited = (seconds: number): Fault => ({ ...status(429), retryAfter: { seconds, as: 'seconds' } });
const pageWithoutTitle: Fault = { ...status(502), body: 'text', headers: { 'content-type': 'text/html' } };
/** A response that is not in the encoding that its header names. */
const encoded = (encoding: string): Fault => ({ ...status(200), headers: { 'content-encoding': encoding } });
const json = (body: unknown): Fault => ({ kind: 'wrong-type', body });
const quick = { 'timeout-minutes': '0.02', 'min-interval-seconds': '0.1' };
/** Without retries: the first transient error ends the run. */
const noOutage = { 'max-outage-minutes': '0' };
const noRetry = { ...quick, ...noOutage, 'job-api': 'jobs-v1' };
const [[clientId, clientSecret] = ['', '']] = Object.entries(defaultCredentials.clients);
const client = { token: '', 'client-id': clientId, 'client-secret': clientSecret };
const byName = { 'job-id': '', 'job-name': 'Sync' };
const partial = { accept: 'COMPLETED_WITH_ERROR' };
const noResults = { results: status(403) };
const hang: Fault = { kind: 'hang' };
const partlyFailed: JobToAdd = { scenario: 'completed-with-error' };
const stuck: JobToAdd = { scenario: 'stuck' };
const cancel = (whenLine: RegExp, afterMs = 0): RunOptions => ({ signals: [{ signal: 'SIGINT', whenLine, afterMs }] });

const PROVOCATIONS: readonly Provocation[] = [
  // The job does not succeed.
  { job: partlyFailed },
  { job: { scenario: 'completed-with-nothing-committed' }, inputs: partial },
  { job: { scenario: 'aborted' }, inputs: { accept: 'ABORTED' } },
  { job: partlyFailed, inputs: { ...partial, 'max-failed-commands': '1' } },
  { job: partlyFailed, inputs: { ...partial, 'max-failed-commands': '5' } },
  { job: partlyFailed, inputs: { ...partial, 'max-failed-commands': '5' }, faults: noResults },
  { job: { scenario: 'failed' } },
  { job: finished('COMPLETED', 'FAILURE') },
  { job: { scenario: 'deleted' } },
  { job: finished('COMPLETED', 'NOT_SET'), inputs: quick, faults: noResults },
  { job: finished('COMPLETED', 'NOT_SET', { importResults: { importJobState: 'ODD' } }), inputs: quick },
  { job: finished('COMPLETED', 'NOT_SET', { importResults: { importJobState: 'FAILED' } }), inputs: quick },
  { job: finished('COMPLETED', 'SPLENDID') },
  { job: finished('COMPLETED', 'SUCCESS', { importResults: { importJobState: 'FAILED' } }) },
  { job: finished('EVAPORATED', 'SUCCESS') },
  // The run ends before the job is finished.
  { job: stuck, inputs: quick },
  { job: { life: { steps: [{ atMs: 0, state: 'HIBERNATING' }] } }, inputs: quick },
  { job: { ...stuck, life: { steps: [], faults: [{ on: 'job', from: 2, fault: status(503) }] } }, inputs: quick },
  { inputs: { ...quick, ...byName } },
  { job: stuck, run: cancel(/WAITING|RUNNING/) },
  { job: stuck, faults: { job: hang }, run: cancel(/^Waiting/, 200) },
  { inputs: byName, run: cancel(/Sync.* yet/) },
  { job: finished('COMPLETED', 'NOT_SET'), inputs: quick, faults: { results: hang }, run: cancel(/COMPLETED/, 1800) },
  { job: finished('COMPLETED', 'SUCCESS'), faults: { results: hang }, run: cancel(/COMPLETED/) },
  // The requests fail.
  { simulator: { tokens: [] } },
  { inputs: { token: '', username: 'pipeline', password: 'another-password' } },
  { inputs: client, prepare: ({ faults }) => faults.push({ on: 'job', fault: status(401) }) },
  { inputs: { ...client, 'client-secret': 'another-secret' } },
  { inputs: client, faults: { token: json({ access_token: 'not a token' }) } },
  { inputs: client, faults: { token: json({ access_token: 'abcdefgh', token_type: 'mac' }) } },
  { inputs: { ...client, ...noRetry }, faults: { token: hang } },
  { inputs: { ...client, ...noRetry }, faults: { token: json({}) } },
  { faults: { job: status(403) } },
  { inputs: { 'job-id': ID, ...quick } },
  { faults: { job: { kind: 'redirect', location: 'https://sso.acme.example/' } } },
  { faults: { job: status(400) } },
  ...[
    ...[status(503), json([]), pageWithoutTitle, encoded('gzip'), encoded('odd')],
    ...(['hang', 'html-200', 'truncated-json', 'other-job', 'reset', 'garbage'] as const).map((kind) => ({ kind })),
  ].map((job) => ({ inputs: noRetry, faults: { job } })),
  { inputs: { ...noRetry, ...byName }, faults: { find: json([]) } },
  { inputs: { ...noRetry, ...byName }, faults: { find: json({ results: [], nextCursor: 'x' }) } },
  { inputs: byName, faults: { find: json({ results: [{ id: ID, name: 'Sync' }] }) } },
  { inputs: { ...noOutage, ...byName }, prepare: endlessPages },
  { inputs: noOutage, faults: { job: { kind: 'break-off' } } },
  { inputs: noOutage, faults: { job: { kind: 'huge', megabytes: 33 } }, run: { timeoutMs: 30_000 } },
  { inputs: quick, faults: { job: rateLimited(30) } },
  { job: { scenario: 'success' }, faults: { results: rateLimited(600) } },
  { faults: { job: { kind: 'status', status: 503, headers: { 'x-large': 'x'.repeat(20_000) } } } },
  { inputs: { ...noRetry, url: 'http://127.0.0.1:9' } },
  { inputs: { ...noRetry, url: 'https://collibra.invalid' } },
  { inputs: ({ port }) => ({ ...noRetry, url: `https://localhost:${port}` }) },
  { inputs: { url: 'https://acme.example' }, run: { env: { https_proxy: 'proxy.acme.example:8080' } } },
  { inputs: byName, simulator: { apis: ['core-2.0'] } },
  // The credentials are rejected for one of two jobs.
  { inputs: several(2, stuck, { 'job-api': 'jobs-v1' }), prepare: ({ failNext }) => failNext('job', status(401)) },
  // Warnings.
  { job: { ...stuck, user: 'admin' }, inputs: { ...quick, 'on-timeout': 'delete' } },
  { job: stuck, inputs: { 'on-cancel': 'delete' }, faults: { delete: hang }, run: cancel(/RUNNING/) },
  // It finishes after the first and the final poll.
  {
    job: { ...finished('COMPLETED', 'SUCCESS', { faults: [{ on: 'job', to: 2, fault: json({ id: ID }) }] }), id: ID },
    inputs: { ...quick, 'job-api': 'jobs-v1', 'min-interval-seconds': '5', 'on-timeout': 'delete' },
  },
  {
    job: { scenario: 'success' },
    run: { env: { GITHUB_STEP_SUMMARY: notWritable, NODE_TLS_REJECT_UNAUTHORIZED: '0' } },
  },
  // The second page of failed commands is empty.
  {
    job: { scenario: 'large' },
    inputs: { 'errors-file': 'e.jsonl' },
    prepare: ({ faults }) => faults.push({ on: 'results', from: 3, fault: json({ total: 2500, results: [] }) }),
  },
  { inputs: several(12, { scenario: 'failed' }) },
];

/** No TLS version, no client certificate, and no cipher that suits both sides. */
const TLS_SETTINGS: readonly ServerOptions[] = [
  { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1' },
  { requestCert: true, rejectUnauthorized: true },
  { maxVersion: 'TLSv1.2', ciphers: 'PSK-AES128-CBC-SHA' },
];

/** Adds so many jobs, and waits for all of them. */
function several(count: number, job: JobToAdd, inputs: Inputs = {}) {
  return ({ addJob }: Simulator): Inputs => {
    const ids = Array.from({ length: count }, () => addJob(job));
    return { ...inputs, 'job-id': ids.join() };
  };
}

/** Every page of Find jobs has a cursor of its own. */
function endlessPages({ faults }: Simulator): void {
  for (let n = 1; n <= 60; n++)
    faults.push({ on: 'find', from: n, to: n, fault: json({ results: [], nextCursor: `c${n}` }) });
}

/** All texts, and the errors and warnings among them without the lines that only introduce others. */
export interface Said {
  readonly all: readonly string[];
  readonly errors: readonly string[];
}

/** Provokes all errors and warnings, four runs at a time. */
export async function provokeAll(): Promise<Said> {
  const thisYear = new Date().getUTCFullYear();
  const work = [
    ...BAD_INPUTS.map((inputs) => () => runAction({ inputs })),
    ...PROVOCATIONS.map((provocation) => () => provoke(provocation)),
    () => withCertificate(thisYear, 'localhost', false),
    () => withCertificate(thisYear, 'elsewhere.example'),
    ...TLS_SETTINGS.map((settings) => () => withCertificate(thisYear, 'localhost', true, settings)),
    ...[2001, 2101].map((year) => () => withCertificate(year, 'localhost')),
    ...[407, 401, 403, 502, 103].map((proxyStatus) => () => behindProxy(proxyStatus)),
  ].values();
  const runs: Run[] = [];
  // The workers share one iterator, so each takes the next run.
  const worker = async () => {
    for (const start of work) runs.push(await start());
  };
  await Promise.all(Array.from({ length: 4 }, worker));
  const annotated = runs.flatMap(({ annotations }) =>
    annotations.flatMap(({ title, message }) => message.split('\n').map((line) => ({ title, line }))),
  );
  return {
    all: [...runs.flatMap(({ lines }) => lines), ...annotated.flatMap(({ title, line }) => [title, line])],
    errors: annotated
      .filter(({ line }) => !line.endsWith(' Fix these inputs:'))
      .map(({ title, line }) => `${title}: ${line}`),
  };
}

async function provoke({ inputs = {}, job = {}, faults = {}, run = {}, ...more }: Provocation): Promise<Run> {
  const simulator = await startSimulator({ speed: 1000, ...more.simulator });
  try {
    const id = simulator.addJob(job);
    for (const [on, fault] of Object.entries(faults)) simulator.faults.push({ on: on as RouteGroup, fault });
    more.prepare?.(simulator);
    const given = typeof inputs === 'function' ? inputs(simulator) : inputs;
    return await runAction({ ...run, inputs: { ...ofJob(simulator.url), 'job-id': id, ...given } });
  } finally {
    await simulator.close();
  }
}

/** A proxy that rejects every connection with a status. */
async function behindProxy(status: number): Promise<Run> {
  const proxy = await connectProxy(0, undefined, status);
  return runAction({
    inputs: { ...ofJob('https://collibra.acme.example'), ...noRetry },
    env: { https_proxy: `http://127.0.0.1:${proxy.port}` },
  }).finally(() => proxy.close());
}

/** A server with a certificate that is valid only in one year and for one host, and whose authority may be unknown. */
async function withCertificate(year: number, host: string, isKnown = true, settings: ServerOptions = {}): Promise<Run> {
  const [notBeforeDate, notAfterDate] = [new Date(Date.UTC(year, 0)), new Date(Date.UTC(year + 1, 0))];
  const { caFile, ...certificate } = await makeCertificate(host, { notBeforeDate, notAfterDate });
  const server = createServer({ ...certificate, ...settings });
  const inputs = { ...ofJob(`https://localhost:${await listen(server)}`), ...noRetry };
  const env = isKnown ? { NODE_EXTRA_CA_CERTS: caFile } : {};
  return runAction({ inputs, env }).finally(() => server.close());
}
