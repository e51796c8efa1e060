import { closeSync, existsSync, lstatSync, mkdirSync, openSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

import type { FailedCommand } from '../collibra/import-results.ts';
import type { RunReport } from '../outcome.ts';
import { plainJson } from './sanitize.ts';

/**
 * A JSON Lines file of failed commands. It is written as a draft beside its path and renamed when it is complete, so that
 * neither half a file nor one of an earlier run can be mistaken for it.
 */
export class ErrorsFile {
  /** The path, once the file is complete. */
  completedPath: string | undefined;
  readonly #path: string;
  readonly #draftPath: string;
  readonly #file: number;
  #error: unknown;

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
      // Not by rmSync, which before Node.js 24.13.1 on Windows ends the process if a path is not ASCII.
      if (existing !== undefined) unlinkSync(path);
      this.#file = openSync(this.#draftPath, 'w');
    } catch (error) {
      throw new Error(notWritten(error), { cause: error });
    }
  }

  /** Adds a line for each command. An error (disk full) does not stop the wait: {@link ErrorsFile.close} reports it. */
  add(jobId: string, commands: readonly FailedCommand[]): void {
    const lines = commands.map((command) => `${plainJson({ jobId, ...command })}\n`);
    this.#attempt(() => writeFileSync(this.#file, lines.join('')));
  }

  /**
   * Completes the file, or discards it after a cancellation. To be called once.
   * @returns the report; with the outcome `error` if the file could not be written, whatever the jobs did
   */
  close(report: RunReport): RunReport {
    const isCanceled = report.outcome === 'cancelled';
    // Windows neither renames nor removes a file before it is closed.
    this.#attempt(() => closeSync(this.#file));
    if (!isCanceled && this.#error === undefined) this.#attempt(() => renameSync(this.#draftPath, this.#path));
    const isComplete = !isCanceled && this.#error === undefined;
    if (isComplete) this.completedPath = this.#path;
    else this.#attempt(() => unlinkSync(this.#draftPath));
    return isComplete || isCanceled ? report : { ...report, outcome: 'error', reason: notWritten(this.#error) };
  }

  /** Keeps the first error. */
  #attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#error ??= error;
    }
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
