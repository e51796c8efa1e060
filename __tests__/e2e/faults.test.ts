import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { runAction } from '../../dev/runner/runner.ts';
import { startSimulator, type Fault, type FaultRule, type Simulator } from '../../dev/simulator/simulator.ts';
import {
  addJobThatEndsAtLook,
  closedAfterTest,
  expectAllOutputs,
  simulate,
  succeeded,
  TOKEN,
  waitStep,
} from './run-step.ts';
import { tlsFront } from './tls.ts';

let simulator: Simulator;

beforeAll(async () => {
  simulator = await startSimulator();
});
afterAll(() => simulator.close());

type Rule = Pick<FaultRule, 'from' | 'to'>;

/** When the job ends well, counted in looks. */
const END = 5;

/** A step against a simulator of its own: some faults hit every connection. */
async function step(fault: Fault, rule: Rule, inputs: Record<string, string> = {}) {
  const own = await simulate();
  const id = addJobThatEndsAtLook(own, END, [{ on: 'job', fault, ...rule }]);
  const quick = { 'max-interval-seconds': '0.2', 'import-results': 'false' };
  const run = await waitStep(own, { 'job-id': id, ...quick, ...inputs });
  return { ...run, requests: own.requests };
}

const PASSING: readonly [name: string, fault: Fault, seen: RegExp][] = [
  ...[408, 425, 429, 500, 502, 503, 504].map((status): [string, Fault, RegExp] => [
    `HTTP ${status}`,
    { kind: 'status', status },
    new RegExp(`× HTTP ${status}`),
  ]),
  ['HTTP 503 as plain text', { kind: 'status', status: 503, body: 'text' }, /× HTTP 503/],
  ['HTTP 502 as HTML', { kind: 'status', status: 502, body: 'html' }, /× HTTP 502\).*HTML page/],
  ['a reset connection', { kind: 'reset' }, /× connection reset/],
  ['a refused connection', { kind: 'refuse', forMs: 300 }, /× connection (reset|refused)/],
  ['a body that breaks off', { kind: 'break-off' }, /× connection reset/],
  ['bytes that are not HTTP', { kind: 'garbage' }, /× connection failed/],
  ['a login page with status 200', { kind: 'html-200' }, /× HTML page in place of JSON/],
  ['truncated JSON', { kind: 'truncated-json' }, /× answer that is not JSON/],
  ['a JSON array', { kind: 'wrong-type', body: [] }, /× JSON that is not a job/],
  ['a JSON string', { kind: 'wrong-type', body: 'COMPLETED' }, /× JSON that is not a job/],
  ['null', { kind: 'wrong-type', body: null }, /× JSON that is not a job/],
  ['an id that is a number', { kind: 'wrong-type', body: { id: 5 } }, /× JSON that is not a job/],
  ["another job's answer", { kind: 'other-job' }, /× another job's answer/],
];

describe('trouble that passes is ridden out', () => {
  it.each(PASSING)('%s', async (_, fault) => {
    const runs = await Promise.all([
      step(fault, { to: 1 }),
      step(fault, { from: 2, to: 3 }),
      step(fault, { from: END, to: END + 1 }),
    ]);
    expect(runs.map((run) => [run.outputs.outcome, run.exitCode])).toEqual([
      ['success', 0],
      ['success', 0],
      ['success', 0],
    ]);
    expect(runs.flatMap((run) => run.annotations)).toEqual([]);
    for (const run of runs) expect(run.stdout).toMatch(/Passing trouble/);
  });
});

// A 500 of a job that was never seen is borne longer: see outage.test.ts.
const BOUNDED = PASSING.filter(([name]) => name !== 'HTTP 500');

describe('trouble that lasts longer than max-outage-minutes ends the step', () => {
  it.each(BOUNDED)(
    '%s',
    async (_, fault, seen) => {
      const runs = await Promise.all([
        step(fault, {}, { 'max-outage-minutes': '0.01', 'job-api': 'jobs-v1' }),
        step(fault, { from: 3 }, { 'max-outage-minutes': '0.01', 'job-api': 'core-2.0' }),
      ]);
      for (const [index, run] of runs.entries()) {
        expect(run.outputs.outcome).toBe('error');
        expect(run.exitCode).toBe(1);
        expectAllOutputs(run);
        expect(run.annotations).toHaveLength(1);
        expect(run.annotations[0]?.message).toMatch(/Gave up: no good answer for \d(\.\d)? s \(/);
        expect(run.annotations[0]?.message).toMatch(seen);
        expect(run.outputs.state).toBe(index === 0 ? '' : 'RUNNING');
      }
    },
    60_000,
  );
});

describe('what can not pass ends the step at once', () => {
  const FINAL: readonly [name: string, fault: Fault, said: RegExp][] = [
    ['HTTP 400', { kind: 'status', status: 400 }, /HTTP 400 from http:.*It says: /],
    ['HTTP 401', { kind: 'status', status: 401 }, /HTTP 401 .*Check token/],
    ['HTTP 403', { kind: 'status', status: 403 }, /HTTP 403 .*permission/],
    ['HTTP 418', { kind: 'status', status: 418 }, /HTTP 418/],
    [
      'a redirect to another host',
      { kind: 'redirect', location: 'https://login.example/' },
      /Redirects to https:\/\/login\.example\/ are not followed/,
    ],
    [
      'a permanent redirect',
      { kind: 'redirect', location: '/elsewhere', status: 308 },
      /HTTP 308 .*not followed/,
    ],
  ];
  it.each(FINAL)('%s', async (_, fault, said) => {
    for (const rule of [{ from: 1 }, { from: 3 }]) {
      const run = await step(fault, rule, { 'job-api': 'jobs-v1' });
      expect(run.outputs.outcome).toBe('error');
      expect(run.annotations).toHaveLength(1);
      expect(run.annotations[0]?.message).toMatch(said);
      expect(run.requests).toHaveLength(rule.from);
    }
  });

  it('a certificate that is not trusted', async () => {
    const front = closedAfterTest(await tlsFront(simulator.url, 'localhost'));
    const run = await runAction({
      inputs: { url: `https://localhost:${front.port}`, 'job-id': simulator.addJob(), token: TOKEN },
    });
    expect(run.outputs.outcome).toBe('error');
    expect(run.annotations[0]?.message).toMatch(
      /certificate of https:\/\/localhost:\d+.* is not trusted.*NODE_EXTRA_CA_CERTS/,
    );
  });
});

describe('a job that is not there', () => {
  it('may appear within the first 15 seconds', async () => {
    const id = simulator.addJob({ life: succeeded, appearsInMs: 2000 });
    const run = await waitStep(simulator, { 'job-id': id });
    expect(run.outputs.outcome).toBe('success');
  });

  it('is an error at once when it had been seen before', async () => {
    const run = await step({ kind: 'status', status: 404 }, { from: 3 });
    expect(run.outputs).toMatchObject({ outcome: 'error', state: 'RUNNING' });
    expect(run.durationMs).toBeLessThan(5_000);
  });
});

describe('the right API is found', () => {
  it.each([['jobs-v1'], ['core-2.0']] as const)('where only %s is served', async (api) => {
    const only = await simulate({ apis: [api] });
    const id = addJobThatEndsAtLook(only, END, []);
    const run = await waitStep(only, { 'job-id': id, 'import-results': 'false' });
    const asked = only.requests.filter(({ path }) => /\/jobs\//.test(path)).map(({ path }) => path);
    expect(run.outputs.outcome).toBe('success');
    const [first, ...rest] = asked;
    expect(first).toContain('/rest/jobs/v1/jobs/');
    expect(rest).toHaveLength(api === 'jobs-v1' ? END - 1 : END);
    expect(rest.filter((path) => path.includes(api === 'jobs-v1' ? '/rest/2.0/' : '/rest/jobs/v1/'))).toEqual(
      [],
    );
  });

  it('where one knows the job and the other does not', async () => {
    const ids = [
      simulator.addJob({ life: succeeded, knownTo: ['core-2.0'] }),
      simulator.addJob({ life: succeeded, knownTo: ['jobs-v1'] }),
    ];
    const run = await waitStep(simulator, { 'job-id': ids.join() });
    expect(run.outputs.outcome).toBe('success');
  });

  it('and a fixed one is not left', async () => {
    const id = simulator.addJob({ life: succeeded, knownTo: ['core-2.0'] });
    const run = await waitStep(simulator, { 'job-id': id, 'job-api': 'jobs-v1', 'timeout-minutes': '0.01' });
    expect(run.outputs.outcome).toBe('error');
  });
});

describe('Retry-After', () => {
  it.each([['seconds'], ['date']] as const)('as %s is honoured', async (as) => {
    const fault: Fault = { kind: 'status', status: 429, retryAfter: { seconds: 3, as } };
    const id = simulator.addJob({ life: { ...succeeded, faults: [{ on: 'job', fault, to: 1 }] } });
    const run = await waitStep(simulator, { 'job-id': id });
    const [first, second] = simulator.requests.filter(({ path }) => path.endsWith(id)).map(({ at }) => at);
    expect(run.outputs.outcome).toBe('success');
    // A date has whole seconds.
    expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(as === 'date' ? 2000 : 3000);
    expect((second ?? 0) - (first ?? 0)).toBeLessThan(4500);
  });

  it('is bounded by the time left', async () => {
    const fault: Fault = { kind: 'status', status: 503, retryAfter: { seconds: 10 ** 9, as: 'seconds' } };
    const id = simulator.addJob({ life: { ...succeeded, faults: [{ on: 'job', fault, to: 1 }] } });
    const run = await waitStep(simulator, { 'job-id': id, 'timeout-minutes': '0.03' });
    expect(run.outputs.outcome).toBe('success');
    expect(run.durationMs).toBeLessThan(4000);
  });
});

it('a message of 3 MB does no harm', async () => {
  const faults: FaultRule[] = [{ on: 'job', fault: { kind: 'huge', megabytes: 3 } }];
  const id = simulator.addJob({ life: { ...succeeded, faults } });
  const run = await waitStep(simulator, { 'job-id': id });
  expect(run.outputs.outcome).toBe('success');
  expect(run.outputs.message?.length).toBe(100_000);
  expect(run.outputs.message).toMatch(/…$/);
  expect(run.stdout.length).toBeLessThan(20_000);
  expect(Buffer.byteLength(run.summary)).toBeLessThan(20_000);
});
