import { systemClock, type Clock } from '../../src/clock.ts';
import { HttpTransport, type Transport } from '../../src/collibra/http/transport.ts';
import { commandIn, linesOf } from './workflow-commands.ts';

/** What a step gets in place of the real thing. */
export interface Substitutes {
  /** Its environment variables: the inputs, and the state that was saved. */
  readonly env: Readonly<Record<string, string>>;
  readonly clock: Readonly<Clock>;
  /** Sends its requests. */
  readonly send: Transport['send'];
  /** Receives what it writes to stdout, workflow commands included. */
  readonly write: (text: string) => void;
}

/** Runs a step, or a part of one, in this process: in simulated time and without a network. Only one at a time. */
export async function runInProcess(
  step: () => Promise<unknown>,
  { env, clock, send, write }: Substitutes,
): Promise<void> {
  const toStdout = (text: string | Uint8Array) => {
    write(String(text));
    return true;
  };
  const restore = [
    replace(process, { env: { ...env } }),
    replace(process.stdout, { write: toStdout }),
    replace(systemClock, {
      now: () => clock.now(),
      date: () => clock.date(),
      random: () => clock.random(),
      sleep: (ms, signal) => clock.sleep(ms, signal),
    }),
    replace(HttpTransport.prototype, { send }),
  ];
  try {
    await step();
  } finally {
    for (const one of restore) one();
  }
}

/** Replaces members of an object; the function that is returned puts them back. */
function replace<T extends object>(object: T, members: Partial<T>): () => void {
  const before = Object.entries(members).map(([name]) => [name, object[name as keyof T]] as const);
  Object.assign(object, members);
  return () => void Object.assign(object, Object.fromEntries(before));
}

/** What a step saved for the post step: environment variables, as the runner passes them on. */
export function savedState(written: string): Record<string, string> {
  const saved = linesOf(written)
    .map(commandIn)
    .filter((command) => command?.name === 'save-state');
  return Object.fromEntries(saved.map((command) => [`STATE_${command?.properties['name']}`, command?.data ?? '']));
}
