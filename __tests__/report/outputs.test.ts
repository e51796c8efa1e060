import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, it } from '@jest/globals';

import type { Job } from '../../src/collibra/job.ts';
import type { JobReport, RunReport } from '../../src/outcome.ts';
import { outputsOf, writeOutputs } from '../../src/report/outputs.ts';
import { maskSecret } from '../../src/report/secrets.ts';
import { aJob, aReport, aSuccess, JOB_1, JOB_2, JOB_3 } from '../support/jobs.ts';
import { written } from '../support/stdout.ts';
import { importResults, resource } from './samples.ts';

const empty = {
  ...{ outcome: 'error', state: '', result: '', message: '' },
  ...{ 'job-id': '', 'failed-commands': '', jobs: '[]' },
};

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
    expect(outputsOf({ outcome: 'failure', jobs })).toMatchObject({
      ...{ outcome: 'failure', state: 'COMPLETED', result: 'ABORTED', message: 'Stopped', 'job-id': JOB_2 },
    });
  });

  it('are empty if that job was never seen', () => {
    expect(outputsOf({ outcome: 'error', jobs: [aReport({ outcome: 'error' })] })).toEqual({
      ...empty,
      'job-id': JOB_1,
      jobs: expect.stringContaining(JOB_1),
    });
  });

  it('contain server text unchanged', () => {
    const message = ' ::error::x\n##[y]\u0000\u202E\uD800 <b>|`@z`</b> \r\n';
    const odd = { state: ' odd ', result: '__proto__', message };
    expect(ofJob(odd)).toMatchObject(odd);
    expect(jobOf({ job: aJob(odd) })).toMatchObject(odd);
  });

  it('are truncated with an ellipsis', () => {
    expect(ofJob({ message: x(100_000) }).message).toBe(x(100_000));
    expect(ofJob({ message: x(100_001) }).message).toBe(`${x(99_999)}…`);
    expect(ofJob({ state: x(1000) }).state).toBe(x(1000));
    expect(ofJob({ state: x(1001) }).state).toBe(`${x(999)}…`);
    expect(ofJob({ result: x(1001) }).result).toBe(`${x(999)}…`);
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
  const jobs = numbers.map((n) => aReport(n === null ? {} : { importResults: importResults({ failedCommands: n }) }));
  expect(outputsOf(run(...jobs))['failed-commands']).toBe(sum);
});

describe('the jobs output', () => {
  it('has every field of the contract', () => {
    const resources = [resource('ASSET', [1, 20, 300, 9]), resource('RELATION', [1000, 2000, 3000, 9])];
    const texts = {
      ...{ name: 'Nightly', type: 'IMPORT', state: 'COMPLETED', result: 'ABORTED', message: 'Stopped' },
      progressPercentage: 66.5,
    };
    const dates = {
      createdOn: '2026-11-02T08:00:00.000Z',
      startDate: '2026-11-02T08:00:01.250Z',
      endDate: '2026-11-02T08:01:00.000Z',
    };
    const full = {
      outcome: 'accepted',
      reason: 'ABORTED: 7 commands failed.',
      job: aJob({
        ...texts,
        createdOn: new Date(dates.createdOn),
        startDate: new Date(dates.startDate),
        endDate: new Date(dates.endDate),
      }),
      importResults: importResults({ failedCommands: 7, resources, changes: 6321 }),
    } as const;
    expect(jobOf(full)).toEqual({
      ...{ id: JOB_1, ...texts, outcome: 'accepted', reason: 'ABORTED: 7 commands failed.', ...dates },
      durationSeconds: 58.75,
      importResults: { added: 1001, updated: 2020, removed: 3300, failedCommands: 7 },
    });
  });

  it('has the same fields if nothing is known', () => {
    expect(jobOf({ outcome: 'error', reason: 'Not there.' })).toEqual({
      ...{ id: JOB_1, ...textsOf(''), outcome: 'error', reason: 'Not there.', progressPercentage: null },
      ...{ createdOn: null, startDate: null, endDate: null, durationSeconds: null, importResults: null },
    });
  });

  it('keeps a progress of 0', () => {
    expect(jobOf({ job: aJob({ progressPercentage: 0 }) })).toMatchObject({ progressPercentage: 0 });
  });

  const part = { ...resource('RELATION', [2, 2, 2]), removed: undefined };
  it.each([
    [
      'no sum if one of its counters is missing',
      { changes: 7, resources: [resource('ASSET', [1, 1, 1]), part] },
      { added: 3, updated: 3, removed: null, failedCommands: null },
    ],
    [
      'zeros if Import Results report no changes',
      { changes: 0, failedCommands: 0 },
      { added: 0, updated: 0, removed: 0, failedCommands: 0 },
    ],
    ['null if Import Results report nothing', {}, { added: null, updated: null, removed: null, failedCommands: null }],
  ])('has %s', (_, results, counts) => {
    expect(jobOf({ importResults: importResults(results) })).toMatchObject({ importResults: counts });
  });

  const at = (second: number) => new Date(Date.UTC(2026, 10, 2, 8, 0, second));
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

  it('is in input order', () => {
    const jobs = [JOB_3, JOB_1, JOB_2].map((id) => aReport({ id }));
    expect(jobsOf(run(...jobs)).map(({ id }) => id)).toEqual([JOB_3, JOB_1, JOB_2]);
  });

  it('has at most 1000 characters in each text', () => {
    expect(jobOf({ reason: x(1001), job: aJob(textsOf(x(1001))) })).toMatchObject({
      ...textsOf(`${x(999)}…`),
      reason: `${x(999)}…`,
    });
  });
});

describe('the outputs of a hundred jobs with long texts', () => {
  const longReport = (text: string) => {
    const long = text.repeat(110_000 / text.length);
    return run(
      ...Array.from({ length: 100 }, (_, i) =>
        aReport({ id: `${JOB_1.slice(0, -3)}${100 + i}`, reason: long, job: aJob(textsOf(long)) }),
      ),
    );
  };

  it.each(['x', '\u0000', '"', '\uD800', '€'])('stay within the limit of GitHub: %j', (text) => {
    const report = longReport(text);
    const outputs = outputsOf(report);
    const units = Object.entries(outputs).reduce((sum, [name, value]) => sum + name.length + value.length, 0);
    expect(2 * units).toBeLessThan(1_000_000);
    expect([99_999, 100_000]).toContain(outputs.message.length);
    const jobs = JSON.parse(outputs.jobs) as Record<string, unknown>[];
    expect(jobs.map(({ id }) => id)).toEqual(report.jobs.map(({ id }) => id));
    for (const one of jobs) {
      expect(one).toMatchObject({ outcome: 'success', importResults: null });
      expect(one['message']).toMatch(/…$/);
    }
  });

  it.each([
    ['x', 200],
    ['\u0000', 20],
  ])('keep as much of their messages as possible: %j', (text, length) => {
    expect(jobsOf(longReport(text))[0]?.['message']).toHaveLength(length);
  });

  it('are reduced to IDs and outcomes if there are far too many jobs', () => {
    const jobs = Array.from({ length: 1500 }, () => aReport({ reason: '\u0000'.repeat(999) }));
    expect(jobsOf(run(...jobs))).toEqual(jobs.map(({ id, outcome }) => ({ id, outcome })));
  });
});

it('all outputs are written to the file of the runner, outcome last', () => {
  const folder = mkdtempSync(join(tmpdir(), 'outputs-'));
  const file = join(folder, 'output');
  const before = process.env['GITHUB_OUTPUT'];
  writeFileSync(file, '');
  process.env['GITHUB_OUTPUT'] = file;
  try {
    writeOutputs(ofJob({ message: 'a\nb' }));
    const text = readFileSync(file, 'utf8');
    const names = [...text.matchAll(/^([\w-]+)<<ghadelimiter_[-\w]+$/gm)].map(([, name]) => name);
    expect(names).toEqual(['state', 'result', 'message', 'job-id', 'failed-commands', 'jobs', 'outcome']);
    expect(text).toMatch(/^message<<(?<end>ghadelimiter_[-\w]+)\r?\na\nb\r?\n\k<end>$/m);
    expect(text).toMatch(/^outcome<<(?<end>ghadelimiter_[-\w]+)\r?\nsuccess\r?\n\k<end>$/m);
  } finally {
    if (before === undefined) delete process.env['GITHUB_OUTPUT'];
    else process.env['GITHUB_OUTPUT'] = before;
    rmSync(folder, { recursive: true });
  }
});
