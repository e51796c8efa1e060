import { describe, expect, it } from '@jest/globals';

import { number, object } from '../../../src/collibra/schema.ts';
import type { HttpRequest } from '../../../src/collibra/http/transport.ts';
import { START_DATE } from '../../support/fake-clock.ts';
import { json, type Reply, text, thrown } from '../../support/http.ts';
import { cancelAt } from '../../support/waiting.ts';
import { fakeRequests, type Replies } from '../support.ts';

const URL_1 = 'https://acme.example/rest/jobs/v1/jobs/1';
const get = (url = URL_1): HttpRequest => ({ method: 'GET', url, headers: {} });

describe('a request', () => {
  it('is sent as it is, and returns the response whatever its status', async () => {
    const response = text('gone', 410);
    const { clock, transport, requests, limits } = fakeRequests(() => response);
    const request = { method: 'POST', url: URL_1, headers: { a: 'b' }, body: 'c' } as const;
    expect(await requests.send(request, limits)).toBe(response);
    expect(transport.requests).toEqual([request]);
    expect(clock.sleepers).toBe(0);
  });

  it.each([
    [undefined, 30_000, '30 s'],
    [1_500, 1_500, '1.5 s'],
    [0, 0, '0 s'],
  ])('with the time limit %s times out after %d ms, and not before', async (timeoutMs, tookMs, shown) => {
    const last = fakeRequests(() => text('ok'), tookMs - 1);
    if (tookMs > 0)
      expect(await last.requests.send(get(), { ...last.limits, timeoutMs })).toMatchObject({ body: 'ok' });
    const { clock, requests, limits } = fakeRequests(() => undefined);
    const error = await thrown(requests.send(get(`${URL_1}?name=private`), { ...limits, timeoutMs }));
    const message = `No response from ${URL_1} within ${shown}.`;
    expect(error).toMatchObject({ name: 'CollibraError', kind: 'transient', label: 'no response in time', message });
    expect(clock.sinceStart()).toBe(tookMs);
    expect(clock.sleepers).toBe(0);
  });

  it('has twice the time after each timeout in a row, up to 120 s, until the same address responds', async () => {
    const other = get('https://acme.example/rest/jobs/v1/jobs/2');
    const { clock, requests, limits } = fakeRequests(({ url }) => (url === URL_1 ? undefined : text('ok')));
    const failure = () => thrown(requests.send(get(), limits));
    for (const seconds of [30, 60, 120, 120]) {
      expect(await requests.send(other, limits)).toMatchObject({ body: 'ok' });
      const sentMs = clock.now();
      expect(await failure()).toMatchObject({ label: 'no response in time' });
      expect(clock.now() - sentMs).toBe(seconds * 1_000);
    }
    expect(await requests.send(get(`${URL_1}?page=2`), limits)).toMatchObject({ body: 'ok' });
    expect(await failure()).toMatchObject({ message: `No response from ${URL_1} within 30 s.` });
  });

  it('fails with the meaning of a broken connection, without its query', async () => {
    const cause = Object.assign(new Error('gone'), { code: 'ECONNRESET' });
    const { clock, requests, limits } = fakeRequests(() => cause);
    const message = `Could not connect to ${URL_1}: connection reset (ECONNRESET: gone).`;
    const error = await thrown(requests.send(get(`${URL_1}?name=private`), limits));
    expect(error).toMatchObject({ kind: 'transient', label: 'connection reset', message, cause });
    expect(clock.sleepers).toBe(0);
  });

  it('ends at once when it is canceled, with the reason of the cancellation', async () => {
    const { clock, transport, requests } = fakeRequests(() => undefined);
    const signal = cancelAt(clock, 700);
    expect(await thrown(requests.send(get(), { signal }))).toBe(signal.reason);
    expect(clock.sinceStart()).toBe(700);
    expect(transport.inFlight).toBe(0);
  });

  it('throws the reason of a cancellation that broke its connection', async () => {
    const cancel = new AbortController();
    const { requests } = fakeRequests(() => (cancel.abort(), new Error('socket hang up')));
    expect(await thrown(requests.send(get(), { signal: cancel.signal }))).toBe(cancel.signal.reason);
  });

  it('is not sent after a cancellation', async () => {
    const { transport, requests } = fakeRequests(() => text('ok'));
    const signal = AbortSignal.abort();
    expect(await thrown(requests.send(get(), { signal }))).toBe(signal.reason);
    expect(transport.requests).toEqual([]);
  });
});

describe('concurrent requests', () => {
  it('are sent eight at a time, in FIFO order', async () => {
    const { clock, transport, requests, limits } = fakeRequests(() => text('ok'), 1_000);
    const urls = Array.from({ length: 20 }, (_, i) => `https://acme.example/${i}`);
    await Promise.all(urls.map((url) => requests.send(get(url), limits)));
    expect(transport.peak).toBe(8);
    expect(transport.requests.map(({ url }) => url)).toEqual(urls);
    expect(clock.sinceStart()).toBe(3_000);
  });

  it.each([undefined, 20_001])('time out after they are sent, not after they are queued: %s', async (timeoutMs) => {
    const { transport, requests, limits } = fakeRequests(() => text('ok'), 20_000);
    const sent = Array.from({ length: 24 }, () => requests.send(get(), { ...limits, timeoutMs }));
    expect(await Promise.all(sent)).toHaveLength(24);
    expect(new Set(transport.times)).toEqual(new Set([0, 20_000, 40_000]));
  });

  it('take the turn of those that timed out', async () => {
    const { clock, transport, requests, limits } = fakeRequests((_, n) => (n <= 8 ? undefined : text('ok')));
    const first = Array.from({ length: 8 }, () => thrown(requests.send(get(), limits)));
    expect(await requests.send(get(), limits)).toMatchObject({ body: 'ok' });
    expect(clock.sinceStart()).toBe(30_000);
    await Promise.all(first);
    expect(transport.requests).toHaveLength(9);
  });
});

describe('a request that the rate limit rejects', () => {
  const busy = () => text('slow down', 429, { 'retry-after': '40.5' });

  it.each([
    [429, { 'retry-after': '40.5' }, 43_050],
    [429, { 'retry-after': new Date(START_DATE + 20_000).toUTCString() }, 21_000],
    [429, { 'retry-after': 'later' }, 1_050],
    [429, {}, 1_050],
    [503, { 'retry-after': '2' }, 2_100],
  ])('with %d and %j is sent again after the delay, which is no error', async (status, headers, delayMs) => {
    const reply: Replies = (_, n) => (n === 1 ? text('slow down', status, headers) : text('ok'));
    const { transport, requests, limits, delays } = fakeRequests(reply);
    expect(await requests.send(get(), limits)).toMatchObject({ body: 'ok' });
    expect([transport.times, delays]).toEqual([[0, delayMs], [delayMs]]);
  });

  it('delays all requests to the same server, and no others', async () => {
    const { clock, transport, requests, limits } = fakeRequests((_, n) => (n === 1 ? busy() : text('ok')));
    const sent = requests.send(get(), limits);
    await clock.sleep(10);
    await Promise.all([requests.send(get('https://login.example/token'), limits), sent, requests.send(get(), limits)]);
    expect(transport.times).toEqual([0, 10, 43_050, 43_050]);
  });

  it('keeps its turn: a hundred requests behind a limit of 20 a minute all succeed, each in time', async () => {
    const windows = new Map<number, number>();
    const { clock, requests, limits, delays } = fakeRequests(() => {
      const minute = Math.floor(clock.sinceStart() / 60_000);
      windows.set(minute, (windows.get(minute) ?? 0) + 1);
      const left = String(60 - (clock.sinceStart() % 60_000) / 1_000);
      return Number(windows.get(minute)) > 20 ? text('', 429, { 'retry-after': left }) : text('ok');
    }, 50);
    clock.chance = 0;
    const order: number[] = [];
    const sent = Array.from({ length: 100 }, async (_, n) => {
      expect(await requests.send(get(), limits)).toMatchObject({ status: 200 });
      order.push(n);
    });
    await Promise.all(sent);
    expect(clock.sinceStart()).toBeLessThan(4 * 60_000 + 5_000);
    expect(delays).toHaveLength(4);
    expect(order.findLastIndex((n) => n < 20)).toBeLessThan(28);
  });

  it('is returned if no request was accepted since the delay before', async () => {
    const { transport, requests, limits } = fakeRequests(() => busy(), 10);
    const sent = await Promise.all(Array.from({ length: 3 }, () => requests.send(get(), limits)));
    expect(sent).toMatchObject([{ status: 429 }, { status: 429 }, { status: 429 }]);
    expect(transport.times).toEqual([0, 0, 0, 43_060, 43_060, 43_060]);
  });

  it('does not delay an urgent request, which is sent once', async () => {
    const { clock, transport, requests, limits } = fakeRequests((_, n) => (n < 3 ? busy() : text('')));
    const first = requests.send(get(), limits);
    await clock.sleep(1);
    expect(await requests.send(get(), { ...limits, isUrgent: true })).toMatchObject({ status: 429 });
    expect(clock.sinceStart()).toBe(1);
    expect(transport.requests).toHaveLength(2);
    await first;
  });
});

describe('a JSON response', () => {
  const expected = { what: 'a size', schema: object({ size: number() }) };
  const read = async (response: Reply) => {
    const { requests, limits } = fakeRequests(() => response);
    return requests.json(await requests.send(get(), limits), `${URL_1}?name=private`, expected);
  };

  it.each([
    [{ date: 'Mon, 02 Nov 2026 08:00:00 GMT' }, new Date(Date.UTC(2026, 10, 2, 8))],
    [{}, undefined],
    [{ date: 'yesterday' }, undefined],
  ])('with the headers %j is read with the server time', async (headers, serverTime) => {
    const value = { size: 42 };
    expect(await read(json({ ...value, more: 1 }, 299, headers))).toEqual({ value, serverTime });
  });

  const html = 'an HTML page instead of JSON (a login or maintenance page?)';
  it.each<[name: string, response: Reply, label: string]>([
    ['an empty body', text(''), 'invalid or incomplete JSON'],
    ['half of a body', text('{"size": 4'), 'invalid or incomplete JSON'],
    ['a login page', text('<!DOCTYPE html><title>Sign in</title>'), html],
    ['the content type of HTML', text('Sign in', 200, { 'content-type': 'text/html' }), html],
    ['a field of another type', json({ size: '42' }), 'JSON that is not a size'],
    ['null', json(null), 'JSON that is not a size'],
    ['an array', json([]), 'JSON that is not a size'],
    ['a string', json('42'), 'JSON that is not a size'],
  ])('with %s is a transient error', async (_name, response, label) => {
    const message = `${URL_1} returned ${label}.`;
    expect(await thrown(read(response))).toMatchObject({ kind: 'transient', label, message });
  });

  it.each([199, 300, 404, 503])('with the status %d is the error that the status means', async (status) => {
    expect(await thrown(read(json({ size: 42 }, status)))).toMatchObject({ label: `HTTP ${status}` });
  });

  it('with a Retry-After date is compared with the wall clock', () => {
    const { clock, requests } = fakeRequests(() => undefined);
    const inTenSeconds = new Date(clock.date() + 10_000).toUTCString();
    const error = requests.error(text('', 503, { 'retry-after': inTenSeconds }), URL_1);
    expect(error).toMatchObject({ retryAfterMs: 10_000, message: `HTTP 503 from ${URL_1}.` });
  });
});
