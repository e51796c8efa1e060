import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { parse } from 'yaml';

import { leaks } from '../../dev/runner/runner.ts';
import { startSimulator, type FaultRule, type Simulator } from '../../dev/simulator/simulator.ts';
import {
  addJobThatEndsAtLook,
  endsAfter,
  expectAllOutputs,
  jobsOf,
  OUTPUT_NAMES,
  settledLife,
  simulate,
  succeeded,
  TOKEN,
  waitStep,
} from './run-step.ts';

/*
 * Defects found in other actions and libraries that wait for a remote job. Each has a test here that shows that this
 * action, as built, has none of them.
 */
let simulator: Simulator;

beforeAll(async () => {
  simulator = await startSimulator();
});
afterAll(() => simulator.close());

function looksAt(id: string): number[] {
  return simulator.requests.filter(({ path }) => path.endsWith(`/jobs/${id}`)).map(({ at }) => at);
}

it('1: pauses are in seconds as the inputs say, not in milliseconds', async () => {
  const id = simulator.addJob({ life: endsAfter(3500) });
  await waitStep(simulator, { 'job-id': id, 'min-interval-seconds': '0.5', 'max-interval-seconds': '0.6' });
  const looks = looksAt(id);
  const pauses = looks.slice(1).map((at, index) => at - (looks[index] ?? NaN));
  expect(pauses.length).toBeGreaterThanOrEqual(3);
  expect(Math.min(...pauses)).toBeGreaterThanOrEqual(490);
  expect(Math.max(...pauses)).toBeLessThan(1500);
});

it('2: the outage budget starts anew with every good answer', async () => {
  // Five outages of eight looks each: every one well below the budget of 2.4 s, and all of them together above it.
  const outages = [1, 10, 19, 28, 37].map((from): FaultRule => {
    return { on: 'job', fault: { kind: 'status', status: 503 }, from, to: from + 7 };
  });
  const id = addJobThatEndsAtLook(simulator, 46, outages);
  const inputs = {
    'job-id': id,
    'max-outage-minutes': '0.04',
    'max-interval-seconds': '0.1',
    'import-results': 'false',
  };
  const run = await waitStep(simulator, inputs);
  expect(run.outputs.outcome).toBe('success');
  expect(looksAt(id)).toHaveLength(46);
});

it('3: a retry is the same request, with nothing lost', async () => {
  const prefixed = await simulate({ pathPrefix: '/collibra', apis: ['core-2.0'] });
  const faults: FaultRule[] = [{ on: 'job', from: 1, to: 3, fault: { kind: 'status', status: 502 } }];
  const id = prefixed.addJob({ life: endsAfter(600, { faults }) });
  const run = await waitStep(prefixed, { 'job-id': id, 'job-api': 'core-2.0', 'import-results': 'false' });
  expect(run.outputs.outcome).toBe('success');
  const sent = prefixed.requests.map(({ method, path, headers }) =>
    JSON.stringify([method, path, headers.authorization, headers['user-agent'], headers.accept]),
  );
  expect(sent.length).toBeGreaterThanOrEqual(4);
  expect(new Set(sent).size).toBe(1);
  expect(sent[0]).toContain(`/rest/2.0/jobs/${id}`);
});

it('4: retries leave no trace in the outputs', async () => {
  const faults: FaultRule[] = [{ on: 'job', to: 4, fault: { kind: 'html-200' } }];
  const id = simulator.addJob({ life: endsAfter(900, { faults }) });
  const run = await waitStep(simulator, { 'job-id': id });
  expect(run.outputs).toEqual({
    outcome: 'success',
    state: 'COMPLETED',
    result: 'SUCCESS',
    message: '',
    'job-id': id,
    'failed-commands': '0',
    jobs: expect.any(String),
  });
  expect(jobsOf(run)).toHaveLength(1);
  expect(run.stderr).toBe('');
});

it('5: a 401 is not repeated', async () => {
  const id = simulator.addJob();
  const before = simulator.requests.length;
  const run = await waitStep(simulator, { 'job-id': id, token: 'a-token-that-nobody-knows' });
  expect(run.outputs.outcome).toBe('error');
  expect(simulator.requests.length - before).toBe(1);
});

it.each([['DELETED'], ['CANCELED'], ['FAILED'], ['ERROR']])(
  '6: the state %s is a failure, whatever the result says',
  async (state) => {
    const id = simulator.addJob({ life: settledLife({ state, result: 'SUCCESS' }, { verbatim: true }) });
    const run = await waitStep(simulator, {
      'job-id': id,
      accept: 'COMPLETED_WITH_ERROR,ABORTED',
      'import-results': 'false',
    });
    expect([run.outputs.outcome, run.exitCode]).toEqual(['failure', 1]);
  },
);

it('7: a time-out is red', async () => {
  const id = simulator.addJob({ scenario: 'stuck' });
  const run = await waitStep(simulator, { 'job-id': id, 'timeout-minutes': '0.02' });
  expect([run.outputs.outcome, run.exitCode]).toEqual(['timeout', 1]);
  expect(run.annotations).toHaveLength(1);
});

it('8: every output is declared, and set on every path', async () => {
  const action = parse(readFileSync('action.yml', 'utf8')) as { outputs: object };
  expect(Object.keys(action.outputs).sort()).toEqual([...OUTPUT_NAMES].sort());
  const paths = [
    { 'job-id': simulator.addJob({ life: succeeded }) },
    { 'job-id': simulator.addJob({ scenario: 'failed' }), 'timeout-minutes': '0.01' },
    { 'job-id': 'nonsense' },
    { 'job-id': simulator.addJob({ life: succeeded }), token: 'refused' },
  ];
  const runs = await Promise.all(paths.map((inputs) => waitStep(simulator, inputs)));
  runs.forEach(expectAllOutputs);
});

it("9: a gateway's page is neither taken for a job nor shown as a message", async () => {
  const faults: FaultRule[] = [{ on: 'job', fault: { kind: 'status', status: 502, body: 'html' } }];
  const id = simulator.addJob({ life: endsAfter(100, { faults }) });
  const run = await waitStep(simulator, { 'job-id': id, 'max-outage-minutes': '0.01' });
  expect(run.outputs).toMatchObject({ outcome: 'error', state: '', message: '' });
  expect(run.stdout + run.summary).not.toMatch(/<html|<body|<h1/i);
});

it.each([
  ['timeout-minutes', '5s'],
  ['max-outage-minutes', 'NaN'],
  ['min-interval-seconds', '1e0'],
  ['max-failed-commands', '0x10'],
])('10: %s: %s is refused, not replaced by a default', async (name, value) => {
  const run = await waitStep(simulator, { 'job-id': simulator.addJob({ life: succeeded }), [name]: value });
  expect(run.outputs.outcome).toBe('error');
  expect(run.annotations[0]?.message).toContain(`${name}: "${value}"`);
});

it('10: 0 stays 0', async () => {
  const faults: FaultRule[] = [{ on: 'job', from: 2, fault: { kind: 'status', status: 503 } }];
  const inputs = {
    'job-id': simulator.addJob({ life: endsAfter(60_000, { faults }) }),
    'max-outage-minutes': '0',
  };
  const run = await waitStep(simulator, inputs);
  expect(run.outputs.outcome).toBe('error');
  expect(run.annotations[0]?.message).toMatch(/1 × HTTP 503/);

  const errors = [
    {
      errorType: 'RUNTIME',
      resourceType: 'ASSET',
      errorMessage: 'No.',
      command: { indices: [1], identifier: 'a' },
    },
  ];
  const partly = settledLife(
    { state: 'COMPLETED', result: 'ABORTED' },
    { importResults: { importJobState: 'ABORTED', errors } },
  );
  const limited = await waitStep(simulator, {
    'job-id': simulator.addJob({ life: partly }),
    accept: 'ABORTED',
    'max-failed-commands': '0',
  });
  expect(limited.outputs.outcome).toBe('failure');
});

it('11: one failed request does not end the wait', async () => {
  const faults: FaultRule[] = [{ on: 'job', from: 2, to: 2, fault: { kind: 'reset' } }];
  const id = addJobThatEndsAtLook(simulator, 4, faults);
  const run = await waitStep(simulator, { 'job-id': id, 'import-results': 'false' });
  expect(run.outputs.outcome).toBe('success');
  expect(run.stdout).toMatch(/Passing trouble/);
});

it('12: there is a last look at the deadline, even in the middle of a long pause', async () => {
  const id = simulator.addJob({ life: endsAfter(2900) });
  const inputs = { 'job-id': id, 'min-interval-seconds': '60', 'timeout-minutes': '0.05' };
  const run = await waitStep(simulator, inputs);
  const [first = NaN, last = NaN, ...others] = looksAt(id);
  expect(run.outputs.outcome).toBe('success');
  expect(others).toEqual([]);
  expect(last - first).toBeLessThan(5000);
});

it('13: a message can not break out of its output', async () => {
  const message =
    'first\nghadelimiter_00000000-0000-0000-0000-000000000000\noutcome=success\noutcome<<X\nsuccess\nX\n';
  const delimiters = [];
  for (let n = 0; n < 2; n++) {
    const id = simulator.addJob({ life: settledLife({ state: 'FAILED', result: 'FAILURE', message }) });
    const raw = join(mkdtempSync(join(tmpdir(), 'output-')), 'output');
    writeFileSync(raw, '');
    const run = await waitStep(simulator, { 'job-id': id, 'import-results': 'false' });
    expect(run.outputs).toMatchObject({ outcome: 'failure', message });
    await waitStep(simulator, { 'job-id': id, 'import-results': 'false' }, { env: { GITHUB_OUTPUT: raw } });
    delimiters.push(/message<<(\S+)/.exec(readFileSync(raw, 'utf8'))?.[1]);
  }
  expect(delimiters[0]).toBeDefined();
  expect(delimiters[0]).not.toBe(delimiters[1]);
});

it.each([['[]'], [','], ['  ']])('14: no job at all (%j) is an error, not a success', async (jobId) => {
  const run = await waitStep(simulator, { 'job-id': jobId });
  expect([run.outputs.outcome, run.exitCode]).toEqual(['error', 1]);
});

it('15: an unknown state is told once, and again at the end', async () => {
  const id = simulator.addJob({ life: settledLife({ state: 'HIBERNATING' }) });
  const run = await waitStep(simulator, { 'job-id': id, 'timeout-minutes': '0.03' });
  expect(run.stdout.match(/Warning: .*HIBERNATING/g)).toHaveLength(1);
  expect(run.outputs).toMatchObject({ outcome: 'timeout', state: 'HIBERNATING' });
  expect(run.annotations[0]?.message).toMatch(/HIBERNATING, which this action does not know/);
});

it('16: a pause longer than a timer can hold does not fire at once', async () => {
  const id = simulator.addJob({ scenario: 'stuck' });
  const inputs = {
    'job-id': id,
    'min-interval-seconds': '9000000',
    'max-interval-seconds': '9000000',
    'timeout-minutes': '0.03',
  };
  await waitStep(simulator, inputs);
  expect(looksAt(id)).toHaveLength(2);
});

it('17: no timer keeps the process alive after a cancellation', async () => {
  const id = simulator.addJob({ scenario: 'stuck' });
  const inputs = { 'job-id': id, 'min-interval-seconds': '3000', 'max-interval-seconds': '3000' };
  const run = await waitStep(simulator, inputs, {
    signals: [{ signal: 'SIGINT', whenLine: /WAITING|RUNNING/, afterMs: 200 }],
  });
  expect(run.outputs.outcome).toBe('cancelled');
  expect(run.durationMs).toBeLessThan(4000);
});

it('18: COMPLETED is not taken for success', async () => {
  const runs = await Promise.all(
    ['COMPLETED_WITH_ERROR', 'ABORTED', 'FAILURE'].map((result) =>
      waitStep(simulator, {
        'job-id': simulator.addJob({ life: settledLife({ state: 'COMPLETED', result }) }),
        'import-results': 'false',
      }),
    ),
  );
  expect(runs.map((run) => [run.outputs.outcome, run.exitCode])).toEqual(Array(3).fill(['failure', 1]));
});

it('19: no secret is shown, not even in debug logging or in what the server echoes', async () => {
  const password = 'a-password-for-the-pipeline';
  const basic = Buffer.from(`pipeline:${password}`).toString('base64');
  const life = settledLife(
    { state: 'FAILED', message: `refused ${password} and ${basic}` },
    { name: `Import by ${password}` },
  );
  const inputs = { 'job-id': simulator.addJob({ life }), token: '', username: 'pipeline', password };
  const run = await waitStep(simulator, inputs, { env: { RUNNER_DEBUG: '1' } });
  expect(run.outputs.outcome).toBe('failure');
  expect(run.masks).toEqual(expect.arrayContaining([password, basic]));
  expect(run.masks).not.toContain('pipeline');
  expect(leaks(run, [password, basic])).toEqual([]);
});

it('19: not even the first half of a secret is shown, where the words that echo it are cut', async () => {
  const location = `https://elsewhere.example/${'x'.repeat(460)}${TOKEN}`;
  const faults: FaultRule[] = [{ on: 'job', fault: { kind: 'redirect', location } }];
  const run = await waitStep(simulator, { 'job-id': simulator.addJob({ life: endsAfter(100, { faults }) }) });
  expect(run.outputs.outcome).toBe('error');
  expect(run.outputs.jobs).toContain('x***');
  expect(leaks(run, [TOKEN.slice(0, 10)])).toEqual([]);
});

it('20: what the server says is no workflow command', async () => {
  const run = await waitStep(
    simulator,
    { 'job-id': simulator.addJob({ scenario: 'hostile' }) },
    { env: { RUNNER_DEBUG: '1' } },
  );
  const allowed = new Set(['add-mask', 'error', 'warning', 'debug']);
  expect(run.commands.map(({ name }) => name).filter((name) => !allowed.has(name))).toEqual([]);
  expect(run.masks).toEqual([TOKEN]);
  expect(run.annotations).toHaveLength(1);
  expect(run.state).toEqual({});
});

it('21: credentials are not sent on to another host', async () => {
  const other = await simulate({ authentication: false });
  const location = `${other.url.replace('127.0.0.1', 'localhost')}/rest/jobs/v1/jobs/`;
  const faults: FaultRule[] = [{ on: 'job', fault: { kind: 'redirect', location } }];
  const run = await waitStep(simulator, { 'job-id': simulator.addJob({ life: endsAfter(100, { faults }) }) });
  expect(run.outputs.outcome).toBe('error');
  expect(other.requests).toEqual([]);
});

// See entry.test.ts for a process whose event loop runs empty.
it('22: a body that breaks off does not end the process in silence', async () => {
  const faults: FaultRule[] = [{ on: 'job', fault: { kind: 'break-off' } }];
  const run = await waitStep(simulator, {
    'job-id': simulator.addJob({ life: endsAfter(100, { faults }) }),
    'max-outage-minutes': '0.01',
  });
  expect([run.outputs.outcome, run.exitCode]).toEqual(['error', 1]);
});
