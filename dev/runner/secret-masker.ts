type Encoder = (value: string) => string;

/** The encodings in which the runner masks each value (ValueEncoders.cs of actions/runner). */
const ENCODERS: readonly Encoder[] = [
  (value) => base64(value, 0),
  (value) => base64(value, 1),
  (value) => base64(value, 2),
  commandLineEscape,
  expressionEscape,
  jsonEscape,
  uriEscape,
  xmlEscape,
  withoutDoubleQuotes,
  powerShellBeforeAmpersand,
  powerShellAfterAmpersand,
];

/** PowerShell prints the parts of a value around `&` separately; shorter parts are not masked. */
const MIN_POWERSHELL_PART = 6;

/** Masks values as the runner does: every occurrence of a value and of its encodings. */
export class SecretMasker {
  readonly #values = new Set<string>();

  /** Masks a value from now on, and each of its lines, however short. */
  add(value: string): void {
    const lines = value.split(/[\r\n]/).map((line) => line.trim());
    for (const secret of lines.some((line) => line !== '') ? [value, ...lines] : []) {
      for (const encoded of [secret, ...ENCODERS.map((encode) => encode(secret))]) {
        if (encoded !== '') this.#values.add(encoded);
      }
    }
  }

  /** Replaces what is masked; occurrences that overlap or touch become one `***`. */
  mask(text: string): string {
    const ranges = [...this.#values].flatMap((value) => rangesOf(value, text));
    let masked = '';
    let maskedTo = -1;
    for (const { start, end } of ranges.sort((a, b) => a.start - b.start)) {
      if (start > maskedTo) masked += `${text.slice(Math.max(maskedTo, 0), start)}***`;
      maskedTo = Math.max(maskedTo, end);
    }
    return masked + text.slice(Math.max(maskedTo, 0));
  }
}

function rangesOf(value: string, text: string): { start: number; end: number }[] {
  const ranges = [];
  for (let start = text.indexOf(value); start >= 0; start = text.indexOf(value, start + 1)) {
    ranges.push({ start, end: start + value.length });
  }
  return ranges;
}

/** Three shifts, because the text in front of a value moves its bytes within the Base64 groups. */
function base64(value: string, shift: number): string {
  const bytes = Buffer.from(value);
  return bytes.subarray(bytes.length > shift ? shift : 0).toString('base64');
}

function commandLineEscape(value: string): string {
  return value.replaceAll('"', '\\"');
}

function expressionEscape(value: string): string {
  return value.replaceAll("'", "''");
}

/** Newtonsoft.Json escapes these three line separators as well. */
function jsonEscape(value: string): string {
  return JSON.stringify(value)
    .slice(1, -1)
    .replaceAll(/[\u0085\u2028\u2029]/g, unicodeEscape);
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** Unlike encodeURIComponent, .NET leaves only the unreserved characters of RFC 3986 as they are. */
function uriEscape(value: string): string {
  return encodeURIComponent(value.toWellFormed()).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function xmlEscape(value: string): string {
  const entities = [
    ['&', '&amp;'],
    ['<', '&lt;'],
    ['>', '&gt;'],
    ['"', '&quot;'],
    ["'", '&apos;'],
  ] as const;
  return entities.reduce((text, [character, entity]) => text.replaceAll(character, entity), value);
}

function withoutDoubleQuotes(value: string): string {
  return /^"(.{7,})"$/s.exec(value)?.[1] ?? '';
}

function powerShellBeforeAmpersand(value: string): string {
  const plus = value.indexOf('&+');
  const part = plus >= 0 ? value.slice(0, plus + 2) : value.slice(0, value.lastIndexOf('&') + 1);
  return part.length >= MIN_POWERSHELL_PART ? part : '';
}

/** After `&+` PowerShell colors one character, which separates it from the rest. */
function powerShellAfterAmpersand(value: string): string {
  if (!value.includes('&')) return '';
  const plus = value.indexOf('&+');
  const part = plus >= 0 ? value.slice(plus + 3) : value.slice(value.lastIndexOf('&') + 1);
  return part.length >= MIN_POWERSHELL_PART ? part : '';
}
