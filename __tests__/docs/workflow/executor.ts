import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { parse } from 'yaml';

import { idTokenVariables, type RunOptions } from '../../../dev/runner/runner.ts';
import { type Contexts, holds, type Status, textOf } from './expressions.ts';
import { carryOut, isThisAction, outputNames, type JobContext, type Step, type StepResult } from './steps.ts';

type Texts = Readonly<Record<string, string>>;
type Values = Readonly<Record<string, unknown>>;

/** The parts of a workflow that the executor supports. */
export interface Workflow {
  readonly env?: Values;
  readonly permissions?: Values;
  readonly jobs: Readonly<Record<string, Job>>;
}

interface Job {
  readonly container?: unknown;
  readonly env?: Values;
  readonly environment?: string;
  /** Replaces those of the workflow. */
  readonly permissions?: Values;
  readonly strategy?: { readonly matrix: Readonly<Record<string, readonly unknown[]>> };
  readonly steps: readonly Step[];
}

/** Supported keys, and after the bar those that have no effect here. */
const KEYS = {
  workflow: 'env jobs permissions | name on concurrency',
  job: 'container env environment permissions strategy steps | name runs-on timeout-minutes',
  strategy: 'matrix | fail-fast',
  step: 'id if env run shell uses with continue-on-error | name',
};

/** The environment of a workflow run. */
export interface World {
  /** Secrets and variables, of the environment that the job names if it names one. */
  readonly secrets?: (environment: string | undefined) => Texts;
  readonly vars?: (environment: string | undefined) => Texts;
  /** The files of the repository, which the checkout writes. */
  readonly files?: Texts;
  /** Environment variables that replace those of the workflow. */
  readonly env?: Texts;
  /** GitHub's OIDC endpoint, for jobs with the permission `id-token: write`. */
  readonly idToken?: RunOptions['idToken'];
  /** The folder to work in; a new empty one by default. */
  readonly workspace?: string;
  /** Selects jobs of the workflow and combinations of their matrix; all by default. */
  readonly selects?: (job: string, matrix: Values) => boolean;
  /** Cancels the run when this action writes a matching line. */
  readonly cancelOn?: RegExp;
}

export interface StepRun extends StepResult {
  readonly name: string;
}

export interface JobRun {
  readonly matrix: Values;
  readonly result: Status;
  readonly steps: readonly StepRun[];
  /** The content of each uploaded artifact, by name. */
  readonly artifacts: Texts;
}

const GITHUB = { server_url: 'https://github.com', repository: 'acme/catalog', run_id: '4242', ref: 'refs/heads/main' };

/**
 * Runs the jobs of a workflow in file order, as the runner does on Linux: scripts with bash, this action from dist, and
 * other actions with stand-ins. A key that would be ignored is an error.
 */
export async function runWorkflow(yaml: string, world: World): Promise<JobRun[]> {
  const workflow = parse(yaml) as Workflow;
  expectKeys('workflow', workflow);
  const runs: JobRun[] = [];
  for (const [id, job] of Object.entries(workflow.jobs)) {
    for (const matrix of combinations(job.strategy?.matrix ?? {})) {
      if (world.selects?.(id, matrix) !== false) runs.push(await runJob(job, workflow, matrix, world));
    }
  }
  return runs;
}

function expectKeys(kind: keyof typeof KEYS, value: object): void {
  const unknown = Object.keys(value).find((key) => !KEYS[kind].split(' ').includes(key));
  if (unknown !== undefined) throw new Error(`The executor does not know ${unknown} in a ${kind}.`);
}

function combinations(matrix: Readonly<Record<string, readonly unknown[]>>): Values[] {
  return Object.entries(matrix).reduce<Values[]>(
    (all, [name, values]) => all.flatMap((one) => values.map((value) => ({ ...one, [name]: value }))),
    [{}],
  );
}

async function runJob(job: Job, workflow: Workflow, matrix: Values, world: World): Promise<JobRun> {
  expectKeys('job', job);
  expectKeys('strategy', job.strategy ?? {});
  for (const step of job.steps) expectKeys('step', step);
  const temp = await mkdtemp(join(tmpdir(), 'workflow-'));
  const workspace = world.workspace ?? join(temp, 'workspace');
  await mkdir(workspace, { recursive: true });
  const environment = job.environment === undefined ? undefined : textOf(job.environment, { matrix });
  const base = {
    matrix,
    github: { ...GITHUB, workspace },
    runner: { os: 'Linux', temp },
    secrets: world.secrets?.(environment) ?? {},
    vars: world.vars?.(environment) ?? {},
  };
  const { 'id-token': idToken } = job.permissions ?? workflow.permissions ?? {};
  const oidc = idTokenVariables(idToken === 'write' ? world.idToken : undefined);
  const jobEnv = { ...oidc, ...textsOf(workflow.env, base), ...textsOf(job.env, base), ...world.env };
  const inContainer = job.container !== undefined;
  const jobContext: JobContext = { workspace, temp, world, inContainer, artifacts: {}, processes: [] };
  const steps: StepRun[] = [];
  const outputsOfSteps: Record<string, unknown> = {};
  let status: Status = 'success';
  try {
    for (const step of job.steps) {
      const contexts = { ...base, env: jobEnv, steps: outputsOfSteps, job: { status } };
      const run = await runStep(step, contexts, status, jobContext);
      steps.push(run);
      const { outputs, outcome } = run;
      const conclusion = outcome === 'failure' && step['continue-on-error'] ? 'success' : outcome;
      if (step.id !== undefined) outputsOfSteps[step.id] = { outputs, outcome, conclusion };
      if (conclusion !== 'skipped' && conclusion !== 'success' && status !== 'cancelled') status = conclusion;
    }
  } finally {
    for (const pid of jobContext.processes) endGroup(pid);
    await rm(temp, { recursive: true, force: true });
  }
  return { matrix, result: status, steps, artifacts: jobContext.artifacts };
}

function textsOf(values: Values | undefined, contexts: Contexts): Record<string, string> {
  return Object.fromEntries(Object.entries(values ?? {}).map(([name, value]) => [name, textOf(value, contexts)]));
}

type WithEnv = Contexts & { readonly env: Texts };

async function runStep(step: Step, contexts: WithEnv, status: Status, jobContext: JobContext): Promise<StepRun> {
  const name = step.name ?? step.uses ?? step.run ?? '';
  const env = { ...contexts.env, ...textsOf(step.env, contexts), ...jobContext.world.env };
  if (!holds(step.if, { ...contexts, env }, status)) {
    // A condition may use the outputs of a skipped step. They are known only for this action.
    const outputs = Object.fromEntries(isThisAction(step.uses) ? outputNames.map((one) => [one, '']) : []);
    return { name, outcome: 'skipped', outputs, log: '', annotations: [] };
  }
  return { name, ...(await carryOut(step, env, textsOf(step.with, { ...contexts, env }), jobContext)) };
}

/** Ends the processes that a script left in the background, as the runner does at the end of a job. */
function endGroup(pid: number): void {
  try {
    process.kill(-pid);
  } catch {
    // No process was left.
  }
}
