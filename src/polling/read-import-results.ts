import type { Clock } from '../clock.ts';
import type { RequestLimits } from '../collibra/http/requests.ts';
import type { RedactAndTruncate } from '../collibra/http/server-words.ts';
import { CollibraError, type ErrorKind } from '../collibra/errors.ts';
import type { FailedCommand, FailedCommandsPage, ImportResults, ImportSummary } from '../collibra/import-results.ts';
import { duration, number } from '../text.ts';
import { hasFailedCounter } from '../verdict.ts';
import { retry } from './retry.ts';
import type { ImportResultsSource } from './wait-for-jobs.ts';

/** Client of the Import Results API. */
export interface ImportResultsApi {
  summary(jobId: string, limits: RequestLimits): Promise<ImportSummary>;
  errors(jobId: string, offset: number, limits: RequestLimits): Promise<FailedCommandsPage>;
}

/** How Import Results are read. */
export interface ReaderOptions {
  readonly api: ImportResultsApi;
  readonly clock: Clock;
  readonly redactAndTruncate: RedactAndTruncate;
  /** Receives every failed command, page by page. Without it, only the first page is read. */
  readonly onFailedCommands?: ((jobId: string, commands: readonly FailedCommand[]) => void) | undefined;
  /** Called when results could not be read, or not completely. */
  readonly onUnavailable: (jobId: string, reason: string) => void;
}

/** Whether the verdict depends on the results (`needed`) or only the report does. */
type Priority = 'needed' | 'optional';

/** Retry budgets in milliseconds: longer if the verdict depends on the results. */
const TRANSIENT_MS = { needed: 60_000, optional: 20_000 };

/**
 * Results may be late by a moment ("not finished", "no such import"), but a job that is no import has none, and its
 * step should not wait for them.
 */
const LATE_MS = { needed: 15_000, optional: 1_500 };

/** How long one request may take, in milliseconds: less than usual if only the report depends on it. */
const REQUEST_MS = { needed: undefined, optional: 20_000 };

const NEVER_MS = { needed: -Infinity, optional: -Infinity };

/** For how long each kind of error is retried, in milliseconds. */
const RETRY_MS: Readonly<Record<ErrorKind, Readonly<Record<Priority, number>>>> = {
  transient: TRANSIENT_MS,
  'server-error': TRANSIENT_MS,
  'not-implemented': TRANSIENT_MS,
  'not-found': LATE_MS,
  'bad-request': LATE_MS,
  unauthorized: NEVER_MS,
  permanent: NEVER_MS,
};

/** Limits for paging, in case the server never returns the last page. */
const MAX_COMMANDS = 1_000_000;
const MAX_PAGES = 2_000;
const MAX_READ_MS = 600_000;

/** Of the failed commands that are kept for the report, these lengths are: in characters, and in indices. */
const MAX_KEPT_TEXT = 1000;
const MAX_KEPT_INDICES = 10;

/** How far the failed commands were read, and why no further. */
interface Progress {
  readonly read: number;
  readonly isPartial: boolean;
  readonly reason?: string | undefined;
}

/** Reads Import Results with retries of its own. No failure here is a failure of the job. */
export class ImportResultsReader implements ImportResultsSource {
  readonly #options: ReaderOptions;

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  /** See {@link ImportResultsSource.read}. @throws only for defects */
  async read(jobId: string, isNeeded: boolean, signal: AbortSignal): Promise<ImportResults | undefined> {
    const { api, onFailedCommands, onUnavailable } = this.#options;
    const priority = isNeeded ? 'needed' : 'optional';
    let summary: ImportSummary | undefined;
    try {
      summary = await this.#retry((limits) => api.summary(jobId, limits), priority, signal);
      const failedCommands = consistent(summary.failedCommands, summary);
      const none = { ...summary, failedCommands, firstFailedCommands: [], isPartial: false };
      // A verdict depends on the list, too, whatever the count says.
      return failedCommands === 0 && !isNeeded ? none : await this.#failedCommands(jobId, summary, priority, signal);
    } catch (error) {
      const reason = reasonOf(error, signal);
      const isNoImport = error instanceof CollibraError && error.kind === 'not-found';
      if (isNeeded || summary || onFailedCommands || !isNoImport) onUnavailable(jobId, reason);
      if (summary === undefined) return undefined;
      const failedCommands = consistent(summary.failedCommands, summary);
      return { ...summary, failedCommands, firstFailedCommands: [], isPartial: true };
    }
  }

  /** Reads the first page, or all pages if every command is wanted. */
  async #failedCommands(
    jobId: string,
    summary: ImportSummary,
    priority: Priority,
    signal: AbortSignal,
  ): Promise<ImportResults> {
    const { api, onFailedCommands, onUnavailable } = this.#options;
    let previous = '';
    const readPage = async (offset: number) => {
      const page = await this.#retry((limits) => api.errors(jobId, offset, limits), priority, signal);
      const content = JSON.stringify(page.commands);
      if (page.commands.length > 0 && content === previous)
        throw new CollibraError('permanent', 'repeated page', 'Collibra returned the same page twice.');
      previous = content;
      if (page.commands.length > 0) onFailedCommands?.(jobId, page.commands);
      return page;
    };
    const first = await readPage(0);
    const counts = [summary.failedCommands, first.total].filter((n) => n !== undefined);
    // If no count is reported, an empty page is the last one.
    const total = counts.length === 0 ? Infinity : Math.max(...counts);
    const read = first.commands.length;
    const progress = onFailedCommands
      ? await this.#readRest(read, total, async (offset) => (await readPage(offset)).commands.length, signal)
      : { read, isPartial: false };
    if (progress.isPartial) onUnavailable(jobId, partialReason(progress, total));
    return {
      ...summary,
      firstFailedCommands: first.commands.map((command) => this.#shortened(command)),
      failedCommands: counts.length === 0 ? undefined : consistent(Math.max(total, progress.read), summary),
      isPartial: progress.isPartial,
    };
  }

  /**
   * Reads the pages after the first, until all commands are read or a limit is reached.
   * @param readPage reads a page and passes it on; returns its number of commands
   */
  async #readRest(
    readBefore: number,
    total: number,
    readPage: (offset: number) => Promise<number>,
    signal: AbortSignal,
  ): Promise<Progress> {
    const { clock } = this.#options;
    const endMs = clock.now() + MAX_READ_MS;
    let read = readBefore;
    let last = readBefore;
    let reason: string | undefined;
    const wanted = Math.min(total, MAX_COMMANDS);
    for (let pages = 1; read < wanted && last > 0 && reason === undefined; pages++) {
      try {
        last = await readPage(read);
        read += last;
        if (clock.now() > endMs) reason = `Reading them took more than ${duration(MAX_READ_MS)}.`;
        if (pages === MAX_PAGES) reason = `They came in more than ${number(MAX_PAGES)} pages.`;
      } catch (error) {
        reason = reasonOf(error, signal);
      }
    }
    return { read, isPartial: total === Infinity ? last > 0 : read < total, reason };
  }

  /** The commands of all jobs are kept until the end of the step, and a server may send megabytes of text. */
  #shortened({ indices, ...texts }: FailedCommand): FailedCommand {
    const short = Object.entries(texts).map(([name, text]) => [
      name,
      this.#options.redactAndTruncate(text, MAX_KEPT_TEXT),
    ]);
    return { ...(Object.fromEntries(short) as typeof texts), indices: indices.slice(0, MAX_KEPT_INDICES) };
  }

  #retry<T>(request: (limits: RequestLimits) => Promise<T>, priority: Priority, signal: AbortSignal): Promise<T> {
    return retry(
      () => request({ signal, timeoutMs: REQUEST_MS[priority], maxRateLimitMs: TRANSIENT_MS[priority] }),
      (kind) => RETRY_MS[kind][priority],
      this.#options.clock,
      signal,
    );
  }
}

function partialReason({ read, reason }: Progress, total: number): string {
  const some = total === Infinity ? number(read) : `${number(read)} of ${number(total)}`;
  return [`Only ${some} failed commands could be read.`, reason].filter(Boolean).join(' ');
}

/** The states of Import Results with which commands have failed. */
const STATES_WITH_FAILURES = ['COMPLETED_WITH_ERRORS', 'ABORTED'];

/** The number of failed commands; unknown if it is 0 although something else reports a failure. */
function consistent(failedCommands: number | undefined, summary: ImportSummary): number | undefined {
  const someFailed = hasFailedCounter(summary) || STATES_WITH_FAILURES.includes(summary.importJobState);
  return failedCommands === 0 && someFailed ? undefined : failedCommands;
}

/** Why something could not be read. @throws the error if it is a defect */
function reasonOf(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return 'The wait was stopped.';
  if (error instanceof CollibraError) return error.message;
  throw error;
}
