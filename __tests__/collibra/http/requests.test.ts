import { describe, expect, it } from '@jest/globals';

import { number, object } from '../../../src/collibra/schema.ts';
import type { HttpRequest } from '../../../src/collibra/http/transport.ts';
import { START_MS } from '../../support/fake-clock.ts';
import { bounds, json, type Reply, text, thrown } from '../../support/http.ts';
import { cancelAt } from '../../support/waiting.ts';
import { fakeRequests } from '../support.ts';

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
    [600_000, 30_000, '30 s'],
    [1_500, 1_500, '1.5 s'],
    [-5_000, 0, '0 s'],
  ])('whose time ends in %d ms times out after %d ms', async (untilMs, tookMs, shown) => {
    const { clock, requests } = fakeRequests(() => undefined);
    const sent = requests.send(get(`${URL_1}?name=private`), bounds(clock, untilMs));
    expect(await thrown(sent)).toMatchObject({
      name: 'CollibraError',
      kind: 'transient',
      label: 'no response in time',
      message: `No response from ${URL_1} within ${shown}.`,
    });
    expect(clock.sinceStart()).toBe(tookMs);
    expect(clock.now()).toBe(START_MS + tookMs);
    expect(clock.sleepers).toBe(0);
  });

  it('succeeds with a response at the last moment', async () => {
    const { requests, limits } = fakeRequests(() => text('ok'), 29_999);
    expect(await requests.send(get(), limits)).toMatchObject({ body: 'ok' });
  });

  it('fails with the meaning of a broken connection, without its query', async () => {
    const cause = Object.assign(new Error('gone'), { code: 'ECONNRESET' });
    const { clock, requests, limits } = fakeRequests(() => cause);
    expect(await thrown(requests.send(get(`${URL_1}?name=private`), limits))).toMatchObject({
      kind: 'transient',
      label: 'connection reset',
      message: `Could not connect to ${URL_1}: connection reset (ECONNRESET: gone).`,
      cause,
    });
    expect(clock.sleepers).toBe(0);
  });

  it('ends at once when it is canceled, with the reason of the cancellation', async () => {
    const { clock, transport, requests } = fakeRequests(() => undefined);
    const signal = cancelAt(clock, 700);
    expect(await thrown(requests.send(get(), bounds(clock, 9_000, signal)))).toBe(signal.reason);
    expect(clock.sinceStart()).toBe(700);
    expect(transport.inFlight).toBe(0);
  });

  it('throws the reason of a cancellation that broke its connection', async () => {
    const cancel = new AbortController();
    const { clock, requests } = fakeRequests(() => {
      cancel.abort();
      return new Error('socket hang up');
    });
    const sent = requests.send(get(), bounds(clock, 9_000, cancel.signal));
    expect(await thrown(sent)).toBe(cancel.signal.reason);
  });

  it('is not sent after a cancellation', async () => {
    const { clock, transport, requests } = fakeRequests(() => text('ok'));
    const signal = AbortSignal.abort();
    expect(await thrown(requests.send(get(), bounds(clock, 9_000, signal)))).toBe(signal.reason);
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

  it('time out 30 s after they are sent, not after they are queued', async () => {
    const { transport, requests, limits } = fakeRequests(() => text('ok'), 20_000);
    const sent = Array.from({ length: 24 }, () => requests.send(get(), limits));
    expect(await Promise.all(sent)).toHaveLength(24);
    expect(new Set(transport.times)).toEqual(new Set([0, 20_000, 40_000]));
  });

  it('time out in the queue when their own time is over', async () => {
    const { clock, transport, requests } = fakeRequests(() => undefined);
    const sent = Array.from({ length: 8 }, () => thrown(requests.send(get(), bounds(clock, 20_000))));
    const queued = thrown(requests.send(get('https://acme.example/queued'), bounds(clock, 5_000)));
    expect(await queued).toMatchObject({
      kind: 'transient',
      message: 'No response from https://acme.example/queued within 5 s.',
    });
    expect(clock.sinceStart()).toBe(5_000);
    await Promise.all(sent);
    expect(transport.requests).toHaveLength(8);
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

describe('a JSON response', () => {
  const expected = { what: 'an answer', schema: object({ answer: number() }) };
  const read = async (response: Reply) => {
    const { requests, limits } = fakeRequests(() => response);
    return requests.json(await requests.send(get(), limits), `${URL_1}?name=private`, expected);
  };

  it.each<[date: string | undefined, serverTime: Date | undefined]>([
    ['Mon, 02 Nov 2026 08:00:00 GMT', new Date(Date.UTC(2026, 10, 2, 8))],
    [undefined, undefined],
    ['yesterday', undefined],
  ])('with the Date header %j is read with the server time', async (date, serverTime) => {
    const headers = date === undefined ? {} : { date };
    const value = { answer: 42 };
    expect(await read(json({ ...value, more: 1 }, 299, headers))).toEqual({ value, serverTime });
  });

  const html = 'an HTML page instead of JSON (a login or maintenance page?)';
  it.each<[name: string, response: Reply, label: string]>([
    ['an empty body', text(''), 'invalid or incomplete JSON'],
    ['half of a body', text('{"answer": 4'), 'invalid or incomplete JSON'],
    ['a login page', text('<!DOCTYPE html><title>Sign in</title>'), html],
    ['the content type of HTML', text('Sign in', 200, { 'content-type': 'text/html' }), html],
    ['a field of another type', json({ answer: '42' }), 'JSON that is not an answer'],
    ['null', json(null), 'JSON that is not an answer'],
    ['an array', json([]), 'JSON that is not an answer'],
    ['a string', json('42'), 'JSON that is not an answer'],
  ])('with %s is a transient error', async (_name, response, label) => {
    const message = `${URL_1} returned ${label}.`;
    expect(await thrown(read(response))).toMatchObject({ kind: 'transient', label, message });
  });

  it.each([199, 300, 404, 503])('with the status %d is the error that the status means', async (status) => {
    expect(await thrown(read(json({ answer: 42 }, status)))).toMatchObject({ label: `HTTP ${status}` });
  });

  it('with a Retry-After date is compared with the wall clock', () => {
    const { clock, requests } = fakeRequests(() => undefined);
    const inTenSeconds = new Date(clock.date() + 10_000).toUTCString();
    const error = requests.error(text('', 503, { 'retry-after': inTenSeconds }), URL_1);
    expect(error).toMatchObject({ retryAfterMs: 10_000, message: `HTTP 503 from ${URL_1}.` });
  });
});
