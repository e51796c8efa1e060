import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import type { ImportResults } from '../../../src/collibra/import-results.ts';
import type { RunReport } from '../../../src/outcome.ts';
import { summaryOf } from '../../../src/report/summary/index.ts';
import { someResults } from '../../support/jobs.ts';
import { command, partlyFailedImport, resource, type Four } from '../samples.ts';
import { jobReport, rowsOf, run, runOfFailed, textOf } from './support.ts';

describe('the table of resources', () => {
  const summaryWith = (results: Partial<ImportResults>) =>
    summaryOf(run('accepted', jobReport('accepted', { importResults: someResults(results) })));

  test('has a row for each resource type, and below for its categories', () => {
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

  test('has bars of ten squares with at least one for each kind that occurs', () => {
    const kinds = ['🟩', '🟦', '🟧', '🟥'];
    const number = fc.oneof(fc.constant(0), fc.nat(20), fc.nat(1e9));
    fc.assert(
      fc.property(fc.tuple(number, number, number, number), (four) => {
        const markdown = summaryWith({ changes: 1, failedCommands: 0, resources: [resource('ASSET', four)] });
        const squares = Array.from(rowsOf(markdown, 'Resources')[0]?.at(-1) ?? '');
        expect(squares).toHaveLength(four.some((n) => n > 0) ? 10 : 0);
        expect(kinds.map((kind) => squares.includes(kind))).toEqual(four.map((n) => n > 0));
        expect(squares).toEqual(squares.toSorted((a, b) => kinds.indexOf(a) - kinds.indexOf(b)));
      }),
    );
  });

  test('counts the types and categories beyond its limits, and keeps categories with failures', () => {
    const categories = Object.fromEntries(
      Array.from({ length: 14 }, (_, n) => [`Type ${n}`, [n, 0, 0, Number(n === 2)] as Four]),
    );
    const resources = Array.from({ length: 23 }, (_, n) => resource(`KIND ${n}`, [1], n === 0 ? categories : {}));
    const markdown = summaryWith({ changes: 100, failedCommands: 1, resources });
    const names = rowsOf(markdown, 'Resources').map(([name]) => name);
    const shown = [2, 13, 12, 11, 10, 9, 8, 7, 6, 5].map((n) => `Type ${n}`);
    expect(names.slice(0, 13)).toEqual(['KIND 0', ...shown, '… and 4 more', 'KIND 1']);
    expect(names.slice(-2)).toEqual(['KIND 19', '… and 3 more']);
    expect(markdown).toContain('<th>🟧 removed</th><th>Share</th></tr>');
    expect(markdown).toContain('<td nowrap>&emsp;… and 4 more</td>');
    expect(markdown).toContain('<td nowrap>… and 3 more</td>');
  });

  test.each([
    ['a column of zeros if no command failed', 0, 0, true],
    ['no column of zeros beside failed commands', 0, 2, false],
    ['no column of failures if none are counted', undefined, 0, false],
    ['no column of failures if nothing is known', undefined, undefined, false],
    ['a column of failures if they are counted', 1, undefined, true],
  ])('has %s', (_, failed, failedCommands, hasColumn) => {
    const resources = [{ ...resource('ASSET', [7]), failed }];
    const markdown = summaryWith({ changes: 7, failedCommands, resources });
    expect(markdown.includes('🟥 failed')).toBe(hasColumn);
  });

  test('shows unknown counters as such, and their sums as minimums', () => {
    const unknown = { added: 5, updated: undefined, removed: 0, failed: undefined };
    const categories = [unknown, { ...unknown, added: undefined }].map((one, n) => ({ name: `Type ${n}`, ...one }));
    const resources = [{ resourceType: 'ASSET', ...unknown, categories }, resource('RELATION', [1, 2])];
    const markdown = summaryWith({ changes: 8, failedCommands: 0, resources });
    expect(rowsOf(markdown, 'Resources')).toEqual([
      ['ASSET', '5', '–', '0', '–', '🟩'.repeat(10)],
      ['Type 0', '5', '–', '0', '–', ''],
      ['Type 1', '–', '–', '0', '–', ''],
      ['RELATION', '1', '2', '0', '0', '🟩🟩🟩🟦🟦🟦🟦🟦🟦🟦'],
    ]);
    expect(markdown).toContain('\n<p><b>6 added, at least 2 updated</b>.');
  });

  test('is missing if the counters are', () => {
    expect(summaryWith({})).toMatch(/<\/table>\n$/);
    expect(summaryWith({ resources: [resource('ASSET', [])] })).not.toContain('Resources');
    expect(summaryWith({ changes: 0 })).not.toContain('Resources');
  });
});

describe('the table of failed commands', () => {
  const cellsOf = (report: RunReport, errorsFile?: string) => rowsOf(summaryOf(report, { errorsFile }), 'Error');
  const many = (n: number, message: (index: number) => string) =>
    Array.from({ length: n }, (_, index) => command(message(index), index));

  test('has one row for errors that differ only in names and numbers, and says so', () => {
    const commands = [
      "No type 'Table' in line 12",
      'No asset abcdef12-ab12-4abc-8def-0123456789ab',
      "No type 'Column' in line 7",
      'No asset 0199a1c0-5d1e-7d43-8f0a-2f1f6c1d0b01',
      'No type "View" in line 1',
      'No type View in line 1',
      'Not a number: (1)',
      'Not a number: ()',
    ].map(command);
    const rows = cellsOf(runOfFailed(commands));
    expect(rows[1]?.[3]).toBe('[1] asset 1 [3] asset 3');
    expect(rows.map(([n, , error]) => [n, error])).toEqual([
      ['3', "No type 'Table' in line 12 (2 more messages with other names or numbers)"],
      ['2', 'No asset abcdef12-ab12-4abc-8def-0123456789ab (1 more message with other names or numbers)'],
      ['1', 'No type View in line 1'],
      ['1', 'Not a number: (1)'],
      ['1', 'Not a number: ()'],
    ]);
  });

  test('has a row for each kind of the same error', () => {
    const kinds = ['ASSET VALIDATION', 'ASSET RUNTIME', 'RELATION VALIDATION', ' OTHER', 'OTHER '];
    const commands = kinds.map((kind) => {
      const [resourceType = '', errorType = ''] = kind.split(' ');
      return { ...command('Same'), resourceType, errorType };
    });
    expect(cellsOf(runOfFailed(commands)).map(([, kind]) => kind)).toEqual(kinds.map((kind) => kind.trim()));
  });

  const letters = (n: number) => String.fromCharCode(97 + (n % 26), 97 + Math.floor(n / 26));
  const frequencies = (n: number) => (n < 30 ? 'Frequent' : n < 100 ? 'Most frequent' : n > 100 ? 'Rare' : 'Odd');

  test.each<[what: string, number, messageOf: (n: number) => string, named: number[], shown: string]>([
    ['at least one for each error', 102, frequencies, [47, 1, 1, 1], '50 of 102 failed commands.'],
    ['two frequent errors', 80, (n) => (n < 40 ? 'One' : 'Another'), [40, 10], '50 of 80 failed commands.'],
    ['fifty errors', 60, letters, Array<number>(50).fill(1), '50 of 60 failed commands.'],
    ['a thousand', 1001, () => 'Same', [50], '50 of 1,001 failed commands, and counts only the first 1,000.'],
  ])('names fifty commands: %s', (_, n, messageOf, named, shown) => {
    const report = runOfFailed(many(n, messageOf));
    expect(cellsOf(report).map((row) => row[3]?.match(/asset \d+/g)?.length)).toEqual(named);
    expect(textOf(summaryOf(report))).toContain(`This summary shows ${shown} The Import Results`);
  });

  test('says how many commands of an error it does not name, and where they are', () => {
    const report = runOfFailed(many(102, frequencies), 2500);
    const [count, , , names] = cellsOf(report)[0] ?? [];
    expect(count).toBe('70');
    expect(names).toMatch(/\[32\] asset 3267 more\[33\] asset 33.*\[76\] asset 76 … and 23 more$/);
    expect(textOf(summaryOf(report))).toContain(
      'This summary shows 50 of 2,500 failed commands, and counts only the first 102. The Import Results in Collibra contain all of them, and the errors-file input writes them to a file.',
    );
  });

  test.each([
    [4, '<br>[3] asset 3'],
    [5, '<details><summary>2 more</summary>[3] asset 3<br>[4] asset 4</details>'],
  ])('collapses commands only if there are at least two to collapse: %d', (n, end) => {
    const cell = `[0] asset 0<br>[1] asset 1<br>[2] asset 2${end}`;
    expect(summaryOf(runOfFailed(many(n, () => 'Same')))).toContain(`<td>${cell}</td>`);
  });

  test.each([
    ['asset 0', [0], '[0] asset 0'],
    ['', [0], '[0]'],
    ['asset 0', [], 'asset 0'],
    ['asset 0', [1, 2, 3, 4, 5], '[1, 2, 3, 4, 5] asset 0'],
    ['asset 0', [1, 2, 3, 4, 5, 6], '[1, 2, 3, 4, 5, …] asset 0'],
    ['', [], '–'],
  ])('names a command by its identifier %j and its first indices %j', (identifier, indices, name) => {
    expect(cellsOf(runOfFailed([{ ...command('Odd'), identifier, indices }]))[0]?.[3]).toBe(name);
  });

  test.each([
    [false, 'contains all failed commands.'],
    [true, 'is incomplete; see the log.'],
  ])('is followed by the errors file (partial: %j)', (isPartial, contents) => {
    const report = runOfFailed([command('Odd')], 100, isPartial);
    const text = textOf(summaryOf(report, { errorsFile: 'out/failed.jsonl' }));
    expect(text).toContain(`The file out/failed.jsonl ${contents}`);
    expect(text).not.toContain('This summary shows');
  });

  test.each([
    [7, '7 failed commands This summary shows 0 of 7 failed commands. The Import Results'],
    [1, '1 failed command This summary shows 0 of 1 failed command. The Import Results'],
  ])('is missing if the failed commands are only counted: %d', (n, says) => {
    const text = textOf(summaryOf(runOfFailed([], n)));
    expect(text).toContain(says);
    expect(text).not.toContain('Kind');
  });

  test('names no other place if it shows all commands', () => {
    const markdown = summaryOf(runOfFailed([command('Odd')]));
    expect(markdown).toContain('<th>Count</th><th>Kind</th><th>Error</th><th>[Index] Command</th>');
    expect(markdown).toMatch(/asset 0<\/td><\/tr>\n<\/table>\n$/);
  });
});
