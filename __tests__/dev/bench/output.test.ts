import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { picture, type Dot } from '../../../dev/bench/picture.ts';
import { percent, seconds, table } from '../../../dev/bench/table.ts';

describe('a table', () => {
  test('lines up its columns, the first one to the left', () => {
    expect(
      table(
        ['a', 'number'],
        [
          ['long name', '1'],
          ['b', '1,000,000'],
        ],
      ),
    ).toBe(
      [
        '| a         |    number |',
        '| --------- | --------: |',
        '| long name |         1 |',
        '| b         | 1,000,000 |',
      ].join('\n'),
    );
  });

  test('fills the cells that a row lacks', () => {
    expect(table(['a', 'b'], [['x']])).toContain('| x   |     |');
  });

  test.each([
    { ms: 0, text: '0.00 s' },
    { ms: 1_234, text: '1.23 s' },
    { ms: 99_949, text: '99.95 s' },
    { ms: 123_456, text: '123 s' },
  ])('shows $ms ms as $text', ({ ms, text }) => {
    expect(seconds(ms)).toBe(text);
  });

  test('shows 0.0456 as 4.6%', () => {
    expect(percent(0.0456)).toBe('4.6%');
  });
});

describe('the picture', () => {
  const dots: Dot[] = [
    { label: 'this <one> & that', requests: 20, delayMs: 1_000, ours: true },
    { label: 'peer', requests: 20, delayMs: 1_050, ours: false },
  ];
  const svg = picture(dots);

  test('has a dot for each poller and its own background, and loads nothing', () => {
    expect(svg.match(/<circle/g)).toHaveLength(2);
    expect(svg).toContain('<rect width="960" height="520" rx="8" fill="#ffffff"/>');
    expect(svg.replace('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|href|url\(|<style|<script/);
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  });

  test('escapes the names', () => {
    expect(svg).toContain('this &lt;one> &amp; that');
  });

  test('shows fewer requests further left, and less delay lower', () => {
    const place = (dot: Dot) => {
      const [, cx = '', cy = ''] = /cx="([\d.]+)" cy="([\d.]+)"/.exec(picture([dot])) ?? [];
      return [Number(cx), Number(cy)] as const;
    };
    const base = { label: '', requests: 50, delayMs: 5_000, ours: false };
    expect(place({ ...base, requests: 20 })[0]).toBeLessThan(place(base)[0]);
    expect(place({ ...base, delayMs: 2_000 })[1]).toBeGreaterThan(place(base)[1]);
  });

  test('writes no name over another', () => {
    const crowd = ['a', 'b', 'c', 'd'].map((label) => ({ label, requests: 100, delayMs: 3_000, ours: false }));
    const places = [...picture(crowd).matchAll(/y="([\d.]+)" text-anchor="(\w+)"[^>]*>[abcd]</g)];
    expect(places).toHaveLength(4);
    for (const side of ['start', 'end']) {
      const lines = places.filter(([, , anchor]) => anchor === side).map(([, y]) => Number(y));
      const gaps = lines
        .sort((a, b) => a - b)
        .slice(1)
        .map((line, index) => line - (lines[index] ?? 0));
      expect(Math.min(...gaps, 16)).toBe(16);
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
  }, 60_000);

  test.each([
    { options: ['--jobs', '0'], message: '--jobs must be a number' },
    { options: ['--jobs', '5s'], message: '--jobs must be a number' },
    { options: ['--fast'], message: "Unknown option '--fast'" },
    { options: ['more'], message: 'Unexpected argument' },
  ])(
    'rejects the options $options',
    async ({ options, message }) => {
      await expect(bench(...options)).rejects.toThrow(message);
    },
    60_000,
  );
});
