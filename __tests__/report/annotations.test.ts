import { describe, expect, it } from '@jest/globals';

import type { JobReport, RunReport } from '../../src/outcome.ts';
import { Annotations } from '../../src/report/annotations.ts';
import { maskSecret } from '../../src/report/secrets.ts';
import { aJob, aReport, aSuccess, JOB_1, JOB_2, JOB_3, someFacts } from '../support/jobs.ts';
import { written } from '../support/stdout.ts';

/** Annotations as kind, title and text, and the lines between them. */
async function told(work: (annotations: Annotations) => void) {
  const { commands, plainLines } = await written(() => work(new Annotations()));
  return { all: commands.map(({ name, title, text }) => [name, title, text]), lines: plainLines };
}

const verdict = (report: RunReport) => told((annotations) => annotations.verdict(report));

const failed = (more: Partial<JobReport> = {}) =>
  aReport({
    outcome: 'failure',
    reason: 'The job failed (state FAILED, result FAILURE)',
    job: aJob({ state: 'FAILED', result: 'FAILURE' }),
    ...more,
  });

const LOOK =
  'Look at the job summary of this step and at the job in Collibra, correct the data and import again';

describe('the verdict', () => {
  it('on success needs no word', async () => {
    expect(await verdict({ outcome: 'success', jobs: [aReport({ job: aSuccess() })] })).toEqual({
      all: [],
      lines: [],
    });
  });

  it('on a success that is disputed warns', async () => {
    const job = aReport({ job: aSuccess(), isContradicted: true, reason: 'COMPLETED with SUCCESS, but …' });
    expect((await verdict({ outcome: 'success', jobs: [job, aReport()] })).all).toEqual([
      [
        'warning',
        'Collibra job succeeded',
        `Job ${JOB_1}: COMPLETED with SUCCESS, but …. The step passes, for the job says so; look in Collibra what is right.`,
      ],
    ]);
  });

  it('tells what failed, why, and what to do', async () => {
    const job = aJob({
      state: 'FAILED',
      result: 'FAILURE',
      name: 'Nightly',
      message: 'No such domain. Or asset.',
    });
    expect((await verdict({ outcome: 'failure', jobs: [failed({ job })] })).all).toEqual([
      [
        'error',
        'Collibra job failed: FAILED',
        `Job ${JOB_1} "Nightly": The job failed (state FAILED, result FAILURE). Collibra's message: No such domain. Or asset. ${LOOK}.`,
      ],
    ]);
  });

  it('tells what to do also where there is much to tell', async () => {
    const job = aJob({ state: 'FAILED', result: 'FAILURE', message: 'm'.repeat(600) });
    const report = failed({ job, reason: 'r'.repeat(800) });
    const [[, , message] = []] = (await verdict({ outcome: 'failure', jobs: [report] })).all;
    expect(message).toHaveLength(`Job ${JOB_1}: . Collibra's message: . ${LOOK}.`.length + 800 + 500);
    expect(message).toMatch(new RegExp(`${LOOK}\\.$`));
  });

  it('is a warning where the policy accepts the result', async () => {
    const job = aJob({ state: 'COMPLETED', result: 'ABORTED' });
    const report = aReport({ outcome: 'accepted', reason: 'ABORTED: 7 commands failed', job });
    expect((await verdict({ outcome: 'accepted', jobs: [report] })).all).toEqual([
      [
        'warning',
        'Collibra job accepted: ABORTED',
        `Job ${JOB_1}: ABORTED: 7 commands failed. The step passes because accept allows it; look at what is missing in Collibra.`,
      ],
    ]);
  });

  it.each([
    ['COMPLETED', 'ABORTED', 'ABORTED'],
    ['COMPLETED', 'NOT_SET', 'NOT_SET'],
    ['FAILED', 'SUCCESS', 'FAILED'],
    ['ERROR', 'FAILURE', 'ERROR'],
    ['DELETED', 'NOT_SET', 'DELETED'],
    ['PAUSED', 'SUCCESS', 'PAUSED'],
  ])('of a failure is titled by what says so: %s with %j', async (state, result, word) => {
    const report = failed({ job: aJob({ state, result }) });
    const { all } = await verdict({ outcome: 'failure', jobs: [report] });
    expect(all[0]?.[1]).toBe(`Collibra job failed: ${word}`);
  });

  it('of a failure without a word for it has the bare title', async () => {
    for (const job of [aJob({ state: 'COMPLETED', result: '' }), aJob({ state: '' })]) {
      const { all } = await verdict({ outcome: 'failure', jobs: [failed({ job })] });
      expect(all[0]?.[1]).toBe('Collibra job failed');
    }
  });

  it.each<[outcome: JobReport['outcome'], title: string, advice: string]>([
    [
      'timeout',
      'Collibra job not finished in time',
      ' The job may still go on in Collibra: look at it there, or give it more time with timeout-minutes.',
    ],
    ['error', 'The state of the Collibra job could not be learnt', ''],
    ['cancelled', 'Waiting for the Collibra job was cancelled', ' The job may still go on in Collibra.'],
  ])('of %s has its title and advice', async (outcome, title, advice) => {
    const report = aReport({ outcome, reason: 'Something happened', job: aJob() });
    expect((await verdict({ outcome, jobs: [report] })).all).toEqual([
      ['error', title, `Job ${JOB_1}: Something happened.${advice}`],
    ]);
  });

  it('of a job that was never seen says so by its reason alone', async () => {
    const report = aReport({ outcome: 'error', reason: 'No such job' });
    expect((await verdict({ outcome: 'error', jobs: [report] })).all).toEqual([
      ['error', 'The state of the Collibra job could not be learnt', `Job ${JOB_1}: No such job.`],
    ]);
  });

  it('tells what Import Results count, type by type', async () => {
    const counts = (resourceType: string, added: number, updated: number, removed: number) => ({
      resourceType,
      added,
      updated,
      removed,
      failed: 9,
      categories: [],
    });
    const textOf = async (resources: ReturnType<typeof counts>[]) => {
      const facts = someFacts();
      const importResults = { ...facts, summary: { ...facts.summary, resources } };
      const { all } = await verdict({
        outcome: 'failure',
        jobs: [failed({ reason: 'Failed', importResults: importResults })],
      });
      return all[0]?.[2]?.replace(`Job ${JOB_1}: Failed. `, '').replace(`${LOOK}.`, '');
    };
    expect(
      await textOf([counts('ASSET', 1180, 20, 0), counts('DOMAIN', 0, 0, 0), counts('RELATION', 0, 0, 1)]),
    ).toBe('Import Results: ASSET 1,180 added, 20 updated; RELATION 1 removed. ');
    expect(await textOf([counts('ASSET', 0, 0, 0)])).toBe('');
    const hostile = await textOf(Array.from({ length: 50 }, () => counts('::x##[y]'.repeat(90), 1, 1, 1)));
    expect(hostile?.length).toBeLessThanOrEqual(502);
    expect(hostile).toMatch(/^Import Results: : :x## \[y\]/);
  });

  it('on the whole step comes first, line by line', async () => {
    const report: RunReport = {
      outcome: 'error',
      reason: 'Two faults:\nurl: bad\njob-id: bad',
      jobs: [failed()],
    };
    const { all } = await verdict(report);
    expect(all[0]).toEqual([
      'error',
      'The state of the Collibra job could not be learnt',
      'Two faults:\nurl: bad\njob-id: bad',
    ]);
    expect(all).toHaveLength(2);
  });

  it('puts the gravest job first, and leaves equals in input order', async () => {
    const accepted = aReport({ id: JOB_1, outcome: 'accepted' });
    const reports = [accepted, failed({ id: JOB_3 }), aReport(), failed({ id: JOB_2 })];
    const { all } = await verdict({ outcome: 'failure', jobs: reports });
    expect(all.map(([kind, , text]) => [kind, text?.slice(4, 40)])).toEqual([
      ['error', JOB_3],
      ['error', JOB_2],
      ['warning', JOB_1],
    ]);
  });
});

describe('the number of annotations', () => {
  const many = (n: number) => Array.from({ length: n }, () => failed());

  it('is one for each job, up to ten', async () => {
    const { all } = await verdict({ outcome: 'failure', jobs: many(10) });
    expect(all).toHaveLength(10);
    expect(all.every(([, title]) => title === 'Collibra job failed: FAILED')).toBe(true);
  });

  it('is ten in all, the last of which sums up the rest', async () => {
    const { all } = await verdict({ outcome: 'failure', jobs: many(11) });
    expect(all).toHaveLength(10);
    expect(all.slice(8).map(([kind, title, text]) => [kind, title, text?.slice(0, 40)])).toEqual([
      ['error', 'Collibra job failed: FAILED', `Job ${JOB_1}`],
      ['error', 'More Collibra jobs', '2 more jobs are told of in the job summa'],
    ]);
    expect((await verdict({ outcome: 'failure', jobs: many(100) })).all.at(-1)?.[2]).toBe(
      '91 more jobs are told of in the job summary of this step',
    );
  });

  it('counts what concerns the whole step', async () => {
    const { all } = await verdict({ outcome: 'error', reason: 'No file', jobs: many(10) });
    expect(all).toHaveLength(10);
    expect(all.at(-1)?.[2]).toMatch(/^2 more jobs/);
  });

  it('sums up with a warning where only accepted jobs are left', async () => {
    const accepted = Array.from({ length: 12 }, () => aReport({ outcome: 'accepted' }));
    const { all } = await verdict({ outcome: 'accepted', jobs: accepted });
    expect(all.at(-1)?.slice(0, 2)).toEqual(['warning', 'More Collibra jobs']);
  });

  it('leaves what goes beyond it to the log', async () => {
    const { all, lines } = await told((annotations) => {
      annotations.verdict({ outcome: 'failure', jobs: many(10) });
      annotations.warning('One ::more', '::error::trouble\n::error::again');
      annotations.warning('Yet another', 'trouble');
    });
    expect(all).toHaveLength(10);
    expect(lines).toEqual(['One ::more: : :error::trouble', ': :error::again', 'Yet another: trouble']);
  });

  it('is shared with trouble beside the verdict', async () => {
    const { all } = await told((annotations) => {
      annotations.warning('First', 'trouble');
      annotations.verdict({ outcome: 'failure', jobs: many(11) });
    });
    expect(all).toHaveLength(10);
    expect(all[0]).toEqual(['warning', 'First', 'trouble']);
    expect(all.at(-1)?.[2]).toMatch(/^3 more jobs/);
  });
});

describe('hostile text', () => {
  it('is harmless and bounded', async () => {
    const text = '##[error]x\n::error::y\u0000\u202E';
    const long = `${text}${'x'.repeat(3_000_000)}`;
    const job = aJob({ state: 'FAILED', result: long, name: long, message: long });
    const { all, lines } = await verdict({
      outcome: 'failure',
      reason: long,
      jobs: [failed({ reason: long, job })],
    });
    expect(lines).toEqual([]);
    expect(all).toHaveLength(2);
    for (const [, title, message] of all) {
      expect(title?.length).toBeLessThan(100);
      expect(message?.length).toBeLessThanOrEqual(4000);
      // eslint-disable-next-line no-control-regex -- what must not be there
      expect(`${String(title)} ${String(message)}`).not.toMatch(/##\[|\u0000|\u202E/);
    }
  });

  it('of many lines is cut at 4000 characters', async () => {
    const reason = Array.from({ length: 10 }, () => 'x'.repeat(999)).join('\n');
    const { all } = await verdict({ outcome: 'error', reason, jobs: [] });
    expect(all[0]?.[2]).toHaveLength(4000);
    expect(all[0]?.[2]).toMatch(/…$/);
  });

  it('holds no secret', async () => {
    await written(() => maskSecret('sesame-in-annotation'));
    const job = aJob({ result: 'sesame-in-annotation', message: 'sesame-in-annotation' });
    const { all } = await verdict({
      outcome: 'failure',
      reason: 'sesame-in-annotation',
      jobs: [failed({ job, reason: 'sesame-in-annotation' })],
    });
    expect(JSON.stringify(all)).not.toContain('sesame');
  });
});
