import { afterEach } from '@jest/globals';

import type { Simulator, SimulatorOptions } from '../../../dev/simulator/simulator.ts';
import { defaultCredentials, startSimulator } from '../../../dev/simulator/simulator.ts';

/** The header with the first user's token. */
const bearer = { authorization: `Bearer ${defaultCredentials.tokens[0] ?? ''}` };

/** Returns the header of a user. */
export function basic(name: string, password: string): { authorization: string } {
  return { authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}` };
}

/** The ID of no job. */
export const unknown = '00000000-0000-4000-8000-000000000000';

export const v1 = (id: string) => `/rest/jobs/v1/jobs/${id}`;
export const core = (id: string) => `/rest/2.0/jobs/${id}`;

/** A simulator with a clock that only the test advances, and functions that send requests as the first user. */
export type TestServer = Awaited<ReturnType<typeof startServer>>;

/** The time at which the clock of every test server starts. */
export const START = Date.parse('2026-11-02T08:00:00.000Z');

const running: Simulator[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((simulator) => simulator.close()));
});

/** Starts a simulator that stops after the test. */
export async function startServer(options: SimulatorOptions = {}) {
  let now = START;
  const simulator = await startSimulator({ now: () => now, seed: 1, ...options });
  running.push(simulator);
  const send = (method: string, path: string, init: RequestInit = {}) =>
    fetch(`${simulator.url}${path}`, { method, headers: bearer, redirect: 'manual', ...init });
  return {
    simulator,
    advance: (ms: number) => void (now += ms),
    send,
    get: async (path: string) => (await (await send('GET', path)).json()) as Record<string, unknown>,
    status: async (path: string, init?: RequestInit) => (await send('GET', path, init)).status,
  };
}

/** Returns a multipart body with an import file. */
export function upload(): FormData {
  const form = new FormData();
  form.set('file', new Blob(['[]'], { type: 'application/json' }), 'import.json');
  return form;
}
