import { describe, expect, it } from '@jest/globals';

import { redactAndTruncate, maskSecret, redact } from '../../src/report/secrets.ts';
import { written } from '../support/stdout.ts';

/** Masks secrets, and gives what the runner was told. */
async function mask(...secrets: string[]): Promise<string[]> {
  const { commands } = await written(() => {
    for (const secret of secrets) maskSecret(secret);
  });
  expect(commands.every(({ name }) => name === 'add-mask')).toBe(true);
  return commands.map(({ text }) => text);
}

describe('a secret', () => {
  it('is masked in the log and redacted wherever it stands', async () => {
    expect(await mask('correct-horse')).toEqual(['correct-horse']);
    expect(redact('correct-horse, Correct-Horse and xcorrect-horsex')).toBe('***, Correct-Horse and x***x');
  });

  it('is masked once', async () => {
    expect(await mask('battery-staple', 'battery-staple')).toEqual(['battery-staple']);
    expect(await mask('battery-staple')).toEqual([]);
  });

  it('is redacted whole, where it contains another', async () => {
    await mask('inner-one', 'the-inner-one-and-more', 'inner');
    expect(redact('a the-inner-one-and-more b inner-one c')).toBe('a *** b *** c');
  });

  it('may have line breaks and signs of workflow commands and patterns', async () => {
    expect(await mask('a%b\r\nc::d', '$&.*+?^(x)')).toEqual(['a%b\r\nc::d', '$&.*+?^(x)']);
    expect(redact('[a%b\r\nc::d] [$&.*+?^(x)]')).toBe('[***] [***]');
  });

  it.each([
    ['in a form', 'one p@ss/"', 'one+p%40ss%2F%22'],
    ['in a URL', 'two p@ss/"', 'two%20p%40ss%2F%22'],
    ['in JSON', 'three p@ss/"', String.raw`three p@ss/\"`],
  ])('is redacted as a server may echo it %s', async (_, secret, echoed) => {
    expect(await mask(secret)).toEqual([secret]);
    expect(redact(`[${echoed}]`)).toBe('[***]');
  });

  it('is gone before a text is cut', async () => {
    await mask('a-long-secret-that-is-cut');
    expect(redactAndTruncate('the a-long-secret-that-is-cut', 12)).toBe('the ***');
    expect(redactAndTruncate('no secret in it', 9)).toBe('no secre…');
  });

  it('may be no well-formed text', async () => {
    await mask('lone-\uD800-half');
    expect(redact('[lone-\uD800-half] [lone-%EF%BF%BD-half]')).toBe('[***] [***]');
  });

  it('leaves other text as it is', () => {
    expect(redact('')).toBe('');
    expect(redact('COMPLETED_WITH_ERROR')).toBe('COMPLETED_WITH_ERROR');
  });
});

describe('what is never masked', () => {
  it('is short', async () => {
    expect(await mask('', 'a', 'abcde')).toEqual([]);
    expect(await mask('abcdef')).toEqual(['abcdef']);
    expect(redact('abcde')).toBe('abcde');
  });

  it.each([
    'success',
    'accepted',
    'failure',
    'timeout',
    'error',
    'cancelled',
    'WAITING',
    'RUNNING',
    'CANCELING',
    'COMPLETED',
    'CANCELED',
    'FAILED',
    'DELETED',
    'SUCCESS',
    'COMPLETED_WITH_ERROR',
    'ABORTED',
    'NOT_SET',
    'Import',
    'collibra',
    'GitHub',
    'password',
    'Secret',
    'username',
    'default',
  ])('is a word that outputs and messages need: %s', async (word) => {
    expect(await mask(word, word.toLowerCase(), word.toUpperCase())).toEqual([]);
    expect(redact(`x ${word} y`)).toBe(`x ${word} y`);
  });
});
