import type { Counters, FailedCommand, ImportResults, ResourceCounters } from '../../collibra/import-results.ts';
import { CHANGES, sumOfKnown } from '../../outcome.ts';
import { count, groupBy, number } from '../../text.ts';
import { plain } from '../sanitize.ts';
import { code, prose, table } from './markdown.ts';

/** What exceeds these limits is counted, not shown. */
const MAX_TYPES = 20;
const MAX_CATEGORIES = 10;
const MAX_COMMANDS = 50;
const MAX_INDICES = 5;
const MAX_GROUPED = 1000;

/** How many commands of a row are visible before it is expanded. */
const MAX_VISIBLE = 3;

/** Limits for texts, in characters. */
const MAX_NAME = 100;
const MAX_MESSAGE = 300;

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
  const commands = results.firstFailedCommands.slice(0, MAX_GROUPED);
  const total = Math.max(results.failedCommands ?? 0, commands.length);
  if (total === 0) return '';
  const groups = [...groupBy(commands, kindOf).values()].sort((a, b) => b.length - a.length);
  const shown = groups.slice(0, MAX_COMMANDS);
  let named = 0;
  const rows = shown.map((group, index) => {
    const names = group.slice(0, MAX_COMMANDS - named - (shown.length - index - 1)).map(nameOf);
    named += names.length;
    return [group.length, typesOf(group), messageOf(group), collapsed(names, group.length)];
  });
  const blocks = [
    `<h3>${count(total, 'failed command')}</h3>`,
    rows.length > 0 && table(['Count', 'Kind', 'Error', '[Index] Command'], rows, [2, 3]),
    errorsFile === undefined
      ? whereTheRestIs(named, commands.length, total)
      : `<p>The file ${code(errorsFile, 500)} ${results.isPartial ? 'is incomplete; see the log' : 'contains all failed commands'}.</p>`,
  ];
  return blocks.filter(Boolean).join('\n');
}

function kindOf({ errorType, resourceType, errorMessage }: FailedCommand): string {
  const message = plain(errorMessage, MAX_MESSAGE).replace(/'[^']*'|"[^"]*"|[\da-f]{8}-[-\da-f]+|\d+/gi, '…');
  return [errorType, resourceType, message].join('\n');
}

function typesOf([first]: readonly FailedCommand[]): string {
  return [first?.resourceType, first?.errorType].map((text) => prose(text ?? '', MAX_NAME)).join('<br>');
}

function messageOf(group: readonly FailedCommand[]): string {
  const [first = '', ...others] = new Set(group.map(({ errorMessage }) => plain(errorMessage, MAX_MESSAGE)));
  const alike = others.length === 0 ? '' : `<br>(${count(others.length, 'more message')} with other names or numbers)`;
  return prose(first, MAX_MESSAGE) + alike;
}

function nameOf({ identifier, indices }: FailedCommand): string {
  const first = [...indices.slice(0, MAX_INDICES), ...(indices.length > MAX_INDICES ? ['…'] : [])].join(', ');
  return [first && `[${first}]`, prose(identifier, MAX_NAME)].filter(Boolean).join(' ');
}

/** Shows the first names; the others are collapsed. */
function collapsed(names: readonly string[], all: number): string {
  const visible = names.slice(0, names.length > MAX_VISIBLE + 1 ? MAX_VISIBLE : names.length);
  const rest = [...names.slice(visible.length), ...more(all - names.length).flat()].join('<br>');
  const title = `${number(all - visible.length)} more`;
  return visible.join('<br>') + (rest && `<details><summary>${title}</summary>${rest}</details>`);
}

function whereTheRestIs(named: number, read: number, total: number): string {
  if (named === total) return '';
  const counted = read < total && read > 0 ? `, and counts only the first ${number(read)}` : '';
  const shown = `This summary shows ${number(named)} of ${count(total, 'failed command')}${counted}`;
  return `<p>${shown}. The Import Results in Collibra contain all of them. To write them to a file, set the errors-file input.</p>`;
}
