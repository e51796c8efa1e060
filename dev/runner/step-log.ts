import type { SecretMasker } from './secret-masker.ts';
import { type Command, commandIn } from './workflow-commands.ts';

const MAX_MESSAGE_LENGTH = 4096;
const MAX_ANNOTATIONS_OF_A_KIND = 10;

/** An annotation of an error, warning or notice command. */
export type Annotation = {
  readonly kind: 'error' | 'warning' | 'notice';
  readonly title: string;
  readonly message: string;
};

/** What the log shows in front of a command's data. */
const LABELS: Readonly<Record<string, string>> = {
  error: 'Error: ',
  warning: 'Warning: ',
  notice: 'Notice: ',
  group: '▼ ',
};

/** Commands that the runner carries out without showing them. */
const HIDDEN = new Set(
  'add-mask add-matcher add-path debug echo endgroup remove-matcher save-state set-env set-output'.split(' '),
);

/** The annotation that a command asks for, if any. */
export function annotationOf({ name, properties, data }: Command): Annotation | undefined {
  if (name !== 'error' && name !== 'warning' && name !== 'notice') return undefined;
  return { kind: name, title: properties['title'] ?? '', message: data };
}

/** Reads the output of a step as the runner does: carries out commands, masks values, keeps annotations. */
export class StepLog {
  /** The lines that people see. */
  readonly lines: string[] = [];
  /** The annotations that people see. Their titles are not masked. */
  readonly annotations: Annotation[] = [];
  readonly #masker: SecretMasker;

  constructor(masker: SecretMasker) {
    this.#masker = masker;
  }

  /**
   * Reads one line.
   * @returns what people see of it; undefined if nothing
   */
  read(line: string): string | undefined {
    const command = commandIn(line);
    if (command?.name === 'add-mask') this.#masker.add(command.data);
    if (command !== undefined && HIDDEN.has(command.name)) return undefined;
    const shown = this.#masker.mask(this.#textOf(line, command));
    this.lines.push(shown);
    return shown;
  }

  #textOf(line: string, command: Command | undefined): string {
    if (command === undefined) return line;
    const label = LABELS[command.name];
    if (label === undefined) return line;
    const annotation = annotationOf(command);
    return `${label}${annotation === undefined ? command.data : this.#keep(annotation)}`;
  }

  /** Keeps an annotation unless there are too many, and gives its message as it is shown. */
  #keep(annotation: Annotation): string {
    const message = this.#masker.mask(annotation.message).slice(0, MAX_MESSAGE_LENGTH);
    const others = this.annotations.filter(({ kind }) => kind === annotation.kind);
    if (others.length < MAX_ANNOTATIONS_OF_A_KIND) this.annotations.push({ ...annotation, message });
    return message;
  }
}
