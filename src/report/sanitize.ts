import { shorten } from '../text.ts';
import { redactAndTruncate, redact } from './secrets.ts';

/** Longer server texts are cut wherever a person reads them. */
const MAX_TEXT = 1000;

/** Control characters, line and paragraph separators, and what is invisible or turns the direction of text. */
const UNSEEN =
  // eslint-disable-next-line no-control-regex -- control characters are what it is for
  /[\u0000-\u001F\u007F-\u009F\u00AD\u061C\u180E\u200B-\u200F\u2028-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB]/g;

/** The most of a server's text that is handed on as it is, in characters. */
export const MAX_WHOLE_TEXT = 100_000;

/** Half of a surrogate pair on its own. */
const LONE_SURROGATE = /\p{Surrogate}/gu;

/**
 * Server text as one harmless line: no secrets, no control characters, no workflow commands, no unbounded length.
 * The runner executes `::command::` at the start of a line and `##[command]` anywhere in one.
 */
export function plain(text: string, limit = MAX_TEXT): string {
  // Cut first: the rest is not worth the work, and a text of some megabytes would take long.
  const line = redact(text)
    .slice(0, 4 * limit)
    .replace(UNSEEN, ' ')
    .replace(LONE_SURROGATE, '\uFFFD')
    .replace(/ {2,}/g, ' ')
    .trim()
    .replace(/##\[/g, '## [')
    .replace(/^::/, ': :');
  return shorten(line, text.length > 4 * limit ? Math.min(limit, line.length - 1) : limit);
}

/**
 * A value as one line of JSON that means the same, but for secrets and texts of more than 100,000 characters. What could
 * do harm where the line is printed stands in it as an escape.
 */
export function plainJson(value: unknown): string {
  return JSON.stringify(value, (_name, part: unknown) =>
    typeof part === 'string' ? redactAndTruncate(part, MAX_WHOLE_TEXT) : part,
  )
    .replace(UNSEEN, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .replaceAll('##[', '##\\u005b');
}
