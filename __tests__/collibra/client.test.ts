import { describe, expect, it } from '@jest/globals';

import { number, object } from '../../src/collibra/schema.ts';
import { json, text, thrown } from '../support/http.ts';
import { fakeCollibra, type Replies } from './support.ts';

const expected = { what: 'a size', schema: object({ size: number() }) };

describe('a call', () => {
  const headers = { accept: 'application/json', authorization: 'Bearer t' };

  it('is sent with the base URL, the query and the credentials', async () => {
    const { client, transport, limits } = fakeCollibra(() => json({ size: 1 }));
    await client.get('/rest/x', expected, { ...limits, query: new URLSearchParams({ name: 'a b&c' }) });
    expect(await client.get('/rest/y', expected, limits)).toMatchObject({ value: { size: 1 } });
    expect(transport.requests).toEqual([
      { method: 'GET', url: 'https://acme.example/c/rest/x?name=a+b%26c', headers, isCommand: false },
      { method: 'GET', url: 'https://acme.example/c/rest/y', headers, isCommand: false },
    ]);
  });

  it('is a command with or without a body', async () => {
    const { client, transport, limits } = fakeCollibra(() => text('', 204));
    await client.command('DELETE', '/rest/x', { ...limits, query: new URLSearchParams({ message: 'm' }) });
    await client.command('POST', '/rest/y', { ...limits, body: { message: 'm' } });
    const withBody = { headers: { ...headers, 'content-type': 'application/json' }, body: '{"message":"m"}' };
    expect(transport.requests).toEqual([
      { method: 'DELETE', url: 'https://acme.example/c/rest/x?message=m', headers, isCommand: true },
      { method: 'POST', url: 'https://acme.example/c/rest/y', ...withBody, isCommand: true },
    ]);
  });

  it.each([199, 302, 403, 503])('fails with the status %d, and names the address', async (status) => {
    const { client, limits } = fakeCollibra(() => text('', status));
    const message = expect.stringContaining(`HTTP ${status} from https://acme.example/c/rest/x.`);
    const error = { label: `HTTP ${status}`, message };
    expect(await thrown(client.command('DELETE', '/rest/x', limits))).toMatchObject(error);
    expect(await thrown(client.get('/rest/x', expected, limits))).toMatchObject(error);
  });
});

it.each([
  [1_000, ['GET', 'DELETE']],
  [1_001, ['GET']],
])('a command is not sent if the access token comes after more than a second (%d ms)', async (ms, sent) => {
  const { client, transport, clock, limits } = fakeCollibra(() => json({ size: 1 }), {
    advice: '',
    authorization: async () => {
      await clock.sleep(ms);
      return 'Key';
    },
    onAccepted: () => undefined,
    onRejected: () => undefined,
  });
  await client.get('/x', expected, limits);
  const error = await client.command('DELETE', '/x', limits).catch((reason: unknown) => reason);
  expect(transport.requests.map(({ method }) => method)).toEqual(sent);
  const message = 'The DELETE request was not sent, because there was no access token in time.';
  if (sent.length === 1) expect(error).toMatchObject({ kind: 'transient', isShared: true, message });
});

describe('a 401 or 403', () => {
  const URL_X = 'https://acme.example/c/x';
  it.each<[statuses: number[], delays: (number | undefined)[], message: string | undefined, rejected: string[]]>([
    [[401, 200], [0], undefined, ['Key 1 401']],
    [[403, 200], [0], undefined, ['Key 1 403']],
    [[401, 401, 403, 200], [1_000, 0, 500], undefined, ['Key 1 401', 'Key 2 401', 'Key 3 403']],
    [[401], [undefined], `HTTP 401 from ${URL_X}. Check the keys.`, ['Key 1 401']],
    [[401, 401], [0, undefined], `HTTP 401 from ${URL_X}. Check the keys.`, ['Key 1 401', 'Key 2 401']],
    [[403], [undefined], `HTTP 403 from ${URL_X}. Access denied. Unless the server`, ['Key 1 403']],
    [[401, 503], [0], `HTTP 503 from ${URL_X}.`, ['Key 1 401']],
    [[503], [], `HTTP 503 from ${URL_X}.`, []],
    // Not without end: after 16 s, it is not repeated.
    [
      [401, 401, 401],
      [7_000, 9_000, 0],
      `HTTP 401 from ${URL_X}. Check the keys.`,
      ['Key 1 401', 'Key 2 401', 'Key 3 401'],
    ],
  ])('is repeated as long as there may be better credentials: %j after %j', async (...row) => {
    const [statuses, delays, message, rejectedKeys] = row;
    const [accepted, rejected]: [string[], string[]] = [[], []];
    const reply: Replies = (_, n) => (statuses[n - 1] === 200 ? json({ size: 42 }) : text('', statuses[n - 1]));
    const { client, transport, clock, limits } = fakeCollibra(reply, {
      advice: 'Check the keys.',
      authorization: () => Promise.resolve(`Key ${transport.requests.length + 1}`),
      onAccepted: (key) => accepted.push(key),
      onRejected: (key, isUnauthorized) => delays[rejected.push(`${key} ${isUnauthorized ? 401 : 403}`) - 1],
    });
    const response = client.get('/x', expected, limits);
    if (message === undefined) expect(await response).toMatchObject({ value: { size: 42 } });
    else expect(await thrown(response)).toMatchObject({ message: expect.stringContaining(message) });
    const keys = statuses.map((_, n) => `Key ${n + 1}`);
    expect(transport.requests.map(({ headers }) => headers['authorization'])).toEqual(keys);
    expect(rejected).toEqual(rejectedKeys);
    expect(accepted).toEqual(message === undefined ? keys.slice(-1) : []);
    expect(clock.sinceStart()).toBe(delays.reduce<number>((sum, ms) => sum + (ms ?? 0), 0));
  });
});
