import type { Clock } from './clock.ts';
import { credentialsOf } from './collibra/auth.ts';
import { CollibraClient } from './collibra/client.ts';
import { MAX_IN_FLIGHT, Requests } from './collibra/http/requests.ts';
import { Semaphore } from './collibra/http/semaphore.ts';
import type { RedactAndTruncate } from './collibra/http/server-words.ts';
import type { Transport } from './collibra/http/transport.ts';
import { ImportResultsClient, type FailedCommand } from './collibra/import-results.ts';
import type { Job, JobApi } from './collibra/job.ts';
import { Jobs } from './collibra/jobs.ts';
import type { Settings } from './inputs.ts';
import { describeQuery, type JobQuery } from './job-query.ts';
import { mostSevere, type RunReport } from './outcome.ts';
import { deleteJobs, type DeleteOptions } from './polling/delete-jobs.ts';
import { findJob } from './polling/find-job.ts';
import type { Observer } from './polling/observer.ts';
import { ImportResultsReader } from './polling/read-import-results.ts';
import { waitForJobs } from './polling/wait-for-jobs.ts';

/** Dependencies of a run. */
export interface Dependencies {
  readonly transport: Transport;
  readonly clock: Clock;
  /** When the step began, on the clock's scale. */
  readonly startMs: number;
  readonly redactAndTruncate: RedactAndTruncate;
  readonly observer: Observer;
  /** Called with every secret that is sent and no input, before it is sent, so that it can be masked. */
  readonly onSecret: (secret: string) => void;
  /** Receives every failed command, if all of them are wanted. */
  readonly onFailedCommands?: ((jobId: string, commands: readonly FailedCommand[]) => void) | undefined;
  /** Called once it is known which jobs to wait for. */
  readonly onTarget?: (ids: readonly string[]) => void;
  /** Called with each job that an API returned. */
  readonly onJob?: (job: Job, api: JobApi) => void;
  /** Which API knows a job, as far as that is known from before. */
  readonly apis?: ReadonlyMap<string, JobApi>;
}

const CANCELED_LATE = 'Canceled after the jobs finished. Their outcomes are final, but the step fails.';

/** One run of the step, from checked settings to its report. Knows nothing of GitHub. */
export class Run {
  readonly #settings: Settings;
  readonly #dependencies: Dependencies;
  readonly #jobs: Jobs;
  readonly #importResults: ImportResultsReader;

  constructor(settings: Settings, dependencies: Dependencies) {
    const { transport, clock, redactAndTruncate, observer, onSecret, onFailedCommands } = dependencies;
    const requests = new Requests(transport, clock, redactAndTruncate, observer.onRateLimit.bind(observer));
    const credentials = credentialsOf(settings.credentials, requests, clock, onSecret);
    const client = new CollibraClient(settings.url, requests, credentials, clock);
    this.#settings = settings;
    this.#dependencies = dependencies;
    this.#jobs = new Jobs(client, settings.jobApi, dependencies);
    this.#importResults = new ImportResultsReader({
      api: new ImportResultsClient(client),
      clock,
      redactAndTruncate,
      onFailedCommands,
      onUnavailable: observer.onImportResultsUnavailable.bind(observer),
    });
  }

  /**
   * Finds the job if it is known by name, waits for all jobs and judges them.
   * @param signal stops the run; the report is then `cancelled`
   */
  async report(signal: AbortSignal): Promise<RunReport> {
    const { target } = this.#settings;
    return target.kind === 'ids' ? this.#wait(target.ids, undefined, signal) : this.#findAndWait(target, signal);
  }

  async #findAndWait(query: JobQuery, signal: AbortSignal): Promise<RunReport> {
    const { clock, startMs, observer, redactAndTruncate } = this.#dependencies;
    const { polling } = this.#settings;
    const options = { finder: this.#jobs, polling, clock, startMs, observer, redactAndTruncate };
    const found = await findJob(query, options, signal);
    switch (found.kind) {
      case 'done':
        return this.#wait([found.value.id], clock.now(), signal);
      case 'stopped':
        return {
          outcome: 'cancelled',
          reason: `Canceled while searching for a ${describeQuery(query)}.`,
          jobs: [],
        };
      case 'timeout':
      case 'error':
        return { outcome: found.kind, reason: found.reason, jobs: [] };
    }
  }

  async #wait(ids: readonly string[], foundMs: number | undefined, signal: AbortSignal): Promise<RunReport> {
    const { policy, polling, importResults } = this.#settings;
    const { clock, startMs, observer, onFailedCommands, onTarget } = this.#dependencies;
    onTarget?.(ids);
    const options = {
      jobs: this.#jobs,
      importResults: this.#importResults,
      policy,
      polling,
      wantsImportResults: importResults || onFailedCommands !== undefined,
      clock,
      observer,
      startMs,
      foundMs,
    };
    const jobs = await waitForJobs(ids, options, signal);
    const outcome = mostSevere(jobs.map((job) => job.outcome));
    if (!signal.aborted || outcome === 'cancelled') return { outcome, jobs };
    return { outcome: 'cancelled', reason: CANCELED_LATE, jobs };
  }

  /** Deletes those of the jobs that are unfinished. */
  async deleteJobs(ids: readonly string[], options: Omit<DeleteOptions, 'jobs' | 'clock' | 'inTurn'>): Promise<void> {
    const turns = new Semaphore(MAX_IN_FLIGHT);
    const inTurn = turns.run.bind(turns);
    await deleteJobs(ids, { ...options, jobs: this.#jobs, clock: this.#dependencies.clock, inTurn });
  }
}
