import { describe, expect, it } from '@jest/globals';

import type { Fault, FaultRule } from '../../dev/simulator/simulator.ts';
import { addJobThatEndsAtPoll, faultsOf, succeeded } from './lives.ts';
import { delaysOf, expectAllOutputs, expectError, pollsOf, runStep, runStepFor, simulate } from './run-step.ts';

const simulator = await simulate();

/** Runs a step for a job that succeeds at its sixth poll, on a simulator of its own: some faults hit every connection. */
async function stepWith(faults: readonly FaultRule[], inputs: Record<string, string> = {}) {
  const own = await simulate();
  const id = addJobThatEndsAtPoll(own, 6, faults);
  const quick = { 'max-interval-seconds': '0.2', 'import-results': 'false' };
  const run = await runStep(own, { 'job-id': id, ...quick, ...inputs });
  return { ...run, requests: own.requests };
}

const TRANSIENT: readonly (readonly [name: string, fault: Fault, label: RegExp])[] = [
  ...[408, 425, 500, 502, 503, 504].map(
    (status) => [`HTTP ${status}`, { kind: 'status', status }, new RegExp(`× HTTP ${status}`)] as const,
  ),
  ['HTTP 503 as plain text', { kind: 'status', status: 503, body: 'text' }, /× HTTP 503/],
  ['HTTP 502 as HTML', { kind: 'status', status: 502, body: 'html' }, /× HTTP 502\).*Simulated fault/],
  ['a reset connection', { kind: 'reset' }, /× connection reset/],
  ['a refused connection', { kind: 'refuse', forMs: 300 }, /× connection (reset|refused)/],
  ['a body that breaks off', { kind: 'break-off' }, /× connection reset/],
  ['a login page with status 200', { kind: 'html-200' }, /× an HTML page instead of JSON/],
  ['truncated JSON', { kind: 'truncated-json' }, /× invalid or incomplete JSON/],
  ['a JSON array', { kind: 'wrong-type', body: [] }, /× JSON that is not a job/],
  ['a JSON string', { kind: 'wrong-type', body: 'COMPLETED' }, /× JSON that is not a job/],
  ['null', { kind: 'wrong-type', body: null }, /× JSON that is not a job/],
  ['an ID that is a number', { kind: 'wrong-type', body: { id: 5 } }, /× JSON that is not a job/],
  ["another job's response", { kind: 'other-job' }, /× another job\)/],
];

describe('a transient error', () => {
  it.concurrent.each(TRANSIENT)('is retried at first, while the job runs, and at its end: %s', async (_, fault) => {
    const polls = [{ to: 1 }, { from: 3, to: 4 }, { from: 6, to: 7 }];
    const run = await stepWith(polls.flatMap((when) => faultsOf(fault, when)));
    expect([run.outputs.outcome, run.exitCode]).toEqual(['success', 0]);
    expect(run.annotations).toEqual([]);
    expect(run.stdout).toMatch(/^Transient error/m);
    expect(run.requests).toHaveLength(8);
  });

  // A 500 before the first successful poll is retried for longer: see outage.test.ts.
  const ENDING = TRANSIENT.filter(([name]) => name !== 'HTTP 500');

  it.concurrent.each(ENDING)(
    'ends the step when it lasts longer than max-outage-minutes: %s',
    async (_, fault, label) => {
      const inputs = { 'max-outage-minutes': '0.01' };
      const runs = await Promise.all([
        stepWith(faultsOf(fault), { ...inputs, 'job-api': 'jobs-v1' }),
        stepWith(faultsOf(fault, { from: 3 }), { ...inputs, 'job-api': 'core-2.0' }),
      ]);
      expect(runs.map(({ outputs }) => outputs.state)).toEqual(['', 'RUNNING']);
      for (const run of runs) {
        expectError(run, /Collibra did not respond successfully for \d(\.\d)? s \(/);
        expectError(run, label);
        expectAllOutputs(run);
        expect(run.annotations).toHaveLength(1);
        expect(run.stdout + run.summary).not.toMatch(/<html|<body|<h1/i);
      }
    },
  );
});

it.concurrent('waits for a job that appears within the first 15 s', async () => {
  const life = { ...succeeded, faults: faultsOf({ kind: 'status', status: 404 }, { to: 10 }) };
  expect((await runStepFor(simulator, life)).outputs.outcome).toBe('success');
});

describe('the job API', () => {
  it.concurrent.each([
    ['jobs-v1', '/rest/jobs/v1/jobs/', 4],
    ['core-2.0', '/rest/2.0/jobs/', 5],
  ] as const)('is found when the environment serves only %s', async (api, prefix, times) => {
    const only = await simulate({ apis: [api] });
    const id = addJobThatEndsAtPoll(only, 5);
    const run = await runStep(only, { 'job-id': id, 'import-results': 'false' });
    expect(run.outputs.outcome).toBe('success');
    const [first, ...rest] = pollsOf(only).map(({ path }) => path);
    expect(first).toBe(`/rest/jobs/v1/jobs/${id}`);
    expect(rest).toEqual(Array(times).fill(`${prefix}${id}`));
  });

  it.concurrent('is found for each job when one API knows the job and the other does not', async () => {
    const ids = (['core-2.0', 'jobs-v1'] as const).map((api) => simulator.addJob({ life: succeeded, knownTo: [api] }));
    expect((await runStep(simulator, { 'job-id': ids.join() })).outputs.outcome).toBe('success');
  });
});

describe('Retry-After', () => {
  /** Runs a step whose first poll fails with a Retry-After, and gives the delay until the second one. */
  async function delayAfter(status: number, retryAfter: { seconds: number; as: 'seconds' | 'date' }, inputs = {}) {
    const faults = faultsOf({ kind: 'status', status, retryAfter }, { to: 1 });
    const id = addJobThatEndsAtPoll(simulator, 2, faults);
    const run = await runStep(simulator, { 'job-id': id, 'import-results': 'false', ...inputs });
    expect(run.outputs.outcome).toBe('success');
    return delaysOf(pollsOf(simulator, id))[0];
  }

  it.concurrent.each(['seconds', 'date'] as const)('sets the delay when it is given as %s', async (as) => {
    const delayMs = await delayAfter(429, { seconds: 3, as });
    // A date has whole seconds.
    expect(delayMs).toBeGreaterThanOrEqual(as === 'date' ? 2000 : 3000);
    expect(delayMs).toBeLessThan(4500);
  });

  it.concurrent('does not delay the final poll', async () => {
    const retryAfter = { seconds: 10 ** 9, as: 'seconds' } as const;
    expect(await delayAfter(503, retryAfter, { 'timeout-minutes': '0.03' })).toBeLessThan(4000);
  });
});

it.concurrent('truncates a message of 3 MB', async () => {
  const life = { ...succeeded, faults: faultsOf({ kind: 'huge', megabytes: 3 }) };
  const run = await runStepFor(simulator, life);
  expect(run.outputs.outcome).toBe('success');
  expect(run.outputs.message).toHaveLength(100_000);
  expect(run.outputs.message).toMatch(/…$/);
  expect(run.stdout.length).toBeLessThan(20_000);
  expect(Buffer.byteLength(run.summary)).toBeLessThan(20_000);
});
