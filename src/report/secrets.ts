import * as core from '@actions/core';

import { OUTCOMES } from '../outcome.ts';
import { formEncoded, shorten } from '../text.ts';

/** The runner replaces a masked value wherever it stands, so a short one would tear words apart. */
const SHORTEST_MASKED = 6;

/** Words that no mask may ever hide: an output that holds a masked value is dropped by the runner. */
const COMMON_WORDS = new Set<string>([
  ...OUTCOMES,
  ...['waiting', 'running', 'canceling', 'completed', 'canceled', 'failed', 'deleted'],
  ...['completed_with_error', 'aborted', 'not_set'],
  ...['import', 'collibra', 'github', 'password', 'secret', 'username', 'default'],
]);

/** Secrets known so far and their guises, longest first, so that one that contains another is replaced whole. */
let secrets: string[] = [];

/**
 * Masks a secret: in the runner's log, and in everything that passes through {@link redact}.
 * What is short or common is not masked.
 */
export function maskSecret(secret: string): void {
  if (secret.length < SHORTEST_MASKED || COMMON_WORDS.has(secret.toLowerCase()) || secrets.includes(secret))
    return;
  core.setSecret(secret);
  secrets = [...new Set([...secrets, ...encodingsOf(secret)])].sort((a, b) => b.length - a.length);
}

/** A secret as it is, and as a server may echo it: in a URL, in a form, in JSON. The runner knows these by itself. */
function encodingsOf(secret: string): string[] {
  return [
    secret,
    formEncoded(secret),
    encodeURIComponent(secret.toWellFormed()),
    JSON.stringify(secret).slice(1, -1),
  ];
}

/** A text without the secrets that a server may echo. */
export function redact(text: string): string {
  return secrets.reduce((clean, secret) => clean.replaceAll(secret, '***'), text);
}

/** A text without secrets, cut to a length: in this order, for a cut could leave half a secret. */
export function redactAndTruncate(text: string, limit: number): string {
  return shorten(redact(text), limit);
}
