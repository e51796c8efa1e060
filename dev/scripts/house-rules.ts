import { LineCounter, parseDocument, visit } from 'yaml';

import knownActions from './known-actions.json' with { type: 'json' };

export interface HouseFinding {
  readonly line: number;
  readonly message: string;
}

/** The name of this action in the documentation; in the repository's own workflows it is `./`. */
export const OWN_ACTION = 'OWNER/wait-for-collibra-import-job';

const refs: Readonly<Record<string, { ref: string; version: string }>> = knownActions;

/**
 * Checks rules that neither checker knows: actions are pinned by SHA, with the version in a comment, permissions are set
 * at the top, and no script contains an expression, because its value would become a part of the script.
 */
export function houseFindings(workflow: string): HouseFinding[] {
  const lineCounter = new LineCounter();
  const document = parseDocument(workflow, { lineCounter });
  const findings: HouseFinding[] = [];
  if (!document.has('permissions')) {
    findings.push({ line: 1, message: 'permissions are missing at the top of the workflow' });
  }
  visit(document, {
    Pair(_, { key, value }) {
      const node = value as { value?: unknown; comment?: string | null; range?: [number, number, number] };
      if (typeof node.value !== 'string' || node.range === undefined) return;
      const { line } = lineCounter.linePos(node.range[0]);
      const message = problemOf(String(key), node.value, node.comment ?? '');
      if (message !== '') findings.push({ line, message });
    },
  });
  return findings;
}

function problemOf(key: string, value: string, comment: string): string {
  if (key === 'uses') return problemOfUses(value, comment);
  if (key === 'run' && value.includes('${{')) return 'an expression in a script: pass it through env';
  return '';
}

function problemOfUses(uses: string, comment: string): string {
  if (uses === './' || uses === `${OWN_ACTION}@v1`) return '';
  const [name = '', ref = ''] = uses.split('@');
  if (!/^[0-9a-f]{40}$/.test(ref)) return `${uses} is not pinned by a full SHA`;
  const known = Object.hasOwn(refs, name) ? refs[name] : undefined;
  if (known === undefined) return `${name} is not in dev/scripts/known-actions.json`;
  if (known.ref !== ref) return `${name} is pinned at ${known.ref} (${known.version}) elsewhere`;
  return comment.trim() === known.version ? '' : `${uses} lacks the comment ${known.version}`;
}
