import { expect, it } from '@jest/globals';

import type { Life } from '../../../dev/simulator/simulator.ts';
import { core, START, startServer, v1 } from './support.ts';

const life: Life = {
  steps: [
    { atMs: 1000, state: 'RUNNING', progress: 0 },
    { atMs: 2000, state: 'RUNNING', progress: 33.7, message: 'a third' },
    { atMs: 4000, state: 'FAILED', result: 'FAILURE' },
  ],
};

it('a job follows its steps, in the vocabulary of each API', async () => {
  const { simulator, advance, get } = await startServer();
  const id = simulator.addJob({ life });
  expect(await get(v1(id))).toMatchObject({ state: 'WAITING', result: 'NOT_SET' });
  expect(await get(v1(id))).not.toHaveProperty('startDate');
  advance(3999);
  const running = { state: 'RUNNING', message: 'a third' };
  const dates = { createdOn: '2026-11-02T08:00:00.000Z', startDate: '2026-11-02T08:00:01.000Z' };
  expect(await get(v1(id))).toMatchObject({ ...running, ...dates, progressPercentage: 33 });
  expect(await get(core(id))).toMatchObject({ ...running, progressPercentage: 33.7, cancelable: true });
  expect(await get(v1(id))).not.toHaveProperty('endDate');
  advance(1);
  const failed = { result: 'FAILURE', message: 'a third' };
  expect(await get(v1(id))).toMatchObject({ ...failed, state: 'FAILED', endDate: '2026-11-02T08:00:04.000Z' });
  const inCore = { state: 'ERROR', cancelable: false, startDate: START + 1000, endDate: START + 4000 };
  expect(await get(core(id))).toMatchObject({ ...failed, ...inCore });
});

it.each([
  ['DELETE', v1],
  ['POST', (id: string) => `${core(id)}/canceled`],
])('%s deletes an unfinished job, with a message of at most 128 characters or none', async (method, path) => {
  const { simulator, advance, send, get } = await startServer();
  const [running, silent] = [simulator.addJob({ life }), simulator.addJob({ life })];
  const finished = simulator.addJob({ life, createdAgoMs: 10_000 });
  const remove = async (id: string, message: string) => {
    const isInQuery = method === 'DELETE';
    const init = isInQuery ? {} : { body: JSON.stringify({ message }) };
    return (await send(method, `${path(id)}${isInQuery ? `?message=${message}` : ''}`, init)).ok;
  };
  for (const body of ['{', '[]', 'null', '{"message":1}'])
    expect((await send(method, path(running), { body })).status).toBe(400);
  expect(await remove(running, 'x'.repeat(129))).toBe(false);
  advance(3000);
  expect(await get(v1(running))).toMatchObject({ state: 'RUNNING' });
  const message = 'x'.repeat(128);
  expect([await remove(running, message), await remove(finished, 'why')]).toEqual([true, true]);
  expect((await send(method, path(silent))).ok).toBe(true);
  advance(60_000);
  expect(await get(v1(running))).toMatchObject({ state: 'DELETED', message, endDate: '2026-11-02T08:00:03.000Z' });
  expect(await get(v1(silent))).toMatchObject({ state: 'DELETED', message: 'Deleted by user' });
  expect(await get(v1(finished))).toMatchObject({ state: 'FAILED', message: 'a third' });
});
