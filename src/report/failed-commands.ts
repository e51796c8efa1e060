import type { FailedCommand, ImportResults } from '../collibra/import-results.ts';
import { count, groupBy, number } from '../text.ts';
import { plain } from './sanitize.ts';

/** What exceeds these limits is counted, not shown. */
const MAX_COMMANDS = 50;
const MAX_INDICES = 5;
const MAX_GROUPED = 1000;

/** Limits for texts, in characters. */
const MAX_NAME = 100;
const MAX_ERROR = 300;

/** Failed commands of one kind whose errors differ only in names and numbers. */
export interface SameError {
  readonly count: number;
  /** The type of the resource, then that of the error. */
  readonly kind: readonly string[];
  /** The different texts of the error, at least one. */
  readonly errors: readonly string[];
  /** The commands to show, at least one. */
  readonly shown: readonly FailedCommand[];
}

/** The failed commands of an import, as far as they are shown. Kinds and errors are safe to print. */
export interface FailedCommands {
  readonly total: number;
  /** How many of them are grouped. */
  readonly read: number;
  /** How many of them are shown. */
  readonly shown: number;
  /** The most frequent error first. */
  readonly groups: readonly SameError[];
}

/** Groups failed commands by their errors, and chooses those to show: at least one of each error. */
export function failedCommandsOf({ firstFailedCommands, failedCommands = 0 }: ImportResults): FailedCommands {
  const commands = firstFailedCommands
    .slice(0, MAX_GROUPED)
    .map((command) => ({ ...command, errorMessage: plain(command.errorMessage, MAX_ERROR) }));
  const alike = [...groupBy(commands, keyOf).values()].sort((a, b) => b.length - a.length).slice(0, MAX_COMMANDS);
  let shown = 0;
  const groups = alike.map((group, index) => {
    const some = group.slice(0, MAX_COMMANDS - shown - (alike.length - index - 1));
    shown += some.length;
    const kind = [group[0]?.resourceType, group[0]?.errorType].map((text = '') => plain(text, MAX_NAME));
    return { count: group.length, kind, errors: [...new Set(group.map((one) => one.errorMessage))], shown: some };
  });
  return { total: Math.max(failedCommands, commands.length), read: commands.length, shown, groups };
}

function keyOf({ resourceType, errorType, errorMessage }: FailedCommand): string {
  const error = errorMessage.replace(/'[^']*'|"[^"]*"|[\da-f]{8}-[-\da-f]+|\d+/gi, '…');
  return [resourceType, errorType, error].join('\n');
}

/** Names a command by its first indices and its identifier: `[17, 0] Table contains Column`. */
export function nameOfCommand({ indices, identifier }: FailedCommand): string {
  const first = [...indices.slice(0, MAX_INDICES), ...(indices.length > MAX_INDICES ? ['…'] : [])].join(', ');
  return [first && `[${first}]`, plain(identifier, MAX_NAME)].filter(Boolean).join(' ') || '–';
}

/** Quotes the most frequent error in a sentence; '' without one, or if `said` contains it. */
export function quoteError(results: ImportResults, said: string): string {
  const { total, read, groups } = failedCommandsOf(results);
  const { count = 0, errors = [] } = groups[0] ?? {};
  const error = errors[0]?.replace(/\.$/, '');
  if (!error || said.includes(error)) return '';
  const all = `${read < total ? 'the first ' : ''}${number(read)}`;
  return `${count === 1 ? 'First error' : `Most frequent error (${number(count)} of ${all})`}: "${error}".`;
}

/** Lists failed commands as lines of a log: each error, and below it its commands. */
export function failedCommandLines(failed: FailedCommands): string[] {
  const lines = failed.groups.flatMap(({ count, kind, errors, shown }) => [
    `${number(count)} × ${kind.join(' ')}: ${errors[0] || '–'}`,
    ...shown.map((one) => `- ${nameOfCommand(one)}${one.errorMessage === errors[0] ? '' : `: ${one.errorMessage}`}`),
    ...(shown.length < count ? [`- … and ${number(count - shown.length)} more`] : []),
  ]);
  return [...lines, whereTheRestIs('This log', failed)].filter(Boolean);
}

/** Says where the commands are that `view` does not show; '' if it shows all. */
export function whereTheRestIs(view: string, { total, read, shown }: FailedCommands): string {
  if (shown === total) return '';
  const counted = read < total && read > 0 ? `, and counts only the first ${number(read)}` : '';
  return (
    `${view} shows ${number(shown)} of ${count(total, 'failed command')}${counted}. ` +
    'The Import Results in Collibra contain all of them, and the errors-file input writes them to a file.'
  );
}
