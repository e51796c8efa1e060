import type { ElementContent, Root, RootContent } from 'hast';
import { micromark } from 'micromark';
import { gfm, gfmHtml } from 'micromark-extension-gfm';
import { rehype } from 'rehype';
import rehypeSanitize from 'rehype-sanitize';

/*
 * GitHub renders Markdown in three steps: GitHub Flavored Markdown including HTML, then an allow-list of elements and
 * attributes, then links for references in the text. The sources are public: the specification, the allow-list
 * (rehype-sanitize has a copy) and the filters of html-pipeline.
 */

/** The references that GitHub links. Here the user, the issue or the commit need not exist. */
const REFERENCES = [
  /(?<![\w`])@[a-z\d][-a-z\d]*/gi, // mentions
  /#\d+|(?<!\w)GH-\d+/gi, // issues
  /(?<!\w)[A-Z][A-Z\d]+-\d+/g, // autolinks of a repository, such as TICKET-1
  /(?<!\w)[\da-f]{7,40}(?!\w)/gi, // commits
  /(?:https?|ftp|mailto|xmpp):\S+|(?<!\w)www\.\S+/gi, // URLs
  /[-.+\w]+@[-\w]+\.[-.\w]+/gi, // email addresses
  /:(?:[-+]1|\d{3,4}|[-+\w]*[a-z][-+\w]*):/gi, // emoji
];

/** Elements in which GitHub links no references. */
const WITHOUT_REFERENCES = new Set(['a', 'code', 'pre', 'tt', 'script', 'style']);

/** Renders Markdown as GitHub does. */
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

/** A rehype plugin that links references. */
function linkReferences(): (root: Root) => void {
  return (root) => {
    root.children = root.children.flatMap(linked);
  };
}

function linked<Node extends RootContent | ElementContent>(node: Node): (Node | ElementContent)[] {
  if (node.type === 'element' && !WITHOUT_REFERENCES.has(node.tagName)) {
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
