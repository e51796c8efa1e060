import { readFile } from 'node:fs/promises';

import { parse } from 'yaml';

/** What the runner takes from an action.yml. */
export type ActionFile = {
  /** Input names and their defaults; the empty string where there is none. */
  readonly inputs: Readonly<Record<string, string>>;
};

type ActionYaml = { inputs?: Record<string, { default?: unknown } | null> };

/** Reads an action.yml. */
export async function readActionFile(path: string): Promise<ActionFile> {
  const { inputs = {} } = parse(await readFile(path, 'utf8')) as ActionYaml;
  const defaults = Object.entries(inputs).map(([name, input]) => [name, textOf(input?.default)]);
  return { inputs: Object.fromEntries(defaults) as Record<string, string> };
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/**
 * The INPUT_ variables of a step: what `with:` gives, and the defaults for the rest. An input given as undefined is
 * not set at all. A name that action.yml does not have is an error: the runner only warns, but here it is a mistake.
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

/** The name of the variable that carries an input. */
function variableOf(input: string): string {
  return `INPUT_${input.replaceAll(' ', '_').toUpperCase()}`;
}
