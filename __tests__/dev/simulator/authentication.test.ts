import { describe, expect, it } from '@jest/globals';

import { defaultGithub, GITHUB_ISSUER, githubJwks } from '../../../dev/simulator/github-oidc.ts';
import { generateSigningKey, type Jwks, signJwt, verifiedClaims } from '../../../dev/simulator/jwt.ts';
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

describe("GitHub's OIDC endpoint", () => {
  const audience = 'https://acme.example/a b';
  const subject = 'repo:acme/catalog:environment:production';
  const options = { github: { subject }, federations: { app: { issuer: GITHUB_ISSUER, subject, audience } } };
  const withToken = { headers: { authorization: `Bearer ${defaultGithub.requestToken}` } };
  const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

  /** Authenticates the client with a token for an audience, after somebody changed the token or some time has passed. */
  async function exchange(asked: string, more: Record<string, string> = {}, change = (jwt: string) => jwt, ms = 0) {
    const server = await startServer(options);
    const path = `/github/id-token?audience=${encodeURIComponent(asked)}`;
    const { value } = (await (await server.send('GET', path, withToken)).json()) as { value: string };
    server.advance(ms);
    const assertion = { client_id: 'app', client_assertion_type: type, client_assertion: change(value), ...more };
    const body = new URLSearchParams({ grant_type: 'client_credentials', ...assertion }).toString();
    const response = await requestToken(server, body);
    return { status: response.status, json: (await response.json()) as Record<string, string>, server, value };
  }

  it('issues tokens to those who have the request token, and names its keys', async () => {
    const { status, json, server, value } = await exchange(audience);
    expect([status, server.simulator.issuedTokens]).toEqual([200, [json['access_token']]]);
    const keys = (await (await server.send('GET', '/github/.well-known/jwks')).json()) as Jwks;
    expect(verifiedClaims(value, keys)).toMatchObject({ iss: GITHUB_ISSUER, sub: subject, aud: audience });
    expect(await server.status('/github/id-token', { headers: { authorization: 'Bearer x' } })).toBe(401);
  });

  const forged = (jwt: string) =>
    signJwt(verifiedClaims(jwt, githubJwks()) ?? {}, generateSigningKey('simulated-github'));
  const altered = (claims: object) => (jwt: string) => {
    const [header, body = '', signature] = jwt.split('.');
    const changed = { ...(JSON.parse(Buffer.from(body, 'base64url').toString()) as object), ...claims };
    return [header, Buffer.from(JSON.stringify(changed)).toString('base64url'), signature].join('.');
  };

  it.each([
    ['another audience', () => exchange('x'), 'has the aud x'],
    ['another client', () => exchange(audience, { client_id: 'constructor' }), 'The client ID is wrong'],
    ['another type', () => exchange(audience, { client_assertion_type: 'x' }), 'type of the assertion'],
    ['a secret, too', () => exchange(audience, { client_secret: 'x' }), 'two authentication methods'],
    ['a forged signature', () => exchange(audience, {}, forged), 'is not signed by a key'],
    ['altered claims', () => exchange(audience, {}, altered({ sub: 'x' })), 'is not signed by a key'],
    ['no JWT', () => exchange(audience, {}, () => 'x'), 'is not signed by a key'],
    ['a token that has expired', () => exchange(audience, {}, (jwt) => jwt, 300_000), 'valid time range'],
  ])('does not help a client with %s', async (_, exchanged, words) => {
    const { status, json } = await exchanged();
    expect([401, 400]).toContain(status);
    expect(json['error_description']).toContain(words);
  });
});

it('a token endpoint may allow one method only, and require fields', async () => {
  const strict = await startServer({ clients, clientAuthMethods: ['client_secret_post'], requiredFields: { a: 'b' } });
  const errorOf = async (body: string, headers = {}) =>
    ((await (await requestToken(strict, body, headers)).json()) as { error?: string }).error;
  expect(await errorOf(`${grant}&a=b`, encodedBasic)).toBe('invalid_client');
  expect(await errorOf(`${grant}&${credentials}`)).toBe('invalid_target');
  expect(await errorOf(`${grant}&${credentials}&a=b`)).toBeUndefined();
});
