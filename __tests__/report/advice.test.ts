import { describe, expect, it } from '@jest/globals';

import {
  adviceOnUnfinished,
  hasFailedCommands,
  INVALID_INPUTS,
  isDeleted,
  LEAVE_UNFINISHED,
  STEP_TITLES,
} from '../../src/report/advice.ts';
import { aJob, aReport, aSuccess } from '../support/jobs.ts';
import { command, importResults } from './samples.ts';

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

it('the wording that annotations and summary share is fixed', () => {
  expect(STEP_TITLES).toEqual({ error: 'The step failed', cancelled: 'The step was canceled' });
  expect(INVALID_INPUTS).toEqual({
    title: 'Invalid inputs',
    advice: 'No request was sent to Collibra. Fix these inputs:',
  });
  expect(LEAVE_UNFINISHED).toEqual({ onTimeout: 'leave', onCancel: 'leave' });
});

it.each([
  ['failure', 'DELETED', true],
  ['failure', 'CANCELED', true],
  ['failure', 'FAILED', false],
  ['failure', undefined, false],
  ['error', 'DELETED', false],
] as const)(
  'a job with the outcome %s and the state %s counts as deleted: %j',
  (outcome, state, expected) => {
    expect(isDeleted(aReport({ outcome, ...(state && { job: aJob({ state }) }) }))).toBe(expected);
  },
);

it.each([
  [undefined, false],
  [importResults(), false],
  [importResults({ failedCommands: 0 }), false],
  [importResults({ failedCommands: 1 }), true],
  [importResults({ firstFailedCommands: [command('Odd')] }), true],
])('Import Results have failed commands if they count or list one: %#', (results, expected) => {
  expect(hasFailedCommands(aReport(results && { importResults: results }))).toBe(expected);
});
