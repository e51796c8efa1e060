import { systemClock } from '../../../src/clock.ts';
import { HttpTransport, type Transport } from '../../../src/collibra/http/transport.ts';
import type { Trace } from './trace.ts';

/**
 * Runs a step as the runner does, but in this process: on the simulated clock and over a given transport, until it has
 * ended or is killed. Keeps what it wrote, workflow commands included.
 * @param variables environment variables: the inputs, and the state that was saved
 */
export async function runStep(
  trace: Trace,
  transport: Transport,
  variables: Readonly<Record<string, string>>,
  step: () => Promise<unknown>,
): Promise<void> {
  const { clock } = trace;
  let written = '';
  const { now, date, random } = clock;
  const restore = [
    replace(process, { env: { ...variables } }),
    replace(process.stdout, { write: (text: string | Uint8Array) => ((written += String(text)), true) }),
    replace(systemClock, { now, date, random, sleep: clock.sleep.bind(clock) }),
    replace(HttpTransport.prototype, { send: transport.send.bind(transport) }),
  ];
  try {
    await clock.runUntilDone(step());
  } finally {
    clock.stopAll();
    for (const one of restore) one();
  }
  trace.steps.push({ written, ...trace.end() });
}

/** Replaces members of an object; the function that is returned puts them back. */
function replace<T extends object>(object: T, members: Partial<T>): () => void {
  const before = Object.entries(members).map(([name]) => [name, object[name as keyof T]] as const);
  Object.assign(object, members);
  return () => void Object.assign(object, Object.fromEntries(before));
}

/** What a step saved for the post step, as the runner passes it on. */
export function stateIn(written: string): Record<string, string> {
  const saved = written.matchAll(/^::save-state name=([^:]+)::(.*)$/gm);
  return Object.fromEntries([...saved].map(([, name, value]) => [`STATE_${name}`, value ?? '']));
}
