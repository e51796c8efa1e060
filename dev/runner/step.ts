import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { JobContainer } from './container.ts';
import { readKeyValueFile } from './file-commands.ts';
import { LineSplitter } from './line-splitter.ts';
import type { Shown, StepRun } from './run.ts';
import type { SecretMasker } from './secret-masker.ts';
import { type ScheduledSignal, sendSignals, signalSupport } from './signals.ts';
import { annotationOf, StepLog } from './step-log.ts';
import { commandIn, linesOf } from './workflow-commands.ts';

/** GitHub shows no job summary that is larger. */
const MAX_SUMMARY_BYTES = 1024 * 1024;

/** Environment variables; undefined: not set. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** How to run a step. */
export type StepOptions = {
  /** The Node.js that runs it; by default the one that runs this process. */
  readonly node?: string;
  /** The container in which it runs; by default none. Signals then reach only the client of the container engine. */
  readonly container?: JobContainer;
  /** Signals to send, one after the other. */
  readonly signals?: readonly ScheduledSignal[];
  /** How long it may take. A process that takes longer is killed, and the promise is rejected. */
  readonly timeoutMs?: number;
  /** Called with each line as it is written. */
  readonly onLine?: (line: string, stream: 'stdout' | 'stderr') => void;
  /** Called with each line as the job's log shows it. */
  readonly onLogLine?: (line: string) => void;
};

/** What the steps of a job share. */
export type Job = { readonly temp: string; readonly workspace: string; readonly masker: SecretMasker };

/** Runs a script as a step, and reads what it left behind. */
export async function runStep(
  { temp, workspace, masker }: Job,
  script: string,
  env: Variables,
  options: StepOptions,
): Promise<StepRun> {
  const files = await commandFiles(temp);
  const variables = { ...files, ...env };
  const [program = '', ...args] = commandOf(script, workspace, Object.keys(variables), options);
  const child = spawn(program, args, {
    cwd: workspace,
    // The client of a container engine has an environment of its own.
    env: options.container === undefined ? variables : { ...process.env, ...variables },
    stdio: ['ignore', 'pipe', 'pipe', ...signalSupport.channel],
  });
  const log = new StepLog(masker);
  const end = await watch(child, log, options);
  const outputs = readKeyValueFile(await readFile(files.GITHUB_OUTPUT, 'utf8'));
  const summary = await readFile(files.GITHUB_STEP_SUMMARY, 'utf8');
  return {
    ...end,
    ...parsed(end.stdout, end.stderr),
    outputs,
    state: readKeyValueFile(await readFile(files.GITHUB_STATE, 'utf8')),
    summary,
    shown: shown(log, masker, outputs, summary),
  };
}

/** The command that runs a script: Node.js, or the client of a container engine that runs Node.js. */
function commandOf(script: string, workspace: string, variables: readonly string[], options: StepOptions): string[] {
  const { node = process.execPath, container } = options;
  if (container === undefined) return [node, ...signalSupport.args, script];
  return container.command(node, script, workspace, variables);
}

/** Each step has its own: a main step that goes on in its container writes nothing into those of post. */
async function commandFiles(temp: string) {
  const folder = await mkdtemp(join(temp, 'commands-'));
  const files = {
    GITHUB_OUTPUT: join(folder, 'output'),
    GITHUB_STATE: join(folder, 'state'),
    GITHUB_STEP_SUMMARY: join(folder, 'summary'),
  };
  for (const file of Object.values(files)) await writeFile(file, '');
  return files;
}

async function watch(child: ChildProcess, log: StepLog, options: StepOptions) {
  const startedAt = performance.now();
  const { timeoutMs = 60_000, signals = [], onLine, onLogLine } = options;
  const streams = { stdout: new LineSplitter(), stderr: new LineSplitter() };
  const listeners = new Set<(line: string) => void>();
  const report = (name: 'stdout' | 'stderr') => (line: string) => {
    onLine?.(line, name);
    for (const listener of listeners) listener(line);
    const logLine = log.read(line);
    if (logLine !== undefined) onLogLine?.(logLine);
  };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => streams[name].add(text, report(name)));
  }
  const stopSignals = sendSignals(signals, child, listeners);
  const limit = AbortSignal.timeout(timeoutMs);
  limit.addEventListener('abort', () => child.kill('SIGKILL'));
  const [exitCode, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  stopSignals();
  for (const name of ['stdout', 'stderr'] as const) streams[name].end(report(name));
  const [stdout, stderr] = [streams.stdout.text, streams.stderr.text];
  if (limit.aborted) throw new Error(`The run took longer than ${timeoutMs} ms. Its output:\n${stdout}${stderr}`);
  return { exitCode, signal, durationMs: performance.now() - startedAt, stdout, stderr };
}

function parsed(stdout: string, stderr: string) {
  const lines = [...linesOf(stdout), ...linesOf(stderr)];
  const commands = lines.flatMap((line) => commandIn(line) ?? []);
  const annotations = commands.flatMap((command) => annotationOf(command) ?? []);
  const masks = commands.filter(({ name }) => name === 'add-mask').map(({ data }) => data);
  return { lines, commands, annotations, masks };
}

function shown(log: StepLog, masker: SecretMasker, outputs: Readonly<Record<string, string>>, summary: string): Shown {
  const jobOutputs = Object.entries(outputs).filter(([, value]) => value !== '' && masker.mask(value) === value);
  return {
    log: log.lines,
    annotations: log.annotations,
    summary: Buffer.byteLength(summary) > MAX_SUMMARY_BYTES ? '' : masker.mask(summary),
    jobOutputs: Object.fromEntries(jobOutputs),
  };
}
