import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { parse } from 'yaml';

import { readKeyValueFile } from '../../../dev/runner/file-commands.ts';
import { type Annotation, cancelLikeRunner, runAction } from '../../../dev/runner/runner.ts';
import { read } from '../../../dev/scripts/documents.ts';
import knownActions from '../../../dev/scripts/known-actions.json' with { type: 'json' };
import { OWN_ACTION } from '../../../dev/scripts/house-rules.ts';
import type { World } from './executor.ts';
import type { Status } from './expressions.ts';

/** The keys of a step that have an effect. */
export interface Step extends Partial<Record<'id' | 'name' | 'run' | 'shell' | 'uses', string>> {
  readonly if?: unknown;
  readonly env?: Readonly<Record<string, unknown>>;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly 'continue-on-error'?: boolean;
}

/** Where the steps of a job run, and what they leave there. */
export interface JobContext {
  readonly workspace: string;
  readonly temp: string;
  readonly world: World;
  readonly inContainer: boolean;
  readonly artifacts: Record<string, string>;
  /** The process IDs of the scripts; each is the leader of its process group. */
  readonly processes: number[];
}

export interface StepResult {
  readonly outcome: Status | 'skipped';
  readonly outputs: Readonly<Record<string, string>>;
  readonly log: string;
  readonly annotations: readonly Annotation[];
}

type Texts = Readonly<Record<string, string>>;

/** Runs a step whose expressions are evaluated. */
export function carryOut(step: Step, env: Texts, inputs: Texts, jobContext: JobContext): Promise<StepResult> {
  const { run, uses = '', shell } = step;
  if (run !== undefined) return runScript(run, shell, env, jobContext);
  if (isThisAction(uses)) return runThisAction(inputs, env, jobContext);
  const name = uses.split('@')[0] ?? '';
  const standIn = Object.hasOwn(STAND_INS, name) ? STAND_INS[name] : undefined;
  if (standIn === undefined) throw new Error(`There is no stand-in for ${name}.`);
  const known = (knownActions as Readonly<Record<string, { inputs: string[] }>>)[name]?.inputs ?? [];
  const unknown = Object.keys(inputs).find((input) => !known.includes(input));
  if (unknown !== undefined) throw new Error(`${name} has no input named ${unknown}.`);
  return standIn(inputs, jobContext);
}

/** Whether a step uses this action, as `./` or by its public name. */
export function isThisAction(uses = ''): boolean {
  return uses === './' || uses.startsWith(`${OWN_ACTION}@`);
}

/** The names of the outputs of this action. */
export const outputNames = Object.keys((parse(read('action.yml')) as { outputs: object }).outputs);

/** The options with which the runner starts bash. With `shell: bash` a script also fails if a part of a pipeline fails. */
const SHELLS: Readonly<Record<string, readonly string[]>> = {
  '': ['-e'],
  bash: ['--noprofile', '--norc', '-eo', 'pipefail'],
};

async function runScript(script: string, shell = '', env: Texts, jobContext: JobContext): Promise<StepResult> {
  const { workspace, temp, processes } = jobContext;
  const flags = SHELLS[shell];
  if (flags === undefined) throw new Error(`The executor has no shell named ${shell}.`);
  const file = join(temp, 'script.sh');
  const output = join(temp, 'output');
  const log = join(temp, 'log');
  await Promise.all([writeFile(file, script), writeFile(output, '')]);
  const child = spawn('bash', ['-c', 'exec bash "$@" > "$LOG" 2>&1', 'bash', ...flags, file], {
    cwd: workspace,
    env: {
      ...{ PATH: process.env['PATH'], HOME: temp, LOG: log, CI: 'true', GITHUB_ACTIONS: 'true', RUNNER_TEMP: temp },
      ...{ GITHUB_OUTPUT: output, GITHUB_STEP_SUMMARY: join(temp, 'summary'), GITHUB_WORKSPACE: workspace },
      // A variable ends at its first NUL, as on the runner.
      ...Object.fromEntries(Object.entries(env).map(([name, value]) => [name, value.split('\0')[0]])),
    },
    detached: true,
    stdio: 'ignore',
  });
  if (child.pid !== undefined) processes.push(child.pid);
  const [code] = (await once(child, 'exit')) as [number | null];
  return {
    outcome: code === 0 ? 'success' : 'failure',
    outputs: readKeyValueFile(await readFile(output, 'utf8')),
    log: await readFile(log, 'utf8'),
    annotations: [],
  };
}

async function runThisAction(inputs: Texts, env: Texts, jobContext: JobContext): Promise<StepResult> {
  const {
    inContainer,
    world: { cancelOn },
  } = jobContext;
  const { exitCode, outputs, stdout, annotations } = await runAction({
    inputs,
    env,
    cwd: jobContext.workspace,
    signals: cancelOn === undefined ? [] : cancelLikeRunner({ whenLine: cancelOn }, { inContainer }),
  });
  const failed = cancelOn === undefined ? 'failure' : 'cancelled';
  return { outcome: exitCode === 0 ? 'success' : failed, outputs, log: stdout, annotations };
}

type StandIn = (inputs: Texts, jobContext: JobContext) => Promise<StepResult>;

const done: StepResult = { outcome: 'success', outputs: {}, log: '', annotations: [] };

const STAND_INS: Readonly<Record<string, StandIn>> = {
  'actions/checkout': async (_, { workspace, world }) => {
    for (const [path, content] of Object.entries(world.files ?? {})) {
      await mkdir(dirname(join(workspace, path)), { recursive: true });
      await writeFile(join(workspace, path), content);
    }
    return done;
  },
  'actions/setup-node': () => Promise.resolve(done),
  'actions/upload-artifact': async (inputs, { workspace, artifacts }) => {
    const { name = 'artifact', path = '', 'if-no-files-found': ifNone = 'warn' } = inputs;
    const file = join(workspace, path);
    if (!existsSync(file)) return { ...done, outcome: ifNone === 'error' ? 'failure' : 'success' };
    artifacts[name] = await readFile(file, 'utf8');
    return done;
  },
};
