import type { Clock } from './clock.ts';
import { credentialsOf } from './collibra/auth.ts';
import { CollibraError } from './collibra/errors.ts';
import type { RedactAndTruncate } from './collibra/http/classify.ts';
import { CollibraClient, MAX_IN_FLIGHT, Requests, type RequestLimits } from './collibra/http/requests.ts';
import { ImportResultsClient, type FailedCommand } from './collibra/import-results.ts';
import type { Job } from './collibra/job.ts';
import { Jobs } from './collibra/jobs.ts';
import type { Transport } from './collibra/http/transport.ts';
import type { Settings } from './inputs.ts';
import { mostSevere, type JobReport, type RunReport } from './outcome.ts';
import { stageOf } from './verdict.ts';
import { describeQuery, findJob } from './polling/find-job.ts';
import { ImportResultsReader } from './polling/read-import-results.ts';
import { FINAL_POLL_MS } from './polling/poll.ts';
import { waitForJobs } from './polling/wait-for-jobs.ts';
import type { Observer } from './polling/wait-for-job.ts';

/** Is told what happens during a run. */
export interface RunObserver extends Observer {
  /** A job that is looked for by name is not there yet; told the pause before the next look in milliseconds. */
  onNotFound(wanted: string, pauseMs: number): void;
  onFound(wanted: string, job: Job): void;
  /** Import Results could not be read, which changes no verdict but those that need them. */
  onNoImportResults(jobId: string, reason: string): void;
  /** An access token was obtained; it must be masked before it is used. */
  onToken(token: string): void;
}

/** What a run stands on. */
export interface Dependencies {
  readonly transport: Transport;
  readonly clock: Clock;
  /** When the step began, on the clock's scale. */
  readonly startMs: number;
  readonly redactAndTruncate: RedactAndTruncate;
  readonly observer: RunObserver;
  /** Receives every failed command, where all of them are wanted. */
  readonly onFailedCommands: ((jobId: string, commands: readonly FailedCommand[]) => void) | undefined;
}

/** The first pause before a delete that met passing trouble is sent again, in milliseconds; it doubles each time. */
const DELETE_PAUSE_MS = 1_000;

const CANCELLED_LATE = 'Cancelled after the jobs had ended: their outcomes stand, but the step does not pass';

/** One run of the step, from checked settings to its report. Knows nothing of GitHub. */
export class Run {
  readonly #settings: Settings;
  readonly #dependencies: Dependencies;
  readonly #jobs: Jobs;
  readonly #importResults: ImportResultsReader;

  constructor(settings: Settings, dependencies: Dependencies) {
    const { transport, clock, redactAndTruncate: cut, observer: watcher, onFailedCommands } = dependencies;
    const requests = new Requests(transport, clock, cut);
    const credentials = credentialsOf(settings.credentials, requests, clock, (token) =>
      watcher.onToken(token),
    );
    const http = new CollibraClient(settings.url, requests, credentials);
    this.#settings = settings;
    this.#dependencies = dependencies;
    this.#jobs = new Jobs(http, settings.jobApi);
    this.#importResults = new ImportResultsReader({
      api: new ImportResultsClient(http),
      clock,
      onFailedCommands,
      onTrouble: (jobId, reason) => watcher.onNoImportResults(jobId, reason),
    });
  }

  /**
   * Finds the jobs where they are known by name, waits for all of them and judges them.
   * @param signal stops the run; the report is then `cancelled`
   */
  async report(signal: AbortSignal): Promise<RunReport> {
    const target = await this.#target(signal);
    if (target.kind !== 'ids') return { outcome: target.outcome, reason: target.reason, jobs: [] };
    const jobs = await waitForJobs(target.ids, this.#waiting(target), signal);
    const outcome = mostSevere(jobs.map((job) => job.outcome));
    if (!signal.aborted || outcome === 'cancelled') return { outcome, jobs };
    return { outcome: 'cancelled', reason: CANCELLED_LATE, jobs };
  }

  /**
   * Asks Collibra to delete the jobs that were left unfinished, side by side, and again after passing trouble.
   * @param boundMs how long that may take in all
   * @param onAnswer told for each job whether Collibra took the request
   */
  async deleteUnfinished(
    report: RunReport,
    message: string,
    boundMs: number,
    onAnswer: (id: string, refusal: CollibraError | undefined) => void,
  ): Promise<void> {
    const { clock } = this.#dependencies;
    const bounds = { until: clock.now() + boundMs, signal: new AbortController().signal };
    const unfinished = report.jobs.filter(isUnfinished);
    await Promise.all(
      unfinished.map(async ({ id }) => onAnswer(id, await this.#delete(id, message, bounds))),
    );
  }

  /** @returns why Collibra did not take it, or undefined where it did */
  async #delete(id: string, message: string, bounds: RequestLimits): Promise<CollibraError | undefined> {
    const { clock } = this.#dependencies;
    for (let pauseMs = DELETE_PAUSE_MS; ; pauseMs *= 2) {
      try {
        await this.#jobs.delete(id, message, bounds);
        return undefined;
      } catch (error) {
        if (!(error instanceof CollibraError)) throw error;
        if (error.kind !== 'transient' || clock.now() + pauseMs >= bounds.until) return error;
      }
      await clock.sleep(pauseMs);
    }
  }

  #waiting({ ids, foundMs }: { ids: readonly string[]; foundMs: number | undefined }) {
    const settings = this.#settings;
    const dependencies = this.#dependencies;
    return {
      jobs: this.#jobs,
      importResults: this.#importResults,
      policy: settings.policy,
      options: settings.polling,
      wantsImportResults: settings.importResults || dependencies.onFailedCommands !== undefined,
      clock: dependencies.clock,
      startMs: dependencies.startMs,
      foundMs,
      // The last looks of many jobs wait for one another's turns.
      finalPollMs: FINAL_POLL_MS * Math.ceil(ids.length / MAX_IN_FLIGHT),
      observer: dependencies.observer,
    };
  }

  async #target(signal: AbortSignal) {
    const { target, polling } = this.#settings;
    if (target.kind === 'ids') return { ...target, foundMs: undefined };
    const { clock, startMs, observer: watcher } = this.#dependencies;
    const wanted = describeQuery(target);
    const found = await findJob(
      target,
      {
        finder: this.#jobs,
        options: polling,
        clock,
        startMs,
        onTransientError: (error, pauseMs) => watcher.onTransientError(wanted, error, pauseMs),
        onNotFound: (pauseMs) => watcher.onNotFound(wanted, pauseMs),
      },
      signal,
    );
    switch (found.kind) {
      case 'done':
        watcher.onFound(wanted, found.value);
        return { kind: 'ids' as const, ids: [found.value.id], foundMs: clock.now() };
      case 'stopped':
        return {
          kind: 'none' as const,
          outcome: 'cancelled' as const,
          reason: `Cancelled while looking for a ${wanted}`,
        };
      case 'timeout':
      case 'error':
        return { kind: 'none' as const, outcome: found.kind, reason: found.reason };
    }
  }
}

/** Whether a job was left before its end; one that was never seen may be anywhere. */
function isUnfinished({ outcome, job }: JobReport): boolean {
  const stage = job === undefined ? 'unknown' : stageOf(job);
  return (outcome === 'timeout' || outcome === 'cancelled') && (stage === 'pending' || stage === 'unknown');
}
