import type { Clock } from '../clock.ts';
import { CollibraError } from '../collibra/errors.ts';
import type { RequestLimits } from '../collibra/http/requests.ts';
import type { FailedCommand, FailedCommandsPage, ImportSummary } from '../collibra/import-results.ts';
import type { ImportResults } from '../outcome.ts';
import { duration, number } from '../text.ts';
import type { ImportResultsSource } from './wait-for-job.ts';

/** The Import Results API, as far as it is needed here. */
export interface ImportResultsApi {
  summary(jobId: string, bounds: RequestLimits): Promise<ImportSummary>;
  errors(jobId: string, offset: number, bounds: RequestLimits): Promise<FailedCommandsPage>;
}

/** How Import Results are read. */
export interface ReaderOptions {
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

/** A server that always has one more failed command is not followed for ever: so many are read, for so long. */
const MOST_COMMANDS = 1_000_000;
const MOST_PAGES = 2_000;
const LONGEST_READ_MS = 600_000;

/** The pause between two tries: it doubles from the first to the longest, in milliseconds. */
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 4_000;

/** Reads Import Results with patience of its own. Nothing that goes wrong here is an error of the job. */
export class ImportResultsReader implements ImportResultsSource {
  readonly #settings: ReaderOptions;

  constructor(settings: ReaderOptions) {
    this.#settings = settings;
  }

  /** See {@link ImportResultsSource.read}. Throws defects only. */
  async read(jobId: string, needed: boolean, signal: AbortSignal): Promise<ImportResults | undefined> {
    const { api, onFailedCommands, onTrouble } = this.#settings;
    let summary: ImportSummary | undefined;
    try {
      summary = await this.#patiently((bounds) => api.summary(jobId, bounds), needed, signal);
      if (failedCommandsOf(summary) === 0) return { summary, failedCommands: 0, firstFailedCommands: [] };
      return { summary, ...(await this.#failedCommands(jobId, summary, needed, signal)) };
    } catch (error) {
      const reason = reasonOf(error, signal);
      if (needed || summary || onFailedCommands || !isNoImport(error)) onTrouble(jobId, reason);
      return (
        summary && {
          summary,
          failedCommands: failedCommandsOf(summary),
          firstFailedCommands: [],
          isPartial: true,
        }
      );
    }
  }

  /** The first page, or all pages where every command is wanted. */
  async #failedCommands(
    jobId: string,
    summary: ImportSummary,
    needed: boolean,
    signal: AbortSignal,
  ): Promise<Omit<ImportResults, 'summary'>> {
    const { api, onFailedCommands, onTrouble } = this.#settings;
    const page = (offset: number) =>
      this.#patiently((bounds) => api.errors(jobId, offset, bounds), needed, signal);
    const first = await page(0);
    onFailedCommands?.(jobId, first.commands);
    const counts = [summary.failedCommands, first.total].filter((n) => n !== undefined);
    // Where nobody tells how many there are, they are at their end with a page that is empty.
    const total = counts.length === 0 ? Infinity : Math.max(...counts);
    const pass = async (offset: number) => {
      const { commands } = await page(offset);
      if (commands.length > 0) onFailedCommands?.(jobId, commands);
      return commands.length;
    };
    const rest = onFailedCommands && (await this.#rest(first.commands.length, total, pass, signal));
    const { read, isPartial, trouble } = rest ?? { read: first.commands.length, isPartial: false };
    if (isPartial) {
      const some = total === Infinity ? `${read}` : `${read} of ${total}`;
      onTrouble(jobId, [`only ${some} failed commands could be read`, trouble].filter(Boolean).join(': '));
    }
    return {
      firstFailedCommands: first.commands,
      failedCommands: counts.length === 0 ? undefined : believable(Math.max(total, read), summary),
      ...(isPartial ? { isPartial } : {}),
    };
  }

  /**
   * Reads the pages after the first, until all commands are read or the server goes on for too long.
   * @param pass reads a page and hands it on; gives how many commands it had
   */
  async #rest(
    readBefore: number,
    total: number,
    pass: (offset: number) => Promise<number>,
    signal: AbortSignal,
  ): Promise<{ read: number; isPartial: boolean; trouble?: string | undefined }> {
    const { clock } = this.#settings;
    const endMs = clock.now() + LONGEST_READ_MS;
    let read = readBefore;
    let last = readBefore;
    let trouble: string | undefined;
    const wanted = Math.min(total, MOST_COMMANDS);
    for (let pages = 1; read < wanted && last > 0 && trouble === undefined; pages++) {
      try {
        last = await pass(read);
        read += last;
        if (clock.now() > endMs) trouble = `reading them took more than ${duration(LONGEST_READ_MS)}`;
        if (pages === MOST_PAGES) trouble = `they came in more than ${number(MOST_PAGES)} pages`;
      } catch (error) {
        trouble = reasonOf(error, signal);
      }
    }
    return { read, isPartial: total === Infinity ? last > 0 : read < total, trouble };
  }

  /** Asks again while trouble may pass. */
  async #patiently<T>(
    ask: (bounds: RequestLimits) => Promise<T>,
    needed: boolean,
    signal: AbortSignal,
  ): Promise<T> {
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

/** What the summary says, where it does not contradict itself. */
function failedCommandsOf(summary: ImportSummary): number | undefined {
  return believable(summary.failedCommands, summary);
}

/** That none failed is not believed where anything else says that some did. */
function believable(failedCommands: number | undefined, summary: ImportSummary): number | undefined {
  const someFailed = summary.resources.some(({ failed }) => failed) || SOME_FAILED.includes(summary.state);
  return failedCommands === 0 && someFailed ? undefined : failedCommands;
}

/** The states of Import Results with which commands have failed. */
const SOME_FAILED = ['COMPLETED_WITH_ERRORS', 'ABORTED'];

/** Why something could not be read; what is no trouble of Collibra's is thrown on. */
function reasonOf(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return 'the wait was stopped';
  if (error instanceof CollibraError) return error.message;
  throw error;
}

function isPassing(error: unknown): boolean {
  return error instanceof CollibraError && error.kind === 'transient';
}

function isLate(error: unknown): boolean {
  return error instanceof CollibraError && (error.status === 400 || error.status === 404);
}

function isNoImport(error: unknown): boolean {
  return error instanceof CollibraError && error.status === 404;
}
