import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterEach, describe, expect, it } from '@jest/globals';

import { main } from '../src/main.ts';
import { SavedState, type Phase } from '../src/report/saved-state.ts';
import {
  addJob,
  addRunning,
  addSuccess,
  canceledOnRequest,
  folder,
  onRequest,
  restartSimulator,
  runStep,
  RUN_URL,
  simulator,
  TOKEN,
  type Inputs,
} from './support/in-process.ts';
import { JOB_1, JOB_2 } from './support/jobs.ts';
import { written } from './support/stdout.ts';
import { noCancel } from './support/waiting.ts';

/** Runs the main step as the entry point does. */
function step(inputs: Inputs = {}, signal = noCancel(), summaryFile = join(folder, 'summary')) {
  return runStep(inputs, () => main(new SavedState(), signal), summaryFile);
}

describe('the step', () => {
  it('passes on success, and reports it everywhere', async () => {
    addJob('COMPLETED', 'SUCCESS', { message: `All done by ${TOKEN}` });
    const ran = await step({ 'timeout-minutes': '2.5', token: `  ${TOKEN}\n` });
    expect(ran).toMatchObject({ passed: true, annotations: [] });
    expect(ran.masks).toEqual([TOKEN]);
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
    const ran = await step({ 'job-id': 'x', 'on-timeout': 'long' });
    const { outputs, annotations, summary } = ran;
    expect(ran).toMatchObject({ passed: false, state: { phase: 'finished' } });
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
    await restartSimulator({ users: { pipeline: ' spaced password ' } });
    addSuccess();
    // The password is used unchanged, but masked without the whitespace around it.
    const ran = await step({ token: '', username: 'pipeline', password: ' spaced password \n' });
    expect(ran.passed).toBe(true);
    expect(ran.masks).toEqual(['spaced password', Buffer.from('pipeline: spaced password ').toString('base64')]);
    expect(ran.out.lines.findIndex((line) => !line.startsWith('::add-mask'))).toBe(2);
  });

  it('are a client secret, its header, and each token', async () => {
    addSuccess();
    const [id, secret] = ['urn:sys:env:simulator:i:pipeline', 'a secret/with + reserved:characters'];
    const ran = await step({ token: '', 'client-id': id, 'client-secret': secret });
    expect(ran.passed).toBe(true);
    const encoded = `${encodeURIComponent(id)}:a+secret%2Fwith+%2B+reserved%3Acharacters`;
    const sent = [Buffer.from(encoded).toString('base64'), encoded.replace(/.*:/, '')];
    expect(ran.masks).toEqual([secret, ...sent, simulator.issuedTokens[0]]);
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
    const state = { phase: 'finished', [JOB_1]: messages.length === 0 ? 'jobs-v1' : 'finished' };
    expect(ran).toMatchObject({ passed: false, outputs: { outcome: 'timeout' }, state });
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
    simulator.addJob({ id: JOB_2, life: { steps: [{ atMs: 0, state: 'COMPLETED', result: 'SUCCESS' }] } });
    const inputs = { ...timesOut, 'on-timeout': 'delete', 'job-id': `${JOB_2},${JOB_1}` };
    const ran = await step(inputs, canceledOnRequest('DELETE'));
    // Only the unfinished job is left.
    const state = { phase: 'timeout', jobs: JOB_1, [JOB_1]: 'jobs-v1' };
    expect(ran).toMatchObject({ outputs: { outcome: 'timeout' }, state });
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
