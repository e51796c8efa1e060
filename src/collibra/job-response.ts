import type { Job } from './job.ts';
import { lenient, nullish, number, object, string, textOrNumber, unknown, type InferOutput } from './schema.ts';

/** v1 sends dates as ISO 8601 text, the Core API as a number. */
const date = lenient(textOrNumber);

/** The fields of both APIs. Only `id`, `state` and `result` decide anything, so only they must be well-formed. */
export const jobResponse = object({
  id: string(),
  state: nullish(string(), ''),
  result: nullish(string(), ''),
  name: lenient(string()),
  type: lenient(string()),
  user: lenient(string()),
  /** What the Core API calls `user`. */
  userId: lenient(string()),
  message: lenient(unknown()),
  progressPercentage: lenient(number()),
  createdOn: date,
  startDate: date,
  endDate: date,
});

/** Makes the formats of both APIs one. */
export function jobOf(response: InferOutput<typeof jobResponse>): Job {
  const optional = Object.entries({
    name: response.name,
    type: response.type,
    user: (response.user ?? response.userId)?.toLowerCase(),
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
