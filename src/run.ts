import type { Clock } from './clock.ts';
import { credentialsOf } from './collibra/auth.ts';
import { CollibraError } from './collibra/errors.ts';
import type { Cut } from './collibra/http/classify.ts';
import { CollibraHttp, MAX_IN_FLIGHT, Requests, type Bounds } from './collibra/http/requests.ts';
import { ImportResults, type FailedCommand } from './collibra/import-results.ts';
import type { Job } from './collibra/job.ts';
import { Jobs } from './collibra/jobs.ts';
import type { Transport } from './collibra/http/transport.ts';
import type { Settings } from './inputs.ts';
import { gravest, type JobReport, type RunReport } from './outcome.ts';
import { stageOf } from './verdict.ts';
import { described, findJob } from './polling/find-job.ts';
import { ImportFactsReader } from './polling/read-import-results.ts';
import { LAST_LOOK_MS } from './polling/poll.ts';
import { waitForAll } from './polling/wait-for-jobs.ts';
import type { Watcher } from './polling/wait-for-job.ts';

/** Is told what happens during a run. */
export interface RunWatcher extends Watcher {
  /** A job that is looked for by name is not there yet; told the pause before the next look in milliseconds. */
  onAbsent(wanted: string, pauseMs: number): void;
  onFound(wanted: string, job: Job): void;
  /** Import Results could not be read, which changes no verdict but those that need them. */
  onNoImportResults(jobId: string, reason: string): void;
  /** An access token was obtained; it must be masked before it is used. */
  onToken(token: string): void;
}

/** What a run stands on. */
export interface Surroundings {
  readonly transport: Transport;
  readonly clock: Clock;
  /** When the step began, on the clock's scale. */
  readonly startMs: number;
  readonly cut: Cut;
  readonly watcher: RunWatcher;
  /** Receives every failed command, where all of them are wanted. */
  readonly onFailedCommands: ((jobId: string, commands: readonly FailedCommand[]) => void) | undefined;
}

/** The first pause before a delete that met passing trouble is sent again, in milliseconds; it doubles each time. */
const DELETE_PAUSE_MS = 1_000;

const CANCELLED_LATE = 'Cancelled after the jobs had ended: their outcomes stand, but the step does not pass';

/** One run of the step, from checked settings to its report. Knows nothing of GitHub. */
export class Run {
  readonly #settings: Settings;
  readonly #surroundings: Surroundings;
  readonly #jobs: Jobs;
  readonly #importFacts: ImportFactsReader;

  constructor(settings: Settings, surroundings: Surroundings) {
    const { transport, clock, cut, watcher, onFailedCommands } = surroundings;
    const requests = new Requests(transport, clock, cut);
    const credentials = credentialsOf(settings.credentials, requests, clock, (token) =>
      watcher.onToken(token),
    );
    const http = new CollibraHttp(settings.url, requests, credentials);
    this.#settings = settings;
    this.#surroundings = surroundings;
    this.#jobs = new Jobs(http, settings.jobApi);
    this.#importFacts = new ImportFactsReader({
      api: new ImportResults(http),
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
    const jobs = await waitForAll(target.ids, this.#waiting(target), signal);
    const outcome = gravest(jobs.map((job) => job.outcome));
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
    const { clock } = this.#surroundings;
    const bounds = { until: clock.now() + boundMs, signal: new AbortController().signal };
    const unfinished = report.jobs.filter(isUnfinished);
    await Promise.all(
      unfinished.map(async ({ id }) => onAnswer(id, await this.#delete(id, message, bounds))),
    );
  }

  /** @returns why Collibra did not take it, or undefined where it did */
  async #delete(id: string, message: string, bounds: Bounds): Promise<CollibraError | undefined> {
    const { clock } = this.#surroundings;
    for (let pauseMs = DELETE_PAUSE_MS; ; pauseMs *= 2) {
      try {
        await this.#jobs.delete(id, message, bounds);
        return undefined;
      } catch (error) {
        if (!(error instanceof CollibraError)) throw error;
        if (error.kind !== 'passing' || clock.now() + pauseMs >= bounds.until) return error;
      }
      await clock.sleep(pauseMs);
    }
  }

  #waiting({ ids, foundMs }: { ids: readonly string[]; foundMs: number | undefined }) {
    const settings = this.#settings;
    const surroundings = this.#surroundings;
    return {
      jobs: this.#jobs,
      importFacts: this.#importFacts,
      policy: settings.policy,
      patience: settings.patience,
      wantsImportFacts: settings.importResults || surroundings.onFailedCommands !== undefined,
      clock: surroundings.clock,
      startMs: surroundings.startMs,
      foundMs,
      // The last looks of many jobs wait for one another's turns.
      lastLookMs: LAST_LOOK_MS * Math.ceil(ids.length / MAX_IN_FLIGHT),
      watcher: surroundings.watcher,
    };
  }

  async #target(signal: AbortSignal) {
    const { target, patience } = this.#settings;
    if (target.kind === 'ids') return { ...target, foundMs: undefined };
    const { clock, startMs, watcher } = this.#surroundings;
    const wanted = described(target);
    const found = await findJob(
      target,
      {
        finder: this.#jobs,
        patience,
        clock,
        startMs,
        onTrouble: (error, pauseMs) => watcher.onTrouble(wanted, error, pauseMs),
        onAbsent: (pauseMs) => watcher.onAbsent(wanted, pauseMs),
      },
      signal,
    );
    switch (found.kind) {
      case 'settled':
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
