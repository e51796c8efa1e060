import { Refusal } from './answers.ts';

/** A whole number of the query inside its limits; anything else is refused. */
export function wholeNumber(
  query: URLSearchParams,
  name: string,
  usual: number,
  least: number,
  most: number,
): number {
  const given = query.get(name);
  if (given === null) return usual;
  const value = /^-?\d+$/.test(given) ? Number(given) : NaN;
  if (value >= least && value <= most) return value;
  throw invalid(name, given, `a whole number from ${least} to ${most}`);
}

/** The refusal of a parameter whose value is none. */
export function invalid(name: string, value: string, wanted: string): Refusal {
  return new Refusal(400, 'invalidParameter', `${name} must be ${wanted}, not ${value}.`);
}
