import type { CollibraClient } from './client.ts';
import { CollibraError, isNotServed, isTransient } from './errors.ts';
import type { RequestLimits } from './http/requests.ts';
import { findJobs, type JobFilters, type JobPage } from './find-jobs.ts';
import { JOBS_PATH, type Job, type JobApi } from './job.ts';
import { jobOf, jobResponse } from './job-response.ts';

const oneJob = { what: 'a job', schema: jobResponse };

/** The longest message that a deletion may carry (Job API description, deleteJob). */
export const MAX_DELETE_MESSAGE = 128;

/** What is known of jobs from before, and who is notified of them. */
export interface JobOptions {
  /** Which API knows a job. */
  readonly apis?: ReadonlyMap<string, JobApi> | undefined;
  /** Called with each job that an API returned by its ID. */
  readonly onJob?: ((job: Job, api: JobApi) => void) | undefined;
}

/** Both job APIs as one: reads, finds and deletes jobs with whichever API knows them. */
export class Jobs {
  readonly #client: CollibraClient;
  readonly #fixedApi: JobApi | undefined;
  /** The API that responded for a job, kept from its first successful response on. */
  readonly #apiOf: Map<string, JobApi>;
  readonly #onJob: JobOptions['onJob'];
  /** The APIs that are asked to find jobs, in this order. */
  #findApis: readonly JobApi[];

  /** @param api which API to use; `auto` tries v1 first, and the Core REST API if v1 fails */
  constructor(client: CollibraClient, api: JobApi | 'auto', { apis, onJob }: JobOptions = {}) {
    this.#client = client;
    this.#fixedApi = api === 'auto' ? undefined : api;
    this.#apiOf = new Map(apis);
    this.#onJob = onJob;
    this.#findApis = api === 'auto' ? ['jobs-v1', 'core-2.0'] : [api];
  }

  /**
   * Reads a job (v1 `getJob`, Core `GET /jobs/{jobId}`).
   * @param id a UUID in lower case
   * @throws CollibraError
   */
  async get(id: string, limits: RequestLimits): Promise<Job> {
    const api = this.#fixedApi ?? this.#apiOf.get(id);
    if (api !== undefined) return this.#getFrom(api, id, limits);
    const v1 = await this.#tryFrom('jobs-v1', id, limits);
    if (!(v1 instanceof CollibraError)) return v1;
    if (v1.isShared) throw v1;
    // Before the requests of other jobs, which would fail in the same way if the credentials are wrong.
    const core = await this.#tryFrom('core-2.0', id, { ...limits, goesFirst: true });
    if (!(core instanceof CollibraError)) return core;
    throw this.#bothFailed(v1, core);
  }

  /** Returns the job, or the error; remembers the API that knows the job. */
  async #tryFrom(api: JobApi, id: string, limits: RequestLimits): Promise<Job | CollibraError> {
    try {
      const job = await this.#getFrom(api, id, limits);
      this.#apiOf.set(id, api);
      return job;
    } catch (error) {
      // After an abort, the error is the signal's own reason, and the other API would get it, too.
      if (error instanceof CollibraError && !limits.signal.aborted) return error;
      throw error;
    }
  }

  /** One error for both APIs: the more hopeful kind counts, but rejected credentials stop everything. */
  #bothFailed(v1: CollibraError, core: CollibraError): CollibraError {
    const errors = [v1, core];
    const decisive =
      errors.find(({ kind }) => isTransient(kind) && kind !== 'not-implemented') ??
      errors.find((error) => this.#isRejection(error)) ??
      errors.find(isNotServed) ??
      v1;
    const { label, retryAfterMs } = decisive;
    const facts = `Neither job API returned the job. Job API: ${v1.facts} Core REST API: ${core.facts}`;
    if (!isNotServed(decisive))
      return new CollibraError(decisive.kind, label, facts, { retryAfterMs, advice: decisive.advice });
    return new CollibraError('not-found', label, facts, { advice: 'Check url and the job ID.' });
  }

  /** Rejected credentials do not count if the Job API has accepted them for another job. */
  #isRejection({ kind }: CollibraError): boolean {
    return kind === 'unauthorized' && ![...this.#apiOf.values()].includes('jobs-v1');
  }

  async #getFrom(api: JobApi, id: string, limits: RequestLimits): Promise<Job> {
    const path = `${JOBS_PATH[api]}/${id}`;
    const found = jobOf((await this.#client.get(path, oneJob, limits)).value);
    if (found.id !== id)
      throw new CollibraError('transient', 'another job', `${path} returned another job (${found.id}).`);
    this.#onJob?.(found, api);
    return found;
  }

  /**
   * Finds jobs, newest first, page by page: with `auto` through v1, or through the Core REST API where v1 does not serve
   * Find jobs. The API that responds is kept.
   * @throws CollibraError
   */
  async *find(filters: JobFilters, limits: RequestLimits): AsyncGenerator<JobPage, void> {
    let first: CollibraError | undefined;
    for (const api of this.#findApis) {
      try {
        for await (const page of findJobs(this.#client, api, filters, limits)) {
          this.#findApis = [api];
          yield page;
        }
        return;
      } catch (error) {
        if (!(error instanceof CollibraError)) throw error;
        if (!isNotServed(error) || api === this.#findApis.at(-1)) throw cannotFind(error, first);
        first = error;
      }
    }
  }

  /**
   * Soft-deletes a job (v1 `deleteJob`), or cancels it (Core `POST /jobs/{jobId}/canceled`), with the API that knows
   * it. Whether a running import stops is not documented.
   * @param message the reason, at most {@link MAX_DELETE_MESSAGE} characters
   * @throws CollibraError
   */
  async delete(id: string, message: string, limits: RequestLimits): Promise<void> {
    const api = this.#fixedApi ?? this.#apiOf.get(id) ?? 'jobs-v1';
    const path = `${JOBS_PATH[api]}/${id}`;
    if (api === 'jobs-v1') {
      const query = new URLSearchParams({ message });
      await this.#client.command('DELETE', path, { ...limits, query });
    } else {
      await this.#client.command('POST', `${path}/canceled`, { ...limits, body: { message } });
    }
  }
}

/** The error of a search through one API, or through both: the first only says that it does not serve this. */
function cannotFind(error: CollibraError, first: CollibraError | undefined): CollibraError {
  const { kind, label, facts } = error;
  const all = first === undefined ? facts : `${first.facts} ${facts}`;
  if (!isNotServed(error)) return new CollibraError(kind, label, all, error);
  const needed = 'job-name requires the Find jobs API of Collibra, which this environment does not provide.';
  return new CollibraError('permanent', label, `${needed} Use job-id instead. ${all}`, { cause: error });
}
