import { describe, expect, test } from '@jest/globals';

import type { ImportResults } from '../../../src/collibra/import-results.ts';
import { OUTCOMES, type JobReport, type Outcome } from '../../../src/outcome.ts';
import { summaryOf } from '../../../src/report/summary/index.ts';
import { someResults } from '../../support/jobs.ts';
import { resource } from '../samples.ts';
import { jobReport, run, textOf, withJob } from './support.ts';

const headlineOf = (...given: Parameters<typeof summaryOf>) => summaryOf(...given).split('\n')[0];

/** What the summary says of changes and of what to do next. */
const adviceOf = (...given: Parameters<typeof summaryOf>) => summaryOf(...given).split('\n')[2];

const withResults = (outcome: Outcome, results: Partial<ImportResults>) =>
  jobReport(outcome, { importResults: someResults(results) });

const deleted = withJob('failure', { state: 'DELETED' });
const canceled = withJob('failure', { state: 'CANCELED' });

describe('the headline', () => {
  test.each<[Outcome, (jobs: string) => string]>([
    ['success', (jobs) => `✅ ${jobs} succeeded`],
    ['accepted', (jobs) => `⚠️ ${jobs} finished with errors that the accept input allows`],
    ['failure', (jobs) => `❌ ${jobs} failed`],
    ['timeout', (jobs) => `⌛ Timed out waiting for ${jobs}`],
    ['error', (jobs) => `❓ Could not determine the result of ${jobs}`],
    ['cancelled', (jobs) => `🚫 Canceled while waiting for ${jobs}`],
  ])('of the outcome %s says which jobs it is about', (outcome, headline) => {
    const job = jobReport(outcome);
    const other = jobReport(outcome === 'success' ? 'accepted' : 'success');
    const expected = (jobs: string) => `## ${headline(jobs).replace(/(?<=^\S+ )./u, (first) => first.toUpperCase())}`;
    expect(headlineOf(run(outcome))).toBe(expected('the Collibra job'));
    expect(headlineOf(run(outcome, job))).toBe(expected('the Collibra job'));
    expect(headlineOf(run(outcome, other, job))).toBe(expected('1 of 2 Collibra jobs'));
    expect(headlineOf(run(outcome, job, job))).toBe(expected('all 2 Collibra jobs'));
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
  const ALLOWED = 'The step passed because the accept input allows this result.';
  const REVIEW = 'Review the failed commands below.';
  const CONTRADICTED = 'The step passed, but Import Results contradict the result. Check the job in Collibra.';
  const CHECK = 'Check in Collibra which changes were committed.';
  const FIX = 'Fix the problem below, then import again.';
  const FIX_DATA = 'Fix the data of the failed commands below, then import again.';
  const WAIT = 'Fix the problem below, then wait for the same job-id again before anything uses the imported data.';
  const FAILED = '<b>2 commands failed</b>.';
  const ONE_OF_TWO = `Import Results of 1 of 2 jobs: ${FAILED}`;
  // __tests__/report/advice.test.ts has the rest.
  const AGAIN = 'before you import again.';
  const DELETING = `The jobs are being deleted in Collibra. Running imports might not stop. Check them ${AGAIN}`;
  const LEFT = `The job might still be running in Collibra. Check it ${AGAIN}`;

  const [good, bad] = [jobReport('success'), jobReport('failure')];
  const contradicted = jobReport('success', { isContradicted: true });
  const some = { changes: 3, resources: [resource('ASSET', [3])] };
  const changed = withResults('success', some);
  const failed = (results: Partial<ImportResults>) =>
    withJob('failure', { state: 'FAILED' }, { importResults: someResults(results) });
  const unseen: JobReport = { id: '1', outcome: 'failure', reason: 'It failed.', importResults: someResults(some) };
  const withFailed = (outcome: Outcome, more = {}) => withResults(outcome, { failedCommands: 2, ...more });
  const partly = [withResults('failure', some), withFailed('failure', { resources: some.resources })];

  test.each<[what: string, Outcome, JobReport[], advice: string]>([
    ['a success', 'success', [good], 'No action needed.'],
    ['several jobs', 'success', [changed, changed], '<b>6 added</b>. No action needed.'],
    ['a contradicted success', 'success', [good, contradicted], CONTRADICTED],
    ['an accepted result', 'accepted', [jobReport('accepted')], `${ALLOWED} ${CHECK}`],
    ['accepted failures', 'accepted', [withFailed('accepted')], `${FAILED} ${ALLOWED} ${REVIEW}`],
    ['a COMPLETED job', 'failure', [withResults('failure', some)], `<b>3 added</b>. ${FIX}`],
    ['a FAILED job, which may count attempts', 'failure', [failed(some)], `<b>3 added</b>. ${CHECK} ${FIX}`],
    ['no changes', 'failure', [failed({ changes: 0 })], `<b>No changes were committed</b>. ${FIX}`],
    ['counts of an unseen job', 'failure', [unseen], `<b>3 added</b>. ${CHECK} ${FIX}`],
    ['failed commands', 'failure', [bad, withFailed('failure')], `${ONE_OF_TWO} ${CHECK} ${FIX_DATA}`],
    ['a failure beside others', 'failure', [bad, withFailed('accepted')], `${ONE_OF_TWO} ${CHECK} ${FIX}`],
    ['partly unknown sums', 'failure', partly, `<b>at least 2 commands failed</b>. ${CHECK} ${FIX_DATA}`],
    ['a deleted job beside a failure', 'failure', [deleted, bad], `${CHECK} ${FIX}`],
    ['an error', 'error', [jobReport('error')], WAIT],
    ['an error of the step', 'error', [good], 'Fix the problem below, then run the step again.'],
    ['a finished job', 'cancelled', [jobReport('cancelled')], 'Check the job in Collibra.'],
    ['an unfinished job', 'cancelled', [withJob('cancelled', { state: 'RUNNING' })], LEFT],
    ['unfinished jobs', 'timeout', Array<JobReport>(2).fill(withJob('timeout', { state: 'RUNNING' })), DELETING],
  ])('fits %s', (_, outcome, jobs, advice) => {
    const unfinished = { onTimeout: 'delete' } as const;
    expect(adviceOf(run(outcome, ...jobs), { unfinished })).toBe(`<p>${advice}</p>`);
  });

  test('on deleted jobs is left to the reason', () => {
    expect(adviceOf(run('failure', deleted, canceled))).toBe('<p><b>Job 1, 2</b>: The reason for failure.</p>');
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
    const reason = Array(31).fill('Problem').join('\n');
    const markdown = summaryOf({ outcome: 'error', reason, jobs: [] });
    expect(markdown).toMatch(/\n<p>(Problem<br>\n){30}… and 1 more line<\/p>\n$/);
  });

  test('name the jobs after what concerns the whole step', () => {
    const jobs = [jobReport('success', { isContradicted: true }), jobReport('success')];
    const text = textOf(summaryOf({ outcome: 'error', reason: 'errors-file: disk full.', jobs }));
    expect(text).toContain('errors-file: disk full. Job 1: The reason for success.');
  });

  test.each([
    ['', 'The reason for failure.'],
    ['No. Never.', 'The reason for failure. Collibra\'s message: "No. Never".'],
  ])('have a number only beside other jobs, share a line if they are the same, and quote %j', (message, reason) => {
    const bad = withJob('failure', { message });
    const [single, several] = [[bad], [bad, jobReport('success'), bad]].map((jobs) => {
      const paragraphs = summaryOf(run('failure', ...jobs)).split('\n\n');
      return textOf(paragraphs[2] ?? '');
    });
    expect(single).toBe(reason);
    expect(several).toBe(`Job 1, 3: ${reason}`);
  });

  test('have at most 500 characters, and less if there are many jobs', () => {
    const lengths = [1, 40, 100].map((n) => {
      const jobs = Array.from({ length: n }, (_, i) => jobReport('failure', { reason: `${i}`.padEnd(999, 'x') }));
      return /x+…/.exec(summaryOf(run('failure', ...jobs)))?.[0].length;
    });
    expect(lengths).toEqual([499, 499, 199]);
  });
});
