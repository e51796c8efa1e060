import { parseArgs } from 'node:util';

import { readActionFile } from '../runner/action-file.ts';
import { mixture } from './outcomes.ts';

/** The command line of the demo. */
export type DemoOptions = {
  readonly list: boolean;
  readonly help: boolean;
  /** Whether to print the Markdown of the job summary. */
  readonly raw: boolean;
  /** The scenarios of the imports, in turn: of the simulator, or outcomes. */
  readonly scenarios: readonly string[];
  /** How many imports to submit. */
  readonly jobs: number;
  /** The folder for the rendered job summary. */
  readonly out: string;
  /** The name of its files. */
  readonly name: string;
  /** Inputs of the action, by name. */
  readonly inputs: Readonly<Record<string, string>>;
};

/**
 * Reads the command line. Every input of action.yml is an option.
 * @throws Error if an option is unknown or invalid
 */
export async function readOptions(args: readonly string[], actionFile: string): Promise<DemoOptions> {
  const names = Object.keys((await readActionFile(actionFile)).inputs);
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...Object.fromEntries(names.map((name) => [name, { type: 'string' } as const])),
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
      raw: { type: 'boolean', default: false },
      scenario: { type: 'string' },
      jobs: { type: 'string' },
      out: { type: 'string', default: 'dev/demo/out' },
      name: { type: 'string', default: 'summary' },
    },
  });
  const { list, help, raw, scenario, out, name, ...rest } = values;
  const { jobs, ...inputs } = rest;
  const scenarios = scenario?.split(',') ?? (jobs === undefined ? ['success'] : mixture);
  const number = jobs ?? String(scenarios.length);
  if (!/^[1-9]\d{0,2}$/.test(number)) throw new Error(`--jobs cannot be "${number}".`);
  return { list, help, raw, scenarios, jobs: Number(number), out, name, inputs };
}
