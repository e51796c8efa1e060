/** A fenced code block of a Markdown file. */
export interface Block {
  readonly language: string;
  readonly text: string;
  /** The number of its first line of text, counted from 1. */
  readonly line: number;
  /** The text of an HTML comment directly before it, for example `example: import.yml`. */
  readonly note: string;
}

const FENCE = /^(`{3,})(\w*)$/;
const NOTE = /^<!-- (?<note>[^>]*) -->$/;

/** Returns the fenced code blocks of a Markdown file whose fences are not indented. */
export function blocksOf(markdown: string): Block[] {
  const lines = markdown.split('\n');
  const blocks: Block[] = [];
  let note = '';
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? '';
    const [, fence, language = ''] = FENCE.exec(line) ?? [];
    if (fence === undefined) {
      if (line !== '') note = NOTE.exec(line)?.groups?.['note'] ?? '';
      continue;
    }
    const end = lines.indexOf(fence, index + 1);
    if (end < 0) throw new Error(`The code block in line ${index + 1} has no end.`);
    blocks.push({ language, text: lines.slice(index + 1, end).join('\n') + '\n', line: index + 2, note });
    note = '';
    index = end;
  }
  return blocks;
}

/** Returns the anchors that GitHub gives to the headings of a Markdown file. */
export function anchorsOf(markdown: string): Set<string> {
  const anchors = new Set<string>();
  for (const line of withoutBlocks(markdown).split('\n')) {
    const heading = /^#{1,6} (.*)$/.exec(line)?.[1];
    if (heading === undefined) continue;
    const plain = heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\p{M} _-]/gu, '')
      .replaceAll(' ', '-');
    let anchor = plain;
    for (let count = 1; anchors.has(anchor); count++) anchor = `${plain}-${count}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** Returns the targets of the links and pictures of a Markdown file. */
export function linksOf(markdown: string): string[] {
  const text = withoutBlocks(markdown).replaceAll(/`[^`\n]*`/g, '');
  const inMarkdown = [...text.matchAll(/\]\(([^()\s]+)\)/g)];
  const inHtml = [...text.matchAll(/\b(?:src|srcset|href)="([^"]+)"/g)];
  return [...inMarkdown, ...inHtml].map(([, target = '']) => target);
}

function withoutBlocks(markdown: string): string {
  return markdown.replaceAll(/^(`{3,})\w*\n.*?^\1$/gms, '');
}
