import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { main } from '../src/main.ts';
import { type Life, type Simulator, startSimulator, type Step } from '../dev/simulator/simulator.ts';
import { JOB_1 } from './support/jobs.ts';
import { type Written, written } from './support/stdout.ts';
import { noCancel } from './support/waiting.ts';

const TOKEN = 'a-bearer-token-for-the-pipeline';

let folder = '';
let before: NodeJS.ProcessEnv = {};
let simulator: Simulator;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'main-'));
  before = { ...process.env };
  for (const name of [
    'http_proxy',
    'HTTP_PROXY',
    'https_proxy',
    'HTTPS_PROXY',
    'no_proxy',
    'NO_PROXY',
    'RUNNER_DEBUG',
  ])
    Reflect.deleteProperty(process.env, name);
  simulator = await startSimulator();
});

afterEach(async () => {
  await simulator.close();
  for (const name of Object.keys(process.env))
    if (!(name in before)) Reflect.deleteProperty(process.env, name);
  Object.assign(process.env, before);
  rmSync(folder, { recursive: true });
});

interface Ran {
  readonly passed: boolean;
  readonly outputs: Readonly<Record<string, string>>;
  readonly summary: string;
  readonly out: Written;
  readonly annotations: readonly (string | undefined)[][];
}

/** Runs the step in this process, the way the entry does. */
async function step(
  inputs: Readonly<Record<string, string>>,
  signal = noCancel(),
  summaryFile = join(folder, 'summary'),
): Promise<Ran> {
  const files = { GITHUB_OUTPUT: join(folder, 'output'), GITHUB_STEP_SUMMARY: summaryFile };
  for (const name of ['output', 'summary']) writeFileSync(join(folder, name), '');
  const quick = { 'min-interval-seconds': '0.1', 'import-results': 'false' };
  const given = { url: simulator.url, token: TOKEN, ...quick, ...inputs };
  for (const name of Object.keys(process.env).filter((one) => one.startsWith('INPUT_')))
    Reflect.deleteProperty(process.env, name);
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

/** Adds a job that is in one state from the beginning on. */
function settled(
  state: string,
  result: string,
  more: Omit<Life, 'steps'> & Pick<Step, 'message'> = {},
): void {
  const { message, ...life } = more;
  const first: Step = { atMs: 0, state, result, ...(message === undefined ? {} : { message }) };
  simulator.addJob({ id: JOB_1, life: { steps: [first], ...life } });
}

const masks = ({ out }: Ran) =>
  out.commands.filter(({ name }) => name === 'add-mask').map(({ text }) => text);

describe('the step', () => {
  it('passes on success, and tells so everywhere', async () => {
    settled('COMPLETED', 'SUCCESS', { message: 'All done' });
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
      `Waiting for 1 job at ${simulator.url} (job API: auto), for 2 min 30 s at most; accepted: SUCCESS`,
    );
    expect(ran.out.plainLines.slice(1).map((line) => line.replace(/\d\S* s so far/, '… so far'))).toEqual([
      `${JOB_1} "Import": COMPLETED, SUCCESS, … so far`,
      `${JOB_1}: success. COMPLETED with SUCCESS. … so far`,
    ]);
  });

  it('passes with a warning where the result is accepted', async () => {
    settled('COMPLETED', 'ABORTED');
    const ran = await step({ 'job-id': JOB_1, accept: 'ABORTED' });
    expect(ran.passed).toBe(true);
    expect(ran.outputs['outcome']).toBe('accepted');
    expect(ran.annotations).toMatchObject([['warning', 'Collibra job accepted: ABORTED', expect.anything()]]);
    expect(ran.out.plainLines[0]).toContain('accepted: SUCCESS, ABORTED');
  });

  it('fails where the result is not accepted', async () => {
    settled('COMPLETED', 'COMPLETED_WITH_ERROR');
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
    expect(ran.out.plainLines[0]).toContain('Waiting for the newest job named "Nightly" at');
    expect(ran.out.plainLines[1]).toMatch(
      'Found the job named "Nightly" created at most 1 h before the step started: ' + JOB_1,
    );
  });

  it('says while a job that it looks for is not there, and what trouble there is', async () => {
    simulator.failNext('find', { kind: 'status', status: 503 });
    const ran = await step({ 'job-name': 'Nightly', 'timeout-minutes': '0.01' });
    expect(ran.outputs['outcome']).toBe('timeout');
    const told = ran.out.plainLines.join('\n');
    expect(told).toContain('Passing trouble, job named "Nightly"');
    expect(told).toContain('No job named "Nightly"');
  });

  it('does without a summary where there is none to write to', async () => {
    settled('COMPLETED', 'SUCCESS');
    const ran = await step({ 'job-id': JOB_1 }, noCancel(), '');
    expect(ran).toMatchObject({ passed: true, annotations: [] });
  });

  it('warns where the summary can not be written, which changes nothing', async () => {
    settled('COMPLETED', 'SUCCESS');
    const ran = await step({ 'job-id': JOB_1 }, noCancel(), folder);
    expect(ran.passed).toBe(true);
    expect(ran.annotations).toEqual([
      ['warning', 'No job summary', expect.stringMatching(/^E[A-Z]+: .* '?/)],
    ]);
  });
});

describe('bad input', () => {
  it('is told at once, all of it, and nothing is asked', async () => {
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
      'Nothing was asked of Collibra. To be put right first:',
      'job-id: "x" is not a UUID',
      'timeout-minutes: "long" is not a number of minutes, more than 0 and at most 7200',
    ]);
    expect(ran.summary).not.toBe('');
  });

  it('is a proxy that would be ignored, for any address that is asked', async () => {
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
        .map((line) => line.replace(/^The proxy variable https_proxy .* list (\S+) in no_proxy$/, '$1'));
    };
    expect(await problems({ url, 'job-id': JOB_1, ...endpoint })).toEqual(['collibra.invalid']);
    expect(await problems(client)).toEqual(['collibra.invalid']);
    expect(await problems({ ...client, ...endpoint })).toEqual(['collibra.invalid', 'login.invalid']);
    expect(simulator.requests).toEqual([]);
  });

  it('is an errors-file that can not be written', async () => {
    const ran = await step({ 'job-id': JOB_1, 'errors-file': folder });
    expect(ran.annotations[0]?.[2]).toBe(
      `Nothing was asked of Collibra. To be put right first:\nerrors-file: can't be written: ${folder} is a folder`,
    );
    expect(simulator.requests).toEqual([]);
  });
});

describe('secrets', () => {
  it('are masked before anything is asked: a token', async () => {
    settled('COMPLETED', 'SUCCESS', { message: `It was ${TOKEN}` });
    const ran = await step({ 'job-id': JOB_1, token: `  ${TOKEN}\n` });
    expect(ran.passed).toBe(true);
    expect(ran.outputs['message']).toBe('It was ***');
    expect(ran.out.plainLines.join('\n')).not.toContain(TOKEN);
  });

  it('are masked before anything is asked: a password, and the header that holds it', async () => {
    settled('COMPLETED', 'SUCCESS');
    const basic = { token: '', username: 'pipeline', password: 'a-password-for-the-pipeline' };
    const ran = await step({ 'job-id': JOB_1, ...basic });
    expect(ran.passed).toBe(true);
    const header = Buffer.from('pipeline:a-password-for-the-pipeline').toString('base64');
    expect(masks(ran)).toEqual(['a-password-for-the-pipeline', header]);
    expect(ran.out.lines[0]).toMatch(/^::add-mask/);
    expect(ran.out.lines[1]).toMatch(/^::add-mask/);
  });

  it('are used as they are, but masked without the white space around them', async () => {
    await simulator.close();
    simulator = await startSimulator({ users: { pipeline: ' spaced password ' } });
    settled('COMPLETED', 'SUCCESS');
    const ran = await step({
      'job-id': JOB_1,
      token: '',
      username: 'pipeline',
      password: ' spaced password \n',
    });
    expect(ran.passed).toBe(true);
    expect(masks(ran)[0]).toBe('spaced password');
  });

  it('are masked before anything is asked: a client secret, its header, and each token', async () => {
    settled('COMPLETED', 'SUCCESS');
    const [id, secret] = ['urn:sys:env:simulator:i:pipeline', 'a secret/with + reserved:characters'];
    const ran = await step({ 'job-id': JOB_1, token: '', 'client-id': id, 'client-secret': secret });
    expect(ran.passed).toBe(true);
    const encoded = `${encodeURIComponent(id)}:a+secret%2Fwith+%2B+reserved%3Acharacters`;
    expect(masks(ran)).toEqual([secret, Buffer.from(encoded).toString('base64'), simulator.issuedTokens[0]]);
  });
});

describe('the errors-file', () => {
  const failedCommand = { errorType: 'VALIDATION', resourceType: 'ASSET', errorMessage: 'No such domain' };

  it('receives the failed commands', async () => {
    simulator.addJob({ id: JOB_1, scenario: 'completed-with-error', createdAgoMs: 60_000 });
    const path = join(folder, 'out', 'errors.jsonl');
    const ran = await step({ 'job-id': JOB_1, 'errors-file': path, accept: 'COMPLETED_WITH_ERROR' });
    expect(ran.passed).toBe(true);
    expect(ran.outputs['failed-commands']).toBe('3');
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    expect(lines).toHaveLength(3);
    const [first] = lines.map((line) => JSON.parse(line) as object);
    expect(Object.keys(first ?? {})).toEqual(
      expect.arrayContaining(['jobId', ...Object.keys(failedCommand)]),
    );
    expect(readdirSync(join(folder, 'out'))).toEqual(['errors.jsonl']);
    expect(ran.summary).toContain('errors.jsonl');
  });

  it('that can not be put in its place is an error, whatever the jobs did', async () => {
    settled('COMPLETED', 'SUCCESS', { faults: [{ on: 'job', fault: { kind: 'delay', ms: 100 } }] });
    const path = join(folder, 'errors.jsonl');
    setTimeout(() => mkdirSync(join(path, 'inside'), { recursive: true }), 30);
    const ran = await step({ 'job-id': JOB_1, 'errors-file': path });
    expect(ran.passed).toBe(false);
    expect(ran.outputs).toMatchObject({ outcome: 'error', state: 'COMPLETED', 'job-id': JOB_1 });
    expect(ran.annotations[0]?.[2]).toMatch(/^errors-file: can't be written: E/);
  });

  it('is not there after a cancellation', async () => {
    settled('RUNNING', 'NOT_SET');
    const cancel = new AbortController();
    setTimeout(() => cancel.abort(), 50);
    const path = join(folder, 'errors.jsonl');
    const ran = await step({ 'job-id': JOB_1, 'errors-file': path }, cancel.signal);
    expect(ran.outputs['outcome']).toBe('cancelled');
    expect(readdirSync(folder).filter((name) => name.startsWith('errors'))).toEqual([]);
  });
});

describe('Import Results that can not be read', () => {
  it('are told, and change nothing', async () => {
    settled('COMPLETED', 'SUCCESS');
    simulator.failNext('results', { kind: 'status', status: 403 });
    const ran = await step({ 'job-id': JOB_1, 'import-results': 'true' });
    expect(ran.passed).toBe(true);
    expect(ran.out.plainLines.join('\n')).toContain(`${JOB_1}: Import Results could not be read: HTTP 403`);
  });
});

it('leaves no timer behind, so that no line of life follows the last one', async () => {
  settled('COMPLETED', 'SUCCESS');
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const before = timers();
  expect((await step({ 'job-id': JOB_1 })).passed).toBe(true);
  expect(timers()).toBeLessThanOrEqual(before);
});

describe('jobs that are left', () => {
  const deletes = () => simulator.requests.filter(({ method }) => method === 'DELETE');

  it('are left alone unless told otherwise', async () => {
    settled('RUNNING', 'NOT_SET');
    const ran = await step({ 'job-id': JOB_1, 'timeout-minutes': '0.002', 'on-cancel': 'delete' });
    expect(ran.passed).toBe(false);
    expect(ran.outputs['outcome']).toBe('timeout');
    expect(deletes()).toEqual([]);
  });

  it('are deleted when the time is up, where that is wanted', async () => {
    settled('RUNNING', 'NOT_SET');
    const ran = await step({ 'job-id': JOB_1, 'timeout-minutes': '0.002', 'on-timeout': 'delete' });
    expect(deletes().map(({ query }) => query.get('message'))).toEqual([
      'Not finished in time: https://github.com/acme/catalog/actions/runs/4242',
    ]);
    expect(ran.out.plainLines.at(-1)).toBe(
      `${JOB_1}: asked Collibra to delete the job; whether a running import stops is up to Collibra`,
    );
  });

  it('are deleted when the run is cancelled, where that is wanted', async () => {
    settled('RUNNING', 'NOT_SET');
    const cancel = new AbortController();
    setTimeout(() => cancel.abort(), 50);
    const ran = await step({ 'job-id': JOB_1, 'on-cancel': 'delete' }, cancel.signal);
    expect(ran.outputs['outcome']).toBe('cancelled');
    expect(deletes().map(({ query }) => query.get('message'))).toEqual([
      'Workflow run cancelled: https://github.com/acme/catalog/actions/runs/4242',
    ]);
  });

  it('are not waited for when the run is cancelled while they are deleted', async () => {
    settled('RUNNING', 'NOT_SET');
    simulator.failNext('delete', { kind: 'hang' });
    const cancel = new AbortController();
    const cancelled = setInterval(() => {
      if (deletes().length > 0) cancel.abort();
    }, 10);
    const startedMs = performance.now();
    const inputs = { 'job-id': JOB_1, 'timeout-minutes': '0.002', 'on-timeout': 'delete' };
    const ran = await step(inputs, cancel.signal);
    clearInterval(cancelled);
    expect(ran.outputs['outcome']).toBe('timeout');
    expect(performance.now() - startedMs).toBeLessThan(15_000);
  });

  it('are not deleted by a cancellation where only a time-out may', async () => {
    settled('RUNNING', 'NOT_SET');
    const cancel = new AbortController();
    setTimeout(() => cancel.abort(), 50);
    await step({ 'job-id': JOB_1, 'on-timeout': 'delete' }, cancel.signal);
    expect(deletes()).toEqual([]);
  });

  it('that Collibra does not delete are a warning', async () => {
    settled('RUNNING', 'NOT_SET');
    simulator.failNext('delete', { kind: 'status', status: 403 });
    const ran = await step({ 'job-id': JOB_1, 'timeout-minutes': '0.002', 'on-timeout': 'delete' });
    expect(ran.annotations).toHaveLength(1);
    expect(ran.out.plainLines.at(-1)).toMatch(`Warning: Collibra did not delete ${JOB_1}: HTTP 403`);
  });
});
