import { describe, expect, it } from '@jest/globals';

import type { Credentials } from '../../../src/collibra/auth.ts';
import { CollibraClient, Requests } from '../../../src/collibra/http/requests.ts';
import { number, object } from '../../../src/collibra/schema.ts';
import type { HttpRequest } from '../../../src/collibra/http/transport.ts';
import { shorten } from '../../../src/text.ts';
import { FakeClock, START_MS } from '../../support/fake-clock.ts';
import {
  aCollibra,
  bounds,
  FakeTransport,
  json,
  lines,
  type Reply,
  text,
  thrown,
} from '../../support/http.ts';
import { cancelAt } from '../../support/waiting.ts';

const URL_1 = 'https://acme.example/rest/jobs/v1/jobs/1';
const answerToAll = { what: 'an answer', cast: object({ answer: number() }) };
const get = (url = URL_1): HttpRequest => ({ method: 'GET', url, headers: {} });

function requests(reply: (request: HttpRequest, n: number) => Reply, takesMs = 0) {
  const clock = new FakeClock();
  const transport = new FakeTransport(clock, reply, takesMs);
  return { clock, transport, requests: new Requests(transport, clock, shorten) };
}

describe('a request', () => {
  it('is sent as it is, and answered whatever the status', async () => {
    const answer = text('gone', 410);
    const { clock, transport, requests: all } = requests(() => answer);
    const request = { method: 'POST', url: URL_1, headers: { a: 'b' }, body: 'c' } as const;
    expect(await all.exchange(request, bounds(clock))).toBe(answer);
    expect(transport.requests).toEqual([request]);
    expect(clock.sleepers).toBe(0);
  });

  it('has 30 s', async () => {
    const { clock, requests: all } = requests(() => undefined);
    expect(await thrown(all.exchange(get(`${URL_1}?name=secret`), bounds(clock)))).toMatchObject({
      name: 'CollibraError',
      kind: 'transient',
      label: 'no answer in time',
      message: `${URL_1}: no answer within 30 s`,
    });
    expect(clock.sinceStart()).toBe(30_000);
    expect(clock.sleepers).toBe(0);
  });

  it('has the time left, where that is less', async () => {
    const { clock, requests: all } = requests(() => undefined);
    expect(await thrown(all.exchange(get(), bounds(clock, 1_500)))).toMatchObject({
      kind: 'transient',
      message: `${URL_1}: no answer within 1.5 s`,
    });
    expect(clock.sinceStart()).toBe(1_500);
  });

  it('has no time at all where it is up', async () => {
    const { clock, requests: all } = requests(() => undefined);
    const error = await thrown(all.exchange(get(), { ...bounds(clock), until: START_MS - 1 }));
    expect(error).toMatchObject({ kind: 'transient', label: 'no answer in time' });
    expect(clock.sinceStart()).toBe(0);
  });

  it('is in time with an answer at the last moment', async () => {
    const { clock, requests: all } = requests(() => text('ok'), 29_999);
    expect(await all.exchange(get(), bounds(clock))).toMatchObject({ body: 'ok' });
  });

  it('fails with what a broken connection means', async () => {
    const cause = Object.assign(new Error('gone'), { code: 'ECONNRESET' });
    const { clock, requests: all } = requests(() => cause);
    expect(await thrown(all.exchange(get(`${URL_1}?name=secret`), bounds(clock)))).toMatchObject({
      kind: 'transient',
      label: 'connection reset',
      message: `${URL_1}: connection reset (ECONNRESET: gone)`,
      cause,
    });
    expect(clock.sleepers).toBe(0);
  });

  it('ends at once with a cancellation, whose reason is thrown', async () => {
    const { clock, transport, requests: all } = requests(() => undefined);
    const signal = cancelAt(clock, 700);
    expect(await thrown(all.exchange(get(), bounds(clock, 9_000, signal)))).toBe(signal.reason);
    expect(clock.sinceStart()).toBe(700);
    expect(transport.inFlight).toBe(0);
  });

  it('throws the reason of a cancellation also where the connection broke by it', async () => {
    const cancel = new AbortController();
    const { clock, requests: all } = requests(() => {
      cancel.abort();
      return new Error('socket hang up');
    });
    expect(await thrown(all.exchange(get(), bounds(clock, 9_000, cancel.signal)))).toBe(cancel.signal.reason);
  });

  it('is not sent after a cancellation', async () => {
    const { clock, transport, requests: all } = requests(() => text('ok'));
    const signal = AbortSignal.abort();
    expect(await thrown(all.exchange(get(), bounds(clock, 9_000, signal)))).toBe(signal.reason);
    expect(transport.requests).toEqual([]);
  });
});

describe('many requests', () => {
  it('are eight at a time, in the order they came', async () => {
    const { clock, transport, requests: all } = requests(() => text('ok'), 1_000);
    const urls = Array.from({ length: 20 }, (_, i) => `https://acme.example/${i}`);
    await Promise.all(urls.map((url) => all.exchange(get(url), bounds(clock))));
    expect(transport.peak).toBe(8);
    expect(transport.requests.map(({ url }) => url)).toEqual(urls);
    expect(clock.sinceStart()).toBe(3_000);
  });

  it('have their 30 s from when they are sent', async () => {
    const { clock, transport, requests: all } = requests(() => text('ok'), 20_000);
    const answers = Array.from({ length: 24 }, () => all.exchange(get(), bounds(clock)));
    expect(await Promise.all(answers)).toHaveLength(24);
    expect(new Set(transport.times)).toEqual(new Set([0, 20_000, 40_000]));
  });

  it('have no more than the time left, though they are still in the queue', async () => {
    const { clock, transport, requests: all } = requests(() => undefined);
    const waiting = Array.from({ length: 8 }, () => thrown(all.exchange(get(), bounds(clock, 20_000))));
    const queued = thrown(all.exchange(get('https://acme.example/queued'), bounds(clock, 5_000)));
    expect(await queued).toMatchObject({
      kind: 'transient',
      message: 'https://acme.example/queued: no answer within 5 s',
    });
    expect(clock.sinceStart()).toBe(5_000);
    await Promise.all(waiting);
    expect(transport.requests).toHaveLength(8);
  });

  it('do not take the place of one that was given up', async () => {
    const { clock, transport, requests: all } = requests((_, n) => (n <= 8 ? undefined : text('ok')));
    const first = Array.from({ length: 8 }, () => thrown(all.exchange(get(), bounds(clock))));
    expect(await all.exchange(get(), bounds(clock))).toMatchObject({ body: 'ok' });
    expect(clock.sinceStart()).toBe(30_000);
    await Promise.all(first);
    expect(transport.requests).toHaveLength(9);
  });
});

describe('a JSON answer', () => {
  const read = (answer: Reply) => {
    const { http, bounds: call } = aCollibra(() => answer);
    return http.get('/rest/x', answerToAll, call);
  };
  const where = 'https://acme.example/c/rest/x';

  it("is read, with the server's time", async () => {
    const date = 'Mon, 02 Nov 2026 08:00:00 GMT';
    expect(await read(json({ answer: 42, more: 1 }, 200, { date }))).toEqual({
      value: { answer: 42 },
      serverTime: new Date(Date.UTC(2026, 10, 2, 8)),
    });
  });

  it.each([undefined, 'yesterday'])('is read without the time where it is %j', async (date) => {
    const headers = date === undefined ? {} : { date };
    expect(await read(json({ answer: 42 }, 299, headers))).toEqual({
      value: { answer: 42 },
      serverTime: undefined,
    });
  });

  it.each<[name: string, answer: Reply, seen: string, said: string]>([
    ['nothing', text(''), 'answer that is not JSON', 'something that is not whole JSON'],
    ['half of it', text('{"answer": 4'), 'answer that is not JSON', 'something that is not whole JSON'],
    [
      'a login page',
      text('<!DOCTYPE html><title>Sign in</title>'),
      'HTML page in place of JSON',
      'an HTML page in place of JSON (a login or maintenance page?)',
    ],
    [
      'an HTML page by its type',
      text('Sign in', 200, { 'content-type': 'text/html' }),
      'HTML page in place of JSON',
      'an HTML page in place of JSON (a login or maintenance page?)',
    ],
    ['another type', json({ answer: '42' }), 'JSON that is not an answer', 'JSON that is not an answer'],
    ['null', json(null), 'JSON that is not an answer', 'JSON that is not an answer'],
    ['an array', json([]), 'JSON that is not an answer', 'JSON that is not an answer'],
    ['a string', json('42'), 'JSON that is not an answer', 'JSON that is not an answer'],
  ])('that is %s is passing trouble', async (_name, answer, label: seen, said) => {
    expect(await thrown(read(answer))).toMatchObject({
      kind: 'transient',
      seen,
      message: `${where} answered with ${said}`,
      status: 200,
    });
  });

  it.each([199, 300, 404, 503])('with status %d is what that means', async (status) => {
    expect(await thrown(read(json({ answer: 42 }, status)))).toMatchObject({
      seen: `HTTP ${status}`,
      status,
    });
  });

  it('that is a Retry-After date is counted by the wall clock', async () => {
    const { http, bounds: call, clock } = aCollibra(() => text('', 503, { 'retry-after': inTenSeconds }));
    const inTenSeconds = new Date(clock.date() + 10_000).toUTCString();
    expect(await thrown(http.get('/x', answerToAll, call))).toMatchObject({ retryAfterMs: 10_000 });
  });
});

describe('a call of Collibra', () => {
  it('has the base URL, the query and the credentials', async () => {
    const { http, transport, bounds: call } = aCollibra(() => json({ answer: 1 }));
    await http.get('/rest/x', answerToAll, { ...call, query: new URLSearchParams({ name: 'a b&c' }) });
    await http.get('/rest/y', answerToAll, call);
    const headers = { accept: 'application/json', authorization: 'Bearer t' };
    expect(transport.requests).toEqual([
      { method: 'GET', url: 'https://acme.example/c/rest/x?name=a+b%26c', headers },
      { method: 'GET', url: 'https://acme.example/c/rest/y', headers },
    ]);
  });

  it('may be a command, with a body or without one', async () => {
    const { http, transport, bounds: call } = aCollibra(() => text('', 204));
    await http.command('DELETE', '/rest/x', { ...call, query: new URLSearchParams({ message: 'm' }) });
    await http.command('POST', '/rest/y', { ...call, body: { message: 'm' } });
    const headers = { accept: 'application/json', authorization: 'Bearer t' };
    expect(transport.requests).toEqual([
      { method: 'DELETE', url: 'https://acme.example/c/rest/x?message=m', headers },
      {
        method: 'POST',
        url: 'https://acme.example/c/rest/y',
        headers: { ...headers, 'content-type': 'application/json' },
        body: '{"message":"m"}',
      },
    ]);
  });

  it.each([199, 302, 403, 503])('that is a command fails with status %d', async (status) => {
    const { http, bounds: call } = aCollibra(() => text('', status));
    expect(await thrown(http.command('DELETE', '/rest/x', call))).toMatchObject({ status });
  });
});

describe('a 401', () => {
  /** Credentials that are renewed as often as asked, if at all. */
  function renewable(isRenewable: boolean) {
    let n = 1;
    const refused: string[] = [];
    const credentials: Credentials = {
      inputs: 'the keys',
      authorization: () => Promise.resolve(`Key ${n}`),
      renew: (header) => {
        refused.push(header);
        n++;
        return isRenewable;
      },
    };
    return { credentials, refused };
  }

  function call(isRenewable: boolean, reply: (request: HttpRequest, n: number) => Reply) {
    const clock = new FakeClock();
    const transport = new FakeTransport(clock, reply);
    const { credentials, refused } = renewable(isRenewable);
    const http = new CollibraClient(
      'https://acme.example/c',
      new Requests(transport, clock, shorten),
      credentials,
    );
    return { transport, refused, answer: http.get('/x', answerToAll, bounds(clock)) };
  }

  const keys = ({ requests: sent }: FakeTransport) => sent.map(({ headers }) => headers['authorization']);

  it('is final where there is nothing to renew, and names the inputs', async () => {
    const { transport, refused, answer } = call(false, () => json({ userMessage: 'Log in.' }, 401));
    expect(await thrown(answer)).toMatchObject({
      kind: 'unauthorized',
      message: 'HTTP 401 from https://acme.example/c/x. It says: Log in. Check the keys',
    });
    expect(keys(transport)).toEqual(['Key 1']);
    expect(refused).toEqual(['Key 1']);
  });

  it('is asked again once where the credentials can be renewed', async () => {
    const { transport, refused, answer } = call(true, (_, n) =>
      n === 1 ? text('', 401) : json({ answer: 42 }),
    );
    expect(await answer).toMatchObject({ value: { answer: 42 } });
    expect(keys(transport)).toEqual(['Key 1', 'Key 2']);
    expect(refused).toEqual(['Key 1']);
  });

  it('is never asked again a second time', async () => {
    const { transport, answer } = call(true, () => text('', 401));
    expect(await thrown(answer)).toMatchObject({
      kind: 'unauthorized',
      message: 'HTTP 401 from https://acme.example/c/x. Check the keys',
    });
    expect(keys(transport)).toEqual(['Key 1', 'Key 2']);
  });

  it('that turns into other trouble is that trouble', async () => {
    const { answer } = call(true, (_, n) => text('', n === 1 ? 401 : 503));
    expect(await thrown(answer)).toMatchObject({ kind: 'transient', label: 'HTTP 503' });
  });

  it('is the only status that renews anything', async () => {
    const { refused, answer } = call(true, () => text('', 403));
    expect(await thrown(answer)).toMatchObject({ status: 403 });
    expect(refused).toEqual([]);
  });
});

it('the requests of a call keep their method and path', async () => {
  const { http, transport, bounds: call } = aCollibra(() => json({ answer: 1 }));
  await http.get('/rest/x', answerToAll, call);
  await http.command('DELETE', '/rest/x', call);
  expect(lines(transport)).toEqual(['GET /rest/x', 'DELETE /rest/x']);
});
