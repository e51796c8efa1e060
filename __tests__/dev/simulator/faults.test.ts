import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';

import { describe, expect, it } from '@jest/globals';

import type { Fault, FaultRule } from '../../../dev/simulator/simulator.ts';
import { bearer, START, stage, type Stage } from './support.ts';

const succeeded = [{ atMs: 0, state: 'COMPLETED', result: 'SUCCESS' }];

/** What a client sees of one look at a job. */
type Seen = {
  readonly status?: number;
  readonly headers?: IncomingMessage['headers'];
  readonly body: string;
  /** How it ended: well, with an error before or after the headers, or not within the time. */
  readonly end: string;
};

/** Looks at a job, and gives up after some time without an end. */
async function look(on: Stage, id: string, patienceMs = 5000): Promise<Seen> {
  const outgoing = request(`${on.simulator.url}/rest/jobs/v1/jobs/${id}`, { headers: bearer });
  const quiet = AbortSignal.timeout(patienceMs);
  outgoing.on('error', () => undefined).end();
  let body = '';
  let answer: IncomingMessage | undefined;
  try {
    [answer] = (await once(outgoing, 'response', { signal: quiet })) as [IncomingMessage];
    answer.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    await once(answer, 'end', { signal: quiet });
    return { status: answer.statusCode ?? 0, headers: answer.headers, body, end: 'well' };
  } catch (error) {
    const { code, name } = error as NodeJS.ErrnoException;
    const seen = answer && { status: answer.statusCode ?? 0, headers: answer.headers };
    return { ...seen, body, end: quiet.aborted ? 'never' : (code ?? name) };
  } finally {
    outgoing.destroy();
  }
}

async function lookAt(fault: Fault): Promise<Seen & { on: Stage; id: string }> {
  const on = await stage();
  const id = on.simulator.addJob({ life: { steps: succeeded } });
  on.simulator.failNext('job', fault);
  const endless = ['hang', 'stall', 'drip'].includes(fault.kind);
  return { ...(await look(on, id, endless ? 500 : 5000)), on, id };
}

describe('a fault of the answer', () => {
  it('is a status with an error body', async () => {
    const seen = await lookAt({ kind: 'status', status: 500 });
    expect(seen.status).toBe(500);
    expect(JSON.parse(seen.body)).toMatchObject({ statusCode: 500, errorCode: 'simulatedFault' });
  });

  it.each([
    ['text', 'text/plain', 'no healthy upstream'],
    ['html', 'text/html; charset=utf-8', '<!DOCTYPE html>'],
  ] as const)('is a status with a body of %s', async (body, type, text) => {
    const seen = await lookAt({ kind: 'status', status: 503, body });
    expect(seen).toMatchObject({ status: 503, headers: { 'content-type': type } });
    expect(seen.body).toContain(text);
  });

  it('is a Retry-After of both forms, and any header', async () => {
    const retryAfter = { seconds: 30, as: 'seconds' } as const;
    const one = await lookAt({ kind: 'status', status: 429, retryAfter, headers: { 'x-why': 'busy' } });
    expect(one.headers).toMatchObject({ 'retry-after': '30', 'x-why': 'busy' });
    const other = await lookAt({ kind: 'status', status: 429, retryAfter: { seconds: 30, as: 'date' } });
    expect(other.headers?.['retry-after']).toBe(new Date(START + 30_000).toUTCString());
  });

  it('is a login page', async () => {
    expect(await lookAt({ kind: 'html-200' })).toMatchObject({
      status: 200,
      body: expect.stringContaining('Sign in'),
    });
  });

  it('is half of the JSON', async () => {
    const seen = await lookAt({ kind: 'truncated-json' });
    expect(seen).toMatchObject({ status: 200, end: 'well' });
    expect(() => JSON.parse(seen.body) as unknown).toThrow(SyntaxError);
  });

  it.each([[[]], ['text'], [null], [{ id: 5 }]])('is the wrong type %j', async (body) => {
    expect(JSON.parse((await lookAt({ kind: 'wrong-type', body })).body)).toEqual(body);
  });

  it('is another job', async () => {
    const { body, id } = await lookAt({ kind: 'other-job' });
    expect(JSON.parse(body)).toMatchObject({
      id: expect.not.stringMatching(id),
      result: 'SUCCESS',
      type: 'IMPORT',
    });
  });

  it('is a redirect', async () => {
    const seen = await lookAt({ kind: 'redirect', location: 'https://elsewhere.example/' });
    expect(seen).toMatchObject({ status: 302, headers: { location: 'https://elsewhere.example/' } });
  });

  it('is a huge message', async () => {
    const job = JSON.parse((await lookAt({ kind: 'huge', megabytes: 3 })).body) as { message: string };
    expect(job.message.length).toBe(3 * 1024 * 1024);
  });
});

describe('a fault of the connection', () => {
  it.each([
    ['reset', { kind: 'reset' }, 'ECONNRESET'],
    ['garbage', { kind: 'garbage' }, 'HPE_INVALID_CONSTANT'],
    ['hang', { kind: 'hang' }, 'never'],
  ] as const)('shows no status: %s', async (_, fault, end) => {
    expect(await lookAt(fault)).toMatchObject({ body: '', end });
  });

  it('breaks off or stalls after half of the body', async () => {
    for (const [kind, end] of [
      ['break-off', 'ECONNRESET'],
      ['stall', 'never'],
    ] as const) {
      const seen = await lookAt({ kind });
      expect(seen).toMatchObject({ status: 200, end });
      expect(seen.body.length).toBe(Math.floor(Number(seen.headers?.['content-length']) / 2));
    }
  });

  it.each([
    ['break-off', 'TypeError', 5000],
    ['stall', 'TimeoutError', 300],
  ] as const)('hits answers without a body too: %s', async (kind, name, patienceMs) => {
    const on = await stage();
    const path = `/rest/jobs/v1/jobs/${on.simulator.addJob({ scenario: 'stuck' })}`;
    on.simulator.failNext('delete', { kind });
    const answer = on.send('DELETE', path, { signal: AbortSignal.timeout(patienceMs) });
    await expect(answer).rejects.toMatchObject({ name });
  });

  it('drips without an end', async () => {
    const seen = await lookAt({ kind: 'drip', everyMs: 10 });
    expect(seen).toMatchObject({ status: 200, end: 'never' });
    expect('{"id":"'.startsWith(seen.body.slice(0, 7))).toBe(true);
    expect(seen.body.length).toBeGreaterThan(2);
  });

  it('delays the right answer', async () => {
    const began = performance.now();
    expect(await lookAt({ kind: 'delay', ms: 100 })).toMatchObject({ status: 200, end: 'well' });
    expect(performance.now() - began).toBeGreaterThanOrEqual(99);
  });

  it('refuses connections for a while', async () => {
    const { on, id, end } = await lookAt({ kind: 'refuse', forMs: 500 });
    expect(end).toBe('ECONNRESET');
    expect(await look(on, id)).toMatchObject({ end: 'ECONNREFUSED' });
    let seen = await look(on, id);
    for (let tries = 0; seen.end === 'ECONNREFUSED' && tries < 100; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      seen = await look(on, id);
    }
    expect(seen.status).toBe(200);
  });
});

describe('the time of a fault', () => {
  const unwell: Fault = { kind: 'status', status: 503 };

  async function statuses(
    rules: Omit<FaultRule, 'on' | 'fault'>,
    ages: readonly number[],
  ): Promise<number[]> {
    const on = await stage();
    const faults = [{ on: 'job', fault: unwell, ...rules } as const];
    const id = on.simulator.addJob({ life: { steps: succeeded, faults } });
    const seen: number[] = [];
    for (const [index, age] of ages.entries()) {
      on.advance(age - (ages[index - 1] ?? 0));
      seen.push((await on.send('GET', `/rest/jobs/v1/jobs/${id}`)).status);
    }
    return seen;
  }

  it.each([
    ['always', {}, [503, 503, 503, 503]],
    ['by number', { from: 2, to: 3 }, [200, 503, 503, 200]],
    ['from a number on', { from: 3 }, [200, 200, 503, 503]],
    ['in a window of time', { fromMs: 100, toMs: 300 }, [200, 503, 503, 200]],
    ['by both', { from: 3, toMs: 300 }, [200, 200, 503, 200]],
  ])('is chosen %s', async (_, rules, expected) => {
    expect(await statuses(rules, [0, 100, 299, 300])).toEqual(expected);
  });

  it('is counted for each job and each group of routes', async () => {
    const on = await stage();
    const life = { steps: succeeded, faults: [{ on: 'job', fault: unwell, to: 1 }] } as const;
    const [one, other] = [on.simulator.addJob({ life }), on.simulator.addJob({ life })];
    const status = async (path: string) => (await on.send('GET', path)).status;
    expect(await status('/rest/jobs/v1/jobs')).toBe(200);
    expect(await status(`/rest/2.0/import/results/${one}/summary`)).toBe(404);
    expect(await status(`/rest/jobs/v1/jobs/${one}`)).toBe(503);
    expect(await status(`/rest/2.0/jobs/${one}`)).toBe(200);
    expect(await status(`/rest/jobs/v1/jobs/${other}`)).toBe(503);
  });

  it('can be set for all jobs', async () => {
    const on = await stage();
    on.simulator.faults.push({ on: 'find', fault: unwell, from: 2, to: 2 });
    const status = async () => (await on.send('GET', '/rest/jobs/v1/jobs')).status;
    expect([await status(), await status(), await status()]).toEqual([200, 503, 200]);
    on.simulator.failNext('find', unwell, 2);
    expect([await status(), await status(), await status()]).toEqual([503, 503, 200]);
  });

  it.each([
    ['submit', 'POST', '/rest/2.0/import/json-job'],
    ['submit', 'POST', '/rest/2.0/import/synchronize/x/finalize/job'],
    ['token', 'POST', '/rest/oauth/v2/token'],
    ['find', 'GET', '/rest/2.0/jobs'],
    ['results', 'GET', '/rest/2.0/import/results/00000000-0000-4000-8000-000000000000/errors'],
    ['delete', 'DELETE', '/rest/jobs/v1/jobs/00000000-0000-4000-8000-000000000000'],
    ['delete', 'POST', '/rest/2.0/jobs/00000000-0000-4000-8000-000000000000/canceled'],
  ] as const)('can hit the group %s: %s %s', async (group, method, path) => {
    const on = await stage();
    on.simulator.failNext(group, { kind: 'status', status: 418 });
    expect((await on.send(method, path)).status).toBe(418);
  });

  it('keeps a request from Collibra when the answer is not its own', async () => {
    const on = await stage();
    const id = on.simulator.addJob({ scenario: 'stuck' });
    const path = `/rest/jobs/v1/jobs/${id}`;
    on.simulator.failNext('delete', unwell);
    await on.send('DELETE', path);
    expect(await on.get(path)).toMatchObject({ state: 'WAITING' });
    on.simulator.failNext('delete', { kind: 'delay', ms: 1 });
    await on.send('DELETE', path);
    expect(await on.get(path)).toMatchObject({ state: 'DELETED' });
  });
});

describe('the log', () => {
  it('holds every request and counts connections', async () => {
    const on = await stage({ authentication: false });
    const id = on.simulator.addJob();
    on.advance(5);
    on.simulator.failNext('job', { kind: 'delay', ms: 50 }, 3);
    await Promise.all([1, 2, 3].map(() => on.send('GET', `/rest/jobs/v1/jobs/${id}?x=1&x=2`)));
    expect(on.simulator.peakInFlight).toBe(3);
    expect(on.simulator.connections).toMatchObject({ opened: 3, peak: 3 });
    await on.send('POST', '/rest/oauth/v2/token', { body: 'grant_type=x', headers: { 'X-Test': 'yes' } });
    const [first, second, third, last] = on.simulator.requests;
    expect(new Set([first, second, third].map((logged) => logged?.connection)).size).toBe(3);
    expect(first).toMatchObject({
      method: 'GET',
      path: `/rest/jobs/v1/jobs/${id}`,
      at: START + 5,
      status: 200,
    });
    expect(first?.query.getAll('x')).toEqual(['1', '2']);
    expect(last).toMatchObject({
      method: 'POST',
      headers: { 'x-test': 'yes' },
      body: 'grant_type=x',
      status: 400,
    });
  });

  it('shows no status for a request that was never answered', async () => {
    const { on } = await lookAt({ kind: 'hang' });
    expect(on.simulator.requests).toHaveLength(1);
    expect(on.simulator.requests[0]).not.toHaveProperty('status');
  });
});
