import { describe, expect, it } from '@jest/globals';

import { OUTCOMES } from '../../src/outcome.ts';
import { maskSecret, redact, redactAndTruncate } from '../../src/report/secrets.ts';
import { written } from '../support/stdout.ts';

/** Masks secrets, and gives what the runner was asked to mask. */
async function mask(...secrets: string[]): Promise<string[]> {
  const { commands } = await written(() => {
    for (const secret of secrets) maskSecret(secret);
  });
  expect(commands.every(({ name }) => name === 'add-mask')).toBe(true);
  return commands.map(({ text }) => text);
}

describe('a secret', () => {
  it('is masked in the log once, and redacted everywhere', async () => {
    expect(await mask('correct-horse', 'correct-horse')).toEqual(['correct-horse']);
    expect(await mask('correct-horse')).toEqual([]);
    expect(redact('correct-horse, Correct-Horse and xcorrect-horsex')).toBe('***, Correct-Horse and x***x');
  });

  it('is redacted whole if it contains another', async () => {
    await mask('inner-one', 'the-inner-one-and-more', 'inner');
    expect(redact('a the-inner-one-and-more b inner-one c')).toBe('a *** b *** c');
  });

  it('may contain workflow commands and patterns', async () => {
    const odd = ['c::d%b', '$&.*+?^(x)', String.raw`[\d]{9}|a-z/`];
    expect(await mask(...odd)).toEqual(odd);
    expect(redact(`<${odd.join('> <')}>`)).toBe('<***> <***> <***>');
  });

  it('of several lines is redacted whole, and its long lines also alone; the runner gets only these', async () => {
    const secret = '{\r\n"key": "first-line",\n  "other": "second-line"\n}';
    expect(await mask(secret)).toEqual(['"key": "first-line",', '"other": "second-line"']);
    expect(redact(`[${secret}] ["key": "first-line",] }`)).toBe('[***] [***] }');
  });

  it('is not given to the runner if that would mask a common word after its last &', async () => {
    const harmless = ['p4ssw&other-secret', 'p4ssw&success&another', 'p4ssw&short'];
    expect(await mask('p4ssw&success', 'p4ssw&one&SUCCESS', ...harmless)).toEqual(harmless);
    expect(redact('[p4ssw&success] [p4ssw&short] success short')).toBe('[***] [***] success short');
  });

  it.each([
    ['in a form', 'one p@ss/"', 'one+p%40ss%2F%22'],
    ['in a URL', 'two p@ss/"', 'two%20p%40ss%2F%22'],
    ['in a URL with lower-case escapes', '02 p@ss/"', '02%20p%40ss%2f%22'],
    ['in JSON', 'three p@ss/"', String.raw`three p@ss/\"`],
    ['in JSON that escapes slashes', '03 p@ss/"', String.raw`03 p@ss\/\"`],
    ['in JSON with Unicode escapes', '04 p@ss&<é😀>', String.raw`04 p@ss\u0026\u003C\u00e9\ud83d\ude00\u003e`],
    ['in XML', `05 p@ss&<"'>`, '05 p@ss&amp;&lt;&quot;&apos;&gt;'],
    ['in HTML with numeric references', `06 p@ss&'é😀`, '06 p@ss&#038;&#x27;&#XE9;&#x01f600;'],
    ['in Base64', 'seven p@ss/"', Buffer.from('seven p@ss/"').toString('base64').replace(/=+$/, '')],
    ['in Base64 with special characters', 'p@ss~>~?>>>???', 'cEBzc34+fj8+Pj4/Pz8'],
    ['in Base64 for URLs', 'P@ss~>~?>>>???', 'UEBzc34-fj8-Pj4_Pz8'],
    ['with single spaces', 'four \t  p@ss/"', 'four p@ss/"'],
    ['with a line break for a space', 'five p@ss/"', 'five\r\np@ss/"'],
    ['that is not well-formed, in a URL', 'lone-\uD800-half', 'lone-%EF%BF%BD-half'],
  ])('is redacted as a server might echo it %s', async (_, secret, echoed) => {
    expect(await mask(secret)).toEqual([secret]);
    expect(redact(`[${echoed}] [${secret}]`)).toBe('[***] [***]');
  });

  it('is redacted with any encoding of its spaces, but not without them', async () => {
    await mask('words of\ta secret');
    const inJson = [String.raw`\r\n`, String.raw`\t`, String.raw`\u0020`, String.raw`\u000a`];
    const inXml = ['&#32;', '&#10;', '&#13;', '&#9;', '&#x20;', '&#xA;', '&#x0d;'];
    for (const space of [' ', '\n', '+', '%20', '%0a', '%0D%0A', '%09', ...inJson, ...inXml])
      expect(redact(`[${['words', 'of', 'a', 'secret'].join(space)}]`)).toBe('[***]');
    for (const other of ['', '-', '%21', '&#33;']) {
      const text = ['words', 'of', 'a', 'secret'].join(other);
      expect(redact(text)).toBe(text);
    }
  });

  it('is redacted without the spaces around it', async () => {
    expect(await mask(' six p@ss/" ')).toEqual(['six p@ss/"']);
    expect(redact('[six p@ss/"]')).toBe('[***]');
  });

  it('is redacted before a text is truncated', async () => {
    await mask('a-long-secret-in-the-text');
    expect(redactAndTruncate('the a-long-secret-in-the-text', 12)).toBe('the ***');
    expect(redactAndTruncate('no secret in it', 9)).toBe('no secre…');
  });
});

describe('a value that outputs and messages need', () => {
  it('is not masked if it has less than six characters', async () => {
    expect(await mask('', 'a', 'abcde', 'abcdef', 'ab\t\t\tcd')).toEqual(['abcdef', 'ab\t\t\tcd']);
    expect(redact('abcde ab cd [ab\t\t\tcd]')).toBe('abcde ab cd [***]');
  });

  it.each([
    ...OUTCOMES,
    ...['WAITING', 'RUNNING', 'CANCELING', 'COMPLETED', 'CANCELED', 'FAILED', 'DELETED'],
    ...['SUCCESS', 'COMPLETED_WITH_ERROR', 'ABORTED', 'NOT_SET'],
    ...['Import', 'collibra', 'GitHub', 'password', 'Secret', 'username', 'default'],
  ])('is not masked if it is common: %s', async (word) => {
    expect(await mask(word, word.toLowerCase(), word.toUpperCase())).toEqual([]);
    expect(redact(`x ${word} y`)).toBe(`x ${word} y`);
  });
});
