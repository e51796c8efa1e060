import { number } from '../../text.ts';
import { plain } from '../sanitize.ts';

/*
 * Blocks that hold server text are HTML throughout, for Markdown has no say inside an HTML block: no cell ends at a
 * pipe, nothing is emphasised, no fence opens. Two ways remain for text to become more than text. HTML itself is
 * escaped. And GitHub searches the finished page for mentions, references, commits, addresses and emoji names: it
 * passes over <code>, and elsewhere never looks across the border of an element.
 */

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Server text for reading, such as a name or a sentence. */
export function prose(text: string, limit: number): string {
  // Set apart is what references hang on: `@user`, `#1`, `GH-1`, `:tada:`, `www.`, seven digits of a commit.
  const special = /[&<>"]|[-@#:]+|\.(?=\S)|[0-9a-f]{6}(?=[0-9a-f])/gi;
  return plain(text, limit).replace(special, (found) => ESCAPES[found] ?? `<span>${found}</span>`);
}

/** Server text that stands for a value, such as an id or a state; a dash where there is none. */
export function code(text: string | undefined, limit: number): string {
  const line = plain(text ?? '', limit);
  return line === '' ? '–' : `<code>${line.replace(/[&<>"]/g, (found) => ESCAPES[found] ?? found)}</code>`;
}

/** A table as HTML. Cells are HTML or numbers; only those of the columns in `wrapping` may break into lines. */
export function table(
  heads: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  wrapping: readonly number[] = [],
): string {
  const cell = (content: string | number, column: number) => {
    if (typeof content === 'number') return `<td align="right">${number(content)}</td>`;
    return `<td${wrapping.includes(column) ? '' : ' nowrap'}>${content}</td>`;
  };
  const lines = [heads.map((head) => `<th>${head}</th>`), ...rows.map((cells) => cells.map(cell))];
  return ['<table>', ...lines.map((cells) => `<tr>${cells.join('')}</tr>`), '</table>'].join('\n');
}
