/** Helpers for texts and lists that several rooms share. */

/**
 * Formats a duration: `0.4 s`, `12 s`, `2 min 5 s`, `1 h 4 min`.
 * @param ms milliseconds, not negative
 */
export function duration(ms: number): string {
  if (ms < 9950) return `${Math.round(ms / 100) / 10} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return joined(minutes, 'min', seconds % 60, 's');
  const hours = Math.floor(minutes / 60);
  return joined(hours, 'h', minutes % 60, 'min');
}

function joined(big: number, bigUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${big} ${bigUnit}` : `${big} ${bigUnit} ${small} ${smallUnit}`;
}

/** Formats a number: `2,500`. Not by `toLocaleString`, whose first use loads ICU: 11 ms of the start-up. */
export function number(n: number): string {
  return String(n).replace(/(?<!\.\d*)\B(?=(\d{3})+(?!\d))/g, ',');
}

/** Formats a number with its noun: `1 job`, `2,500 failed commands`. */
export function count(n: number, noun: string): string {
  return `${number(n)} ${noun}${n === 1 ? '' : 's'}`;
}

/** Lists the first three texts: `a, b, c and 2 more`. */
export function few(texts: readonly string[]): string {
  const more = texts.length > 3 ? ` and ${texts.length - 3} more` : '';
  return texts.slice(0, 3).join(', ') + more;
}

let graphemes: Intl.Segmenter | undefined;

/**
 * Truncates a text; a truncated text ends in an ellipsis. Never splits a grapheme, such as a letter with its vowel sign
 * or an emoji family.
 * @param limit the maximum length in UTF-16 units, at least 1
 */
export function shorten(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const end = limit - 1;
  // The rare case only, because the first use of Intl takes some milliseconds.
  if (/^[ -~]+$/.test(text.slice(end - 1, limit))) return `${text.slice(0, end)}…`;
  graphemes ??= new Intl.Segmenter();
  return `${text.slice(0, graphemes.segment(text.slice(0, limit + 1)).containing(end)?.index)}…`;
}

/** The `Authorization` value of Basic authentication (RFC 7617). */
export function basicAuthorization(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

/** What a bearer token may consist of: visible ASCII characters. Anything else could break out of the header. */
export const BEARER_TOKEN = /^[\x21-\x7e]+$/;

/** Writes the first letter in upper case. */
export function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Control characters, line separators, and characters that are invisible or change the direction of text. */
export const INVISIBLE =
  // eslint-disable-next-line no-control-regex -- control characters are what it matches
  /[\u0000-\u001F\u007F-\u009F\u00AD\u061C\u180E\u200B-\u200F\u2028-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB]/g;

/** The same, except for the joiners that belong to Arabic and Indic words and to emoji. */
const OUT_OF_PLACE = new RegExp(
  String.raw`(?!(?<=[\p{M}\p{Extended_Pictographic}\p{Emoji_Modifier}]|(?!\p{Script=Latin})\p{L})[\u200C\u200D])` +
    INVISIBLE.source,
  'gu',
);

/** Half of a surrogate pair on its own. */
const LONE_SURROGATE = /\p{Surrogate}/gu;

/** Writes a text as one well-formed line: without invisible characters, and with single spaces. */
export function oneLine(text: string): string {
  return text.replace(OUT_OF_PLACE, ' ').replace(LONE_SURROGATE, '\uFFFD').replace(/ {2,}/g, ' ').trim();
}

/** Encodes a text as a form does (application/x-www-form-urlencoded). */
export function formEncoded(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1);
}

/** Groups items by a key, in the order in which the keys first occur. (`Map.groupBy` requires Node.js 21.) */
export function groupBy<K, T>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
