import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { main } from '../src/main.ts';
import { type Life, type Simulator, startSimulator, type Step } from '../dev/simulator/simulator.ts';
import { neverCanceled } from './polling/support.ts';
import { JOB_1 } from './support/jobs.ts';
import { type Written, written } from './support/stdout.ts';

const TOKEN = 'a-bearer-token-for-the-pipeline';

let folder = '';
let before: NodeJS.ProcessEnv = {};
let simulator: Simulator;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'main-'));
  before = { ...process.env };
  unset((name) => /^(https?|no)_proxy$/i.test(name) || name === 'RUNNER_DEBUG');
  simulator = await startSimulator();
});

afterEach(async () => {
  await simulator.close();
  unset((name) => !(name in before));
  Object.assign(process.env, before);
  rmSync(folder, { recursive: true });
});

/** Removes variables from the environment. */
function unset(isWanted: (name: string) => boolean): void {
  for (const name of Object.keys(process.env).filter(isWanted)) Reflect.deleteProperty(process.env, name);
}

/** Does something as soon as the simulator has a request with a method. */
function onRequest(method: string, act: () => void): void {
  const timer = setInterval(() => {
    if (!simulator.requests.some((request) => request.method === method)) return;
    clearInterval(timer);
    act();
  }, 5);
}

/** A signal that is aborted as soon as the simulator has a request with a method. */
function canceledOnRequest(method: string): AbortSignal {
  const cancel = new AbortController();
  onRequest(method, () => cancel.abort());
  return cancel.signal;
}

interface Ran {
  readonly passed: boolean;
  readonly outputs: Readonly<Record<string, string>>;
  readonly summary: string;
  readonly out: Written;
  readonly annotations: readonly (string | undefined)[][];
}

/** Runs the step in this process, as the entry point does. */
async function step(
  inputs: Readonly<Record<string, string>>,
  signal = neverCanceled(),
  summaryFile = join(folder, 'summary'),
): Promise<Ran> {
  const files = { GITHUB_OUTPUT: join(folder, 'output'), GITHUB_STEP_SUMMARY: summaryFile };
  for (const name of ['output', 'summary']) writeFileSync(join(folder, name), '');
  const quick = { 'min-interval-seconds': '0.1', 'import-results': 'false' };
  const given = { url: simulator.url, token: TOKEN, ...quick, ...inputs };
  unset((name) => name.startsWith('INPUT_'));
  for (const [name, value] of Object.entries(given)) process.env[`INPUT_${name.toUpperCase()}`] = value;
  Object.assign(process.env, files, {
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_REPOSITORY: 'acme/catalog',
    GITHUB_RUN_ID: '4242',
  });
  let passed = false;
  const out = await written(async () => (passed = await main(signal)));
  const text = readFileSync(files.GITHUB_OUTPUT, 'utf8');
  const outputs = [...text.matchAll(/^(?<name>[\w-]+)<<(?<end>\S+)\r?\n(?<value>[^]*?)\r?\n\k<end>$/gm)].map(
    ({ groups: { name = '', value = '' } = {} }) => [name, value],
  );
  return {
    passed,
    outputs: Object.fromEntries(outputs) as Record<string, string>,
    summary: readFileSync(join(folder, 'summary'), 'utf8'),
    out,
    annotations: out.commands
      .filter(({ name }) => name === 'error' || name === 'warning')
      .map(({ name, title, text: said }) => [name, title, said]),
  };
}

/** Adds a job that never changes. */
function addJob(state: string, result: string, more: Omit<Life, 'steps'> & Pick<Step, 'message'> = {}): void {
  const { message, ...life } = more;
  const first: Step = { atMs: 0, state, result, ...(message === undefined ? {} : { message }) };
  simulator.addJob({ id: JOB_1, life: { steps: [first], ...life } });
}

const masks = ({ out }: Ran) => out.commands.filter(({ name }) => name === 'add-mask').map(({ text }) => text);

describe('the step', () => {
  it('passes on success, and reports it everywhere', async () => {
    addJob('COMPLETED', 'SUCCESS', { message: 'All done' });
    const ran = await step({ 'job-id': JOB_1, 'timeout-minutes': '2.5' });
    expect(ran.passed).toBe(true);
    expect(masks(ran)).toEqual([TOKEN]);
    expect(simulator.requests[0]?.headers['user-agent']).toBe('wait-for-collibra-import-job');
    expect(ran.annotations).toEqual([]);
    expect(ran.outputs).toMatchObject({
      outcome: 'success',
      state: 'COMPLETED',
      result: 'SUCCESS',
      message: 'All done',
      'job-id': JOB_1,
    });
    expect(ran.summary).toContain('succeeded');
    expect(ran.out.plainLines[0]).toBe(
      `Waiting up to 2 min 30 s for 1 job at ${simulator.url}. Accepted results: SUCCESS. Job API: auto.`,
    );
    expect(ran.out.plainLines.slice(1).map((line) => line.replace(/\d\S* s\b/, '… s'))).toEqual([
      `${JOB_1} "Import": COMPLETED, SUCCESS, … s elapsed`,
      `${JOB_1}: success after … s. The job is COMPLETED with SUCCESS.`,
    ]);
  });

  it('passes with a warning when the result is accepted', async () => {
    addJob('COMPLETED', 'ABORTED');
    const ran = await step({ 'job-id': JOB_1, accept: 'ABORTED' });
    expect(ran.passed).toBe(true);
    expect(ran.outputs['outcome']).toBe('accepted');
    expect(ran.annotations).toMatchObject([['warning', expect.stringContaining('ABORTED'), expect.anything()]]);
    expect(ran.out.plainLines[0]).toContain('Accepted results: SUCCESS, ABORTED.');
  });

  it('fails when the result is not accepted', async () => {
    addJob('COMPLETED', 'COMPLETED_WITH_ERROR');
    const ran = await step({ 'job-id': JOB_1 });
    expect(ran.passed).toBe(false);
    expect(ran.outputs).toMatchObject({ outcome: 'failure', result: 'COMPLETED_WITH_ERROR' });
    expect(ran.annotations).toMatchObject([['error', expect.stringContaining('failed'), expect.anything()]]);
  });

  it('finds a job by its name', async () => {
    simulator.addJob({
      id: JOB_1,
      name: 'Nightly',
      life: { steps: [{ atMs: 0, state: 'COMPLETED', result: 'SUCCESS' }] },
    });
    const ran = await step({ 'job-name': 'Nightly' });
    expect(ran.passed).toBe(true);
    expect(ran.outputs['job-id']).toBe(JOB_1);
    expect(ran.out.plainLines[0]).toContain('for the newest job named "Nightly" at');
    expect(ran.out.plainLines[1]).toMatch(`Found job ${JOB_1} "Nightly", created 20`);
  });

  it('reports transient errors of a search by name, and that the job is not found yet', async () => {
    simulator.failNext('find', { kind: 'status', status: 503 });
    const ran = await step({ 'job-name': 'Nightly', 'timeout-minutes': '0.01' });
    expect(ran.outputs['outcome']).toBe('timeout');
    expect(ran.out.plainLines[1]).toMatch(/^Transient error for job named "Nightly" .*: HTTP 503/);
    expect(ran.out.plainLines[2]).toMatch(/^Job named "Nightly" .* not found yet/);
  });

  it('writes no summary when the runner gives no file for it', async () => {
    addJob('COMPLETED', 'SUCCESS');
    const ran = await step({ 'job-id': JOB_1 }, neverCanceled(), '');
    expect(ran).toMatchObject({ passed: true, annotations: [] });
  });

  it('passes with a warning when it cannot write the summary', async () => {
    addJob('COMPLETED', 'SUCCESS');
    const ran = await step({ 'job-id': JOB_1 }, neverCanceled(), folder);
    expect(ran.passed).toBe(true);
    expect(ran.annotations).toEqual([['warning', 'No job summary', expect.stringMatching(/^E[A-Z]+: .*\.$/)]]);
  });
});

describe('the step', () => {
  it('reports all invalid inputs at once, and sends no request', async () => {
    const ran = await step({ 'job-id': 'x', 'timeout-minutes': 'long' });
    expect(ran.passed).toBe(false);
    expect(simulator.requests).toEqual([]);
    expect(ran.outputs).toEqual({
      outcome: 'error',
      state: '',
      result: '',
      message: '',
      'job-id': '',
      'failed-commands': '',
      jobs: '[]',
    });
    expect(ran.annotations).toHaveLength(1);
    expect(ran.annotations[0]?.[2]?.split('\n')).toEqual([
      'No request was sent to Collibra. Fix these inputs:',
      'job-id: must contain UUIDs, but contains "x".',
      'timeout-minutes: must be a number of minutes greater than 0 and at most 7200, but is "long".',
    ]);
    expect(ran.summary).not.toBe('');
  });

  it('reports a proxy that it cannot use for any of its hosts, and sends no request', async () => {
    process.env['https_proxy'] = 'proxy.example:8080';
    const url = 'https://collibra.invalid';
    const endpoint = { 'token-url': 'https://login.invalid' };
    const client = { url, 'job-id': JOB_1, token: '', 'client-id': 'c', 'client-secret': 's' };
    const problems = async (inputs: Readonly<Record<string, string>>) => {
      const { outputs, annotations } = await step(inputs);
      expect(outputs['outcome']).toBe('error');
      return annotations[0]?.[2]
        ?.split('\n')
        .slice(1)
        .map((line) => line.replace(/^The proxy variable https_proxy .* add (\S+) to no_proxy\.$/, '$1'));
    };
    expect(await problems({ url, 'job-id': JOB_1, ...endpoint })).toEqual(['collibra.invalid']);
    expect(await problems(client)).toEqual(['collibra.invalid']);
    expect(await problems({ ...client, ...endpoint })).toEqual(['collibra.invalid', 'login.invalid']);
    expect(simulator.requests).toEqual([]);
  });

  it('reports an errors-file that cannot be written, and sends no request', async () => {
    const ran = await step({ 'job-id': JOB_1, 'errors-file': folder });
    expect(ran.annotations[0]?.[2]).toMatch(
      /^No request was sent to Collibra\. Fix these inputs:\nerrors-file: could not be written: .* is a folder/,
    );
    expect(simulator.requests).toEqual([]);
  });
});

describe('secrets', () => {
  it('are masked before the first request: a token', async () => {
    addJob('COMPLETED', 'SUCCESS', { message: `It was ${TOKEN}` });
    const ran = await step({ 'job-id': JOB_1, token: `  ${TOKEN}\n` });
    expect(ran.passed).toBe(true);
    expect(ran.outputs['message']).toBe('It was ***');
    expect(ran.out.plainLines.join('\n')).not.toContain(TOKEN);
  });

  it('are masked before the first request: a password, and the header that contains it', async () => {
    addJob('COMPLETED', 'SUCCESS');
    const basic = { token: '', username: 'pipeline', password: 'a-password-for-the-pipeline' };
    const ran = await step({ 'job-id': JOB_1, ...basic });
    expect(ran.passed).toBe(true);
    const header = Buffer.from('pipeline:a-password-for-the-pipeline').toString('base64');
    expect(masks(ran)).toEqual(['a-password-for-the-pipeline', header]);
    expect(ran.out.lines[0]).toMatch(/^::add-mask/);
    expect(ran.out.lines[1]).toMatch(/^::add-mask/);
  });

  it('are used unchanged, but masked without the whitespace around them', async () => {
    await simulator.close();
    simulator = await startSimulator({ users: { pipeline: ' spaced password ' } });
    addJob('COMPLETED', 'SUCCESS');
    const ran = await step({
      'job-id': JOB_1,
      token: '',
      username: 'pipeline',
      password: ' spaced password \n',
    });
    expect(ran.passed).toBe(true);
    expect(masks(ran)[0]).toBe('spaced password');
  });

  it('are masked before the first request: a client secret, its header, and each token', async () => {
    addJob('COMPLETED', 'SUCCESS');
    const [id, secret] = ['urn:sys:env:simulator:i:pipeline', 'a secret/with + reserved:characters'];
    const ran = await step({ 'job-id': JOB_1, token: '', 'client-id': id, 'client-secret': secret });
    expect(ran.passed).toBe(true);
    const encoded = `${encodeURIComponent(id)}:a+secret%2Fwith+%2B+reserved%3Acharacters`;
    expect(masks(ran)).toEqual([secret, Buffer.from(encoded).toString('base64'), simulator.issuedTokens[0]]);
  });
});

describe('errors-file', () => {
  it('contains the failed commands', async () => {
    simulator.addJob({ id: JOB_1, scenario: 'completed-with-error', createdAgoMs: 60_000 });
    const path = join(folder, 'out', 'errors.jsonl');
    const ran = await step({ 'job-id': JOB_1, 'errors-file': path, accept: 'COMPLETED_WITH_ERROR' });
    expect(ran.passed).toBe(true);
    expect(ran.outputs['failed-commands']).toBe('3');
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    expect(lines).toHaveLength(3);
    const [first] = lines.map((line) => JSON.parse(line) as object);
    const fields = ['jobId', 'errorType', 'resourceType', 'errorMessage'];
    expect(Object.keys(first ?? {})).toEqual(expect.arrayContaining(fields));
    expect(readdirSync(join(folder, 'out'))).toEqual(['errors.jsonl']);
    expect(ran.summary).toContain('errors.jsonl');
  });

  it('makes the step an error when it cannot be renamed, whatever the jobs did', async () => {
    addJob('COMPLETED', 'SUCCESS', { faults: [{ on: 'job', fault: { kind: 'delay', ms: 100 } }] });
    const path = join(folder, 'errors.jsonl');
    onRequest('GET', () => mkdirSync(join(path, 'inside'), { recursive: true }));
    const ran = await step({ 'job-id': JOB_1, 'errors-file': path });
    expect(ran.passed).toBe(false);
    expect(ran.outputs).toMatchObject({ outcome: 'error', state: 'COMPLETED', 'job-id': JOB_1 });
    expect(ran.annotations[0]?.[2]).toMatch(/^errors-file: could not be written: E/);
  });

  it('does not exist after a cancellation', async () => {
    addJob('RUNNING', 'NOT_SET');
    const inputs = { 'job-id': JOB_1, 'errors-file': join(folder, 'errors.jsonl') };
    const ran = await step(inputs, canceledOnRequest('GET'));
    expect(ran.outputs['outcome']).toBe('cancelled');
    expect(readdirSync(folder).filter((name) => name.startsWith('errors'))).toEqual([]);
  });
});

it('the step logs that Import Results are missing, and passes nevertheless', async () => {
  addJob('COMPLETED', 'SUCCESS');
  simulator.failNext('results', { kind: 'status', status: 403 });
  const ran = await step({ 'job-id': JOB_1, 'import-results': 'true' });
  expect(ran.passed).toBe(true);
  expect(ran.out.plainLines[2]).toMatch(/^Import Results are missing or incomplete\. HTTP 403 /);
});

it('the step leaves no timer behind, so that no heartbeat follows its last line', async () => {
  addJob('COMPLETED', 'SUCCESS');
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const before = timers();
  expect((await step({ 'job-id': JOB_1 })).passed).toBe(true);
  expect(timers()).toBeLessThanOrEqual(before);
});

describe('an unfinished job', () => {
  const deletes = () => simulator.requests.filter(({ method }) => method === 'DELETE');

  it('is not deleted by default', async () => {
    addJob('RUNNING', 'NOT_SET');
    const ran = await step({ 'job-id': JOB_1, 'timeout-minutes': '0.002', 'on-cancel': 'delete' });
    expect(ran.passed).toBe(false);
    expect(ran.outputs['outcome']).toBe('timeout');
    expect(deletes()).toEqual([]);
  });

  it('is deleted after a timeout when on-timeout is delete', async () => {
    addJob('RUNNING', 'NOT_SET');
    const ran = await step({ 'job-id': JOB_1, 'timeout-minutes': '0.002', 'on-timeout': 'delete' });
    expect(deletes().map(({ query }) => query.get('message'))).toEqual([
      'Not finished in time: https://github.com/acme/catalog/actions/runs/4242',
    ]);
    expect(ran.out.plainLines.at(-1)).toBe(`${JOB_1}: requested deletion. A running import might not stop.`);
  });

  it('is deleted after a cancellation when on-cancel is delete', async () => {
    addJob('RUNNING', 'NOT_SET');
    const ran = await step({ 'job-id': JOB_1, 'on-cancel': 'delete' }, canceledOnRequest('GET'));
    expect(ran.outputs['outcome']).toBe('cancelled');
    expect(deletes().map(({ query }) => query.get('message'))).toEqual([
      'Workflow run canceled: https://github.com/acme/catalog/actions/runs/4242',
    ]);
  });

  it('does not hold up a step that is canceled during the deletion', async () => {
    addJob('RUNNING', 'NOT_SET');
    simulator.failNext('delete', { kind: 'delay', ms: 1_000 });
    const inputs = { 'job-id': JOB_1, 'timeout-minutes': '0.002', 'on-timeout': 'delete' };
    const ran = await step(inputs, canceledOnRequest('DELETE'));
    expect(ran.outputs['outcome']).toBe('timeout');
    expect(ran.out.plainLines.at(-1)).toMatch(`${JOB_1}: timeout after `);
    // The process would have ended by now. Here, the response still comes.
    const later = await written(() => sleep(1_500));
    expect(later.plainLines).toEqual([`${JOB_1}: requested deletion. A running import might not stop.`]);
  });

  it('is not deleted after a cancellation when only on-timeout is delete', async () => {
    addJob('RUNNING', 'NOT_SET');
    await step({ 'job-id': JOB_1, 'on-timeout': 'delete' }, canceledOnRequest('GET'));
    expect(deletes()).toEqual([]);
  });

  it('that Collibra does not delete is a warning in the log', async () => {
    addJob('RUNNING', 'NOT_SET');
    simulator.failNext('delete', { kind: 'status', status: 403 });
    const ran = await step({ 'job-id': JOB_1, 'timeout-minutes': '0.002', 'on-timeout': 'delete' });
    expect(ran.annotations).toHaveLength(1);
    expect(ran.out.plainLines.at(-1)).toMatch(/^Warning: could not delete job: HTTP 403 /);
  });
});
