import { describe, expect, it } from '@jest/globals';

import { credentialsOf, tokenUrlsOf } from '../../src/collibra/auth.ts';
import type { ClientAuthentication, ClientSettings } from '../../src/collibra/token-endpoint.ts';
import { json, type Reply, text, thrown } from '../support/http.ts';
import { noCancel } from '../support/waiting.ts';
import { fakeRequests } from './support.ts';

const TOKEN_URL = 'https://login.example/token';
const REQUEST_URL = 'https://github.example/idtoken/7?api-version=2.0';
const secret = 'a secret/with + reserved:characters&=ü';
const bySecret = (method: 'client_secret_basic' | 'client_secret_post') => ({ method, clientSecret: secret }) as const;
const oidc = { requestUrl: REQUEST_URL, requestToken: 'request-token', audience: 'a b&c=ü#%+' };
const byOidc = { method: 'github_oidc', oidc } as const;

type Replies = { readonly github?: (n: number) => Reply; readonly endpoint?: (n: number) => Reply };

/** An OAuth client whose token endpoint, and GitHub, reply as the scene says; by default with tokens of 3 s. */
function client(authentication: ClientAuthentication, replies: Replies = {}, more: Partial<ClientSettings> = {}) {
  const { github = (n: number) => json({ value: `oidc-${n}` }), endpoint = (n: number) => token(n) } = replies;
  const counts = { github: 0, endpoint: 0 };
  const fake = fakeRequests(({ method }) => (method === 'GET' ? github(++counts.github) : endpoint(++counts.endpoint)));
  const secrets: string[] = [];
  const settings = { kind: 'client', clientId: 'urn:a', tokenUrl: TOKEN_URL, scope: undefined } as const;
  const all = { ...settings, authentication, parameters: [], ...more };
  const credentials = credentialsOf(all, fake.requests, fake.clock, (one) => secrets.push(one));
  const authorize = () => credentials.authorization({ signal: noCancel() });
  return { ...fake, credentials, secrets, authorize, counts };
}

const token = (n: number) => json({ access_token: `token-${n}`, expires_in: 3 });
const resource = (value: string): [string, string] => ['resource', value];

describe('a token request', () => {
  const encoded = 'a+secret%2Fwith+%2B+reserved%3Acharacters%26%3D%C3%BC';
  const basic = Buffer.from(`urn%3Aa:${encoded}`).toString('base64');
  const jwtBearer = 'client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

  it.each<[ClientAuthentication, fields: string[], secrets: string[], authorization?: string]>([
    [bySecret('client_secret_basic'), [], [basic, encoded], `Basic ${basic}`],
    [bySecret('client_secret_post'), ['client_id=urn:a', `client_secret=${secret}`], [encoded]],
    [
      byOidc,
      ['client_id=urn:a', jwtBearer, 'client_assertion=oidc-1'],
      [oidc.requestToken, REQUEST_URL, 'https://github.example/idtoken/7', 'oidc-1'],
    ],
  ])('of $method proves the client in its own way, and reports each secret before it is sent', async (...row) => {
    const [authentication, fields, secrets, authorization] = row;
    const parameters = [resource('a=b'), resource('c d')];
    const { authorize, transport, ...got } = client(authentication, {}, { scope: 'x y', parameters });
    expect(await authorize()).toBe('Bearer token-1');
    const { body = '', ...request } = transport.requests.at(-1) ?? {};
    const headers = { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' };
    const all = { ...headers, ...(authorization && { authorization }) };
    expect(request).toEqual({ method: 'POST', url: TOKEN_URL, headers: all });
    const form = [...new URLSearchParams(body)].map((field) => field.join('='));
    const first = ['grant_type=client_credentials', 'scope=x y'];
    expect(form).toEqual([...first, ...fields, 'resource=a=b', 'resource=c d']);
    expect(got.secrets).toEqual([...secrets, 'token-1']);
  });

  it.each([
    [REQUEST_URL, `${REQUEST_URL}&audience=a%20b%26c%3D%C3%BC%23%25%2B`],
    ['https://github.example/x', 'https://github.example/x?audience=a%20b%26c%3D%C3%BC%23%25%2B'],
  ])('gets an OIDC token from %s without the credentials of anybody else', async (requestUrl, url) => {
    const { authorize, transport } = client({ method: 'github_oidc', oidc: { ...oidc, requestUrl } });
    await authorize();
    const headers = { accept: 'application/json', authorization: 'Bearer request-token' };
    expect(transport.requests[0]).toMatchObject({ method: 'GET', url, headers });
    expect(JSON.stringify(transport.requests[1])).not.toContain('request-token');
  });

  it('contains a new OIDC token each time it is sent, also after a rate limit', async () => {
    const endpoint = (n: number) => (n === 1 ? text('', 429, { 'retry-after': '400' }) : token(n));
    const { authorize, transport } = client(byOidc, { endpoint });
    expect(await authorize()).toBe('Bearer token-2');
    const assertions = transport.requests.map(({ body }) => new URLSearchParams(body).get('client_assertion'));
    expect(assertions).toEqual([null, 'oidc-1', null, 'oidc-2']);
    expect(transport.times[2]).toBeGreaterThanOrEqual(400_000);
  });
});

it.each<ClientAuthentication>([bySecret('client_secret_post'), byOidc])(
  'tokens of 3 s are renewed a hundred times by $method, each once for eight jobs',
  async (authentication) => {
    const { authorize, clock, counts, credentials } = client(authentication);
    const headers = new Set<string>();
    const job = async () => {
      while (clock.sinceStart() < 100 * 1_500) {
        const header = await authorize();
        credentials.onAccepted(header);
        headers.add(header);
        await clock.sleep(250);
      }
    };
    await Promise.all(Array.from({ length: 8 }, job));
    expect(counts.endpoint).toBe(100);
    expect(counts.github).toBe(authentication === byOidc ? 100 : 0);
    expect(headers.size).toBeGreaterThanOrEqual(99);
  },
);

describe("GitHub's OIDC endpoint", () => {
  const failure = (reply: Reply) => thrown(client(byOidc, { github: () => reply }).authorize());
  const ENDPOINT = "GitHub's OIDC endpoint";

  it.each<[name: string, reply: Reply, label: string, message: string]>([
    ['a 500', text('busy', 500), `HTTP 500 from ${ENDPOINT}`, `HTTP 500 from ${ENDPOINT}. Server response: busy.`],
    [
      'a web page',
      text('<html>Sign in'),
      'an HTML page instead of JSON (a login or maintenance page?)',
      'returned an HTML',
    ],
    ['other JSON', json({ value: 7 }), 'JSON that is not an OIDC token', `${ENDPOINT} returned JSON that is not`],
    ['an empty token', json({ value: '' }), 'no OIDC token', `${ENDPOINT} returned no token.`],
    ['a broken connection', new Error('aborted'), 'connection failed', `Could not connect to ${ENDPOINT}`],
    ['30 s without a response', undefined, 'no response in time', `No response from ${ENDPOINT} within 30 s.`],
  ])('is asked again after %s', async (_, reply, label, message) => {
    const { authorize, counts } = client(byOidc, { github: (n) => (n === 1 ? reply : json({ value: `oidc-${n}` })) });
    const error = { kind: 'transient', label, isShared: true, message: expect.stringContaining(message) };
    expect(await thrown(authorize())).toMatchObject(error);
    expect(counts.endpoint).toBe(0);
    expect(await authorize()).toBe('Bearer token-1');
  });

  it.each([302, 400, 401, 403, 404])('fails all jobs with the status %d, and hides its address', async (status) => {
    const message = `HTTP ${status} from ${ENDPOINT}. Server response: no. Check oidc-audience, and the permission id-token: write.`;
    const error = { kind: 'unauthorized', label: `HTTP ${status} from ${ENDPOINT}`, isShared: true, message };
    expect(await failure(json({ message: 'no' }, status))).toMatchObject(error);
  });
});

describe('an OAuth error', () => {
  const basic = bySecret('client_secret_basic');
  const post = bySecret('client_secret_post');
  const audience = 'If the provider requires an audience or a resource, set it in token-parameters.';
  const inputs = 'Check client-id, client-secret, scope and token-url.';
  it.each<[ClientAuthentication, error: object, advice: string]>([
    [basic, { error: 'invalid_client' }, 'was client_secret_basic. Perhaps the provider requires client_secret_post.'],
    [
      post,
      { error: 'unauthorized_client' },
      'was client_secret_post. Perhaps the provider requires client_secret_basic.',
    ],
    [post, { error: 'invalid_scope' }, `${inputs} The client-auth-method was client_secret_post.`],
    [basic, { error: 'invalid_target' }, `was client_secret_basic. ${audience}`],
    [basic, { error: 'access_denied', error_description: 'No audience parameter was provided' }, audience],
    [
      byOidc,
      { error: 'invalid_client' },
      'Check client-id, oidc-audience, scope and token-url. The client-auth-method was github_oidc. Check that the provider accepts the OIDC tokens of this workflow job.',
    ],
  ])('of $method names it, and what the provider may require: %j', async (authentication, body, advice) => {
    const { authorize } = client(authentication, { endpoint: () => json(body, 400) });
    expect(await thrown(authorize())).toMatchObject({
      kind: 'unauthorized',
      advice: expect.stringMatching(`${advice}$`),
    });
  });

  it('of Collibra for a new token names the inputs of the method', () => {
    const rejects = 'Collibra rejects an access token that was just issued for them.';
    expect(client(basic).credentials.advice).toBe(`Check client-id and client-secret: ${rejects}`);
    expect(client(byOidc).credentials.advice).toBe(`Check client-id and token-url: ${rejects}`);
  });
});

it('tokens are requested at the token endpoint, and OIDC tokens at the endpoint of the runner', () => {
  const settings = { kind: 'client', clientId: 'c', tokenUrl: TOKEN_URL, scope: undefined, parameters: [] } as const;
  expect(tokenUrlsOf({ kind: 'bearer', token: 't' })).toEqual([]);
  expect(tokenUrlsOf({ ...settings, authentication: bySecret('client_secret_post') })).toEqual([TOKEN_URL]);
  expect(tokenUrlsOf({ ...settings, authentication: byOidc })).toEqual([TOKEN_URL, REQUEST_URL]);
});
