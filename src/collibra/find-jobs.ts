import type { CollibraClient } from './client.ts';
import { CollibraError } from './errors.ts';
import type { RequestLimits } from './http/requests.ts';
import { JOBS_PATH, type Job, type JobApi } from './job.ts';
import { jobOf, jobResponse } from './job-response.ts';
import { array, lenient, nullish, number, object, string, type InferOutput } from './schema.ts';

/** The filters of Find jobs; a filter that is left out does not filter. */
export interface JobFilters {
  readonly name?: string;
  /** Only `EXACT` is case-sensitive. */
  readonly nameMatchMode?: 'START' | 'END' | 'ANYWHERE' | 'EXACT';
  readonly type?: string | undefined;
  /** UUID of the user that started the job. */
  readonly user?: string | undefined;
  /** 1 to 50. */
  readonly pageSize?: number;
}

/** One page of Find jobs. */
export interface JobPage {
  /** Without the jobs of earlier pages: they appear again when new jobs arrive while pages are read by offset. */
  readonly jobs: readonly Job[];
  /** The server's time when it responded, from the Date header. */
  readonly serverTime: Date | undefined;
}

/** The most pages of Find jobs that are read. */
const MAX_PAGES = 50;

/** v1 has a cursor, the Core API a total. */
const pageResponse = {
  what: 'a page of jobs',
  schema: object({ results: array(jobResponse), nextCursor: nullish(string(), ''), total: lenient(number()) }),
};

type Page = InferOutput<typeof pageResponse.schema>;

/**
 * What each API calls the parameters. Documented for the Core API (`GET /jobs` of its description): these names, `name`
 * and `nameMatchMode` as in v1, a limit of at most 1,000, and the order, which is CREATED_ON, DESC by default. Inferred:
 * that `createdBy`, "the user who created the job", is the `userId` of a job, as v1's `user` is.
 */
const NAMES: Readonly<Record<JobApi, Readonly<Record<string, string>>>> = {
  'jobs-v1': { position: 'cursor' },
  'core-2.0': { position: 'offset', pageSize: 'limit', type: 'types', user: 'createdBy' },
};

/**
 * Finds jobs (v1 and Core `findJobs`), newest first, page by page.
 * @throws CollibraError, also if the pages never end
 */
export async function* findJobs(
  client: CollibraClient,
  api: JobApi,
  filters: JobFilters,
  limits: RequestLimits,
): AsyncGenerator<JobPage, void> {
  const path = JOBS_PATH[api];
  const listed = new Set<string>();
  const positions = new Set<string>();
  let position = '';
  for (let pages = 0; pages < MAX_PAGES; pages++) {
    const query = queryOf(NAMES[api], { ...filters, position });
    const { value: page, serverTime } = await client.get(path, pageResponse, { ...limits, query });
    const jobs = page.results.map(jobOf).filter(({ id }) => !listed.has(id));
    for (const { id } of jobs) listed.add(id);
    yield { jobs, serverTime };
    const isRepeated = jobs.length === 0 && page.results.length > 0;
    position = api === 'jobs-v1' ? page.nextCursor : nextOffset(page, Number(position), isRepeated);
    if (position === '') return;
    if (isRepeated || positions.has(position)) throw endless(path, 'the same page twice');
    positions.add(position);
  }
  throw endless(path, `more than ${MAX_PAGES} pages`);
}

/**
 * The offset of the next page; '' at the end of the list. Pages may be shorter than requested. Without a total, which is
 * not always counted, only an empty or a repeated page is the end.
 */
function nextOffset({ results, total = 0 }: Page, offset: number, isRepeated: boolean): string {
  const end = offset + results.length;
  const isLast = results.length === 0 || (total > 0 ? end >= total : isRepeated);
  return isLast ? '' : String(end);
}

function endless(path: string, what: string): CollibraError {
  return new CollibraError('transient', 'endless pages', `${path} returned ${what}.`);
}

function queryOf(names: Readonly<Record<string, string>>, parameters: object): URLSearchParams {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) if (value) query.set(names[name] ?? name, String(value));
  return query;
}
