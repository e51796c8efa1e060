import type { CollibraClient } from './client.ts';
import { CollibraError, isNotServed, isTransient } from './errors.ts';
import type { RequestLimits } from './http/requests.ts';
import type { Job } from './job.ts';
import { array, lenient, number, nullish, object, string, union, unknown, type InferOutput } from './schema.ts';

/** The two job APIs: `GET /rest/jobs/v1/jobs/{id}` and `GET /rest/2.0/jobs/{id}`. */
export type JobApi = 'jobs-v1' | 'core-2.0';

const V1_JOBS = '/rest/jobs/v1/jobs';
const CORE_JOBS = '/rest/2.0/jobs';

/** v1 sends dates as ISO 8601 text, the Core API as a number. */
const date = lenient(union([string(), number()]));

/** The fields that both APIs share. Only `id`, `state` and `result` decide anything, so only they must be well-formed. */
const job = object({
  id: string(),
  state: nullish(string(), ''),
  result: nullish(string(), ''),
  name: lenient(string()),
  type: lenient(string()),
  user: lenient(string()),
  message: lenient(unknown()),
  progressPercentage: lenient(number()),
  createdOn: date,
  startDate: date,
  endDate: date,
});

const jobResponse = { what: 'a job', schema: job };

const pageResponse = {
  what: 'a page of jobs',
  schema: object({ results: array(job), nextCursor: nullish(string(), '') }),
};

/** The filters of Find jobs; a filter that is left out does not filter. */
export interface JobFilters {
  readonly name?: string;
  readonly nameMatchMode?: 'START' | 'END' | 'ANYWHERE' | 'EXACT';
  readonly type?: readonly string[];
  /** UUID of the user that started the job. */
  readonly user?: string;
  /** 1 to 50; Collibra's default is 10. */
  readonly pageSize?: number;
}

/** The most pages of Find jobs that are read. */
const MAX_PAGES = 50;

/** One page of Find jobs. */
export interface JobPage {
  readonly jobs: readonly Job[];
  /** The server's time when it responded, from the Date header. */
  readonly serverTime: Date | undefined;
}

/** The longest message that a deletion may carry (Job API description, deleteJob). */
export const MAX_DELETE_MESSAGE = 128;

/** What is known of jobs from before, and who is told of them. */
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

  /** @param api which API to use; `auto` tries v1 first, and the Core REST API if v1 fails */
  constructor(client: CollibraClient, api: JobApi | 'auto', { apis, onJob }: JobOptions = {}) {
    this.#client = client;
    this.#fixedApi = api === 'auto' ? undefined : api;
    this.#apiOf = new Map(apis);
    this.#onJob = onJob;
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
      if (error instanceof CollibraError) return error;
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
    const path = `${api === 'jobs-v1' ? V1_JOBS : CORE_JOBS}/${id}`;
    const found = jobOf((await this.#client.get(path, jobResponse, limits)).value);
    if (found.id !== id)
      throw new CollibraError('transient', 'another job', `${path} returned another job (${found.id}).`);
    this.#onJob?.(found, api);
    return found;
  }

  /**
   * Finds jobs (v1 `findJobs`), newest first unless sorted otherwise, page by page.
   * @throws CollibraError
   */
  async *find(filters: JobFilters, limits: RequestLimits): AsyncGenerator<JobPage, void> {
    const cursors = new Set<string>();
    let cursor = '';
    for (let pages = 0; pages < MAX_PAGES; pages++) {
      const query = queryOf(filters, cursor);
      const { value: page, serverTime } = await this.#client.get(V1_JOBS, pageResponse, { ...limits, query });
      yield { jobs: page.results.map(jobOf), serverTime };
      cursor = page.nextCursor;
      if (cursor === '') return;
      if (cursors.has(cursor))
        throw new CollibraError('transient', 'repeated cursor', `${V1_JOBS} returned the same cursor twice.`);
      cursors.add(cursor);
    }
    const message = `${V1_JOBS} returned more than ${MAX_PAGES} pages.`;
    throw new CollibraError('transient', 'too many pages', message);
  }

  /**
   * Soft-deletes a job (v1 `deleteJob`), or cancels it (Core `POST /jobs/{jobId}/canceled`), with the API that knows
   * it. Whether a running import stops is not documented.
   * @param message the reason, at most {@link MAX_DELETE_MESSAGE} characters
   * @throws CollibraError
   */
  async delete(id: string, message: string, limits: RequestLimits): Promise<void> {
    const api = this.#fixedApi ?? this.#apiOf.get(id) ?? 'jobs-v1';
    if (api === 'jobs-v1') {
      const query = new URLSearchParams({ message });
      await this.#client.command('DELETE', `${V1_JOBS}/${id}`, { ...limits, query });
    } else {
      await this.#client.command('POST', `${CORE_JOBS}/${id}/canceled`, { ...limits, body: { message } });
    }
  }
}

function queryOf(filters: JobFilters, cursor: string): URLSearchParams {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...filters, cursor: cursor || [] })) {
    for (const one of [value].flat()) query.append(name, String(one));
  }
  return query;
}

function jobOf(response: InferOutput<typeof job>): Job {
  const optional = Object.entries({
    name: response.name,
    type: response.type,
    user: response.user?.toLowerCase(),
    progressPercentage: response.progressPercentage,
    createdOn: dateOf(response.createdOn),
    startDate: dateOf(response.startDate),
    endDate: dateOf(response.endDate),
  }).filter(([, value]) => value !== undefined);
  return {
    ...Object.fromEntries(optional),
    id: response.id.toLowerCase(),
    state: response.state,
    result: response.result,
    message: textOf(response.message),
  };
}

/** Some kinds of job send an object as their message: it is shown as JSON. */
function textOf(message: unknown): string {
  if (message === undefined || message === null) return '';
  return typeof message === 'string' ? message : JSON.stringify(message);
}

/** Epoch values below this are seconds: as milliseconds they would be in 1973 or before. */
const SECONDS_BELOW = 1e11;

/** Digits only: an epoch that is sent as text. */
const EPOCH = /^\d+$/;

/** A time without an offset, which is UTC. */
const WITHOUT_OFFSET = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?$/;

/** @returns undefined if it is no date, or 1970: a job is not rejected because of it */
function dateOf(value: string | number | undefined): Date | undefined {
  if (value === undefined) return undefined;
  const date = new Date(
    typeof value === 'number' || EPOCH.test(value)
      ? epochMs(Number(value))
      : WITHOUT_OFFSET.test(value)
        ? `${value}Z`
        : value,
  );
  return date.getTime() > 0 ? date : undefined;
}

function epochMs(value: number): number {
  return value < SECONDS_BELOW ? value * 1000 : value;
}
