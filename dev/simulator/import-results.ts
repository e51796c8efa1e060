import { type Answer, json } from './answers.ts';
import { wholeNumber } from './query.ts';

/** How many things of one kind an import touched. */
export type Counters = {
  readonly added: number;
  readonly updated: number;
  readonly removed: number;
  readonly failed?: number;
};

/** What an import did to one type of resource. */
export type ResourceTypeSummary = {
  readonly resourceType: string;
  readonly counters: Counters;
  readonly subcategories: readonly Subcategory[] | null;
};

/** The part of a resource type that belongs to one category, such as an asset type. */
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

/** What Import Results tell of a job. */
export type ImportResults = {
  readonly resourceTypes?: readonly ResourceTypeSummary[];
  readonly errors?: readonly CommandError[];
  readonly importJobState: string;
  /** How long after the end of the job they are still missing. */
  readonly lateMs?: number;
  /** Fields that take the place of the usual ones in the summary; undefined leaves a field out. */
  readonly summary?: Readonly<Record<string, unknown>>;
};

/** The most errors that one page can hold, and what a limit of 0 stands for. */
const MOST_ERRORS = 1000;

/** The answer to a request for the summary. */
export function summaryAnswer(results: ImportResults): Answer {
  return json(200, {
    resourceTypes: results.resourceTypes ?? [],
    errorsCount: results.errors?.length ?? 0,
    importJobState: results.importJobState,
    ...results.summary,
  });
}

/** The answer to a request for a page of errors. */
export function errorsAnswer(results: ImportResults, query: URLSearchParams): Answer {
  const errors = results.errors ?? [];
  const offset = wholeNumber(query, 'offset', 0, 0, Number.MAX_SAFE_INTEGER);
  const limit = wholeNumber(query, 'limit', 0, 0, MOST_ERRORS) || MOST_ERRORS;
  const countLimit = wholeNumber(query, 'countLimit', -1, -1, Number.MAX_SAFE_INTEGER);
  const total = countLimit === -1 ? errors.length : Math.min(countLimit, errors.length);
  return json(200, { total, offset, limit, results: errors.slice(offset, offset + limit) });
}
