import { describe, expect, it } from '@jest/globals';

import { looksLikeHtml, serverWords } from '../../../src/collibra/http/server-words.ts';
import { shorten } from '../../../src/text.ts';
import { json, text } from '../../support/http.ts';

describe('the words of a server', () => {
  const spring = { timestamp: 1, status: 404, error: 'Not Found', message: 'No message available', path: '/x' };
  const problem = { type: 'about:blank', title: 'Forbidden', status: 403, detail: 'IP not on the allow list.' };
  const collibra = { titleMessage: 'T', userMessage: 'U', helpMessage: 'H', errorCode: 'c' };

  it.each<[name: string, body: unknown, words: string]>([
    ["every field of Collibra's errors", collibra, 'T. U. H (c).'],
    ['a problem of RFC 9457', problem, 'Forbidden. IP not on the allow list.'],
    ["a gateway's message", { message: 'Missing Authentication Token' }, 'Missing Authentication Token.'],
    ['an OAuth error', { error: 'invalid_client', error_description: 'Unknown' }, 'invalid_client. Unknown.'],
    ["Spring's error", spring, 'Not Found. No message available.'],
    ['equal fields once', { titleMessage: 'Bad ID.', userMessage: ' No. ', helpMessage: 'Bad ID' }, 'Bad ID. No.'],
    ['a single field', { userMessage: 'Not there', other: 'field' }, 'Not there.'],
    ['periods within a field', { userMessage: 'No v1.0 here. Ask.' }, 'No v1.0 here. Ask.'],
    ['a question as it ends', { userMessage: 'Are you lost?' }, 'Are you lost?'],
    ['an exclamation as it ends', { userMessage: 'Stop!' }, 'Stop!'],
    ['an error code alone', { errorCode: 'jobNotFound', titleMessage: null }, '(jobNotFound).'],
    ['a field beside one of a wrong type', { titleMessage: 7, userMessage: 'U' }, 'U.'],
    ['JSON whose fields have no words', { titleMessage: 7, userMessage: ' ' }, '{"titleMessage":7,"userMessage":" "}.'],
    ['a JSON string', 'no healthy upstream', '"no healthy upstream".'],
    ['a JSON array', [1], '[1].'],
    ['JSON null', null, 'null.'],
    ['a long field, truncated', { userMessage: 'y'.repeat(600) }, `${'y'.repeat(499)}…`],
  ])('are %s', (_name, body, words) => {
    expect(serverWords(json(body, 503), shorten)).toBe(`Server response: ${words}`);
  });

  const page = 'The response is an HTML page.';
  it.each<[name: string, body: string, words: string, type?: string]>([
    ['plain text', ' no healthy upstream\n', 'Server response: no healthy upstream.'],
    ['long text, truncated', 'x'.repeat(600), `Server response: ${'x'.repeat(499)}…`],
    ['none if there is only whitespace', ' \n', ''],
    ['the title of a page', '<!DOCTYPE html><title lang="en">\n 502 Bad \n</title>', 'Server response: 502 Bad.'],
    ['not the body of a page', '<html><h1>502</h1>', page],
    ['no empty title', '<html><title> </title>', page],
    ['no title that is far down', `<html>${' '.repeat(10_000)}<title>502</title>`, page],
    ['JSON whose type is HTML', '{"userMessage":"U"}', 'Server response: U.', 'text/html'],
    ['no content of the type HTML', 'whatever', page, 'text/html; charset=utf-8'],
  ])('are %s', (...[, body, words, type = 'text/plain']) => {
    expect(serverWords(text(body, 503, { 'content-type': type }), shorten)).toBe(words);
  });

  it('are found at once in a page of 32 MiB that never ends its title', () => {
    const startMs = performance.now();
    serverWords(text(`<html>${'<title '.repeat(2 ** 22)}`), shorten);
    serverWords(text(`<html><title>${' '.repeat(2 ** 25)}`), shorten);
    expect(performance.now() - startMs).toBeLessThan(2_000);
  });

  it('are redacted before the period of a secret at their end is removed', () => {
    const redact = (words: string, limit: number) => shorten(words.replaceAll('hunter2222.', '***'), limit);
    const words = serverWords(json({ userMessage: 'Wrong password hunter2222.' }), redact);
    expect(words).toBe('Server response: Wrong password ***.');
  });
});

it.each<[isPage: boolean, type: string | undefined, ...bodies: string[]]>([
  [true, 'text/plain', '<!doctype html>', '\n  <!DOCTYPE HTML>', '<html lang="en">'],
  [true, 'application/json', '<HTML>'],
  [true, 'text/html', '{}'],
  [true, 'application/xhtml+xml', '{}'],
  [false, 'application/json', '{}'],
  [false, 'text/plain', 'a <html>'],
  [false, 'application/xml', '<xml/>'],
  [false, undefined, ''],
])('a body is a web page (%j) with the content type %j if it is %j', (isPage, type, ...bodies) => {
  const headers = type === undefined ? {} : { 'content-type': type };
  for (const body of bodies) expect(looksLikeHtml(body, headers)).toBe(isPage);
});
