/** Small wordings and encodings that all share. */

/**
 * A duration for people: `0.4 s`, `12 s`, `2 min 5 s`, `1 h 4 min`.
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

/** A number for people: `2,500`. By hand, because the first use of a locale loads ICU: 11 ms of the start-up. */
export function number(n: number): string {
  return String(n).replace(/(?<!\.\d*)\B(?=(\d{3})+(?!\d))/g, ',');
}

/** A number with its noun: `1 job`, `2,500 failed commands`. */
export function count(n: number, noun: string): string {
  return `${number(n)} ${noun}${n === 1 ? '' : 's'}`;
}

/**
 * Cuts a text to a length; what is cut ends in an ellipsis. Never splits a surrogate pair.
 * @param limit the most characters (UTF-16 units), at least 1
 */
export function shorten(text: string, limit: number): string {
  if (text.length <= limit) return text;
  return text.slice(0, limit - 1).replace(/[\uD800-\uDBFF]$/, '') + '…';
}

/** The `Authorization` value of Basic authentication (RFC 7617). */
export function basicAuthorization(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

/** Encodes a text as a form value (application/x-www-form-urlencoded). */
export function formEncoded(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1);
}
