import { describe, expect, it } from '@jest/globals';

import { CollibraError } from '../../src/collibra/errors.ts';
import type { RequestLimits } from '../../src/collibra/http/requests.ts';
import type { FailedCommand, FailedCommandsPage, ImportSummary } from '../../src/collibra/import-results.ts';
import { ImportResultsReader } from '../../src/polling/read-import-results.ts';
import { FakeClock, START_MS } from '../support/fake-clock.ts';
import { JOB_1 } from '../support/jobs.ts';
import { anError, canceledAt, neverCanceled } from './support.ts';

interface Scene {
  readonly clock?: FakeClock;
  readonly summary?: (n: number, at: number) => ImportSummary | Error;
  readonly errors?: (offset: number, n: number) => FailedCommandsPage | Error;
  /** Whether every failed command is wanted. */
  readonly all?: boolean;
  readonly isNeeded?: boolean;
  readonly signal?: AbortSignal;
  /** How long each request takes. */
  readonly requestMs?: number;
}

function commands(n: number, from = 0): FailedCommand[] {
  return Array.from({ length: n }, (_, i) => ({
    errorType: 'VALIDATION',
    resourceType: 'ASSET',
    errorMessage: `No. ${from + i}`,
    indices: [from + i],
    identifier: '',
  }));
}

function aSummary(more: Partial<ImportSummary> = {}): ImportSummary {
  return { importJobState: 'COMPLETED', resources: [], changes: 1, failedCommands: 0, ...more };
}

async function read(scene: Scene) {
  const { clock = new FakeClock(), signal = neverCanceled(), requestMs = 0 } = scene;
  const { summary = () => aSummary(), errors = () => ({ total: 0, commands: [] }) } = scene;
  const requests: { at: number; what: string; until: number }[] = [];
  const passedOn: { jobId: string; first: string | undefined; n: number }[] = [];
  const reasons: string[] = [];
  const counts = { summary: 0, errors: 0 };
  const respond = async <T>(what: string, limits: RequestLimits, make: () => T | Error): Promise<T> => {
    requests.push({ at: clock.sinceStart(), what, until: limits.until - START_MS });
    expect(limits.signal).toBe(signal);
    if (requestMs > 0) await clock.sleep(requestMs, signal);
    signal.throwIfAborted();
    const made = make();
    if (made instanceof Error) throw made;
    return made;
  };
  const reader = new ImportResultsReader({
    api: {
      summary: (jobId, limits) =>
        respond(`summary of ${jobId}`, limits, () => summary(++counts.summary, clock.sinceStart())),
      errors: (jobId, offset, limits) =>
        respond(`errors of ${jobId} from ${offset}`, limits, () => errors(offset, ++counts.errors)),
    },
    clock,
    onFailedCommands: scene.all
      ? (jobId, some) => passedOn.push({ jobId, first: some[0]?.errorMessage, n: some.length })
      : undefined,
    onUnavailable: (jobId, reason) => reasons.push(`${jobId}: ${reason}`),
  });
  const results = await reader.read(JOB_1, scene.isNeeded ?? false, signal);
  return { results, requests, passedOn, reasons, endedAt: clock.sinceStart() };
}

const requestTimes = ({ requests }: { requests: { at: number }[] }) => requests.map(({ at }) => at);

describe('Import Results', () => {
  it('need no second request if nothing failed', async () => {
    const outcome = await read({});
    expect(outcome.results).toEqual({ ...aSummary(), firstFailedCommands: [], isPartial: false });
    expect(outcome.requests).toEqual([{ at: 0, what: `summary of ${JOB_1}`, until: 20_000 }]);
    expect(outcome.reasons).toEqual([]);
    const counters = { added: 1, updated: 0, removed: 0, failed: 0 };
    const resources = [{ resourceType: 'ASSET', ...counters, categories: [] }];
    expect((await read({ summary: () => aSummary({ resources }) })).requests).toHaveLength(1);
  });

  it('contain the first failed commands', async () => {
    const summary = aSummary({ failedCommands: 2 });
    const page = { total: 2, commands: commands(2) };
    const outcome = await read({ summary: () => summary, errors: () => page });
    expect(outcome.results).toEqual({ ...summary, firstFailedCommands: page.commands, isPartial: false });
    expect(outcome.requests.map(({ what }) => what)).toEqual([`summary of ${JOB_1}`, `errors of ${JOB_1} from 0`]);
  });

  it.each<[inSummary: number | undefined, total: number | undefined, known: number | undefined]>([
    [2, 5, 5],
    [5, 2, 5],
    [undefined, 5, 5],
    [undefined, 0, 0],
    [5, undefined, 5],
    [undefined, undefined, undefined],
  ])('count failed commands by the larger of two numbers: %j and %j make %j', async (inSummary, total, known) => {
    const { results } = await read({
      summary: () => aSummary({ failedCommands: inSummary }),
      errors: () => ({ total, commands: [] }),
    });
    expect(results).toMatchObject({ failedCommands: known });
    expect(results).toHaveProperty('failedCommands', known);
  });

  const failedOnce = [{ resourceType: 'ASSET', added: 1, updated: 0, removed: 0, failed: 1, categories: [] }];
  it.each<[name: string, summary: Partial<ImportSummary>]>([
    ['its state', { importJobState: 'COMPLETED_WITH_ERRORS' }],
    ['its state ABORTED', { importJobState: 'ABORTED' }],
    ['a counter', { resources: failedOnce }],
  ])('have an unknown number of failed commands if the summary counts 0 but %s reports failures', async (_, more) => {
    const summary = () => aSummary({ ...more, failedCommands: 0 });
    for (const errors of [() => ({ total: 0, commands: [] }), () => anError(403, { kind: 'permanent' })])
      expect((await read({ summary, errors })).results).toHaveProperty('failedCommands', undefined);
    expect((await read({ summary, errors: () => ({ total: 7, commands: commands(7) }) })).results).toMatchObject({
      failedCommands: 7,
    });
  });

  it('contain one page of failed commands if not all are wanted', async () => {
    const outcome = await read({
      summary: () => aSummary({ failedCommands: 2500 }),
      errors: () => ({ total: 2500, commands: commands(1000) }),
    });
    expect(outcome.results?.firstFailedCommands).toHaveLength(1000);
    expect(outcome.requests).toHaveLength(2);
  });
});

describe('all failed commands', () => {
  const pages = (total: number | undefined, all: number) => (offset: number) => ({
    total,
    commands: commands(Math.max(0, Math.min(1000, all - offset)), offset),
  });
  const many = () => aSummary({ failedCommands: 2500 });

  it('are read page by page and passed on', async () => {
    const outcome = await read({ all: true, summary: many, errors: pages(2500, 2500) });
    expect(outcome.passedOn).toEqual([
      { jobId: JOB_1, first: 'No. 0', n: 1000 },
      { jobId: JOB_1, first: 'No. 1000', n: 1000 },
      { jobId: JOB_1, first: 'No. 2000', n: 500 },
    ]);
    expect(outcome.requests.slice(1).map(({ what }) => what)).toEqual(
      [0, 1000, 2000].map((offset) => `errors of ${JOB_1} from ${offset}`),
    );
    expect(outcome.results?.firstFailedCommands).toHaveLength(1000);
    expect(outcome.results?.firstFailedCommands[0]?.errorMessage).toBe('No. 0');
  });

  it('are read to the first empty page if there are fewer than counted, and are then partial', async () => {
    const outcome = await read({ all: true, summary: many, errors: pages(2500, 1200) });
    expect(outcome.passedOn.map(({ n }) => n)).toEqual([1000, 200]);
    expect(outcome.reasons).toEqual([`${JOB_1}: Only 1,200 of 2,500 failed commands could be read.`]);
  });

  it('are read in smaller pages if the server returns no larger ones', async () => {
    const small = (offset: number) => ({
      total: 250,
      commands: commands(100, offset).slice(0, 250 - offset),
    });
    const summary = () => aSummary({ failedCommands: 250 });
    const outcome = await read({ all: true, summary, errors: small });
    expect(outcome.reasons).toEqual([]);
    expect(outcome.passedOn.map(({ first, n }) => [first, n])).toEqual([
      ['No. 0', 100],
      ['No. 100', 100],
      ['No. 200', 50],
    ]);
  });

  it('are all read if only the summary reports their number', async () => {
    const outcome = await read({ all: true, summary: many, errors: pages(undefined, 2500) });
    expect(outcome.passedOn.reduce((sum, { n }) => sum + n, 0)).toBe(2500);
    expect(outcome.reasons).toEqual([]);
  });

  it('are read to the first empty page if nothing reports their number', async () => {
    const summary = () => aSummary({ failedCommands: undefined });
    const outcome = await read({ all: true, summary, errors: pages(undefined, 1700) });
    expect(outcome.passedOn.map(({ n }) => n)).toEqual([1000, 700]);
    expect(outcome.results).toHaveProperty('failedCommands', undefined);
    expect(outcome.results).toHaveProperty('isPartial', false);
    expect(outcome.reasons).toEqual([]);
  });

  it('are partial if the end is not reached and nothing reports their number', async () => {
    const summary = () => aSummary({ failedCommands: undefined });
    const errors = (offset: number) =>
      offset < 2000 ? pages(undefined, 5000)(offset) : anError(403, { kind: 'permanent' });
    const outcome = await read({ all: true, summary, errors });
    expect(outcome.results).toMatchObject({ failedCommands: undefined, isPartial: true });
    expect(outcome.reasons).toEqual([`${JOB_1}: Only 2,000 failed commands could be read. Error 403.`]);
  });

  it('are at least as many as were read, whatever the server counts', async () => {
    const summary = () => aSummary({ failedCommands: undefined });
    const errors = () => ({ total: 0, commands: commands(5) });
    expect((await read({ summary, errors })).results).toMatchObject({ failedCommands: 5 });
    const few = () => aSummary({ failedCommands: 2 });
    expect((await read({ summary: few, errors })).results).toMatchObject({ failedCommands: 5 });
  });

  it('are requested if the summary counts none, but a counter reports failures', async () => {
    const counters = { added: 1, updated: 0, removed: 0, failed: 3 };
    const resources = [{ resourceType: 'ASSET', ...counters, categories: [] }];
    const summary = () => aSummary({ failedCommands: 0, resources });
    const outcome = await read({ summary, errors: pages(3, 3) });
    expect(outcome.results).toMatchObject({ failedCommands: 3 });
    expect(outcome.results?.firstFailedCommands).toHaveLength(3);
  });

  it('are read for at most 10 minutes', async () => {
    const one = commands(1);
    const outcome = await read({
      all: true,
      summary: many,
      errors: () => ({ total: 2500, commands: one }),
      requestMs: 9_000,
    });
    expect(outcome.endedAt).toBeGreaterThan(600_000);
    expect(outcome.endedAt).toBeLessThan(640_000);
    expect(outcome.results).toMatchObject({ failedCommands: 2500, isPartial: true });
    expect(outcome.reasons).toEqual([
      expect.stringMatching(
        /: Only \d+ of 2,500 failed commands could be read\. Reading them took more than 10 min\.$/,
      ),
    ]);
  });

  it('are limited if a server returns the same page forever', async () => {
    const errors = (_: number, n: number) =>
      n > 2000 ? new Error('requests without end') : { total: 5_000_000, commands: samePage };
    const samePage = commands(1000);
    const outcome = await read({ all: true, summary: many, errors });
    expect(outcome.passedOn).toHaveLength(1000);
    expect(outcome.reasons).toEqual([`${JOB_1}: Only 1,000,000 of 5,000,000 failed commands could be read.`]);
  });

  it('are read in at most 2,000 further pages', async () => {
    const errors = (offset: number) => ({ total: 5_000, commands: commands(1, offset) });
    const outcome = await read({ all: true, summary: many, errors });
    expect(outcome.passedOn).toHaveLength(2001);
    expect(outcome.results).toMatchObject({ failedCommands: 5_000, isPartial: true });
    expect(outcome.reasons).toEqual([
      `${JOB_1}: Only 2,001 of 5,000 failed commands could be read. They came in more than 2,000 pages.`,
    ]);
  });

  it('are not reported as partial if not all are wanted', async () => {
    expect((await read({ summary: many, errors: pages(2500, 2500) })).reasons).toEqual([]);
  });

  it('keep what was read when a later page is rejected', async () => {
    const errors = (offset: number) =>
      offset === 0 ? { total: 2500, commands: commands(1000) } : anError(403, { kind: 'permanent' });
    const outcome = await read({ all: true, summary: many, errors });
    expect(outcome.results).toMatchObject({ failedCommands: 2500, isPartial: true });
    expect(outcome.results?.firstFailedCommands).toHaveLength(1000);
    expect(outcome.passedOn).toHaveLength(1);
    expect(outcome.reasons).toEqual([`${JOB_1}: Only 1,000 of 2,500 failed commands could be read. Error 403.`]);
  });
});

describe('retries', () => {
  const notFinished = () => anError(400, { kind: 'bad-request' });
  const noImport = () => anError(404, { kind: 'not-found' });

  it('are few for a job that is no import, and nothing is reported', async () => {
    const outcome = await read({ summary: noImport });
    expect(requestTimes(outcome)).toEqual([0, 250, 750]);
    expect(outcome.results).toBeUndefined();
    expect(outcome.reasons).toEqual([]);
    expect(outcome.endedAt).toBe(750);
  });

  it('end with a report for a job that is no import if all failed commands are wanted', async () => {
    expect((await read({ summary: noImport, all: true })).reasons).toEqual([`${JOB_1}: Error 404.`]);
  });

  it('are few for results that are late', async () => {
    const outcome = await read({ summary: (n) => (n < 3 ? notFinished() : aSummary()) });
    expect(requestTimes(outcome)).toEqual([0, 250, 750]);
    expect(outcome.results).toMatchObject(aSummary());
    expect((await read({ summary: notFinished })).reasons).toEqual([`${JOB_1}: Error 400.`]);
  });

  it('last longer if the verdict depends on the results', async () => {
    const outcome = await read({ summary: noImport, isNeeded: true });
    expect(requestTimes(outcome)).toEqual([0, 250, 750, 1_750, 3_750, 7_750, 11_750]);
    expect(outcome.reasons).toEqual([`${JOB_1}: Error 404.`]);
    expect(outcome.requests[0]?.until).toBe(60_000);
  });

  it('after transient errors last 20 s', async () => {
    const outcome = await read({ summary: () => anError(503) });
    expect(requestTimes(outcome)).toEqual([0, 250, 750, 1_750, 3_750, 7_750, 11_750, 15_750, 19_750]);
    expect(outcome.results).toBeUndefined();
    expect(outcome.reasons).toEqual([`${JOB_1}: Error 503.`]);
    expect(new Set(outcome.requests.map(({ until }) => until))).toEqual(new Set([20_000]));
  });

  it('after transient errors last a minute if the verdict depends on the results', async () => {
    const outcome = await read({ summary: () => anError(503), isNeeded: true });
    expect(requestTimes(outcome).at(-1)).toBe(59_750);
  });

  it('succeed after transient errors', async () => {
    const outcome = await read({ summary: (n) => (n < 4 ? anError(502) : aSummary()) });
    expect(outcome.results).toEqual({ ...aSummary(), firstFailedCommands: [], isPartial: false });
    expect(outcome.reasons).toEqual([]);
  });

  it('have a new budget for each page', async () => {
    const errors = (_: number, n: number) => (n < 3 ? anError(503) : { total: 1, commands: commands(1) });
    const summary = (n: number) => (n < 2 ? anError(503) : aSummary({ failedCommands: 1 }));
    const outcome = await read({ summary, errors });
    expect(outcome.requests.map(({ at, until }) => [at, until])).toEqual([
      [0, 20_000],
      [250, 20_000],
      [250, 20_250],
      [500, 20_250],
      [1_000, 20_250],
    ]);
  });

  it.each([anError(403, { kind: 'permanent' }), anError(401, { kind: 'unauthorized' })])(
    'do not happen after an error that is not transient: $message',
    async (error) => {
      const outcome = await read({ summary: () => error, isNeeded: true });
      expect(requestTimes(outcome)).toEqual([0]);
      expect(outcome.results).toBeUndefined();
      expect(outcome.reasons).toEqual([`${JOB_1}: ${error.message}`]);
    },
  );

  it('do not happen after a defect, which is thrown', async () => {
    await expect(read({ summary: () => new TypeError('a defect') })).rejects.toThrow('a defect');
  });

  it('keep the summary if the failed commands cannot be read', async () => {
    const summary = aSummary({ failedCommands: 7 });
    const outcome = await read({ summary: () => summary, errors: noImport });
    expect(outcome.results).toEqual({ ...summary, firstFailedCommands: [], isPartial: true });
    expect(outcome.reasons).toEqual([`${JOB_1}: Error 404.`]);
  });
});

describe('a cancellation', () => {
  it('before the first request prevents it', async () => {
    const outcome = await read({ signal: AbortSignal.abort() });
    expect(outcome.requests).toEqual([]);
    expect(outcome.results).toBeUndefined();
    expect(outcome.reasons).toEqual([`${JOB_1}: The wait was stopped.`]);
  });

  it('ends a delay at once', async () => {
    const clock = new FakeClock();
    const outcome = await read({
      clock,
      summary: () => anError(503),
      isNeeded: true,
      signal: canceledAt(clock, 5_000),
    });
    expect(outcome.endedAt).toBe(5_000);
    expect(outcome.reasons).toEqual([`${JOB_1}: The wait was stopped.`]);
  });

  it('ends a request at once and keeps what was read', async () => {
    const clock = new FakeClock();
    const summary = aSummary({ failedCommands: 7 });
    const outcome = await read({
      clock,
      summary: () => summary,
      requestMs: 3_000,
      signal: canceledAt(clock, 4_000),
    });
    expect(outcome.endedAt).toBe(4_000);
    expect(outcome.results).toEqual({ ...summary, firstFailedCommands: [], isPartial: true });
  });

  it('is not assumed for other errors', async () => {
    const error = new CollibraError('permanent', 'x', 'Not allowed.');
    expect((await read({ summary: () => error })).reasons).toEqual([`${JOB_1}: Not allowed.`]);
  });
});
