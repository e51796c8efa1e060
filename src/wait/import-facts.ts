import type { Clock } from '../clock.ts';
import { CollibraError } from '../collibra/errors.ts';
import type { Bounds } from '../collibra/http.ts';
import type { FailedCommand, FailedCommandsPage, ImportSummary } from '../collibra/import-results.ts';
import type { ImportFacts } from '../outcome.ts';
import type { ImportFactsSource } from './wait-for-job.ts';

/** The Import Results API, as far as it is needed here. */
export interface ImportResultsApi {
  summary(jobId: string, bounds: Bounds): Promise<ImportSummary>;
  errors(jobId: string, offset: number, bounds: Bounds): Promise<FailedCommandsPage>;
}

/** How Import Results are read. */
export interface ImportFactsSettings {
  readonly api: ImportResultsApi;
  readonly clock: Clock;
  /** Receives every failed command, page by page; without it only the first page is read. */
  readonly onFailedCommands?: ((jobId: string, commands: readonly FailedCommand[]) => void) | undefined;
  /** Told why results could not be read, where that is worth a word. */
  readonly onTrouble: (jobId: string, reason: string) => void;
}

/** How long trouble is borne, in milliseconds: the verdict may hang on the results, or only the report does. */
const PATIENCE_MS = { needed: 60_000, wanted: 20_000 };

/**
 * How long "not finished" (400) and "no such import" (404) are borne. Results may be late by a moment, but a job
 * that is no import has none, and its step should not wait for them.
 */
const LATE_MS = { needed: 15_000, wanted: 1_500 };

/** More failed commands than any import file has: a server that always has one more is not followed for ever. */
const MOST_COMMANDS = 1_000_000;

/** The pause between two tries: it doubles from the first to the longest, in milliseconds. */
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 4_000;

/** Reads Import Results with patience of its own. Nothing that goes wrong here is an error of the job. */
export class ImportFactsReader implements ImportFactsSource {
  readonly #settings: ImportFactsSettings;

  constructor(settings: ImportFactsSettings) {
    this.#settings = settings;
  }

  async read(jobId: string, needed: boolean, signal: AbortSignal): Promise<ImportFacts | undefined> {
    const { api, onTrouble } = this.#settings;
    let summary: ImportSummary | undefined;
    try {
      summary = await this.#patiently((bounds) => api.summary(jobId, bounds), needed, signal);
      if (summary.failedCommands === 0) return { summary, failedCommands: 0, firstFailed: [] };
      const { total, firstFailed } = await this.#failedCommands(
        jobId,
        summary.failedCommands,
        needed,
        signal,
      );
      const known = [summary.failedCommands, total].filter((n) => n !== undefined);
      return { summary, firstFailed, failedCommands: known.length === 0 ? undefined : Math.max(...known) };
    } catch (error) {
      if (!signal.aborted && !(error instanceof CollibraError)) throw error;
      const reason = signal.aborted ? 'the run was cancelled' : (error as CollibraError).message;
      if (needed || !isNoImport(error)) onTrouble(jobId, reason);
      return summary && { summary, failedCommands: summary.failedCommands, firstFailed: [] };
    }
  }

  async #failedCommands(jobId: string, known: number | undefined, needed: boolean, signal: AbortSignal) {
    const { api, onFailedCommands, onTrouble } = this.#settings;
    const page = (offset: number) =>
      this.#patiently((bounds) => api.errors(jobId, offset, bounds), needed, signal);
    const first = await page(0);
    onFailedCommands?.(jobId, first.commands);
    let read = first.commands.length;
    const total = Math.max(first.total ?? 0, known ?? 0, read);
    while (onFailedCommands && read < Math.min(total, MOST_COMMANDS)) {
      const { commands } = await page(read);
      if (commands.length === 0) break;
      onFailedCommands(jobId, commands);
      read += commands.length;
    }
    if (onFailedCommands && read < total)
      onTrouble(jobId, `only ${read} of ${total} failed commands could be read`);
    return { total: first.total, firstFailed: first.commands };
  }

  /** Asks again while trouble may pass. */
  async #patiently<T>(ask: (bounds: Bounds) => Promise<T>, needed: boolean, signal: AbortSignal): Promise<T> {
    const { clock } = this.#settings;
    const kind = needed ? 'needed' : 'wanted';
    const startMs = clock.now();
    const until = startMs + PATIENCE_MS[kind];
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      try {
        signal.throwIfAborted();
        return await ask({ until, signal });
      } catch (error) {
        const endMs = isLate(error) ? startMs + LATE_MS[kind] : isPassing(error) ? until : -Infinity;
        const pause = Math.max(pauseMs, (error as CollibraError).retryAfterMs ?? 0);
        if (signal.aborted || clock.now() + pause > endMs) throw error;
        await clock.sleep(pause, signal);
      }
    }
  }
}

function isPassing(error: unknown): boolean {
  return error instanceof CollibraError && error.kind === 'passing';
}

function isLate(error: unknown): boolean {
  return error instanceof CollibraError && (error.status === 400 || error.status === 404);
}

function isNoImport(error: unknown): boolean {
  return error instanceof CollibraError && error.status === 404;
}
