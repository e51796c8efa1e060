import { describe, expect, it } from '@jest/globals';

import { basic, startServer, type TestServer } from './support.ts';

const JOBS = '/rest/jobs/v1/jobs';
const clientId = 'urn:sys:env:acme:i:1234';
const secret = 'a:secret with+all %kinds/of=characters';
const clients = { [clientId]: secret };
const grant = 'grant_type=client_credentials';
const encoded = (text: string) => new URLSearchParams({ x: text }).toString().slice(2);
const encodedBasic = basic(encoded(clientId), encoded(secret));
const id = `client_id=${encoded(clientId)}`;
const credentials = `${id}&client_secret=${encoded(secret)}`;
const form = { 'content-type': 'application/x-www-form-urlencoded' };

function requestToken({ send }: TestServer, body: string, headers: Record<string, string> = {}): Promise<Response> {
  return send('POST', '/rest/oauth/v2/token', { body, headers: { ...form, ...headers } });
}

it.each([
  ...['', 'pipeline:wrong', 'nobody:', 'constructor:x'].map((user) => `Basic ${btoa(user)}`),
  ...['', 'Bearer wrong', 'Bearer', 'Digest x'],
])('a request is rejected with the credentials "%s"', async (authorization) => {
  const { status } = await startServer();
  expect(await status(JOBS, { headers: authorization === '' ? {} : { authorization } })).toBe(401);
});

describe('the token endpoint', () => {
  it.each([
    ['a wrong secret', `${grant}&${id}&client_secret=wrong`, {}, 401, 'invalid_client'],
    ['no client', grant, {}, 401, 'invalid_client'],
    ['Basic without form encoding', grant, basic(clientId, secret), 401, 'invalid_client'],
    ['two methods at once', `${grant}&${credentials}`, encodedBasic, 400, 'invalid_request'],
    ['no grant type', 'scope=x', encodedBasic, 400, 'invalid_request'],
    ['another grant type', 'grant_type=password', encodedBasic, 400, 'unsupported_grant_type'],
    ['JSON', '{}', { ...encodedBasic, 'content-type': 'application/json' }, 400, 'invalid_request'],
  ])('rejects %s', async (_, body, headers, status, error) => {
    const response = await requestToken(await startServer({ clients }), body, headers);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error });
    expect(response.headers.get('www-authenticate')).toBe(status === 401 ? 'Basic realm="Collibra"' : null);
  });

  it.each([
    ['client_secret_basic', grant, encodedBasic],
    ['client_secret_post', `${grant}&${credentials}`, {}],
  ])('issues tokens that expire for %s', async (_, body, headers) => {
    const server = await startServer({ clients, tokenLifetimeSeconds: 60 });
    const issued = (await (await requestToken(server, body, headers)).json()) as { access_token: string };
    const asClient = { headers: { authorization: `Bearer ${issued.access_token}` } };
    server.advance(59_999);
    expect(await server.status(JOBS, asClient)).toBe(200);
    server.advance(1);
    expect([await server.status(JOBS, asClient), await server.status(JOBS)]).toEqual([401, 200]);
  });
});
