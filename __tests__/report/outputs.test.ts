import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, it, jest } from '@jest/globals';

import { readKeyValueFile } from '../../dev/runner/file-commands.ts';
import type { ImportResults } from '../../src/collibra/import-results.ts';
import type { Job } from '../../src/collibra/job.ts';
import type { JobReport, RunReport } from '../../src/outcome.ts';
import { outputsOf, writeOutputs } from '../../src/report/outputs.ts';
import { maskSecret } from '../../src/report/secrets.ts';
import { aJob, aReport, aSuccess, JOB_1, JOB_2, JOB_3, someResults } from '../support/jobs.ts';
import { written } from '../support/stdout.ts';
import { resource } from './samples.ts';

const empty = { outcome: 'error', state: '', result: '', message: '', 'job-id': '', 'failed-commands': '', jobs: '[]' };

const run = (...jobs: JobReport[]): RunReport => ({ outcome: 'success', jobs });
const ofJob = (job: Partial<Job>) => outputsOf(run(aReport({ job: aJob(job) })));

/** The `jobs` output, parsed. */
const jobsOf = (report: RunReport) => JSON.parse(outputsOf(report).jobs) as Record<string, unknown>[];
const jobOf = (more: Partial<JobReport>) => jobsOf(run(aReport(more)))[0];

const x = (n: number) => 'x'.repeat(n);
/** The same text in each field that a server fills. */
const textsOf = (text: string) => ({ name: text, type: text, state: text, result: text, message: text });

describe('the outputs', () => {
  it('are complete if nothing is known', () => {
    expect(outputsOf({ outcome: 'error', reason: 'bad input', jobs: [] })).toEqual(empty);
  });

  it('describe the first job with the most severe outcome', () => {
    const aborted = aJob({ id: JOB_2, state: 'COMPLETED', result: 'ABORTED', message: 'Stopped' });
    const jobs = [
      aReport({ job: aSuccess() }),
      aReport({ id: JOB_2, outcome: 'failure', job: aborted }),
      aReport({ id: JOB_3, outcome: 'failure', job: aJob({ id: JOB_3, state: 'FAILED' }) }),
    ];
    const shown = { state: 'COMPLETED', result: 'ABORTED', message: 'Stopped', 'job-id': JOB_2 };
    expect(outputsOf({ outcome: 'failure', jobs })).toMatchObject({ outcome: 'failure', ...shown });
  });

  it('are empty if that job was never seen', () => {
    const { jobs, ...others } = outputsOf({ outcome: 'error', jobs: [aReport({ outcome: 'error' })] });
    expect({ ...others, jobs: '[]' }).toEqual({ ...empty, 'job-id': JOB_1 });
    expect(jobs).toContain(JOB_1);
  });

  it('contain server text unchanged', () => {
    const message = ' ::error::x\n##[y]\u0000\u202E\uD800 <b>|`@z`</b> \r\n';
    const odd = { state: ' odd ', result: '__proto__', message };
    expect(ofJob(odd)).toMatchObject(odd);
    expect(jobOf({ job: aJob(odd) })).toMatchObject(odd);
  });

  it('are truncated with an ellipsis', () => {
    const longest = { message: x(100_000), state: x(1000), result: x(1000) };
    expect(ofJob(longest)).toMatchObject(longest);
    const [long, short] = [x(1001), `${x(999)}…`];
    const shortened = { message: `${x(99_999)}…`, state: short, result: short };
    expect(ofJob({ message: x(100_001), state: long, result: long })).toMatchObject(shortened);
    expect(jobOf({ reason: long, job: aJob(textsOf(long)) })).toMatchObject({ ...textsOf(short), reason: short });
  });

  it('contain no secret, also not a part of one', async () => {
    const secret = 'open-sesame-of-outputs';
    await written(() => maskSecret(secret));
    const job = aJob({ message: `${x(99_990)}${secret}`, name: secret });
    const outputs = outputsOf(run(aReport({ reason: `not ${secret}`, job })));
    expect(JSON.stringify(outputs)).not.toMatch(/sesame|open/);
  });
});

it.each<[numbers: (number | undefined | null)[], sum: string]>([
  [[0], '0'],
  [[3, 0, 2500], '2503'],
  [[3, undefined], ''],
  [[null, 3], ''],
  [[], ''],
])('the output failed-commands of jobs with %j is %j', (numbers, sum) => {
  const jobs = numbers.map((n) => aReport(n === null ? {} : { importResults: someResults({ failedCommands: n }) }));
  expect(outputsOf(run(...jobs))['failed-commands']).toBe(sum);
});

describe('the jobs output', () => {
  const at = (seconds: number) => new Date(Date.UTC(2026, 10, 2, 8) + 1000 * seconds);

  it('has every field of the contract', () => {
    const resources = [resource('ASSET', [1, 20, 300, 9]), resource('RELATION', [1000, 2000, 3000, 9])];
    const texts = { name: 'Nightly', type: 'IMPORT', state: 'COMPLETED', result: 'ABORTED', message: 'Stopped' };
    const [createdOn, startDate, endDate] = [at(0), at(1.25), at(60)];
    const importResults = someResults({ failedCommands: 7, resources, changes: 6321 });
    const said = { outcome: 'accepted', reason: 'ABORTED: 7 commands failed.' } as const;
    const job = aJob({ ...texts, createdOn, startDate, endDate, progressPercentage: 66.5 });
    expect(jobOf({ ...said, job, importResults })).toEqual({
      ...{ id: JOB_1, ...texts, ...said, progressPercentage: 66.5, durationSeconds: 58.75 },
      ...{ createdOn: '2026-11-02T08:00:00.000Z', startDate: '2026-11-02T08:00:01.250Z' },
      ...{ endDate: '2026-11-02T08:01:00.000Z' },
      importResults: { added: 1001, updated: 2020, removed: 3300, failedCommands: 7 },
    });
  });

  it('has the same fields if nothing is known', () => {
    expect(jobOf({ outcome: 'error', reason: 'Not there.' })).toEqual({
      ...{ id: JOB_1, ...textsOf(''), outcome: 'error', reason: 'Not there.', progressPercentage: null },
      ...{ createdOn: null, startDate: null, endDate: null, durationSeconds: null, importResults: null },
    });
  });

  const part = { ...resource('RELATION', [2, 2, 2]), removed: undefined };
  it.each<[what: string, Partial<ImportResults>, ...numbers: (number | null)[]]>([
    ['no sum of an unknown number', { changes: 7, resources: [resource('ASSET', [1, 1, 1]), part] }, 3, 3, null, null],
    ['zeros if Import Results report no changes', { changes: 0, failedCommands: 0 }, 0, 0, 0, 0],
    ['null if Import Results report nothing', {}, null, null, null, null],
  ])('has %s', (_, results, added, updated, removed, failedCommands) => {
    const job = aJob({ progressPercentage: 0 });
    const importResults = { added, updated, removed, failedCommands };
    expect(jobOf({ job, importResults: someResults(results) })).toMatchObject({ progressPercentage: 0, importResults });
  });

  it.each([
    [at(1), at(1), 0],
    [at(1), at(31), 30],
    [at(31), at(1), null],
    [undefined, at(1), null],
    [at(1), undefined, null],
  ])('has the duration from %p to %p: %p', (startDate, endDate, durationSeconds) => {
    const dates = { ...(startDate && { startDate }), ...(endDate && { endDate }) };
    expect(jobOf({ job: aJob(dates) })).toMatchObject({ durationSeconds });
  });
});

describe('the outputs of a hundred jobs with long texts', () => {
  it.each([
    ['x', 200],
    ['"', 200],
    ['€', 200],
    ['\u0000', 20],
    // Half of a pair is not left at the end.
    ['\uD800', 19],
  ])('stay within the limit of GitHub, and keep as much as possible: %j', (text, length) => {
    const long = text.repeat(110_000);
    const jobs = Array.from({ length: 100 }, (_, n) =>
      aReport({ id: `${JOB_1.slice(0, -3)}${999 - n}`, reason: long, job: aJob(textsOf(long)) }),
    );
    const outputs = outputsOf(run(...jobs));
    const units = Object.entries(outputs).reduce((sum, [name, value]) => sum + name.length + value.length, 0);
    expect(2 * units).toBeLessThan(1_000_000);
    expect([99_999, 100_000]).toContain(outputs.message.length);
    const found = JSON.parse(outputs.jobs) as Record<string, unknown>[];
    expect(found.map(({ id }) => id)).toEqual(jobs.map(({ id }) => id));
    const message = `${text.repeat(length - 1)}…`;
    for (const one of found) expect(one).toMatchObject({ outcome: 'success', message, importResults: null });
  });

  it('are reduced to IDs and outcomes if there are far too many jobs', () => {
    const jobs = Array.from({ length: 1500 }, () => aReport({ reason: '\u0000'.repeat(999) }));
    expect(jobsOf(run(...jobs))).toEqual(jobs.map(({ id, outcome }) => ({ id, outcome })));
  });
});

it('all outputs are written to the file of the runner, outcome last', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'outputs-')), 'output');
  writeFileSync(file, '');
  jest.replaceProperty(process, 'env', { ...process.env, GITHUB_OUTPUT: file });
  const outputs = ofJob({ message: 'a\nb' });
  writeOutputs(outputs);
  jest.restoreAllMocks();
  const found = Object.entries(readKeyValueFile(readFileSync(file, 'utf8')));
  expect(Object.fromEntries(found)).toEqual(outputs);
  expect(found.at(-1)).toEqual(['outcome', 'success']);
});
