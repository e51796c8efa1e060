import { systemClock } from '../../../src/clock.ts';
import { HttpTransport } from '../../../src/collibra/http/transport.ts';
import type { Trace } from './trace.ts';
import type { InProcessTransport } from './transport.ts';

/**
 * Runs a step as the runner does, but in this process: on the simulated clock and over a given transport, until it has
 * ended or is killed.
 * @param variables environment variables: the inputs, and the state that was saved
 */
export async function runStep(
  trace: Trace,
  { send }: InProcessTransport,
  variables: Readonly<Record<string, string>>,
  step: () => Promise<unknown>,
): Promise<void> {
  const { now, date, random, sleep } = trace.clock;
  const write = (text: string | Uint8Array) => Boolean((trace.part.written += String(text)));
  const restore = [
    replace(process, { env: { ...variables } }),
    replace(process.stdout, { write }),
    replace(systemClock, { now, date, random, sleep }),
    replace(HttpTransport.prototype, { send }),
  ];
  try {
    await trace.clock.runUntilDone(step());
  } finally {
    for (const one of restore) one();
  }
  trace.startPart();
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
