import { setTimeout as sleep } from 'node:timers/promises';

import { describe, expect, it, jest } from '@jest/globals';

import { cancelLikeRunner } from '../../dev/runner/runner.ts';
import { fastClock, jobsOf, preloading, runStep, serve, type Received } from './run-step.ts';

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
  env = {},
) {
  const ids = Array.from({ length: count }, () => crypto.randomUUID() as string);
  const importResults = { importJobState: 'COMPLETED', errorsCount: 0 };
  const server = await serve((request) =>
    request.path.includes('/import/') ? importResults : respond(request, ids.indexOf(request.id)),
  );
  const signals = 'on-cancel' in inputs ? cancelLikeRunner({ whenLine: /RUNNING/ }) : [];
  const common = { 'job-id': ids.join(), 'job-api': 'jobs-v1', 'import-results': 'false' };
  const run = await runStep(server, { ...common, ...inputs }, { signals, env });
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
  const REQUESTED = /: requested deletion/;
  const UNCONFIRMED = /^Warning: .*: no confirmation that the job was deleted\. .*Check the job in Collibra/;

  it.concurrent.each<[name: string, deletes: unknown[], line: RegExp]>([
    ['responds', [204], REQUESTED],
    ['loses the response, and the job is gone', ['reset', 404], REQUESTED],
    ['fails after the delete, and the job is gone', [502, 404], REQUESTED],
    ['loses the response, and then accepts the delete', ['reset', 204], REQUESTED],
    ['does not know the job', [404], /^Warning: .*: could not delete the job\. HTTP 404/],
    ['rejects the delete', [403], /^Warning: .*: could not delete the job\. HTTP 403/],
    ['loses the response, and then rejects the delete', ['reset', 403], UNCONFIRMED],
    ['responds too late', [undefined], UNCONFIRMED],
    ['loses every response', Array<unknown>(40).fill('reset'), UNCONFIRMED],
  ])('says what came of the delete when the server %s', async (_, deletes, line) => {
    const respond = ({ method, id, nth }: Received) => (method === 'DELETE' ? deletes[nth - 1] : jobOf(id, 'running'));
    // A minute is over in 4 s, and the job is polled once.
    const slow = { 'min-interval-seconds': '3000', 'max-interval-seconds': '3000', 'timeout-minutes': '7000' };
    const { run, deleted } = await stepWith(1, { 'on-cancel': 'delete', ...slow }, respond, preloading(fastClock(15)));
    expect(deleted).toEqual([0]);
    expect([run.outputs.outcome, run.signal, run.annotations.length]).toEqual(['cancelled', null, 1]);
    const { exitCode, lines = [], annotations } = run.post ?? {};
    expect([exitCode, annotations?.length]).toEqual([0, line === REQUESTED ? 0 : 1]);
    expect(lines.filter((text) => !text.startsWith('::')).slice(1)).toEqual([expect.stringMatching(line)]);
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
