import type { IncomingHttpHeaders } from 'node:http';

import { lenient, object, parse, parseJson, string } from '../schema.ts';
import type { HttpResponse } from './transport.ts';

/** Redacts the secrets that a server may echo in a text, then truncates it: the other order could leave half a secret. */
export type RedactAndTruncate = (text: string, limit: number) => string;

/** How much of a server's own words is quoted, in characters. */
export const QUOTE_LENGTH = 500;

/**
 * The fields with which servers explain an error: Collibra's StandardErrorResponse (both job APIs use these names),
 * RFC 9457 (`title`, `detail`), RFC 6749 (`error`, `error_description`), and what gateways and Spring send.
 */
const errorBody = object({
  titleMessage: lenient(string()),
  userMessage: lenient(string()),
  helpMessage: lenient(string()),
  title: lenient(string()),
  detail: lenient(string()),
  error: lenient(string()),
  error_description: lenient(string()),
  message: lenient(string()),
  errorCode: lenient(string()),
});

const HTML_TITLE = /<title[^>]*>([^<]+)</i;

/** A title stands at the start of a page, in characters. The rest is not searched: a page may be as large as 32 MiB. */
const HTML_HEAD_LENGTH = 10_000;

/** Quotes a server's own words from the body of an error, as a whole sentence; '' if it has none. */
export function serverWords({ body, headers }: HttpResponse, redactAndTruncate: RedactAndTruncate): string {
  const words = wordsOfJson(body, redactAndTruncate);
  if (words !== '' || !looksLikeHtml(body, headers)) return quote(words || body.trim(), redactAndTruncate);
  const title = HTML_TITLE.exec(body.slice(0, HTML_HEAD_LENGTH))?.[1]?.trim();
  return title ? quote(title, redactAndTruncate) : 'The response is an HTML page.';
}

/** @returns '' if the body is no JSON object, or one without words */
function wordsOfJson(body: string, redactAndTruncate: RedactAndTruncate): string {
  const { errorCode, ...texts } = parse(errorBody, parseJson(body)) ?? {};
  // Redacted first: a secret may end in the period that is removed.
  const words = Object.values(texts).map((text) =>
    redactAndTruncate(text?.trim() ?? '', QUOTE_LENGTH).replace(/\.$/, ''),
  );
  const distinct = [...new Set(words.filter(Boolean))].join('. ');
  return [distinct, errorCode ? `(${errorCode})` : ''].filter(Boolean).join(' ');
}

/** Quotes words of a server as a whole sentence; '' if there are none. */
export function quote(words: string, redactAndTruncate: RedactAndTruncate): string {
  if (words === '') return '';
  const text = redactAndTruncate(words, QUOTE_LENGTH);
  return `Server response: ${text}${/[.!?…]$/.test(text) ? '' : '.'}`;
}

/** Whether a body is a web page: a login page, a maintenance notice, a gateway's error. */
export function looksLikeHtml(body: string, headers: IncomingHttpHeaders): boolean {
  return (headers['content-type'] ?? '').includes('html') || /^\s*<(!doctype|html)/i.test(body);
}
