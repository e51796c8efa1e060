import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';

import type { FailedCommand } from '../collibra/import-results.ts';
import { plainJson } from './sanitize.ts';

/**
 * A JSON Lines file of failed commands. It is written under another name beside its place and renamed when it is
 * whole, so that neither half a file nor that of an earlier run is ever taken for it.
 */
export class ErrorsFile {
  readonly path: string;
  readonly #draftPath: string;
  readonly #file: number;
  #isOpen = true;
  #failure: Error | undefined;

  /**
   * Creates the folders and the draft, and removes an older file.
   * @throws Error where the path can't be written
   */
  constructor(path: string) {
    this.path = path;
    this.#draftPath = `${path}.${process.pid}.part`;
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw new Error(`${path} is a folder`);
    mkdirSync(dirname(path), { recursive: true });
    remove(path);
    this.#file = openSync(this.#draftPath, 'w');
  }

  /**
   * Adds a line for each command.
   * A disk that is full is no reason to stop waiting: {@link ErrorsFile.finish} tells.
   */
  add(jobId: string, commands: readonly FailedCommand[]): void {
    const lines = commands.map((command) => `${plainJson({ jobId, ...command })}\n`);
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
      this.#close();
      renameSync(this.#draftPath, this.path);
    } catch (error) {
      this.discard();
      throw error;
    }
  }

  /** Leaves nothing behind. Windows keeps a file until it is closed. */
  discard(): void {
    try {
      this.#close();
      remove(this.#draftPath);
    } catch {
      // It is given up in any case.
    }
  }

  #close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    closeSync(this.#file);
  }
}

/** Not `rmSync`, which before Node 24.13.1 on Windows ends the process at a path that is not ASCII. */
function remove(path: string): void {
  if (existsSync(path)) unlinkSync(path);
}
