import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, it } from '@jest/globals';

import type { ResourceCounters } from '../../src/collibra/import-results.ts';
import type { Job } from '../../src/collibra/job.ts';
import type { JobReport, RunReport } from '../../src/outcome.ts';
import { outputsOf, writeOutputs } from '../../src/report/outputs.ts';
import { maskSecret } from '../../src/report/secrets.ts';
import { aJob, aReport, aSuccess, JOB_1, JOB_2, JOB_3, someFacts } from '../support/jobs.ts';
import { written } from '../support/stdout.ts';

const empty = {
  outcome: 'error',
  state: '',
  result: '',
  message: '',
  'job-id': '',
  'failed-commands': '',
  jobs: '[]',
};

/** The `jobs` output, parsed. */
function jobs(report: RunReport): Record<string, unknown>[] {
  return JSON.parse(outputsOf(report).jobs) as Record<string, unknown>[];
}

function job(more: Partial<JobReport>): Record<string, unknown> | undefined {
  return jobs({ outcome: 'success', jobs: [aReport(more)] })[0];
}

describe('the outputs', () => {
  it('are all there, though nothing is known', () => {
    expect(outputsOf({ outcome: 'error', reason: 'bad input', jobs: [] })).toEqual(empty);
  });

  it('describe the decisive job', () => {
    const bad = aJob({ id: JOB_2, state: 'COMPLETED', result: 'ABORTED', message: 'Stopped' });
    const report: RunReport = {
      outcome: 'failure',
      jobs: [
        aReport({ job: aSuccess() }),
        aReport({ id: JOB_2, outcome: 'failure', job: bad }),
        aReport({ id: JOB_3, outcome: 'failure', job: aJob({ id: JOB_3, state: 'FAILED' }) }),
      ],
    };
    expect(outputsOf(report)).toMatchObject({
      outcome: 'failure',
      state: 'COMPLETED',
      result: 'ABORTED',
      message: 'Stopped',
      'job-id': JOB_2,
    });
  });

  it('are empty where the decisive job was never seen', () => {
    expect(outputsOf({ outcome: 'error', jobs: [aReport({ outcome: 'error' })] })).toMatchObject({
      ...empty,
      'job-id': JOB_1,
      jobs: expect.stringContaining(JOB_1),
    });
  });

  it('hold the text of the server unchanged', () => {
    const message = ' ::error::x\n##[y]\u0000\u202E\uD800 <b>|`@z`</b> \r\n';
    const odd = aJob({ state: ' odd ', result: '__proto__', message });
    const report: RunReport = { outcome: 'success', jobs: [aReport({ job: odd })] };
    expect(outputsOf(report)).toMatchObject({ state: ' odd ', result: '__proto__', message });
    expect(jobs(report)[0]).toMatchObject({ state: ' odd ', result: '__proto__', message });
  });

  it('are bounded, each with an ellipsis', () => {
    const long = (n: number) => 'x'.repeat(n);
    const of = (more: Partial<Job>) =>
      outputsOf({ outcome: 'success', jobs: [aReport({ job: aJob(more) })] });
    expect(of({ message: long(100_000) }).message).toBe(long(100_000));
    expect(of({ message: long(100_001) }).message).toBe(`${long(99_999)}…`);
    expect(of({ state: long(1000) }).state).toBe(long(1000));
    expect(of({ state: long(1001) }).state).toBe(`${long(999)}…`);
    expect(of({ result: long(1001) }).result).toBe(`${long(999)}…`);
  });

  it('hold no secret, also where they would be cut in the middle of one', async () => {
    await written(() => maskSecret('open-sesame-of-outputs'));
    const message = `${'x'.repeat(99_990)}open-sesame-of-outputs`;
    const report: RunReport = {
      outcome: 'success',
      jobs: [
        aReport({
          reason: 'not open-sesame-of-outputs',
          job: aJob({ message, name: 'open-sesame-of-outputs' }),
        }),
      ],
    };
    expect(JSON.stringify(outputsOf(report))).not.toContain('sesame');
    expect(outputsOf(report).message).not.toContain('open');
  });
});

describe('failed-commands', () => {
  const of = (...numbers: (number | undefined | null)[]) =>
    outputsOf({
      outcome: 'success',
      jobs: numbers.map((n) =>
        aReport(n === null ? {} : { importResults: someFacts({ failedCommands: n }) }),
      ),
    })['failed-commands'];

  it('is the sum over all jobs', () => {
    expect(of(0)).toBe('0');
    expect(of(3, 0, 2500)).toBe('2503');
  });

  it('is unknown where one number is, or there are no jobs', () => {
    expect(of(3, undefined)).toBe('');
    expect(of(null, 3)).toBe('');
    expect(of()).toBe('');
  });
});

describe('the jobs output', () => {
  it('has every field of the contract', () => {
    const resources = [
      { resourceType: 'ASSET', added: 1, updated: 20, removed: 300, failed: 9, categories: [] },
      { resourceType: 'RELATION', added: 1000, updated: 2000, removed: 3000, failed: 9, categories: [] },
    ];
    const facts = someFacts({ failedCommands: 7 });
    const full = aReport({
      outcome: 'accepted',
      reason: 'ABORTED: 7 commands failed',
      job: aJob({
        name: 'Nightly',
        type: 'IMPORT',
        state: 'COMPLETED',
        result: 'ABORTED',
        message: 'Stopped',
        progressPercentage: 66.5,
        createdOn: new Date('2026-11-02T08:00:00Z'),
        startDate: new Date('2026-11-02T08:00:01.250Z'),
        endDate: new Date('2026-11-02T08:01:00Z'),
      }),
      importResults: { ...facts, summary: { ...facts.summary, resources, changes: 6321 } },
    });
    expect(jobs({ outcome: 'accepted', jobs: [full] })).toEqual([
      {
        id: JOB_1,
        name: 'Nightly',
        type: 'IMPORT',
        state: 'COMPLETED',
        result: 'ABORTED',
        message: 'Stopped',
        outcome: 'accepted',
        reason: 'ABORTED: 7 commands failed',
        progressPercentage: 66.5,
        createdOn: '2026-11-02T08:00:00.000Z',
        startDate: '2026-11-02T08:00:01.250Z',
        endDate: '2026-11-02T08:01:00.000Z',
        durationSeconds: 58.75,
        importResults: { added: 1001, updated: 2020, removed: 3300, failedCommands: 7 },
      },
    ]);
  });

  it('has the same fields where nothing is known', () => {
    expect(job({ outcome: 'error', reason: 'Not there' })).toEqual({
      id: JOB_1,
      name: '',
      type: '',
      state: '',
      result: '',
      message: '',
      outcome: 'error',
      reason: 'Not there',
      progressPercentage: null,
      createdOn: null,
      startDate: null,
      endDate: null,
      durationSeconds: null,
      importResults: null,
    });
  });

  it('keeps a progress of 0', () => {
    expect(job({ job: aJob({ progressPercentage: 0 }) })).toMatchObject({ progressPercentage: 0 });
  });

  it('has no sum of counters of which one is missing', () => {
    const [full, part] = [1, 2].map((n) => ({ added: n, updated: n, removed: n, failed: n }));
    const facts = someFacts({ changes: 7 });
    const resources = [
      { ...full, resourceType: 'ASSET', categories: [] },
      { ...part, resourceType: 'RELATION', removed: undefined, categories: [] },
    ] as ResourceCounters[];
    expect(job({ importResults: { ...facts, summary: { ...facts.summary, resources } } })).toMatchObject({
      importResults: { added: 3, updated: 3, removed: null, failedCommands: null },
    });
  });

  it('has zeros where Import Results say that nothing was touched', () => {
    expect(job({ importResults: someFacts({ changes: 0, failedCommands: 0 }) })).toMatchObject({
      importResults: { added: 0, updated: 0, removed: 0, failedCommands: 0 },
    });
  });

  it('does not make up numbers', () => {
    expect(job({ importResults: someFacts() })).toMatchObject({
      importResults: { added: null, updated: null, removed: null, failedCommands: null },
    });
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
    expect(job({ job: aJob(dates) })).toMatchObject({ durationSeconds });
  });

  it('is in input order', () => {
    const report: RunReport = {
      outcome: 'success',
      jobs: [JOB_3, JOB_1, JOB_2].map((id) => aReport({ id })),
    };
    expect(jobs(report).map(({ id }) => id)).toEqual([JOB_3, JOB_1, JOB_2]);
  });

  it('is bounded in each text', () => {
    const x = 'x'.repeat(1001);
    const cut = `${'x'.repeat(999)}…`;
    const texts = { name: x, type: x, state: x, result: x, message: x };
    expect(job({ reason: x, job: aJob(texts) })).toMatchObject({
      name: cut,
      type: cut,
      state: cut,
      result: cut,
      message: cut,
      reason: cut,
    });
  });
});

describe('a hundred jobs with hostile texts', () => {
  const hostile = (text: string) => {
    const long = text.repeat(110_000 / text.length);
    const texts = { name: long, type: long, state: long, result: long, message: long };
    const reports = Array.from({ length: 100 }, (_, i) =>
      aReport({ id: `${JOB_1.slice(0, -3)}${100 + i}`, reason: long, job: aJob(texts) }),
    );
    return { outcome: 'success', jobs: reports } as const;
  };

  it.each(['x', '\u0000', '"', '\uD800', '€'])('fit into what GitHub allows: %j', (text) => {
    const report = hostile(text);
    const outputs = outputsOf(report);
    const units = Object.entries(outputs).reduce((sum, [name, value]) => sum + name.length + value.length, 0);
    expect(2 * units).toBeLessThan(1_000_000);
    expect([99_999, 100_000]).toContain(outputs.message.length);
    const parsed = JSON.parse(outputs.jobs) as Record<string, unknown>[];
    expect(parsed.map(({ id }) => id)).toEqual(report.jobs.map(({ id }) => id));
    for (const one of parsed) {
      expect(one).toMatchObject({ outcome: 'success', importResults: null });
      expect(one['message']).toMatch(/…$/);
    }
  });

  it('lose no more of their messages than they must', () => {
    const lengthOfMessage = (text: string) => (jobs(hostile(text))[0]?.['message'] as string).length;
    expect(lengthOfMessage('x')).toBe(200);
    expect(lengthOfMessage('\u0000')).toBe(20);
  });

  it('are told by id and outcome alone where there are far too many of them', () => {
    const many = Array.from({ length: 1500 }, () => aReport({ reason: '\u0000'.repeat(999) }));
    const { jobs: output } = outputsOf({ outcome: 'success', jobs: many });
    expect(JSON.parse(output)).toEqual(many.map(({ id, outcome }) => ({ id, outcome })));
  });
});

describe('writing', () => {
  it('puts every output into the file of the runner', () => {
    const folder = mkdtempSync(join(tmpdir(), 'outputs-'));
    const file = join(folder, 'output');
    const before = process.env['GITHUB_OUTPUT'];
    writeFileSync(file, '');
    process.env['GITHUB_OUTPUT'] = file;
    try {
      writeOutputs(
        outputsOf({ outcome: 'success', jobs: [aReport({ job: aSuccess({ message: 'a\nb' }) })] }),
      );
      const text = readFileSync(file, 'utf8');
      const names = [...text.matchAll(/^([\w-]+)<<ghadelimiter_[-\w]+$/gm)].map(([, name]) => name);
      expect(names).toEqual(Object.keys(empty));
      expect(text).toMatch(/^message<<(?<end>ghadelimiter_[-\w]+)\r?\na\nb\r?\n\k<end>$/m);
      expect(text).toMatch(/^outcome<<(?<end>ghadelimiter_[-\w]+)\r?\nsuccess\r?\n\k<end>$/m);
    } finally {
      if (before === undefined) delete process.env['GITHUB_OUTPUT'];
      else process.env['GITHUB_OUTPUT'] = before;
      rmSync(folder, { recursive: true });
    }
  });
});
