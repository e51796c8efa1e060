import { describe, expect, it } from '@jest/globals';

import { adviceOnUnfinished, LEAVE_UNFINISHED } from '../../src/report/advice.ts';
import { aJob, aReport, aSuccess } from '../support/jobs.ts';

describe('the advice on unfinished jobs', () => {
  const running = aReport({ job: aJob() });
  const finished = aReport({ job: aSuccess() });
  const LEFT = 'The job might still be running in Collibra.';
  const DELETED = 'The job is being deleted in Collibra. A running import might not stop.';
  const SEVERAL_DELETED = 'The jobs are being deleted in Collibra. Running imports might not stop.';

  it.each([
    ['timeout', 'leave', 'delete', 1, `${LEFT} Check it there, or increase timeout-minutes.`],
    ['timeout', 'delete', 'leave', 1, `${DELETED} Check it before you import again.`],
    ['timeout', 'delete', 'leave', 2, `${SEVERAL_DELETED} Check them before you import again.`],
    ['cancelled', 'delete', 'leave', 1, `${LEFT} Check it before you import again.`],
    ['cancelled', 'leave', 'delete', 1, `${DELETED} Check it before you import again.`],
  ] as const)('of the outcome %s fits on-timeout %s and on-cancel %s (%d)', (outcome, onTimeout, onCancel, n, text) => {
    const jobs = [running, running].slice(0, n);
    expect(adviceOnUnfinished(outcome, jobs, { onTimeout, onCancel }).join(' ')).toBe(text);
  });

  it.each(['RUNNING', 'PAUSED', undefined])('fits a job in the state %s', (state) => {
    const job = aReport(state === undefined ? {} : { job: aJob({ state }) });
    expect(adviceOnUnfinished('timeout', [job], LEAVE_UNFINISHED)[0]).toBe(LEFT);
  });

  it('does not say that finished jobs might be running', () => {
    const adviceOn = (...jobs: (typeof running)[]) => adviceOnUnfinished('cancelled', jobs, LEAVE_UNFINISHED);
    expect(adviceOn(finished)).toEqual(['Check the job in Collibra.']);
    expect(adviceOn(finished, running)[0]).toBe('The jobs might still be running in Collibra.');
  });
});
