import { closeSync, existsSync, mkdirSync, openSync, renameSync, lstatSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

import type { FailedCommand } from '../collibra/import-results.ts';
import type { RunReport } from '../outcome.ts';
import { plainJson } from './sanitize.ts';

/**
 * A JSON Lines file of failed commands. It is written as a draft beside its path and renamed when it is complete, so that
 * neither half a file nor one of an earlier run can be mistaken for it.
 */
export class ErrorsFile {
  readonly #path: string;
  readonly #draftPath: string;
  readonly #file: number;
  #isOpen = true;
  #isComplete = false;
  #error: Error | undefined;

  /**
   * Creates the folders and the draft, and removes an older file.
   * @throws Error with a message for the user if the path cannot be written
   */
  constructor(path: string) {
    this.#path = path;
    this.#draftPath = `${path}.${process.pid}.part`;
    try {
      const existing = lstatSync(path, { throwIfNoEntry: false });
      if (existing?.isFile() === false)
        throw new Error(`${path} exists and is not a regular file, so it is not replaced`);
      makeFolder(dirname(path));
      remove(path);
      this.#file = openSync(this.#draftPath, 'w');
    } catch (error) {
      throw new Error(notWritten(error), { cause: error });
    }
  }

  /** The path, once the file is complete. */
  get completedPath(): string | undefined {
    return this.#isComplete ? this.#path : undefined;
  }

  /** Adds a line for each command. An error (disk full) does not stop the wait: {@link ErrorsFile.close} reports it. */
  add(jobId: string, commands: readonly FailedCommand[]): void {
    const lines = commands.map((command) => `${plainJson({ jobId, ...command })}\n`);
    try {
      writeFileSync(this.#file, lines.join(''));
    } catch (error) {
      this.#error ??= error as Error;
    }
  }

  /**
   * Completes the file, or discards it after a cancellation.
   * @returns the report; with the outcome `error` if the file could not be written, whatever the jobs did
   */
  close(report: RunReport): RunReport {
    if (report.outcome === 'cancelled') {
      this.#discard();
      return report;
    }
    try {
      this.#complete();
      return report;
    } catch (error) {
      this.#discard();
      return { ...report, outcome: 'error', reason: notWritten(error) };
    }
  }

  #complete(): void {
    if (this.#error !== undefined) throw this.#error;
    this.#closeDraft();
    renameSync(this.#draftPath, this.#path);
    this.#isComplete = true;
  }

  /** Leaves nothing behind. Windows keeps a file until it is closed. */
  #discard(): void {
    try {
      this.#closeDraft();
      remove(this.#draftPath);
    } catch {
      // Nobody needs the draft.
    }
  }

  #closeDraft(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    closeSync(this.#file);
  }
}

function notWritten(error: unknown): string {
  return `errors-file: could not be written: ${(error as Error).message}. Check the path and the free disk space.`;
}

/** Creates a folder and its parents. Not by Node.js's `recursive`, which never returns below /proc. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  const parent = dirname(path);
  if (parent !== path) makeFolder(parent);
  mkdirSync(path);
}

/** Removes a file. Not by `rmSync`, which before Node.js 24.13.1 on Windows ends the process if a path is not ASCII. */
function remove(path: string): void {
  if (existsSync(path)) unlinkSync(path);
}
