/** The one place that knows the schema library (valibot): it turns JSON into typed values at the border. */
import * as v from 'valibot';

export { array, fallback, nullish, number, string, unknown, type InferOutput } from 'valibot';

/** A schema for values of type `T`. */
export type Schema<T> = v.GenericSchema<unknown, T>;

/** A JSON object with these fields; others are dropped. Unlike `v.object`, it does not take an array for an object. */
export function object<T extends v.ObjectEntries>(entries: T) {
  return v.pipe(
    v.unknown(),
    v.check((value) => !Array.isArray(value)),
    v.object(entries),
  );
}

/**
 * A field that nothing depends on: missing, null and any value of an unexpected type count as absent, so that it can
 * never make a response unusable.
 */
export function lenient<S extends v.GenericSchema>(schema: S) {
  return v.fallback(v.optional(schema), undefined);
}

/** A text or a number. Unlike `v.union`, it needs no list of problems: 1.3 kB of the bundle. */
export const textOrNumber = v.pipe(
  v.unknown(),
  v.check((value) => typeof value === 'string' || typeof value === 'number'),
) as v.GenericSchema<string | number>;

/** @returns the value, or undefined if it does not match the schema */
export function parse<T>(schema: Schema<T>, json: unknown): T | undefined {
  const result = v.safeParse(schema, json);
  return result.success ? result.output : undefined;
}

/** @returns undefined if the text is not JSON */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What a response should contain: its name in error messages, and its schema. */
export interface Expected<T> {
  readonly what: string;
  readonly schema: Schema<T>;
}
