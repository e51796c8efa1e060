import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { inputVariables, readActionFile } from './action-file.ts';
import { readKeyValueFile } from './file-commands.ts';
import { LineSplitter } from './line-splitter.ts';
import { hearing, sendSignals, type Signalling } from './signals.ts';
import { type Command, commandIn, linesOf } from './workflow-commands.ts';

export { cancelLikeRunner } from './signals.ts';
export { leaks } from './leaks.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A run of the action. */
export type RunOptions = {
  /** What `with:` gives; the rest gets the defaults of action.yml. Undefined: not set at all. */
  readonly inputs?: Readonly<Record<string, string | undefined>>;
  /** Further variables, which win over those of the runner. Undefined: not set. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Signals to send, one after the other. */
  readonly signals?: readonly Signalling[];
  /** How long the run may take; a longer one is killed and is an error. */
  readonly timeoutMs?: number;
  /** The working directory; an empty one of its own by default. */
  readonly cwd?: string;
  /** The script to run; dist/index.js by default. */
  readonly entry?: string;
  /** The Node.js that runs it; the one that runs this process by default. */
  readonly node?: string;
  /** The file with the inputs and their defaults; action.yml by default. */
  readonly actionFile?: string;
  /** Told every line at the moment it is written. */
  readonly onLine?: (line: string, stream: 'stdout' | 'stderr') => void;
};

/** An annotation as the runner shows it. */
export type Annotation = {
  readonly kind: 'error' | 'warning' | 'notice';
  readonly title: string;
  readonly message: string;
};

/** What a run left behind. */
export type Run = {
  /** Null when a signal ended the process. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly durationMs: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The lines of stdout, and after them those of stderr. */
  readonly lines: readonly string[];
  readonly commands: readonly Command[];
  readonly annotations: readonly Annotation[];
  /** The values that the action asked to mask. */
  readonly masks: readonly string[];
  readonly outputs: Readonly<Record<string, string>>;
  readonly state: Readonly<Record<string, string>>;
  /** The job summary, Markdown as written. */
  readonly summary: string;
};

/** Runs the action the way GitHub's runner does, in a process and an environment of its own. */
export async function runAction(options: RunOptions = {}): Promise<Run> {
  const { inputs = {}, entry = join(root, 'dist/index.js'), actionFile = join(root, 'action.yml') } = options;
  const variables = inputVariables(await readActionFile(actionFile), inputs);
  const temp = await mkdtemp(join(tmpdir(), 'runner-'));
  try {
    const files = await commandFiles(temp);
    const workspace = options.cwd ?? join(temp, 'workspace');
    await mkdir(workspace, { recursive: true });
    const env = { ...runnerVariables(temp, workspace), ...files, ...variables, ...options.env };
    const child = spawn(options.node ?? process.execPath, [...hearing.args, entry], {
      cwd: workspace,
      env,
      stdio: ['ignore', 'pipe', 'pipe', ...hearing.channel],
    });
    const ended = await watch(child, options);
    return {
      ...ended,
      ...seenByRunner(ended.stdout, ended.stderr),
      outputs: readKeyValueFile(await readFile(files.GITHUB_OUTPUT, 'utf8')),
      state: readKeyValueFile(await readFile(files.GITHUB_STATE, 'utf8')),
      summary: await readFile(files.GITHUB_STEP_SUMMARY, 'utf8'),
    };
  } finally {
    await rm(temp, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function commandFiles(temp: string) {
  const files = {
    GITHUB_OUTPUT: join(temp, 'output'),
    GITHUB_STATE: join(temp, 'state'),
    GITHUB_STEP_SUMMARY: join(temp, 'summary'),
  };
  for (const file of Object.values(files)) await writeFile(file, '');
  return files;
}

function runnerVariables(temp: string, workspace: string): Record<string, string | undefined> {
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

async function watch(child: ChildProcess, options: RunOptions) {
  const startedAt = performance.now();
  const { timeoutMs = 60_000, signals = [], onLine } = options;
  const streams = { stdout: new LineSplitter(), stderr: new LineSplitter() };
  const listeners = new Set<(line: string) => void>();
  const tell = (name: 'stdout' | 'stderr') => (line: string) => {
    onLine?.(line, name);
    for (const listener of listeners) listener(line);
  };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => streams.stdout.add(text, tell('stdout')));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => streams.stderr.add(text, tell('stderr')));
  const stopSignalling = sendSignals(signals, child, listeners);
  const limit = AbortSignal.timeout(timeoutMs);
  limit.addEventListener('abort', () => child.kill('SIGKILL'));
  const [exitCode, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  stopSignalling();
  streams.stdout.end(tell('stdout'));
  streams.stderr.end(tell('stderr'));
  const stdout = streams.stdout.text;
  const stderr = streams.stderr.text;
  if (limit.aborted)
    throw new Error(`The run took longer than ${timeoutMs} ms. It wrote:\n${stdout}${stderr}`);
  return { exitCode, signal, durationMs: performance.now() - startedAt, stdout, stderr };
}

function seenByRunner(stdout: string, stderr: string) {
  const lines = [...linesOf(stdout), ...linesOf(stderr)];
  const commands = lines.flatMap((line) => commandIn(line) ?? []);
  const annotations = commands.flatMap(({ name, properties, data }): Annotation[] =>
    name === 'error' || name === 'warning' || name === 'notice'
      ? [{ kind: name, title: properties['title'] ?? '', message: data }]
      : [],
  );
  const masks = commands.filter(({ name }) => name === 'add-mask').map(({ data }) => data);
  return { lines, commands, annotations, masks };
}
