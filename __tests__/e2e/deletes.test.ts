import { setTimeout as sleep } from 'node:timers/promises';

import { describe, expect, it, jest } from '@jest/globals';

import { cancelLikeRunner } from '../../dev/runner/runner.ts';
import { jobsOf, runStep, serve, type Received } from './run-step.ts';

/* No finished job is harmed: what is deleted, and what is said about it, where a server is slow or loses responses. */
jest.setTimeout(60_000);

type Stage = 'running' | 'finished';

const jobOf = (id: string, stage: Stage) =>
  stage === 'running' ? { id, state: 'RUNNING', result: 'NOT_SET' } : { id, state: 'COMPLETED', result: 'SUCCESS' };

/** Runs a step for several jobs at a server that responds to polls and deletes in this way. */
async function stepWith(
  count: number,
  inputs: Record<string, string>,
  respond: (request: Received, index: number) => unknown,
) {
  const ids = Array.from({ length: count }, () => crypto.randomUUID() as string);
  const importResults = { importJobState: 'COMPLETED', errorsCount: 0 };
  const server = await serve((request) =>
    request.path.includes('/import/') ? importResults : respond(request, ids.indexOf(request.id)),
  );
  const signals = 'on-cancel' in inputs ? cancelLikeRunner({ whenLine: /RUNNING/ }) : [];
  const common = { 'job-id': ids.join(), 'job-api': 'jobs-v1', 'import-results': 'false' };
  const run = await runStep(server, { ...common, ...inputs }, { signals });
  const deleted = server.requests.filter(({ method }) => method === 'DELETE').map(({ id }) => ids.indexOf(id));
  return { run, deleted: [...new Set(deleted)].sort((a, b) => a - b) };
}

it.concurrent('on-timeout: delete polls every job a last time, and deletes only what still runs later', async () => {
  // The second poll is the final one: eight hang, so that they take every turn, and the other eight have succeeded.
  const inputs = { 'on-timeout': 'delete', 'timeout-minutes': '0.02', 'min-interval-seconds': '60' };
  const { run, deleted } = await stepWith(16, inputs, ({ method, nth, id }, index) => {
    if (method === 'DELETE') return 204;
    if (nth === 1) return jobOf(id, 'running');
    if (nth === 2) return index < 8 ? undefined : jobOf(id, 'finished');
    return jobOf(id, index < 4 ? 'running' : 'finished');
  });
  const outcomes = jobsOf(run).map(({ outcome }) => outcome);
  expect(outcomes).toEqual([...Array<string>(8).fill('timeout'), ...Array<string>(8).fill('success')]);
  expect(deleted).toEqual([0, 1, 2, 3]);
  expect(run.stdout.match(/: not deleted, because the job is finished/g)).toHaveLength(4);
  expect(run.durationMs).toBeLessThan(25_000);
});

describe('on-cancel: delete', () => {
  it.concurrent.each([100, 400])('deletes no finished job of 40 that a server shows after %d ms each', async (ms) => {
    const { run, deleted } = await stepWith(40, { 'on-cancel': 'delete' }, async ({ method, id }, index) => {
      await sleep(ms);
      return method === 'DELETE' ? 204 : jobOf(id, index < 8 ? 'running' : 'finished');
    });
    expect(run.outputs.outcome).toBe('cancelled');
    expect(deleted.filter((index) => index >= 8)).toEqual([]);
    if (ms === 100) expect(deleted).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  const REQUESTED = /: requested deletion/;
  const UNCONFIRMED = /Warning: no confirmation that job .*Check the job in Collibra/;

  it.concurrent.each<[name: string, deletes: unknown[], line: RegExp]>([
    ['responds', [204], REQUESTED],
    ['loses the response, and the job is gone', ['reset', 404], REQUESTED],
    ['fails after the delete, and the job is gone', [502, 404], REQUESTED],
    ['loses the response, and then accepts the delete', ['reset', 204], REQUESTED],
    ['does not know the job', [404], /Warning: could not delete job .*HTTP 404/],
    ['rejects the delete', [403], /Warning: could not delete job .*HTTP 403/],
    ['loses the response, and then rejects the delete', ['reset', 403], UNCONFIRMED],
    ['responds too late', [undefined], UNCONFIRMED],
    ['loses every response', Array<unknown>(40).fill('reset'), UNCONFIRMED],
  ])('says what came of the delete when the server %s', async (_, deletes, line) => {
    const { run, deleted } = await stepWith(1, { 'on-cancel': 'delete' }, ({ method, id, nth }) =>
      method === 'DELETE' ? deletes[nth - 1] : jobOf(id, 'running'),
    );
    expect(deleted).toEqual([0]);
    expect([run.outputs.outcome, run.signal, run.annotations.length]).toEqual(['cancelled', null, 1]);
    const lines = run.stdout.split('\n').filter((text) => /^(?!::).*(deletion|delete)/.test(text));
    expect(lines).toEqual([expect.stringMatching(line)]);
  });
});

describe('a job', () => {
  it.concurrent('has an outage budget that does not run while its first request waits for its turn', async () => {
    const { run } = await stepWith(9, { 'max-outage-minutes': '0.05' }, ({ id, nth }, index) => {
      if (index === 8) return nth === 1 ? 503 : jobOf(id, 'finished');
      return sleep(5_000, jobOf(id, 'finished'));
    });
    expect(run.outputs.outcome).toBe('success');
  });

  it.concurrent.each([
    ['running', 'timeout'],
    ['finished', 'success'],
  ] as const)('that is %s at the deadline is a %s when the deadline ends a poll', async (stage, outcome) => {
    const inputs = { 'max-outage-minutes': '0', 'timeout-minutes': '0.08' };
    const { run } = await stepWith(1, inputs, ({ id, nth }) =>
      nth === 2 ? undefined : jobOf(id, nth === 1 ? 'running' : stage),
    );
    expect(run.outputs.outcome).toBe(outcome);
  });

  it.concurrent('has its Import Results although they wait 21 s for their turn', async () => {
    const { run } = await stepWith(9, { 'import-results': 'true' }, ({ id }, index) =>
      index === 0 ? jobOf(id, 'finished') : sleep(21_000, jobOf(id, 'finished')),
    );
    expect(run.outputs).toMatchObject({ outcome: 'success', 'failed-commands': '0' });
  });
});
