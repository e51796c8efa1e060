import { describe, expect, it } from '@jest/globals';

import { type Life, running } from '../../../dev/simulator/simulator.ts';
import { basic, START, stage } from './support.ts';

const v1 = (id: string) => `/rest/jobs/v1/jobs/${id}`;
const core = (id: string) => `/rest/2.0/jobs/${id}`;

const life: Life = {
  steps: [
    { atMs: 1000, state: 'RUNNING', progress: 0 },
    { atMs: 2000, state: 'RUNNING', progress: 33.7, message: 'a third' },
    { atMs: 4000, state: 'FAILED', result: 'FAILURE' },
  ],
};

describe('a life', () => {
  it('goes by as its steps say, the same in both APIs', async () => {
    const on = await stage();
    const id = on.simulator.addJob({ life });
    expect(await on.get(v1(id))).toMatchObject({ state: 'WAITING', result: 'NOT_SET' });
    expect(await on.get(v1(id))).not.toHaveProperty('startDate');
    on.advance(2000);
    expect(await on.get(v1(id))).toMatchObject({
      state: 'RUNNING',
      progressPercentage: 33,
      message: 'a third',
      createdOn: '2026-11-02T08:00:00.000Z',
      startDate: '2026-11-02T08:00:01.000Z',
    });
    expect(await on.get(core(id))).toMatchObject({
      state: 'RUNNING',
      progressPercentage: 33.7,
      cancelable: true,
    });
    on.advance(1999);
    expect(await on.get(v1(id))).not.toHaveProperty('endDate');
    on.advance(1);
    expect(await on.get(v1(id))).toMatchObject({
      state: 'FAILED',
      result: 'FAILURE',
      message: 'a third',
      endDate: '2026-11-02T08:00:04.000Z',
    });
    expect(await on.get(core(id))).toMatchObject({
      resourceType: 'Job',
      state: 'ERROR',
      result: 'FAILURE',
      cancelable: false,
      startDate: START + 1000,
      endDate: START + 4000,
    });
  });

  it('runs faster at a higher speed', async () => {
    const on = await stage({ speed: 10 });
    const id = on.simulator.addJob({ life });
    on.advance(399);
    expect(await on.get(v1(id))).toMatchObject({ state: 'RUNNING' });
    on.advance(1);
    expect(await on.get(v1(id))).toMatchObject({ state: 'FAILED', endDate: '2026-11-02T08:00:00.400Z' });
  });

  it('sends states as they are when it is verbatim', async () => {
    const on = await stage();
    const steps = [{ atMs: 0, state: 'DELETED', result: 'SUCCESS' }];
    expect(await on.get(core(on.simulator.addJob({ life: { steps } })))).toMatchObject({ state: 'CANCELED' });
    const verbatim = on.simulator.addJob({ life: { steps, verbatim: true } });
    expect(await on.get(core(verbatim))).toMatchObject({ state: 'DELETED', result: 'SUCCESS' });
    const canceling = { steps: [{ atMs: 0, state: 'CANCELING' }] };
    expect(await on.get(v1(on.simulator.addJob({ life: canceling })))).toMatchObject({ state: 'RUNNING' });
    expect(await on.get(core(on.simulator.addJob({ life: canceling })))).toMatchObject({
      state: 'CANCELING',
    });
  });

  it('changes and leaves out fields, and ends where a step says so', async () => {
    const on = await stage();
    const steps = [{ atMs: 0, state: 'ODD', ends: true, fields: { name: 7 }, omit: ['result', 'user'] }];
    const job = await on.get(v1(on.simulator.addJob({ life: { steps } })));
    expect(job).toMatchObject({ state: 'ODD', name: 7, endDate: '2026-11-02T08:00:00.000Z' });
    expect(job).not.toHaveProperty('result');
    expect(job).not.toHaveProperty('user');
  });

  it('grows evenly while it is running', () => {
    expect(running(1000, 2000, 0, 3)).toEqual([
      { atMs: 1000, state: 'RUNNING', progress: 0 },
      { atMs: 1250, state: 'RUNNING', progress: 1 },
      { atMs: 1500, state: 'RUNNING', progress: 2 },
      { atMs: 1750, state: 'RUNNING', progress: 3 },
    ]);
  });
});

describe('a job', () => {
  it('is known by its id in any case, and answers in lower case', async () => {
    const on = await stage();
    const id = on.simulator.addJob({ id: 'ABCDEF01-2345-4789-8BCD-EF0123456789' });
    expect(id).toBe('abcdef01-2345-4789-8bcd-ef0123456789');
    expect(await on.get(v1(id.toUpperCase()))).toMatchObject({ id });
    expect(await on.get(core(id.toUpperCase()))).toMatchObject({ id });
  });

  it('may be known to one API only, and appear late', async () => {
    const on = await stage();
    const id = on.simulator.addJob({ knownTo: ['core-2.0'], appearsInMs: 1000 });
    expect((await on.send('GET', core(id))).status).toBe(404);
    on.advance(1000);
    expect((await on.send('GET', core(id))).status).toBe(200);
    expect((await on.send('GET', v1(id))).status).toBe(404);
  });

  it('is as old as one likes', async () => {
    const on = await stage();
    const id = on.simulator.addJob({ createdAgoMs: 86_400_000, name: 'Yesterday', type: 'OTHER' });
    expect(await on.get(v1(id))).toMatchObject({
      name: 'Yesterday',
      type: 'OTHER',
      state: 'COMPLETED',
      createdOn: '2026-11-01T08:00:00.000Z',
    });
  });

  it('shows the time of a server whose clock is wrong', async () => {
    const on = await stage({ clockSkewMs: -3_600_000 });
    const answer = await on.send('GET', v1(on.simulator.addJob()));
    expect(answer.headers.get('date')).toBe('Mon, 02 Nov 2026 07:00:00 GMT');
    expect(await answer.json()).toMatchObject({ createdOn: '2026-11-02T07:00:00.000Z' });
  });

  it('is not there where its API is not served', async () => {
    const on = await stage({ apis: ['core-2.0'] });
    const id = on.simulator.addJob();
    const answer = await on.send('GET', v1(id));
    expect([answer.status, answer.headers.get('content-type')]).toEqual([404, 'text/plain']);
    expect(await on.get(core(id))).toMatchObject({ id });
  });

  it('is served under the path prefix alone', async () => {
    const on = await stage({ pathPrefix: '/collibra' });
    const id = on.simulator.addJob();
    expect(await on.get(v1(id))).toMatchObject({ id });
    const outside = await fetch(`http://127.0.0.1:${on.simulator.port}${v1(id)}`);
    expect(outside.status).toBe(404);
    expect(on.simulator.requests.map(({ path }) => path)).toEqual([v1(id), v1(id)]);
  });

  it('is listed by the Core API in pages', async () => {
    const on = await stage();
    const ids = [3, 2, 1].map((age) => on.simulator.addJob({ createdAgoMs: age }));
    expect(await on.get('/rest/2.0/jobs?offset=1&limit=1')).toMatchObject({
      total: 3,
      offset: 1,
      limit: 1,
      results: [{ id: ids[1] }],
    });
    expect(await on.get('/rest/2.0/jobs')).toMatchObject({ total: 3, limit: 1000 });
  });
});

describe('deleting a job', () => {
  const remove = {
    v1: (id: string, message: string) =>
      ['DELETE', `${v1(id)}?message=${encodeURIComponent(message)}`, ''] as const,
    core: (id: string, message: string) =>
      ['POST', `${core(id)}/canceled`, JSON.stringify({ message })] as const,
  };

  it.each(['v1', 'core'] as const)('ends it, through %s', async (api) => {
    const on = await stage();
    const id = on.simulator.addJob({ life });
    on.advance(3000);
    const [method, path, body] = remove[api](id, 'x'.repeat(128));
    expect((await on.send(method, path, { body })).ok).toBe(true);
    on.advance(60_000);
    expect(await on.get(v1(id))).toMatchObject({
      state: 'DELETED',
      message: 'x'.repeat(128),
      endDate: '2026-11-02T08:00:03.000Z',
    });
    expect(await on.get(core(id))).toMatchObject({ state: 'CANCELED' });
  });

  it.each(['v1', 'core'] as const)('is refused for a longer message, through %s', async (api) => {
    const on = await stage();
    const id = on.simulator.addJob({ life });
    const [method, path, body] = remove[api](id, 'x'.repeat(129));
    expect((await on.send(method, path, { body })).status).toBe(400);
    expect(await on.get(v1(id))).toMatchObject({ state: 'WAITING' });
  });

  it.each(['v1', 'core'] as const)('of somebody else is for administrators, through %s', async (api) => {
    const on = await stage({ users: { one: 'first-password', admin: 'second-password' } });
    const id = on.simulator.addJob({ life, user: 'two' });
    const [method, path, body] = remove[api](id, 'why');
    const as = async (name: string, password: string) =>
      (await on.send(method, path, { body, headers: basic(name, password) })).status;
    expect(await as('one', 'first-password')).toBe(403);
    expect(await as('admin', 'second-password')).toBeLessThan(300);
  });

  it('needs no message', async () => {
    const on = await stage();
    const ids = [on.simulator.addJob({ life }), on.simulator.addJob({ life })] as const;
    await on.send('DELETE', v1(ids[0]));
    await on.send('POST', `${core(ids[1])}/canceled`);
    for (const id of ids) expect(await on.get(v1(id))).toMatchObject({ message: 'Deleted by user' });
  });

  it('refuses a body that is not JSON', async () => {
    const on = await stage();
    const answer = await on.send('POST', `${core(on.simulator.addJob({ life }))}/canceled`, { body: '{' });
    expect(answer.status).toBe(400);
  });
});
