import { describe, expect, it } from '@jest/globals';

import {
  BEARER_TOKEN,
  basicAuthorization,
  clientAuthorization,
  credentialsOf,
  type CredentialSettings,
} from '../../src/collibra/auth.ts';
import { Requests } from '../../src/collibra/http/requests.ts';
import type { HttpRequest } from '../../src/collibra/http/transport.ts';
import type { RedactAndTruncate } from '../../src/collibra/http/classify.ts';
import { shorten } from '../../src/text.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { bounds, FakeTransport, json, type Reply, text, thrown } from '../support/http.ts';
import { cancelAt } from '../support/waiting.ts';

const TOKEN_URL = 'https://login.example/rest/oauth/v2/token';
const CHECK = 'Check client-id, client-secret, scope and token-url';

type Client = Extract<CredentialSettings, { kind: 'client' }>;

/** Credentials of a client, at a token endpoint that replies as told. */
function aClient(
  reply: (request: HttpRequest, n: number) => Reply,
  more: Partial<Client> = {},
  takesMs = 0,
  cut: RedactAndTruncate = shorten,
) {
  const clock = new FakeClock();
  const transport = new FakeTransport(clock, reply, takesMs);
  const tokens: string[] = [];
  const settings: Client = {
    kind: 'client',
    clientId: 'id',
    clientSecret: 'secret',
    tokenUrl: TOKEN_URL,
    scope: undefined,
    ...more,
  };
  const credentials = credentialsOf(settings, new Requests(transport, clock, cut), clock, (token) =>
    tokens.push(token),
  );
  const ask = (ms?: number) => credentials.authorization(bounds(clock, ms));
  return { clock, transport, tokens, credentials, ask };
}

const token = (n: number, more: object = {}) =>
  json({ access_token: `token-${n}`, token_type: 'Bearer', expires_in: 3600, ...more });

const decoded = (header: string | undefined) =>
  Buffer.from((header ?? '').replace('Basic ', ''), 'base64').toString();

describe('headers', () => {
  it('of a user are those of RFC 7617', () => {
    expect(basicAuthorization('Aladdin', 'open sesame')).toBe('Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==');
    expect(decoded(basicAuthorization('jörg', 'pä:ß€'))).toBe('jörg:pä:ß€');
  });

  it('of a client are form-url-encoded first, so that colons do not part them', () => {
    const header = clientAuthorization(
      'urn:sys:env:acme:i:pipeline',
      'a secret/with + reserved:characters&=ü',
    );
    expect(header).toMatch(/^Basic [A-Za-z0-9+/]+=*$/);
    expect(decoded(header)).toBe(
      'urn%3Asys%3Aenv%3Aacme%3Ai%3Apipeline:a+secret%2Fwith+%2B+reserved%3Acharacters%26%3D%C3%BC',
    );
  });

  it.each<[settings: CredentialSettings, header: string, inputs: string]>([
    [
      { kind: 'bearer', token: 'a.b.c' },
      'Bearer a.b.c',
      'token (it may have expired, or belong to another environment)',
    ],
    [
      { kind: 'basic', username: 'Aladdin', password: 'open sesame' },
      'Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==',
      'username and password',
    ],
  ])('that are fixed can not be renewed: $kind', async (settings, header, inputs) => {
    const clock = new FakeClock();
    const transport = new FakeTransport(clock, () => undefined);
    const credentials = credentialsOf(
      settings,
      new Requests(transport, clock, (text) => text),
      clock,
      () => undefined,
    );
    expect(await credentials.authorization(bounds(clock))).toBe(header);
    expect(credentials.renew(header)).toBe(false);
    expect(await credentials.authorization(bounds(clock))).toBe(header);
    expect(credentials.inputs).toBe(inputs);
    expect(transport.requests).toEqual([]);
  });
});

describe('a token', () => {
  it('is asked for with the client credentials', async () => {
    const { ask, transport, tokens, credentials } = aClient(() => token(1));
    expect(await ask()).toBe('Bearer token-1');
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
    expect(credentials.inputs).toBe(
      'client-id and client-secret: Collibra refuses a token that was just obtained with them',
    );
  });

  it('is asked for with the scope, where one is given', async () => {
    const { ask, transport } = aClient(() => token(1), { scope: 'api://x/.default openid' });
    await ask();
    expect(transport.requests[0]?.body).toBe(
      'grant_type=client_credentials&scope=api%3A%2F%2Fx%2F.default+openid',
    );
  });

  it('is kept', async () => {
    const { ask, transport, tokens } = aClient((_, n) => token(n));
    expect([await ask(), await ask(), await ask()]).toEqual(Array(3).fill('Bearer token-1'));
    expect(transport.requests).toHaveLength(1);
    expect(tokens).toEqual(['token-1']);
  });

  it('is asked for once, though many need it at the same moment', async () => {
    const { ask, transport } = aClient((_, n) => token(n), {}, 500);
    const headers = await Promise.all(Array.from({ length: 100 }, () => ask()));
    expect(new Set(headers)).toEqual(new Set(['Bearer token-1']));
    expect(transport.requests).toHaveLength(1);
  });

  it.each<[expiresIn: unknown, keptMs: number]>([
    [3600, 3_570_000],
    ['3600', 3_570_000],
    [90, 60_000],
    [60, 30_000],
    [40, 20_000],
    [1, 500],
  ])('that lives for %j s is kept for %d ms', async (expiresIn, keptMs) => {
    const { ask, clock } = aClient((_, n) => token(n, { expires_in: expiresIn }));
    await ask();
    await clock.sleep(keptMs - 1);
    expect(await ask()).toBe('Bearer token-1');
    await clock.sleep(1);
    expect(await ask()).toBe('Bearer token-2');
  });

  it('is as old as the request for it', async () => {
    const { ask, clock } = aClient((_, n) => token(n, { expires_in: 60 }), {}, 5_000);
    await ask();
    await clock.sleep(24_999);
    expect(await ask()).toBe('Bearer token-1');
    await clock.sleep(1);
    expect(await ask()).toBe('Bearer token-2');
  });

  it.each([0, -5, undefined, null, 'a while', ''])(
    'whose lifetime is %j is kept until it is refused',
    async (expiresIn) => {
      const { ask, clock } = aClient((_, n) => token(n, { expires_in: expiresIn }));
      await ask();
      await clock.sleep(1e9);
      expect(await ask()).toBe('Bearer token-1');
    },
  );

  it('that was refused is asked for anew', async () => {
    const { ask, credentials, tokens } = aClient((_, n) => token(n));
    expect(credentials.renew(await ask())).toBe(true);
    expect(await ask()).toBe('Bearer token-2');
    expect(tokens).toEqual(['token-1', 'token-2']);
  });

  it('is there to be asked for before there was any', async () => {
    const { ask, credentials } = aClient((_, n) => token(n));
    expect(credentials.renew('Bearer of another')).toBe(true);
    expect(await ask()).toBe('Bearer token-1');
  });

  it('that replaced a refused one is not thrown away by those who were refused with the old', async () => {
    const { ask, credentials } = aClient((_, n) => token(n));
    const old = await ask();
    credentials.renew(old);
    await ask();
    expect(credentials.renew(old)).toBe(true);
    expect(await ask()).toBe('Bearer token-2');
  });

  it('is awaited by each for its own time only', async () => {
    const { ask, clock, transport } = aClient(() => token(1), {}, 8_000);
    const [hasty, patient] = [thrown(ask(2_000)), ask(20_000)];
    expect(await hasty).toMatchObject({
      kind: 'transient',
      label: 'no token in time',
      message: `No token from ${TOKEN_URL} in time`,
    });
    expect(clock.sinceStart()).toBe(2_000);
    expect(await patient).toBe('Bearer token-1');
    expect(transport.requests).toHaveLength(1);
  });

  it('is given up after 30 s, and asked for again by the next', async () => {
    const { ask, clock } = aClient((_, n) => (n === 1 ? undefined : token(n)));
    expect(await thrown(ask())).toMatchObject({ kind: 'transient', label: 'no answer in time' });
    expect(clock.sinceStart()).toBe(30_000);
    expect(await ask()).toBe('Bearer token-2');
  });

  it('is not awaited after a cancellation', async () => {
    const { credentials, clock } = aClient(() => undefined);
    const signal = cancelAt(clock, 300);
    expect(await thrown(credentials.authorization(bounds(clock, 9_000, signal)))).toBe(signal.reason);
    expect(clock.sinceStart()).toBe(300);
  });

  it.each(['bearer', 'Bearer', 'BEARER', undefined, null])('of type %j can be used', async (kind) => {
    expect(await aClient(() => token(1, { token_type: kind })).ask()).toBe('Bearer token-1');
  });

  it('of another token type is refused for every job', async () => {
    const { ask, tokens } = aClient(() => token(1, { token_type: `mac${'x'.repeat(200)}` }));
    expect(await thrown(ask())).toMatchObject({
      kind: 'unauthorized',
      label: 'unusable token type',
      message: `The token endpoint ${TOKEN_URL} gives tokens of type mac${'x'.repeat(96)}…; only bearer tokens can be used`,
    });
    // It is masked all the same.
    expect(tokens).toEqual(['token-1']);
  });

  it.each(['', 'a b', 'a\r\nx-evil: 1', 'é', '"quoted"', '=', 'a=b'])(
    'of %j is none, and passing trouble',
    async (access_token) => {
      const { ask, tokens } = aClient(() => token(1, { access_token }));
      expect(await thrown(ask())).toMatchObject({
        kind: 'transient',
        label: 'token answer without a token',
        message: `The token endpoint ${TOKEN_URL} answered with something that is not a token`,
      });
      expect(tokens).toEqual([]);
    },
  );

  it('may have the characters of RFC 6750, and no others', () => {
    expect(BEARER_TOKEN.test('AZaz09-._~+/==')).toBe(true);
    for (const bad of [' a', 'a ', 'a\n', 'a,b', 'a;b', 'a:b', '=a'])
      expect(BEARER_TOKEN.test(bad)).toBe(false);
  });
});

describe('a token endpoint', () => {
  const error = async (reply: Reply) => thrown(aClient(() => reply).ask());

  it('shows no secret that the endpoint echoes, not even half of one', async () => {
    const cut: RedactAndTruncate = (said, limit) =>
      shorten(said.replaceAll('the-client-secret', '***'), limit);
    const error = `${'x'.repeat(490)}the-client-secret`;
    const message = String(await thrown(aClient(() => json({ error }, 400), {}, 0, cut).ask()));
    expect(message).toContain(`${'x'.repeat(490)}***. Check`);
  });

  it.each<[name: string, reply: Reply, seen: string, words: string]>([
    [
      'an error of RFC 6749',
      json({ error: 'invalid_client', error_description: 'Unknown client' }, 401),
      'HTTP 401 from the token endpoint',
      'invalid_client (Unknown client)',
    ],
    [
      'an error without a description',
      json({ error: 'invalid_scope' }, 400),
      'HTTP 400 from the token endpoint',
      'invalid_scope',
    ],
    [
      'an error with an empty description',
      json({ error: 'invalid_scope', error_description: '' }, 400),
      'HTTP 400 from the token endpoint',
      'invalid_scope',
    ],
    [
      'an error without end',
      json({ error: 'e'.repeat(600) }, 400),
      'HTTP 400 from the token endpoint',
      `${'e'.repeat(499)}…`,
    ],
    [
      'an address that is not there',
      text('no route', 404),
      'HTTP 404 from the token endpoint',
      `HTTP 404 from ${TOKEN_URL}. It says: no route`,
    ],
    [
      'an error of another kind',
      json({ error: { code: 7 } }, 400),
      'HTTP 400 from the token endpoint',
      `HTTP 400 from ${TOKEN_URL}`,
    ],
  ])('that answers with %s refuses every job', async (_name, reply, label: seen, words) => {
    expect(await error(reply)).toMatchObject({
      kind: 'unauthorized',
      seen,
      message: `No token from ${TOKEN_URL}: ${words}. ${CHECK}`,
    });
  });

  it.each([199, 302, 403, 405])('that answers with status %d refuses every job', async (status) => {
    expect(await error({ ...token(1), status })).toMatchObject({
      kind: 'unauthorized',
      seen: `HTTP ${status} from the token endpoint`,
      // What to do about a job's 403 or redirect is of no help here.
      message: `No token from ${TOKEN_URL}: HTTP ${status} from ${TOKEN_URL}. ${CHECK}`,
    });
  });

  it.each([200, 201, 299])('that answers with status %d gives a token', async (status) => {
    expect(await aClient(() => ({ ...token(1), status })).ask()).toBe('Bearer token-1');
  });

  it.each<[name: string, reply: Reply, seen: string]>([
    ['503', text('busy', 503), 'HTTP 503 from the token endpoint'],
    ['429', text('', 429), 'HTTP 429 from the token endpoint'],
    ['a web page', text('<html>Sign in</html>'), 'HTML page in place of JSON'],
    ['another JSON', json({ token: 'x' }), 'JSON that is not a token'],
    ['a broken connection', new Error('aborted'), 'connection failed'],
  ])('that answers with %s may be asked again', async (_name, reply, seen) => {
    const { ask } = aClient((_request, n) => (n === 1 ? reply : token(n)));
    expect(await thrown(ask())).toMatchObject({ kind: 'transient', seen });
    expect(await ask()).toBe('Bearer token-2');
  });

  it.each([404, 500, 501, 503])('that answers with %d says nothing of a job by it', async (status) => {
    expect(await error(text('', status))).toMatchObject({ status: undefined });
  });

  it('that is busy may say for how long', async () => {
    expect(await error(text('', 503, { 'retry-after': '7' }))).toMatchObject({ retryAfterMs: 7_000 });
  });

  it('that refuses is asked again by the next who needs a token', async () => {
    const { ask, transport } = aClient((_, n) => (n === 1 ? text('', 401) : token(n)));
    const both = [thrown(ask()), thrown(ask())];
    expect(await Promise.all(both)).toMatchObject([{ kind: 'unauthorized' }, { kind: 'unauthorized' }]);
    expect(transport.requests).toHaveLength(1);
    expect(await ask()).toBe('Bearer token-2');
  });
});
