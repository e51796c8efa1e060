import { describe, expect, it } from '@jest/globals';

import type { RequestLimits } from '../../src/collibra/http/requests.ts';
import type { FailedCommand, FailedCommandsPage, ImportSummary } from '../../src/collibra/import-results.ts';
import { ImportResultsReader } from '../../src/polling/read-import-results.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { JOB_1 } from '../support/jobs.ts';
import { cancelAt, noCancel } from '../support/waiting.ts';
import { anError, inTurn } from './support.ts';

interface Scene {
  readonly clock?: FakeClock;
  readonly summary?: (n: number) => ImportSummary | Error;
  readonly errors?: (offset: number, n: number) => FailedCommandsPage | Error;
  /** Whether every failed command is wanted. */
  readonly all?: boolean;
  readonly isNeeded?: boolean;
  readonly signal?: AbortSignal;
  /** How long each request takes. */
  readonly requestMs?: number;
}

function commands(n: number, from = 0): FailedCommand[] {
  const kind = { errorType: 'VALIDATION', resourceType: 'ASSET', identifier: '' };
  return Array.from({ length: n }, (_, i) => ({ ...kind, errorMessage: `No. ${from + i}`, indices: [from + i] }));
}

function aSummary(more: Partial<ImportSummary> = {}): ImportSummary {
  return { importJobState: 'COMPLETED', resources: [], changes: 1, failedCommands: 0, ...more };
}

/** A summary that counts so many failed commands. */
const counting = (failedCommands: number | undefined) => () => aSummary({ failedCommands });

/** A server with so many failed commands, in pages of at most 1,000. */
const pages =
  (total: number | undefined, all: number, size = 1000) =>
  (offset: number) => ({ total, commands: commands(Math.max(0, Math.min(size, all - offset)), offset) });

const resources = (failed: number) => [
  { resourceType: 'ASSET', added: 1, updated: 0, removed: 0, failed, categories: [] },
];

async function read(scene: Scene) {
  const { clock = new FakeClock(), signal = noCancel(), requestMs = 0 } = scene;
  const { summary = () => aSummary(), errors = () => ({ total: 0, commands: [] }) } = scene;
  const requests: { at: number; what: string }[] = [];
  const passedOn: { jobId: string; first: string | undefined; n: number }[] = [];
  const reasons: string[] = [];
  const respond = async <T>(what: string, limits: RequestLimits, response: (n: number) => T | Error): Promise<T> => {
    requests.push({ at: clock.sinceStart(), what });
    const isNeeded = scene.isNeeded === true;
    const [timeoutMs, maxRateLimitMs] = isNeeded ? [undefined, 60_000] : [20_000, 20_000];
    expect(limits).toEqual({ signal, timeoutMs, maxRateLimitMs });
    if (requestMs > 0) await clock.sleep(requestMs, signal);
    signal.throwIfAborted();
    const value = response(requests.filter((request) => request.what === what).length);
    if (value instanceof Error) throw value;
    return value;
  };
  const onFailedCommands = (jobId: string, some: readonly FailedCommand[]) =>
    passedOn.push({ jobId, first: some[0]?.errorMessage, n: some.length });
  const reader = new ImportResultsReader({
    api: {
      summary: (jobId, limits) => respond(`summary of ${jobId}`, limits, summary),
      errors: (jobId, offset, limits) => respond(`errors of ${jobId} from ${offset}`, limits, (n) => errors(offset, n)),
    },
    clock,
    redactAndTruncate: (text, limit) => text.replace('sesame', '***').slice(0, limit),
    onFailedCommands: scene.all ? onFailedCommands : undefined,
    onUnavailable: (jobId, reason) => reasons.push(`${jobId}: ${reason}`),
  });
  const results = await reader.read(JOB_1, scene.isNeeded ?? false, signal);
  const [times, whats] = [requests.map(({ at }) => at), requests.map(({ what }) => what)];
  return { results, times, whats, passedOn, sizes: passedOn.map(({ n }) => n), reasons, endedAt: clock.sinceStart() };
}

const NONE = { firstFailedCommands: [], isPartial: false };

describe('Import Results', () => {
  it.each([[[]], [resources(0)]])('need no second request if nothing failed (%j)', async (some) => {
    const outcome = await read({ summary: () => aSummary({ resources: some }) });
    expect(outcome).toMatchObject({ whats: [`summary of ${JOB_1}`], times: [0], reasons: [] });
    expect(outcome.results).toEqual({ ...aSummary({ resources: some }), ...NONE });
  });

  it('contain the first page of failed commands if not all are wanted', async () => {
    const outcome = await read({ summary: counting(2500), errors: pages(2500, 2500) });
    const expected = { ...aSummary({ failedCommands: 2500 }), firstFailedCommands: commands(1000), isPartial: false };
    expect(outcome.results).toEqual(expected);
    expect(outcome.whats).toEqual([`summary of ${JOB_1}`, `errors of ${JOB_1} from 0`]);
    expect(outcome.reasons).toEqual([]);
  });

  it('keep only the beginning of long texts, without secrets', async () => {
    const long = `sesame ${'x'.repeat(5000)}`;
    const fields = { errorType: long, resourceType: long, errorMessage: long, identifier: long };
    const page = { total: 1, commands: [{ ...fields, indices: [...Array(50).keys()] }] };
    const { results } = await read({ summary: counting(1), errors: () => page });
    const { indices, ...texts } = results?.firstFailedCommands[0] ?? { indices: [] };
    expect(indices).toEqual([...Array(10).keys()]);
    expect([...new Set(Object.values(texts))]).toEqual([`*** ${'x'.repeat(996)}`]);
    expect(Object.keys(texts).sort()).toEqual(Object.keys(fields).sort());
  });

  it.each<[inSummary: number | undefined, total: number | undefined, listed: number, known: number | undefined]>([
    [2, 5, 0, 5],
    [5, 2, 0, 5],
    [undefined, 5, 0, 5],
    [undefined, 0, 0, 0],
    [5, undefined, 0, 5],
    [undefined, undefined, 0, undefined],
    [undefined, 0, 5, 5],
    [2, 0, 5, 5],
  ])('count %j and %j failed commands and list %d, so they report %j', async (inSummary, total, listed, known) => {
    const { results } = await read({ summary: counting(inSummary), errors: pages(total, listed) });
    expect(results).toHaveProperty('failedCommands', known);
  });

  it.each<[name: string, summary: Partial<ImportSummary>]>([
    ['their state', { importJobState: 'COMPLETED_WITH_ERRORS' }],
    ['their state ABORTED', { importJobState: 'ABORTED' }],
    ['a counter', { resources: resources(1) }],
  ])('have an unknown number of failed commands if the summary counts 0 but %s reports failures', async (_, more) => {
    const summary = () => aSummary({ ...more, failedCommands: 0 });
    for (const errors of [pages(0, 0), () => anError(403)])
      expect((await read({ summary, errors })).results).toHaveProperty('failedCommands', undefined);
    const { results } = await read({ summary, errors: pages(7, 7) });
    expect(results).toMatchObject({ failedCommands: 7, firstFailedCommands: commands(7) });
  });
});

describe('all failed commands', () => {
  it.each<[how: string, counted: number | undefined, errors: Scene['errors'], sizes: readonly number[]]>([
    ['page by page', 2500, pages(2500, 2500), [1000, 1000, 500]],
    ['in smaller pages if the server returns no larger ones', 250, pages(250, 250, 100), [100, 100, 50]],
    ['if only the summary reports their number', 2500, pages(undefined, 2500), [1000, 1000, 500]],
    ['to the first empty page if nothing reports their number', undefined, pages(undefined, 1700), [1000, 700]],
  ])('are all read %s, and passed on', async (_, counted, errors = pages(0, 0), sizes) => {
    const outcome = await read({ all: true, summary: counting(counted), errors });
    const offsets = sizes.map((_, i) => sizes.slice(0, i).reduce((sum, n) => sum + n, 0));
    expect(outcome.passedOn).toEqual(sizes.map((n, i) => ({ jobId: JOB_1, first: `No. ${offsets[i]}`, n })));
    expect(outcome.whats.slice(1, 1 + sizes.length)).toEqual(offsets.map((from) => `errors of ${JOB_1} from ${from}`));
    const results = { failedCommands: counted, firstFailedCommands: commands(sizes[0] ?? 0), isPartial: false };
    expect(outcome).toMatchObject({ reasons: [], results });
  });

  const rejectedFrom = (from: number, total?: number) => (offset: number) =>
    offset < from ? pages(total, 5000)(offset) : anError(403);
  const total = 5_000_000;
  const samePage = () => ({ total, commands: commands(1000) });
  const endless = (offset: number) => ({ total, commands: [...commands(999), ...commands(1, offset + 999)] });
  const repeated = ' Collibra returned the same page twice.';
  it.each<[when: string, counted: number | undefined, errors: Scene['errors'], some: string, why: string]>([
    ['there are fewer than counted', 2500, pages(2500, 1200), '1,200 of 2,500', ''],
    ['a later page is rejected', 2500, rejectedFrom(1000, 2500), '1,000 of 2,500', ' Error 403.'],
    ['a later page of an unknown number is rejected', undefined, rejectedFrom(2000), '2,000', ' Error 403.'],
    ['the same page comes again', 2500, samePage, '1,000 of 5,000,000', repeated],
    ['there are more than a million', 2500, endless, '1,000,000 of 5,000,000', ''],
    ['the pages are tiny', 2500, pages(5000, 5000, 1), '2,001 of 5,000', ' They came in more than 2,000 pages.'],
  ])('are partial if %s', async (_, counted, errors = samePage, some, why) => {
    const { results, sizes, reasons } = await read({ all: true, summary: counting(counted), errors });
    const [sum, total] = some.split(' of ');
    expect(sizes.reduce((all, n) => all + n, 0).toLocaleString('en')).toBe(sum);
    expect(results?.failedCommands?.toLocaleString('en')).toBe(total);
    expect(results).toMatchObject({ isPartial: true, firstFailedCommands: commands(sizes[0] ?? 0) });
    expect(reasons).toEqual([`${JOB_1}: Only ${some} failed commands could be read.${why}`]);
  });

  it('are read for at most 10 minutes', async () => {
    const errors = pages(2500, 2500, 1);
    const outcome = await read({ all: true, summary: counting(2500), errors, requestMs: 9_000 });
    expect(Math.abs(outcome.endedAt - 620_000)).toBeLessThan(20_000);
    expect(outcome.results).toMatchObject({ failedCommands: 2500, isPartial: true });
    const reason = /: Only \d+ of 2,500 failed commands could be read\. Reading them took more than 10 min\.$/;
    expect(outcome.reasons).toEqual([expect.stringMatching(reason)]);
  });
});

describe('retries of Import Results', () => {
  it.each<[statuses: number[], isNeeded: boolean, times: readonly number[]]>([
    [[400, 404], false, [0, 250, 750]],
    [[400, 404], true, [0, 250, 750, 1_750, 3_750, 7_750, 11_750]],
    [[500, 503], false, [0, 250, 750, 1_750, 3_750, 7_750, 11_750, 15_750, 19_750]],
    [[401, 403], true, [0]],
  ])('after one of %j (needed for the verdict: %j) are at %j ms', async (statuses, isNeeded, times) => {
    for (const status of statuses) {
      const outcome = await read({ summary: () => anError(status), isNeeded });
      expect(outcome).toMatchObject({ results: undefined, times, endedAt: times.at(-1) });
      // A job that is no import has no results, which is worth a report only if they are needed.
      expect(outcome.reasons).toEqual(status === 404 && !isNeeded ? [] : [`${JOB_1}: Error ${status}.`]);
    }
  });

  it('after transient errors last a minute if the verdict depends on the results', async () => {
    expect((await read({ summary: () => anError(503), isNeeded: true })).times.at(-1)).toBe(59_750);
  });

  it('end with a report for a job that is no import if all failed commands are wanted', async () => {
    expect((await read({ summary: () => anError(404), all: true })).reasons).toEqual([`${JOB_1}: Error 404.`]);
  });

  it.each([400, 404, 502])('read results that are late (%d)', async (status) => {
    const summary = inTurn<ImportSummary | Error>(anError(status), anError(status), aSummary());
    const outcome = await read({ summary });
    expect(outcome).toMatchObject({ times: [0, 250, 750], reasons: [] });
    expect(outcome.results).toEqual({ ...aSummary(), ...NONE });
  });

  it('have a new budget for each page', async () => {
    const late = anError(429, { retryAfterMs: 20_000 });
    const summary = inTurn<ImportSummary | Error>(late, aSummary({ failedCommands: 1 }));
    const errors = (_: number, n: number) => (n === 1 ? late : pages(1, 1)(0));
    expect(await read({ summary, errors })).toMatchObject({ times: [0, 20_000, 20_000, 40_000], reasons: [] });
  });

  it('keep the summary if the failed commands cannot be read', async () => {
    const outcome = await read({ summary: counting(7), errors: () => anError(404) });
    expect(outcome.results).toEqual({ ...aSummary({ failedCommands: 7 }), ...NONE, isPartial: true });
    expect(outcome.reasons).toEqual([`${JOB_1}: Error 404.`]);
  });

  it('do not happen after a defect, which is thrown', async () => {
    await expect(read({ summary: () => new TypeError('a defect') })).rejects.toThrow('a defect');
  });
});

describe('a cancellation', () => {
  const reasons = [`${JOB_1}: The wait was stopped.`];

  it('before the first request prevents it', async () => {
    const outcome = await read({ signal: AbortSignal.abort() });
    expect(outcome).toMatchObject({ whats: [], results: undefined, reasons });
  });

  it('ends a delay at once', async () => {
    const clock = new FakeClock();
    const scene = { clock, summary: () => anError(503), isNeeded: true, signal: cancelAt(clock, 5_000) };
    expect(await read(scene)).toMatchObject({ endedAt: 5_000, reasons });
  });

  it('ends a request at once and keeps what was read', async () => {
    const clock = new FakeClock();
    const outcome = await read({ clock, summary: counting(7), requestMs: 3_000, signal: cancelAt(clock, 4_000) });
    expect(outcome).toMatchObject({ endedAt: 4_000, reasons });
    expect(outcome.results).toEqual({ ...aSummary({ failedCommands: 7 }), ...NONE, isPartial: true });
  });
});
