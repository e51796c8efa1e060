import { parse } from 'yaml';

/** The parts of a workflow that the executor supports. */
export interface Workflow {
  readonly env?: Values;
  readonly jobs: Readonly<Record<string, Job>>;
}

export type Values = Readonly<Record<string, unknown>>;

export interface Job {
  readonly needs?: string | readonly string[];
  readonly env?: Values;
  readonly environment?: string;
  readonly strategy?: { readonly matrix: Readonly<Record<string, readonly unknown[]>> };
  readonly steps: readonly Step[];
}

export interface Step {
  readonly id?: string;
  readonly name?: string;
  readonly if?: unknown;
  readonly env?: Values;
  readonly run?: string;
  readonly shell?: string;
  readonly uses?: string;
  readonly with?: Values;
  readonly 'continue-on-error'?: boolean;
}

/** Supported keys, and after the bar those that have no effect here. */
const KEYS = {
  workflow: 'env jobs | name on permissions concurrency',
  job: 'needs env environment strategy steps | name runs-on timeout-minutes permissions',
  strategy: 'matrix | fail-fast',
  step: 'id if env run shell uses with continue-on-error | name',
};

/** Reads a workflow. A key that the executor would ignore is an error. */
export function readWorkflow(yaml: string): Workflow {
  const workflow = parse(yaml) as Workflow;
  expectKeys('workflow', workflow);
  for (const job of Object.values(workflow.jobs)) {
    expectKeys('job', job);
    expectKeys('strategy', job.strategy ?? {});
    for (const step of job.steps) expectKeys('step', step);
  }
  return workflow;
}

function expectKeys(kind: keyof typeof KEYS, value: object): void {
  const unknown = Object.keys(value).find((key) => !KEYS[kind].split(' ').includes(key));
  if (unknown !== undefined) throw new Error(`The executor does not know ${unknown} in a ${kind}.`);
}
