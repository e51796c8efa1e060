import { duration } from './text.ts';

/** How names are compared, as `nameMatchMode` of Find jobs: only `exact` is case-sensitive. */
export const NAME_MATCHES = ['exact', 'start', 'end', 'anywhere'] as const;
type NameMatch = (typeof NAME_MATCHES)[number];

/** Describes the job to find: the newest one with such a name. */
export interface JobQuery {
  readonly name: string;
  readonly nameMatch: NameMatch;
  readonly type: string | undefined;
  readonly user: string | undefined;
  /** How old the job may be when the step starts, in milliseconds. */
  readonly lookbackMs: number;
}

/** Each comparison in words, and the method of strings that makes it. */
const COMPARISONS = {
  exact: ['named', 'includes'],
  start: ['whose name starts with', 'startsWith'],
  end: ['whose name ends with', 'endsWith'],
  anywhere: ['whose name contains', 'includes'],
} as const;

/** Describes the name of the job to find, for messages. */
export function describeName({ name, nameMatch }: JobQuery): string {
  return `${COMPARISONS[nameMatch][0]} "${name}"`;
}

/** Describes the job to find, for messages. */
export function describeQuery(query: JobQuery): string {
  const { type, user, lookbackMs } = query;
  const filters = [type && ` of type ${type}`, user && ` started by ${user}`].filter(Boolean).join(',');
  return `job ${describeName(query)}${filters} created at most ${duration(lookbackMs)} before the step started`;
}

/** Compares names. In upper case, because a letter may have several forms in lower case (`ς` and `σ`). */
export function isLike(name: string, wanted: string, nameMatch: NameMatch): boolean {
  return nameMatch === 'exact' ? name === wanted : name.toUpperCase()[COMPARISONS[nameMatch][1]](wanted.toUpperCase());
}

/** Whether a type or user is the wanted one. A missing one is trusted to the server, which filters by it. */
export function fits(value: string | undefined, wanted: string | undefined): boolean {
  return value === undefined || value === (wanted ?? value);
}
