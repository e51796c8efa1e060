/** A workflow command as the runner understood it. */
export type Command = {
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly data: string;
  /** The form it came in: `::name::data` at the start of a line, or `##[name]data` anywhere in it. */
  readonly form: '::' | '##[';
};

/** The lines of an output, split where the runner splits: at LF, CR and CRLF. */
export function linesOf(output: string): string[] {
  const lines = output.split(/\r\n|\r|\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/**
 * The workflow command in a line, or undefined. The runner carries out only the names that it knows; here any
 * name counts, so that no attempt stays unseen.
 */
export function commandIn(line: string): Command | undefined {
  return colonCommand(line) ?? hashCommand(line);
}

function colonCommand(line: string): Command | undefined {
  const match = /^\s*::(?<name>[^\s:]+)(?: (?<properties>.*?))?::(?<data>.*)$/su.exec(line);
  if (!match?.groups) return undefined;
  const { name = '', properties = '', data = '' } = match.groups;
  return { name, properties: propertiesOf(properties, ','), data: unescape(data), form: '::' };
}

function hashCommand(line: string): Command | undefined {
  const match = /##\[(?<name>[^\s\]]+)(?: (?<properties>[^\]]*))?\](?<data>.*)$/su.exec(line);
  if (!match?.groups) return undefined;
  const { name = '', properties = '', data = '' } = match.groups;
  return { name, properties: propertiesOf(properties, ';'), data: unescape(data), form: '##[' };
}

function propertiesOf(text: string, separator: string): Record<string, string> {
  const pairs = text.split(separator).flatMap((part) => {
    const equals = part.indexOf('=');
    return equals > 0 ? [[part.slice(0, equals).trim(), unescapeProperty(part.slice(equals + 1))]] : [];
  });
  return Object.fromEntries(pairs) as Record<string, string>;
}

function unescape(text: string): string {
  return text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%');
}

function unescapeProperty(text: string): string {
  return unescape(text.replaceAll('%3A', ':').replaceAll('%2C', ','));
}
