import { describe, expect, it } from '@jest/globals';

import type { Job } from '../../src/collibra/job.ts';
import { deleteJobs, type DeleteOptions, type DeleteResult } from '../../src/polling/delete-jobs.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { aJob, aSuccess, JOB_1, JOB_2, JOB_3 } from '../support/jobs.ts';
import { cancelAt } from '../support/waiting.ts';
import { anError, inTurn } from './support.ts';

/** How the server responds to the n-th request of its kind for a job, and how long that takes. */
interface Server {
  readonly get?: (n: number, id: string) => Job | Error;
  readonly getMs?: number;
  readonly delete?: (n: number, id: string) => Error | 'deleted';
  readonly deleteMs?: number;
  /** When the deletes are stopped from outside. */
  readonly stopMs?: number;
}

async function play(server: Server = {}, ids: readonly string[] = [JOB_1]) {
  const {
    get = (_: number, id: string) => aJob({ id }),
    delete: remove = () => 'deleted' as const,
    getMs = 0,
    deleteMs = 0,
    stopMs = Infinity,
  } = server;
  const clock = new FakeClock();
  const requests: string[] = [];
  const results: Record<string, DeleteResult> = {};
  const respond = async <T>(request: string, ms: number, signal: AbortSignal, response: (n: number) => T | Error) => {
    requests.push(request);
    await clock.sleep(ms, signal);
    signal.throwIfAborted();
    const value = response(requests.filter((other) => other === request).length);
    if (value instanceof Error) throw value;
    return value;
  };
  const jobs: DeleteOptions['jobs'] = {
    get: (id, { signal }) => respond(`GET ${id}`, getMs, signal, (n) => get(n, id)),
    delete: async (id, message, { signal, isUrgent }) => {
      expect(isUrgent).toBe(true);
      await respond(`DELETE ${id} ${message}`, deleteMs, signal, (n) => remove(n, id));
    },
  };
  const onResult = (id: string, result: DeleteResult) => void (results[id] = result);
  const inTurn = <T>(work: () => Promise<T>) => work();
  await deleteJobs(ids, {
    jobs,
    clock,
    message: 'why',
    timeoutMs: 5_000,
    inTurn,
    onResult,
    ...(stopMs < Infinity && { signal: cancelAt(clock, stopMs) }),
  });
  return { requests, results, result: results[JOB_1], endedAt: clock.sinceStart(), clock };
}

const GET = `GET ${JOB_1}`;
const DELETE = `DELETE ${JOB_1} why`;

describe('a job to delete', () => {
  it.each(['WAITING', 'RUNNING', 'CANCELING', 'PAUSED', ''])('is deleted in the state "%s"', async (state) => {
    const { requests, result, clock } = await play({ get: () => aJob({ state }) });
    expect(requests).toEqual([GET, DELETE]);
    expect(result).toMatchObject({ kind: 'deleted', job: { state } });
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
    expect(await play({ get: () => job })).toMatchObject({ requests: [GET], result: { kind: 'finished', job } });
  });

  it('is left alone when it is finished by the time that a response comes', async () => {
    const played = await play({ get: inTurn<Job | Error>(anError(503), aSuccess()) });
    expect(played).toMatchObject({ requests: [GET, GET], result: { kind: 'finished' } });
  });

  it('is one of several, which are deleted concurrently and independently', async () => {
    const server: Server = {
      get: (_, id) => (id === JOB_2 ? aSuccess({ id }) : aJob({ id })),
      delete: (_, id) => (id === JOB_3 ? anError(403) : 'deleted'),
    };
    const { results, endedAt } = await play({ ...server, getMs: 1_000, deleteMs: 1_000 }, [JOB_1, JOB_2, JOB_3]);
    expect(results).toMatchObject({
      [JOB_1]: { kind: 'deleted' },
      [JOB_2]: { kind: 'finished' },
      [JOB_3]: { kind: 'failed' },
    });
    expect(endedAt).toBe(2_000);
  });
});

describe('a delete', () => {
  it('is retried after a transient error, like the request before it', async () => {
    const played = await play({
      get: inTurn<Job | Error>(anError(503), aJob()),
      delete: inTurn<'deleted' | Error>(anError(502), anError(500), 'deleted'),
    });
    expect(played.requests).toEqual([GET, GET, DELETE, GET, DELETE, GET, DELETE]);
    expect(played.result).toMatchObject({ kind: 'deleted' });
  });

  it('is done if the job is gone after a lost response', async () => {
    const played = await play({ delete: inTurn(anError(0), anError(404)) });
    expect(played).toMatchObject({ requests: [GET, DELETE, GET, DELETE], result: { kind: 'deleted' } });
  });

  it.each([400, 401, 403, 404])('has failed after a %d, which is not retried', async (status) => {
    const error = { message: `Error ${status}.` };
    const rejected = await play({ delete: () => anError(status) });
    expect(rejected).toMatchObject({ requests: [GET, DELETE], result: { kind: 'failed', error } });
    const unseen = await play({ get: () => anError(status) });
    expect(unseen).toMatchObject({ requests: [GET], result: { kind: 'failed', error } });
  });

  it('has failed if it was never sent, because there is no connection or no token', async () => {
    const { result } = await play({ delete: inTurn(anError(503).shared(), anError(403)) });
    expect(result).toMatchObject({ kind: 'failed', error: { message: 'Error 403.' } });
  });

  it('is unconfirmed if a permanent error follows a lost response', async () => {
    const { result } = await play({ delete: inTurn(anError(0), anError(403)) });
    expect(result).toMatchObject({ kind: 'unconfirmed', error: { message: 'Error 403.' } });
  });

  it.each<[name: string, server: Server, requests: readonly string[], kind: DeleteResult['kind']]>([
    ['is unconfirmed if no response comes in time', { deleteMs: Infinity }, [GET, DELETE], 'unconfirmed'],
    ['is never sent if the state of the job is not known in time', { getMs: Infinity }, [GET], 'failed'],
    ['shares its time with the request before it', { getMs: 3_000, deleteMs: 3_000 }, [GET, DELETE], 'unconfirmed'],
  ])('%s', async (_, server, requests, kind) => {
    const error = { message: 'There was no time left.' };
    expect(await play(server)).toMatchObject({ requests, result: { kind, error }, endedAt: 5_000 });
  });

  it('is not tried again for the other jobs once the credentials are rejected for one', async () => {
    const replies: Record<string, (n: number) => Job | Error> = { [JOB_2]: inTurn<Job | Error>(anError(503), aJob()) };
    const rejectedFor = (status: number) =>
      play({ get: (n, id) => (id === JOB_1 ? anError(status) : (replies[id]?.(n) ?? aJob({ id }))), deleteMs: 100 }, [
        JOB_1,
        JOB_2,
        JOB_3,
      ]);
    const { requests, results } = await rejectedFor(401);
    // A delete that was sent already is not given up.
    expect(requests).toEqual([GET, `GET ${JOB_2}`, `GET ${JOB_3}`, `DELETE ${JOB_3} why`]);
    const error = { kind: 'unauthorized', message: 'Error 401.' };
    expect(results).toMatchObject({
      [JOB_1]: { kind: 'failed', error },
      [JOB_2]: { kind: 'failed', error },
      [JOB_3]: { kind: 'deleted' },
    });
    expect((await rejectedFor(403)).results[JOB_2]).toMatchObject({ kind: 'deleted' });
  });

  it('is done if the job is said to be deleted after a lost response', async () => {
    const deleted = aJob({ state: 'DELETED', result: '' });
    const played = await play({ get: inTurn<Job>(aJob(), deleted), delete: () => anError(0) });
    expect(played).toMatchObject({ requests: [GET, DELETE, GET], result: { kind: 'deleted', job: deleted } });
  });

  it.each<[server: Server, endedAt: number, message: string]>([
    [{ getMs: Infinity, stopMs: 1_000 }, 1_000, 'There was no time left.'],
    [
      { get: inTurn<Job | Error>(anError(503), aJob()), deleteMs: Infinity },
      5_000,
      'There was no time left. Last error: Error 503.',
    ],
  ])('that is stopped says what went wrong before: %j', async (server, endedAt, message) => {
    expect(await play(server)).toMatchObject({ endedAt, result: { error: { kind: 'transient', message } } });
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
