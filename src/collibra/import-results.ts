import type { CollibraClient } from './client.ts';
import type { RequestLimits } from './http/requests.ts';
import { array, lenient, number, object, string, type InferOutput } from './schema.ts';

/** How many resources of one kind an import changed; undefined if Collibra does not report it. */
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

/** The summary of an import. */
export interface ImportSummary {
  /** COMPLETED, COMPLETED_WITH_ERRORS, ABORTED or FAILED; '' if it is missing. */
  readonly importJobState: string;
  readonly resources: readonly ResourceCounters[];
  /** How many resources were added, updated or removed; undefined if the counters do not show it. */
  readonly changes: number | undefined;
  /** How many commands failed (`errorsCount`); undefined if it is missing. */
  readonly failedCommands: number | undefined;
}

/** All that is known of what an import did. */
export interface ImportResults extends ImportSummary {
  /** The first failed commands, at most one page of them. */
  readonly firstFailedCommands: readonly FailedCommand[];
  /** Whether some failed commands could not be read, so that the errors file is incomplete. */
  readonly isPartial: boolean;
}

/** One command that failed. Its texts contain user data: sanitize them before printing. */
export interface FailedCommand {
  readonly errorType: string;
  readonly resourceType: string;
  readonly errorMessage: string;
  readonly indices: readonly number[];
  readonly identifier: string;
}

/** One page of failed commands. */
export interface FailedCommandsPage {
  /** How many there are in all; undefined if it is missing. */
  readonly total: number | undefined;
  readonly commands: readonly FailedCommand[];
}

const counters = object({
  added: lenient(number()),
  updated: lenient(number()),
  removed: lenient(number()),
  failed: lenient(number()),
});

const category = object({
  category: lenient(object({ name: lenient(string()) })),
  counters: lenient(counters),
});

const summary = {
  what: 'an import summary',
  schema: object({
    importJobState: lenient(string()),
    errorsCount: lenient(number()),
    resourceTypes: lenient(
      array(
        lenient(
          object({
            resourceType: lenient(string()),
            counters: lenient(counters),
            subcategories: lenient(array(lenient(category))),
          }),
        ),
      ),
    ),
  }),
};

const errors = {
  what: 'a page of import errors',
  schema: object({
    total: lenient(number()),
    results: lenient(
      array(
        lenient(
          object({
            errorType: lenient(string()),
            resourceType: lenient(string()),
            errorMessage: lenient(string()),
            command: lenient(object({ indices: lenient(array(number())), identifier: lenient(string()) })),
          }),
        ),
      ),
    ),
  }),
};

/** The most failed commands that Collibra returns in one page. */
export const ERRORS_PAGE_SIZE = 1000;

/** Client of the Import Results API: `GET /rest/2.0/import/results/{jobId}/summary` and `…/errors`. */
export class ImportResultsClient {
  readonly #client: CollibraClient;

  constructor(client: CollibraClient) {
    this.#client = client;
  }

  /**
   * Reads what the import did.
   * @throws CollibraError `bad-request` while the job is not finished, `not-found` if it is no import
   */
  async summary(jobId: string, limits: RequestLimits): Promise<ImportSummary> {
    const { value } = await this.#client.get(`${pathOf(jobId)}/summary`, summary, limits);
    return {
      importJobState: value.importJobState ?? '',
      failedCommands: wholeNumber(value.errorsCount),
      changes: changesOf(value),
      resources: withoutOddEntries(value.resourceTypes).map(({ resourceType, counters, subcategories }) => ({
        resourceType: resourceType ?? '',
        ...countersOf(counters),
        categories: withoutOddEntries(subcategories).map(({ category, counters }) => ({
          name: category?.name ?? '',
          ...countersOf(counters),
        })),
      })),
    };
  }

  /**
   * Reads one page of failed commands.
   * @param offset how many to skip
   * @throws CollibraError as {@link ImportResultsClient.summary}
   */
  async errors(jobId: string, offset: number, limits: RequestLimits): Promise<FailedCommandsPage> {
    const query = new URLSearchParams({
      offset: `${offset}`,
      limit: `${ERRORS_PAGE_SIZE}`,
      countLimit: '-1',
    });
    const { value } = await this.#client.get(`${pathOf(jobId)}/errors`, errors, { ...limits, query });
    return {
      total: wholeNumber(value.total),
      // An odd entry is a failed command, too.
      commands: (value.results ?? []).map((one) => ({
        errorType: one?.errorType ?? '',
        resourceType: one?.resourceType ?? '',
        errorMessage: one?.errorMessage ?? '',
        indices: one?.command?.indices ?? [],
        identifier: one?.command?.identifier ?? '',
      })),
    };
  }
}

function pathOf(jobId: string): string {
  return `/rest/2.0/import/results/${jobId}`;
}

function withoutOddEntries<T>(list: readonly (T | undefined)[] | undefined): T[] {
  return (list ?? []).filter((one) => one !== undefined);
}

/** A count, or undefined: a negative number (`-1` for "not counted") must never pass for a small one. */
function wholeNumber(value: number | undefined): number | undefined {
  return Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : undefined;
}

/** Reports no change only if every counter is there to say so. */
function changesOf({ resourceTypes }: InferOutput<typeof summary.schema>): number | undefined {
  if (resourceTypes === undefined) return undefined;
  const numbers = resourceTypes.flatMap((one) =>
    [one?.counters?.added, one?.counters?.updated, one?.counters?.removed].map(wholeNumber),
  );
  const sum = numbers.reduce<number>((total, n) => total + (n ?? 0), 0);
  return sum === 0 && numbers.includes(undefined) ? undefined : sum;
}

function countersOf(counters: Partial<Counters> | undefined): Counters {
  return {
    added: wholeNumber(counters?.added),
    updated: wholeNumber(counters?.updated),
    removed: wholeNumber(counters?.removed),
    failed: wholeNumber(counters?.failed),
  };
}
