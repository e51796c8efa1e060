import { describe, expect, it } from '@jest/globals';

import { plain, plainJson } from '../../src/report/sanitize.ts';
import { maskSecret } from '../../src/report/secrets.ts';
import { written } from '../support/stdout.ts';

describe('plain text', () => {
  it.each(['', 'A job with 3 errors: 50%', 'Grüße, 東京, עברית, 😀', 'a: ::b', 'a#[b]'])(
    'stays the same except for spaces: %j',
    (text) => expect(plain(`  ${text.replaceAll(' ', '   ')} `)).toBe(text),
  );

  it.each([
    ['::error::x', ': :error::x'],
    ['  ::error::x', ': :error::x'],
    ['\n::error::x', ': :error::x'],
    ['\u00A0\u3000::error::x', ': :error::x'],
    ['\u200B::error::x', ': :error::x'],
    ['a\n::error::x', 'a ::error::x'],
    ['a\r::error::x', 'a ::error::x'],
    ['a\r\n::error::x', 'a ::error::x'],
    ['a\u2028::error::x', 'a ::error::x'],
    ['##[error]x', '## [error]x'],
    ['a ##[group]b ##[endgroup]', 'a ## [group]b ## [endgroup]'],
    ['###[error]x', '### [error]x'],
    ['##\u0000[error]x', '## [error]x'],
    ['#\u200B#[error]x', '# #[error]x'],
  ])('contains no workflow command: %j', (text, line) => {
    expect(plain(text)).toBe(line);
  });

  it('contains no control characters, and none that are invisible or change the direction of text', () => {
    const ranges = '0-1f 7f-9f ad-ad 61c-61c 180e-180e 200b-200f 2028-202e 2060-206f feff-feff fff9-fffb'.split(' ');
    for (const [from = 0, to = 0] of ranges.map((range) => range.split('-').map((code) => parseInt(code, 16))))
      for (let code = from; code <= to; code++)
        expect(`${code} ${plain(`a${String.fromCharCode(code)}b`)}`).toBe(`${code} a b`);
  });

  it.each([
    ['a\u001B[31mred\u001B[0mb', 'a [31mred [0mb'],
    ['a\uD800b\uDC00c', 'a\uFFFDb\uFFFDc'],
    ['\uD83D\uDE00 \uDE00\uD83D', '\uD83D\uDE00 \uFFFD\uFFFD'],
  ])('is well-formed: %j', (text, line) => {
    expect(plain(text)).toBe(line);
    expect(plain(text).isWellFormed()).toBe(true);
  });

  it.each([
    ['x'.repeat(1000), undefined, 'x'.repeat(1000)],
    ['x'.repeat(1001), undefined, `${'x'.repeat(999)}…`],
    ['abcdef', 6, 'abcdef'],
    ['abcdefg', 6, 'abcde…'],
    [`abc${' '.repeat(9)}def`, 7, 'abc def'],
    [`${'\u200B'.repeat(50)}abc`, 5, '…'],
    ['😀😀😀', 4, '😀…'],
    [`${'\u200B'.repeat(15)}abcde`, 5, 'abcde'],
    [`${'\u200B'.repeat(16)}abcde`, 5, 'ab…'],
    [`abc${' '.repeat(25)}def`, 7, 'a…'],
  ])('has a maximum length, and an ellipsis if it is truncated: %#', (text, limit, line) => {
    expect(plain(text, limit)).toBe(line);
  });

  it('is truncated fast, however long the text is', () => {
    const startMs = performance.now();
    for (const part of ['x', '\u0000', '##[', ' ', '\n::', '\uD800', '…\u202E']) {
      const line = plain(part.repeat(3_000_000 / part.length));
      expect(line.length).toBeLessThanOrEqual(1000);
      expect(line).toMatch(/…$/);
      expect(line).not.toMatch(/##\[|^\s*::/);
    }
    expect(performance.now() - startMs).toBeLessThan(1000);
  });

  const TOKEN = 'open-sesame of the hill';
  const LONG_TOKEN = 'eyJhbGci.'.repeat(500);

  it.each([
    ['is', `it is ${TOKEN}!`, 1000, 'it is ***!'],
    ['is at the limit', `${'x'.repeat(30)}${TOKEN}`, 40, `${'x'.repeat(30)}***`],
    ['is beyond the limit', `${'x'.repeat(155)}${TOKEN}`, 40, `${'x'.repeat(39)}…`],
    ['is longer than the limit', `it is ${LONG_TOKEN}!`, 1000, 'it is ***!'],
    ['is one only as a single line', 'it is open-sesame\r\nof\t the\u200B hill!', 1000, 'it is ***!'],
    ['hides a command', '##open-sesame\n of the hill[error]', 1000, '##***[error]'],
  ])('contains no secret, and is otherwise whole, where it %s', async (_, text, limit, line) => {
    await written(() => [TOKEN, LONG_TOKEN].forEach(maskSecret));
    expect(plain(text, limit)).toBe(line);
  });
});

describe('plain JSON', () => {
  it.each([
    [{ a: 1, b: [2, null], c: { d: true } }, '{"a":1,"b":[2,null],"c":{"d":true}}'],
    ['Grüße, 東京, 😀 "x"', '"Grüße, 東京, 😀 \\"x\\""'],
    ['a#[b] ## [c]', '"a#[b] ## [c]"'],
  ])('stays the same: %j', (value, line) => {
    expect(plainJson(value)).toBe(line);
  });

  it.each([
    ['##[error]x ###[y] ##[', String.raw`"##\u005berror]x ###\u005by] ##\u005b"`],
    ['\u0007\n\u007F\u009B', String.raw`"\u0007\n\u007f\u009b"`],
    ['\u202E\u2028\u200B\uFEFF', String.raw`"\u202e\u2028\u200b\ufeff"`],
  ])('escapes what could do harm, and means the same: %j', (text, line) => {
    expect(plainJson(text)).toBe(line);
    expect(JSON.parse(line)).toBe(text);
  });

  it('truncates texts alone', () => {
    const [longest, longer] = ['e'.repeat(100_000), 'e'.repeat(100_001)];
    const shortened = `${'e'.repeat(99_999)}…`;
    expect(JSON.parse(plainJson({ longest, list: [longer, 7] }))).toEqual({ longest, list: [shortened, 7] });
  });

  it.each(['an-open-secret', 'open "sesame" \\7', 'message', 'öpen\nsesame'])(
    'contains no secret, and stays valid: %j',
    async (secret) => {
      await written(() => maskSecret(secret));
      const json = plainJson({ message: `the ${secret} is`, list: [secret] });
      expect(JSON.parse(json)).toEqual({ message: 'the *** is', list: ['***'] });
    },
  );
});
