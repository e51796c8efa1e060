import { INVISIBLE, oneLine, shorten } from '../text.ts';
import { redact, redactAndTruncate } from './secrets.ts';

/** The default maximum length of server text where a person reads it, in characters. */
const MAX_TEXT = 1000;

/** The maximum length of server text that is passed on unchanged, in characters. */
export const MAX_WHOLE_TEXT = 100_000;

/**
 * Makes server text safe to print: one line without secrets, control characters and workflow commands, truncated.
 * The runner executes `::command::` at the start of a line and `##[command]` anywhere in one.
 */
export function plain(text: string, limit = MAX_TEXT): string {
  // Truncated before the slow steps, because a text may have several megabytes.
  const maxInput = 4 * limit;
  // Redacted again, because only the single line may contain a secret as it is known.
  const line = redact(oneLine(redact(text).slice(0, maxInput)))
    .replace(/##\[/g, '## [')
    .replace(/^::/, ': :');
  return shorten(line, text.length > maxInput ? Math.min(limit, line.length - 1) : limit);
}

/**
 * Writes a value as one line of JSON. Everything that could do harm in a log is escaped, so that the value stays the
 * same, except for secrets and for texts of more than 100,000 characters.
 */
export function plainJson(value: unknown): string {
  return JSON.stringify(value, (_name, part: unknown) =>
    typeof part === 'string' ? redactAndTruncate(part, MAX_WHOLE_TEXT) : part,
  )
    .replace(INVISIBLE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .replaceAll('##[', '##\\u005b');
}
