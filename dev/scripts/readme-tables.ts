/**
 * Writes the tables of inputs and outputs in README.md and docs from action.yml: `npm run readme`. A comment such as
 * `<!-- inputs:job:start -->` says where the inputs of a group stand, `<!-- inputs:start -->` where all of them do.
 */
import { writeFileSync } from 'node:fs';

import { parse } from 'yaml';

import { read, root, userDocuments } from './documents.ts';

interface ActionYaml {
  readonly inputs: Readonly<Record<string, { description: string; required?: boolean; default?: string }>>;
  readonly outputs: Readonly<Record<string, { description: string }>>;
}

const SECTION = /(<!-- (inputs|outputs)(?::(\w+))?:start[^>]*-->\n).*?(<!-- \2(?::\3)?:end -->)/gs;

/**
 * Returns a document with its generated tables as action.yml has them.
 * @throws Error if action.yml has no inputs in a group that the document names
 */
export function withTables(document: string, actionYaml: string): string {
  return document.replaceAll(SECTION, (_, start: string, kind: string, group: string | undefined, end: string) => {
    const content = kind === 'inputs' ? inputTable(actionYaml, group) : outputTable(actionYaml);
    return `${start}\n${content}\n\n${end}`;
  });
}

/** The groups of inputs whose tables a document has; undefined stands for the table of all. */
export function inputGroupsIn(document: string): (string | undefined)[] {
  return [...document.matchAll(SECTION)].filter(([, , kind]) => kind === 'inputs').map(([, , , group]) => group);
}

/** The group of each input, in lower case: the comment that stands last above it in action.yml. */
export function groupsOf(actionYaml: string): Map<string, string> {
  const groups = new Map<string, string>();
  let current = '';
  const [inputs = ''] = actionYaml.split(/^outputs:$/m);
  for (const [, comment, input] of inputs.matchAll(/^ {2}(?:# (\w+)|([\w-]+):)$/gm)) {
    if (comment !== undefined) current = comment.toLowerCase();
    else if (input !== undefined) groups.set(input, current);
  }
  return groups;
}

function inputTable(actionYaml: string, group: string | undefined): string {
  const groups = groupsOf(actionYaml);
  const { inputs } = parse(actionYaml) as ActionYaml;
  const rows = Object.entries(inputs)
    .filter(([name]) => group === undefined || groups.get(name) === group)
    .map(([name, input]) => [
      `\`${name}\``,
      input.required ? '**required**' : input.default ? `\`${input.default}\`` : '',
      input.description,
    ]);
  if (rows.length === 0) throw new Error(`action.yml has no inputs in the group ${group ?? ''}.`);
  return table(['Input', 'Default', 'Meaning'], rows);
}

function outputTable(actionYaml: string): string {
  const { outputs } = parse(actionYaml) as ActionYaml;
  const rows = Object.entries(outputs).map(([name, { description }]) => [`\`${name}\``, description]);
  return table(['Output', 'Meaning'], rows);
}

/** A table whose source stays narrow; Prettier would pad it to its longest cell. */
function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
  const rule = `| ${heads.map(() => '---').join(' | ')} |`;
  const lines = [line(heads), rule, ...rows.map(line)];
  return ['<!-- prettier-ignore-start -->', '', ...lines, '', '<!-- prettier-ignore-end -->'].join('\n');
}

function cell(text: string): string {
  return text.trim().replaceAll(/\s+/g, ' ').replaceAll('|', '\\|');
}

if (import.meta.main) {
  for (const path of userDocuments) writeFileSync(root + path, withTables(read(path), read('action.yml')));
}
