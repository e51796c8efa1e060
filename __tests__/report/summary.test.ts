import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { partlyFailedImport, severalJobs, success } from './samples.ts';
import type { FailedCommand, ImportSummary } from '../../src/collibra/import-results.ts';
import {
  OUTCOMES,
  type ImportFacts,
  type JobReport,
  type Outcome,
  type RunReport,
} from '../../src/outcome.ts';
import { maskSecret } from '../../src/report/secrets.ts';
import { summaryOf, writeSummary } from '../../src/report/summary.ts';
import { written } from '../support/stdout.ts';

const ID = '0199a1c0-5d1e-7d43-8f0a-2f1f6c1d0b01';

/** Everything that a summary may hold, as it reads: without tags, entities and line breaks. */
function textOf(markdown: string): string {
  const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', emsp: ' ' };
  return markdown
    .replace(/<br>|<\/t[dh]>/g, ' ')
    .replace(/<[^>]*>/g, '')
    .replace(/&(\w+);/g, (_, name: string) => entities[name] ?? '?')
    .replace(/\s+/g, ' ');
}

const counters = (added: number, updated = 0, removed = 0, failed = 0) => ({
  added,
  updated,
  removed,
  failed,
});

function facts(changed: Partial<ImportSummary>, firstFailed: readonly FailedCommand[] = []): ImportFacts {
  const summary = {
    state: 'COMPLETED',
    resources: [],
    changes: undefined,
    failedCommands: undefined,
    ...changed,
  };
  return { summary, failedCommands: summary.failedCommands, firstFailed };
}

function jobReport(outcome: Outcome, changed: Partial<JobReport> = {}): JobReport {
  const job = { id: ID, name: 'Nightly import', state: 'COMPLETED', result: 'SUCCESS', message: '' };
  return { id: ID, outcome, reason: `The reason for ${outcome}`, job, ...changed };
}

function run(outcome: Outcome, ...jobs: JobReport[]): RunReport {
  return { outcome, jobs };
}

/** A run of one job with these failed commands. */
function runOfFailed(commands: readonly FailedCommand[], total = commands.length): RunReport {
  return run(
    'failure',
    jobReport('failure', { importFacts: facts({ failedCommands: total, changes: 5 }, commands) }),
  );
}

const failed = (errorMessage: string, index = 0, identifier = `asset ${index}`): FailedCommand => {
  return { errorType: 'VALIDATION', resourceType: 'ASSET', errorMessage, indices: [index], identifier };
};

const manyFailed = (n: number, message: (index: number) => string) =>
  Array.from({ length: n }, (_, index) => failed(message(index), index));

/** The rows of the table with this head, each a list of cells. */
function rowsOf(markdown: string, head: string): string[][] {
  const table = markdown.split('<table>').find((one) => one.includes(`<th>${head}</th>`)) ?? '';
  const rows = table.split('</table>')[0]?.match(/<tr><td.*/g) ?? [];
  return rows.map((row) =>
    [...row.matchAll(/<td[^>]*>(.*?)<\/td>/g)].map(([, cell = '']) => textOf(cell).trim()),
  );
}

describe('the verdict', () => {
  test.each<[Outcome, string, RegExp]>([
    ['success', '## ✅ The Collibra job succeeded', /Nothing is left to do\./],
    [
      'accepted',
      '## ⚠️ The Collibra job ended with errors that the policy accepts',
      /Correct what failed and import it again/,
    ],
    ['failure', '## ❌ The Collibra job failed', /Correct what is said below and import again/],
    ['timeout', '## ⌛ The Collibra job did not end in time', /Look in Collibra whether it goes on/],
    ['error', '## ❓ It is not known how the Collibra job ended', /wait for the same job-id again/],
    [
      'cancelled',
      '## 🚫 The Collibra job had not ended when the run was cancelled',
      /look there before you import again/,
    ],
  ])('%s comes first and says what to do next', (outcome, headline, next) => {
    const markdown = summaryOf(run(outcome, jobReport(outcome)));
    expect(markdown.split('\n')[0]).toBe(headline);
    expect(textOf(markdown)).toMatch(next);
  });

  test('counts the jobs it is about', () => {
    const [good, bad] = [jobReport('success'), jobReport('failure')];
    expect(summaryOf(run('failure', good, bad, good))).toMatch(/^## ❌ 1 of 3 Collibra jobs failed\n/);
    expect(summaryOf(run('success', good, good))).toMatch(/^## ✅ All 2 Collibra jobs succeeded\n/);
  });

  test('of a run without jobs tells its reason, line by line', () => {
    const markdown = summaryOf({
      outcome: 'error',
      reason: 'The inputs are wrong:\nurl: missing\njob-id: <no> UUID',
      jobs: [],
    });
    expect(markdown).toMatch(/^## ❓ The step failed\n/);
    expect(markdown).toContain('The inputs are wrong<span>:</span><br>\nurl<span>:</span> missing<br>');
    expect(textOf(markdown)).toContain('job-id: <no> UUID');
    expect(markdown).not.toContain('<table>');
  });

  test('that is not that of any job does not blame the jobs', () => {
    const markdown = summaryOf({
      outcome: 'error',
      reason: 'errors-file: disk full',
      jobs: [jobReport('success')],
    });
    expect(markdown).toMatch(/^## ❓ The step failed\n/);
    expect(textOf(markdown)).toContain('errors-file: disk full');
  });

  test('gives the reason and Collibra’s message of each job that did not succeed, the same ones once', () => {
    const job = { id: ID, state: 'ERROR', result: 'FAILURE', message: 'No permission' };
    const bad = jobReport('failure', { job });
    const text = textOf(summaryOf(run('failure', bad, jobReport('success'), bad)));
    expect(text).toContain('Job 1, 3: The reason for failure. Collibra’s message: “No permission”');
    expect(text).not.toContain('The reason for success');
  });

  test.each(OUTCOMES)('says where nothing was committed (%s)', (outcome) => {
    const unchanged = jobReport(outcome, { importFacts: facts({ changes: 0, failedCommands: 4 }) });
    expect(textOf(summaryOf(run(outcome, unchanged)))).toContain(
      'Nothing was committed: nothing added, updated or removed, 4 commands failed.',
    );
  });

  test('claims nothing about what was committed where that is not told', () => {
    const unknown = jobReport('failure', { importFacts: facts({ changes: undefined, failedCommands: 4 }) });
    const text = textOf(summaryOf(run('failure', unknown)));
    expect(text).not.toContain('Nothing was committed');
    expect(text).toContain('4 commands failed. Look in Collibra what of it was committed.');
  });

  test('gives no sums that lack what one of the jobs did not tell', () => {
    const resources = [{ resourceType: 'ASSET', ...counters(3), categories: [] }];
    const jobs = [facts({ changes: 3, resources }), facts({ failedCommands: 2, resources })].map(
      (importFacts) => jobReport('failure', { importFacts }),
    );
    expect(summaryOf(run('failure', ...jobs)).split('\n')[2]).toMatch(/^<p><b>2 commands failed<\/b>\. Look/);
  });

  test('does not take the counts of a job that failed as a whole for what was committed', () => {
    const importFacts = facts({
      changes: 3,
      failedCommands: 1,
      resources: [{ resourceType: 'ASSET', ...counters(3), categories: [] }],
    });
    const job = { id: ID, state: 'FAILED', result: 'FAILURE', message: '' };
    const look = 'Look in Collibra what of it was committed';
    expect(textOf(summaryOf(run('failure', jobReport('failure', { job, importFacts }))))).toContain(look);
    expect(textOf(summaryOf(run('failure', jobReport('failure', { importFacts }))))).not.toContain(look);
  });

  test('says of each job what it changed, even where there is nothing to list', () => {
    const jobs = [facts({ changes: 0 }), facts({ changes: undefined })].map((importFacts) =>
      jobReport('success', { importFacts }),
    );
    const text = textOf(summaryOf(run('success', ...jobs)));
    expect(text).toContain('Job 1 Nightly import: Nothing was committed: nothing added, updated or removed');
    expect(text).toContain('Job 2 Nightly import: no counts');
    expect(text).not.toContain('Import Results of');
  });

  test('says of how many jobs the numbers are', () => {
    const text = textOf(summaryOf(severalJobs.report, severalJobs.options));
    expect(text).toContain('Import Results of 2 of 3 jobs: 2,308 added, 24 updated, 43 commands failed.');
  });

  test.each(OUTCOMES)('never speaks of a roll-back (%s)', (outcome) => {
    const unchanged = jobReport(outcome, { importFacts: facts({ changes: 0, failedCommands: 4 }) });
    expect(summaryOf(run(outcome, unchanged, jobReport(outcome)))).not.toMatch(/roll|undo|undone|revert/i);
  });
});

describe('the table of jobs', () => {
  test('tells name, id, state, result, duration and times in UTC', () => {
    expect(rowsOf(summaryOf(severalJobs.report, severalJobs.options), 'Name and id')).toEqual([
      [
        '1 ✅ success',
        'Communities and domains 0199a1c0-5d1e-7d43-8f0a-2f1f6c1d0b01',
        'COMPLETED SUCCESS',
        '29 s',
        '2026-11-20 14:02:11',
        '14:02:40',
      ],
      [
        '2 ❌ failure',
        'Assets and relations 0199a1c0-62b4-7a10-9c5e-8d2a4be90c02',
        'COMPLETED COMPLETED_WITH_ERROR',
        '4 min 8 s',
        '2026-11-20 14:02:42',
        '14:06:50',
      ],
      [
        '3 ⌛ timeout',
        'Lineage 0199a1c0-6f37-7c88-a1b3-51d7e0f2aa03',
        'RUNNING 40 % NOT_SET',
        '5 min 13 s so far',
        '2026-11-20 14:06:52',
        '–',
      ],
    ]);
  });

  test('shows a dash for what is not known', () => {
    const unseen: JobReport = { id: ID, outcome: 'error', reason: 'Nobody answered' };
    expect(rowsOf(summaryOf(run('error', unseen), { nowMs: 0 }), 'Name and id')).toEqual([
      ['1 ❓ error', ID, '– –', '–', '–', '–'],
    ]);
  });

  test('tells the day of the end where it is another one', () => {
    const [startDate, endDate] = [new Date('2026-11-20T23:59:30Z'), new Date('2026-11-21T00:00:10Z')];
    const job = { id: ID, state: 'COMPLETED', result: 'SUCCESS', message: '', startDate, endDate };
    const [row] = rowsOf(summaryOf(run('success', jobReport('success', { job }))), 'Name and id');
    expect(row?.slice(3)).toEqual(['40 s', '2026-11-20 23:59:30', '2026-11-21 00:00:10']);
  });

  test('shows no duration where the clocks contradict each other', () => {
    const job = { id: ID, state: 'RUNNING', result: '', message: '', startDate: new Date(5000) };
    expect(
      rowsOf(
        summaryOf(run('timeout', jobReport('timeout', { job })), { nowMs: 4000 }),
        'Name and id',
      )[0]?.[3],
    ).toBe('–');
  });
});

describe('what was imported', () => {
  test('is told for each resource type, and below for its categories', () => {
    expect(rowsOf(summaryOf(partlyFailedImport.report), 'Resources')).toEqual([
      ['COMMUNITY', '1', '0', '0', '0', '🟩'.repeat(10)],
      ['DOMAIN', '4', '1', '0', '0', '🟩'.repeat(8) + '🟦🟦'],
      ['ASSET', '1,180', '20', '0', '38', '🟩'.repeat(8) + '🟦🟥'],
      ['Column', '1,120', '20', '0', '38', ''],
      ['Table', '60', '0', '0', '0', ''],
      ['RELATION', '1,118', '0', '0', '5', '🟩'.repeat(9) + '🟥'],
      ['Table contains Column', '1,118', '0', '0', '5', ''],
    ]);
  });

  test('has bars of ten squares that show every kind that is there', () => {
    const kinds = ['🟩', '🟦', '🟧', '🟥'];
    const number = fc.oneof(fc.constant(0), fc.nat(20), fc.nat(1e9));
    fc.assert(
      fc.property(fc.tuple(number, number, number, number), (four) => {
        const resources = [{ resourceType: 'ASSET', ...counters(...four), categories: [] }];
        const importFacts = facts({ changes: 1, failedCommands: 0, resources });
        const markdown = summaryOf(run('success', jobReport('success', { importFacts })));
        const squares = Array.from(rowsOf(markdown, 'Resources')[0]?.at(-1) ?? '');
        expect(squares).toHaveLength(four.some((n) => n > 0) ? 10 : 0);
        expect(kinds.map((kind) => squares.includes(kind))).toEqual(four.map((n) => n > 0));
        expect(squares).toEqual(squares.toSorted((a, b) => kinds.indexOf(a) - kinds.indexOf(b)));
      }),
    );
  });

  test('says how many types and categories were left out, and keeps those that failed', () => {
    const categories = Array.from({ length: 14 }, (_, n) => ({
      name: `Type ${n}`,
      ...counters(n, 0, 0, Number(n === 2)),
    }));
    const resources = Array.from({ length: 23 }, (_, n) => ({
      resourceType: `KIND ${n}`,
      ...counters(1),
      categories: n === 0 ? categories : [],
    }));
    const importFacts = facts({ changes: 100, failedCommands: 1, resources });
    const rows = rowsOf(summaryOf(run('accepted', jobReport('accepted', { importFacts }))), 'Resources').map(
      ([name]) => name,
    );
    expect(rows.slice(0, 13)).toEqual([
      'KIND 0',
      'Type 2',
      'Type 13',
      'Type 12',
      'Type 11',
      'Type 10',
      'Type 9',
      'Type 8',
      'Type 7',
      'Type 6',
      'Type 5',
      '… and 4 more',
      'KIND 1',
    ]);
    expect(rows.slice(-2)).toEqual(['KIND 19', '… and 3 more']);
  });

  test('has no column of zeros beside failed commands', () => {
    const resources = [{ resourceType: 'ASSET', ...counters(7), categories: [] }];
    const of = (failedCommands: number) =>
      summaryOf(
        run(
          'accepted',
          jobReport('accepted', { importFacts: facts({ changes: 7, failedCommands, resources }) }),
        ),
      );
    expect(of(2)).not.toContain('🟥 failed');
    expect(of(0)).toContain('🟥 failed');
  });

  test('is not shown as zeros where the counters do not tell', () => {
    const resources = [{ resourceType: 'ASSET', ...counters(0), categories: [] }];
    expect(
      summaryOf(run('success', jobReport('success', { importFacts: facts({ resources }) }))),
    ).not.toContain('Resources');
  });

  test('is told for each of several jobs, folded where there are many', () => {
    const one = success.report.jobs.slice(0, 1);
    const few = summaryOf({ outcome: 'success', jobs: [one, one, one].flat() });
    const many = summaryOf({ outcome: 'success', jobs: [one, one, one, one].flat() });
    expect(few.match(/<details open>/g)).toHaveLength(3);
    expect(many.match(/<details>/g)).toHaveLength(4);
    expect(textOf(many)).toContain(
      '✅ Job 4 Import of the sales catalogue: 4,685 added, 619 updated, 29 removed',
    );
  });
});

describe('failed commands', () => {
  const cellsOf = (report: RunReport, errorsFile?: string) =>
    rowsOf(summaryOf(report, { errorsFile }), 'Error');

  test('with the same error share a row, the most frequent first', () => {
    const commands = [failed('Odd'), failed("No type 'a'", 1), failed("No type 'a'", 2)];
    expect(cellsOf(runOfFailed(commands))).toEqual([
      ['2', 'ASSET VALIDATION', "No type 'a'", '[1] asset 1 [2] asset 2'],
      ['1', 'ASSET VALIDATION', 'Odd', '[0] asset 0'],
    ]);
  });

  test('with errors that differ only in names and numbers share one, which says so', () => {
    const commands = [
      failed("No type 'a' in line 12", 1),
      failed("No type 'b' in line 7", 2),
      failed('No type "c" in line 1', 3),
    ];
    expect(cellsOf(runOfFailed(commands)).map((row) => row.slice(0, 3))).toEqual([
      ['3', 'ASSET VALIDATION', "No type 'a' in line 12 (2 more messages with other names or numbers)"],
    ]);
  });

  test('of another kind have a row of their own', () => {
    const commands = [
      failed('Same'),
      { ...failed('Same'), errorType: 'RUNTIME' },
      { ...failed('Same'), resourceType: 'RELATION' },
    ];
    expect(cellsOf(runOfFailed(commands)).map(([, kind]) => kind)).toEqual([
      'ASSET VALIDATION',
      'ASSET RUNTIME',
      'RELATION VALIDATION',
    ]);
  });

  test('are named up to fifty, at least one for each error, with the total and where the rest is', () => {
    const commands = [...manyFailed(100, () => 'Frequent'), failed('Rare', 100), failed('Odd', 101)];
    const report = runOfFailed(commands, 2500);
    const names = cellsOf(report).map((row) => row[3] ?? '');
    expect(names.map((text) => text.match(/asset \d+/g)?.length)).toEqual([48, 1, 1]);
    expect(names[0]).toContain('[2] asset 297 more[3] asset 3');
    expect(names[0]).toMatch(/\[47\] asset 47 … and 52 more$/);
    const text = textOf(summaryOf(report));
    expect(text).toContain('2,500 failed commands');
    expect(text).toContain(
      '50 of 2,500 failed commands are named here, and only the first 102 are counted. All are in the Import Results in Collibra; the input errors-file writes them to a file.',
    );
  });

  test('with more than fifty errors show the first fifty', () => {
    const word = (n: number) => String.fromCharCode(97 + (n % 26), 97 + Math.floor(n / 26));
    const report = runOfFailed(manyFailed(60, (n) => `Error ${word(n)}`));
    expect(cellsOf(report)).toHaveLength(50);
    expect(textOf(summaryOf(report))).toContain('50 of 60 failed commands are named here. All are');
  });

  test('are in the errors-file where there is one', () => {
    const text = textOf(summaryOf(runOfFailed([failed('Odd')]), { errorsFile: 'out/failed.jsonl' }));
    expect(text).toContain('The file out/failed.jsonl holds all failed commands.');
  });

  test('are known by their identifier, their indices or both, few of which are shown', () => {
    const indices = [1, 2, 3, 4, 5, 6];
    const commands = [
      failed('a'),
      { ...failed('b'), identifier: '' },
      { ...failed('c'), indices: [] },
      { ...failed('d'), indices },
    ];
    const names = cellsOf(runOfFailed(commands)).map((row) => row[3]);
    expect(names).toEqual(['[0] asset 0', '[0]', 'asset 0', '[1, 2, 3, 4, 5, …] asset 0']);
  });

  test('that could only be counted are counted', () => {
    const text = textOf(summaryOf(runOfFailed([], 7)));
    expect(text).toContain('7 failed commands 0 of 7 failed commands are named here. All are in');
  });

  test('of which all are named need no further place', () => {
    expect(textOf(summaryOf(runOfFailed([failed('Odd')])))).not.toContain('named here');
  });
});

describe('the timeline', () => {
  const chartOf = ({ report, options }: typeof severalJobs) =>
    /```mermaid\n(.*?)```/s.exec(summaryOf(report, options))?.[1]?.trim().split('\n');

  test('shows waiting and running of several jobs, in UTC, up to the end of the step', () => {
    expect(chartOf(severalJobs)).toEqual([
      '---',
      'displayMode: compact',
      '---',
      'gantt',
      'dateFormat YYYY-MM-DDTHH:mm:ss.SSS',
      'axisFormat %H:%M:%S',
      'tickInterval 2minute',
      'section Job 1',
      '29 s :active, 2026-11-20T14:02:11.000, 2026-11-20T14:02:40.000',
      'section Job 2',
      '· :done, 2026-11-20T14:02:12.000, 2026-11-20T14:02:42.000',
      '4 min 8 s :crit, 2026-11-20T14:02:42.000, 2026-11-20T14:06:50.000',
      'section Job 3',
      '4 min 37 s :done, 2026-11-20T14:02:15.000, 2026-11-20T14:06:52.000',
      '5 min 13 s :active, 2026-11-20T14:06:52.000, 2026-11-20T14:12:05.000',
    ]);
  });

  test('is not there for one job, or where only one has times', () => {
    expect(chartOf(success)).toBeUndefined();
    const jobs = [...success.report.jobs, jobReport('success')];
    expect(chartOf({ report: { outcome: 'success', jobs }, options: {} })).toBeUndefined();
  });

  test('leaves out phases that end before they begin, and years that no chart can hold', () => {
    const at = (...times: number[]) => {
      const [createdOn, startDate, endDate] = times.map((ms) => new Date(ms));
      const job = { id: ID, state: 'COMPLETED', result: 'SUCCESS', message: '' };
      return jobReport('success', {
        job: {
          ...job,
          ...(createdOn && { createdOn }),
          ...(startDate && { startDate }),
          ...(endDate && { endDate }),
        },
      });
    };
    const report = run('success', at(1000, 3000, 2000), at(0, 1000, 3000), at(-1, 8.64e15, -8.64e15));
    expect(
      chartOf({ report, options: {} })
        ?.filter((line) => /section|:/.test(line))
        .slice(3),
    ).toEqual([
      'section Job 1',
      '2 s :done, 1970-01-01T00:00:01.000, 1970-01-01T00:00:03.000',
      'section Job 2',
      '1 s :done, 1970-01-01T00:00:00.000, 1970-01-01T00:00:01.000',
      '2 s :active, 1970-01-01T00:00:01.000, 1970-01-01T00:00:03.000',
    ]);
  });

  test('has few ticks however long it took', () => {
    const units: Record<string, number> = { second: 1, minute: 60, hour: 3600, day: 86_400 };
    for (let seconds = 1; seconds < 15_000_000; seconds = Math.ceil(seconds * 1.3)) {
      const job = {
        id: ID,
        state: 'COMPLETED',
        result: 'SUCCESS',
        message: '',
        startDate: new Date(0),
        endDate: new Date(seconds * 1000),
      };
      const one = jobReport('success', { job });
      const line = chartOf({ report: run('success', one, one), options: {} })?.find((text) =>
        text.startsWith('tick'),
      );
      const [, n, unit = ''] = /(\d+)(\w+)$/.exec(line ?? '') ?? [];
      const ticks = seconds / (Number(n) * (units[unit] ?? NaN));
      expect(ticks).toBeGreaterThan(0.9);
      expect(ticks).toBeLessThanOrEqual(6);
    }
  });

  test('says which jobs it leaves out', () => {
    const jobs = Array.from({ length: 40 }, () => success.report.jobs).flat();
    const report: RunReport = { outcome: 'success', jobs };
    expect(chartOf({ report, options: {} })?.filter((line) => line.startsWith('section'))).toHaveLength(30);
    expect(summaryOf(report)).toContain('The chart leaves out 10 of 40 jobs.');
  });
});

describe('bounds', () => {
  /** A hundred jobs with texts that grow most when they are escaped. */
  function enormous(fill: string): RunReport {
    const text = fill.repeat(5000);
    const commands = Array.from({ length: 1000 }, (_, n) => ({
      ...failed(`${'x'.repeat(n % 99)}${text}`, n, text),
      indices: Array<number>(1000).fill(n),
    }));
    const categories = Array.from({ length: 100 }, () => ({ name: text, ...counters(1, 2, 3, 4) }));
    const resources = Array.from({ length: 100 }, () => ({
      resourceType: text,
      ...counters(1, 2, 3, 4),
      categories,
    }));
    const importFacts = facts({ changes: 600, failedCommands: 1_000_000, resources }, commands);
    const jobs = Array.from({ length: 100 }, (_, n): JobReport => {
      const [createdOn, startDate, endDate] = [1, 2, 3].map((day) => new Date(86_400_000 * (day + n))) as [
        Date,
        Date,
        Date,
      ];
      const job = {
        id: text,
        name: text,
        type: text,
        state: text,
        result: text,
        message: text,
        createdOn,
        startDate,
        endDate,
      };
      return { id: `${n}${text}`, outcome: 'failure', reason: `${n}${text}`, job, importFacts };
    });
    return { outcome: 'failure', reason: Array(1000).fill(text).join('\n'), jobs };
  }

  test.each(['&', '-"', '@a', '#1 ', '語', '😀', 'word '])(
    'a summary of nothing but "%s" stays below 1 MiB and says what is missing',
    (fill) => {
      const report = enormous(fill);
      const markdown = summaryOf(report, { errorsFile: fill.repeat(1000) });
      expect(Buffer.byteLength(markdown)).toBeLessThan(1_048_576);
      expect(markdown).toMatch(/^## ❌ All 100 Collibra jobs failed\n/);
      expect(rowsOf(markdown, 'Name and id')).toHaveLength(100);
      const [, left] =
        /Left out, because a job summary can hold no more: the Import Results of the last (\d+) jobs/.exec(
          markdown,
        ) ?? [];
      expect(markdown.match(/<summary>❌/g) ?? []).toHaveLength(100 - Number(left));
      expect(markdown).toContain('… and 970 more lines');
    },
  );

  test('nothing is said to be left out where nothing is', () => {
    expect(summaryOf(severalJobs.report, severalJobs.options)).not.toContain('Left out');
  });
});

test('secrets appear nowhere', async () => {
  const secret = 's3cr3t-t0ken-value';
  await written(() => maskSecret(secret));
  const job = { id: secret, name: secret, state: secret, result: secret, message: secret };
  const importFacts = facts(
    {
      changes: 1,
      failedCommands: 1,
      resources: [{ resourceType: secret, ...counters(1), categories: [{ name: secret, ...counters(1) }] }],
    },
    [{ errorType: secret, resourceType: secret, errorMessage: secret, indices: [], identifier: secret }],
  );
  const report = {
    outcome: 'failure',
    reason: secret,
    jobs: [{ id: secret, outcome: 'failure', reason: secret, job, importFacts }],
  } as const;
  const text = textOf(summaryOf(report, { errorsFile: secret }));
  expect(text).not.toContain(secret);
  expect(text.match(/\*\*\*/g)).toHaveLength(14);
});

test('the summary is added to what the step has written already', () => {
  const folder = mkdtempSync(join(tmpdir(), 'summary-'));
  try {
    const path = join(folder, 'summary.md');
    writeSummary(path, 'one\n');
    writeSummary(path, 'two\n');
    expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
