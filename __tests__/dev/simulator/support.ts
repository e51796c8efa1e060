import { afterEach } from '@jest/globals';

import {
  defaultCredentials,
  type Simulator,
  type SimulatorOptions,
  startSimulator,
} from '../../../dev/simulator/simulator.ts';

/** The header of the first user's token. */
export const bearer = { authorization: `Bearer ${defaultCredentials.tokens[0] ?? ''}` };

/** The header of a user. */
export function basic(name: string, password: string): { authorization: string } {
  return { authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}` };
}

/** A simulator that lives by a clock which only the test advances. */
export type Stage = {
  readonly simulator: Simulator;
  /** Lets time go by. */
  readonly advance: (ms: number) => void;
  /** Sends a request as the first user. */
  readonly send: (method: string, path: string, init?: RequestInit) => Promise<Response>;
  /** The JSON of a GET as the first user. */
  readonly get: (path: string) => Promise<Record<string, unknown>>;
};

/** When the time of every stage begins. */
export const START = Date.parse('2026-11-02T08:00:00.000Z');

const open: Simulator[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((simulator) => simulator.close()));
});

/** Starts a simulator that ends with the test. */
export async function stage(options: SimulatorOptions = {}): Promise<Stage> {
  let now = START;
  const simulator = await startSimulator({ now: () => now, seed: 1, ...options });
  open.push(simulator);
  const send = (method: string, path: string, init: RequestInit = {}) =>
    fetch(`${simulator.url}${path}`, { method, headers: bearer, redirect: 'manual', ...init });
  return {
    simulator,
    advance: (ms) => {
      now += ms;
    },
    send,
    get: async (path) => (await (await send('GET', path)).json()) as Record<string, unknown>,
  };
}

/** A multipart body with an import file. */
export function upload(): FormData {
  const form = new FormData();
  form.set('file', new Blob(['[]'], { type: 'application/json' }), 'import.json');
  return form;
}
