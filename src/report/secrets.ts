import * as core from '@actions/core';

import { OUTCOMES } from '../outcome.ts';
import { formEncoded, oneLine, shorten } from '../text.ts';

/** The runner replaces a masked value everywhere, so a shorter one would break up other words. */
const MIN_MASKED_LENGTH = 6;

/** Words that are never masked: the runner drops an output that contains a masked value. */
const COMMON_WORDS = new Set<string>([
  ...OUTCOMES,
  ...['waiting', 'running', 'canceling', 'completed', 'canceled', 'failed', 'deleted'],
  ...['completed_with_error', 'aborted', 'not_set'],
  ...['import', 'collibra', 'github', 'password', 'secret', 'username', 'default'],
]);

/** All known secrets in all encodings. The longest come first, so that a secret that contains another is replaced whole. */
let secrets: string[] = [];

/**
 * Masks a secret in the runner's log, and in all text that passes through {@link redact}.
 * Does not mask short or common values.
 */
export function maskSecret(secret: string): void {
  if (!isMaskable(secret) || secrets.includes(secret)) return;
  core.setSecret(secret);
  // A server might also echo it with single spaces.
  const encodings = [secret, oneLine(secret)].filter(isMaskable).flatMap(encodingsOf);
  secrets = [...new Set([...secrets, ...encodings])].sort((a, b) => b.length - a.length);
}

function isMaskable(text: string): boolean {
  return text.length >= MIN_MASKED_LENGTH && !COMMON_WORDS.has(text.toLowerCase());
}

/** Lists the encodings in which a server might echo a secret: URL, form, JSON. The runner masks these by itself. */
function encodingsOf(secret: string): string[] {
  return [
    secret,
    formEncoded(secret),
    encodeURIComponent(secret.toWellFormed()),
    JSON.stringify(secret).slice(1, -1),
  ];
}

/** Replaces every secret that a server might echo. */
export function redact(text: string): string {
  return secrets.reduce((redacted, secret) => redacted.replaceAll(secret, '***'), text);
}

/** Redacts a text and then truncates it. The other order could leave half a secret. */
export function redactAndTruncate(text: string, limit: number): string {
  return shorten(redact(text), limit);
}
