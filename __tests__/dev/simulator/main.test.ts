import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from '@jest/globals';

import { scenarios } from '../../../dev/simulator/scenarios.ts';
import { upload, v1 } from './support.ts';

const script = fileURLToPath(new URL('../../../dev/simulator/main.ts', import.meta.url));

/** On Windows `kill` ends a process without a signal. */
const onUnix = process.platform === 'win32' ? it.skip : it;

function start(...args: string[]) {
  const child = spawn(process.execPath, [script, ...args]);
  const closed = once(child, 'close') as Promise<[number | null, string | null]>;
  return { child, closed };
}

async function output(...args: string[]) {
  const { child, closed } = start(...args);
  const [stdout, stderr, [exitCode]] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
  return { stdout, stderr, exitCode };
}

describe('npm run simulator', () => {
  onUnix.each(['SIGINT', 'SIGTERM'] as const)('serves the printed URL until %s, and exits with 0', async (signal) => {
    const { child, closed } = start('--port', '0', '--speed', '100', '--scenario', 'aborted');
    const [printed] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
    const url = /http:\S+/.exec(printed)?.[0] ?? '';
    const headers = { authorization: /Bearer [\w-]+/.exec(printed)?.[0] ?? '' };
    const request = { method: 'POST', body: upload(), headers };
    const { id } = (await (await fetch(`${url}/rest/2.0/import/json-job`, request)).json()) as { id: string };
    expect((await fetch(`${url}${v1(id)}`, { headers })).status).toBe(200);
    child.kill(signal);
    expect(await closed).toEqual([0, null]);
  });

  it('lists the scenarios', async () => {
    const { stdout, exitCode } = await output('--list');
    expect(exitCode).toBe(0);
    const names = [...stdout.matchAll(/^\S+/gm)].map(([name]) => name);
    expect(names).toEqual(Object.keys(scenarios));
  });

  it.each([
    [['--port', '99999'], '--port cannot be "99999"'],
    [['--port', ''], '--port cannot be ""'],
    [['--speed', '0'], '--speed cannot be "0"'],
    [['--scenario', 'nonsense'], 'no scenario "nonsense"'],
    [['--sped', '1'], "Unknown option '--sped'"],
  ])('rejects %j', async (args, message) => {
    const { stdout, stderr, exitCode } = await output(...args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).toContain('npm run simulator --');
    expect(stderr).not.toContain('    at ');
  });
});
