/** A workflow command as the runner parses it; its name and the names of its properties are in lower case. */
export type Command = {
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly data: string;
  /** `::name::data` is read at the start of a line only, `##[name]data` anywhere in it. */
  readonly form: '::' | '##[';
};

/** Splits an output into lines where the runner does: at LF, CR and CRLF. */
export function linesOf(output: string): string[] {
  const lines = output.split(/\r\n|\r|\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** Whitespace as .NET defines it: unlike `\s` with U+0085 and without U+FEFF. */
const WHITESPACE = '[\\t-\\r\\x85\\p{Z}]';
const COLON_COMMAND = new RegExp(`^${WHITESPACE}*::(?<name>[^\\s:]+)(?: (?<properties>.*?))?::(?<data>.*)$`, 'su');
const HASH_COMMAND = /##\[(?<name>[^\s\]]+)(?: (?<properties>[^\]]*))?\](?<data>.*)$/su;

type Escapes = readonly (readonly [escape: string, character: string])[];

const DATA_ESCAPES: Escapes = [
  ['%0D', '\r'],
  ['%0A', '\n'],
  ['%25', '%'],
];
const PROPERTY_ESCAPES: Escapes = [['%3A', ':'], ['%2C', ','], ...DATA_ESCAPES];
const HASH_ESCAPES: Escapes = [['%3B', ';'], ['%5D', ']'], ...DATA_ESCAPES];

/**
 * Parses the workflow command in a line. The runner carries out known commands only; here every name is parsed, so
 * that tests see each attempt.
 * @returns undefined if there is none
 */
export function commandIn(line: string): Command | undefined {
  return (
    parse(COLON_COMMAND.exec(line), '::', ',', PROPERTY_ESCAPES, DATA_ESCAPES) ??
    parse(HASH_COMMAND.exec(line), '##[', ';', HASH_ESCAPES, HASH_ESCAPES)
  );
}

function parse(
  match: RegExpExecArray | null,
  form: Command['form'],
  separator: string,
  propertyEscapes: Escapes,
  dataEscapes: Escapes,
): Command | undefined {
  if (!match?.groups) return undefined;
  const { name = '', properties = '', data = '' } = match.groups;
  return {
    name: name.toLowerCase(),
    properties: propertiesOf(properties.trim().split(separator), propertyEscapes),
    data: unescape(data, dataEscapes),
    form,
  };
}

/** Properties without a name or a value are dropped. */
function propertiesOf(parts: readonly string[], escapes: Escapes): Record<string, string> {
  const pairs = parts.flatMap((part) => {
    const [, name, value] = /^=*([^=]+)=+([^=].*)$/s.exec(part) ?? [];
    return name === undefined || value === undefined ? [] : [[name.toLowerCase(), unescape(value, escapes)]];
  });
  return Object.fromEntries(pairs) as Record<string, string>;
}

function unescape(text: string, escapes: Escapes): string {
  return escapes.reduce((result, [escape, character]) => result.replaceAll(escape, character), text);
}
