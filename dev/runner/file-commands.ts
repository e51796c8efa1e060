type Line = { readonly text: string; readonly end: string };

/**
 * Reads a GITHUB_OUTPUT or GITHUB_STATE file as the runner does: `name=value`, or `name<<delimiter` followed by lines
 * up to the delimiter. A byte order mark is ignored, and the last value of a name counts.
 * @throws Error if the file is malformed
 */
export function readKeyValueFile(content: string, windows = process.platform === 'win32'): Record<string, string> {
  const values: Record<string, string> = {};
  const lines = linesWithEnds(content.replace(/^\uFEFF/, ''), windows ? /\r?\n/g : /\n/g);
  for (let line = lines.shift(); line; line = lines.shift()) {
    if (line.text !== '') Object.assign(values, entryOf(line.text, lines));
  }
  return values;
}

/** CRLF ends a line on Windows only; elsewhere the CR belongs to the value. */
function linesWithEnds(content: string, lineEnd: RegExp): Line[] {
  const lines: Line[] = [];
  let start = 0;
  for (const { index, 0: end } of content.matchAll(lineEnd)) {
    lines.push({ text: content.slice(start, index), end });
    start = index + end.length;
  }
  return [...lines, { text: content.slice(start), end: '' }];
}

function entryOf(line: string, rest: Line[]): Record<string, string> {
  const equals = line.indexOf('=');
  const heredoc = line.indexOf('<<');
  if (heredoc > 0 && (equals < 0 || heredoc < equals)) {
    const delimiter = line.slice(heredoc + 2);
    const end = rest.findIndex(({ text }) => text === delimiter);
    if (delimiter === '' || end < 0) throw new Error(`Matching delimiter not found: ${line}`);
    const value = rest.splice(0, end + 1).slice(0, -1);
    const text = value.map((part, index) => part.text + (index < value.length - 1 ? part.end : '')).join('');
    return { [line.slice(0, heredoc)]: text };
  }
  if (equals >= 0) return { [line.slice(0, equals)]: line.slice(equals + 1) };
  throw new Error(`Invalid format: ${line}`);
}
