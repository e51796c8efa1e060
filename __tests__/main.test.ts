import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { cleanUp } from '../src/cleanup.ts';
import { main } from '../src/main.ts';
import { readState, SavedState, type Phase } from '../src/report/saved-state.ts';
import { type Life, type Simulator, startSimulator, type Step } from '../dev/simulator/simulator.ts';
import { JOB_1 } from './support/jobs.ts';
import { written } from './support/stdout.ts';
import { noCancel } from './support/waiting.ts';

const TOKEN = 'a-bearer-token-for-the-pipeline';
const RUN_URL = 'https://github.com/acme/catalog/actions/runs/4242';

let folder = '';
let before: NodeJS.ProcessEnv = {};
let simulator: Simulator;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'main-'));
  before = { ...process.env };
  unset(/^(https?|no)_proxy$|^RUNNER_DEBUG$|^NODE_TLS_/i);
  simulator = await startSimulator();
});

afterEach(async () => {
  await simulator.close();
  unset(/^/);
  Object.assign(process.env, before);
  rmSync(folder, { recursive: true });
});

/** Removes variables from the environment. */
function unset(names: RegExp): void {
  for (const name of Object.keys(process.env)) if (names.test(name)) Reflect.deleteProperty(process.env, name);
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

type Ran = Awaited<ReturnType<typeof step>>;

type Inputs = Readonly<Record<string, string>>;

/** Runs the main step for JOB_1 in this process, as the entry point does. */
function step(inputs: Inputs = {}, signal = noCancel(), summaryFile = join(folder, 'summary')) {
  return run(inputs, () => main(new SavedState(), signal), summaryFile);
}

/** Runs the post step with what a main step saved. */
function postStep(state: Inputs, inputs: Inputs = {}, signal = noCancel()) {
  unset(/^STATE_/);
  for (const [name, value] of Object.entries(state)) process.env[`STATE_${name}`] = value;
  return run(inputs, () => cleanUp(readState(), signal).then(() => true));
}

const FILES = ['output', 'state', 'summary'];

async function run(inputs: Inputs, act: () => Promise<boolean>, summaryFile = join(folder, 'summary')) {
  for (const name of FILES) writeFileSync(join(folder, name), '');
  const quick = { 'min-interval-seconds': '0.1', 'import-results': 'false' };
  const given = { url: simulator.url, token: TOKEN, 'job-id': JOB_1, ...quick, ...inputs };
  unset(/^INPUT_/);
  for (const [name, value] of Object.entries(given)) process.env[`INPUT_${name.toUpperCase()}`] = value;
  const github = { GITHUB_SERVER_URL: 'https://github.com', GITHUB_REPOSITORY: 'acme/catalog', GITHUB_RUN_ID: '4242' };
  const files = { GITHUB_OUTPUT: join(folder, 'output'), GITHUB_STATE: join(folder, 'state') };
  Object.assign(process.env, { ...files, GITHUB_STEP_SUMMARY: summaryFile, ...github });
  let passed = false;
  const out = await written(async () => (passed = await act()));
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  const valuesIn = (name: string) => {
    const entries = read(name).matchAll(/^(?<name>[\w-]+)<<(?<end>\S+)\r?\n(?<value>[^]*?)\r?\n\k<end>$/gm);
    return Object.fromEntries([...entries].map(({ groups }) => [groups?.['name'], groups?.['value']])) as Inputs;
  };
  const annotations = out.commands.filter(({ name }) => name === 'error' || name === 'warning');
  return {
    passed,
    outputs: valuesIn('output'),
    state: valuesIn('state'),
    summary: read('summary'),
    out,
    annotations: annotations.map(({ name, title, text }) => [name, title, text]),
  };
}

/** Adds a job that never changes. */
function addJob(state: string, result: string, step: Partial<Step> = {}, life: Partial<Life> = {}): void {
  simulator.addJob({ id: JOB_1, name: 'Nightly', life: { steps: [{ atMs: 0, state, result, ...step }], ...life } });
}

const addSuccess = () => addJob('COMPLETED', 'SUCCESS');
const addRunning = () => addJob('RUNNING', 'NOT_SET');

const masks = ({ out }: Ran) => out.commands.filter(({ name }) => name === 'add-mask').map(({ text }) => text);

describe('the step', () => {
  it('passes on success, and reports it everywhere', async () => {
    addJob('COMPLETED', 'SUCCESS', { message: `All done by ${TOKEN}` });
    const ran = await step({ 'timeout-minutes': '2.5', token: `  ${TOKEN}\n` });
    expect(ran).toMatchObject({ passed: true, annotations: [] });
    expect(masks(ran)).toEqual([TOKEN]);
    expect(simulator.requests[0]?.headers['user-agent']).toBe('wait-for-collibra-import-job');
    const job = { state: 'COMPLETED', result: 'SUCCESS', message: 'All done by ***', 'job-id': JOB_1 };
    expect(ran.outputs).toMatchObject({ outcome: 'success', ...job });
    expect(ran.summary).toContain('succeeded');
    expect(ran.out.plainLines.map((line) => line.replace(/\d\S* s\b(?! for)/, '… s'))).toEqual([
      `Waiting up to 2 min 30 s for 1 job at ${simulator.url}. Accepted results: SUCCESS. Job API: auto.`,
      `${JOB_1} "Nightly": COMPLETED, SUCCESS, … s elapsed`,
      `${JOB_1} "Nightly": success after … s. The job is COMPLETED with SUCCESS.`,
    ]);
  });

  it.each([
    ['passes with a warning when the result is accepted', 'ABORTED', true, 'accepted', 'warning', 'ABORTED'],
    ['fails when the result is not accepted', 'COMPLETED_WITH_ERROR', false, 'failure', 'error', 'failed'],
  ])('%s', async (_, result, passed, outcome, severity, title) => {
    addJob('COMPLETED', result);
    const ran = await step({ accept: 'ABORTED' });
    expect(ran).toMatchObject({ passed, outputs: { outcome, result } });
    expect(ran.annotations).toEqual([[severity, expect.stringContaining(title), expect.anything()]]);
    expect(ran.out.plainLines[0]).toContain('Accepted results: SUCCESS, ABORTED.');
  });

  it('writes no summary when the runner gives no file for it, and warns when it cannot write to it', async () => {
    addSuccess();
    expect(await step({}, noCancel(), '')).toMatchObject({ passed: true, annotations: [] });
    const annotations = [['warning', 'No job summary', expect.stringMatching(/^E[A-Z]+: .*\.$/)]];
    expect(await step({}, noCancel(), folder)).toMatchObject({ passed: true, annotations });
  });

  const warning =
    'Warning: NODE_TLS_REJECT_UNAUTHORIZED=0 has no effect on this step, because certificates are always checked. ' +
    'To trust a private certificate authority, set NODE_EXTRA_CA_CERTS to the path of its certificate.';
  it.each([
    ['0', [warning]],
    ['1', []],
  ])('checks certificates when NODE_TLS_REJECT_UNAUTHORIZED is %s, and logs %j', async (value, logged) => {
    addSuccess();
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = value;
    const { out } = await step();
    expect(process.env).not.toHaveProperty('NODE_TLS_REJECT_UNAUTHORIZED');
    expect(out.plainLines.filter((line) => line.includes('NODE_'))).toEqual(logged);
  });

  it('leaves no timer behind, so that no heartbeat follows its last line', async () => {
    addSuccess();
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const before = timers();
    expect((await step()).passed).toBe(true);
    expect(timers()).toBeLessThanOrEqual(before);
  });
});

describe('before its first request, the step', () => {
  afterEach(() => expect(simulator.requests).toEqual([]));

  it('reports all invalid inputs at once', async () => {
    const { passed, outputs, annotations, summary } = await step({ 'job-id': 'x', 'on-timeout': 'long' });
    expect(passed).toBe(false);
    const none = { state: '', result: '', message: '', 'job-id': '', 'failed-commands': '', jobs: '[]' };
    expect(outputs).toEqual({ outcome: 'error', ...none });
    const problem = 'job-id: must contain UUIDs, but contains "x".';
    const another = 'on-timeout: "long" is not supported. Supported values: leave, delete.';
    const lines = ['No request was sent to Collibra. Fix these inputs:', problem, another];
    expect(annotations).toEqual([['error', expect.anything(), lines.join('\n')]]);
    expect(summary).toContain('must contain UUIDs');
  });

  it('reports a proxy that it cannot use for any of its hosts', async () => {
    process.env['https_proxy'] = 'proxy.example:8080';
    const url = 'https://collibra.invalid';
    const endpoint = { 'token-url': 'https://login.invalid' };
    const client = { url, token: '', 'client-id': 'c', 'client-secret': 's' };
    const hosts = async (inputs: Readonly<Record<string, string>>) => {
      const { outputs, annotations } = await step(inputs);
      expect(outputs['outcome']).toBe('error');
      const problems = annotations[0]?.[2]?.split('\n').slice(1);
      return problems?.map((line) => line.replace(/^The proxy variable https_proxy .* add (\S+) to no_proxy\.$/, '$1'));
    };
    expect(await hosts(client)).toEqual(['collibra.invalid']);
    expect(await hosts({ ...client, ...endpoint })).toEqual(['collibra.invalid', 'login.invalid']);
  });

  it('reports an errors-file that cannot be written', async () => {
    const { annotations } = await step({ 'errors-file': folder });
    expect(annotations[0]?.[2]).toMatch(
      /^No request was sent to Collibra\. Fix these inputs:\nerrors-file: could not be written: .* is not a regular file/,
    );
  });
});

describe('the secrets that are masked before the first request', () => {
  it('are a password, and the header that contains it', async () => {
    await simulator.close();
    simulator = await startSimulator({ users: { pipeline: ' spaced password ' } });
    addSuccess();
    // The password is used unchanged, but masked without the whitespace around it.
    const ran = await step({ token: '', username: 'pipeline', password: ' spaced password \n' });
    expect(ran.passed).toBe(true);
    expect(masks(ran)).toEqual(['spaced password', Buffer.from('pipeline: spaced password ').toString('base64')]);
    expect(ran.out.lines.findIndex((line) => !line.startsWith('::add-mask'))).toBe(2);
  });

  it('are a client secret, its header, and each token', async () => {
    addSuccess();
    const [id, secret] = ['urn:sys:env:simulator:i:pipeline', 'a secret/with + reserved:characters'];
    const ran = await step({ token: '', 'client-id': id, 'client-secret': secret });
    expect(ran.passed).toBe(true);
    const encoded = `${encodeURIComponent(id)}:a+secret%2Fwith+%2B+reserved%3Acharacters`;
    const sent = [Buffer.from(encoded).toString('base64'), encoded.replace(/.*:/, '')];
    expect(masks(ran)).toEqual([secret, ...sent, simulator.issuedTokens[0]]);
  });
});

describe('errors-file', () => {
  it('contains the failed commands', async () => {
    simulator.addJob({ id: JOB_1, scenario: 'completed-with-error', createdAgoMs: 60_000 });
    const path = join(folder, 'out', 'errors.jsonl');
    const ran = await step({ 'errors-file': path, accept: 'COMPLETED_WITH_ERROR' });
    expect(ran).toMatchObject({ passed: true, outputs: { 'failed-commands': '3' } });
    expect(ran.summary).toContain('errors.jsonl');
    expect(readdirSync(join(folder, 'out'))).toEqual(['errors.jsonl']);
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    expect(lines).toHaveLength(3);
    const fields = ['jobId', 'errorType', 'resourceType', 'errorMessage'];
    expect(Object.keys(JSON.parse(lines[0] ?? '') as object)).toEqual(expect.arrayContaining(fields));
  });

  it('makes the step an error when it cannot be renamed, whatever the jobs did', async () => {
    addJob('COMPLETED', 'SUCCESS', {}, { faults: [{ on: 'job', fault: { kind: 'delay', ms: 100 } }] });
    const path = join(folder, 'errors.jsonl');
    onRequest('GET', () => mkdirSync(join(path, 'inside'), { recursive: true }));
    const ran = await step({ 'errors-file': path });
    expect(ran).toMatchObject({ passed: false, outputs: { outcome: 'error', state: 'COMPLETED', 'job-id': JOB_1 } });
    expect(ran.annotations[0]?.[2]).toMatch(/^errors-file: could not be written: E/);
  });

  it('does not exist after a cancellation', async () => {
    addRunning();
    const ran = await step({ 'errors-file': join(folder, 'errors.jsonl') }, canceledOnRequest('GET'));
    expect(ran.outputs['outcome']).toBe('cancelled');
    expect(readdirSync(folder).filter((name) => name.startsWith('errors'))).toEqual([]);
  });
});

describe('an unfinished job', () => {
  const timesOut = { 'timeout-minutes': '0.002' };
  const requested = `${JOB_1}: requested deletion. A running import might not stop. Check the job before you import again.`;
  const deletes = () => simulator.requests.filter(({ method }) => method === 'DELETE');

  it.each([
    ['on-timeout', [`Not finished in time: ${RUN_URL}`]],
    ['on-cancel', []],
  ])('that timed out is deleted if %s is delete, with the message %j', async (input, messages) => {
    addRunning();
    const ran = await step({ [input]: 'delete', ...timesOut });
    expect(ran).toMatchObject({ passed: false, outputs: { outcome: 'timeout' }, state: { phase: 'finished' } });
    expect(deletes().map(({ query }) => query.get('message'))).toEqual(messages);
    expect(ran.out.plainLines.filter((line) => line === requested)).toHaveLength(messages.length);
  });

  it.each<[phase: Phase, inputs: Inputs]>([
    ['cancelled', { 'on-cancel': 'delete' }],
    ['finished', { 'on-timeout': 'delete' }],
  ])('of a canceled step is left to the post step in the phase %s with %j', async (phase, inputs) => {
    addRunning();
    const ran = await step(inputs, canceledOnRequest('GET'));
    const state = { phase, jobs: JOB_1, ...(ran.outputs['state'] === '' ? {} : { [JOB_1]: 'jobs-v1' }) };
    expect(ran).toMatchObject({ passed: false, outputs: { outcome: 'cancelled' }, state });
    expect(deletes()).toEqual([]);
  });

  it('does not hold up a step that is canceled during the deletion, and is left to the post step', async () => {
    addRunning();
    simulator.failNext('delete', { kind: 'delay', ms: 1_000 });
    const ran = await step({ ...timesOut, 'on-timeout': 'delete' }, canceledOnRequest('DELETE'));
    expect(ran).toMatchObject({ outputs: { outcome: 'timeout' }, state: { phase: 'timeout', [JOB_1]: 'jobs-v1' } });
    expect(ran.out.plainLines.at(-1)).toMatch(`${JOB_1} "Nightly": timeout after `);
    // The process would have exited by now. Here, the response still comes.
    expect((await written(() => sleep(1_500))).plainLines).toEqual([requested]);
  });
});

describe('the state that the post step receives', () => {
  it('has the job that was found by its name', async () => {
    addSuccess();
    expect((await step({ 'job-id': '', 'job-name': 'Nightly' })).state).toMatchObject({ jobs: JOB_1 });
  });
});

describe('the post step', () => {
  const STOPPED =
    'The step was stopped before it could report a result: it was canceled, ran out of time or memory, or crashed.';
  const ERROR = "Could not determine the Collibra job's status";
  const DELETE = { 'on-cancel': 'delete' };
  const requests = () => simulator.requests.map(({ method, path }) => `${method} ${path.replace(/^.*rest/, '')}`);

  it('says nothing and requests nothing if the main step finished', async () => {
    const ran = await postStep({ phase: 'finished', jobs: JOB_1 }, { ...DELETE, 'timeout-minutes': 'long' });
    expect(ran).toMatchObject({ outputs: {}, state: {}, summary: '' });
    expect([ran.out.lines, requests()]).toEqual([[], []]);
  });

  it.each<[state: Inputs, inputs: Inputs, message: string | undefined]>([
    [{ phase: 'cancelled', jobs: JOB_1 }, DELETE, 'Workflow run canceled'],
    [{ phase: 'cancelled', jobs: JOB_1 }, { 'on-timeout': 'delete' }, undefined],
    [{ phase: 'cancelled', jobs: JOB_1, [JOB_1]: 'finished' }, DELETE, undefined],
    [{ phase: 'timeout', jobs: JOB_1 }, { 'on-timeout': 'delete' }, 'Not finished in time'],
    [{ phase: 'timeout', jobs: JOB_1 }, DELETE, undefined],
    [{ phase: 'started', jobs: JOB_1 }, DELETE, 'Workflow step stopped'],
    [{ phase: 'started' }, DELETE, 'Workflow step stopped'],
    [{ phase: 'started', jobs: JOB_1 }, {}, undefined],
  ])('after %j with %j deletes a running job with the message %j', async (state, inputs, message) => {
    addRunning();
    const ran = await postStep(state, inputs);
    const { steps, sent } = { steps: ran.out.plainLines, sent: simulator.requests };
    expect(sent.map(({ method }) => method)).toEqual(message === undefined ? [] : ['GET', 'DELETE']);
    if (message === undefined) return;
    expect(sent[1]?.query.get('message')).toBe(`${message}: ${RUN_URL}`);
    expect(steps).toEqual([
      `Deleting what is unfinished of 1 job at ${simulator.url}.`,
      `${JOB_1}: requested deletion. A running import might not stop. Check the job before you import again.`,
    ]);
  });

  it('asks the API that knew the job', async () => {
    simulator.addJob({ id: JOB_1, knownTo: ['core-2.0'], life: { steps: [{ atMs: 0, state: 'RUNNING' }] } });
    await postStep({ phase: 'cancelled', jobs: JOB_1, [JOB_1]: 'core-2.0' }, DELETE);
    expect(requests()).toEqual([`GET /2.0/jobs/${JOB_1}`, `POST /2.0/jobs/${JOB_1}/canceled`]);
  });

  it('masks the secrets again, and annotates only a job that was not deleted', async () => {
    addRunning();
    simulator.failNext('delete', { kind: 'status', status: 403 });
    const token = 'another-bearer-token';
    simulator.failNext('job', { kind: 'wrong-type', body: { id: JOB_1, state: 'RUNNING' } });
    const ran = await postStep({ phase: 'cancelled', jobs: JOB_1 }, { ...DELETE, token });
    expect(masks(ran)).toEqual([token]);
    const message = expect.stringMatching(`^Could not delete the job\\. HTTP 403 .* Job: ${JOB_1}$`);
    expect(ran).toMatchObject({ annotations: [['warning', 'Collibra job not deleted', message]], summary: '' });
    const deleted = await postStep({ phase: 'cancelled', jobs: JOB_1 }, DELETE);
    expect(deleted).toMatchObject({ annotations: [], summary: '' });
  });

  it.each<[name: string, inputs: Inputs, state: Inputs, job: string]>([
    ['is left', {}, {}, 'The job might still be running in Collibra. Check it there before you import again.'],
    ['is deleted', DELETE, {}, 'Requested deletion. A running import might not stop.'],
    ['is known to be finished', DELETE, { [JOB_1]: 'finished' }, 'The job is finished in Collibra. To have its result'],
    ['has finished', DELETE, {}, 'Not deleted, because the job is finished (state COMPLETED, result SUCCESS). To have'],
  ])('reports in place of a main step that was killed: a job that %s', async (name, inputs, state, text) => {
    if (name === 'has finished') addSuccess();
    else addRunning();
    const ran = await postStep({ phase: 'started', jobs: JOB_1, ...state }, inputs);
    expect(ran).toMatchObject({ annotations: [['error', ERROR, expect.stringContaining(`${STOPPED} ${text}`)]] });
    expect(ran.summary).toContain(text);
    expect(ran.summary).toContain(
      '<p>Check the jobs in Collibra before anything uses the imported data, and before you import again.</p>',
    );
    expect(ran.summary.includes('COMPLETED')).toBe(name === 'has finished');
  });

  it('reports a main step that was killed before it found a job, or with invalid inputs', async () => {
    const search = { 'job-id': '', 'job-name': 'Nightly', ...DELETE };
    const reason = `${STOPPED} It had not found the job by its name yet.`;
    expect(await postStep({ phase: 'started' }, search)).toMatchObject({ annotations: [['error', ERROR, reason]] });
    const invalid = await postStep({ phase: 'started' }, { 'timeout-minutes': 'long' });
    expect(invalid.annotations).toMatchObject([['error', 'Invalid inputs', expect.stringContaining('"long"')]]);
    expect(invalid.summary).toContain('Invalid inputs');
    expect(requests()).toEqual([]);
  });

  it('ends 3.5 s after its own cancellation', async () => {
    addRunning();
    simulator.failNext('delete', { kind: 'hang' });
    const startMs = performance.now();
    const ran = await postStep({ phase: 'cancelled', jobs: JOB_1 }, DELETE, canceledOnRequest('DELETE'));
    expect(performance.now() - startMs).toBeGreaterThan(3_400);
    expect(ran.annotations[0]?.[2]).toMatch(/^No confirmation that the job was deleted\. There was no time left\./);
  });
});
