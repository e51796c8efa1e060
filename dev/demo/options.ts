import { parseArgs } from 'node:util';

import { readActionFile } from '../runner/action-file.ts';

/** What the demo is asked to show. */
export type DemoOptions = {
  readonly list: boolean;
  readonly help: boolean;
  /** How the imports go, one after the other; where there are more imports than scenarios, over again. */
  readonly scenarios: readonly string[];
  /** How many imports to submit. */
  readonly jobs: number;
  /** Where the rendered job summary goes. */
  readonly out: string;
  /** What its files are called. */
  readonly name: string;
  /** Inputs of the action, by name. */
  readonly inputs: Readonly<Record<string, string>>;
};

/** Reads the command line; every input of action.yml is an option. */
export async function readOptions(args: readonly string[], actionFile: string): Promise<DemoOptions> {
  const names = Object.keys((await readActionFile(actionFile)).inputs);
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...Object.fromEntries(names.map((name) => [name, { type: 'string' } as const])),
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
      scenario: { type: 'string', default: 'success' },
      jobs: { type: 'string' },
      out: { type: 'string', default: 'dev/demo/out' },
      name: { type: 'string', default: 'summary' },
    },
  });
  const { list, help, scenario, out, name, ...rest } = values;
  const scenarios = scenario.split(',');
  const { jobs = String(scenarios.length), ...inputs } = rest;
  if (!/^[1-9]\d{0,2}$/.test(jobs)) throw new Error(`--jobs can not be "${jobs}".`);
  return { list, help, scenarios, jobs: Number(jobs), out, name, inputs };
}
