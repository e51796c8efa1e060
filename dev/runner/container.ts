import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

import { findProgram } from './programs.ts';

// cspell:words crun nofile nproc

/** A container in which all steps of a job run. */
export type JobContainer = {
  /**
   * Makes the command that runs a script with Node.js in the container, as the runner makes it. The client of the
   * container engine passes on the values of the variables with these names.
   */
  readonly command: (node: string, script: string, workspace: string, variables: readonly string[]) => string[];
  /** Removes the container, and kills what still runs in it. */
  readonly remove: () => void;
};

/** Starts a container for a job. */
export type ContainerEngine = () => JobContainer;

// Podman would raise these limits, which not every root may. Its default runtime, crun, does not run everywhere.
const LIMITS = ['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=4096:4096'];
const ENGINES = [['docker'], ['podman'], ['podman', '--runtime', 'runc']];

/** Finds a container engine that starts containers here: Docker, which the runner uses, or Podman. */
export function findContainerEngine(): { readonly engine: ContainerEngine } | { readonly errors: string } {
  const errors = [];
  for (const client of ENGINES.filter(([program = '']) => findProgram(program) !== undefined)) {
    const engine = () => startContainer(client);
    try {
      engine().remove();
      return { engine };
    } catch (error) {
      errors.push((error as Error).message.trim());
    }
  }
  return { errors: errors.join('\n') || 'Neither Docker nor Podman is on the PATH.' };
}

/**
 * Starts a container from an image without files, so that none has to be downloaded: it sees the programs, this
 * repository and the temporary folder of the machine, where they are on the machine, and uses its network.
 */
function startContainer(client: readonly string[]): JobContainer {
  const [program = '', ...options] = client;
  const call = (args: readonly string[], input?: Uint8Array) =>
    execFileSync(program, [...options, ...args], { input, encoding: 'utf8', timeout: 60_000, stdio: 'pipe' }).trim();
  const image = call(['import', '-'], new Uint8Array(EMPTY_TAR_BYTES));
  const repository = fileURLToPath(new URL('../..', import.meta.url));
  const readOnly = new Set(['/usr', '/lib', '/lib64', dirname(dirname(process.execPath)), repository]);
  const volumes = [...readOnly].filter((path) => existsSync(path)).flatMap((path) => ['-v', `${path}:${path}:ro`]);
  const id = call([
    ...['create', '--network', 'host', ...LIMITS, ...volumes, '-v', `${tmpdir()}:${tmpdir()}`],
    // `rm --force` of Docker kills at once, but Podman first sends this signal and waits.
    ...['--stop-signal', 'SIGKILL', '-e', 'PATH=/usr/bin', '--entrypoint', 'tail', image, '-f', '/dev/null'],
  ]);
  const remove = () => {
    call(['rm', '--force', id]);
    call(['rmi', '--force', image]);
  };
  const command: JobContainer['command'] = (node, script, workspace, variables) => {
    const names = variables.flatMap((name) => ['-e', name]);
    return [...client, 'exec', '-i', '--workdir', workspace, ...names, id, node, script];
  };
  try {
    call(['start', id]);
  } catch (error) {
    remove();
    throw error;
  }
  return { command, remove };
}

/** An archive ends with two empty blocks; this one has nothing else. */
const EMPTY_TAR_BYTES = 1024;
