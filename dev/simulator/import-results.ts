import { type HttpResponse, json } from './responses.ts';
import { integerOf } from './query.ts';

/** How many resources an import added, updated, removed, or failed to import. */
export type Counters = {
  readonly added: number;
  readonly updated: number;
  readonly removed: number;
  readonly failed?: number;
};

/** The counts of one resource type. */
export type ResourceTypeSummary = {
  readonly resourceType: string;
  readonly counters: Counters;
  readonly subcategories: readonly Subcategory[] | null;
};

/** The counts of one category of a resource type, such as an asset type. */
export type Subcategory = {
  readonly category: { readonly id: string; readonly name: string };
  readonly counters: Counters;
};

/** A command of the import file that failed. */
export type CommandError = {
  readonly errorType: string;
  readonly resourceType: string;
  readonly errorMessage: string;
  readonly command: { readonly indices: readonly number[]; readonly identifier: string };
};

/** The Import Results of a job. */
export type ImportResults = {
  readonly resourceTypes?: readonly ResourceTypeSummary[];
  readonly errors?: readonly CommandError[];
  readonly importJobState: string;
  /** How long after the end of the job they become available. */
  readonly lateMs?: number;
  /** Fields that override those of the summary. Undefined: the field is omitted. */
  readonly summary?: Readonly<Record<string, unknown>>;
};

/** The maximum page size, which a limit of 0 selects. */
const MAX_PAGE_SIZE = 1000;

/** Responds to a request for the summary. */
export function summaryResponse(results: ImportResults): HttpResponse {
  return json(200, {
    resourceTypes: results.resourceTypes ?? [],
    errorsCount: results.errors?.length ?? 0,
    importJobState: results.importJobState,
    ...results.summary,
  });
}

/** Responds to a request for a page of errors. */
export function errorsResponse(results: ImportResults, query: URLSearchParams): HttpResponse {
  const errors = results.errors ?? [];
  const offset = integerOf(query, 'offset', 0, 0, Infinity);
  const limit = integerOf(query, 'limit', 0, 0, MAX_PAGE_SIZE) || MAX_PAGE_SIZE;
  const countLimit = integerOf(query, 'countLimit', -1, -1, Infinity);
  const total = countLimit === -1 ? errors.length : Math.min(countLimit, errors.length);
  return json(200, { total, offset, limit, results: errors.slice(offset, offset + limit) });
}
