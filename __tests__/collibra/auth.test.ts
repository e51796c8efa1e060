import { describe, expect, it } from '@jest/globals';

import { BEARER_TOKEN, clientAuthorization, credentialsOf, type CredentialSettings } from '../../src/collibra/auth.ts';
import { shorten } from '../../src/text.ts';
import { bounds, json, type Reply, text, thrown } from '../support/http.ts';
import { cancelAt } from '../support/waiting.ts';
import { fakeRequests, type Replies } from './support.ts';

const TOKEN_URL = 'https://login.example/rest/oauth/v2/token';

type Scene = { readonly scope?: string; readonly takesMs?: number; readonly redact?: typeof shorten };

const SETTINGS = { kind: 'client', clientId: 'id', clientSecret: 'secret', tokenUrl: TOKEN_URL } as const;

/** The credentials of an OAuth client, and a token endpoint that replies as `reply` says. */
function oauthClient(reply: Replies, { scope, takesMs = 0, redact = shorten }: Scene = {}) {
  const { clock, transport, requests } = fakeRequests(reply, takesMs, redact);
  const tokens: string[] = [];
  const onToken = (token: string) => tokens.push(token);
  const credentials = credentialsOf({ ...SETTINGS, scope }, requests, clock, onToken);
  const authorize = (ms?: number) => credentials.authorization(bounds(clock, ms));
  return { clock, transport, tokens, credentials, authorize };
}

const token = (n: number, more: object = {}) =>
  json({ access_token: `token-${n}`, token_type: 'Bearer', expires_in: 3600, ...more });

const nthToken: Replies = (_, n) => token(n);

describe('the Authorization header', () => {
  it('of an OAuth client is form-encoded, so that colons in the ID do not end it', () => {
    const header = clientAuthorization('urn:sys:acme', 'a secret/with + reserved:characters&=ü');
    expect(header).toMatch(/^Basic [A-Za-z0-9+/]+=*$/);
    expect(Buffer.from(header.slice('Basic '.length), 'base64').toString()).toBe(
      'urn%3Asys%3Aacme:a+secret%2Fwith+%2B+reserved%3Acharacters%26%3D%C3%BC',
    );
  });

  const checkPassword = 'Check username and password.';
  it.each<[settings: CredentialSettings, header: string, advice: string]>([
    [
      { kind: 'bearer', token: 'a.b.c' },
      'Bearer a.b.c',
      'Check token: it may have expired or belong to another environment.',
    ],
    [{ kind: 'basic', username: 'jörg', password: 'ä:€' }, 'Basic asO2cmc6w6Q64oKs', checkPassword],
    [{ kind: 'basic', username: 'a', password: 'b c' }, 'Basic YTpiIGM=', checkPassword],
  ])('of the kind $kind is fixed and cannot be renewed', async (settings, header, advice) => {
    const { clock, transport, requests, limits } = fakeRequests(() => undefined);
    const credentials = credentialsOf(settings, requests, clock, () => undefined);
    expect(await credentials.authorization(limits)).toBe(header);
    expect(credentials.renew(header)).toBe(false);
    expect(await credentials.authorization(limits)).toBe(header);
    expect(credentials.advice).toBe(advice);
    expect(transport.requests).toEqual([]);
  });
});

describe('an access token', () => {
  it('is requested with the client credentials, and reported before it is used', async () => {
    const { authorize, transport, tokens, credentials } = oauthClient(() => token(1));
    expect(await authorize()).toBe('Bearer token-1');
    expect(transport.requests).toEqual([
      {
        method: 'POST',
        url: TOKEN_URL,
        headers: {
          accept: 'application/json',
          authorization: `Basic ${Buffer.from('id:secret').toString('base64')}`,
          'content-type': 'application/x-www-form-urlencoded',
        },
        body: 'grant_type=client_credentials',
      },
    ]);
    expect(tokens).toEqual(['token-1']);
    expect(credentials.advice).toBe(
      'Check client-id and client-secret: Collibra rejects an access token that was just issued for them.',
    );
  });

  it('is requested with the scope if there is one', async () => {
    const { authorize, transport } = oauthClient(nthToken, { scope: 'api://x/.default openid' });
    await authorize();
    expect(transport.requests[0]?.body).toBe('grant_type=client_credentials&scope=api%3A%2F%2Fx%2F.default+openid');
  });

  it('is requested once by many concurrent callers, and reused later', async () => {
    const { authorize, transport, tokens } = oauthClient(nthToken, { takesMs: 500 });
    const headers = await Promise.all(Array.from({ length: 100 }, () => authorize()));
    expect(new Set([...headers, await authorize()])).toEqual(new Set(['Bearer token-1']));
    expect(transport.requests).toHaveLength(1);
    expect(tokens).toEqual(['token-1']);
  });

  it.each<[expiresIn: unknown, usedMs: number, takesMs: number]>([
    [3600, 3_570_000, 0],
    ['3600', 3_570_000, 0],
    [90, 60_000, 0],
    [60, 30_000, 0],
    [40, 20_000, 0],
    [1, 500, 0],
    // The lifetime counts from the request for the token.
    [60, 25_000, 5_000],
  ])('that lives for %j s is used for %d ms after a request of %d ms', async (expires_in, usedMs, takesMs) => {
    const { authorize, clock } = oauthClient((_, n) => token(n, { expires_in }), { takesMs });
    await authorize();
    await clock.sleep(usedMs - 1);
    expect(await authorize()).toBe('Bearer token-1');
    await clock.sleep(1);
    expect(await authorize()).toBe('Bearer token-2');
  });

  it.each([0, -5, undefined, null, 'a while', '', []])(
    'that lives for %j is used until rejected',
    async (expires_in) => {
      const { authorize, clock } = oauthClient((_, n) => token(n, { expires_in }));
      await authorize();
      await clock.sleep(1e9);
      expect(await authorize()).toBe('Bearer token-1');
    },
  );

  it('is requested again after it was rejected, but not for an older one that was', async () => {
    const { authorize, credentials, tokens } = oauthClient(nthToken);
    expect(credentials.renew('Bearer of another')).toBe(true);
    const old = await authorize();
    expect(credentials.renew(old)).toBe(true);
    expect(await authorize()).toBe('Bearer token-2');
    expect(credentials.renew(old)).toBe(true);
    expect(await authorize()).toBe('Bearer token-2');
    expect(tokens).toEqual(['token-1', 'token-2']);
  });

  it('is awaited by each caller until its own deadline only', async () => {
    const { authorize, clock, transport } = oauthClient(() => token(1), { takesMs: 8_000 });
    const [early, late] = [thrown(authorize(2_000)), authorize(20_000)];
    expect(await early).toMatchObject({
      kind: 'transient',
      label: 'no access token in time',
      message: `No access token from ${TOKEN_URL} in time.`,
    });
    expect(clock.sinceStart()).toBe(2_000);
    expect(await late).toBe('Bearer token-1');
    expect(transport.requests).toHaveLength(1);
  });

  it('is given up after 30 s, and requested again by the next caller', async () => {
    const { authorize, clock } = oauthClient((_, n) => (n === 1 ? undefined : token(n)));
    expect(await thrown(authorize())).toMatchObject({ kind: 'transient', label: 'no response in time' });
    expect(clock.sinceStart()).toBe(30_000);
    expect(await authorize()).toBe('Bearer token-2');
  });

  it('is no longer awaited after a cancellation', async () => {
    const { credentials, clock } = oauthClient(() => undefined);
    const signal = cancelAt(clock, 300);
    expect(await thrown(credentials.authorization(bounds(clock, 9_000, signal)))).toBe(signal.reason);
    expect(clock.sinceStart()).toBe(300);
  });

  it.each(['bearer', 'BEARER', undefined, null, 7])('of the type %j is used', async (token_type) => {
    expect(await oauthClient(() => token(1, { token_type })).authorize()).toBe('Bearer token-1');
  });

  it('of another type fails all jobs, and is reported so that it can be masked', async () => {
    const { authorize, tokens } = oauthClient(() => token(1, { token_type: `mac${'x'.repeat(200)}` }));
    expect(await thrown(authorize())).toMatchObject({
      kind: 'unauthorized',
      label: 'unsupported token type',
      message: `The token endpoint ${TOKEN_URL} issues tokens of the type mac${'x'.repeat(96)}…, but only bearer tokens are supported. Check token-url.`,
    });
    expect(tokens).toEqual(['token-1']);
  });

  it.each(['', 'a b', 'a\r\nx-evil: 1', 'é', '"quoted"', '=', 'a=b'])(
    'of the characters %j is invalid, which is transient',
    async (access_token) => {
      const { authorize, tokens } = oauthClient(() => token(1, { access_token }));
      expect(await thrown(authorize())).toMatchObject({
        kind: 'transient',
        label: 'token response without a valid token',
        message: `The token endpoint ${TOKEN_URL} returned no valid token.`,
      });
      expect(tokens).toEqual([]);
    },
  );

  it('may consist of the characters of RFC 6750 and no others', () => {
    expect(BEARER_TOKEN.test('AZaz09-._~+/==')).toBe(true);
    for (const bad of [' a', 'a ', 'a\n', 'a,b', 'a;b', 'a:b', '=a']) expect(BEARER_TOKEN.test(bad)).toBe(false);
  });
});

describe('the token endpoint', () => {
  const failure = (reply: Reply, scene?: Scene) => thrown(oauthClient(() => reply, scene).authorize());
  it.each<[status: number, body: unknown, words: string]>([
    [401, { error: 'no', error_description: 'Unknown client' }, 'Server response: no (Unknown client).'],
    [400, { error: 'invalid_scope' }, 'Server response: invalid_scope.'],
    [400, { error: 'invalid_scope', error_description: '' }, 'Server response: invalid_scope.'],
    [400, { error: 'invalid_scope', error_description: ['no'] }, 'Server response: invalid_scope.'],
    [400, { error: 'e'.repeat(600) }, `Server response: ${'e'.repeat(499)}…`],
    [400, { error: { code: 7 } }, `HTTP 400 from ${TOKEN_URL}. Server response: {"error":{"code":7}}.`],
    [404, 'no route', `HTTP 404 from ${TOKEN_URL}. Server response: no route.`],
    // The advice about the 403 or the redirect of a job does not apply here.
    ...[199, 302, 403, 405].map((status): [number, string, string] => [
      status,
      '',
      `HTTP ${status} from ${TOKEN_URL}.`,
    ]),
  ])('fails all jobs with the status %d and the body %j', async (status, body, words) => {
    expect(await failure(typeof body === 'string' ? text(body, status) : json(body, status))).toMatchObject({
      kind: 'unauthorized',
      label: `HTTP ${status} from the token endpoint`,
      message: `The token endpoint ${TOKEN_URL} issued no access token. ${words} Check client-id, client-secret, scope and token-url.`,
    });
  });

  it('has its error redacted before it is truncated, so that no half of a secret is left', async () => {
    const redact = (words: string, limit: number) => shorten(words.replaceAll('client-secret', '***'), limit);
    const error = `${'x'.repeat(490)}client-secret`;
    const message = String(await failure(json({ error }, 400), { redact }));
    expect(message).toContain(`${'x'.repeat(490)}***. Check`);
  });

  it.each<[name: string, reply: Reply, label: string]>([
    // What these statuses say about a job, they do not say about a token.
    ...[429, 500, 501, 503].map((status): [string, Reply, string] => [
      `${status}`,
      text('busy', status),
      `HTTP ${status} from the token endpoint`,
    ]),
    ['a web page', text('<html>Sign in'), 'an HTML page instead of JSON (a login or maintenance page?)'],
    ['other JSON', json({ token: 'x' }), 'JSON that is not an access token'],
    ['an array', json([]), 'JSON that is not an access token'],
    ['a broken connection', new Error('aborted'), 'connection failed'],
  ])('may be asked again after %s', async (_name, reply, label) => {
    const { authorize } = oauthClient((_request, n) => (n === 1 ? reply : token(n)));
    expect(await thrown(authorize())).toMatchObject({ kind: 'transient', label });
    expect(await authorize()).toBe('Bearer token-2');
  });

  it('may ask for a delay with Retry-After', async () => {
    expect(await failure(text('busy', 503, { 'retry-after': '7' }))).toMatchObject({
      retryAfterMs: 7_000,
      message: `HTTP 503 from ${TOKEN_URL}. Server response: busy.`,
    });
  });

  it('is asked again by the next caller after a rejection', async () => {
    const { authorize, transport } = oauthClient((_, n) => (n === 1 ? text('', 401) : token(n)));
    const both = [thrown(authorize()), thrown(authorize())];
    expect(await Promise.all(both)).toMatchObject([{ kind: 'unauthorized' }, { kind: 'unauthorized' }]);
    expect(transport.requests).toHaveLength(1);
    expect(await authorize()).toBe('Bearer token-2');
  });
});
