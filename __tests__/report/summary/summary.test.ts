import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';

import type { Job } from '../../../src/collibra/job.ts';
import type { JobReport, RunReport } from '../../../src/outcome.ts';
import { maskSecret } from '../../../src/report/secrets.ts';
import { summaryOf, summaryOfInvalidInputs, writeSummary } from '../../../src/report/summary/index.ts';
import { someResults } from '../../support/jobs.ts';
import { written } from '../../support/stdout.ts';
import { command, partlyFailedImport, resource, severalJobs, success } from '../samples.ts';
import { at, ID, jobReport, rowsOf, run, runOfFailed, textOf, withJob } from './support.ts';

const COLUMNS =
  '<th>Name and ID</th><th>State and result</th><th>Duration</th><th>Started (UTC)</th><th>Finished (UTC)</th></tr>';
const SHOWN_ID =
  '<samp><span>0199a1</span>c0<span>-</span>5d1e<span>-</span>7d43<span>-</span>8f0a<span>-</span><span>2f1f6c</span>1d0b01</samp>';

describe('the whole summary', () => {
  test('shows several jobs', () => {
    const [createdOn, startDate, endDate] = ['02:00', '02:11', '06:14'].map(
      (time) => new Date(`2026-11-20T14:${time}Z`),
    );
    const changed = someResults({ changes: 5, failedCommands: 0, resources: [resource('ASSET', [5], { Table: [5] })] });
    const unchanged = someResults({ changes: 0, failedCommands: 1, firstFailedCommands: [command('Odd')] });
    const finished = { name: 'Assets', progressPercentage: 100, createdOn, startDate, endDate } as Partial<Job>;
    const running = { name: 'Lineage', state: 'RUNNING', result: 'NOT_SET', progressPercentage: 39.6 };
    const jobs: JobReport[] = [
      withJob('success', finished, { importResults: changed }),
      withJob('timeout', running),
      { id: ID, outcome: 'failure', reason: 'It failed.', importResults: unchanged },
    ];
    expect(summaryOf(run('timeout', ...jobs), { nowMs: Date.parse('2026-11-20T14:10:00Z') })).toBe(
      `## ⌛ Timed out waiting for 1 of 3 Collibra jobs

<p>Import Results of 2 of 3 jobs: <b>5 added, 1 command failed</b>. The job might still be running in Collibra. Check it there, or increase timeout-minutes.</p>

<p><b>Job 2</b>: The reason for timeout.<br>
<b>Job 3</b>: It failed.</p>

<table>
<tr><th>Job</th>${COLUMNS}
<tr><td nowrap>1 ✅<br>success</td><td nowrap>Assets<br>${SHOWN_ID}</td><td nowrap><code>COMPLETED</code><br><code>SUCCESS</code></td><td nowrap>4 min 3 s</td><td nowrap>2026-11-20<br>14:02:11</td><td nowrap>14:06:14</td></tr>
<tr><td nowrap>2 ⌛<br>timeout</td><td nowrap>Lineage<br>${SHOWN_ID}</td><td nowrap><code>RUNNING</code> 40%<br><code>NOT_SET</code></td><td nowrap>–</td><td nowrap>–</td><td nowrap>–</td></tr>
<tr><td nowrap>3 ❌<br>failure</td><td nowrap><br>${SHOWN_ID}</td><td nowrap>–<br>–</td><td nowrap>–</td><td nowrap>–</td><td nowrap>–</td></tr>
</table>

<details open><summary>✅ <b>Job 1</b> Assets: 5 added</summary>
<table>
<tr><th>Resources</th><th>🟩 added</th><th>🟦 updated</th><th>🟧 removed</th><th>🟥 failed</th><th>Share</th></tr>
<tr><td nowrap><b>ASSET</b></td><td align="right">5</td><td align="right">0</td><td align="right">0</td><td align="right">0</td><td nowrap>🟩🟩🟩🟩🟩🟩🟩🟩🟩🟩</td></tr>
<tr><td nowrap>&emsp;Table</td><td align="right">5</td><td align="right">0</td><td align="right">0</td><td align="right">0</td><td nowrap></td></tr>
</table>
</details>

<details open><summary>❌ <b>Job 3</b>: No changes were committed, 1 command failed</summary>
<h3>1 failed command</h3>
<table>
<tr><th>Count</th><th>Kind</th><th>Error</th><th>[Index] Command</th></tr>
<tr><td align="right">1</td><td nowrap>ASSET<br>VALIDATION</td><td>Odd</td><td>[0] asset 0</td></tr>
</table>
</details>
`,
    );
  });

  test('lists invalid inputs', () => {
    expect(summaryOfInvalidInputs(['url: missing', 'job-id: <no> UUID'])).toBe(
      `## ❌ Invalid inputs

<p>No request was sent to Collibra. Fix these inputs:<br>
url<span>:</span> missing<br>
job<span>-</span>id<span>:</span> &lt;no&gt; UUID</p>
`,
    );
  });

  test('has no advice of its own if a search by name found no job', () => {
    const markdown = summaryOf({ outcome: 'timeout', reason: 'No job appeared.', jobs: [] });
    expect(markdown).toBe('## ⌛ Timed out waiting for the Collibra job\n\n<p>No job appeared.</p>\n');
  });

  test('does not number a single job', () => {
    const markdown = summaryOf(partlyFailedImport.report);
    expect(markdown).toContain(`<tr><th>Outcome</th>${COLUMNS}\n<tr><td nowrap>❌<br>failure</td>`);
    expect(markdown).not.toContain('Job 1');
    expect(markdown).not.toContain('<details open>');
  });
});

describe('the table of jobs', () => {
  const rowsOfJobs = (...given: Parameters<typeof summaryOf>) => rowsOf(summaryOf(...given), 'Name and ID');

  test('shows the day of the end if it is another one', () => {
    const dates = { startDate: new Date('2026-11-20T23:59:30Z'), endDate: new Date('2026-11-21T00:00:10Z') };
    const [row] = rowsOfJobs(run('success', withJob('success', dates)));
    expect(row?.slice(3)).toEqual(['40 s', '2026-11-20 23:59:30', '2026-11-21 00:00:10']);
  });

  test.each([
    [485_000, '8 min so far'],
    [4000, '–'],
  ])('shows how long a job that started at 5 s is running: at %d ms', (nowMs, duration) => {
    const job = withJob('timeout', { state: 'RUNNING', startDate: new Date(5000) });
    expect(rowsOfJobs(run('timeout', job), { nowMs })[0]?.[3]).toBe(duration);
  });
});

test('the Import Results of more than three jobs are collapsed', () => {
  const of = (n: number) => summaryOf(run('success', ...Array.from({ length: n }, () => success.report.jobs).flat()));
  expect(of(3).match(/<details open>/g)).toHaveLength(3);
  expect(of(4).match(/<details>/g)).toHaveLength(4);
  expect(textOf(of(4))).toContain('✅ Job 4 Import of the sales catalog: 4,685 added, 619 updated, 29 removed');
});

test('the Import Results of each of several jobs have a title, also without counts', () => {
  const jobs = [0, undefined].map((changes) => jobReport('success', { importResults: someResults({ changes }) }));
  const text = textOf(summaryOf(run('success', ...jobs)));
  expect(text).toContain('Job 1 Nightly: No changes were committed');
  expect(text).toContain('Job 2 Nightly: no counts');
  expect(text).not.toContain('Import Results of');
});

/** A run with so many of everything, and with this in all texts. */
function runFullOf(text: string, size: number): RunReport {
  const firstFailedCommands = Array.from({ length: size }, (_, n) => ({
    ...{ errorType: text, resourceType: text, errorMessage: `${'x'.repeat(n % 99)}${text}` },
    ...{ indices: Array<number>(size).fill(n), identifier: text },
  }));
  const type = resource(text, [1, 2, 3, 4], { [text]: [1, 2, 3, 4] });
  const resources = Array(size).fill({ ...type, categories: Array(size).fill(type.categories).flat() });
  const importResults = someResults({ changes: 600, failedCommands: 1_000_000, resources, firstFailedCommands });
  const day = (n: number) => new Date(86_400_000 * n);
  const jobs = Array.from({ length: size }, (_, n): JobReport => {
    const texts = { id: text, name: text, type: text, state: text, result: text, message: text };
    const job = { ...texts, createdOn: day(n + 1), startDate: day(n + 2), endDate: day(n + 3) };
    return { id: `${n}${text}`, outcome: 'failure', reason: `${n}${text}`, job, importResults };
  });
  return {
    outcome: 'failure',
    reason: Array(10 * size)
      .fill(text)
      .join('\n'),
    jobs,
  };
}

describe('the size of the summary', () => {
  test.each(['&', '-"', '@a', '#1 ', '語', '😀', 'word '])(
    'stays below 1 MiB where all texts are "%s", and the summary says what is omitted',
    (fill) => {
      const markdown = summaryOf(runFullOf(fill.repeat(5000), 100), { errorsFile: fill.repeat(1000) });
      expect(Buffer.byteLength(markdown)).toBeLessThan(1_048_576);
      expect(markdown).toMatch(/^## ❌ All 100 Collibra jobs failed\n/);
      expect(rowsOf(markdown, 'Name and ID')).toHaveLength(100);
      const [, left] = /the last (\d+) jobs are omitted/.exec(markdown) ?? [];
      expect(markdown.match(/<summary>❌/g) ?? []).toHaveLength(100 - Number(left));
      expect(markdown).toContain('… and 970 more lines');
    },
  );

  test('may be a million bytes before something is omitted', () => {
    const names = Array.from({ length: 10 }, (_, n) => `${n}`.padEnd(100, 'x'));
    const type = resource('x'.repeat(100), [1], Object.fromEntries(names.map((name) => [name, [1] as const])));
    const importResults = someResults({ changes: 1, failedCommands: 0, resources: Array(20).fill(type) });
    const jobs = Array.from({ length: 18 }, () => ({ ...at(0, 1000, 2000), importResults }));
    // A line of 495 characters takes 500 bytes: `<br>` and the end of the line are the others.
    const reasonOf = (bytes: number) => `${'x'.repeat(495)}\n`.repeat(bytes / 500) + 'x'.repeat(bytes % 500);
    const summaryWith = (bytes: number) => summaryOf({ outcome: 'error', reason: reasonOf(bytes), jobs });
    const missing = 1_000_000 - Buffer.byteLength(summaryWith(0).trimEnd());

    const whole = summaryWith(missing);
    expect(Buffer.byteLength(whole.trimEnd())).toBe(1_000_000);
    expect(whole).not.toContain('omitted');
    expect(summaryWith(missing + 1)).toContain(
      '\n\n<p>Import Results of the last 1 job are omitted because the job summary reached its size limit.</p>\n',
    );
  });
});

test('the headings of the summary skip no level', () => {
  for (const { report } of [success, partlyFailedImport, severalJobs, { report: runOfFailed([], 7) }]) {
    const headings = summaryOf(report).match(/^(#+ |<h\d>)/gm) ?? [];
    expect(headings).toEqual(['## ', ...Array<string>(headings.length - 1).fill('<h3>')]);
  }
});

test('the summary contains no secret', async () => {
  const secret = 's3cr3t-t0ken-value';
  await written(() => maskSecret(secret));
  const text = textOf(summaryOf(runFullOf(secret, 1), { errorsFile: secret }));
  expect(text).not.toContain(secret);
  expect(text.match(/\*\*\*/g)).toHaveLength(23);
  expect(summaryOfInvalidInputs([secret])).not.toContain(secret);
});

test('the summary is appended to what the step has written already', () => {
  const path = join(mkdtempSync(join(tmpdir(), 'summary-')), 'summary.md');
  for (const text of ['one\n', 'two\n']) writeSummary(path, text);
  expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n');
});
