import { closeSync, mkdirSync, openSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

import type { FailedCommand } from '../collibra/import-results.ts';
import { redact } from './secrets.ts';

/**
 * A JSON Lines file of failed commands. It is written under another name beside its place and renamed when it is
 * whole, so that no half file is ever taken for the whole one.
 */
export class ErrorsFile {
  readonly path: string;
  readonly #draftPath: string;
  readonly #file: number;
  #failure: Error | undefined;

  /**
   * Creates the folders and the draft.
   * @throws Error where the path can't be written
   */
  constructor(path: string) {
    this.path = path;
    this.#draftPath = `${path}.${process.pid}.part`;
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw new Error(`${path} is a folder`);
    mkdirSync(dirname(path), { recursive: true });
    this.#file = openSync(this.#draftPath, 'w');
  }

  /**
   * Adds a line for each command. JSON has no raw line breaks, so server text can't break out of its line.
   * A disk that is full is no reason to stop waiting: {@link ErrorsFile.finish} tells.
   */
  add(jobId: string, commands: readonly FailedCommand[]): void {
    const lines = commands.map((command) => `${JSON.stringify({ jobId, ...command }, withoutSecrets)}\n`);
    try {
      writeFileSync(this.#file, lines.join(''));
    } catch (error) {
      this.#failure ??= error as Error;
    }
  }

  /**
   * Puts the file in its place.
   * @throws Error where it can't be written, or not be put there; nothing is left behind then
   */
  finish(): void {
    try {
      if (this.#failure !== undefined) throw this.#failure;
      closeSync(this.#file);
      renameSync(this.#draftPath, this.path);
    } catch (error) {
      this.discard();
      throw error;
    }
  }

  /** Leaves nothing behind. */
  discard(): void {
    rmSync(this.#draftPath, { force: true });
  }
}

/** Redacts values before they are escaped, and leaves the names of the fields alone. */
function withoutSecrets(_name: string, value: unknown): unknown {
  return typeof value === 'string' ? redact(value) : value;
}
