import type { Run } from './runner.ts';
import { commandIn, linesOf } from './workflow-commands.ts';

/** A secret that can be read in what a run left behind, and where. */
export type Leak = { readonly secret: string; readonly where: string };

/**
 * The secrets that a run wrote anywhere as they are, whether or not the runner would mask them. Only the add-mask
 * commands, which the runner never shows, may hold them.
 */
export function leaks(run: Run, secrets: readonly string[]): Leak[] {
  const places = {
    stdout: shown(run.stdout),
    stderr: shown(run.stderr),
    summary: run.summary,
    outputs: JSON.stringify(run.outputs) + Object.values(run.outputs).join('\n'),
    state: JSON.stringify(run.state) + Object.values(run.state).join('\n'),
  };
  return secrets.flatMap((secret) =>
    Object.entries(places).flatMap(([where, text]) => (text.includes(secret) ? [{ secret, where }] : [])),
  );
}

function shown(output: string): string {
  return linesOf(output)
    .filter((line) => commandIn(line)?.name !== 'add-mask')
    .join('\n');
}
