import type { ElementContent, Root, RootContent } from 'hast';
import { micromark } from 'micromark';
import { gfm, gfmHtml } from 'micromark-extension-gfm';
import { rehype } from 'rehype';
import rehypeSanitize from 'rehype-sanitize';

/*
 * How GitHub makes a page of Markdown: GitHub Flavored Markdown with its HTML let through, then an allow-list for
 * elements and attributes, then a search of the texts for what could be a reference. What this needs of GitHub is in
 * public: the specification, the allow-list (rehype-sanitize keeps a copy) and the filters of its html-pipeline.
 */

/**
 * References as GitHub finds them, but without asking whether the user, the issue or the commit exists: what might
 * be a link is one.
 */
const REFERENCES = [
  /(?<![\w`])@[a-z\d][-a-z\d]*/gi, // mentions
  /#\d+|(?<!\w)GH-\d+/gi, // issues
  /(?<!\w)[A-Z][A-Z\d]+-\d+/g, // references that a repository may declare, such as TICKET-1
  /(?<!\w)[\da-f]{7,40}(?!\w)/gi, // commits
  /(?:https?|ftp|mailto|xmpp):\S+|(?<!\w)www\.\S+/gi, // addresses
  /[-.+\w]+@[-\w]+\.[-.\w]+/gi, // mail addresses
  /:(?:[-+]1|\d{3,4}|[-+\w]*[a-z][-+\w]*):/gi, // emoji
];

/** Where GitHub does not search. */
const PASSED_OVER = new Set(['a', 'code', 'pre', 'tt', 'script', 'style']);

/** Markdown as the HTML that GitHub shows. */
export function githubHtml(markdown: string): string {
  const html = micromark(markdown, {
    extensions: [gfm()],
    htmlExtensions: [gfmHtml()],
    allowDangerousHtml: true,
    allowDangerousProtocol: true,
  });
  return String(
    rehype().data('settings', { fragment: true }).use(rehypeSanitize).use(linkReferences).processSync(html),
  );
}

/** A rehype plugin: makes links of references. */
function linkReferences(): (root: Root) => void {
  return (root) => {
    root.children = root.children.flatMap(linked);
  };
}

function linked<Node extends RootContent | ElementContent>(node: Node): (Node | ElementContent)[] {
  if (node.type === 'element' && !PASSED_OVER.has(node.tagName)) {
    return [{ ...node, children: node.children.flatMap((child) => linked(child)) }];
  }
  if (node.type !== 'text') return [node];
  const found = REFERENCES.flatMap((reference) => [...node.value.matchAll(reference)]).sort(
    (a, b) => a.index - b.index,
  );
  const parts: ElementContent[] = [];
  let end = 0;
  for (const { index, 0: value } of found) {
    if (index < end) continue;
    const children: ElementContent[] = [{ type: 'text', value }];
    parts.push({ type: 'text', value: node.value.slice(end, index) });
    parts.push({ type: 'element', tagName: 'a', properties: { className: ['reference'] }, children });
    end = index + value.length;
  }
  return [...parts, { type: 'text', value: node.value.slice(end) }];
}
