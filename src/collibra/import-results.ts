import type { RequestLimits, CollibraClient } from './http/requests.ts';
import { array, maybe, number, object, string, type Infer } from './schema.ts';

/** How many of one kind of resource an import touched; undefined where it is not told. */
export interface Counters {
  readonly added: number | undefined;
  readonly updated: number | undefined;
  readonly removed: number | undefined;
  readonly failed: number | undefined;
}

/** The counters of one resource type, e.g. ASSET, and of its categories, e.g. the asset types. */
export interface ResourceCounters extends Counters {
  readonly resourceType: string;
  readonly categories: readonly (Counters & { readonly name: string })[];
}

/** What an import did, as its Import Results tell. */
export interface ImportSummary {
  /** `importJobState`: COMPLETED, COMPLETED_WITH_ERRORS, ABORTED or FAILED; '' where it is missing. */
  readonly state: string;
  readonly resources: readonly ResourceCounters[];
  /** How many resources were added, updated or removed; undefined where the counters do not tell. */
  readonly changes: number | undefined;
  /** `errorsCount`: how many commands failed; undefined where it is missing. */
  readonly failedCommands: number | undefined;
}

/** One command that failed. Texts echo user data: sanitise them before printing. */
export interface FailedCommand {
  readonly errorType: string;
  readonly resourceType: string;
  readonly errorMessage: string;
  readonly indices: readonly number[];
  readonly identifier: string;
}

/** One page of failed commands. */
export interface FailedCommandsPage {
  /** How many there are in all; undefined where it is missing. */
  readonly total: number | undefined;
  readonly commands: readonly FailedCommand[];
}

const countersAnswer = object({
  added: maybe(number()),
  updated: maybe(number()),
  removed: maybe(number()),
  failed: maybe(number()),
});

const summaryAnswer = {
  what: 'an import summary',
  cast: object({
    importJobState: maybe(string()),
    errorsCount: maybe(number()),
    resourceTypes: maybe(
      array(
        object({
          resourceType: maybe(string()),
          counters: maybe(countersAnswer),
          subcategories: maybe(
            array(
              maybe(
                object({
                  category: maybe(object({ name: maybe(string()) })),
                  counters: maybe(countersAnswer),
                }),
              ),
            ),
          ),
        }),
      ),
    ),
  }),
};

const errorsAnswer = {
  what: 'a page of import errors',
  cast: object({
    total: maybe(number()),
    results: maybe(
      array(
        object({
          errorType: maybe(string()),
          resourceType: maybe(string()),
          errorMessage: maybe(string()),
          command: maybe(object({ indices: maybe(array(number())), identifier: maybe(string()) })),
        }),
      ),
    ),
  }),
};

/** The most that the errors endpoint gives at once. */
export const ERRORS_PAGE_SIZE = 1000;

/** The Import Results API: `GET /rest/2.0/import/results/{jobId}/summary` and `…/errors`. */
export class ImportResultsClient {
  readonly #http: CollibraClient;

  constructor(http: CollibraClient) {
    this.#http = http;
  }

  /**
   * What the import did.
   * @throws CollibraError with status 400 while the job is not finished, 404 where it is no import
   */
  async summary(jobId: string, bounds: RequestLimits): Promise<ImportSummary> {
    const path = `${pathOf(jobId)}/summary`;
    const { value } = await this.#http.get(path, summaryAnswer, bounds);
    return {
      state: value.importJobState ?? '',
      failedCommands: wholeNumber(value.errorsCount),
      changes: changesOf(value),
      resources: (value.resourceTypes ?? []).map(({ resourceType, counters, subcategories }) => ({
        resourceType: resourceType ?? '',
        ...countersOf(counters),
        categories: (subcategories ?? [])
          .filter((category) => category !== undefined)
          .map(({ category, counters: own }) => ({ name: category?.name ?? '', ...countersOf(own) })),
      })),
    };
  }

  /**
   * One page of the commands that failed.
   * @param offset how many to pass over
   * @throws CollibraError as {@link ImportResultsClient.summary}
   */
  async errors(jobId: string, offset: number, bounds: RequestLimits): Promise<FailedCommandsPage> {
    const path = `${pathOf(jobId)}/errors`;
    const query = new URLSearchParams({
      offset: `${offset}`,
      limit: `${ERRORS_PAGE_SIZE}`,
      countLimit: '-1',
    });
    const { value } = await this.#http.get(path, errorsAnswer, { ...bounds, query });
    return {
      total: wholeNumber(value.total),
      commands: (value.results ?? []).map(({ errorType, resourceType, errorMessage, command }) => ({
        errorType: errorType ?? '',
        resourceType: resourceType ?? '',
        errorMessage: errorMessage ?? '',
        indices: command?.indices ?? [],
        identifier: command?.identifier ?? '',
      })),
    };
  }
}

function pathOf(jobId: string): string {
  return `/rest/2.0/import/results/${jobId}`;
}

/** A number of things, or undefined: a negative one (`-1` for "not counted") must never pass for a small one. */
function wholeNumber(value: number | undefined): number | undefined {
  return Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : undefined;
}

/** No change is claimed only where every counter is there to say so. */
function changesOf({ resourceTypes }: Infer<typeof summaryAnswer.cast>): number | undefined {
  if (resourceTypes === undefined) return undefined;
  const numbers = resourceTypes.flatMap(({ counters }) =>
    [counters?.added, counters?.updated, counters?.removed].map(wholeNumber),
  );
  const sum = numbers.reduce<number>((total, n) => total + (n ?? 0), 0);
  return sum === 0 && numbers.includes(undefined) ? undefined : sum;
}

function countersOf(counters: Infer<typeof countersAnswer> | undefined): Counters {
  return {
    added: wholeNumber(counters?.added),
    updated: wholeNumber(counters?.updated),
    removed: wholeNumber(counters?.removed),
    failed: wholeNumber(counters?.failed),
  };
}
