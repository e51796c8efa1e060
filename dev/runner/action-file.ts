import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

import { parse } from 'yaml';

/** What the runner reads in an action.yml. */
export type ActionFile = {
  /** The default of each input; empty if it has none. */
  readonly inputs: Readonly<Record<string, string>>;
  /** The scripts, as absolute paths. */
  readonly main: string;
  readonly post: string | undefined;
};

type ActionYaml = {
  inputs?: Record<string, { default?: unknown } | null>;
  runs: { main: string; post?: string };
};

/** Reads an action.yml. */
export async function readActionFile(path: string): Promise<ActionFile> {
  const { inputs = {}, runs } = parse(await readFile(path, 'utf8')) as ActionYaml;
  const defaults = Object.entries(inputs).map(([name, input]) => [name, textOf(input?.default)]);
  return {
    inputs: Object.fromEntries(defaults) as Record<string, string>,
    main: resolve(dirname(path), runs.main),
    post: runs.post === undefined ? undefined : resolve(dirname(path), runs.post),
  };
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/**
 * Makes the INPUT_ variables of a step: the inputs of `with:`, and the defaults of the others. An input given as
 * undefined is not set at all.
 * @throws Error if action.yml has no such input; the runner only warns, but in a test it is a mistake
 */
export function inputVariables(
  action: ActionFile,
  given: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(action.inputs, name));
  if (unknown !== undefined) throw new Error(`action.yml has no input named ${unknown}.`);
  const all: Record<string, string | undefined> = { ...action.inputs, ...given };
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[variableOf(name), value]])),
  );
}

/** Spaces become `_`; dashes stay. */
function variableOf(input: string): string {
  return `INPUT_${input.replaceAll(' ', '_').toUpperCase()}`;
}
