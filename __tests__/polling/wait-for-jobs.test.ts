import { describe, expect, it } from '@jest/globals';

import type { Job } from '../../src/collibra/job.ts';
import { waitForJobs } from '../../src/polling/wait-for-jobs.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { aJob, aSuccess, JOB_1, JOB_2, JOB_3, someResults } from '../support/jobs.ts';
import { anError, aWait, canceledAt, neverCanceled, type Event, type Responder, type Scene } from './support.ts';

/** Waits for one job. */
async function wait(responder: Responder, scene: Scene = {}, cancelAtMs?: number) {
  const { options, events, clock } = aWait({ ...scene, jobs: { [JOB_1]: responder } });
  const signal = cancelAtMs === undefined ? neverCanceled() : canceledAt(clock, cancelAtMs);
  const [report] = await waitForJobs([JOB_1], options, signal);
  // Every wait ends with the same last event.
  expect(events.pop()).toMatchObject({ what: 'finished', value: report?.outcome });
  return { report, events, clock, endedAt: clock.sinceStart() };
}

/** A job that changes at these times, in milliseconds. */
function timeline(...steps: [from: number, job: Job | Error][]): Responder {
  return (at) => steps.findLast(([from]) => from <= at)?.[1] ?? aJob();
}

const polls = (events: readonly Event[]) => events.filter(({ what }) => what === 'poll').map(({ at }) => at);

const withoutResult = aJob({ state: 'COMPLETED', result: 'NOT_SET' });

describe('a job', () => {
  it('that has already succeeded is a success at once', async () => {
    const { report, events } = await wait(() => aSuccess({ message: 'fine' }));
    expect(report).toStrictEqual({
      id: JOB_1,
      outcome: 'success',
      reason: 'The job is COMPLETED with SUCCESS.',
      job: aSuccess({ message: 'fine' }),
    });
    expect(events).toEqual([{ at: 0, subject: JOB_1, what: 'poll', value: 'COMPLETED', delay: undefined }]);
  });

  it('is polled until it is finished, and every poll is reported with its delay', async () => {
    const { report, events } = await wait(
      timeline([0, aJob({ state: 'WAITING' })], [1_500, aJob()], [2_500, aSuccess()]),
    );
    expect(report?.outcome).toBe('success');
    expect(events.map(({ at, value, delay }) => [at, value, delay])).toEqual([
      [0, 'WAITING', 1_000],
      [1_000, 'WAITING', 1_000],
      [2_000, 'RUNNING', 1_000],
      [3_000, 'COMPLETED', undefined],
    ]);
  });

  it.each(['WAITING', 'RUNNING', 'CANCELING'])(
    'in the state %s is not judged, whatever its result is',
    async (state) => {
      const { report } = await wait(() => aJob({ state, result: 'SUCCESS' }), {
        polling: { timeoutMs: 5_000 },
      });
      expect(report).toMatchObject({
        outcome: 'timeout',
        reason: `Not finished after 5 s. The last state was ${state}.`,
      });
    },
  );

  it('is judged by the policy', async () => {
    const partial = aJob({ state: 'COMPLETED', result: 'COMPLETED_WITH_ERROR' });
    const accept = new Set(['COMPLETED_WITH_ERROR' as const]);
    const accepting = { policy: { accept, maxFailedCommands: undefined } };
    expect((await wait(() => partial)).report?.outcome).toBe('failure');
    expect((await wait(() => partial, accepting)).report?.outcome).toBe('accepted');
  });

  it('in an unknown state is polled further and is never a success', async () => {
    const odd = aJob({ state: 'PAUSED', result: 'SUCCESS' });
    const { report } = await wait(() => odd, { polling: { timeoutMs: 3_000 } });
    expect(report).toEqual({
      id: JOB_1,
      outcome: 'timeout',
      reason: 'Not finished after 3 s. The last state was PAUSED, which is unknown to this action.',
      job: odd,
    });
  });

  it('without a state is reported as such', async () => {
    const { report } = await wait(() => aJob({ state: '' }), { polling: { timeoutMs: 3_000 } });
    expect(report?.reason).toBe('Not finished after 3 s. The last state was (none), which is unknown to this action.');
  });

  it('in an unknown state is a failure once it has an end date', async () => {
    const ended = aJob({ state: 'PAUSED', result: 'SUCCESS', endDate: new Date(0) });
    expect((await wait(timeline([0, aJob()], [1_500, ended]))).report?.outcome).toBe('failure');
  });

  it('may go from an unknown state to a success', async () => {
    const { report } = await wait(timeline([0, aJob({ state: 'PAUSED' })], [1_500, aSuccess()]));
    expect(report?.outcome).toBe('success');
  });

  it('is polled at intervals that grow with the time it runs', async () => {
    const { events } = await wait(timeline([0, aJob()], [600_000, aSuccess()]), {
      polling: { timeoutMs: 3_600_000, interval: { minMs: 1_000, maxMs: 60_000 } },
    });
    const delays = events.flatMap(({ delay }) => delay ?? []);
    expect(delays[0]).toBe(1_000);
    expect(delays).toEqual(delays.toSorted((a, b) => a - b));
    expect(delays.at(-1)).toBeGreaterThan(8_000);
    expect(delays.at(-1)).toBeLessThan(13_000);
  });

  it('is polled less often in the queue than while it runs', async () => {
    const interval = { minMs: 100, maxMs: 60_000 };
    const scene = { polling: { timeoutMs: 200_000, interval } };
    const queued = await wait(() => aJob({ state: 'WAITING' }), scene);
    const running = await wait(() => aJob(), scene);
    expect(polls(queued.events).length).toBeLessThan(0.7 * polls(running.events).length);
  });

  it('is noticed earlier if its progress predicts the end', async () => {
    const interval = { minMs: 100, maxMs: 60_000 };
    const responder: Responder = (at) =>
      at < 100_000 ? aJob({ progressPercentage: Math.floor(at / 1_000) }) : aSuccess();
    const steady = await wait(responder, { polling: { interval } });
    const blind = await wait((at) => (at < 100_000 ? aJob() : aSuccess()), { polling: { interval } });
    expect(steady.endedAt - 100_000).toBeLessThan(blind.endedAt - 100_000);
  });

  it('draws its jitter from the clock', async () => {
    const scene = () => ({ clock: new FakeClock(), polling: { interval: { minMs: 100, maxMs: 60_000 } } });
    const [low, high] = [scene(), scene()];
    low.clock.chance = 0;
    high.clock.chance = 0.999;
    const responder: Responder = (_, n) => (n < 30 ? aJob() : aSuccess());
    expect((await wait(responder, low)).endedAt).toBeLessThan((await wait(responder, high)).endedAt);
  });
});

describe('an error', () => {
  it('that is transient is reported and retried', async () => {
    const { report, events } = await wait((_, n) => (n === 2 ? anError(503) : n < 4 ? aJob() : aSuccess()));
    expect(report?.outcome).toBe('success');
    expect(events.map(({ at, what, value, delay }) => [at, what, value, delay])).toEqual([
      [0, 'poll', 'RUNNING', 1_000],
      [1_000, 'error', 'HTTP 503', 1_000],
      [2_000, 'poll', 'RUNNING', 1_000],
      [3_000, 'poll', 'COMPLETED', undefined],
    ]);
  });

  it('that outlasts the outage budget is reported with the job as last seen', async () => {
    const job = aJob({ progressPercentage: 30 });
    const { report } = await wait(timeline([0, job], [500, anError(502)]), {
      polling: { maxOutageMs: 2_000 },
    });
    expect(report).toEqual({
      id: JOB_1,
      outcome: 'error',
      reason:
        'Collibra did not respond successfully for 2 s (3 × HTTP 502). Last error: Error 502. Check that Collibra is reachable, or increase max-outage-minutes.',
      job,
    });
  });

  it('of the first poll is reported without a job', async () => {
    const { report } = await wait(() => anError(403, { kind: 'permanent' }));
    expect(report).toStrictEqual({ id: JOB_1, outcome: 'error', reason: 'Error 403.' });
  });
});

describe('a COMPLETED job without a result', () => {
  it('is polled again for 15 s, and then Import Results decide', async () => {
    const { report, events } = await wait(() => withoutResult, {
      results: someResults({ importJobState: 'COMPLETED' }),
    });
    expect(polls(events)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15].map((s) => s * 1_000));
    expect(events.at(-1)).toEqual({ at: 15_000, subject: JOB_1, what: 'import results', value: 'needed' });
    expect(report).toMatchObject({
      outcome: 'success',
      reason: 'The job reports no result; its Import Results report COMPLETED. The job is COMPLETED with SUCCESS.',
      importResults: someResults({ importJobState: 'COMPLETED' }),
    });
  });

  it('is judged as soon as it has a result', async () => {
    const { report, events } = await wait(timeline([0, withoutResult], [1_500, aSuccess()]));
    expect(polls(events)).toEqual([0, 1_000, 2_000]);
    expect(report?.reason).toBe('The job is COMPLETED with SUCCESS.');
  });

  it('is a failure if Import Results report no result either', async () => {
    const { report } = await wait(() => withoutResult);
    expect(report).toEqual({
      id: JOB_1,
      job: withoutResult,
      outcome: 'failure',
      reason:
        'The job is COMPLETED, but neither the job nor its Import Results report a result. Check the job in Collibra.',
    });
  });

  it('is polled at the minimum interval, and at the end of its 15 s', async () => {
    const interval = { minMs: 4_000, maxMs: 60_000 };
    const { events } = await wait(() => withoutResult, { polling: { interval } });
    expect(polls(events)).toEqual([0, 4_000, 8_000, 12_000, 15_000]);
    const slow = await wait(() => withoutResult, { polling: { interval: { minMs: 40_000, maxMs: 60_000 } } });
    expect(polls(slow.events)).toEqual([0, 15_000]);
  });

  it('has its 15 s again if it ran in between', async () => {
    const { events } = await wait(timeline([0, withoutResult], [9_500, aJob()], [10_500, withoutResult]));
    expect(events.findLast(({ what }) => what === 'poll')?.at).toBe(26_000);
  });

  it('has its 15 s from when it was first seen without a result', async () => {
    const { events } = await wait(timeline([0, aJob()], [99_500, withoutResult]));
    expect(events.findLast(({ what }) => what === 'poll')?.at).toBe(115_000);
  });

  it('is not polled beyond the deadline', async () => {
    const { report, events } = await wait(timeline([0, aJob()], [7_500, withoutResult]), {
      polling: { timeoutMs: 10_000 },
      results: someResults({ importJobState: 'COMPLETED' }),
    });
    expect(polls(events).at(-1)).toBe(10_000);
    expect(report?.outcome).toBe('success');
  });
});

describe('Import Results', () => {
  const partial = aJob({ state: 'COMPLETED', result: 'ABORTED' });
  const limited = { accept: new Set(['ABORTED' as const]), maxFailedCommands: 5 };
  const accepting = { ...limited, maxFailedCommands: undefined };

  it('are read if they are wanted, and are part of the report', async () => {
    const results = someResults({ failedCommands: 3, changes: 0 });
    const { report, events } = await wait(() => partial, {
      wantsImportResults: true,
      results,
      policy: accepting,
    });
    expect(events.at(-1)).toMatchObject({ what: 'import results', value: 'optional' });
    expect(report).toEqual({
      id: JOB_1,
      job: partial,
      outcome: 'accepted',
      reason: 'ABORTED: 3 commands failed and no changes were committed.',
      importResults: results,
    });
  });

  it('are not read if nobody wants them', async () => {
    const { events } = await wait(() => partial, { policy: accepting });
    expect(events.map(({ what }) => what)).toEqual(['poll']);
  });

  it('are needed for max-failed-commands', async () => {
    const results = someResults({ failedCommands: 5 });
    const { report, events } = await wait(() => partial, { results, policy: limited });
    expect(events.at(-1)).toMatchObject({ what: 'import results', value: 'needed' });
    expect(report?.outcome).toBe('accepted');
    expect((await wait(() => partial, { policy: limited })).report?.outcome).toBe('failure');
  });

  it('that could not be read change no verdict', async () => {
    const { report } = await wait(() => aSuccess(), { wantsImportResults: true });
    expect(report).toEqual({
      id: JOB_1,
      job: aSuccess(),
      outcome: 'success',
      reason: 'The job is COMPLETED with SUCCESS.',
    });
  });

  it('that are needed and interrupted by a cancellation leave no verdict', async () => {
    const { report } = await wait(() => partial, { resultsMs: 9_000, policy: limited }, 4_000);
    expect(report).toEqual({
      id: JOB_1,
      job: partial,
      outcome: 'cancelled',
      reason: 'Canceled before the Import Results were read, on which the verdict depends.',
    });
  });

  it('that are interrupted by a cancellation and lack the number of failed commands leave no verdict', async () => {
    const { options } = aWait({ jobs: { [JOB_1]: () => partial }, policy: limited });
    const cancel = new AbortController();
    const read = () => {
      cancel.abort();
      return Promise.resolve(someResults({ failedCommands: undefined }));
    };
    const [report] = await waitForJobs([JOB_1], { ...options, importResults: { read } }, cancel.signal);
    expect(report?.outcome).toBe('cancelled');
  });

  it('that arrive despite a cancellation lead to a verdict', async () => {
    const { options } = aWait({ jobs: { [JOB_1]: () => partial }, policy: limited });
    const cancel = new AbortController();
    const read = () => {
      cancel.abort();
      return Promise.resolve(someResults({ failedCommands: 5 }));
    };
    const [report] = await waitForJobs([JOB_1], { ...options, importResults: { read } }, cancel.signal);
    expect(report?.outcome).toBe('accepted');
  });

  it('that are optional do not undo the verdict when they are interrupted', async () => {
    const scene = { resultsMs: 9_000, policy: accepting, wantsImportResults: true };
    expect((await wait(() => partial, scene, 4_000)).report?.outcome).toBe('accepted');
  });

  it('are not read for a job that is not judged', async () => {
    const scene = { wantsImportResults: true, results: someResults(), polling: { timeoutMs: 2_000 } };
    const { report, events } = await wait(() => aJob(), scene);
    expect(events.map(({ what }) => what)).not.toContain('import results');
    expect(report).not.toHaveProperty('importResults');
  });
});

describe('a cancellation', () => {
  it('ends the wait at once and reports the job as last seen', async () => {
    const { report, endedAt } = await wait(() => aJob(), {}, 2_345);
    expect(report).toEqual({
      id: JOB_1,
      outcome: 'cancelled',
      reason: 'The wait was canceled. The last state was RUNNING.',
      job: aJob(),
    });
    expect(endedAt).toBe(2_345);
  });

  it('during the first poll reports that no status was received', async () => {
    const { report, endedAt } = await wait(() => aJob(), { pollMs: 5_000 }, 2_345);
    expect(report).toEqual({
      id: JOB_1,
      outcome: 'cancelled',
      reason: 'The wait was canceled. No status was ever received.',
    });
    expect(endedAt).toBe(2_345);
  });
});

const rejected = anError(401, { kind: 'unauthorized' });

describe('several jobs', () => {
  it('are waited for concurrently and reported in the order of their IDs', async () => {
    const { options, events, clock } = aWait({
      jobs: {
        [JOB_1]: (at) => (at < 5_000 ? aJob() : aSuccess()),
        [JOB_2]: (at) => (at < 2_000 ? aJob({ id: JOB_2 }) : aJob({ id: JOB_2, state: 'FAILED', result: '' })),
      },
    });
    const reports = await waitForJobs([JOB_1, JOB_2, JOB_3], options, neverCanceled());
    expect(reports.map(({ id, outcome }) => [id, outcome])).toEqual([
      [JOB_1, 'success'],
      [JOB_2, 'failure'],
      [JOB_3, 'success'],
    ]);
    expect(clock.sinceStart()).toBe(5_000);
    expect(
      events.filter(({ what }) => what === 'finished').map(({ at, subject, value }) => [at, subject, value]),
    ).toEqual([
      [0, JOB_3, 'success'],
      [2_000, JOB_2, 'failure'],
      [5_000, JOB_1, 'success'],
    ]);
  });

  it('do not stop when one of them ends in a permanent error', async () => {
    const { options } = aWait({
      jobs: {
        [JOB_1]: () => anError(403, { kind: 'permanent' }),
        [JOB_2]: (at) => (at < 9_000 ? aJob() : aSuccess()),
      },
    });
    const reports = await waitForJobs([JOB_1, JOB_2], options, neverCanceled());
    expect(reports.map(({ outcome }) => outcome)).toEqual(['error', 'success']);
  });

  it('may be none', async () => {
    expect(await waitForJobs([], aWait().options, neverCanceled())).toEqual([]);
  });
});

describe('rejected credentials', () => {
  it('for one job stop all waits at once', async () => {
    const { options, events, clock } = aWait({
      jobs: { [JOB_1]: () => aJob(), [JOB_2]: (at) => (at < 3_000 ? aJob() : rejected) },
    });
    const reports = await waitForJobs([JOB_1, JOB_2, JOB_3], options, neverCanceled());
    expect(clock.sinceStart()).toBe(3_000);
    expect(reports).toEqual([
      {
        id: JOB_1,
        outcome: 'error',
        reason: 'Stopped waiting because authentication failed for another job. Error 401.',
        job: aJob(),
      },
      { id: JOB_2, outcome: 'error', reason: 'Error 401.', job: aJob() },
      {
        id: JOB_3,
        outcome: 'success',
        reason: 'The job is COMPLETED with SUCCESS.',
        job: aSuccess({ id: JOB_3 }),
      },
    ]);
    expect(events.filter(({ what }) => what === 'finished').map(({ value }) => value)).toEqual([
      'success',
      'error',
      'error',
    ]);
  });
});

describe('a cancellation', () => {
  it('ends all waits at once', async () => {
    const { options, clock } = aWait({ jobs: { [JOB_1]: () => aJob(), [JOB_2]: () => aJob() } });
    const reports = await waitForJobs([JOB_1, JOB_2], options, canceledAt(clock, 4_500));
    expect(clock.sinceStart()).toBe(4_500);
    expect(reports.map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ['cancelled', 'The wait was canceled. The last state was RUNNING.'],
      ['cancelled', 'The wait was canceled. The last state was RUNNING.'],
    ]);
  });
});
