import { plain } from './sanitize.ts';

/**
 * Server text for a job summary. Blocks that hold server text are HTML throughout, for Markdown has no say inside an
 * HTML block: no table cell ends at a pipe, no emphasis, no code fence. Two ways remain for text to become more than
 * text. HTML itself is escaped. And GitHub looks once more at the finished page for mentions, references, commits,
 * addresses and emoji names: it passes over <code>, and elsewhere it never looks across the border of an element.
 */

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** What GitHub's references hang on: `@user`, `#1`, `GH-1`, `:tada:`, `www.example.com`, seven digits of a commit. */
const REFERENCE = /[-@#:/._+]+|[0-9a-f]{6}(?=[0-9a-f])/gi;

/** Text for reading, such as a name or a sentence. */
export function prose(text: string, limit: number): string {
  return plain(text, limit).replace(
    /[&<>"]|[-@#:/._+]+|[0-9a-f]{6}(?=[0-9a-f])/gi,
    (found) => ESCAPES[found] ?? `<span>${found}</span>`,
  );
}

/** Text that stands for a value, such as an id or a state; a dash where there is none. */
export function code(text: string | undefined, limit: number): string {
  const line = plain(text ?? '', limit);
  return line === '' ? '–' : `<code>${line.replace(/[&<>"]/g, (found) => ESCAPES[found] ?? found)}</code>`;
}
