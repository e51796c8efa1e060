import type { Counters, ImportResults, ResourceCounters } from '../../collibra/import-results.ts';
import { CHANGES, sumOfKnown } from '../../outcome.ts';
import { count, number } from '../../text.ts';
import { failedCommandsOf, nameOfCommand, whereTheRestIs, type SameError } from '../failed-commands.ts';
import { code, escaped, lines, prose, table } from './markdown.ts';

/** What exceeds these limits is counted, not shown. */
const MAX_TYPES = 20;
const MAX_CATEGORIES = 10;

/** A limit for texts, in characters. */
const MAX_NAME = 100;

/** How many commands of a row are visible before it is expanded. */
const MAX_VISIBLE = 3;

const SQUARES = { added: '🟩', updated: '🟦', removed: '🟧', failed: '🟥' };
const KINDS = [...CHANGES, 'failed'] as const;
const BAR_LENGTH = 10;

/** Shows what an import did, for each resource type and its categories. */
export function countersTable({ resources, changes, failedCommands }: ImportResults): string {
  if (resources.length === 0 || changes === undefined) return '';
  // Older responses count no failures. A column of zeros beside failed commands would contradict them.
  const countsFailures = resources.some(({ failed }) => (failedCommands === 0 ? failed !== undefined : failed));
  const kinds = countsFailures ? KINDS : CHANGES;
  const heads = ['Resources', ...kinds.map((kind) => `${SQUARES[kind]} ${kind}`), 'Share'];
  const row = (name: string, counters: Counters) => [name, ...kinds.map((kind) => counters[kind] ?? '–')];
  const rows = resources
    .slice(0, MAX_TYPES)
    .flatMap((type) => [
      [...row(`<b>${prose(type.resourceType, MAX_NAME)}</b>`, type), bar(type)],
      ...largest(type).map((category) => [...row(`&emsp;${prose(category.name, MAX_NAME)}`, category), '']),
      ...more(type.categories.length - MAX_CATEGORIES, '&emsp;'),
    ]);
  return table(heads, [...rows, ...more(resources.length - MAX_TYPES)]);
}

function largest({ categories }: ResourceCounters): typeof categories {
  const size = (one: Counters) => sumOfKnown(CHANGES.map((kind) => one[kind]));
  const failed = (one: Counters) => one.failed ?? 0;
  return [...categories].sort((a, b) => failed(b) - failed(a) || size(b) - size(a)).slice(0, MAX_CATEGORIES);
}

function more(n: number, indent = ''): string[][] {
  return n > 0 ? [[`${indent}… and ${number(n)} more`]] : [];
}

/** Shows the shares as colored squares. What is not zero gets at least one, so that a single failure is visible. */
function bar(counters: Counters): string {
  const numbers = KINDS.map((kind) => counters[kind] ?? 0);
  const total = sumOfKnown(numbers);
  if (total === 0) return '';
  const squares = numbers.map((n) => Math.round((BAR_LENGTH * n) / total) || Number(n > 0));
  const longest = squares.indexOf(Math.max(...squares));
  const lengths = squares.map((n, index) => (index === longest ? n + BAR_LENGTH - sumOfKnown(squares) : n));
  return KINDS.map((kind, index) => SQUARES[kind].repeat(lengths[index] ?? 0)).join('');
}

/** Shows the failed commands. Those whose messages differ only in names and numbers share a row. */
export function failedCommandsTable(results: ImportResults, errorsFile: string | undefined): string {
  const failed = failedCommandsOf(results);
  if (failed.total === 0) return '';
  const rows = failed.groups.map((group) => [
    group.count,
    lines(group.kind.map(escaped)),
    errorOf(group),
    namesOf(group),
  ]);
  const rest = whereTheRestIs('This summary', failed);
  const blocks = [
    `<h3>${count(failed.total, 'failed command')}</h3>`,
    rows.length > 0 && table(['Count', 'Kind', 'Error', '[Index] Command'], rows, [2, 3]),
    errorsFile === undefined
      ? rest && `<p>${rest}</p>`
      : `<p>The file ${code(errorsFile, 500)} ${results.isPartial ? 'is incomplete; see the log' : 'contains all failed commands'}.</p>`,
  ];
  return blocks.filter(Boolean).join('\n');
}

function errorOf({ errors: [first = '', ...others] }: SameError): string {
  const alike = others.length === 0 ? '' : `(${count(others.length, 'more message')} with other names or numbers)`;
  return lines([escaped(first), alike]);
}

/** Shows the first commands; the others are collapsed. */
function namesOf(group: SameError): string {
  const names = group.shown.map((command) => escaped(nameOfCommand(command)));
  const visible = names.slice(0, names.length > MAX_VISIBLE + 1 ? MAX_VISIBLE : names.length);
  const rest = [...names.slice(visible.length), ...more(group.count - names.length).flat()].join('<br>');
  const title = `${number(group.count - visible.length)} more`;
  return lines(visible) + (rest && `<details><summary>${title}</summary>${rest}</details>`);
}
