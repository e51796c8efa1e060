import * as core from '@actions/core';

import { OUTCOMES } from '../outcome.ts';
import { shorten } from '../text.ts';

/** The runner replaces a masked value everywhere, so a shorter one would break up other words. */
const MIN_MASKED_LENGTH = 6;

/** Words that are never masked: the runner drops an output that contains a masked value. */
const COMMON_WORDS = new Set<string>([
  ...OUTCOMES,
  ...['waiting', 'running', 'canceling', 'completed', 'canceled', 'failed', 'deleted'],
  ...['completed_with_error', 'aborted', 'not_set'],
  ...['import', 'collibra', 'github', 'password', 'secret', 'username', 'default'],
]);

/** A known secret, and a pattern for all encodings in which a server might echo it. */
interface Secret {
  readonly value: string;
  readonly pattern: RegExp;
}

/** The longest come first, so that a secret that contains another is replaced whole. */
let secrets: Secret[] = [];

/**
 * Masks a secret in the runner's log, and in all text that passes through {@link redact}.
 * Does not mask short or common values. Of a secret of several lines, the runner masks only the long lines.
 */
export function maskSecret(secret: string): void {
  const known = new Set(secrets.map(({ value }) => value));
  const lines = secret.split(/[\r\n]+/).map((line) => line.trim());
  const added = [...new Set([secret.trim(), ...lines])].filter((value) => isMaskable(value) && !known.has(value));
  // The runner would mask each line of a value, however short.
  for (const value of added) if (!/[\r\n]/.test(value) && isSafeForRunner(value)) core.setSecret(value);
  secrets = [...secrets, ...added.map((value) => ({ value, pattern: patternOf(value) }))];
  secrets.sort((a, b) => b.value.length - a.value.length);
}

function isMaskable(text: string): boolean {
  return text.length >= MIN_MASKED_LENGTH && !COMMON_WORDS.has(text.toLowerCase());
}

/** The runner also masks what follows the last `&` of a value, or `&+` and one character: it may be a common word. */
function isSafeForRunner(line: string): boolean {
  const rest = line.slice(line.lastIndexOf('&') + 1).replace(/^\+./, '');
  return rest.length < MIN_MASKED_LENGTH || isMaskable(rest);
}

/** Replaces every secret that a server might echo, in all usual encodings. */
export function redact(text: string): string {
  return secrets.reduce((redacted, { pattern }) => redacted.replace(pattern, '***'), text);
}

/** Redacts a text and then truncates it. The other order could leave half a secret. */
export function redactAndTruncate(text: string, limit: number): string {
  return shorten(redact(text), limit);
}

/** Matches a secret as it is, with other whitespace, with characters escaped for URL, form, JSON or XML, and in Base64. */
function patternOf(secret: string): RegExp {
  // Without its whitespace, a short secret would match common text.
  const isLong = secret.replace(/\s+/g, ' ').length >= MIN_MASKED_LENGTH;
  const escaped = secret
    .split(/(\s+)/)
    .map((part) => (isLong && /^\s/.test(part) ? WHITESPACE : Array.from(part, encodingsOf).join('')));
  const base64 = Buffer.from(secret).toString('base64').replace(/=+$/, '');
  const base64Url = base64.replaceAll('+', '-').replaceAll('/', '_');
  return new RegExp([escaped.join(''), ...[base64, base64Url].map(escapeForRegExp)].join('|'), 'g');
}

const WHITESPACE = String.raw`(?:\s|%20|%0[aAdD9]|\+|\\[nrt]|\\u00(?:20|0[aAdD9])|&#(?:32|10|13|9|x20|x0?[aAdD9]);)+`;

const XML_NAMES: Readonly<Record<string, string>> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": 'apos' };

/** Matches one character in all its encodings. Letters and digits have only one that is in use. */
function encodingsOf(character: string): string {
  if (/[A-Za-z0-9]/.test(character)) return character;
  const literal = escapeForRegExp(character);
  const code = character.codePointAt(0) ?? 0;
  const bytes = [...Buffer.from(character)].map((byte) => `%${hex(byte, 2)}`).join('');
  const units = character.split('').map((unit) => String.raw`\\u${hex(unit.charCodeAt(0), 4)}`);
  const numbers = `&#(?:0*${code}|[xX]0*${hex(code)});`;
  const name = XML_NAMES[character];
  const names = name === undefined ? [] : [`&${name};`];
  return `(?:${[literal, bytes, units.join(''), String.raw`\\${literal}`, numbers, ...names].join('|')})`;
}

/** Matches a number in hexadecimal digits of either case. */
function hex(n: number, digits = 1): string {
  const lower = n.toString(16).padStart(digits, '0');
  return lower.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
}

function escapeForRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
}
