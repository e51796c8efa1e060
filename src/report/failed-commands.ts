import type { FailedCommand, ImportResults } from '../collibra/import-results.ts';
import { count, groupBy, number } from '../text.ts';
import { plain } from './sanitize.ts';

/** What exceeds these limits is counted, not shown. */
const MAX_COMMANDS = 50;
const MAX_INDICES = 5;
const MAX_GROUPED = 1000;

/** Limits for texts, in characters. */
export const MAX_ERROR = 300;
export const MAX_NAME = 100;

/** Failed commands whose errors are of the same kind and differ only in names and numbers. */
export interface SameError {
  readonly count: number;
  /** The commands to show, at least one. */
  readonly shown: readonly FailedCommand[];
  /** The different messages of all of them. */
  readonly messages: readonly string[];
}

/** The failed commands of an import, as far as they are shown. */
export interface FailedCommands {
  readonly total: number;
  /** How many of them are grouped. */
  readonly read: number;
  /** How many of them are shown. */
  readonly shown: number;
  /** The most frequent error first. */
  readonly errors: readonly SameError[];
}

/** Groups failed commands by their errors, and chooses those to show: at least one of each error. */
export function failedCommandsOf({ firstFailedCommands, failedCommands = 0 }: ImportResults): FailedCommands {
  const commands = firstFailedCommands.slice(0, MAX_GROUPED);
  const groups = [...groupBy(commands, kindOf).values()].sort((a, b) => b.length - a.length).slice(0, MAX_COMMANDS);
  let shown = 0;
  const errors = groups.map((group, index) => {
    const some = group.slice(0, MAX_COMMANDS - shown - (groups.length - index - 1));
    shown += some.length;
    return { count: group.length, shown: some, messages: [...new Set(group.map(errorOf))] };
  });
  return { total: Math.max(failedCommands, commands.length), read: commands.length, shown, errors };
}

function kindOf(command: FailedCommand): string {
  const message = errorOf(command).replace(/'[^']*'|"[^"]*"|[\da-f]{8}-[-\da-f]+|\d+/gi, '…');
  return [command.errorType, command.resourceType, message].join('\n');
}

/** Gives the error of a command as plain text. */
export function errorOf({ errorMessage }: FailedCommand): string {
  return plain(errorMessage, MAX_ERROR);
}

/** Gives the first indices of a command: `[17, 0]`; '' without one. */
export function indicesOf({ indices }: FailedCommand): string {
  if (indices.length === 0) return '';
  return `[${indices.slice(0, MAX_INDICES).join(', ')}${indices.length > MAX_INDICES ? ', …' : ''}]`;
}

/**
 * Says where the commands are that `view` does not show; '' if it shows all.
 * @param errorsFile the file that receives all of them, if there is one
 */
export function whereTheRestIs(view: string, { total, read, shown }: FailedCommands, errorsFile?: string): string {
  if (shown === total) return '';
  const counted = read < total && read > 0 ? `, and counts only the first ${number(read)}` : '';
  const rest =
    errorsFile === undefined
      ? 'The Import Results in Collibra contain all of them. To write them to a file, set the errors-file input.'
      : `The file ${errorsFile} receives all of them.`;
  return `${view} shows ${number(shown)} of ${count(total, 'failed command')}${counted}. ${rest}`;
}
