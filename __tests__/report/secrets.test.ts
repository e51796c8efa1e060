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

  it('may contain line breaks, workflow commands and patterns', async () => {
    expect(await mask('a%b\r\nc::d', '$&.*+?^(x)')).toEqual(['a%b\r\nc::d', '$&.*+?^(x)']);
    expect(redact('[a%b\r\nc::d] [$&.*+?^(x)]')).toBe('[***] [***]');
  });

  it.each([
    ['in a form', 'one p@ss/"', 'one+p%40ss%2F%22'],
    ['in a URL', 'two p@ss/"', 'two%20p%40ss%2F%22'],
    ['in JSON', 'three p@ss/"', String.raw`three p@ss/\"`],
    ['with single spaces', 'four \t\n p@ss/"', 'four p@ss/"'],
    ['with single spaces in JSON', 'five \t\n p@ss/"', String.raw`five p@ss/\"`],
    ['without spaces around it', ' six p@ss/" ', 'six p@ss/"'],
    ['that is not well-formed, in a URL', 'lone-\uD800-half', 'lone-%EF%BF%BD-half'],
  ])('is redacted as a server might echo it %s', async (_, secret, echoed) => {
    expect(await mask(secret)).toEqual([secret]);
    expect(redact(`[${echoed}] [${secret}]`)).toBe('[***] [***]');
  });

  it('is redacted before a text is truncated', async () => {
    await mask('a-long-secret-in-the-text');
    expect(redactAndTruncate('the a-long-secret-in-the-text', 12)).toBe('the ***');
    expect(redactAndTruncate('no secret in it', 9)).toBe('no secre…');
  });

  it('does not change other text', () => {
    expect(redact('')).toBe('');
    expect(redact('COMPLETED_WITH_ERROR')).toBe('COMPLETED_WITH_ERROR');
  });
});

describe('a value that outputs and messages need', () => {
  it('is not masked if it has less than six characters', async () => {
    expect(await mask('', 'a', 'abcde', 'abcdef', 'ab\t\t\tcd')).toEqual(['abcdef', 'ab\t\t\tcd']);
    expect(redact('abcde ab cd')).toBe('abcde ab cd');
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
