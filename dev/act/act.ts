import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { cpSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';

import { read, root } from '../scripts/documents.ts';

/** A step as act ran it. */
export type ActStep = {
  readonly id: string;
  readonly stage: 'Main' | 'Post';
  /** The name that the log shows. */
  readonly name: string;
  readonly result: string;
  /** Its output `outcome`. */
  readonly outcome: string;
  /** What it wrote: lines, workflow commands other than outputs, and its job summary. */
  readonly written: readonly string[];
};

/** A job as act ran it, with its steps in the order in which they finished. */
export type ActRun = { readonly result: string; readonly steps: readonly ActStep[]; readonly log: readonly string[] };

/** A line of act's JSON log. */
type Event = {
  readonly msg: string;
  readonly stage?: 'Main' | 'Post';
  readonly step?: string;
  readonly stepID?: readonly string[];
  readonly stepResult?: string;
  readonly jobResult?: string;
  readonly raw_output?: boolean;
  readonly command?: string;
  readonly name?: string;
  readonly arg?: string;
};

/** What to run: a job of a workflow in a folder, which act copies in place of actions/checkout. */
export type ActOptions = {
  readonly folder: string;
  readonly workflow: string;
  readonly job: string;
  /** A folder for files that are needed only now. */
  readonly temp: string;
  readonly args?: readonly string[];
  /** Cancels the run, as Ctrl+C does, when a step writes a line that matches. */
  readonly cancelOn?: RegExp;
};

/** Runs a job in act, on this machine and with this Node.js. */
export async function runInAct(act: string, options: ActOptions): Promise<ActRun> {
  const { folder, workflow, job, temp, args = [], cancelOn } = options;
  const what = ['push', '-C', folder, '-W', join(root, workflow), '-j', job, ...args];
  const where = ['-P', 'ubuntu-latest=-self-hosted', ...replacements(workflow, temp)];
  const how = ['--json', '--no-cache-server', '--action-cache-path', join(temp, 'cache')];
  const PATH = [dirname(process.execPath), process.env['PATH']].join(delimiter);
  const child = spawn(act, [...what, ...where, ...how], {
    env: { ...process.env, PATH, XDG_CACHE_HOME: temp, XDG_CONFIG_HOME: temp },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 180_000,
    killSignal: 'SIGKILL',
  });
  return runOf(await eventsOf(child, cancelOn));
}

/** Reads the log to its end. What act writes to stderr, such as that it cannot start, becomes its last line. */
async function eventsOf(child: ChildProcessByStdio<null, Readable, Readable>, cancelOn?: RegExp): Promise<Event[]> {
  const errors = text(child.stderr);
  const events: Event[] = [];
  let isCanceled = false;
  for await (const line of createInterface({ input: child.stdout })) {
    const event = JSON.parse(line) as Event;
    events.push(event);
    if (isCanceled || event.raw_output !== true || cancelOn?.test(event.msg) !== true) continue;
    isCanceled = child.kill('SIGINT');
  }
  return [...events, { msg: await errors }];
}

function runOf(events: readonly Event[]): ActRun {
  const ends = events.filter(({ stage, stepResult }) => stage !== undefined && stepResult !== undefined);
  const steps = ends.map(({ stage = 'Main', step = '', stepID = [], stepResult = '' }) => {
    const own = events.filter((event) => event.stage === stage && event.stepID?.join() === stepID.join());
    const isOutput = ({ command }: Event) => command === 'set-output';
    return {
      id: stepID.join(),
      stage,
      name: step,
      result: stepResult,
      outcome: own.find((event) => isOutput(event) && event.name === 'outcome')?.arg ?? '',
      written: own
        .filter((event) => (event.raw_output ?? event.command) && !isOutput(event))
        .map(({ msg }) => msg.trim()),
    };
  });
  const result = events.find(({ jobResult }) => jobResult !== undefined)?.jobResult ?? 'none';
  return { result, steps, log: events.map(({ msg }) => msg.trimEnd()) };
}

/** Replaces actions that act would download: this action by its files here, and actions/setup-node by setup-node/. */
function replacements(workflow: string, temp: string): string[] {
  const ownAction = join(temp, 'own-action');
  for (const path of ['action.yml', 'dist']) cpSync(join(root, path), join(ownAction, path), { recursive: true });
  const replace = (action: RegExp, folder: string) =>
    [...new Set(read(workflow).match(action))].flatMap((uses) => ['--local-repository', `${uses}=${folder}`]);
  return [
    ...replace(/OWNER\/[\w-]+@\w+/g, ownAction),
    ...replace(/actions\/setup-node@\w+/g, join(root, 'dev/act/setup-node')),
  ];
}
