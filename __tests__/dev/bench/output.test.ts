import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, jest, test } from '@jest/globals';
import { picture, type Dot } from '../../../dev/bench/picture.ts';
import { percent, seconds, table } from '../../../dev/bench/table.ts';

jest.setTimeout(60_000);

test('a table lines up its columns, the first one to the left, and fills the cells that a row lacks', () => {
  const rows = [['long name', '1'], ['b', '1,000,000'], ['x']];
  expect(table(['a', 'number'], rows).split('\n')).toEqual([
    '| a         |    number |',
    '| --------- | --------: |',
    '| long name |         1 |',
    '| b         | 1,000,000 |',
    '| x         |           |',
  ]);
});

test('figures are short', () => {
  expect([0, 1_234, 99_949, 123_456].map(seconds)).toEqual(['0.00 s', '1.23 s', '99.95 s', '123 s']);
  expect(percent(0.0456)).toBe('4.6%');
});

describe('the picture', () => {
  const peer: Dot = { label: 'peer', requests: 50, delayMs: 5_000, ours: false };

  test('has a dot for each poller, with its name escaped, and its own background, and loads nothing', () => {
    const svg = picture([peer, { label: 'this <one> & that', requests: 20, delayMs: 1_000, ours: true }]);
    expect(svg.match(/<circle/g)).toHaveLength(2);
    expect(svg).toContain('this &lt;one> &amp; that');
    expect(svg).toContain('<rect width="960" height="520" rx="8" fill="#ffffff"/>');
    expect(svg.replace('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|href|url\(|<style|<script/);
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  });

  test('shows fewer requests further left, and less delay lower', () => {
    const place = (dot: Dot) => {
      const [, cx = '', cy = ''] = /cx="([\d.]+)" cy="([\d.]+)"/.exec(picture([dot])) ?? [];
      return [Number(cx), Number(cy)] as const;
    };
    expect(place({ ...peer, requests: 20 })[0]).toBeLessThan(place(peer)[0]);
    expect(place({ ...peer, delayMs: 2_000 })[1]).toBeGreaterThan(place(peer)[1]);
  });

  test('writes no name over another', () => {
    const crowd = ['a', 'b', 'c', 'd'].map((label) => ({ ...peer, label }));
    const places = [...picture(crowd).matchAll(/y="([\d.]+)" text-anchor="(\w+)"[^>]*>[abcd]</g)];
    expect(places).toHaveLength(4);
    for (const side of ['start', 'end']) {
      const lines = places.filter(([, , anchor]) => anchor === side).map(([, y]) => Number(y));
      lines.sort((a, b) => a - b);
      expect(Math.min(16, ...lines.slice(1).map((line, index) => line - (lines[index] ?? 0)))).toBe(16);
    }
  });
});

describe('npm run bench', () => {
  const main = fileURLToPath(new URL('../../../dev/bench/main.ts', import.meta.url));
  const drawn = new URL('../../../dev/bench/polling.svg', import.meta.url);
  const bench = (...options: string[]) => promisify(execFile)(process.execPath, [main, '--no-process', ...options]);

  test('prints the same tables each time and does not change the picture', async () => {
    const before = readFileSync(drawn, 'utf8');
    const [first, second] = await Promise.all([bench('--jobs', '30'), bench('--jobs', '30')]);
    expect(first.stdout).toBe(second.stdout);
    expect(first.stdout.match(/^## .*/gm)).toEqual([
      '## Polling rules: mean delay / requests',
      '## This action and others',
      '## This action, by what progress does',
    ]);
    expect(first.stdout).not.toMatch(/NaN|undefined|Infinity/);
    expect(readFileSync(drawn, 'utf8')).toBe(before);
  });

  test.each([
    [['--jobs', '0'], '--jobs must be a number'],
    [['--jobs', '5s'], '--jobs must be a number'],
    [['--fast'], "Unknown option '--fast'"],
    [['more'], 'Unexpected argument'],
  ])('rejects the options %j', async (options, message) => {
    await expect(bench(...options)).rejects.toThrow(message);
  });
});
