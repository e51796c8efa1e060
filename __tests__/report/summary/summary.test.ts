import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { partlyFailedImport, severalJobs, success } from '../samples.ts';
import type { FailedCommand, ImportSummary } from '../../../src/collibra/import-results.ts';
import {
  OUTCOMES,
  type ImportResults,
  type JobReport,
  type Outcome,
  type RunReport,
} from '../../../src/outcome.ts';
import { maskSecret } from '../../../src/report/secrets.ts';
import { summaryOf, writeSummary } from '../../../src/report/summary/index.ts';
import { written } from '../../support/stdout.ts';

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

function facts(changed: Partial<ImportSummary>, firstFailed: readonly FailedCommand[] = []): ImportResults {
  const summary = {
    state: 'COMPLETED',
    resources: [],
    changes: undefined,
    failedCommands: undefined,
    ...changed,
  };
  return { summary, failedCommands: summary.failedCommands, firstFailedCommands: firstFailed };
}

function jobReport(outcome: Outcome, changed: Partial<JobReport> = {}): JobReport {
  const job = { id: ID, name: 'Nightly import', state: 'COMPLETED', result: 'SUCCESS', message: '' };
  return { id: ID, outcome, reason: `The reason for ${outcome}`, job, ...changed };
}

/** A job that was created, started and ended at these times, in milliseconds since 1970. */
function at(
  createdMs: number | undefined,
  startMs: number,
  endMs: number,
  changed: Partial<JobReport> = {},
): JobReport {
  const job = { id: ID, state: 'COMPLETED', result: 'SUCCESS', message: '' };
  const created = createdMs === undefined ? {} : { createdOn: new Date(createdMs) };
  const times = { ...created, startDate: new Date(startMs), endDate: new Date(endMs) };
  return jobReport('success', { job: { ...job, ...times }, ...changed });
}

function run(outcome: Outcome, ...jobs: JobReport[]): RunReport {
  return { outcome, jobs };
}

/** A run of one job with these failed commands. */
function runOfFailed(commands: readonly FailedCommand[], total = commands.length): RunReport {
  return run(
    'failure',
    jobReport('failure', { importResults: facts({ failedCommands: total, changes: 5 }, commands) }),
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

const JOBS_HEAD =
  '<tr><th>Job</th><th>Name and id</th><th>State and result</th><th>Duration</th><th>Started (UTC)</th><th>Ended (UTC)</th></tr>';
const SHOWN_ID =
  '<samp><span>0199a1</span>c0<span>-</span>5d1e<span>-</span>7d43<span>-</span>8f0a<span>-</span><span>2f1f6c</span>1d0b01</samp>';

describe('the whole summary', () => {
  const utc = (time: string) => new Date(`2026-11-20T${time}Z`);

  test('of a job that succeeded', () => {
    const job = {
      id: ID,
      name: 'Nightly import',
      state: 'COMPLETED',
      result: 'SUCCESS',
      message: 'Done',
      progressPercentage: 100,
      startDate: utc('14:02:11'),
      endDate: utc('14:06:14'),
    };
    const resources = [
      {
        resourceType: 'ASSET',
        ...counters(3, 2, 4),
        categories: [
          { name: 'Column', ...counters(2) },
          { name: 'Table', ...counters(1, 2) },
          { name: 'View', ...counters(0, 0, 4) },
        ],
      },
      { resourceType: 'DOMAIN', ...counters(0), categories: [] },
    ];
    const importResults = facts({ changes: 9, failedCommands: 0, resources });
    expect(summaryOf(run('success', jobReport('success', { job, importResults: importResults })))).toBe(
      `## ✅ The Collibra job succeeded

<p><b>3 added, 2 updated, 4 removed</b>. Nothing is left to do.</p>

<table>
${JOBS_HEAD}
<tr><td nowrap>1 ✅<br>success</td><td nowrap>Nightly import<br>${SHOWN_ID}</td><td nowrap><code>COMPLETED</code><br><code>SUCCESS</code></td><td nowrap>4 min 3 s</td><td nowrap>2026-11-20<br>14:02:11</td><td nowrap>14:06:14</td></tr>
</table>

<table>
<tr><th>Resources</th><th>🟩 added</th><th>🟦 updated</th><th>🟧 removed</th><th>🟥 failed</th><th>Share</th></tr>
<tr><td nowrap><b>ASSET</b></td><td align="right">3</td><td align="right">2</td><td align="right">4</td><td align="right">0</td><td nowrap>🟩🟩🟩🟦🟦🟧🟧🟧🟧🟧</td></tr>
<tr><td nowrap>&emsp;View</td><td align="right">0</td><td align="right">0</td><td align="right">4</td><td align="right">0</td><td nowrap></td></tr>
<tr><td nowrap>&emsp;Table</td><td align="right">1</td><td align="right">2</td><td align="right">0</td><td align="right">0</td><td nowrap></td></tr>
<tr><td nowrap>&emsp;Column</td><td align="right">2</td><td align="right">0</td><td align="right">0</td><td align="right">0</td><td nowrap></td></tr>
<tr><td nowrap><b>DOMAIN</b></td><td align="right">0</td><td align="right">0</td><td align="right">0</td><td align="right">0</td><td nowrap></td></tr>
</table>
`,
    );
  });

  test('of a job whose commands failed in part', () => {
    const job = { id: ID, state: 'COMPLETED', result: 'COMPLETED_WITH_ERROR', message: 'Some failed' };
    const commands = [
      failed('Odd', 9),
      ...['Tabel', 'Colunm', 'Veiw', 'Scheam', 'Fiel'].map((type, n) => failed(`No type '${type}'`, n)),
    ];
    const resources = [{ resourceType: 'ASSET', ...counters(4), categories: [] }];
    const importResults = facts({ changes: 4, failedCommands: 8, resources }, commands);
    expect(summaryOf(run('failure', jobReport('failure', { job, importResults: importResults })))).toBe(
      `## ❌ The Collibra job failed

<p><b>4 added, 8 commands failed</b>. Correct the failed commands below and import again.</p>

<p>The reason for failure. Collibra’s message: “Some failed”</p>

<table>
${JOBS_HEAD}
<tr><td nowrap>1 ❌<br>failure</td><td nowrap><br>${SHOWN_ID}</td><td nowrap><code>COMPLETED</code><br><code>COMPLETED_WITH_ERROR</code></td><td nowrap>–</td><td nowrap>–</td><td nowrap>–</td></tr>
</table>

<table>
<tr><th>Resources</th><th>🟩 added</th><th>🟦 updated</th><th>🟧 removed</th><th>Share</th></tr>
<tr><td nowrap><b>ASSET</b></td><td align="right">4</td><td align="right">0</td><td align="right">0</td><td nowrap>🟩🟩🟩🟩🟩🟩🟩🟩🟩🟩</td></tr>
</table>
<h4>8 failed commands</h4>
<table>
<tr><th>Count</th><th>Kind</th><th>Error</th><th>[Index] Command</th></tr>
<tr><td align="right">5</td><td nowrap>ASSET<br>VALIDATION</td><td>No type 'Tabel'<br>(4 more messages with other names or numbers)</td><td>[0] asset 0<br>[1] asset 1<br>[2] asset 2<details><summary>2 more</summary>[3] asset 3<br>[4] asset 4</details></td></tr>
<tr><td align="right">1</td><td nowrap>ASSET<br>VALIDATION</td><td>Odd</td><td>[9] asset 9</td></tr>
</table>
<p>6 of 8 failed commands are named here, and only the first 6 are counted. All are in the Import Results in Collibra; the input <code>errors-file</code> writes them to a file.</p>
`,
    );
  });

  test('of several jobs', () => {
    const first = {
      ...{ id: ID, name: 'Assets', state: 'COMPLETED', result: 'SUCCESS', message: '' },
      ...{ createdOn: utc('14:02:00'), startDate: utc('14:02:00'), endDate: utc('14:02:00') },
    };
    const second = {
      ...{ id: ID, name: 'Lineage', state: 'RUNNING', result: 'NOT_SET', message: '' },
      ...{ createdOn: utc('14:02:00'), startDate: utc('14:04:00'), progressPercentage: 39.6 },
    };
    const resources = [{ resourceType: 'ASSET', ...counters(5), categories: [] }];
    const jobs = [
      jobReport('success', {
        job: first,
        importResults: facts({ changes: 5, failedCommands: 0, resources }),
      }),
      jobReport('timeout', { job: second }),
      {
        ...({ id: ID, outcome: 'failure', reason: 'It failed' } as const),
        importResults: facts({ changes: 0, failedCommands: 1 }, [failed('Odd')]),
      },
    ];
    expect(summaryOf(run('timeout', ...jobs), { nowMs: Date.parse('2026-11-20T14:12:00Z') })).toBe(
      `## ⌛ 1 of 3 Collibra jobs did not end in time

<p>Import Results of 2 of 3 jobs: <b>5 added, 1 command failed</b>. Look in Collibra whether it goes on. Then wait for the same <code>job-id</code> again, or raise <code>timeout-minutes</code>.</p>

<p><b>Job 2</b>: The reason for timeout.<br>
<b>Job 3</b>: It failed.</p>

<table>
${JOBS_HEAD}
<tr><td nowrap>1 ✅<br>success</td><td nowrap>Assets<br>${SHOWN_ID}</td><td nowrap><code>COMPLETED</code><br><code>SUCCESS</code></td><td nowrap>0 s</td><td nowrap>2026-11-20<br>14:02:00</td><td nowrap>14:02:00</td></tr>
<tr><td nowrap>2 ⌛<br>timeout</td><td nowrap>Lineage<br>${SHOWN_ID}</td><td nowrap><code>RUNNING</code> 40 %<br><code>NOT_SET</code></td><td nowrap>8 min<br>so far</td><td nowrap>2026-11-20<br>14:04:00</td><td nowrap>–</td></tr>
<tr><td nowrap>3 ❌<br>failure</td><td nowrap><br>${SHOWN_ID}</td><td nowrap>–<br>–</td><td nowrap>–</td><td nowrap>–</td><td nowrap>–</td></tr>
</table>

\`\`\`mermaid
---
displayMode: compact
---
gantt
dateFormat YYYY-MM-DDTHH:mm:ss.SSS
axisFormat %H:%M
tickInterval 2minute
section Job 1
0 s :active, 2026-11-20T14:02:00.000, 2026-11-20T14:02:00.000
section Job 2
2 min :done, 2026-11-20T14:02:00.000, 2026-11-20T14:04:00.000
8 min :active, 2026-11-20T14:04:00.000, 2026-11-20T14:12:00.000
\`\`\`

<p>Grey: waiting; blue: running; red: failed. Times in UTC. The chart leaves out 1 of 3 jobs.</p>

<details open><summary>✅ <b>Job 1</b> Assets: 5 added</summary>
<table>
<tr><th>Resources</th><th>🟩 added</th><th>🟦 updated</th><th>🟧 removed</th><th>🟥 failed</th><th>Share</th></tr>
<tr><td nowrap><b>ASSET</b></td><td align="right">5</td><td align="right">0</td><td align="right">0</td><td align="right">0</td><td nowrap>🟩🟩🟩🟩🟩🟩🟩🟩🟩🟩</td></tr>
</table>
</details>

<details open><summary>❌ <b>Job 3</b>: Nothing was committed: nothing added, updated or removed, 1 command failed</summary>
<h4>1 failed command</h4>
<table>
<tr><th>Count</th><th>Kind</th><th>Error</th><th>[Index] Command</th></tr>
<tr><td align="right">1</td><td nowrap>ASSET<br>VALIDATION</td><td>Odd</td><td>[0] asset 0</td></tr>
</table>
</details>
`,
    );
  });

  test('of a run without jobs', () => {
    const reason = 'The inputs are wrong:\nurl: missing\njob-id: <no> UUID';
    expect(summaryOf({ outcome: 'error', reason, jobs: [] })).toBe(
      `## ❓ The step failed

<p>Put right what is said below and run the step again.</p>

<p>The inputs are wrong<span>:</span><br>
url<span>:</span> missing<br>
job<span>-</span>id<span>:</span> &lt;no&gt; UUID</p>
`,
    );
  });
});

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

  test.each<[Outcome, string]>([
    ['timeout', '## ⌛ The time is up'],
    ['cancelled', '## 🚫 The run was cancelled'],
  ])('of a run that found no job: %s', (outcome, headline) => {
    expect(summaryOf({ outcome, jobs: [] }).split('\n')[0]).toBe(headline);
  });

  test('gives thirty lines of what concerns the whole step, and counts the others', () => {
    const linesOf = (n: number) =>
      summaryOf({ outcome: 'error', reason: Array(n).fill('Trouble').join('\n'), jobs: [] });
    expect(linesOf(30)).toMatch(/\n<p>(Trouble<br>\n){29}Trouble<\/p>\n$/);
    expect(linesOf(31)).toMatch(/\n<p>(Trouble<br>\n){30}… and 1 more line<\/p>\n$/);
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
    const unchanged = jobReport(outcome, { importResults: facts({ changes: 0, failedCommands: 4 }) });
    expect(textOf(summaryOf(run(outcome, unchanged)))).toContain(
      'Nothing was committed: nothing added, updated or removed, 4 commands failed.',
    );
  });

  test('claims nothing about what was committed where that is not told', () => {
    const unknown = jobReport('failure', { importResults: facts({ changes: undefined, failedCommands: 4 }) });
    const text = textOf(summaryOf(run('failure', unknown)));
    expect(text).not.toContain('Nothing was committed');
    expect(text).toContain('4 commands failed. Look in Collibra what of it was committed.');
  });

  test('of a success that Import Results contradict does not say that nothing is left to do', () => {
    const disputed = jobReport('success', {
      isContradicted: true,
      importResults: facts({ changes: 0, failedCommands: 500 }),
    });
    const text = textOf(summaryOf(run('success', disputed)));
    expect(text).toContain(
      '500 commands failed. Import Results contradict that: look in Collibra what is right.',
    );
    expect(text).toContain('The reason for success.');
    const one = summaryOf(run('success', jobReport('success'), disputed));
    expect(textOf(one)).toContain('Import Results contradict that');
  });

  test('gives no sums that lack what one of the jobs did not tell', () => {
    const resources = [{ resourceType: 'ASSET', ...counters(3), categories: [] }];
    const jobs = [facts({ changes: 3, resources }), facts({ failedCommands: 2, resources })].map(
      (importResults) => jobReport('failure', { importResults: importResults }),
    );
    expect(summaryOf(run('failure', ...jobs)).split('\n')[2]).toMatch(
      /^<p><b>at least 2 commands failed<\/b>\. Look/,
    );
  });

  describe('of a failure', () => {
    const job = { id: ID, state: 'FAILED', result: 'FAILURE', message: '' };
    const unseen: JobReport = { id: ID, outcome: 'failure', reason: 'It failed' };
    const resources = [{ resourceType: 'ASSET', ...counters(3), categories: [] }];
    const some = facts({ changes: 3, resources });
    const none = facts({ changes: 0 });
    const bad = facts({ failedCommands: 2 });
    const look = 'Look in Collibra what of it was committed.';
    const said = 'Correct what is said below and import again.';
    const commands = 'Correct the failed commands below and import again.';

    test.each<[string, JobReport[], string]>([
      [
        'trusts the counts of a job that ended',
        [jobReport('failure', { importResults: some })],
        `<b>3 added</b>. ${said}`,
      ],
      [
        'does not take the counts of a job that failed as a whole for what was committed',
        [jobReport('failure', { job, importResults: some })],
        `<b>3 added</b>. ${look} ${said}`,
      ],
      [
        'believes of such a job that nothing was committed',
        [jobReport('failure', { job, importResults: none })],
        `<b>Nothing was committed: nothing added, updated or removed</b>. ${said}`,
      ],
      [
        'does not trust the counts of a job of which nothing else is known',
        [{ ...unseen, importResults: some }],
        `<b>3 added</b>. ${look} ${said}`,
      ],
      [
        'points to the failed commands where one of the jobs has some',
        [jobReport('failure'), jobReport('failure', { importResults: bad })],
        `Import Results of 1 of 2 jobs: <b>2 commands failed</b>. ${look} ${commands}`,
      ],
      [
        'does not point to failed commands that are accepted',
        [jobReport('failure'), jobReport('accepted', { importResults: bad })],
        `Import Results of 1 of 2 jobs: <b>2 commands failed</b>. ${look} ${said}`,
      ],
    ])('%s', (_, jobs, next) => {
      expect(summaryOf(run('failure', ...jobs)).split('\n')[2]).toBe(`<p>${next}</p>`);
    });
  });

  test('says of each job what it changed, even where there is nothing to list', () => {
    const jobs = [facts({ changes: 0 }), facts({ changes: undefined })].map((importResults) =>
      jobReport('success', { importResults: importResults }),
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
    const unchanged = jobReport(outcome, { importResults: facts({ changes: 0, failedCommands: 4 }) });
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
        const importResults = facts({ changes: 1, failedCommands: 0, resources });
        const markdown = summaryOf(run('success', jobReport('success', { importResults: importResults })));
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
    const importResults = facts({ changes: 100, failedCommands: 1, resources });
    const markdown = summaryOf(run('accepted', jobReport('accepted', { importResults: importResults })));
    const rows = rowsOf(markdown, 'Resources').map(([name]) => name);
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
    expect(markdown).toContain('<td nowrap>&emsp;… and 4 more</td>');
    expect(markdown).toContain('<td nowrap>… and 3 more</td>');
  });

  test('has no column of zeros beside failed commands', () => {
    const resources = [{ resourceType: 'ASSET', ...counters(7), categories: [] }];
    const of = (failedCommands: number) =>
      summaryOf(
        run(
          'accepted',
          jobReport('accepted', { importResults: facts({ changes: 7, failedCommands, resources }) }),
        ),
      );
    expect(of(2)).not.toContain('🟥 failed');
    expect(of(0)).toContain('🟥 failed');
  });

  test('shows a counter that is not told as such, and sums from below', () => {
    const untold = { added: 5, updated: undefined, removed: 0, failed: undefined };
    const categories = [
      { name: 'A', ...untold, added: undefined },
      { name: 'B', ...untold },
    ];
    const resources = [
      { resourceType: 'ASSET', ...untold, categories },
      { resourceType: 'RELATION', ...counters(1, 2) },
    ].map((one) => ({ categories: [], ...one }));
    const of = (failedCommands: number | undefined) =>
      summaryOf(
        run(
          'success',
          jobReport('success', { importResults: facts({ changes: 8, failedCommands, resources }) }),
        ),
      );
    expect(rowsOf(of(0), 'Resources')).toEqual([
      ['ASSET', '5', '–', '0', '–', '🟩'.repeat(10)],
      ['B', '5', '–', '0', '–', ''],
      ['A', '–', '–', '0', '–', ''],
      ['RELATION', '1', '2', '0', '0', '🟩🟩🟩🟦🟦🟦🟦🟦🟦🟦'],
    ]);
    expect(of(0).split('\n')[2]).toBe('<p><b>6 added, at least 2 updated</b>. Nothing is left to do.</p>');
    expect(of(undefined)).not.toContain('🟥 failed');
  });

  test('has no column of failures where none are counted', () => {
    const resources = [{ resourceType: 'ASSET', ...counters(7), failed: undefined, categories: [] }];
    const importResults = facts({ changes: 7, failedCommands: 0, resources });
    expect(summaryOf(run('success', jobReport('success', { importResults: importResults })))).not.toContain(
      '🟥 failed',
    );
  });

  test('is not shown as zeros where the counters do not tell', () => {
    const resources = [{ resourceType: 'ASSET', ...counters(0), categories: [] }];
    expect(
      summaryOf(run('success', jobReport('success', { importResults: facts({ resources }) }))),
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
      failed("No type 'Table' in line 12"),
      failed('No asset abcdef12-ab12-4abc-8def-0123456789ab'),
      failed("No type 'Column' in line 7"),
      failed('No asset 0199a1c0-5d1e-7d43-8f0a-2f1f6c1d0b01'),
      failed('No type "View" in line 1'),
      failed('No type View in line 1'),
      failed('Not a number: (1)'),
      failed('Not a number: ()'),
    ];
    expect(cellsOf(runOfFailed(commands)).map(([n, , error]) => [n, error])).toEqual([
      ['3', "No type 'Table' in line 12 (2 more messages with other names or numbers)"],
      ['2', 'No asset abcdef12-ab12-4abc-8def-0123456789ab (1 more message with other names or numbers)'],
      ['1', 'No type View in line 1'],
      ['1', 'Not a number: (1)'],
      ['1', 'Not a number: ()'],
    ]);
  });

  test('of another kind have a row of their own', () => {
    const commands = [
      failed('Same'),
      { ...failed('Same'), errorType: 'RUNTIME' },
      { ...failed('Same'), resourceType: 'RELATION' },
      { ...failed('Same'), resourceType: '', errorType: 'OTHER' },
      { ...failed('Same'), resourceType: 'OTHER', errorType: '' },
    ];
    expect(cellsOf(runOfFailed(commands)).map(([, kind]) => kind)).toEqual([
      'ASSET VALIDATION',
      'ASSET RUNTIME',
      'RELATION VALIDATION',
      'OTHER',
      'OTHER',
    ]);
  });

  test('are named up to fifty, at least one for each error, with the total and where the rest is', () => {
    const commands = manyFailed(102, (n) =>
      n < 30 ? 'Frequent' : n < 100 ? 'Most frequent' : n > 100 ? 'Rare' : 'Odd',
    );
    const report = runOfFailed(commands, 2500);
    const names = cellsOf(report).map((row) => row[3] ?? '');
    expect(names.map((text) => text.match(/asset \d+/g)?.length)).toEqual([47, 1, 1, 1]);
    expect(names[0]).toContain('[32] asset 3267 more[33] asset 33');
    expect(names[0]).toMatch(/\[76\] asset 76 … and 23 more$/);
    const text = textOf(summaryOf(report));
    expect(text).toContain('2,500 failed commands');
    expect(text).toContain(
      '50 of 2,500 failed commands are named here, and only the first 102 are counted. All are in the Import Results in Collibra; the input errors-file writes them to a file.',
    );
  });

  test('of two frequent errors are named fifty in all', () => {
    const names = cellsOf(runOfFailed(manyFailed(80, (n) => (n < 40 ? 'One' : 'Another')))).map(
      (row) => row[3],
    );
    expect(names.map((text) => text?.match(/asset \d+/g)?.length)).toEqual([40, 10]);
  });

  test('are counted up to a thousand, though a server may give more at once than was asked for', () => {
    const report = runOfFailed(manyFailed(1001, () => 'Same'));
    expect(cellsOf(report)[0]?.[0]).toBe('1,000');
    expect(textOf(summaryOf(report))).toContain(
      '50 of 1,001 failed commands are named here, and only the first 1,000 are counted.',
    );
  });

  test('are folded only where more than one would be', () => {
    const cellOf = (n: number) =>
      /<td>(\[0\].*)<\/td>/.exec(summaryOf(runOfFailed(manyFailed(n, () => 'Same'))))?.[1];
    expect(cellOf(4)).toBe('[0] asset 0<br>[1] asset 1<br>[2] asset 2<br>[3] asset 3');
    expect(cellOf(5)).toBe(
      '[0] asset 0<br>[1] asset 1<br>[2] asset 2<details><summary>2 more</summary>[3] asset 3<br>[4] asset 4</details>',
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
    const run = runOfFailed([failed('Odd')]);
    const partial = run.jobs.map((job) => ({
      ...job,
      ...(job.importResults && { importResults: { ...job.importResults, isPartial: true } }),
    }));
    expect(textOf(summaryOf({ ...run, jobs: partial }, { errorsFile: 'out/failed.jsonl' }))).toContain(
      'The file out/failed.jsonl lacks some of them: the log says why.',
    );
  });

  test('are known by their identifier, their indices or both, few of which are shown', () => {
    const commands = [
      failed('a'),
      { ...failed('b'), identifier: '' },
      { ...failed('c'), indices: [] },
      { ...failed('d'), indices: [1, 2, 3, 4, 5] },
      { ...failed('e'), indices: [1, 2, 3, 4, 5, 6] },
    ];
    const names = cellsOf(runOfFailed(commands)).map((row) => row[3]);
    expect(names).toEqual([
      '[0] asset 0',
      '[0]',
      'asset 0',
      '[1, 2, 3, 4, 5] asset 0',
      '[1, 2, 3, 4, 5, …] asset 0',
    ]);
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

  /** What the chart says of the jobs. */
  const tasksOf = (...jobs: JobReport[]) =>
    chartOf({ report: run('success', ...jobs), options: {} })
      ?.filter((line) => /section|:/.test(line))
      .slice(3);

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
    expect(summaryOf(severalJobs.report, severalJobs.options)).toContain(
      '<p>Grey: waiting; blue: running; red: failed. Times in UTC.</p>',
    );
  });

  test('is not there for one job, or where only one has times', () => {
    expect(chartOf(success)).toBeUndefined();
    const jobs = [...success.report.jobs, jobReport('success')];
    expect(chartOf({ report: { outcome: 'success', jobs }, options: {} })).toBeUndefined();
  });

  test('leaves out phases that end before they begin, and years that no chart can hold', () => {
    expect(tasksOf(at(1000, 3000, 2000), at(0, 1000, 3000), at(-1, 8.64e15, -8.64e15))).toEqual([
      'section Job 1',
      '2 s :done, 1970-01-01T00:00:01.000, 1970-01-01T00:00:03.000',
      'section Job 2',
      '1 s :done, 1970-01-01T00:00:00.000, 1970-01-01T00:00:01.000',
      '2 s :active, 1970-01-01T00:00:01.000, 1970-01-01T00:00:03.000',
    ]);
  });

  test('holds the years from 1970 to 9999', () => {
    const lastMs = Date.parse('9999-12-31T23:59:59.999Z');
    const jobs = [
      at(-2, -1, 1000),
      at(undefined, 0, 1000),
      at(undefined, lastMs - 1000, lastMs),
      at(undefined, lastMs, lastMs + 1),
    ];
    expect(tasksOf(...jobs)).toEqual([
      'section Job 2',
      '1 s :active, 1970-01-01T00:00:00.000, 1970-01-01T00:00:01.000',
      'section Job 3',
      '1 s :active, 9999-12-31T23:59:58.999, 9999-12-31T23:59:59.999',
    ]);
  });

  test('labels no wait that has no room for it, and draws none that nobody would see', () => {
    const minutes = (n: number) => n * 60_000;
    const jobs = [10, 9.9, 1, 0.9].map((wait) => at(0, minutes(wait), minutes(60)));
    expect(tasksOf(...jobs)).toEqual([
      'section Job 1',
      '10 min :done, 1970-01-01T00:00:00.000, 1970-01-01T00:10:00.000',
      '50 min :active, 1970-01-01T00:10:00.000, 1970-01-01T01:00:00.000',
      'section Job 2',
      '· :done, 1970-01-01T00:00:00.000, 1970-01-01T00:09:54.000',
      '50 min 6 s :active, 1970-01-01T00:09:54.000, 1970-01-01T01:00:00.000',
      'section Job 3',
      '· :done, 1970-01-01T00:00:00.000, 1970-01-01T00:01:00.000',
      '59 min :active, 1970-01-01T00:01:00.000, 1970-01-01T01:00:00.000',
      'section Job 4',
      '59 min 6 s :active, 1970-01-01T00:00:54.000, 1970-01-01T01:00:00.000',
    ]);
  });

  test.each([
    ['six minutes', 360_000, ['axisFormat %H:%M:%S', 'tickInterval 1minute']],
    ['a moment more', 360_001, ['axisFormat %H:%M:%S', 'tickInterval 2minute']],
    ['less than ten minutes', 599_999, ['axisFormat %H:%M:%S', 'tickInterval 2minute']],
    ['ten minutes', 600_000, ['axisFormat %H:%M', 'tickInterval 2minute']],
    ['less than a day', 86_399_999, ['axisFormat %H:%M', 'tickInterval 5hour']],
    ['a day', 86_400_000, ['axisFormat %m-%d %H:%M', 'tickInterval 5hour']],
    ['half a year', 180 * 86_400_000, ['axisFormat %m-%d %H:%M', 'tickInterval 30day']],
    ['more, which has the ticks that Mermaid finds fit', 181 * 86_400_000, ['axisFormat %m-%d %H:%M']],
  ])('has an axis that fits %s', (_, ms, axis) => {
    const jobs = [at(undefined, 0, ms), at(undefined, 0, ms)];
    const chart = chartOf({ report: run('success', ...jobs), options: {} }) ?? [];
    expect(chart.slice(5, chart.indexOf('section Job 1'))).toEqual(axis);
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
    const importResults = facts({ changes: 600, failedCommands: 1_000_000, resources }, commands);
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
      return {
        id: `${n}${text}`,
        outcome: 'failure',
        reason: `${n}${text}`,
        job,
        importResults: importResults,
      };
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

  test('a summary of a million bytes is whole, and one of more is not', () => {
    const name = 'x'.repeat(100);
    const categories = Array.from({ length: 10 }, () => ({ name, ...counters(1) }));
    const resources = Array.from({ length: 20 }, () => ({ resourceType: name, ...counters(1), categories }));
    const importResults = facts({ changes: 1, failedCommands: 0, resources });
    const jobs = Array.from({ length: 18 }, () => at(0, 1000, 2000, { importResults: importResults }));
    // A line of 495 characters takes 500 bytes: `<br>` and the end of the line are the others.
    const reasonOf = (bytes: number) => `${'x'.repeat(495)}\n`.repeat(bytes / 500) + 'x'.repeat(bytes % 500);
    const summaryWith = (bytes: number) => summaryOf({ outcome: 'error', reason: reasonOf(bytes), jobs });
    const missing = 1_000_000 - Buffer.byteLength(summaryWith(0).trimEnd());

    const whole = summaryWith(missing);
    expect(Buffer.byteLength(whole.trimEnd())).toBe(1_000_000);
    expect(whole).not.toContain('Left out');
    expect(summaryWith(missing + 1)).toMatch(
      /\n\n<p>Left out, because a job summary can hold no more: the Import Results of the last 1 job\.<\/p>\n$/,
    );
  });

  test('nothing is said to be left out where nothing is', () => {
    expect(summaryOf(severalJobs.report, severalJobs.options)).not.toContain('Left out');
  });
});

test('secrets appear nowhere', async () => {
  const secret = 's3cr3t-t0ken-value';
  await written(() => maskSecret(secret));
  const job = { id: secret, name: secret, state: secret, result: secret, message: secret };
  const importResults = facts(
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
    jobs: [{ id: secret, outcome: 'failure', reason: secret, job, importResults }],
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
