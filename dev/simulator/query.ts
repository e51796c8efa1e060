import { HttpError } from './responses.ts';

/**
 * Reads an integer of the query.
 * @throws HttpError with status 400 if it is not an integer between the limits
 */
export function integerOf(query: URLSearchParams, name: string, fallback: number, min: number, max: number): number {
  const given = query.get(name);
  if (given === null) return fallback;
  const value = /^-?\d+$/.test(given) ? Number(given) : NaN;
  if (value >= min && value <= max) return value;
  throw invalid(name, given, `an integer from ${min} to ${max}`);
}

/** Returns the error for a parameter with an invalid value. */
export function invalid(name: string, value: string, wanted: string): HttpError {
  return new HttpError(400, 'invalidParameter', `${name} must be ${wanted}, not ${value}.`);
}
