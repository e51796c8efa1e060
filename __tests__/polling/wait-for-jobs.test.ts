import { describe, expect, it } from '@jest/globals';

import type { Job } from '../../src/collibra/job.ts';
import { nextPoll, observe, startEstimate } from '../../src/polling/backoff.ts';
import { waitForJobs } from '../../src/polling/wait-for-jobs.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { aJob, aSuccess, JOB_1, JOB_2, JOB_3, someResults } from '../support/jobs.ts';
import { cancelAt, noCancel } from '../support/waiting.ts';
import { anError, aWait, type Responder, type Scene } from './support.ts';

/** Waits for one job. */
async function wait(responder: Responder, scene: Scene = {}, cancelMs?: number) {
  const { options, events, clock } = aWait({ ...scene, jobs: { [JOB_1]: responder } });
  const signal = cancelMs === undefined ? noCancel() : cancelAt(clock, cancelMs);
  const [report] = await waitForJobs([JOB_1], options, signal);
  // Every wait ends with the same last event.
  expect(events.pop()).toMatchObject({ what: 'finished', value: report?.outcome });
  const polls = events.filter(({ what }) => what === 'poll').map(({ at }) => at);
  return { report, events, polls, endedAt: clock.sinceStart() };
}

/** A job that changes at these times, in milliseconds. */
function timeline(...steps: [from: number, job: Job | Error][]): Responder {
  return (at) => steps.findLast(([from]) => from <= at)?.[1] ?? aJob();
}

const SUCCEEDED = { id: JOB_1, outcome: 'success', reason: 'The job is COMPLETED with SUCCESS.' };

describe('a job', () => {
  it('that has already succeeded is a success at once', async () => {
    const job = aSuccess({ message: 'fine' });
    const { report, events } = await wait(() => job);
    expect(report).toStrictEqual({ ...SUCCEEDED, job });
    expect(events).toEqual([{ at: 0, subject: JOB_1, what: 'poll', value: 'COMPLETED', delay: undefined }]);
  });

  it('is polled until it is finished, and every poll and transient error is reported with its delay', async () => {
    const waiting = aJob({ state: 'WAITING' });
    const { report, events } = await wait((_, n) => [waiting, anError(503), aJob()][n - 1] ?? aSuccess());
    expect(report?.outcome).toBe('success');
    expect(events.map(({ at, what, value, delay }) => [at, what, value, delay])).toEqual([
      [0, 'poll', 'WAITING', 1_000],
      [1_000, 'error', 'HTTP 503', 1_000],
      [2_000, 'poll', 'RUNNING', 1_000],
      [3_000, 'poll', 'COMPLETED', undefined],
    ]);
  });

  it.each([
    ['WAITING', 'WAITING'],
    ['RUNNING', 'RUNNING'],
    ['CANCELING', 'CANCELING'],
    ['PAUSED', 'PAUSED, which is unknown to this action'],
    ['', '(none), which is unknown to this action'],
  ])('in the state "%s" is not judged, whatever its result is', async (state, described) => {
    const job = aJob({ state, result: 'SUCCESS' });
    const { report } = await wait(() => job, { polling: { timeoutMs: 5_000 } });
    const reason = `Not finished after 5 s. The last state was ${described}.`;
    expect(report).toEqual({ id: JOB_1, outcome: 'timeout', reason, job });
  });

  it('may go from an unknown state to a success, and is a failure if it ends in one', async () => {
    const odd = aJob({ state: 'PAUSED', result: 'SUCCESS' });
    expect((await wait(timeline([0, odd], [1_500, aSuccess()]))).report?.outcome).toBe('success');
    const stopped = { ...odd, endDate: new Date(0) };
    expect((await wait(timeline([1_500, stopped]))).report?.outcome).toBe('failure');
  });
});

it.each([0, 60_000])('a job found after %d ms is polled when its state and progress predict', async (foundAfterMs) => {
  const responder = timeline(
    [0, aJob({ state: 'WAITING' })],
    [99_000, aJob({ state: 'PAUSED' })],
    [300_000, aSuccess()],
  );
  const jobAt = (at: number) =>
    at < 110_000 || at > 200_000 ? responder(at, 0) : aJob({ progressPercentage: (at - 110_000) / 1_000 });
  const [clock, interval] = [new FakeClock(), { minMs: 100, maxMs: 60_000 }];
  clock.chance = 0.2;
  const { options, events } = aWait({ clock, polling: { interval }, jobs: { [JOB_1]: jobAt } });
  await clock.sleep(foundAfterMs);
  const found = foundAfterMs === 0 ? {} : { foundMs: clock.now() };
  const [report] = await waitForJobs([JOB_1], { ...options, ...found }, noCancel());
  expect(report?.outcome).toBe('success');
  const polls = events.filter(({ delay }) => delay !== undefined);
  expect(new Set(polls.map(({ value }) => value))).toEqual(new Set(['WAITING', 'PAUSED', 'RUNNING']));
  let estimate = startEstimate();
  for (const { at, value, delay } of polls) {
    const progress = (jobAt(at) as Job).progressPercentage;
    estimate = observe(estimate, { atMs: at - foundAfterMs, running: value !== 'WAITING', progress });
    expect(delay).toBeCloseTo(nextPoll(estimate, interval, () => 0.2).delayMs, 6);
  }
});

describe('an error', () => {
  it('that outlasts the outage budget is reported with the job as last seen', async () => {
    const job = aJob({ progressPercentage: 30 });
    const { report } = await wait(timeline([0, job], [500, anError(502)]), { polling: { maxOutageMs: 2_000 } });
    const reason =
      'Collibra did not respond successfully for 2 s (3 × HTTP 502). Last error: Error 502. Check that Collibra is reachable, or increase max-outage-minutes.';
    expect(report).toEqual({ id: JOB_1, outcome: 'error', reason, job });
  });

  it('of the first poll is reported without a job', async () => {
    const { report } = await wait(() => anError(403));
    expect(report).toStrictEqual({ id: JOB_1, outcome: 'error', reason: 'Error 403.' });
  });
});

describe('a COMPLETED job without a result', () => {
  const withoutResult = aJob({ state: 'COMPLETED', result: 'NOT_SET' });
  const results = someResults({ importJobState: 'COMPLETED' });

  it('is polled again for 15 s, and then Import Results decide', async () => {
    const { report, polls, events } = await wait(() => withoutResult, { results });
    expect(polls).toEqual(Array.from({ length: 16 }, (_, second) => second * 1_000));
    expect(events.at(-1)).toEqual({ at: 15_000, subject: JOB_1, what: 'import results', value: 'needed' });
    const reason = 'The job reports no result; its Import Results report COMPLETED, which is a success.';
    expect(report).toMatchObject({ outcome: 'success', reason, importResults: results });
  });

  it('is judged as soon as it has a result', async () => {
    const { report, polls } = await wait(timeline([0, withoutResult], [1_500, aSuccess()]));
    expect(polls).toEqual([0, 1_000, 2_000]);
    expect(report?.reason).toBe(SUCCEEDED.reason);
  });

  it('is a failure if Import Results report no result either', async () => {
    const { report } = await wait(() => withoutResult);
    const reason =
      'The job is COMPLETED, but neither the job nor its Import Results report a result. Check the job in Collibra.';
    expect(report).toEqual({ id: JOB_1, job: withoutResult, outcome: 'failure', reason });
  });

  it.each([
    [4_000, [0, 4_000, 8_000, 12_000, 15_000]],
    [40_000, [0, 15_000]],
  ])('is polled at the minimum interval of %d ms, and at the end of its 15 s', async (minMs, times) => {
    const { polls } = await wait(() => withoutResult, { polling: { interval: { minMs, maxMs: 60_000 } } });
    expect(polls).toEqual(times);
  });

  it.each<[when: string, responder: Responder, lastMs: number, timeoutMs?: number]>([
    ['15 s after it was first seen so', timeline([99_500, withoutResult]), 115_000],
    [
      '15 s after it was seen so again',
      timeline([9_500, withoutResult], [19_500, aJob()], [20_500, withoutResult]),
      36_000,
    ],
    ['at the deadline', timeline([7_500, withoutResult]), 10_000, 10_000],
  ])('is polled a last time %s', async (_, responder, lastMs, timeoutMs = 600_000) => {
    const { report, polls } = await wait(responder, { polling: { timeoutMs }, results });
    expect([polls.at(-1), report?.outcome]).toEqual([lastMs, 'success']);
  });
});

describe('Import Results', () => {
  const partial = aJob({ state: 'COMPLETED', result: 'ABORTED' });
  const limited = { accept: new Set(['ABORTED']), maxFailedCommands: 5 };
  const accepting = { ...limited, maxFailedCommands: undefined };

  it('are read if they are wanted, and are part of the report', async () => {
    const results = someResults({ failedCommands: 3, changes: 0 });
    const { report, events } = await wait(() => partial, { wantsImportResults: true, results, policy: accepting });
    expect(events.at(-1)).toMatchObject({ what: 'import results', value: 'optional' });
    const reason = 'ABORTED: 3 commands failed and no changes were committed.';
    expect(report).toEqual({ id: JOB_1, job: partial, outcome: 'accepted', reason, importResults: results });
  });

  it('are not read if nobody wants them, nor for a job that is not judged', async () => {
    const unwanted = await wait(() => partial);
    expect(unwanted).toMatchObject({ events: [{ what: 'poll' }], report: { outcome: 'failure' } });
    const scene = { wantsImportResults: true, results: someResults(), polling: { timeoutMs: 2_000 } };
    const { report, events } = await wait(() => aJob(), scene);
    expect(events.map(({ what }) => what)).not.toContain('import results');
    expect(report).not.toHaveProperty('importResults');
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
    expect(report).toEqual({ ...SUCCEEDED, job: aSuccess() });
  });

  it('that are interrupted by a cancellation leave no verdict if they are needed, or else the same', async () => {
    const { report } = await wait(() => partial, { resultsMs: 9_000, policy: limited }, 4_000);
    const reason = 'Canceled before the Import Results were read, on which the verdict depends.';
    expect(report).toEqual({ id: JOB_1, job: partial, outcome: 'cancelled', reason });
    const scene = { resultsMs: 9_000, policy: accepting, wantsImportResults: true };
    expect((await wait(() => partial, scene, 4_000)).report?.outcome).toBe('accepted');
  });

  it.each([
    [undefined, 'cancelled'],
    [5, 'accepted'],
  ])('that arrive despite a cancellation with %j failed commands mean %s', async (failedCommands, outcome) => {
    const { options } = aWait({ jobs: { [JOB_1]: () => partial }, policy: limited });
    const cancel = new AbortController();
    const read = () => (cancel.abort(), Promise.resolve(someResults({ failedCommands })));
    const [report] = await waitForJobs([JOB_1], { ...options, importResults: { read } }, cancel.signal);
    expect(report?.outcome).toBe(outcome);
  });
});

describe('several jobs', () => {
  it('are waited for concurrently, also after a permanent error, and reported in the order of their IDs', async () => {
    const jobs = { [JOB_1]: timeline([5_000, aSuccess()]), [JOB_2]: () => anError(403) };
    const { options, events } = aWait({ jobs });
    const reports = await waitForJobs([JOB_1, JOB_2, JOB_3], options, noCancel());
    const found = reports.map(({ id, outcome }) => `${id} ${outcome}`);
    expect(found).toEqual([`${JOB_1} success`, `${JOB_2} error`, `${JOB_3} success`]);
    const finished = events.filter(({ what }) => what === 'finished');
    const times = finished.map(({ at, subject, value }) => `${at} ${subject} ${value}`);
    expect(times).toEqual([`0 ${JOB_2} error`, `0 ${JOB_3} success`, `5000 ${JOB_1} success`]);
  });

  it('all stop at once when the credentials are rejected for one of them', async () => {
    const jobs = { [JOB_1]: () => aJob(), [JOB_2]: timeline([3_000, anError(401)]) };
    const { options, events, clock } = aWait({ jobs });
    const reports = await waitForJobs([JOB_1, JOB_2, JOB_3], options, noCancel());
    // After a success, a rejection must last 15 s.
    expect(clock.sinceStart()).toBe(18_000);
    const stopped = 'Stopped waiting because authentication failed for another job.';
    expect(reports).toEqual([
      { id: JOB_1, outcome: 'error', reason: `${stopped} Error 401.`, job: aJob() },
      { id: JOB_2, outcome: 'error', reason: 'Error 401.', job: aJob() },
      { ...SUCCEEDED, id: JOB_3, job: aSuccess({ id: JOB_3 }) },
    ]);
    const finished = events.filter(({ what }) => what === 'finished');
    expect(finished.map(({ value }) => value)).toEqual(['success', 'error', 'error']);
  });
});

describe('a cancellation', () => {
  it('ends all waits at once and reports the jobs as last seen', async () => {
    const { options, clock } = aWait({ jobs: { [JOB_1]: () => aJob(), [JOB_2]: () => aJob() } });
    const reports = await waitForJobs([JOB_1, JOB_2], options, cancelAt(clock, 2_345));
    const reason = 'The wait was canceled. The last state was RUNNING.';
    expect(reports).toEqual([JOB_1, JOB_2].map((id) => ({ id, outcome: 'cancelled', reason, job: aJob() })));
    expect(clock.sinceStart()).toBe(2_345);
  });

  it('during the first poll reports that no status was received', async () => {
    const { report, endedAt } = await wait(() => aJob(), { pollMs: 5_000 }, 2_345);
    const reason = 'The wait was canceled. No status was ever received.';
    expect(report).toEqual({ id: JOB_1, outcome: 'cancelled', reason });
    expect(endedAt).toBe(2_345);
  });
});
