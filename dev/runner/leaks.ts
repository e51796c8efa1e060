import type { Run, StepRun } from './run.ts';
import { commandIn, linesOf } from './workflow-commands.ts';

/** A secret in what a run left behind, and where it is. */
export type Leak = { readonly secret: string; readonly where: string };

/**
 * Finds secrets that a run wrote in clear text, whether or not the runner would mask them. Only add-mask commands,
 * which the runner never shows, may contain them.
 */
export function leaks(run: Run, secrets: readonly string[]): Leak[] {
  const places = {
    ...placesOf(run),
    ...(run.post && prefixed('post ', placesOf(run.post))),
  };
  return secrets.flatMap((secret) =>
    Object.entries(places).flatMap(([where, text]) => (text.includes(secret) ? [{ secret, where }] : [])),
  );
}

function placesOf({ stdout, stderr, summary, outputs, state }: StepRun): Record<string, string> {
  return {
    stdout: shown(stdout),
    stderr: shown(stderr),
    summary,
    outputs: JSON.stringify(outputs) + Object.values(outputs).join('\n'),
    state: JSON.stringify(state) + Object.values(state).join('\n'),
  };
}

function prefixed(prefix: string, places: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(places).map(([where, text]) => [prefix + where, text]));
}

function shown(output: string): string {
  return linesOf(output)
    .filter((line) => commandIn(line)?.name !== 'add-mask')
    .join('\n');
}
