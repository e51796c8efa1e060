import { describe, expect, it } from '@jest/globals';

import type { JobReport, Outcome, RunReport } from '../../src/outcome.ts';
import type { UnfinishedPolicy } from '../../src/report/advice.ts';
import { Annotations } from '../../src/report/annotations.ts';
import { maskSecret } from '../../src/report/secrets.ts';
import { aJob, aReport, aSuccess, JOB_1, JOB_2, JOB_3 } from '../support/jobs.ts';
import { written } from '../support/stdout.ts';
import { command, importResults, resource, type Four } from './samples.ts';

/** Annotations as kind, title and text, and the lines between them. */
async function annotated(work: (annotations: Annotations) => void, unfinished?: UnfinishedPolicy) {
  const { commands, plainLines } = await written(() => work(new Annotations(unfinished)));
  return { all: commands.map(({ name, title, text }) => [name, title, text]), lines: plainLines };
}

const verdict = (report: RunReport, unfinished?: UnfinishedPolicy) =>
  annotated((annotations) => annotations.verdict(report), unfinished);

/** The only annotation of a run of one job. */
async function only(job: JobReport, outcome: Outcome = job.outcome, unfinished?: UnfinishedPolicy) {
  const { all } = await verdict({ outcome, jobs: [job] }, unfinished);
  expect(all).toHaveLength(1);
  const [kind, title, text] = all[0] ?? [];
  return { kind, title, text: text ?? '' };
}

const failed = (more: Partial<JobReport> = {}) =>
  aReport({
    outcome: 'failure',
    reason: 'The job failed.',
    job: aJob({ state: 'FAILED', result: 'FAILURE' }),
    ...more,
  });

const FIX = 'Check the job in Collibra. Fix the problem, then import again.';
const someFailed = importResults({ failedCommands: 7 });

describe('the annotation of a job', () => {
  it('is missing for a plain success', async () => {
    expect(await verdict({ outcome: 'success', jobs: [aReport({ job: aSuccess() })] })).toEqual({
      all: [],
      lines: [],
    });
  });

  it('has the cause, the fix and then the ID', async () => {
    const job = aJob({
      state: 'FAILED',
      result: 'FAILURE',
      name: 'Nightly',
      message: 'No domain. Or asset.',
    });
    expect(await only(failed({ job }))).toEqual({
      kind: 'error',
      title: 'Collibra job failed: FAILED',
      text: `The job failed. Collibra's message: "No domain. Or asset". ${FIX} Job: ${JOB_1} "Nightly"`,
    });
  });

  it.each<[what: string, job: Partial<JobReport>, kind: string, title: string, text: string]>([
    [
      'a contradicted success',
      { outcome: 'success', isContradicted: true, job: aSuccess() },
      'warning',
      'Collibra job succeeded',
      'The step passed because the job reports SUCCESS. Check the job in Collibra.',
    ],
    [
      'an accepted result',
      {
        outcome: 'accepted',
        job: aJob({ state: 'COMPLETED', result: 'ABORTED' }),
        importResults: someFailed,
      },
      'warning',
      'Collibra job accepted: ABORTED',
      'The step passed because the accept input allows this result. Review the failed commands in the job summary.',
    ],
    [
      'an accepted result without Import Results',
      { outcome: 'accepted' },
      'warning',
      'Collibra job accepted',
      'The step passed because the accept input allows this result. Check the job in Collibra.',
    ],
    [
      'failed commands',
      { outcome: 'failure', importResults: someFailed },
      'error',
      'Collibra job failed',
      'See the failed commands in the job summary. Fix the data, then import again.',
    ],
    [
      'failed commands of an unknown number',
      { outcome: 'failure', importResults: importResults({ firstFailedCommands: [command('Odd')] }) },
      'error',
      'Collibra job failed',
      'See the failed commands in the job summary. Fix the data, then import again.',
    ],
    [
      'a failure without failed commands',
      { outcome: 'failure', importResults: importResults({ failedCommands: 0 }) },
      'error',
      'Collibra job failed',
      FIX,
    ],
    ['an error', { outcome: 'error' }, 'error', "Could not determine the Collibra job's status", ''],
    [
      'a deleted job',
      { outcome: 'failure', job: aJob({ state: 'DELETED' }) },
      'error',
      'Collibra job was deleted or canceled',
      '',
    ],
    [
      'a canceled job',
      { outcome: 'failure', job: aJob({ state: 'CANCELED' }), importResults: someFailed },
      'error',
      'Collibra job was deleted or canceled',
      '',
    ],
    [
      'an error whose job was deleted meanwhile',
      { outcome: 'error', job: aJob({ state: 'DELETED' }) },
      'error',
      "Could not determine the Collibra job's status",
      '',
    ],
  ])('of %s has its own title and advice', async (_, more, kind, title, advice) => {
    const text = ['The reason.', advice, `Job: ${JOB_1}`].filter(Boolean).join(' ');
    expect(await only(aReport({ reason: 'The reason.', ...more }))).toEqual({ kind, title, text });
  });

  const RUNNING = 'The job might still be running in Collibra.';
  const DELETING =
    'The job is being deleted in Collibra. A running import might not stop. Check it before you import again.';
  const deletesOn = (onTimeout: boolean, onCancel: boolean): UnfinishedPolicy => ({
    onTimeout: onTimeout ? 'delete' : 'leave',
    onCancel: onCancel ? 'delete' : 'leave',
  });
  it.each<[outcome: 'timeout' | 'cancelled', what: string, UnfinishedPolicy | undefined, advice: string]>([
    ['timeout', 'left alone', undefined, `${RUNNING} Check it there, or increase timeout-minutes.`],
    [
      'timeout',
      'left alone',
      deletesOn(false, true),
      `${RUNNING} Check it there, or increase timeout-minutes.`,
    ],
    ['timeout', 'deleted', deletesOn(true, false), DELETING],
    ['cancelled', 'left alone', undefined, `${RUNNING} Check it before you import again.`],
    ['cancelled', 'left alone', deletesOn(true, false), `${RUNNING} Check it before you import again.`],
    ['cancelled', 'deleted', deletesOn(false, true), DELETING],
  ])('of a %s says that the unfinished job is %s', async (outcome, _, unfinished, advice) => {
    for (const state of ['RUNNING', 'PAUSED', undefined]) {
      const job = aReport({ outcome, reason: 'The reason.', ...(state && { job: aJob({ state }) }) });
      expect(await only(job, outcome, unfinished)).toEqual({
        kind: 'error',
        title:
          outcome === 'timeout'
            ? 'Timed out waiting for the Collibra job'
            : 'Canceled while waiting for the Collibra job',
        text: `The reason. ${advice} Job: ${JOB_1}`,
      });
    }
  });

  it('does not say that a finished job might be running or is deleted', async () => {
    const job = aReport({ outcome: 'cancelled', reason: 'The reason.', job: aSuccess() });
    for (const policy of [deletesOn(false, false), deletesOn(true, true)])
      expect((await only(job, 'cancelled', policy)).text).toBe(
        `The reason. Check the job in Collibra. Job: ${JOB_1}`,
      );
  });

  it('does not say that the step passed if it fails because of another job', async () => {
    const jobs = [
      aReport({ outcome: 'accepted', reason: 'One.' }),
      aReport({ isContradicted: true, reason: 'Two.' }),
    ];
    const { all } = await verdict({ outcome: 'timeout', jobs });
    expect(all.map(([, , text]) => text)).toEqual([
      `One. Check the job in Collibra. Job: ${JOB_1}`,
      `Two. Check the job in Collibra. Job: ${JOB_1}`,
    ]);
  });

  it('says nothing twice', async () => {
    const name = { job: aJob({ name: 'Nightly', state: 'FAILED' }) };
    const reason = `There is no job ${JOB_1}. Check the job in Collibra.`;
    expect((await only(failed({ reason }))).text).toBe(`${reason} Fix the problem, then import again.`);
    expect((await only(failed({ reason, ...name }))).text).toBe(
      `${reason} Fix the problem, then import again. Job: "Nightly"`,
    );
  });

  it.each([
    ['COMPLETED', 'ABORTED', ': ABORTED'],
    ['COMPLETED', 'NOT_SET', ': NOT_SET'],
    ['COMPLETED', '', ''],
    ['FAILED', 'SUCCESS', ': FAILED'],
    ['ERROR', 'FAILURE', ': ERROR'],
    ['PAUSED', 'SUCCESS', ': PAUSED'],
    ['', 'SUCCESS', ''],
  ])('of a failure has the value that decided it in its title: %j with %j', async (state, result, value) => {
    expect((await only(failed({ job: aJob({ state, result }) }))).title).toBe(`Collibra job failed${value}`);
  });

  it.each<[what: string, resources: [string, ...Four][], text: string]>([
    [
      'type by type',
      [
        ['ASSET', 1180, 20, 0, 9],
        ['DOMAIN', 0, 0, 0, 9],
        ['RELATION', 0, 0, 1],
      ],
      'Import Results: ASSET 1,180 added, 20 updated; RELATION 1 removed. ',
    ],
    ['only if there are any', [['ASSET', 0, 0, 0, 9]], ''],
  ])('lists the changes that Import Results report, %s', async (_, given, changes) => {
    const resources = given.map(([type, ...four]) => resource(type, four));
    expect((await only(failed({ importResults: importResults({ resources }) }))).text).toBe(
      `The job failed. ${changes}${FIX} Job: ${JOB_1}`,
    );
  });

  it('keeps advice and ID where cause, message and changes are long', async () => {
    const job = aJob({ state: 'FAILED', message: 'm'.repeat(600) });
    const resources = Array.from({ length: 50 }, () => resource('::x##[y]'.repeat(90), [1, 1, 1]));
    const { text } = await only(
      failed({ job, reason: 'r'.repeat(1001), importResults: importResults({ resources }) }),
    );
    const [cause = '', message = '', changes = '', ...rest] = text.split(
      / (?=Collibra's|Import R|Check|Job)/,
    );
    expect([cause, message, changes].map(({ length }) => length)).toEqual([
      1000,
      "Collibra's message: .".length + 2 + 500,
      500,
    ]);
    expect(changes).toMatch(/^Import Results: : :x## \[y\]/);
    expect(rest.join(' ')).toBe(`${FIX} Job: ${JOB_1}`);
  });
});

describe('the annotation of the whole step', () => {
  it('lists all invalid inputs under a title of its own', async () => {
    const { all } = await annotated((annotations) =>
      annotations.invalidInputs(['url: is missing', 'job-id: is no UUID']),
    );
    expect(all).toEqual([
      [
        'error',
        'Invalid inputs',
        'No request was sent to Collibra. Fix these inputs:\nurl: is missing\njob-id: is no UUID',
      ],
    ]);
  });

  it.each<[Outcome, jobs: number, title: string]>([
    ['error', 0, "Could not determine the Collibra job's status"],
    ['timeout', 0, 'Timed out waiting for the Collibra job'],
    ['cancelled', 0, 'Canceled while waiting for the Collibra job'],
    ['error', 1, 'The step failed'],
    ['cancelled', 1, 'The step was canceled'],
    ['timeout', 1, 'The step failed'],
  ])('comes first: %s with %d jobs', async (outcome, jobs, title) => {
    const { all } = await verdict({ outcome, reason: 'Two\nlines.', jobs: Array(jobs).fill(failed()) });
    expect(all[0]).toEqual(['error', title, 'Two\nlines.']);
    expect(all).toHaveLength(1 + jobs);
  });
});

it('the annotations begin with the most severe outcome, and keep the input order otherwise', async () => {
  const accepted = aReport({ id: JOB_1, outcome: 'accepted' });
  const jobs = [accepted, failed({ id: JOB_3 }), aReport(), failed({ id: JOB_2 })];
  const { all } = await verdict({ outcome: 'failure', jobs });
  expect(all.map(([kind, , text]) => [kind, text?.slice(-36)])).toEqual([
    ['error', JOB_3],
    ['error', JOB_2],
    ['warning', JOB_1],
  ]);
});

describe('the number of annotations', () => {
  const many = (n: number) => Array.from({ length: n }, () => failed());
  const TITLE = 'Collibra job failed: FAILED';

  it.each([
    [10, TITLE, `The job failed. ${FIX} Job: ${JOB_1}`],
    [11, 'More Collibra jobs', '2 more jobs are listed in the job summary.'],
    [100, 'More Collibra jobs', '91 more jobs are listed in the job summary.'],
  ])('is ten for %d jobs', async (n, title, text) => {
    const { all } = await verdict({ outcome: 'failure', jobs: many(n) });
    expect(all).toHaveLength(10);
    expect(all.slice(0, 9).every((one) => one[1] === TITLE)).toBe(true);
    expect(all[9]).toEqual(['error', title, text]);
  });

  it('is at most ten with those of the whole step and with warnings', async () => {
    const { all } = await annotated((annotations) => {
      annotations.warning('First', 'A problem.');
      annotations.verdict({ outcome: 'error', reason: 'No file.', jobs: many(10) });
    });
    expect(all).toHaveLength(10);
    expect(all[0]).toEqual(['warning', 'First', 'A problem.']);
    expect(all.at(-1)?.[2]).toMatch(/^3 more jobs/);
  });

  it('ends with a warning if only accepted jobs are left', async () => {
    const jobs = Array.from({ length: 12 }, () => aReport({ outcome: 'accepted' }));
    const { all } = await verdict({ outcome: 'accepted', jobs });
    expect(all.at(-1)?.slice(0, 2)).toEqual(['warning', 'More Collibra jobs']);
  });

  it('leaves everything beyond ten to the log', async () => {
    const { all, lines } = await annotated((annotations) => {
      annotations.verdict({ outcome: 'failure', jobs: many(10) });
      annotations.warning('One ::more', '::error::problem\n::error::again');
      annotations.warning('Yet another', 'problem');
    });
    expect(all).toHaveLength(10);
    expect(lines).toEqual(['One ::more: : :error::problem', ': :error::again', 'Yet another: problem']);
  });
});

describe('server text in annotations', () => {
  it('is safe and truncated', async () => {
    await written(() => maskSecret('sesame-in-annotation'));
    const text = `##[error]x sesame-in-annotation\n::error::y\u0000\u202E${'x'.repeat(3_000_000)}`;
    const job = aJob({ state: 'FAILED', result: text, name: text, message: text });
    const { all, lines } = await verdict({
      outcome: 'failure',
      reason: text,
      jobs: [failed({ reason: text, job }), failed({ job: aJob({ state: text }) })],
    });
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
