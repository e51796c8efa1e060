import { describe, expect, it } from '@jest/globals';

import { number, object } from '../../src/collibra/schema.ts';
import { json, text, thrown } from '../support/http.ts';
import { fakeCollibra, type Replies } from './support.ts';

const expected = { what: 'an answer', schema: object({ answer: number() }) };

describe('a call', () => {
  const headers = { accept: 'application/json', authorization: 'Bearer t' };

  it('is sent with the base URL, the query and the credentials', async () => {
    const { client, transport, limits } = fakeCollibra(() => json({ answer: 1 }));
    await client.get('/rest/x', expected, { ...limits, query: new URLSearchParams({ name: 'a b&c' }) });
    expect(await client.get('/rest/y', expected, limits)).toMatchObject({ value: { answer: 1 } });
    expect(transport.requests).toEqual([
      { method: 'GET', url: 'https://acme.example/c/rest/x?name=a+b%26c', headers },
      { method: 'GET', url: 'https://acme.example/c/rest/y', headers },
    ]);
  });

  it('is a command with or without a body', async () => {
    const { client, transport, limits } = fakeCollibra(() => text('', 204));
    await client.command('DELETE', '/rest/x', { ...limits, query: new URLSearchParams({ message: 'm' }) });
    await client.command('POST', '/rest/y', { ...limits, body: { message: 'm' } });
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

  it.each([199, 302, 403, 503])('fails with the status %d, and names the address', async (status) => {
    const { client, limits } = fakeCollibra(() => text('', status));
    const error = {
      label: `HTTP ${status}`,
      message: expect.stringContaining(`HTTP ${status} from https://acme.example/c/rest/x.`),
    };
    expect(await thrown(client.command('DELETE', '/rest/x', limits))).toMatchObject(error);
    expect(await thrown(client.get('/rest/x', expected, limits))).toMatchObject(error);
  });
});

describe('a 401', () => {
  /** A call with credentials that can be renewed as often as needed, or not at all. */
  function call(isRenewable: boolean, reply: Replies) {
    let n = 1;
    const rejected: string[] = [];
    const { client, transport, limits } = fakeCollibra(reply, {
      advice: 'Check the keys.',
      authorization: () => Promise.resolve(`Key ${n}`),
      renew: (header) => {
        rejected.push(header);
        n++;
        return isRenewable;
      },
    });
    const keys = () => transport.requests.map(({ headers }) => headers['authorization']);
    return { keys, rejected, response: client.get('/x', expected, limits) };
  }

  it('is retried once with renewed credentials', async () => {
    const reply: Replies = (_, n) => (n === 1 ? text('', 401) : json({ answer: 42 }));
    const { keys, rejected, response } = call(true, reply);
    expect(await response).toMatchObject({ value: { answer: 42 } });
    expect(keys()).toEqual(['Key 1', 'Key 2']);
    expect(rejected).toEqual(['Key 1']);
  });

  it.each<[isRenewable: boolean, statuses: number[], error: string, keys: string[], rejected: string[]]>([
    [false, [401], 'HTTP 401 from https://acme.example/c/x. Check the keys.', ['Key 1'], ['Key 1']],
    [true, [401, 401], 'HTTP 401 from https://acme.example/c/x. Check the keys.', ['Key 1', 'Key 2'], ['Key 1']],
    [true, [401, 503], 'HTTP 503 from https://acme.example/c/x.', ['Key 1', 'Key 2'], ['Key 1']],
    [true, [503], 'HTTP 503 from https://acme.example/c/x.', ['Key 1'], []],
  ])('with renewable credentials (%j) and the statuses %j fails: %s', async (...row) => {
    const [isRenewable, statuses, message, sentKeys, rejectedKeys] = row;
    const { keys, rejected, response } = call(isRenewable, (_, n) => text('', statuses[n - 1]));
    const kind = statuses.at(-1) === 401 ? 'unauthorized' : 'transient';
    expect(await thrown(response)).toMatchObject({ kind, message });
    expect([keys(), rejected]).toEqual([sentKeys, rejectedKeys]);
  });
});
