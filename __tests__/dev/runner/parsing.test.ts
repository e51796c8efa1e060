// cspell:ignore ecret xsecond ababa abaz
import { describe, expect, it } from '@jest/globals';

import { readKeyValueFile } from '../../../dev/runner/file-commands.ts';
import { SecretMasker } from '../../../dev/runner/secret-masker.ts';
import { commandIn, linesOf } from '../../../dev/runner/workflow-commands.ts';

describe('an output file', () => {
  it.each([
    ['', {}],
    ['a=1\n\nb=2', { a: '1', b: '2' }],
    ['\uFEFFa=x<<y\n', { a: 'x<<y' }],
    ['=x\n', { '': 'x' }],
    ['a<<E\nE\n', { a: '' }],
    ['a<<E\nx=1\r\nb<<F\nE\na=2\n', { a: '2' }],
    ['a<<E\nx\r\ny\nE\n', { a: 'x\r\ny' }],
    ['a<<E\r\nx\r\ny\r\nE\r\n', { a: 'x\r\ny' }, true],
  ])('%j is read as the runner reads it', (content, expected, isWindows = false) => {
    expect(readKeyValueFile(content, isWindows)).toEqual(expected);
  });

  it.each([
    ['a<<E\nx\n', 'delimiter not found'],
    ['a<<\nx\n', 'delimiter not found'],
    ['text\n', 'Invalid format'],
    ['<<E\nE\n', 'Invalid format'],
  ])('%j is malformed', (content, message) => {
    expect(() => readKeyValueFile(content)).toThrow(message);
  });
});

describe('a line', () => {
  it('ends at LF, CR and CRLF', () => {
    expect(linesOf('a\nb\rc\r\n\nd')).toEqual(['a', 'b', 'c', '', 'd']);
    expect(linesOf('a\n')).toEqual(['a']);
  });

  it.each([
    ['::error::x', 'error', {}, 'x'],
    ['\t \u0085\u00A0\u2028::ERROR file=a::b::c', 'error', { file: 'a' }, 'b::c'],
    ['::anything new=1::x', 'anything', { new: '1' }, 'x'],
    ['::error Title=a=b,line=,=c,d,, e=%3A%2C%250A::%250A%3A', 'error', { title: 'a=b', ' e': ':,%0A' }, '%0A%3A'],
    ['##[group]x', 'group', {}, 'x'],
    ['a ##[error code=1;title=%5D%3B%2C]x%5D%3B', 'error', { code: '1', title: '];%2C' }, 'x];'],
  ])('%j contains a command', (line, name, properties, data) => {
    expect(commandIn(line)).toMatchObject({ name, data });
    expect(commandIn(line)?.properties).toEqual(properties);
  });

  const plain = [': :error::x', 'a ::error::x', '\uFEFF::error::x', '::error:x', '# #[error]x'];
  it.each(plain)('%j contains no command', (line) => {
    expect(commandIn(line)).toBeUndefined();
  });
});

describe('a masked value', () => {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const maskerOf = (...values: string[]) => {
    const masker = new SecretMasker();
    for (const value of values) masker.add(value);
    return masker;
  };

  it.each([
    ['as it is', 'a', 'a'],
    ['in Base64', 'secret', base64('secret')],
    ['in Base64 after one byte', 'secret', base64('ecret')],
    ['in Base64 after two bytes', 'secret', base64('cret')],
    ['on a command line', 'a"b', 'a\\"b'],
    ['in an expression', "a'b", "a''b"],
    ['in JSON', 'a\\\t\u2028b', 'a\\\\\\t\\u2028b'],
    ['in a URL', "a b+ü!'()*", 'a%20b%2B%C3%BC%21%27%28%29%2A'],
    ['in XML', `<a> & "b'`, '&lt;a&gt; &amp; &quot;b&apos;'],
    ['without its double quotes', '"secret7"', 'secret7'],
    ['before the last ampersand', 'part1&part2&part3', 'part1&part2&'],
    ['after the last ampersand', 'one&second', 'second'],
    ['before &+', 'part1&+part2&x', 'part1&+'],
    ['after &+ and a colored character', 'one&+xsecond', 'second'],
  ])('is masked %s', (_, value, encoded) => {
    expect(maskerOf(value).mask(`x ${encoded}.`)).toBe('x ***.');
  });

  it.each([
    ['in form encoding', 'a b', 'a+b'],
    ['in short parts around an ampersand', 'ab&cd', 'ab&'],
    ['without the double quotes of a short value', '"short"', 'short'],
  ])('is not masked %s', (_, value, encoded) => {
    expect(maskerOf(value).mask(encoded)).toBe(encoded);
  });

  it('is masked line by line, however short, and as one where occurrences overlap or touch', () => {
    expect(maskerOf('aba\r\n z ', ' \n').mask('ababa z abaz \n')).toBe('*** *** *** \n');
  });
});
