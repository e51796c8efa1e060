import { describe, expect, it } from '@jest/globals';

import { basic, bearer, stage, type Stage } from './support.ts';

const clientId = 'urn:sys:env:acme:i:1234';
const secret = 'a:secret with+all %kinds/of=characters';
const clients = { [clientId]: secret };
const grant = 'grant_type=client_credentials';
const encoded = (text: string) => new URLSearchParams({ x: text }).toString().slice(2);
const properBasic = basic(encoded(clientId), encoded(secret));
const posted = `client_id=${encoded(clientId)}&client_secret=${encoded(secret)}`;
const form = { 'content-type': 'application/x-www-form-urlencoded' };

async function ask(on: Stage, body: string, headers: Record<string, string> = {}) {
  const answer = await on.send('POST', '/rest/oauth/v2/token', { body, headers: { ...form, ...headers } });
  return { answer, json: (await answer.json()) as Record<string, unknown> };
}

async function statusWith(on: Stage, headers: Record<string, string>): Promise<number> {
  return (await on.send('GET', '/rest/jobs/v1/jobs', { headers })).status;
}

describe('credentials', () => {
  it('are a user and a password, or a token', async () => {
    const on = await stage({ users: { ann: 'with:colons' }, tokens: ['one', 'two'] });
    expect(await statusWith(on, basic('ann', 'with:colons'))).toBe(200);
    expect(await statusWith(on, { authorization: 'Bearer two' })).toBe(200);
  });

  it.each([
    ['nothing', {}],
    ['a wrong password', basic('pipeline', 'wrong')],
    ['an unknown user', basic('nobody', '')],
    ['a property of every object as a user', basic('constructor', 'x')],
    ['an unknown token', { authorization: 'Bearer wrong' }],
    ['no token', { authorization: 'Bearer' }],
    ['an unknown scheme', { authorization: 'Digest x' }],
  ])('are refused: %s', async (_, headers) => {
    const on = await stage();
    const answer = await on.send('GET', '/rest/jobs/v1/jobs', { headers });
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ statusCode: 401, errorCode: 'unauthorized' });
  });

  it('are not asked for when authentication is off', async () => {
    expect(await statusWith(await stage({ authentication: false }), {})).toBe(200);
  });
});

describe('the token endpoint', () => {
  it.each([
    ['client_secret_basic', grant, properBasic],
    ['client_secret_post', `${grant}&${posted}`, {}],
  ])('gives a token that works, for %s', async (_, body, headers) => {
    const on = await stage({ clients });
    const { answer, json } = await ask(on, `${body}&scope=jobs+imports`, headers);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(json).toMatchObject({ token_type: 'Bearer', expires_in: 3600, scope: 'jobs imports' });
    expect(on.simulator.issuedTokens).toEqual([json['access_token']]);
    expect(await statusWith(on, { authorization: `Bearer ${String(json['access_token'])}` })).toBe(200);
  });

  it('names no scope that was not asked for', async () => {
    const { json } = await ask(await stage({ clients }), grant, properBasic);
    expect(json).not.toHaveProperty('scope');
  });

  it.each([
    [
      'a wrong secret',
      `${grant}&client_id=${encoded(clientId)}&client_secret=wrong`,
      {},
      401,
      'invalid_client',
    ],
    ['no client', grant, {}, 401, 'invalid_client'],
    ['Basic without form-url-encoding', grant, basic(clientId, secret), 401, 'invalid_client'],
    ['two ways at once', `${grant}&${posted}`, properBasic, 400, 'invalid_request'],
    ['no grant type', 'scope=x', properBasic, 400, 'invalid_request'],
    ['another grant type', 'grant_type=password', properBasic, 400, 'unsupported_grant_type'],
    ['JSON', '{}', { ...properBasic, 'content-type': 'application/json' }, 400, 'invalid_request'],
  ])('refuses %s', async (_, body, headers, status, error) => {
    const { answer, json } = await ask(await stage({ clients }), body, headers);
    expect(answer.status).toBe(status);
    expect(json).toMatchObject({ error });
    expect(answer.headers.get('www-authenticate')).toBe(status === 401 ? 'Basic realm="Collibra"' : null);
  });

  it('gives tokens that expire', async () => {
    const on = await stage({ clients, tokenLifetimeSeconds: 60 });
    const { json } = await ask(on, grant, properBasic);
    const headers = { authorization: `Bearer ${String(json['access_token'])}` };
    on.advance(59_999);
    expect(await statusWith(on, headers)).toBe(200);
    on.advance(1);
    expect(await statusWith(on, headers)).toBe(401);
    expect(await statusWith(on, bearer)).toBe(200);
  });

  it('gives tokens that can be revoked, and new ones after that', async () => {
    const on = await stage({ clients });
    const first = await ask(on, grant, properBasic);
    on.simulator.revokeTokens();
    expect(await statusWith(on, { authorization: `Bearer ${String(first.json['access_token'])}` })).toBe(401);
    expect(await statusWith(on, bearer)).toBe(401);
    const second = await ask(on, grant, properBasic);
    expect(await statusWith(on, { authorization: `Bearer ${String(second.json['access_token'])}` })).toBe(
      200,
    );
  });
});
