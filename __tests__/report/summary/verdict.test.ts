import { describe, expect, test } from '@jest/globals';

import type { ImportResults } from '../../../src/collibra/import-results.ts';
import { OUTCOMES, type JobReport, type Outcome } from '../../../src/outcome.ts';
import type { UnfinishedPolicy } from '../../../src/report/advice.ts';
import { summaryOf } from '../../../src/report/summary/index.ts';
import { importResults, resource, severalJobs } from '../samples.ts';
import { ID, jobReport, run, textOf, withJob } from './support.ts';

const headlineOf = (...given: Parameters<typeof summaryOf>) => summaryOf(...given).split('\n')[0];

/** What the summary says of changes and of what to do next. */
const adviceOf = (...given: Parameters<typeof summaryOf>) => summaryOf(...given).split('\n')[2];

const withResults = (outcome: Outcome, results: Partial<ImportResults>) =>
  jobReport(outcome, { importResults: importResults(results) });

const deleted = withJob('failure', { state: 'DELETED' });
const canceled = withJob('failure', { state: 'CANCELED' });
const running = withJob('timeout', { state: 'RUNNING' });

describe('the headline', () => {
  test.each<[Outcome, one: string, some: string, all: string]>([
    [
      'success',
      '✅ The Collibra job succeeded',
      '✅ 1 of 2 Collibra jobs succeeded',
      '✅ All 2 Collibra jobs succeeded',
    ],
    [
      'accepted',
      '⚠️ The Collibra job finished with errors that the accept input allows',
      '⚠️ 1 of 2 Collibra jobs finished with errors that the accept input allows',
      '⚠️ All 2 Collibra jobs finished with errors that the accept input allows',
    ],
    [
      'failure',
      '❌ The Collibra job failed',
      '❌ 1 of 2 Collibra jobs failed',
      '❌ All 2 Collibra jobs failed',
    ],
    [
      'timeout',
      '⌛ Timed out waiting for the Collibra job',
      '⌛ Timed out waiting for 1 of 2 Collibra jobs',
      '⌛ Timed out waiting for all 2 Collibra jobs',
    ],
    [
      'error',
      '❓ Could not determine the result of the Collibra job',
      '❓ Could not determine the result of 1 of 2 Collibra jobs',
      '❓ Could not determine the result of all 2 Collibra jobs',
    ],
    [
      'cancelled',
      '🚫 Canceled while waiting for the Collibra job',
      '🚫 Canceled while waiting for 1 of 2 Collibra jobs',
      '🚫 Canceled while waiting for all 2 Collibra jobs',
    ],
  ])('of the outcome %s says which jobs it is about', (outcome, one, some, all) => {
    const job = jobReport(outcome);
    const other = jobReport(outcome === 'success' ? 'accepted' : 'success');
    expect(headlineOf(run(outcome))).toBe(`## ${one}`);
    expect(headlineOf(run(outcome, job))).toBe(`## ${one}`);
    expect(headlineOf(run(outcome, other, job))).toBe(`## ${some}`);
    expect(headlineOf(run(outcome, job, job))).toBe(`## ${all}`);
  });

  test.each<[JobReport[], string]>([
    [[deleted], 'The Collibra job was'],
    [[canceled, jobReport('success')], '1 of 2 Collibra jobs was'],
    [[deleted, canceled], 'All 2 Collibra jobs were'],
  ])('does not say that a deleted or canceled job failed: %#', (jobs, text) => {
    expect(headlineOf(run('failure', ...jobs))).toBe(`## ❌ ${text} deleted or canceled`);
    expect(headlineOf(run('failure', ...jobs, jobReport('failure')))).toMatch(/failed$/);
  });

  test.each<[Outcome, string]>([
    ['error', '## ❓ The step failed'],
    ['cancelled', '## 🚫 The step was canceled'],
    ['timeout', '## ⌛ The step failed'],
  ])('does not blame the jobs for the outcome of the step: %s', (outcome, headline) => {
    expect(headlineOf(run(outcome, jobReport('success')))).toBe(headline);
  });
});

describe('the advice', () => {
  const RUNNING = 'The job might still be running in Collibra.';
  const CHECK = 'Check in Collibra which changes were committed.';
  const FIX = 'Fix the problem below, then import again.';
  const FIX_DATA = 'Fix the data of the failed commands below, then import again.';
  const some = { changes: 3, resources: [resource('ASSET', [3])] };

  test.each<[what: string, Outcome, JobReport[], advice: string]>([
    ['a success', 'success', [jobReport('success')], 'No action needed.'],
    [
      'a contradicted success',
      'success',
      [jobReport('success'), jobReport('success', { isContradicted: true })],
      'The step passed, but Import Results contradict the result. Check the job in Collibra.',
    ],
    [
      'an accepted result',
      'accepted',
      [jobReport('accepted')],
      `The step passed because the accept input allows this result. ${CHECK}`,
    ],
    [
      'an accepted result with failed commands',
      'accepted',
      [withResults('accepted', { failedCommands: 2 })],
      '<b>2 commands failed</b>. The step passed because the accept input allows this result. Review the failed commands below.',
    ],
    ['a job that finished', 'failure', [withResults('failure', some)], `<b>3 added</b>. ${FIX}`],
    [
      'a job that failed as a whole, whose counts may be attempts',
      'failure',
      [withJob('failure', { state: 'FAILED' }, { importResults: importResults(some) })],
      `<b>3 added</b>. ${CHECK} ${FIX}`,
    ],
    [
      'a job that failed as a whole without changes',
      'failure',
      [withJob('failure', { state: 'FAILED' }, { importResults: importResults({ changes: 0 }) })],
      `<b>No changes were committed</b>. ${FIX}`,
    ],
    [
      'counts of a job without a state',
      'failure',
      [{ id: ID, outcome: 'failure', reason: 'It failed.', importResults: importResults(some) }],
      `<b>3 added</b>. ${CHECK} ${FIX}`,
    ],
    [
      'jobs one of which has failed commands',
      'failure',
      [jobReport('failure'), withResults('failure', { failedCommands: 2 })],
      `Import Results of 1 of 2 jobs: <b>2 commands failed</b>. ${CHECK} ${FIX_DATA}`,
    ],
    [
      'a failure beside failed commands that are accepted',
      'failure',
      [jobReport('failure'), withResults('accepted', { failedCommands: 2 })],
      `Import Results of 1 of 2 jobs: <b>2 commands failed</b>. ${CHECK} ${FIX}`,
    ],
    [
      'sums that lack those of one job',
      'failure',
      [
        withResults('failure', some),
        withResults('failure', { failedCommands: 2, resources: some.resources }),
      ],
      `<b>at least 2 commands failed</b>. ${CHECK} ${FIX_DATA}`,
    ],
    ['a deleted job beside a failure', 'failure', [deleted, jobReport('failure')], `${CHECK} ${FIX}`],
    [
      'an error',
      'error',
      [jobReport('error')],
      'Fix the problem below, then wait for the same job-id again before anything uses the imported data.',
    ],
    [
      'an error of the step',
      'error',
      [jobReport('success')],
      'Fix the problem below, then run the step again.',
    ],
    ['a timeout', 'timeout', [running], `${RUNNING} Check it there, or increase timeout-minutes.`],
    [
      'several timeouts',
      'timeout',
      [running, running],
      'The jobs might still be running in Collibra. Check them there, or increase timeout-minutes.',
    ],
    [
      'a cancellation',
      'cancelled',
      [{ ...running, outcome: 'cancelled' }],
      `${RUNNING} Check it before you import again.`,
    ],
    ['a cancellation after the end', 'cancelled', [jobReport('cancelled')], 'Check the job in Collibra.'],
  ])('fits %s', (_, outcome, jobs, advice) => {
    expect(adviceOf(run(outcome, ...jobs))).toBe(`<p>${advice}</p>`);
  });

  const DELETE: UnfinishedPolicy = { onTimeout: 'delete', onCancel: 'delete' };
  test.each<['timeout' | 'cancelled', keyof UnfinishedPolicy]>([
    ['timeout', 'onTimeout'],
    ['cancelled', 'onCancel'],
  ])('of the outcome %s says that unfinished jobs are being deleted', (outcome, key) => {
    const job = { ...running, outcome };
    const on = (value: 'leave' | 'delete') => ({ unfinished: { ...DELETE, [key]: value } });
    expect(adviceOf(run(outcome, job), on('delete'))).toBe(
      '<p>The job is being deleted in Collibra. A running import might not stop. Check it before you import again.</p>',
    );
    expect(adviceOf(run(outcome, job, job), on('delete'))).toBe(
      '<p>The jobs are being deleted in Collibra. Running imports might not stop. Check them before you import again.</p>',
    );
    expect(adviceOf(run(outcome, job), on('leave'))).toContain('might still be running');
  });

  test.each<[string, JobReport[], string]>([
    ['a deleted job', [deleted], 'The reason for failure.'],
    ['several deleted jobs', [deleted, canceled], '<b>Job 1, 2</b>: The reason for failure.'],
  ])('of %s is left to the reason', (_, jobs, reason) => {
    expect(adviceOf(run('failure', ...jobs))).toBe(`<p>${reason}</p>`);
  });

  test('has the numbers of how many jobs it counts', () => {
    expect(adviceOf(severalJobs.report, severalJobs.options)).toContain(
      'Import Results of 2 of 3 jobs: <b>2,308 added, 24 updated, 43 commands failed</b>.',
    );
  });

  test.each(OUTCOMES)('never speaks of a rollback (%s)', (outcome) => {
    const unchanged = withResults(outcome, { changes: 0, failedCommands: 4 });
    const markdown = summaryOf(run(outcome, unchanged, jobReport(outcome)));
    expect(markdown).not.toMatch(/roll|undo|undone|revert/i);
    expect(textOf(markdown)).toContain('No changes were committed, 4 commands failed.');
  });
});

describe('the reasons', () => {
  test('have at most thirty lines for the whole step, and count the others', () => {
    const linesOf = (n: number) =>
      summaryOf({ outcome: 'error', reason: Array(n).fill('Trouble').join('\n'), jobs: [] });
    expect(linesOf(30)).toMatch(/\n<p>(Trouble<br>\n){29}Trouble<\/p>\n$/);
    expect(linesOf(31)).toMatch(/\n<p>(Trouble<br>\n){30}… and 1 more line<\/p>\n$/);
  });

  test('name the jobs after what concerns the whole step', () => {
    const jobs = [jobReport('success', { isContradicted: true }), jobReport('success')];
    const text = textOf(summaryOf({ outcome: 'error', reason: 'errors-file: disk full.', jobs }));
    expect(text).toContain('errors-file: disk full. Job 1: The reason for success.');
  });

  test('quote Collibra, and share a line if they are the same', () => {
    const bad = withJob('failure', { state: 'ERROR', message: 'No permission.' });
    const text = textOf(summaryOf(run('failure', bad, jobReport('success'), bad)));
    expect(text).toContain('Job 1, 3: The reason for failure. Collibra\'s message: "No permission".');
    expect(text).not.toContain('The reason for success');
  });
});
