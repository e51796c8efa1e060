import { describe, expect, it } from '@jest/globals';

import { capitalize, count, duration, groupBy, number, oneLine, shorten } from '../src/text.ts';

describe('duration', () => {
  it.each([
    [0, '0 s'],
    [40, '0 s'],
    [50, '0.1 s'],
    [400, '0.4 s'],
    [1000, '1 s'],
    [1500, '1.5 s'],
    [9949, '9.9 s'],
    [9950, '10 s'],
    [10_400, '10 s'],
    [59_499, '59 s'],
    [59_500, '1 min'],
    [60_000, '1 min'],
    [61_000, '1 min 1 s'],
    [125_000, '2 min 5 s'],
    [3_599_499, '59 min 59 s'],
    [3_599_500, '1 h'],
    [3_600_000, '1 h'],
    [3_840_000, '1 h 4 min'],
    [432_000_000, '120 h'],
  ])('formats %d ms as %s', (ms, words) => {
    expect(duration(ms)).toBe(words);
  });
});

describe('number', () => {
  it.each([0, 7, 999, 1_000, 12_345, 999_999, 1_000_000, 1_234_567_890, -1_000, -999, 0.125, 1_234.5])(
    'formats %d as in English',
    (n) => {
      expect(number(n)).toBe(n.toLocaleString('en-US'));
    },
  );

  it('does not group decimals', () => {
    expect(number(1_234.56789)).toBe('1,234.56789');
  });
});

describe('count', () => {
  it.each([
    [0, '0 jobs'],
    [1, '1 job'],
    [2, '2 jobs'],
    [2500, '2,500 jobs'],
  ])('formats %d as %s', (n, words) => {
    expect(count(n, 'job')).toBe(words);
  });
});

describe('shorten', () => {
  it.each([
    ['', 1, ''],
    ['abc', 3, 'abc'],
    ['abcd', 3, 'ab…'],
    ['abcd', 1, '…'],
    ['ab😀', 4, 'ab😀'],
    ['ab😀c', 4, 'ab…'],
    ['ab😀c', 5, 'ab😀c'],
    ['ab😀cd', 5, 'ab😀…'],
    ['\uD83D\uD83Dabc', 3, '\uD83D…'],
  ])('truncates %j to %d characters: %j', (text, limit, short) => {
    expect(shorten(text, limit)).toBe(short);
  });
});

it('capitalize writes only the first letter in upper case', () => {
  expect(['', 'a', 'job named "a"'].map(capitalize)).toEqual(['', 'A', 'Job named "a"']);
});

describe('oneLine', () => {
  it.each([
    [' a \t\r\n b\u200B\u2028c ', 'a b c'],
    ['a\uD800b', 'a\uFFFDb'],
  ])('writes %j as %j', (text, line) => {
    expect(oneLine(text)).toBe(line);
  });
});

it('groupBy keeps the order of items and of keys', () => {
  const groups = groupBy([3, 1, 4, 1, 5, 9, 2, 6], (n) => (n % 2 === 0 ? 'even' : undefined));
  expect([...groups]).toEqual([
    [undefined, [3, 1, 1, 5, 9]],
    ['even', [4, 2, 6]],
  ]);
});
