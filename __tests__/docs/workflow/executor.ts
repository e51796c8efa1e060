import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type Contexts, holds, type Status, textOf } from './expressions.ts';
import { type Job, readWorkflow, type Step, type Values, type Workflow } from './model.ts';
import { carryOut, isThisAction, outputNames, type StepResult, type JobContext } from './steps.ts';

/** The environment of a workflow run. */
export interface World {
  /** Secrets and variables, of the environment that the job names if it names one. */
  readonly secrets?: (environment: string | undefined) => Readonly<Record<string, string>>;
  readonly vars?: (environment: string | undefined) => Readonly<Record<string, string>>;
  /** The files of the repository, which the checkout writes. */
  readonly files?: Readonly<Record<string, string>>;
  /** Environment variables that replace those of the workflow. */
  readonly env?: Readonly<Record<string, string>>;
  /** The folder to work in; a new empty one by default. */
  readonly workspace?: string;
  /** Selects jobs of the workflow and combinations of their matrix; all by default. */
  readonly selects?: (job: string, matrix: Readonly<Record<string, unknown>>) => boolean;
  /** Cancels the run when this action writes a matching line. */
  readonly cancelOn?: RegExp;
}

export interface StepRun extends StepResult {
  readonly name: string;
  readonly outcome: Status | 'skipped';
}

export interface JobRun {
  readonly id: string;
  readonly matrix: Readonly<Record<string, unknown>>;
  readonly result: Status;
  readonly steps: readonly StepRun[];
  /** The content of each uploaded artifact, by name. */
  readonly artifacts: Readonly<Record<string, string>>;
}

const GITHUB = {
  server_url: 'https://github.com',
  repository: 'acme/catalog',
  run_id: '4242',
  event_name: 'workflow_dispatch',
  ref: 'refs/heads/main',
};

/**
 * Runs the jobs of a workflow in file order, as the runner does on Linux: scripts with bash, this action from dist, and
 * other actions with stand-ins.
 */
export async function runWorkflow(yaml: string, world: World): Promise<JobRun[]> {
  const workflow = readWorkflow(yaml);
  const runs: JobRun[] = [];
  for (const [id, job] of Object.entries(workflow.jobs)) {
    for (const matrix of combinations(job.strategy?.matrix ?? {})) {
      if (world.selects?.(id, matrix) === false) continue;
      const needed = [job.needs ?? []].flat();
      if (needed.some((name) => runs.some((run) => run.id === name && run.result !== 'success'))) continue;
      runs.push(await runJob(id, { workflow, job, matrix }, world));
    }
  }
  return runs;
}

function combinations(matrix: Readonly<Record<string, readonly unknown[]>>): Record<string, unknown>[] {
  return Object.entries(matrix).reduce<Record<string, unknown>[]>(
    (all, [name, values]) => all.flatMap((one) => values.map((value) => ({ ...one, [name]: value }))),
    [{}],
  );
}

interface Placed {
  readonly workflow: Workflow;
  readonly job: Job;
  readonly matrix: Readonly<Record<string, unknown>>;
}

async function runJob(id: string, { workflow, job, matrix }: Placed, world: World): Promise<JobRun> {
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
  const jobEnv = { ...values(workflow.env, base), ...values(job.env, base), ...world.env };
  const jobContext: JobContext = { workspace, temp, world, artifacts: {}, processes: [] };
  const steps: StepRun[] = [];
  const outputsOfSteps: Record<string, unknown> = {};
  let status: Status = 'success';
  try {
    for (const step of job.steps) {
      const contexts = { ...base, env: jobEnv, steps: outputsOfSteps, job: { status } };
      const run = await runStep(step, contexts, status, jobContext);
      steps.push(run);
      const conclusion = run.outcome === 'failure' && step['continue-on-error'] ? 'success' : run.outcome;
      if (step.id !== undefined) {
        outputsOfSteps[step.id] = { outputs: run.outputs, outcome: run.outcome, conclusion };
      }
      if (conclusion !== 'skipped' && conclusion !== 'success' && status !== 'cancelled') status = conclusion;
    }
  } finally {
    for (const pid of jobContext.processes) endGroup(pid);
    await rm(temp, { recursive: true, force: true });
  }
  return { id, matrix, result: status, steps, artifacts: jobContext.artifacts };
}

function values(env: Values | undefined, contexts: Contexts): Record<string, string> {
  return Object.fromEntries(Object.entries(env ?? {}).map(([name, value]) => [name, textOf(value, contexts)]));
}

async function runStep(
  step: Step,
  contexts: Contexts & { readonly env: Record<string, string> },
  status: Status,
  jobContext: JobContext,
): Promise<StepRun> {
  const name = step.name ?? step.uses ?? step.run ?? '';
  const env = { ...contexts.env, ...values(step.env, contexts), ...jobContext.world.env };
  if (!holds(step.if, { ...contexts, env }, status)) {
    // A condition may use the outputs of a skipped step. They are known only for this action.
    const outputs = Object.fromEntries(isThisAction(step.uses) ? outputNames.map((one) => [one, '']) : []);
    return { name, outcome: 'skipped', outputs, log: '', annotations: [] };
  }
  const result = await carryOut(step, env, values(step.with, { ...contexts, env }), jobContext);
  return { name, ...result };
}

/** Ends the processes that a script left in the background, as the runner does at the end of a job. */
function endGroup(pid: number): void {
  try {
    process.kill(-pid);
  } catch {
    // No process was left.
  }
}
