import { isUuid } from './ids.ts';
import { invalid, integerOf } from './query.ts';
import type { Api, Job, Jobs } from './jobs.ts';
import { coreView, v1View } from './views.ts';

const nameMatches: Readonly<Record<string, (name: string, wanted: string) => boolean>> = {
  EXACT: (name, wanted) => name === wanted,
  START: (name, wanted) => name.toLowerCase().startsWith(wanted.toLowerCase()),
  END: (name, wanted) => name.toLowerCase().endsWith(wanted.toLowerCase()),
  ANYWHERE: (name, wanted) => name.toLowerCase().includes(wanted.toLowerCase()),
};
const sortFields: Readonly<Record<string, string>> = {
  NAME: 'name',
  TYPE: 'type',
  START_DATE: 'startDate',
  END_DATE: 'endDate',
  STATE: 'state',
  RESULT: 'result',
};
const results = ['NOT_SET', 'SUCCESS', 'COMPLETED_WITH_ERROR', 'FAILURE', 'ABORTED'];

type View = Record<string, unknown>;

/** What differs between the two APIs: the names of the filters and of their fields, the states, and the view. */
const dialects = {
  'jobs-v1': {
    filters: { state: 'state', result: 'result', type: 'type', user: 'user' },
    user: 'user',
    states: ['WAITING', 'RUNNING', 'COMPLETED', 'FAILED', 'DELETED'],
    view: v1View,
  },
  'core-2.0': {
    filters: { state: 'states', result: 'results', type: 'types', user: 'createdBy' },
    user: 'userId',
    states: ['WAITING', 'RUNNING', 'CANCELING', 'COMPLETED', 'CANCELED', 'ERROR'],
    view: coreView,
  },
};

/** Returns a page of the jobs that match a query of Find jobs of the Job API, the newest first. */
export function findPage(jobs: Jobs, query: URLSearchParams): { results: View[]; nextCursor?: string } {
  const pageSize = integerOf(query, 'pageSize', 10, 1, 50);
  const found = sorted(matching(jobs, query, 'jobs-v1'), query);
  const start = startAt(found, query.get('cursor'));
  const page = found.slice(start, start + pageSize);
  const next = found[start + pageSize];
  return { results: page, ...(next && { nextCursor: Buffer.from(String(next.id)).toString('base64url') }) };
}

/** Returns a page of the jobs that match a query of Find jobs of the Core API, the newest first. */
export function findCorePage(jobs: Jobs, query: URLSearchParams): { total: number; results: View[] } & View {
  const offset = integerOf(query, 'offset', 0, 0, Infinity);
  const limit = integerOf(query, 'limit', 0, 0, 1000) || 1000;
  const found = matching(jobs, query, 'core-2.0');
  return { total: found.length, offset, limit, results: found.slice(offset, offset + limit) };
}

function matching(jobs: Jobs, query: URLSearchParams, api: Api): View[] {
  const { filters, user, states, view } = dialects[api];
  const name = query.get('name');
  const nameMatch = nameMatches[oneOf(query, 'nameMatchMode', Object.keys(nameMatches)) ?? 'ANYWHERE'];
  const wanted = {
    state: allOf(query, filters.state, states),
    result: allOf(query, filters.result, results),
    type: query.getAll(filters.type),
    [user]: userOf(query, filters.user),
  };
  return jobs
    .knownTo(api)
    .filter((job) => name === null || nameMatch?.(job.name, name))
    .map((job: Job) => view(jobs, job))
    .filter((shown) =>
      Object.entries(wanted).every(([field, values]) => values.length === 0 || values.includes(String(shown[field]))),
    );
}

function sorted(views: View[], query: URLSearchParams): View[] {
  const sortField = oneOf(query, 'sortField', Object.keys(sortFields));
  const direction = oneOf(query, 'sortOrder', ['ASC', 'DESC']) === 'ASC' ? 1 : -1;
  const field = sortField === undefined ? undefined : sortFields[sortField];
  if (field === undefined) return views;
  const key = (view: View) => (view[field] as string | undefined) ?? '';
  return views.toSorted((one, other) => direction * (key(one) < key(other) ? -1 : key(one) > key(other) ? 1 : 0));
}

/**
 * A cursor is the ID of the first job of its page, so that jobs created in the meantime shift nothing. The API
 * documents no error for an unknown cursor; here its page is empty.
 */
function startAt(views: View[], cursor: string | null): number {
  if (!cursor) return 0;
  const id = Buffer.from(cursor, 'base64url').toString();
  const start = views.findIndex((view) => view['id'] === id);
  return start >= 0 ? start : views.length;
}

function oneOf(query: URLSearchParams, name: string, allowed: readonly string[]): string | undefined {
  return allOf(query, name, allowed)[0];
}

function allOf(query: URLSearchParams, name: string, allowed: readonly string[]): string[] {
  const given = query.getAll(name);
  const wrong = given.find((value) => !allowed.includes(value));
  if (wrong !== undefined) throw invalid(name, wrong, `one of ${allowed.join(', ')}`);
  return given;
}

function userOf(query: URLSearchParams, name: string): string[] {
  const given = query.getAll(name);
  const wrong = given.find((value) => !isUuid(value));
  if (wrong !== undefined) throw invalid(name, wrong, 'a UUID');
  return given.map((value) => value.toLowerCase());
}
