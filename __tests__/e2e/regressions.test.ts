import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, it } from '@jest/globals';

import { addJobThatEndsAtPoll, endsAfter, faultsOf, constantLife } from './lives.ts';
import { delaysOf, OUTPUT_NAMES, pollsOf, runStep, runStepFor, simulate, spanMs, TOKEN } from './run-step.ts';

/*
 * Defects found in other actions and libraries that wait for a remote job. A test of dist shows for each that this
 * action does not have it. Most are here, under the numbers of the list; the others are elsewhere:
 *   4 retries leave a trace, 5 a 401 is repeated, 9 a gateway's page is taken for a job, 11 one failed request ends the
 *     wait, 12 there is no final poll at the deadline, 22 a body that breaks off: faults.test.ts
 *   6 a state counts as success because of its result, 15 an unknown one ends the wait, 18 COMPLETED counts as success:
 *     verdicts.test.ts
 *   7 a timeout is green, 17 a timer keeps the process alive: signals.test.ts
 *   8 an output is not set: all of them
 *   10 bad input or 0 is replaced by a default, 14 an empty list of jobs is a success: inputs.test.ts, outage.test.ts
 *   19 a secret is shown: secrets.test.ts
 *   22 an event loop that runs empty: entry.test.ts
 */
const simulator = await simulate();

it.concurrent('1: delays are in seconds as the inputs say, not in milliseconds', async () => {
  const id = addJobThatEndsAtPoll(simulator, 5);
  await runStep(simulator, { 'job-id': id, 'min-interval-seconds': '0.5', 'max-interval-seconds': '0.6' });
  const delays = delaysOf(pollsOf(simulator, id));
  expect(delays).toHaveLength(4);
  expect(Math.min(...delays)).toBeGreaterThanOrEqual(490);
  expect(Math.max(...delays)).toBeLessThan(5000);
});

it.concurrent('2: a successful response resets the outage budget', async () => {
  // Ten outages of about 0.9 s: each is far below the budget of 6 s, and all of them together exceed it.
  const outages = Array.from({ length: 10 }, (_, n) =>
    faultsOf({ kind: 'status', status: 503 }, { from: 10 * n + 1, to: 10 * n + 9 }),
  );
  const id = addJobThatEndsAtPoll(simulator, 101, outages.flat());
  const inputs = { 'max-outage-minutes': '0.1', 'max-interval-seconds': '0.1', 'import-results': 'false' };
  const run = await runStep(simulator, { 'job-id': id, ...inputs });
  expect(run.outputs.outcome).toBe('success');
  expect(pollsOf(simulator, id)).toHaveLength(101);
  expect(spanMs(pollsOf(simulator, id))).toBeGreaterThan(6_000);
});

it.concurrent('3: a retry sends the same request, complete', async () => {
  const prefixed = await simulate({ pathPrefix: '/collibra', apis: ['core-2.0'] });
  const id = addJobThatEndsAtPoll(prefixed, 4, faultsOf({ kind: 'status', status: 502 }, { to: 3 }));
  const inputs = { 'job-id': id, 'job-api': 'core-2.0', 'import-results': 'false' };
  expect((await runStep(prefixed, inputs)).outputs.outcome).toBe('success');
  const sent = prefixed.requests.map(({ method, path, headers }) =>
    JSON.stringify([method, path, headers.authorization, headers['user-agent'], headers.accept]),
  );
  expect(sent).toHaveLength(4);
  expect(new Set(sent).size).toBe(1);
  expect(sent[0]).toContain(`/rest/2.0/jobs/${id}`);
});

it.concurrent('13: a message cannot break out of its output, for each has a delimiter of its own', async () => {
  const message = 'first\nghadelimiter_00000000-0000-0000-0000-000000000000\noutcome=success\noutcome<<X\nsuccess\nX\n';
  const life = constantLife({ state: 'FAILED', result: 'FAILURE', message });
  expect((await runStepFor(simulator, life)).outputs).toMatchObject({ outcome: 'failure', message });
  const file = join(mkdtempSync(join(tmpdir(), 'output-')), 'output');
  writeFileSync(file, '');
  await runStepFor(simulator, life, {}, { env: { GITHUB_OUTPUT: file } });
  const delimiters = readFileSync(file, 'utf8').match(/(?<=^[a-z-]+<<ghadelimiter_).{36}$/gm) ?? [];
  expect(delimiters).toHaveLength(2 * OUTPUT_NAMES.length);
  expect(new Set(delimiters).size).toBe(delimiters.length);
});

it.concurrent('16: a delay longer than a timer can hold does not end at once', async () => {
  const id = simulator.addJob({ scenario: 'stuck' });
  const interval = { 'min-interval-seconds': '9000000', 'max-interval-seconds': '9000000' };
  await runStep(simulator, { 'job-id': id, ...interval, 'timeout-minutes': '0.03' });
  expect(pollsOf(simulator, id)).toHaveLength(2);
});

it.concurrent('20: no text of the server is a workflow command', async () => {
  const inputs = { 'job-id': simulator.addJob({ scenario: 'hostile' }) };
  const run = await runStep(simulator, inputs, { env: { RUNNER_DEBUG: '1' } });
  const allowed = new Set(['add-mask', 'error', 'warning', 'debug']);
  expect(run.commands.map(({ name }) => name).filter((name) => !allowed.has(name))).toEqual([]);
  expect(run.masks).toEqual([TOKEN]);
  expect(run.annotations).toHaveLength(1);
  expect(run.state).toEqual({});
});

it.concurrent('21: a redirect does not take the credentials to another host', async () => {
  const other = await simulate({ authentication: false });
  const location = `${other.url.replace('127.0.0.1', 'localhost')}/rest/jobs/v1/jobs/`;
  const life = endsAfter(100, { faults: faultsOf({ kind: 'redirect', location }) });
  const run = await runStepFor(simulator, life);
  expect(run.outputs.outcome).toBe('error');
  expect(other.requests).toEqual([]);
});
