/** The one runtime schema library: it turns JSON into typed values at the border. */
import { banditype, type Banditype, type Cast } from 'banditypes';

export { array, number, object, string, unknown, type Infer } from 'banditypes';

/** A field that may be missing or null: Collibra leaves fields out, and some of its versions write null. */
export function maybe<T>(cast: Cast<T>): Banditype<T | undefined> {
  return banditype((raw) => (raw === undefined || raw === null ? undefined : cast(raw)));
}

/** @returns the value, without the fields that the schema does not name; undefined where it does not fit */
export function fit<T>(cast: Cast<T>, json: unknown): T | undefined {
  try {
    return cast(json);
  } catch {
    return undefined;
  }
}

/** @returns undefined where the text is not JSON */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What an answer should be: in words, for errors, and as a schema. */
export interface Expected<T> {
  readonly what: string;
  readonly cast: Cast<T>;
}
