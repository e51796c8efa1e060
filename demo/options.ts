import { parseArgs } from 'node:util';

import { readActionFile } from '../harness/action-file.ts';

/** What the demo is asked to show. */
export type DemoOptions = {
  readonly list: boolean;
  readonly help: boolean;
  readonly scenario: string;
  /** How many imports to submit. */
  readonly jobs: number;
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
      jobs: { type: 'string', default: '1' },
    },
  });
  const { list, help, scenario, jobs, ...inputs } = values;
  if (!/^[1-9]\d{0,2}$/.test(jobs)) throw new Error(`--jobs can not be "${jobs}".`);
  return { list, help, scenario, jobs: Number(jobs), inputs };
}
