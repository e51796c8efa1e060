import { CollibraError, isNotServed } from './errors.ts';
import type { RequestLimits, CollibraClient } from './http/requests.ts';
import type { Job } from './job.ts';
import { array, maybe, number, object, string, unknown, type Infer } from './schema.ts';

/** The two job APIs: `GET /rest/jobs/v1/jobs/{id}` and `GET /rest/2.0/jobs/{id}`. */
export type JobApi = 'jobs-v1' | 'core-2.0';

const V1_JOBS = '/rest/jobs/v1/jobs';
const CORE_JOBS = '/rest/2.0/jobs';

/** v1 writes dates as ISO 8601 text, the Core API as a number. */
const DateField = maybe(string().or(number()));

/** What both APIs share. Every field but the id may be missing; more fields than these are of no concern. */
const jobAnswer = {
  what: 'a job',
  cast: object({
    id: string(),
    name: maybe(string()),
    type: maybe(string()),
    user: unknown(),
    state: maybe(string()),
    result: maybe(string()),
    message: maybe(string()),
    progressPercentage: maybe(number()),
    createdOn: DateField,
    startDate: DateField,
    endDate: DateField,
  }),
};

const jobPageAnswer = {
  what: 'a page of jobs',
  cast: object({ results: array(jobAnswer.cast), nextCursor: maybe(string()) }),
};

/** The filters of Find jobs; what is left out filters nothing. */
export interface JobFilters {
  readonly name?: string;
  readonly nameMatchMode?: 'START' | 'END' | 'ANYWHERE' | 'EXACT';
  readonly type?: readonly string[];
  /** UUID of the user that started the job. */
  readonly user?: string;
  /** 1 to 50; Collibra's default is 10. */
  readonly pageSize?: number;
}

/** Find jobs is not followed further, in pages. */
const MOST_PAGES = 50;

/** One page of Find jobs. */
export interface JobPage {
  readonly jobs: readonly Job[];
  /** The server's clock when it answered, from the Date header. */
  readonly serverTime: Date | undefined;
}

/** The longest message that a deletion may carry (Job API description, deleteJob). */
export const MAX_DELETE_MESSAGE = 128;

/** Both job APIs as one: jobs are read, found and deleted, whichever API knows them. */
export class Jobs {
  readonly #http: CollibraClient;
  readonly #fixedApi: JobApi | undefined;
  /** The API that answered for a job, kept from its first good answer on. */
  readonly #apiOf = new Map<string, JobApi>();

  /** @param api which API to use; `auto` asks v1 first and the other one where v1 does not know the job */
  constructor(http: CollibraClient, api: JobApi | 'auto') {
    this.#http = http;
    this.#fixedApi = api === 'auto' ? undefined : api;
  }

  /**
   * Get job (v1 `getJob`, Core `GET /jobs/{jobId}`).
   * @param id a UUID in lower case
   * @throws CollibraError
   */
  async get(id: string, bounds: RequestLimits): Promise<Job> {
    const api = this.#fixedApi ?? this.#apiOf.get(id);
    if (api !== undefined) return this.#getFrom(api, id, bounds);
    const v1 = await this.#tryFrom('jobs-v1', id, bounds, isNotServed);
    if (!(v1 instanceof CollibraError)) return v1;
    const core = await this.#tryFrom('core-2.0', id, bounds, (error) => this.#isSecondOpinion(error));
    if (!(core instanceof CollibraError)) return core;
    throw new CollibraError('not-found', v1.label, `${v1.message}. The other job API: ${core.message}`, {
      status: 404,
    });
  }

  /** The job, or an error after which the other API is asked; the API that knows the job is remembered. */
  async #tryFrom(
    api: JobApi,
    id: string,
    bounds: RequestLimits,
    isBorne: (error: CollibraError) => boolean,
  ): Promise<Job | CollibraError> {
    try {
      const job = await this.#getFrom(api, id, bounds);
      this.#apiOf.set(id, api);
      return job;
    } catch (error) {
      if (error instanceof CollibraError && isBorne(error)) return error;
      throw error;
    }
  }

  /**
   * Whether the first API's "not found" stands, whatever final answer the second gives: the job may only just have been
   * submitted. Credentials may be refused by the second alone only where the first took them.
   */
  #isSecondOpinion(error: CollibraError): boolean {
    if (isNotServed(error)) return true;
    if (error.kind === 'unauthorized') return [...this.#apiOf.values()].includes('jobs-v1');
    return error.kind === 'permanent' && error.status !== undefined;
  }

  async #getFrom(api: JobApi, id: string, bounds: RequestLimits): Promise<Job> {
    const path = `${api === 'jobs-v1' ? V1_JOBS : CORE_JOBS}/${id}`;
    const job = jobOf((await this.#http.get(path, jobAnswer, bounds)).value);
    if (job.id === id) return job;
    throw new CollibraError(
      'transient',
      "another job's answer",
      `${path} answered with another job (${job.id})`,
    );
  }

  /**
   * Find jobs (v1 `findJobs`), newest first unless sorted otherwise, page by page.
   * @throws CollibraError
   */
  async *find(filters: JobFilters, bounds: RequestLimits): AsyncGenerator<JobPage, void> {
    const cursors = new Set<string>();
    let cursor: string | undefined;
    for (let pages = 0; pages < MOST_PAGES; pages++) {
      const query = queryOf(filters, cursor);
      const { value: page, serverTime } = await this.#http.get(V1_JOBS, jobPageAnswer, { ...bounds, query });
      yield { jobs: page.results.map(jobOf), serverTime };
      cursor = page.nextCursor || undefined;
      if (cursor === undefined) return;
      if (cursors.has(cursor)) {
        throw new CollibraError(
          'transient',
          'pages that go in a circle',
          `${V1_JOBS} gave the same cursor twice`,
        );
      }
      cursors.add(cursor);
    }
    throw new CollibraError(
      'transient',
      'pages without end',
      `${V1_JOBS} gave more than ${MOST_PAGES} pages`,
    );
  }

  /**
   * Soft-deletes a job (v1 `deleteJob`), or cancels it (Core `POST /jobs/{jobId}/canceled`), through the API that
   * knows it. Whether a running import stops is not documented.
   * @param message why, at most {@link MAX_DELETE_MESSAGE} characters
   * @throws CollibraError
   */
  async delete(id: string, message: string, bounds: RequestLimits): Promise<void> {
    const api = this.#fixedApi ?? this.#apiOf.get(id) ?? 'jobs-v1';
    if (api === 'jobs-v1') {
      await this.#http.command('DELETE', `${V1_JOBS}/${id}`, {
        ...bounds,
        query: new URLSearchParams({ message }),
      });
    } else {
      await this.#http.command('POST', `${CORE_JOBS}/${id}/canceled`, { ...bounds, body: { message } });
    }
  }
}

function queryOf(filters: JobFilters, cursor: string | undefined): URLSearchParams {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...filters, cursor })) {
    for (const one of [value ?? []].flat()) query.append(name, String(one));
  }
  return query;
}

function jobOf(answer: Infer<typeof jobAnswer.cast>): Job {
  const known = Object.entries({
    name: answer.name,
    type: answer.type,
    user: typeof answer.user === 'string' ? answer.user.toLowerCase() : undefined,
    progressPercentage: answer.progressPercentage,
    createdOn: dateOf(answer.createdOn),
    startDate: dateOf(answer.startDate),
    endDate: dateOf(answer.endDate),
  }).filter(([, value]) => value !== undefined);
  return {
    ...Object.fromEntries(known),
    id: answer.id.toLowerCase(),
    state: answer.state ?? '',
    result: answer.result ?? '',
    message: answer.message ?? '',
  };
}

/** Epoch values below this are seconds: as milliseconds they would lie in 1973 or before. */
const SECONDS_BELOW = 1e11;

/** @returns undefined for what is no date, or 1970: a job is not refused for it */
function dateOf(value: string | number | undefined): Date | undefined {
  const date = new Date(typeof value === 'number' && value < SECONDS_BELOW ? value * 1000 : (value ?? NaN));
  return date.getTime() > 0 ? date : undefined;
}
