import { describe, expect, it } from '@jest/globals';

import type { FailedCommand } from '../../src/collibra/import-results.ts';
import type { JobReport, Outcome, RunReport } from '../../src/outcome.ts';
import { Annotations } from '../../src/report/annotations.ts';
import { maskSecret } from '../../src/report/secrets.ts';
import { aJob, aReport, JOB_1, JOB_2, JOB_3, someResults } from '../support/jobs.ts';
import { written } from '../support/stdout.ts';
import { command, resource } from './samples.ts';

/** Annotations as kind, title and text, and the lines between them. */
async function annotated(work: (annotations: Annotations) => void) {
  const { commands, plainLines } = await written(() => work(new Annotations({ onTimeout: 'delete' })));
  return { all: commands.map(({ name, title, text }) => [name, title, text]), lines: plainLines };
}

const verdict = (report: RunReport) => annotated((annotations) => annotations.verdict(report));

/** The only annotation of a run of one job. */
async function only(job: JobReport) {
  const { all } = await verdict({ outcome: job.outcome, jobs: [job] });
  expect(all).toHaveLength(1);
  const [kind, title, text] = all[0] ?? [];
  return { kind, title, text: text ?? '' };
}

const FAILED = aReport({ outcome: 'failure', reason: 'The job failed.', job: aJob({ state: 'FAILED' }) });
const failed = (more: Partial<JobReport>) => ({ ...FAILED, ...more });

const FIX = 'Check the job in Collibra. Fix the problem, then import again.';

describe('the annotation of a job', () => {
  it('has the cause, the fix and then the ID', async () => {
    const job = aJob({ state: 'FAILED', name: 'Nightly', message: 'No domain. Or asset.' });
    expect(await only(failed({ job }))).toEqual({
      kind: 'error',
      title: 'Collibra job failed: FAILED',
      text: `The job failed. Collibra's message: "No domain. Or asset". ${FIX} Job: ${JOB_1} "Nightly"`,
    });
  });

  const DELETED = 'Collibra job was deleted or canceled';
  const ALLOWED = 'The step passed because the accept input allows this result.';
  const REVIEW = 'Review the failed commands in the job summary.';
  const CHECK = 'Check the job in Collibra.';
  const PASSED = 'The step passed because the job reports SUCCESS.';
  const FIX_DATA = 'See the failed commands in the job summary. Fix the data, then import again.';
  const [TIMEOUT, CANCELED] = ['Timed out waiting for the Collibra job', 'Canceled while waiting for the Collibra job'];
  // __tests__/report/advice.test.ts has the rest.
  const DELETING = 'The job is being deleted in Collibra. A running import might not stop.';
  const LEFT = 'The job might still be running in Collibra.';
  const counted = (failedCommands?: number, firstFailedCommands: FailedCommand[] = []) => ({
    importResults: someResults({ failedCommands, firstFailedCommands }),
  });
  const listed = (failedCommands?: number) => counted(failedCommands, [command('Odd')]);

  it.each<[Outcome, stateAndResult: string, Partial<JobReport>, title: string, advice: string]>([
    ['success', 'COMPLETED SUCCESS', { isContradicted: true }, 'Collibra job succeeded', `${PASSED} ${CHECK}`],
    ['accepted', 'COMPLETED ABORTED', {}, 'Collibra job accepted: ABORTED', `${ALLOWED} ${CHECK}`],
    ['accepted', '', counted(7), 'Collibra job accepted', `${ALLOWED} ${REVIEW}`],
    ['failure', 'COMPLETED NOT_SET', counted(7), 'Collibra job failed: NOT_SET', FIX_DATA],
    ['failure', 'COMPLETED ', listed(), 'Collibra job failed', FIX_DATA],
    ['failure', 'FAILED SUCCESS', listed(0), 'Collibra job failed: FAILED', FIX_DATA],
    ['failure', 'PAUSED SUCCESS', counted(0), 'Collibra job failed: PAUSED', FIX],
    ['failure', ' SUCCESS', counted(), 'Collibra job failed', FIX],
    ['failure', '', {}, 'Collibra job failed', FIX],
    ['failure', 'DELETED NOT_SET', {}, DELETED, ''],
    ['failure', 'CANCELED NOT_SET', counted(7), DELETED, ''],
    ['error', 'DELETED NOT_SET', counted(7), "Could not determine the Collibra job's status", ''],
    ['timeout', 'RUNNING ', {}, TIMEOUT, `${DELETING} Check it before you import again.`],
    ['cancelled', 'RUNNING ', {}, CANCELED, `${LEFT} Check it before you import again.`],
  ])('fits the outcome %s of a job that is %j', async (outcome, given, more, title, advice) => {
    const [state = '', result = ''] = given.split(' ');
    const job = given && { job: aJob({ state, result }) };
    const kind = outcome === 'success' || outcome === 'accepted' ? 'warning' : 'error';
    const text = ['The reason.', advice, `Job: ${JOB_1}`].filter(Boolean).join(' ');
    expect(await only(aReport({ outcome, reason: 'The reason.', ...job, ...more }))).toEqual({ kind, title, text });
  });

  it('does not say that the step passed if it fails because of another job', async () => {
    const jobs = [aReport({ outcome: 'accepted', reason: 'One.' }), aReport({ isContradicted: true, reason: 'Two.' })];
    const { all } = await verdict({ outcome: 'timeout', jobs });
    const advice = `Check the job in Collibra. Job: ${JOB_1}`;
    expect(all.map(([, , text]) => text)).toEqual([`One. ${advice}`, `Two. ${advice}`]);
  });

  it.each([
    [undefined, ''],
    ['Nightly', ' Job: "Nightly"'],
  ])('says nothing twice (name: %j)', async (name, which) => {
    const reason = `There is no job ${JOB_1}. Check the job in Collibra.`;
    const job = aJob({ state: 'FAILED', ...(name && { name }) });
    expect((await only(failed({ reason, job }))).text).toBe(`${reason} Fix the problem, then import again.${which}`);
  });

  it('lists the changes that Import Results report, type by type', async () => {
    const changes = [resource('ASSET', [1180, 20, 0, 9]), resource('RELATION', [0, 0, 1])];
    const none = resource('DOMAIN', [0, 0, 0, 9]);
    const textWith = async (...resources: (typeof none)[]) =>
      (await only(failed({ importResults: someResults({ resources }) }))).text;
    const words = 'Import Results: ASSET 1,180 added, 20 updated; RELATION 1 removed.';
    expect(await textWith(none, ...changes)).toContain(`The job failed. ${words} ${FIX}`);
    expect(await textWith(none)).toContain(`The job failed. ${FIX}`);
  });

  it('keeps advice and ID where cause, message and changes are long', async () => {
    const job = aJob({ state: 'FAILED', message: 'm'.repeat(600) });
    const resources = Array.from({ length: 50 }, () => resource('::x##[y]'.repeat(90), [1, 1, 1]));
    const { text } = await only(failed({ job, reason: 'r'.repeat(1001), importResults: someResults({ resources }) }));
    expect(text).toMatch(/^r{999}… Collibra's message: "m{499}…". Import Results: : :x## \[y\]/);
    expect(text.endsWith(`… ${FIX} Job: ${JOB_1}`)).toBe(true);
    expect(text).toHaveLength(1000 + 500 + 500 + `Collibra's message: "".   ${FIX} Job: ${JOB_1}`.length);
  });
});

describe('the annotation of the whole step', () => {
  it('lists all invalid inputs under a title of its own', async () => {
    const { all } = await annotated((annotations) => annotations.invalidInputs(['url: is missing', 'job-id: bad']));
    const text = 'No request was sent to Collibra. Fix these inputs:\nurl: is missing\njob-id: bad';
    expect(all).toEqual([['error', 'Invalid inputs', text]]);
  });

  it.each<[Outcome, jobs: number, title: string]>([
    ['error', 0, "Could not determine the Collibra job's status"],
    ['timeout', 0, 'Timed out waiting for the Collibra job'],
    ['cancelled', 0, 'Canceled while waiting for the Collibra job'],
    ['error', 1, 'The step failed'],
    ['cancelled', 1, 'The step was canceled'],
    ['timeout', 1, 'The step failed'],
  ])('comes first: %s with %d jobs', async (outcome, jobs, title) => {
    const { all } = await verdict({ outcome, reason: 'Two\nlines.', jobs: Array(jobs).fill(FAILED) });
    expect(all[0]).toEqual(['error', title, 'Two\nlines.']);
    expect(all).toHaveLength(1 + jobs);
  });
});

it('the annotations begin with the most severe outcome, and keep the input order otherwise', async () => {
  const jobs = [aReport({ outcome: 'accepted' }), failed({ id: JOB_3 }), aReport(), failed({ id: JOB_2 })];
  const { all } = await verdict({ outcome: 'failure', jobs });
  expect(all.map(([kind, , text]) => [kind, text?.slice(-36)])).toEqual([
    ['error', JOB_3],
    ['error', JOB_2],
    ['warning', JOB_1],
  ]);
});

describe('the number of annotations', () => {
  const ACCEPTED = aReport({ outcome: 'accepted' });
  const ONE = ['error', 'Collibra job failed: FAILED', `The job failed. ${FIX} Job: ${JOB_1}`];
  const more = (kind: string, n: number) => [
    kind,
    'More Collibra jobs',
    `${n} more jobs are listed in the job summary.`,
  ];

  it.each<[number, JobReport, title: string, last: string[]]>([
    [10, FAILED, 'Collibra job failed: FAILED', ONE],
    [11, FAILED, 'Collibra job failed: FAILED', more('error', 2)],
    [100, FAILED, 'Collibra job failed: FAILED', more('error', 91)],
    [12, ACCEPTED, 'Collibra job accepted', more('warning', 3)],
  ])('is ten for %d jobs', async (n, job, title, last) => {
    const { all } = await verdict({ outcome: job.outcome, jobs: Array(n).fill(job) });
    expect(all.map((one) => one[1])).toEqual([...Array<string>(9).fill(title), last[1]]);
    expect(all[9]).toEqual(last);
  });

  it('is at most ten with those of the whole step and with warnings; the others go to the log', async () => {
    const { all, lines } = await annotated((annotations) => {
      annotations.warning('First', 'A problem.');
      annotations.verdict({ outcome: 'error', reason: 'No file.', jobs: Array(10).fill(FAILED) });
      annotations.warning('One ::more', '::error::problem\n::error::again');
      annotations.warning('Yet another', 'problem');
    });
    expect(all).toHaveLength(10);
    expect(all[0]).toEqual(['warning', 'First', 'A problem.']);
    expect(all.at(-1)?.[2]).toMatch(/^3 more jobs/);
    expect(lines).toEqual(['One ::more: : :error::problem', ': :error::again', 'Yet another: problem']);
  });
});

describe('server text in annotations', () => {
  it('is safe and truncated', async () => {
    await written(() => maskSecret('sesame-in-annotation'));
    const text = `##[error]x sesame-in-annotation\n::error::y\u0000\u202E${'x'.repeat(3_000_000)}`;
    const job = aJob({ state: 'FAILED', result: text, name: text, message: text });
    const jobs = [failed({ reason: text, job }), failed({ job: aJob({ state: text }) })];
    const { all, lines } = await verdict({ outcome: 'failure', reason: text, jobs });
    expect(lines).toEqual([]);
    expect(all).toHaveLength(3);
    for (const [, title, message] of all) {
      expect(title?.length).toBeLessThan(100);
      expect(message?.length).toBeLessThanOrEqual(4000);
      // eslint-disable-next-line no-control-regex -- what must not be there
      expect(`${String(title)} ${String(message)}`).not.toMatch(/##\[|sesame|\u0000|\u202E/);
    }
  });

  it('of many lines has at most 4000 characters', async () => {
    const reason = Array.from({ length: 10 }, () => 'x'.repeat(999)).join('\n');
    const { all } = await verdict({ outcome: 'error', reason, jobs: [] });
    expect(all[0]?.[2]).toHaveLength(4000);
    expect(all[0]?.[2]).toMatch(/…$/);
  });
});
