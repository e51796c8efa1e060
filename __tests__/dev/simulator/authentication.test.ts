import { describe, expect, it } from '@jest/globals';

import { basic, bearer, startServer, type TestServer } from './support.ts';

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

async function requestToken({ send }: TestServer, body: string, headers: Record<string, string> = {}) {
  const response = await send('POST', '/rest/oauth/v2/token', { body, headers: { ...form, ...headers } });
  const json = (await response.json()) as Record<string, unknown>;
  return { response, json, asBearer: { authorization: `Bearer ${String(json['access_token'])}` } };
}

describe('a request', () => {
  it('is accepted with a password, a token, or without authentication if that is off', async () => {
    const { status } = await startServer({ users: { ann: 'with:colons' }, tokens: ['one', 'two'] });
    expect(await status(JOBS, { headers: basic('ann', 'with:colons') })).toBe(200);
    expect(await status(JOBS, { headers: { authorization: 'Bearer two' } })).toBe(200);
    const open = await startServer({ authentication: false });
    expect(await open.status(JOBS, { headers: {} })).toBe(200);
  });

  it.each([
    ...['', 'pipeline:wrong', 'nobody:', 'constructor:x'].map((user) => `Basic ${btoa(user)}`),
    ...['', 'Bearer wrong', 'Bearer', 'Digest x'],
  ])('is rejected with the credentials "%s"', async (authorization) => {
    const headers: Record<string, string> = authorization === '' ? {} : { authorization };
    const { send } = await startServer();
    const response = await send('GET', JOBS, { headers });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ statusCode: 401, errorCode: 'unauthorized' });
  });
});

describe('the token endpoint', () => {
  it.each([
    ['client_secret_basic', grant, encodedBasic],
    ['client_secret_post', `${grant}&${credentials}`, {}],
  ])('issues a valid token for %s', async (_, body, headers) => {
    const server = await startServer({ clients });
    const { response, json, asBearer } = await requestToken(server, `${body}&scope=jobs+imports`, headers);
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(json).toMatchObject({ token_type: 'Bearer', expires_in: 3600, scope: 'jobs imports' });
    expect(server.simulator.issuedTokens).toEqual([json['access_token']]);
    expect(await server.status(JOBS, { headers: asBearer })).toBe(200);
    expect((await requestToken(server, body, headers)).json).not.toHaveProperty('scope');
  });

  it.each([
    ['a wrong secret', `${grant}&${id}&client_secret=wrong`, {}, 401, 'invalid_client'],
    ['no client', grant, {}, 401, 'invalid_client'],
    ['Basic without form encoding', grant, basic(clientId, secret), 401, 'invalid_client'],
    ['two methods at once', `${grant}&${credentials}`, encodedBasic, 400, 'invalid_request'],
    ['no grant type', 'scope=x', encodedBasic, 400, 'invalid_request'],
    ['another grant type', 'grant_type=password', encodedBasic, 400, 'unsupported_grant_type'],
    ['JSON', '{}', { ...encodedBasic, 'content-type': 'application/json' }, 400, 'invalid_request'],
  ])('rejects %s', async (_, body, headers, status, error) => {
    const { response, json } = await requestToken(await startServer({ clients }), body, headers);
    expect(response.status).toBe(status);
    expect(json).toMatchObject({ error });
    expect(response.headers.get('www-authenticate')).toBe(status === 401 ? 'Basic realm="Collibra"' : null);
  });

  it('issues tokens that expire', async () => {
    const server = await startServer({ clients, tokenLifetimeSeconds: 60 });
    const { asBearer } = await requestToken(server, grant, encodedBasic);
    server.advance(59_999);
    expect(await server.status(JOBS, { headers: asBearer })).toBe(200);
    server.advance(1);
    expect(await server.status(JOBS, { headers: asBearer })).toBe(401);
    expect(await server.status(JOBS)).toBe(200);
  });

  it('issues new tokens after all others were revoked', async () => {
    const server = await startServer({ clients });
    const first = await requestToken(server, grant, encodedBasic);
    server.simulator.revokeTokens();
    for (const headers of [first.asBearer, bearer]) expect(await server.status(JOBS, { headers })).toBe(401);
    const second = await requestToken(server, grant, encodedBasic);
    expect(await server.status(JOBS, { headers: second.asBearer })).toBe(200);
  });
});
