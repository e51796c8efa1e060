import { expect, it } from '@jest/globals';

import { basicAuthorization, BEARER_TOKEN, capitalize, count, duration, formEncoded } from '../src/text.ts';
import { few, groupBy, number, oneLine, shorten } from '../src/text.ts';

it.each([
  ['seconds', [0, 40, 50, 400, 1000, 1500], '0 s, 0 s, 0.1 s, 0.4 s, 1 s, 1.5 s'],
  ['more seconds without decimals', [9949, 9950, 10_400, 59_499], '9.9 s, 10 s, 10 s, 59 s'],
  ['minutes', [59_500, 60_000, 61_000, 125_000, 3_599_499], '1 min, 1 min, 1 min 1 s, 2 min 5 s, 59 min 59 s'],
  ['hours', [3_599_500, 3_600_000, 3_840_000, 432_000_000], '1 h, 1 h, 1 h 4 min, 120 h'],
])('duration writes %s', (_, ms, words) => {
  expect(ms.map(duration).join(', ')).toBe(words);
});

it('number formats as in English, and never groups decimals', () => {
  const all = [0, 7, 999, 1_000, 12_345, 999_999, 1_000_000, 1_234_567_890, -1_000, -999, 0.125, 1_234.5, 1_234.56789];
  expect(all.map(number)).toEqual(all.map((n) => n.toLocaleString('en-US', { maximumFractionDigits: 9 })));
});

it('count uses the singular only for 1', () => {
  expect([0, 1, 2, 2500].map((n) => count(n, 'job')).join(', ')).toBe('0 jobs, 1 job, 2 jobs, 2,500 jobs');
});

it.each([
  ['', 1, ''],
  ['abc', 3, 'abc'],
  ['abcd', 3, 'ab…'],
  ['abcd', 1, '…'],
  ['ab😀', 4, 'ab😀'],
  ['ab😀c', 4, 'ab…'],
  ['ab😀c', 5, 'ab😀c'],
  ['ab😀cd', 5, 'ab😀…'],
  ['\uD83D\uD83Dabc', 3, '\uD83D\uD83D…'],
  ['abcde\u0301f', 6, 'abcd…'],
  ['abcde\u0301f', 5, 'abcd…'],
  ['👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦', 24, '👨‍👩‍👧‍👦👨‍👩‍👧‍👦…'],
  ['👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦', 23, '👨‍👩‍👧‍👦👨‍👩‍👧‍👦…'],
  ['👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦', 22, '👨‍👩‍👧‍👦…'],
  ['x🇩🇪🇫🇷🇮🇹', 8, 'x🇩🇪…'],
  ['नमस्ते दुनिया', 6, 'नम…'],
  ['שָׁלוֹם עולם', 4, 'שָׁ…'],
])('shorten truncates %j to %d characters: %j', (text, limit, short) => {
  expect(shorten(text, limit)).toBe(short);
});

it('capitalize writes only the first letter in upper case', () => {
  expect(['', 'a', 'job named "a"'].map(capitalize)).toEqual(['', 'A', 'Job named "a"']);
});

it.each(['می‌خواهم', 'क्‍ष', 'ශ්‍රී', '👨‍👩‍👧‍👦', '👩🏽‍🚀', '🏳️‍🌈'])('oneLine keeps the joiner of %s', (text) => {
  expect(oneLine(text)).toBe(text);
});

it('oneLine replaces joiners that join nothing', () => {
  expect(oneLine('a\u200Db 1\u200C2 \u200D\u200C👨\u200D\u200D ')).toBe('a b 1 2 👨\u200D');
});

it('oneLine replaces invisible characters, lone surrogates, and what would be several spaces', () => {
  expect(oneLine(' a \t\r\n b\u200B\u2028c ')).toBe('a b c');
  expect(oneLine('a\uD800b 😀')).toBe('a\uFFFDb 😀');
});

it('basicAuthorization encodes user and password as UTF-8, and formEncoded as a form does', () => {
  expect(basicAuthorization('Anna', 'grün: 1')).toBe('Basic QW5uYTpncsO8bjogMQ==');
  expect(formEncoded('a b+c/d=ü')).toBe('a+b%2Bc%2Fd%3D%C3%BC');
});

it('groupBy keeps the order of items and of keys', () => {
  const groups = groupBy([3, 1, 4, 1, 5, 9, 2, 6], (n) => (n % 2 === 0 ? 'even' : undefined));
  expect([...groups]).toEqual([
    [undefined, [3, 1, 1, 5, 9]],
    ['even', [4, 2, 6]],
  ]);
});

it.each([
  [[], ''],
  [['a', 'b', 'c'], 'a, b, c'],
  [['a', 'b', 'c', 'd', 'e'], 'a, b, c and 2 more'],
])('the texts %j are listed as "%s"', (texts, listed) => {
  expect(few(texts)).toBe(listed);
});

it.each([
  ...['', ' ab', 'ab ', 'a b', 'ab\n', 'é'].map((token) => [token, false] as const),
  ['a.b-c~+/=', true],
] as const)('%j is a bearer token: %j', (token, isToken) => {
  expect(BEARER_TOKEN.test(token)).toBe(isToken);
});
