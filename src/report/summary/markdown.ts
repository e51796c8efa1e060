import { count, number } from '../../text.ts';
import { plain } from '../sanitize.ts';

/*
 * Blocks with server text are pure HTML, because Markdown is not processed inside an HTML block: a pipe ends no cell,
 * nothing is emphasized, no fence opens. Two ways remain for text to become more than text. HTML itself is escaped. And
 * GitHub searches the finished page for mentions, references, commits, addresses and emoji names: it skips <code>, and
 * elsewhere never matches across an element.
 */

/** More lines of one text are counted, not shown. */
const MAX_LINES = 30;

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text from right to left would reverse the order of what is beside it. */
const RIGHT_TO_LEFT = /[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFC\u{10800}-\u{10FFF}\u{1E800}-\u{1EFFF}]/u;

/** Formats server text for reading, such as a name or a sentence. */
export function prose(text: string, limit: number): string {
  return escaped(plain(text, limit));
}

/** Formats text for reading that is plain already. */
export function escaped(text: string): string {
  // Isolates what makes a reference: `@user`, `#1`, `GH-1`, `:tada:`, `www.`, seven digits of a commit. A sign and its
  // marks are one character, for example in #️⃣.
  const special = /[&<>"]|[-@#:]+\p{M}*|\.(?=\S)|[0-9a-f]{6}(?=[0-9a-f])/giu;
  const html = text.replace(special, (found) => ESCAPES[found] ?? `<span>${found}</span>`);
  return RIGHT_TO_LEFT.test(html) ? `<span dir="auto">${html}</span>` : html;
}

/** Formats lines of server text for reading, and counts those that are too many. */
export function proseLines(lines: readonly string[], limit: number): string[] {
  const shown = lines.slice(0, MAX_LINES).map((line) => prose(line, limit));
  const rest = lines.length - shown.length;
  return rest === 0 ? shown : [...shown, `… and ${count(rest, 'more line')}`];
}

/** Formats lines of HTML as one paragraph; '' without lines. */
export function paragraph(lines: readonly string[]): string {
  return lines.length === 0 ? '' : `<p>${lines.join('<br>\n')}</p>`;
}

/** Formats the lines of a cell; a dash if all of them are empty. */
export function lines(texts: readonly string[]): string {
  return texts.filter(Boolean).join('<br>') || '–';
}

/** Formats server text that is a value, such as a state; a dash if it is missing. */
export function code(text: string | undefined, limit: number): string {
  const line = plain(text ?? '', limit);
  return line === '' ? '–' : `<code>${line.replace(/[&<>"]/g, (found) => ESCAPES[found] ?? found)}</code>`;
}

/** Formats a table as HTML. Cells are HTML or numbers; only those of the columns in `wrapping` may wrap. */
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
