import { describe, expect, it } from '@jest/globals';

import { CollibraError } from '../../src/collibra/errors.ts';
import type { RequestLimits } from '../../src/collibra/http/requests.ts';
import type { FailedCommand, FailedCommandsPage, ImportSummary } from '../../src/collibra/import-results.ts';
import { ImportResultsReader } from '../../src/polling/read-import-results.ts';
import { FakeClock, START_MS } from '../support/fake-clock.ts';
import { JOB_1, trouble } from '../support/jobs.ts';
import { cancelAt, noCancel } from '../support/waiting.ts';

interface Scene {
  readonly clock?: FakeClock;
  readonly summary?: (n: number, at: number) => ImportSummary | Error;
  readonly errors?: (offset: number, n: number) => FailedCommandsPage | Error;
  /** Whether every failed command is wanted. */
  readonly all?: boolean;
  readonly needed?: boolean;
  readonly signal?: AbortSignal;
  /** How long each request takes. */
  readonly takesMs?: number;
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
  return { state: 'COMPLETED', resources: [], changes: 1, failedCommands: 0, ...more };
}

async function read(scene: Scene) {
  const { clock = new FakeClock(), signal = noCancel(), takesMs = 0 } = scene;
  const { summary = () => aSummary(), errors = () => ({ total: 0, commands: [] }) } = scene;
  const asked: { at: number; what: string; until: number }[] = [];
  const passedOn: { jobId: string; first: string | undefined; n: number }[] = [];
  const troubles: string[] = [];
  const counts = { summary: 0, errors: 0 };
  const answer = async <T>(what: string, bounds: RequestLimits, make: () => T | Error): Promise<T> => {
    asked.push({ at: clock.sinceStart(), what, until: bounds.until - START_MS });
    expect(bounds.signal).toBe(signal);
    if (takesMs > 0) await clock.sleep(takesMs, signal);
    signal.throwIfAborted();
    const made = make();
    if (made instanceof Error) throw made;
    return made;
  };
  const reader = new ImportResultsReader({
    api: {
      summary: (jobId, bounds) =>
        answer(`summary of ${jobId}`, bounds, () => summary(++counts.summary, clock.sinceStart())),
      errors: (jobId, offset, bounds) =>
        answer(`errors of ${jobId} from ${offset}`, bounds, () => errors(offset, ++counts.errors)),
    },
    clock,
    onFailedCommands: scene.all
      ? (jobId, some) => passedOn.push({ jobId, first: some[0]?.errorMessage, n: some.length })
      : undefined,
    onTrouble: (jobId, reason) => troubles.push(`${jobId}: ${reason}`),
  });
  const facts = await reader.read(JOB_1, scene.needed ?? false, signal);
  return { facts, asked, passedOn, troubles, endedAt: clock.sinceStart() };
}

const askedAt = ({ asked }: { asked: { at: number }[] }) => asked.map(({ at }) => at);

describe('what Import Results told', () => {
  it('needs no second request where nothing failed', async () => {
    const seen = await read({});
    expect(seen.facts).toEqual({ summary: aSummary(), failedCommands: 0, firstFailed: [] });
    expect(seen.asked).toEqual([{ at: 0, what: `summary of ${JOB_1}`, until: 20_000 }]);
    expect(seen.troubles).toEqual([]);
    const counters = { added: 1, updated: 0, removed: 0, failed: 0 };
    const resources = [{ resourceType: 'ASSET', ...counters, categories: [] }];
    expect((await read({ summary: () => aSummary({ resources }) })).asked).toHaveLength(1);
  });

  it('names the first failed commands', async () => {
    const summary = aSummary({ failedCommands: 2 });
    const page = { total: 2, commands: commands(2) };
    const seen = await read({ summary: () => summary, errors: () => page });
    expect(seen.facts).toEqual({ summary, failedCommands: 2, firstFailed: page.commands });
    expect(seen.asked.map(({ what }) => what)).toEqual([`summary of ${JOB_1}`, `errors of ${JOB_1} from 0`]);
  });

  it.each<[inSummary: number | undefined, total: number | undefined, known: number | undefined]>([
    [2, 5, 5],
    [5, 2, 5],
    [undefined, 5, 5],
    [undefined, 0, 0],
    [5, undefined, 5],
    [undefined, undefined, undefined],
  ])('counts failures by the larger of two numbers: %j and %j give %j', async (inSummary, total, known) => {
    const { facts } = await read({
      summary: () => aSummary({ failedCommands: inSummary }),
      errors: () => ({ total, commands: [] }),
    });
    expect(facts).toMatchObject({ failedCommands: known });
    expect(facts).toHaveProperty('failedCommands', known);
  });

  const failedOnce = [{ resourceType: 'ASSET', added: 1, updated: 0, removed: 0, failed: 1, categories: [] }];
  it.each<[name: string, summary: Partial<ImportSummary>]>([
    ['its state', { state: 'COMPLETED_WITH_ERRORS' }],
    ['its state ABORTED', { state: 'ABORTED' }],
    ['a counter', { resources: failedOnce }],
  ])('is no number of failures, where the summary counts none against %s', async (_, more) => {
    const summary = () => aSummary({ ...more, failedCommands: 0 });
    for (const errors of [() => ({ total: 0, commands: [] }), () => trouble(403, { kind: 'permanent' })])
      expect((await read({ summary, errors })).facts).toHaveProperty('failedCommands', undefined);
    expect(
      (await read({ summary, errors: () => ({ total: 7, commands: commands(7) }) })).facts,
    ).toMatchObject({ failedCommands: 7 });
  });

  it('is one page of failed commands, where not all are wanted', async () => {
    const seen = await read({
      summary: () => aSummary({ failedCommands: 2500 }),
      errors: () => ({ total: 2500, commands: commands(1000) }),
    });
    expect(seen.facts?.firstFailedCommands).toHaveLength(1000);
    expect(seen.asked).toHaveLength(2);
  });
});

describe('all failed commands', () => {
  const pages = (total: number | undefined, all: number) => (offset: number) => ({
    total,
    commands: commands(Math.max(0, Math.min(1000, all - offset)), offset),
  });
  const many = () => aSummary({ failedCommands: 2500 });

  it('are read page by page and passed on', async () => {
    const seen = await read({ all: true, summary: many, errors: pages(2500, 2500) });
    expect(seen.passedOn).toEqual([
      { jobId: JOB_1, first: 'No. 0', n: 1000 },
      { jobId: JOB_1, first: 'No. 1000', n: 1000 },
      { jobId: JOB_1, first: 'No. 2000', n: 500 },
    ]);
    expect(seen.asked.slice(1).map(({ what }) => what)).toEqual(
      [0, 1000, 2000].map((offset) => `errors of ${JOB_1} from ${offset}`),
    );
    expect(seen.facts?.firstFailedCommands).toHaveLength(1000);
    expect(seen.facts?.firstFailedCommands[0]?.errorMessage).toBe('No. 0');
  });

  it('are read to the first empty page where there are fewer than told, which is told', async () => {
    const seen = await read({ all: true, summary: many, errors: pages(2500, 1200) });
    expect(seen.passedOn.map(({ n }) => n)).toEqual([1000, 200]);
    expect(seen.troubles).toEqual([`${JOB_1}: only 1200 of 2500 failed commands could be read`]);
  });

  it('are read in smaller pages, where the server gives no larger ones', async () => {
    const small = (offset: number) => ({
      total: 250,
      commands: commands(100, offset).slice(0, 250 - offset),
    });
    const summary = () => aSummary({ failedCommands: 250 });
    const seen = await read({ all: true, summary, errors: small });
    expect(seen.troubles).toEqual([]);
    expect(seen.passedOn.map(({ first, n }) => [first, n])).toEqual([
      ['No. 0', 100],
      ['No. 100', 100],
      ['No. 200', 50],
    ]);
  });

  it('are all read where only the summary tells their number', async () => {
    const seen = await read({ all: true, summary: many, errors: pages(undefined, 2500) });
    expect(seen.passedOn.reduce((sum, { n }) => sum + n, 0)).toBe(2500);
    expect(seen.troubles).toEqual([]);
  });

  it('are read to the first empty page where nobody tells their number', async () => {
    const summary = () => aSummary({ failedCommands: undefined });
    const seen = await read({ all: true, summary, errors: pages(undefined, 1700) });
    expect(seen.passedOn.map(({ n }) => n)).toEqual([1000, 700]);
    expect(seen.facts).toHaveProperty('failedCommands', undefined);
    expect(seen.facts).not.toHaveProperty('isPartial');
    expect(seen.troubles).toEqual([]);
  });

  it('are told to be partial where the end is not reached, and nobody tells their number', async () => {
    const summary = () => aSummary({ failedCommands: undefined });
    const errors = (offset: number) =>
      offset < 2000 ? pages(undefined, 5000)(offset) : trouble(403, { kind: 'permanent' });
    const seen = await read({ all: true, summary, errors });
    expect(seen.facts).toMatchObject({ failedCommands: undefined, isPartial: true });
    expect(seen.troubles).toEqual([`${JOB_1}: only 2000 failed commands could be read: Trouble 403`]);
  });

  it('are at least as many as were read, whatever the server says', async () => {
    const summary = () => aSummary({ failedCommands: undefined });
    const errors = () => ({ total: 0, commands: commands(5) });
    expect((await read({ summary, errors })).facts).toMatchObject({ failedCommands: 5 });
    const few = () => aSummary({ failedCommands: 2 });
    expect((await read({ summary: few, errors })).facts).toMatchObject({ failedCommands: 5 });
  });

  it('are asked for where the summary counts none, and counts failures all the same', async () => {
    const counters = { added: 1, updated: 0, removed: 0, failed: 3 };
    const resources = [{ resourceType: 'ASSET', ...counters, categories: [] }];
    const summary = () => aSummary({ failedCommands: 0, resources });
    const seen = await read({ summary, errors: pages(3, 3) });
    expect(seen.facts).toMatchObject({ failedCommands: 3 });
    expect(seen.facts?.firstFailedCommands).toHaveLength(3);
  });

  it('are read for ten minutes at most', async () => {
    const one = commands(1);
    const seen = await read({
      all: true,
      summary: many,
      errors: () => ({ total: 2500, commands: one }),
      takesMs: 9_000,
    });
    expect(seen.endedAt).toBeGreaterThan(600_000);
    expect(seen.endedAt).toBeLessThan(640_000);
    expect(seen.facts).toMatchObject({ failedCommands: 2500, isPartial: true });
    expect(seen.troubles).toEqual([
      expect.stringMatching(
        /: only \d+ of 2500 failed commands could be read: reading them took more than 10 min$/,
      ),
    ]);
  });

  it('end where a server gives the same page for ever', async () => {
    const errors = (_: number, n: number) =>
      n > 2000 ? new Error('asked without end') : { total: 5_000_000, commands: samePage };
    const samePage = commands(1000);
    const seen = await read({ all: true, summary: many, errors });
    expect(seen.passedOn).toHaveLength(1000);
    expect(seen.troubles).toEqual([`${JOB_1}: only 1000000 of 5000000 failed commands could be read`]);
  });

  it('are not asked for one by one without end', async () => {
    const errors = (offset: number) => ({ total: 5_000, commands: commands(1, offset) });
    const seen = await read({ all: true, summary: many, errors });
    expect(seen.passedOn).toHaveLength(2001);
    expect(seen.facts).toMatchObject({ failedCommands: 5_000, isPartial: true });
    expect(seen.troubles).toEqual([
      `${JOB_1}: only 2001 of 5000 failed commands could be read: they came in more than 2,000 pages`,
    ]);
  });

  it('say nothing of the rest where not all are wanted', async () => {
    expect((await read({ summary: many, errors: pages(2500, 2500) })).troubles).toEqual([]);
  });

  it('keep what is known when a later page is refused', async () => {
    const errors = (offset: number) =>
      offset === 0 ? { total: 2500, commands: commands(1000) } : trouble(403, { kind: 'permanent' });
    const seen = await read({ all: true, summary: many, errors });
    expect(seen.facts).toMatchObject({ failedCommands: 2500, isPartial: true });
    expect(seen.facts?.firstFailedCommands).toHaveLength(1000);
    expect(seen.passedOn).toHaveLength(1);
    expect(seen.troubles).toEqual([`${JOB_1}: only 1000 of 2500 failed commands could be read: Trouble 403`]);
  });
});

describe('patience', () => {
  const notFinished = () => trouble(400, { kind: 'permanent' });
  const noImport = () => trouble(404, { kind: 'not-found' });

  it('is short for a job that is no import, and not worth a word', async () => {
    const seen = await read({ summary: noImport });
    expect(askedAt(seen)).toEqual([0, 250, 750]);
    expect(seen.facts).toBeUndefined();
    expect(seen.troubles).toEqual([]);
    expect(seen.endedAt).toBe(750);
  });

  it('ends with a word for a job that is no import, where a file of its failed commands is wanted', async () => {
    expect((await read({ summary: noImport, all: true })).troubles).toEqual([`${JOB_1}: Trouble 404`]);
  });

  it('is short for results that are late', async () => {
    const seen = await read({ summary: (n) => (n < 3 ? notFinished() : aSummary()) });
    expect(askedAt(seen)).toEqual([0, 250, 750]);
    expect(seen.facts).toBeDefined();
    expect((await read({ summary: notFinished })).troubles).toEqual([`${JOB_1}: Trouble 400`]);
  });

  it('is longer where the verdict needs them', async () => {
    const seen = await read({ summary: noImport, needed: true });
    expect(askedAt(seen)).toEqual([0, 250, 750, 1_750, 3_750, 7_750, 11_750]);
    expect(seen.troubles).toEqual([`${JOB_1}: Trouble 404`]);
    expect(seen.asked[0]?.until).toBe(60_000);
  });

  it('with passing trouble lasts 20 s', async () => {
    const seen = await read({ summary: () => trouble(503) });
    expect(askedAt(seen)).toEqual([0, 250, 750, 1_750, 3_750, 7_750, 11_750, 15_750, 19_750]);
    expect(seen.facts).toBeUndefined();
    expect(seen.troubles).toEqual([`${JOB_1}: Trouble 503`]);
    expect(new Set(seen.asked.map(({ until }) => until))).toEqual(new Set([20_000]));
  });

  it('with passing trouble lasts a minute where the verdict needs them', async () => {
    const seen = await read({ summary: () => trouble(503), needed: true });
    expect(askedAt(seen).at(-1)).toBe(59_750);
  });

  it('lets trouble pass', async () => {
    const seen = await read({ summary: (n) => (n < 4 ? trouble(502) : aSummary()) });
    expect(seen.facts).toEqual({ summary: aSummary(), failedCommands: 0, firstFailed: [] });
    expect(seen.troubles).toEqual([]);
  });

  it('goes to the last moment, and not beyond', async () => {
    const exact = await read({
      summary: (n) => (n === 1 ? trouble(429, { retryAfterMs: 20_000 }) : aSummary()),
    });
    expect(askedAt(exact)).toEqual([0, 20_000]);
    const beyond = await read({ summary: () => trouble(429, { retryAfterMs: 20_001 }) });
    expect(askedAt(beyond)).toEqual([0]);
    expect(beyond.endedAt).toBe(0);
  });

  it('heeds Retry-After, which makes no pause shorter', async () => {
    const seen = await read({
      summary: (n) =>
        n === 1
          ? trouble(503, { retryAfterMs: 3_000 })
          : n === 2
            ? trouble(503, { retryAfterMs: 1 })
            : aSummary(),
    });
    expect(askedAt(seen)).toEqual([0, 3_000, 3_500]);
  });

  it('begins anew with each page', async () => {
    const errors = (_: number, n: number) => (n < 3 ? trouble(503) : { total: 1, commands: commands(1) });
    const summary = (n: number) => (n < 2 ? trouble(503) : aSummary({ failedCommands: 1 }));
    const seen = await read({ summary, errors });
    expect(seen.asked.map(({ at, until }) => [at, until])).toEqual([
      [0, 20_000],
      [250, 20_000],
      [250, 20_250],
      [500, 20_250],
      [1_000, 20_250],
    ]);
  });

  it.each([trouble(403, { kind: 'permanent' }), trouble(401, { kind: 'unauthorized' })])(
    'is none for what is final: $message',
    async (error) => {
      const seen = await read({ summary: () => error, needed: true });
      expect(askedAt(seen)).toEqual([0]);
      expect(seen.facts).toBeUndefined();
      expect(seen.troubles).toEqual([`${JOB_1}: ${error.message}`]);
    },
  );

  it('is none for a defect, which is thrown', async () => {
    await expect(read({ summary: () => new TypeError('a defect') })).rejects.toThrow('a defect');
  });

  it('keeps the summary where the failed commands can not be had', async () => {
    const summary = aSummary({ failedCommands: 7 });
    const seen = await read({ summary: () => summary, errors: noImport });
    expect(seen.facts).toEqual({ summary, failedCommands: 7, firstFailed: [], isPartial: true });
    expect(seen.troubles).toEqual([`${JOB_1}: Trouble 404`]);
  });
});

describe('a cancellation', () => {
  it('before the first request lets none be sent', async () => {
    const seen = await read({ signal: AbortSignal.abort() });
    expect(seen.asked).toEqual([]);
    expect(seen.facts).toBeUndefined();
    expect(seen.troubles).toEqual([`${JOB_1}: the wait was stopped`]);
  });

  it('ends a pause at once', async () => {
    const clock = new FakeClock();
    const seen = await read({
      clock,
      summary: () => trouble(503),
      needed: true,
      signal: cancelAt(clock, 5_000),
    });
    expect(seen.endedAt).toBe(5_000);
    expect(seen.troubles).toEqual([`${JOB_1}: the wait was stopped`]);
  });

  it('ends a request at once, and keeps what is known', async () => {
    const clock = new FakeClock();
    const summary = aSummary({ failedCommands: 7 });
    const seen = await read({
      clock,
      summary: () => summary,
      takesMs: 3_000,
      signal: cancelAt(clock, 4_000),
    });
    expect(seen.endedAt).toBe(4_000);
    expect(seen.facts).toEqual({ summary, failedCommands: 7, firstFailed: [], isPartial: true });
  });

  it('hides no other trouble', async () => {
    const error = new CollibraError('permanent', 'x', 'Not allowed');
    expect((await read({ summary: () => error })).troubles).toEqual([`${JOB_1}: Not allowed`]);
  });
});
