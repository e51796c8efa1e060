import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { inputVariables, readActionFile } from './action-file.ts';
import type { Run, StepRun } from './run.ts';
import { SecretMasker } from './secret-masker.ts';
import { runStep, type StepOptions, type Variables } from './step.ts';

export { cancelLikeRunner } from './signals.ts';
export { leaks } from './leaks.ts';
export type { Run, StepRun } from './run.ts';
export type { Annotation } from './step-log.ts';

const defaultActionFile = fileURLToPath(new URL('../../action.yml', import.meta.url));

/** How to run the action; everything has a default. Signals are sent to the main step. */
export type RunOptions = StepOptions & {
  /** The inputs of `with:`; the others have the defaults of action.yml. Undefined: not set at all. */
  readonly inputs?: Readonly<Record<string, string | undefined>>;
  /** More variables, which override those of the runner. */
  readonly env?: Variables;
  /** GitHub's OIDC endpoint, which a workflow job with the permission `id-token: write` can use. By default it has none. */
  readonly idToken?: { readonly url: string; readonly token: string } | undefined;
  /** The working directory; by default an empty one for this run. */
  readonly cwd?: string;
  /** The script to run in place of the main script of action.yml. */
  readonly entry?: string;
  /** By default action.yml of this repository. */
  readonly actionFile?: string;
  /** Called between the main step and the post step. */
  readonly onMainEnd?: (main: StepRun) => unknown;
  /** Signals to send to the post step. */
  readonly postSignals?: StepOptions['signals'];
};

/**
 * Runs the action as GitHub's runner does, each step in a process and an environment of its own: main, and then post
 * with the state that main saved, if action.yml has a post step. A `post-if` is not evaluated.
 */
export async function runAction(options: RunOptions = {}): Promise<Run> {
  const action = await readActionFile(options.actionFile ?? defaultActionFile);
  const { entry = action.main, inputs = {}, env = {} } = options;
  const temp = await mkdtemp(join(tmpdir(), 'runner-'));
  try {
    const workspace = options.cwd ?? join(temp, 'workspace');
    await mkdir(workspace, { recursive: true });
    const job = { temp, workspace, masker: new SecretMasker() };
    const variables = {
      ...runnerVariables(temp, workspace),
      ...idTokenVariables(options.idToken),
      ...inputVariables(action, inputs),
    };
    const main = await runStep(job, entry, { ...variables, ...env }, options);
    if (action.post === undefined) return main;
    await options.onMainEnd?.(main);
    const script = action.post === action.main ? entry : action.post;
    const postVariables = { ...variables, ...stateVariables(main.state), ...env };
    const post = await runStep(job, script, postVariables, { ...options, signals: options.postSignals ?? [] });
    return { ...main, post };
  } finally {
    await rm(temp, { recursive: true, force: true, maxRetries: 5 });
  }
}

function runnerVariables(temp: string, workspace: string): Variables {
  return {
    PATH: process.env['PATH'],
    // Without these two, Windows starts no process and finds no temporary folder.
    SystemRoot: process.env['SystemRoot'],
    TEMP: process.env['TEMP'],
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_ACTION: 'wait',
    GITHUB_JOB: 'import',
    GITHUB_REPOSITORY: 'acme/catalog',
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_RUN_ID: '4242',
    GITHUB_RUN_NUMBER: '42',
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_WORKFLOW: 'Import',
    GITHUB_WORKSPACE: workspace,
    RUNNER_OS: 'Linux',
    RUNNER_TEMP: temp,
  };
}

/** Makes the variables by which a step requests OIDC tokens of GitHub. */
export function idTokenVariables(idToken: RunOptions['idToken']): Record<string, string> {
  if (idToken === undefined) return {};
  return { ACTIONS_ID_TOKEN_REQUEST_URL: idToken.url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: idToken.token };
}

function stateVariables(state: Readonly<Record<string, string>>): Variables {
  return Object.fromEntries(Object.entries(state).map(([name, value]) => [`STATE_${name}`, value]));
}
