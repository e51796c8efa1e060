import { describe, expect, it } from '@jest/globals';

import { credentialsOf, type CredentialSettings } from '../../src/collibra/auth.ts';
import { BEARER_TOKEN, shorten } from '../../src/text.ts';
import { CollibraClient } from '../../src/collibra/client.ts';
import { object } from '../../src/collibra/schema.ts';
import { json, type Reply, text, thrown } from '../support/http.ts';
import { cancelAt, noCancel } from '../support/waiting.ts';
import { fakeRequests, type Replies } from './support.ts';

const TOKEN_URL = 'https://login.example/rest/oauth/v2/token';

type Scene = { readonly takesMs?: number; readonly redact?: typeof shorten };

const BY_SECRET = { method: 'client_secret_basic', clientSecret: 'secret' } as const;
const CLIENT = { kind: 'client', clientId: 'id', authentication: BY_SECRET, scope: undefined, parameters: [] } as const;

/** The secrets that each token request contains. */
const SENT = [Buffer.from('id:secret').toString('base64'), 'secret'];

/** The credentials of an OAuth client, and a token endpoint that replies as `reply` says. */
function oauthClient(reply: Replies, { takesMs = 0, redact = shorten }: Scene = {}) {
  const { clock, transport, requests } = fakeRequests(reply, takesMs, redact);
  const tokens: string[] = [];
  const onSecret = (secret: string) => {
    if (!SENT.includes(secret)) tokens.push(secret);
  };
  const credentials = credentialsOf({ ...CLIENT, tokenUrl: TOKEN_URL }, requests, clock, onSecret);
  const authorize = (signal = noCancel(), timeoutMs?: number) => credentials.authorization({ signal, timeoutMs });
  return { clock, transport, requests, tokens, credentials, authorize };
}

/** A client of Collibra and its token endpoint, which reply as `collibra` and `endpoint` do. */
function oauthCollibra(endpoint: Replies, collibra: (authorization: string, sinceStart: number) => number) {
  let tokens = 0;
  const { clock, transport, requests, credentials } = oauthClient((request) => {
    if (request.method === 'POST') return endpoint(request, ++tokens);
    const status = collibra(request.headers['authorization'] ?? '', clock.sinceStart());
    return status === 200 ? json({}) : text('', status);
  });
  const client = new CollibraClient('https://acme.example', requests, credentials, clock);
  const get = () => client.get('/x', { what: 'anything', schema: object({}) }, { signal: noCancel() });
  /** Every request: `token`, or the header with which Collibra was asked. */
  const sent = () =>
    transport.requests.map(({ method, headers }) => (method === 'POST' ? 'token' : headers['authorization']));
  return { clock, transport, get, sent };
}

const token = (n: number, more: object = {}) =>
  json({ access_token: `token-${n}`, token_type: 'Bearer', expires_in: 3600, ...more });

const nthToken: Replies = (_, n) => token(n);
/** Replies to the first request only, and then with tokens. */
const onlyFirst =
  (reply: Reply): Replies =>
  (_, n) =>
    n === 1 ? reply : token(n);

describe('the Authorization header', () => {
  const checkToken = 'Check token: it may have expired or belong to another environment.';
  const checkPassword = 'Check username and password.';
  it.each<[settings: CredentialSettings, header: string, advice: string]>([
    [{ kind: 'bearer', token: 'a.b.c' }, 'Bearer a.b.c', checkToken],
    [{ kind: 'basic', username: 'jörg', password: 'ä:€' }, 'Basic asO2cmc6w6Q64oKs', checkPassword],
    [{ kind: 'basic', username: 'a', password: 'b c' }, 'Basic YTpiIGM=', checkPassword],
  ])('of the kind $kind is fixed and cannot be renewed', async (settings, header, advice) => {
    const { clock, transport, requests } = fakeRequests(() => undefined);
    const secrets: string[] = [];
    const credentials = credentialsOf(settings, requests, clock, (secret) => secrets.push(secret));
    expect(secrets).toEqual(settings.kind === 'basic' ? [header.replace('Basic ', '')] : []);
    for (let n = 0; n < 2; n++) {
      expect(await credentials.authorization({ signal: noCancel() })).toBe(header);
      credentials.onAccepted(header);
      for (const is401 of [true, false]) expect(credentials.onRejected(header, is401)).toBeUndefined();
    }
    expect(credentials.advice).toBe(advice);
    expect(transport.requests).toEqual([]);
  });
});

describe('an access token', () => {
  it('is requested once by many concurrent callers, and reused later', async () => {
    const { authorize, transport, tokens } = oauthClient(nthToken, { takesMs: 500 });
    const headers = await Promise.all(Array.from({ length: 100 }, () => authorize()));
    expect(new Set([...headers, await authorize()])).toEqual(new Set(['Bearer token-1']));
    expect(transport.requests).toMatchObject([{ body: 'grant_type=client_credentials' }]);
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
  ])('that lives for %j s is renewed %d ms after a request of %d ms', async (expires_in, usedMs, takesMs) => {
    const { authorize, clock, transport } = oauthClient((_, n) => token(n, { expires_in }), { takesMs });
    await authorize();
    await clock.sleep(usedMs - 1);
    expect(await authorize()).toBe('Bearer token-1');
    expect(transport.requests).toHaveLength(1);
    await clock.sleep(1);
    // The present one is used while the next one is requested.
    expect([await authorize(), await authorize()]).toEqual(['Bearer token-1', 'Bearer token-1']);
    await clock.sleep(takesMs + 1);
    expect(await authorize()).toBe('Bearer token-2');
    expect(transport.requests).toHaveLength(2);
  });

  const noLifetimes = [0, -5, undefined, null, 'a while', '', [], {}, true];
  it.each(noLifetimes)('that lives for %j is used until rejected', async (expires_in) => {
    const { authorize, clock } = oauthClient((_, n) => token(n, { expires_in }));
    await authorize();
    await clock.sleep(1e9);
    expect(await authorize()).toBe('Bearer token-1');
  });

  it.each<[name: string, reply: Reply]>([
    ['a 503', text('', 503)],
    ['an HTML 403', text('<html>', 403)],
    ['a rejected client', json({ error: 'invalid_client' }, 401)],
    ['no response', undefined],
  ])('is used until it expires while its renewal fails with %s', async (...[, reply]) => {
    const { authorize, clock, transport } = oauthClient((_, n) => (n === 1 ? token(n, { expires_in: 100 }) : reply));
    await authorize();
    await clock.sleep(70_000);
    for (let n = 0; n < 29; n++) {
      expect(await authorize()).toBe('Bearer token-1');
      await clock.sleep(1_000);
    }
    // One renewal every 10 s, as long as it fails at once.
    expect(transport.requests).toHaveLength(reply === undefined ? 2 : 4);
    await clock.sleep(1_000);
    expect(await thrown(authorize())).toMatchObject({ name: 'CollibraError' });
  });

  it('is awaited by each caller until its own signal is aborted or its own time is up only', async () => {
    const { authorize, clock, transport } = oauthClient(() => token(1), { takesMs: 8_000 });
    const signal = cancelAt(clock, 2_000);
    const [early, timedOut, late] = [thrown(authorize(signal)), thrown(authorize(noCancel(), 3_000)), authorize()];
    expect(await early).toBe(signal.reason);
    expect(clock.sinceStart()).toBe(2_000);
    expect(await timedOut).toMatchObject({ kind: 'transient', label: 'no response in time', isShared: true });
    expect(clock.sinceStart()).toBe(3_000);
    expect(await late).toBe('Bearer token-1');
    expect(transport.requests).toHaveLength(1);
  });

  it.each(['bearer', 'BEARER', '', undefined, null, 7])('of the type %j is used', async (token_type) => {
    expect(await oauthClient(() => token(1, { token_type })).authorize()).toBe('Bearer token-1');
  });

  it.each(['AZaz09-._~+/==', 'a|b', 'a:b', 'a!b', '=a', '"quoted"'])('of the characters %s is used', async (one) => {
    expect(BEARER_TOKEN.test(one)).toBe(true);
    expect(await oauthClient(() => token(1, { access_token: one })).authorize()).toBe(`Bearer ${one}`);
  });

  const noTokens = ['', 'a b', 'a\r\nx-evil: 1', 'a\n', 'é', '\u007f'];
  const noHeader = 'returned a token that cannot be sent in a header';
  const noBearer = `issues tokens of the type mac${'x'.repeat(96)}…, but only bearer tokens are supported`;
  it.each<readonly [more: object, label: string, problem: string, reported: readonly string[]]>([
    ...noTokens.map((one) => [{ access_token: one }, 'invalid token', noHeader, []] as const),
    // It can be sent, so it is reported, to be masked.
    [{ token_type: `mac${'x'.repeat(200)}` }, 'unsupported token type', noBearer, ['token-1']],
  ])('with %j fails all jobs: %s', async (more, label, problem, reported) => {
    const { authorize, tokens } = oauthClient(() => token(1, more));
    const message = `The token endpoint ${TOKEN_URL} ${problem}. Check token-url.`;
    expect(await thrown(authorize())).toMatchObject({ kind: 'unauthorized', label, message, isShared: true });
    expect(tokens).toEqual(reported);
  });

  it.each(noTokens)('cannot be %j as an input either', (one) => expect(BEARER_TOKEN.test(one)).toBe(false));
});

describe('a rejected access token', () => {
  const isFirst = (header: string) => header === 'Bearer token-1';
  const times = (n: number, what: string) => Array.from({ length: n }, () => what);

  it('is repeated every second while it is new', async () => {
    const { get, sent } = oauthCollibra(nthToken, (_, ms) => (ms < 4_000 ? 401 : 200));
    await get();
    expect(sent()).toEqual(['token', ...times(5, 'Bearer token-1')]);
  });

  it('is replaced once after 5 s, and then an error', async () => {
    const { clock, get, sent } = oauthCollibra(nthToken, () => 401);
    const message = expect.stringMatching(/^HTTP 401 from https:..acme.example.x. Check client-id and client-secret/);
    expect(await thrown(get())).toMatchObject({ kind: 'unauthorized', message });
    expect(sent()).toEqual(['token', ...times(6, 'Bearer token-1'), 'token', ...times(6, 'Bearer token-2')]);
    expect(clock.sinceStart()).toBe(10_000);
    // The next poll begins no further series.
    await thrown(get());
    expect(sent().slice(14)).toEqual(['Bearer token-2']);
  });

  it.each([401, 403])('is replaced after a %d if it had worked, once for eight concurrent requests', async (status) => {
    const { clock, get, sent } = oauthCollibra(nthToken, (header, ms) => (isFirst(header) && ms > 0 ? status : 200));
    const all = () => Promise.all(Array.from({ length: 8 }, get));
    await all();
    await clock.sleep(60_000);
    await all();
    expect(sent().filter((one) => one === 'token')).toHaveLength(2);
    expect(sent()).toHaveLength(2 + 3 * 8);
  });

  it('is replaced once after a 403, as long as the new one has not worked', async () => {
    const { clock, get, sent } = oauthCollibra(nthToken, (_, ms) => (ms > 0 ? 403 : 200));
    await get();
    await clock.sleep(60_000);
    for (let n = 0; n < 3; n++) expect(await thrown(get())).toMatchObject({ label: 'HTTP 403' });
    expect(sent()).toEqual(['token', ...times(2, 'Bearer token-1'), 'token', ...times(3, 'Bearer token-2')]);
    // One that never worked is not replaced.
    const never = oauthCollibra(nthToken, () => 403);
    expect(await thrown(never.get())).toMatchObject({ kind: 'permanent', label: 'HTTP 403' });
    expect(never.sent()).toEqual(['token', 'Bearer token-1']);
  });

  it('is not used again while its replacement cannot be requested', async () => {
    const endpoint: Replies = (_, n) => (n === 2 ? text('', 503) : token(n));
    const { clock, get, sent } = oauthCollibra(endpoint, (header, ms) => (isFirst(header) && ms > 0 ? 401 : 200));
    await get();
    await clock.sleep(60_000);
    expect(await thrown(get())).toMatchObject({ kind: 'transient', label: 'HTTP 503 from the token endpoint' });
    await get();
    expect(sent()).toEqual(['token', ...times(2, 'Bearer token-1'), 'token', 'token', 'Bearer token-3']);
  });

  it('that was replaced meanwhile is repeated with the present one', async () => {
    const { authorize, credentials, tokens } = oauthClient(nthToken);
    expect(credentials.onRejected('Bearer of another', true)).toBe(0);
    const old = await authorize();
    credentials.onAccepted(old);
    expect(credentials.onRejected(old, true)).toBe(0);
    expect(await authorize()).toBe('Bearer token-2');
    // Late responses to the old one say nothing about the present one.
    credentials.onAccepted(old);
    expect(credentials.onRejected(old, true)).toBe(0);
    expect(credentials.onRejected('Bearer token-2', false)).toBeUndefined();
    expect(tokens).toEqual(['token-1', 'token-2']);
  });
});

describe('the token endpoint', () => {
  const failure = (reply: Reply, scene?: Scene) => thrown(oauthClient(() => reply, scene).authorize());
  it.each<[status: number, body: unknown, words: string]>([
    [401, { error: 'no', error_description: 'Unknown client' }, 'no. Unknown client.'],
    [400, { error: 'invalid_scope' }, 'invalid_scope.'],
    [400, { error: 'invalid_scope', error_description: '' }, 'invalid_scope.'],
    [400, { error: 'invalid_scope', error_description: ['no'] }, 'invalid_scope.'],
    [403, { error: 'access_denied' }, 'access_denied.'],
    [400, { error: 'e'.repeat(600) }, `${'e'.repeat(499)}…`],
  ])('fails all jobs with the status %d and the OAuth error %j', async (status, body, words) => {
    const label = `HTTP ${status} from the token endpoint`;
    const message = `The token endpoint ${TOKEN_URL} issued no access token (HTTP ${status}). Server response: ${words} Check client-id, client-secret, scope and token-url. The client-auth-method was client_secret_basic.`;
    const error = { kind: 'unauthorized', label, message, isShared: true };
    expect(await failure(json(body, status))).toMatchObject(error);
  });

  it('has its error redacted before it is truncated, so that no half of a secret is left', async () => {
    const redact = (words: string, limit: number) => shorten(words.replaceAll('client-secret', '***'), limit);
    const body = { error: 'no', error_description: `${'x'.repeat(490)}client-secret` };
    expect(String(await failure(json(body, 400), { redact }))).toContain(`${'x'.repeat(490)}***. Check`);
  });

  it.each<[name: string, reply: Reply, label?: string]>([
    // What these statuses say about a job, they do not say about a token.
    ...[199, 302, 400, 401, 403, 404, 405, 500, 501, 503].map((n): [string, Reply] => [`a ${n}`, text('busy', n)]),
    ['an HTML 401', text('<html><title>Sign in</title>', 401)],
    ['an HTML 403', text('<html><title>Blocked</title>', 403)],
    ...['temporarily_unavailable', 'server_error', 'slow_down'].map((e): [string, Reply] => [
      e,
      json({ error: e }, 400),
    ]),
    ['an OAuth error with a 503', json({ error: 'invalid_client' }, 503)],
    ['an OAuth error with a 404', json({ error: 'not_found' }, 404)],
    ['an error in words', json({ error: 'bad gateway' }, 400)],
    ["Spring's error", json({ status: 401, error: 'Unauthorized', path: '/' }, 401)],
    ['an error that is no text', json({ error: { code: 7 } }, 400)],
    ['a web page', text('<html>Sign in'), 'an HTML page instead of JSON (a login or maintenance page?)'],
    ['other JSON', json({ token: 'x' }), 'JSON that is not an access token'],
    ['an array', json([]), 'JSON that is not an access token'],
    ['a broken connection', new Error('aborted'), 'connection failed'],
    ['30 s without a response', undefined, 'no response in time'],
  ])('may be asked again after %s', async (...[, reply, label]) => {
    const { authorize } = oauthClient(onlyFirst(reply));
    const status = reply instanceof Error ? 0 : reply?.status;
    const error = { kind: 'transient', label: label ?? `HTTP ${status} from the token endpoint` };
    expect(await thrown(authorize())).toMatchObject(error);
    expect(await authorize()).toBe('Bearer token-2');
  });

  it('may be asked again after a delay that Retry-After sets', async () => {
    const message = `HTTP 500 from ${TOKEN_URL}. Server response: busy.`;
    const busy = text('busy', 500, { 'retry-after': '7' });
    expect(await failure(busy)).toMatchObject({ retryAfterMs: 7_000, message });
    const { authorize, transport } = oauthClient(onlyFirst({ ...busy, status: 429 }));
    expect(await authorize()).toBe('Bearer token-2');
    expect(transport.times).toEqual([0, 7_350]);
  });

  it('is asked again by the next caller after a rejection', async () => {
    const { authorize, transport } = oauthClient(onlyFirst(json({ error: 'no' }, 401)));
    const both = [thrown(authorize()), thrown(authorize())];
    expect(await Promise.all(both)).toMatchObject([{ kind: 'unauthorized' }, { kind: 'unauthorized' }]);
    expect(transport.requests).toHaveLength(1);
    expect(await authorize()).toBe('Bearer token-2');
  });
});
