import { describe, expect, it } from '@jest/globals';

import { waitForJobs } from '../../src/polling/wait-for-jobs.ts';
import { aJob, aSuccess, JOB_1, JOB_2, JOB_3, trouble } from '../support/jobs.ts';
import { aWait, cancelAt, noCancel } from '../support/waiting.ts';

const refused = trouble(401, { kind: 'unauthorized' });

describe('several jobs', () => {
  it('are waited for side by side and told in the order of their ids', async () => {
    const { waiting, seen, clock } = aWait({
      answers: {
        [JOB_1]: (at) => (at < 5_000 ? aJob() : aSuccess()),
        [JOB_2]: (at) =>
          at < 2_000 ? aJob({ id: JOB_2 }) : aJob({ id: JOB_2, state: 'FAILED', result: '' }),
      },
    });
    const reports = await waitForJobs([JOB_1, JOB_2, JOB_3], waiting, noCancel());
    expect(reports.map(({ id, outcome }) => [id, outcome])).toEqual([
      [JOB_1, 'success'],
      [JOB_2, 'failure'],
      [JOB_3, 'success'],
    ]);
    expect(clock.sinceStart()).toBe(5_000);
    expect(seen.filter(({ what }) => what === 'end').map(({ at, id, told }) => [at, id, told])).toEqual([
      [0, JOB_3, 'success'],
      [2_000, JOB_2, 'failure'],
      [5_000, JOB_1, 'success'],
    ]);
  });

  it('do not end each other when one fails for good', async () => {
    const { waiting } = aWait({
      answers: {
        [JOB_1]: () => trouble(403, { kind: 'permanent' }),
        [JOB_2]: (at) => (at < 9_000 ? aJob() : aSuccess()),
      },
    });
    const reports = await waitForJobs([JOB_1, JOB_2], waiting, noCancel());
    expect(reports.map(({ outcome }) => outcome)).toEqual(['error', 'success']);
  });

  it('are none where there are no ids', async () => {
    expect(await waitForJobs([], aWait().waiting, noCancel())).toEqual([]);
  });
});

describe('refused credentials', () => {
  it('of one job end all waits at once', async () => {
    const { waiting, seen, clock } = aWait({
      answers: { [JOB_1]: () => aJob(), [JOB_2]: (at) => (at < 3_000 ? aJob() : refused) },
    });
    const reports = await waitForJobs([JOB_1, JOB_2, JOB_3], waiting, noCancel());
    expect(clock.sinceStart()).toBe(3_000);
    expect(reports).toEqual([
      {
        id: JOB_1,
        outcome: 'error',
        reason: 'Not waited for any longer, for another job was refused. Trouble 401',
        job: aJob(),
      },
      { id: JOB_2, outcome: 'error', reason: 'Trouble 401', job: aJob() },
      { id: JOB_3, outcome: 'success', reason: 'COMPLETED with SUCCESS', job: aSuccess({ id: JOB_3 }) },
    ]);
    expect(seen.filter(({ what }) => what === 'end').map(({ told }) => told)).toEqual([
      'success',
      'error',
      'error',
    ]);
  });
});

describe('a cancellation', () => {
  it('ends all waits at once', async () => {
    const { waiting, clock } = aWait({ answers: { [JOB_1]: () => aJob(), [JOB_2]: () => aJob() } });
    const reports = await waitForJobs([JOB_1, JOB_2], waiting, cancelAt(clock, 4_500));
    expect(clock.sinceStart()).toBe(4_500);
    expect(reports.map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ['cancelled', 'The wait was cancelled; last seen in state RUNNING'],
      ['cancelled', 'The wait was cancelled; last seen in state RUNNING'],
    ]);
  });
});
