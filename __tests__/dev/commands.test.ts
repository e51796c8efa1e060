import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

import { expect, it } from '@jest/globals';

import { root } from '../../dev/scripts/documents.ts';
import { scenarios } from '../../dev/simulator/scenarios.ts';
import { upload, v1 } from './simulator/support.ts';

const script = (command: string) => `${root}dev/${command}/main.ts`;
const run = (command: string, args: readonly string[]) =>
  spawnSync(process.execPath, [script(command), ...args], { encoding: 'utf8' });

it.each(['simulator', 'demo'])('npm run %s lists the scenarios', (command) => {
  const { stdout, status } = run(command, ['--list']);
  expect([status, stdout.match(/^\S+/gm)]).toEqual([0, Object.keys(scenarios)]);
});

it.each([
  ['simulator', ['--port', '99999'], '--port cannot be "99999"'],
  ['simulator', ['--port', ''], '--port cannot be ""'],
  ['simulator', ['--speed', '0'], '--speed cannot be "0"'],
  ['simulator', ['--scenario', 'nonsense'], 'no scenario "nonsense"'],
  ['simulator', ['--sped', '1'], "Unknown option '--sped'"],
  ['demo', ['--jobs', '0'], '--jobs cannot be "0"'],
  ['demo', ['--scenario', 'nonsense'], 'no scenario "nonsense"'],
  ['demo', ['--bogus', '1'], "Unknown option '--bogus'"],
])('npm run %s rejects %j, and says what it accepts', (command, args, message) => {
  const { stdout, stderr, status } = run(command, args);
  expect([status, stdout]).toEqual([1, '']);
  expect(stderr).toContain(message);
  expect(stderr).toContain(`npm run ${command} -- [`);
  expect(stderr).not.toContain('    at ');
});

/** On Windows `kill` ends a process without a signal. */
const onUnix = process.platform === 'win32' ? it.skip : it;

onUnix.each(['SIGINT', 'SIGTERM'] as const)('npm run simulator serves the printed URL until %s', async (signal) => {
  const child = spawn(process.execPath, [script('simulator'), '--port', '0']);
  const [printed] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
  const url = /http:\S+/.exec(printed)?.[0] ?? '';
  const headers = { authorization: /Bearer [\w-]+/.exec(printed)?.[0] ?? '' };
  const submitted = await fetch(`${url}/rest/2.0/import/json-job`, { method: 'POST', body: upload(), headers });
  const { id } = (await submitted.json()) as { id: string };
  expect((await fetch(`${url}${v1(id)}`, { headers })).status).toBe(200);
  child.kill(signal);
  expect(await once(child, 'close')).toEqual([0, null]);
});
