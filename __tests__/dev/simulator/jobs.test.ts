import { describe, expect, it } from '@jest/globals';

import type { Life } from '../../../dev/simulator/simulator.ts';
import { basic, core, START, startServer, v1 } from './support.ts';

const life: Life = {
  steps: [
    { atMs: 1000, state: 'RUNNING', progress: 0 },
    { atMs: 2000, state: 'RUNNING', progress: 33.7, message: 'a third' },
    { atMs: 4000, state: 'FAILED', result: 'FAILURE' },
  ],
};

describe('the lifecycle of a job', () => {
  it('follows its steps, in the vocabulary of each API', async () => {
    const { simulator, advance, get } = await startServer();
    const id = simulator.addJob({ life });
    expect(await get(v1(id))).toMatchObject({ state: 'WAITING', result: 'NOT_SET' });
    expect(await get(v1(id))).not.toHaveProperty('startDate');
    advance(2000);
    const dates = { createdOn: '2026-11-02T08:00:00.000Z', startDate: '2026-11-02T08:00:01.000Z' };
    const running = { state: 'RUNNING', progressPercentage: 33, message: 'a third' };
    expect(await get(v1(id))).toMatchObject({ ...running, ...dates });
    const runningInCore = { state: 'RUNNING', progressPercentage: 33.7, cancelable: true, visibility: 1 };
    expect(await get(core(id))).toMatchObject(runningInCore);
    advance(1999);
    expect(await get(v1(id))).not.toHaveProperty('endDate');
    advance(1);
    const failed = { result: 'FAILURE', message: 'a third' };
    expect(await get(v1(id))).toMatchObject({ ...failed, state: 'FAILED', endDate: '2026-11-02T08:00:04.000Z' });
    const inCore = { resourceType: 'Job', cancelable: false, startDate: START + 1000, endDate: START + 4000 };
    expect(await get(core(id))).toMatchObject({ ...failed, ...inCore, state: 'ERROR' });
  });

  it('is faster at a higher speed', async () => {
    const { simulator, advance, get } = await startServer({ speed: 10 });
    const id = simulator.addJob({ life });
    advance(399);
    expect(await get(v1(id))).toMatchObject({ state: 'RUNNING' });
    advance(1);
    expect(await get(v1(id))).toMatchObject({ state: 'FAILED', endDate: '2026-11-02T08:00:00.400Z' });
  });

  it.each([
    ['DELETED', {}, 'DELETED', 'CANCELED'],
    ['DELETED', { verbatim: true }, 'DELETED', 'DELETED'],
    ['CANCELING', {}, 'RUNNING', 'CANCELING'],
  ])('shows %s with %j as %s and %s', async (state, options, v1State, coreState) => {
    const { simulator, get } = await startServer();
    const id = simulator.addJob({ life: { steps: [{ atMs: 0, state }], ...options } });
    expect([(await get(v1(id)))['state'], (await get(core(id)))['state']]).toEqual([v1State, coreState]);
  });

  it('can override and omit fields, and end in any state', async () => {
    const { simulator, get } = await startServer();
    const steps = [{ atMs: 0, state: 'ODD', ends: true, fields: { name: 7 }, omit: ['result', 'user'] }];
    const job = await get(v1(simulator.addJob({ life: { steps } })));
    expect(job).toMatchObject({ state: 'ODD', name: 7, endDate: '2026-11-02T08:00:00.000Z' });
    for (const name of ['result', 'user']) expect(job).not.toHaveProperty(name);
  });
});

describe('a job', () => {
  it('is found by its ID in any case, and shows it in lower case', async () => {
    const { simulator, get } = await startServer();
    const id = simulator.addJob({ id: 'ABCDEF01-2345-4789-8BCD-EF0123456789' });
    expect(id).toBe('abcdef01-2345-4789-8bcd-ef0123456789');
    for (const path of [v1, core]) expect(await get(path(id.toUpperCase()))).toMatchObject({ id });
  });

  it('can be created later, and be known to one API only', async () => {
    const { simulator, advance, status } = await startServer();
    const id = simulator.addJob({ knownTo: ['core-2.0'], appearsInMs: 1000 });
    expect(await status(core(id))).toBe(404);
    advance(1000);
    expect([await status(core(id)), await status(v1(id))]).toEqual([200, 404]);
  });

  it('can have been created earlier', async () => {
    const { simulator, get } = await startServer();
    const job = { name: 'Yesterday', type: 'OTHER' };
    const seen = await get(v1(simulator.addJob({ createdAgoMs: 86_400_000, ...job })));
    expect(seen).toMatchObject({ ...job, state: 'COMPLETED', createdOn: '2026-11-01T08:00:00.000Z' });
  });

  it("shows the time of a server's wrong clock", async () => {
    const { simulator, send } = await startServer({ clockSkewMs: -3_600_000 });
    const response = await send('GET', v1(simulator.addJob()));
    expect(response.headers.get('date')).toBe('Mon, 02 Nov 2026 07:00:00 GMT');
    expect(await response.json()).toMatchObject({ createdOn: '2026-11-02T07:00:00.000Z' });
  });

  it('is unknown to an API that is not served, as to a gateway', async () => {
    const { simulator, send, get } = await startServer({ apis: ['core-2.0'] });
    const id = simulator.addJob();
    const response = await send('GET', v1(id));
    expect([response.status, response.headers.get('content-type')]).toEqual([404, 'text/plain']);
    expect(await get(core(id))).toMatchObject({ id });
  });

  it('is served below the path prefix only', async () => {
    const { simulator, get } = await startServer({ pathPrefix: '/collibra' });
    const id = simulator.addJob();
    expect(await get(v1(id))).toMatchObject({ id });
    const outside = await fetch(`http://127.0.0.1:${simulator.port}${v1(id)}`);
    expect(outside.status).toBe(404);
    expect(simulator.requests.map(({ path }) => path)).toEqual([v1(id), v1(id)]);
  });

  it('is listed by the Core API in pages', async () => {
    const { simulator, get } = await startServer();
    const ids = [3, 2, 1].map((age) => simulator.addJob({ createdAgoMs: age }));
    const page = { total: 3, offset: 1, limit: 1, results: [{ id: ids[1] }] };
    expect(await get('/rest/2.0/jobs?offset=1&limit=1')).toMatchObject(page);
    expect(await get('/rest/2.0/jobs')).toMatchObject({ total: 3, limit: 1000 });
  });

  it('rejects other methods and lists those that it allows', async () => {
    const { simulator, send } = await startServer();
    const response = await send('PATCH', v1(simulator.addJob()));
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, DELETE']);
  });
});

describe.each([
  ['DELETE', v1],
  ['POST', (id: string) => `${core(id)}/canceled`],
])('deleting a job with %s', (method, path) => {
  const request = (id: string, message: string): [string, string, RequestInit] =>
    method === 'DELETE'
      ? [method, `${path(id)}?message=${message}`, {}]
      : [method, path(id), { body: JSON.stringify({ message }) }];

  it('finishes it', async () => {
    const { simulator, advance, send, get } = await startServer();
    const id = simulator.addJob({ life });
    advance(3000);
    const message = 'x'.repeat(128);
    expect((await send(...request(id, message))).ok).toBe(true);
    advance(60_000);
    expect(await get(v1(id))).toMatchObject({ state: 'DELETED', message, endDate: '2026-11-02T08:00:03.000Z' });
    expect(await get(core(id))).toMatchObject({ state: 'CANCELED' });
  });

  it('changes nothing if it is finished', async () => {
    const { simulator, send, get } = await startServer();
    const id = simulator.addJob({ life, createdAgoMs: 10_000 });
    expect((await send(...request(id, 'why'))).ok).toBe(true);
    expect(await get(v1(id))).toMatchObject({ state: 'FAILED', message: 'a third' });
  });

  it('accepts no message, or one of at most 128 characters in a JSON object', async () => {
    const { simulator, send, get } = await startServer();
    const id = simulator.addJob({ life });
    for (const body of ['{', '[]', 'null', '{"message":1}'])
      expect((await send(method, path(id), { body })).status).toBe(400);
    expect((await send(...request(id, 'x'.repeat(129)))).status).toBe(400);
    expect(await get(v1(id))).toMatchObject({ state: 'WAITING' });
    expect((await send(method, path(id))).ok).toBe(true);
    expect(await get(v1(id))).toMatchObject({ message: 'Deleted by user' });
  });

  it('of another user needs an administrator', async () => {
    const { simulator, send } = await startServer({ users: { one: 'first', admin: 'second' } });
    const [, target, init] = request(simulator.addJob({ life, user: 'two' }), 'why');
    const as = async (headers: Record<string, string>) => (await send(method, target, { ...init, headers })).status;
    expect(await as(basic('one', 'first'))).toBe(403);
    expect(await as(basic('admin', 'second'))).toBeLessThan(300);
  });
});
