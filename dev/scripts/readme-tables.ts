/**
 * Writes the tables of inputs and outputs in README.md from action.yml: `node dev/scripts/readme-tables.ts`.
 * A test sees to it that they never differ.
 */
import { readFileSync, writeFileSync } from 'node:fs';

import { parse } from 'yaml';

interface ActionYaml {
  readonly inputs: Readonly<Record<string, { description: string; required?: boolean; default?: string }>>;
  readonly outputs: Readonly<Record<string, { description: string }>>;
}

const readmePath = new URL('../../README.md', import.meta.url);

/** A README whose generated tables are those of an action.yml. */
export function withTables(readme: string, actionYaml: string): string {
  const { inputs, outputs } = parse(actionYaml) as ActionYaml;
  const inputRows = Object.entries(inputs).map(([name, input]) => [
    `\`${name}\``,
    input.required ? '**required**' : shownDefault(input.default),
    input.description,
  ]);
  const outputRows = Object.entries(outputs).map(([name, { description }]) => [`\`${name}\``, description]);
  return between(
    between(readme, 'inputs', table(['Input', 'Default', 'Meaning'], inputRows)),
    'outputs',
    table(['Output', 'Meaning'], outputRows),
  );
}

function shownDefault(value: string | undefined): string {
  return value === undefined || value === '' ? '' : `\`${value}\``;
}

/** A table whose source stays narrow; prettier would pad it to its longest cell. */
function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
  const rule = `| ${heads.map(() => '---').join(' | ')} |`;
  const lines = [line(heads), rule, ...rows.map(line)];
  return ['<!-- prettier-ignore-start -->', '', ...lines, '', '<!-- prettier-ignore-end -->'].join('\n');
}

function cell(text: string): string {
  return text.trim().replaceAll(/\s+/g, ' ').replaceAll('|', '\\|');
}

/** @throws Error where the markers are missing */
function between(readme: string, name: string, content: string): string {
  const section = new RegExp(`(<!-- ${name}:start [^>]*-->\n).*?(<!-- ${name}:end -->)`, 's');
  if (!section.test(readme)) throw new Error(`README.md has no markers for its ${name}.`);
  return readme.replace(section, (_, start: string, end: string) => `${start}\n${content}\n\n${end}`);
}

if (import.meta.main) {
  const actionYaml = readFileSync(new URL('../../action.yml', import.meta.url), 'utf8');
  writeFileSync(readmePath, withTables(readFileSync(readmePath, 'utf8'), actionYaml));
}
