import { describe, expect, it } from '@jest/globals';

import type { RequestLimits } from '../../src/collibra/http/requests.ts';
import type { Job } from '../../src/collibra/job.ts';
import { deleteJobs, type DeleteResult } from '../../src/polling/delete-jobs.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { aJob, aSuccess, JOB_1, JOB_2, JOB_3 } from '../support/jobs.ts';
import { anError, inTurn } from './support.ts';

/** How the server responds to the n-th request of its kind for a job; undefined: not at all. */
interface Server {
  readonly get?: (n: number, id: string) => Job | Error | undefined;
  readonly delete?: (n: number, id: string) => 'deleted' | Error | undefined;
  /** How long each request takes. */
  readonly requestMs?: number;
}

async function play(server: Server, ids: readonly string[] = [JOB_1], timeoutMs = 5_000) {
  const { get = (_, id) => aJob({ id }), delete: remove = () => 'deleted' as const, requestMs = 0 } = server;
  const clock = new FakeClock();
  const requests: string[] = [];
  const results: Record<string, DeleteResult> = {};
  async function respond<T>(
    request: string,
    { signal }: RequestLimits,
    response: (n: number) => T | Error | undefined,
  ) {
    requests.push(request);
    await clock.sleep(requestMs, signal);
    signal.throwIfAborted();
    const value = response(requests.filter((other) => other === request).length);
    if (value === undefined) await clock.sleep(Infinity, signal);
    signal.throwIfAborted();
    if (value instanceof Error) throw value;
    return value as T;
  }
  const jobs = {
    get: (id: string, limits: RequestLimits) => respond(`GET ${id}`, limits, (n) => get(n, id)),
    delete: async (id: string, message: string, limits: RequestLimits) =>
      void (await respond(`DELETE ${id} ${message}`, limits, (n) => remove(n, id))),
  };
  const onResult = (id: string, result: DeleteResult) => void (results[id] = result);
  await deleteJobs(ids, { jobs, clock, message: 'why', timeoutMs, onResult });
  return { requests, results, result: results[JOB_1], endedAt: clock.sinceStart(), clock };
}

const GET = `GET ${JOB_1}`;
const DELETE = `DELETE ${JOB_1} why`;
const NO_TIME = { message: 'There was no time left.' };

describe('a job to delete', () => {
  it.each(['WAITING', 'RUNNING', 'CANCELING', 'PAUSED', ''])('is deleted in the state "%s"', async (state) => {
    const { requests, result, clock } = await play({ get: () => aJob({ state }) });
    expect(requests).toEqual([GET, DELETE]);
    expect(result).toEqual({ kind: 'deleted' });
    expect(clock.sleepers).toBe(0);
  });

  it.each<[state: string, more: Partial<Job>]>([
    ['COMPLETED', { result: 'SUCCESS' }],
    ['COMPLETED', { result: 'NOT_SET' }],
    ['FAILED', { result: '' }],
    ['DELETED', { result: '' }],
    ['PAUSED', { endDate: new Date(0) }],
  ])('is left alone when it is finished (%s, %j)', async (state, more) => {
    const job = aJob({ state, ...more });
    const { requests, result } = await play({ get: () => job });
    expect(requests).toEqual([GET]);
    expect(result).toEqual({ kind: 'finished', job });
  });

  it('is left alone when it is finished by the time that a response comes', async () => {
    const { requests, result } = await play({ get: inTurn<Job | Error>(anError(503), aSuccess()) });
    expect(requests).toEqual([GET, GET]);
    expect(result).toMatchObject({ kind: 'finished' });
  });

  it('is one of several, which are deleted concurrently and independently', async () => {
    const get = (_: number, id: string) => (id === JOB_2 ? aSuccess({ id }) : aJob({ id }));
    const server = {
      get,
      delete: (_: number, id: string) => (id === JOB_3 ? anError(403) : 'deleted'),
      requestMs: 1_000,
    };
    const { results, endedAt } = await play(server as Server, [JOB_1, JOB_2, JOB_3]);
    const kinds = Object.entries(results).map(([id, { kind }]) => [id, kind]);
    expect(Object.fromEntries(kinds)).toEqual({ [JOB_1]: 'deleted', [JOB_2]: 'finished', [JOB_3]: 'failed' });
    expect(endedAt).toBe(2_000);
  });
});

describe('a delete', () => {
  it('is retried after a transient error, like the request before it', async () => {
    const played = await play({
      get: inTurn<Job | Error>(anError(503), aJob()),
      delete: inTurn<'deleted' | Error>(anError(502), anError(500), 'deleted'),
    });
    expect(played.requests).toEqual([GET, GET, DELETE, DELETE, DELETE]);
    expect(played.result).toEqual({ kind: 'deleted' });
  });

  it('is done if the job is gone after a lost response', async () => {
    const { requests, result } = await play({ delete: inTurn(anError(0), anError(404)) });
    expect(requests).toEqual([GET, DELETE, DELETE]);
    expect(result).toEqual({ kind: 'deleted' });
  });

  it.each([400, 401, 403, 404])('has failed after a %d, which is not retried', async (status) => {
    const error = expect.objectContaining({ message: `Error ${status}.` });
    const refused = await play({ delete: () => anError(status) });
    expect(refused).toMatchObject({ requests: [GET, DELETE], result: { kind: 'failed', error } });
    const unseen = await play({ get: () => anError(status) });
    expect(unseen).toMatchObject({ requests: [GET], result: { kind: 'failed', error } });
  });

  it('is unconfirmed if a refusal follows a lost response', async () => {
    const { result } = await play({ delete: inTurn(anError(0), anError(403)) });
    expect(result).toMatchObject({ kind: 'unconfirmed', error: { message: 'Error 403.' } });
  });

  it('is unconfirmed if no response comes in time', async () => {
    const { result, endedAt } = await play({ delete: () => undefined });
    expect(result).toMatchObject({ kind: 'unconfirmed', error: NO_TIME });
    expect(endedAt).toBe(5_000);
  });

  it('is never sent if the time is up before the state of the job is known', async () => {
    const { requests, result, endedAt } = await play({ get: () => undefined });
    expect(requests).toEqual([GET]);
    expect(result).toMatchObject({ kind: 'failed', error: NO_TIME });
    expect(endedAt).toBe(5_000);
  });

  it('has one time limit with the request before it', async () => {
    const { requests, result, endedAt } = await play({ requestMs: 3_000 });
    expect(requests).toEqual([GET, DELETE]);
    expect(result).toMatchObject({ kind: 'unconfirmed', error: NO_TIME });
    expect(endedAt).toBe(5_000);
  });

  it('is not retried beyond the time limit', async () => {
    const { requests, result, endedAt } = await play({ get: () => anError(503) });
    expect(requests).toHaveLength(5);
    expect(result).toMatchObject({ kind: 'failed', error: { message: 'Error 503.' } });
    expect(endedAt).toBeLessThanOrEqual(5_000);
  });

  it('throws a defect', async () => {
    await expect(play({ get: () => new TypeError('a defect') })).rejects.toThrow('a defect');
    await expect(play({ delete: () => new TypeError('a defect') })).rejects.toThrow('a defect');
  });
});
