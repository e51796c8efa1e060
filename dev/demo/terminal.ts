import { styleText } from 'node:util';

import type { Annotation } from '../runner/step-log.ts';
import { commandIn } from '../runner/workflow-commands.ts';

/** The colors of GitHub's log. */
const COLORS = { error: 'red', warning: 'yellow', notice: 'blue', group: 'bold' } as const;

/** Escapes control and formatting characters, so that text from a server can't control the terminal. */
export function escapeControls(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]/gu, (character) =>
    character === '\n' ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Prints the log of a step as GitHub shows it: with indented groups, and with colors if the terminal has them. */
export class TerminalLog {
  #command: string | undefined;
  #indent = '';

  /** Receives each line as the step writes it. */
  readonly onLine = (line: string): void => {
    this.#command = commandIn(line)?.name;
    if (this.#command === 'endgroup') this.#indent = '';
  };

  /** Receives the same line as the log shows it, unless it is hidden. */
  readonly onLogLine = (line: string): void => {
    console.log(colored(line.replace(/^/gm, this.#indent), this.#command));
    if (this.#command === 'group') this.#indent = '  ';
  };
}

/** Formats an annotation: its kind and title, and its message below. */
export function annotationText({ kind, title, message }: Annotation): string {
  return `${colored(`[${kind}] ${title}`, kind)}\n${message}\n`;
}

function colored(text: string, kind = ''): string {
  return Object.hasOwn(COLORS, kind) ? styleText(COLORS[kind as keyof typeof COLORS], text) : text;
}
