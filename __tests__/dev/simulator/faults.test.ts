import { describe, expect, it } from '@jest/globals';

import type { Fault, FaultRule } from '../../../dev/simulator/simulator.ts';
import { core, startServer, unknown, v1 } from './support.ts';

/* What the other kinds of faults send is proved by the tests of the transport and of dist, which name what they see. */

const steps = [{ atMs: 0, state: 'COMPLETED', result: 'SUCCESS' }];
const unavailable: Fault = { kind: 'status', status: 503 };

it('a fault can refuse connections for a time', async () => {
  const { simulator, status } = await startServer();
  const path = v1(simulator.addJob());
  const get = () => status(path).catch((error: unknown) => ((error as Error).cause as NodeJS.ErrnoException).code);
  simulator.failNext('job', { kind: 'refuse', forMs: 500 });
  expect(await get()).toMatch(/ECONNRESET|UND_ERR_SOCKET/);
  let received = await get();
  expect(received).toBe('ECONNREFUSED');
  for (let tries = 0; received === 'ECONNREFUSED' && tries < 100; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    received = await get();
  }
  expect(received).toBe(200);
});

it.each<[fault: Fault, part: RegExp]>([
  [{ kind: 'stall' }, /^{"id":"0{8}-.*[^}]$/],
  [{ kind: 'drip', everyMs: 50 }, /^{"i.{0,8}$/],
])('%j sends a part of the body, and then no end', async (fault, part) => {
  const { simulator, send } = await startServer();
  const path = v1(simulator.addJob({ id: unknown }));
  simulator.failNext('job', fault);
  const response = await send('GET', path, { signal: AbortSignal.timeout(500) });
  expect(response.status).toBe(200);
  let body = '';
  const readAll = async () => {
    for await (const bytes of response.body ?? []) body += Buffer.from(bytes).toString();
  };
  await expect(readAll()).rejects.toMatchObject({ name: 'TimeoutError' });
  expect(body).toMatch(part);
});

describe('a rule for faults', () => {
  it.each<[string, Omit<FaultRule, 'on' | 'fault'>, number[]]>([
    ['every request', {}, [503, 503, 503, 503]],
    ['some requests', { from: 2, to: 3 }, [200, 503, 503, 200]],
    ['all requests from one on', { from: 3 }, [200, 200, 503, 503]],
    ['a period', { fromMs: 100, toMs: 300 }, [200, 503, 503, 200]],
    ['requests in a period', { from: 3, toMs: 300 }, [200, 200, 503, 200]],
  ])('can apply to %s', async (_, bounds, expected) => {
    const { simulator, advance, status } = await startServer();
    const id = simulator.addJob({ life: { steps, faults: [{ on: 'job', fault: unavailable, ...bounds }] } });
    for (const [index, passedMs] of [0, 100, 199, 1].entries()) {
      advance(passedMs);
      expect(await status(v1(id))).toBe(expected[index]);
    }
  });

  it('counts the requests of each job and each group of routes', async () => {
    const { simulator, status } = await startServer();
    const life = { steps, faults: [{ on: 'job', fault: unavailable, to: 1 }] } as const;
    const [one, other] = [simulator.addJob({ life }), simulator.addJob({ life })];
    const paths = ['/rest/jobs/v1/jobs', `/rest/2.0/import/results/${one}/summary`, v1(one), core(one), v1(other)];
    const expected = [200, 404, 503, 200, 503];
    for (const [index, path] of paths.entries()) expect(await status(path)).toBe(expected[index]);
  });

  it('lets a request take effect only if the fault sends its response', async () => {
    const { simulator, send, get } = await startServer();
    const path = v1(simulator.addJob({ scenario: 'stuck' }));
    simulator.failNext('delete', unavailable);
    await send('DELETE', path);
    expect(await get(path)).toMatchObject({ state: 'WAITING' });
    simulator.failNext('delete', { kind: 'delay', ms: 1 });
    await send('DELETE', path);
    expect(await get(path)).toMatchObject({ state: 'DELETED' });
  });
});
