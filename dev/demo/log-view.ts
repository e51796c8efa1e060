import { commandIn } from '../runner/workflow-commands.ts';

const labels: Readonly<Record<string, string>> = {
  error: 'Error: ',
  warning: 'Warning: ',
  notice: 'Notice: ',
  group: '▼ ',
};

/** Shows the log of a step as the runner does: commands carried out, secrets masked. */
export class LogView {
  readonly #masks: string[] = [];

  /** What a person sees of a line; undefined where that is nothing. */
  view(line: string): string | undefined {
    const command = commandIn(line);
    if (command?.name === 'add-mask') this.#masks.push(command.data);
    if (command === undefined) return this.#masked(line);
    const label = labels[command.name];
    if (label === undefined) return undefined;
    const { title } = command.properties;
    return this.#masked(`${label}${title === undefined ? '' : `[${title}] `}${command.data}`);
  }

  #masked(text: string): string {
    return this.#masks.reduce((shown, mask) => shown.replaceAll(mask, '***'), text);
  }
}

/** Text with its control and formatting characters made visible, so that outputs can't trick the terminal. */
export function harmless(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]/gu, (character) =>
    character === '\n' ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
