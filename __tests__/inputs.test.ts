import { readFileSync } from 'node:fs';

import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';

import { DEFAULTS, readSettings, SECRET_INPUTS, type Settings } from '../src/inputs.ts';
import { outputsOf } from '../src/report/outputs.ts';

const HOST = 'acme.collibra.com';
const URL = `https://${HOST}`;
const ID_1 = '0191b5c4-7a1e-7c0a-9c43-2f1d8a6b9e01';
const ID_2 = '0191b5c4-7a1e-7c0a-9c43-2f1d8a6b9e02';
const USER = '5e3f0a4c-9b1d-4c55-8f27-d1b2a3c4d5e6';
const MINUTE = 60_000;

type Given = Readonly<Record<string, string>>;

/** The fewest inputs that are valid. */
const minimal: Given = { url: URL, 'job-id': ID_1, token: 'a.b.c' };

/** The variables of a runner whose workflow job has the permission `id-token: write`. */
const RUNNER = { ACTIONS_ID_TOKEN_REQUEST_URL: 'https://github.example/x', ACTIONS_ID_TOKEN_REQUEST_TOKEN: 't' };

const read = (given: Given, env = RUNNER) => readSettings((name) => given[name] ?? '', env);

/** The settings of the valid inputs, with some of them changed. */
function settings(given: Given): Settings {
  const got = read({ ...minimal, ...given });
  if ('errors' in got) throw new Error(got.errors.join('\n'));
  return got;
}

/** The errors of the valid inputs, with some of them changed. */
function errors(given: Given, env = RUNNER): readonly string[] {
  const got = read({ ...minimal, ...given }, env);
  return 'errors' in got ? got.errors : [];
}

interface ActionFile {
  readonly inputs: Readonly<Record<string, { readonly default?: string; readonly required?: boolean }>>;
  readonly outputs: Readonly<Record<string, unknown>>;
}

const actionFile = parse(readFileSync('action.yml', 'utf8')) as ActionFile;

describe('an input that is not set', () => {
  const defaults: Settings = {
    url: URL,
    target: { kind: 'ids', ids: [ID_1] },
    credentials: { kind: 'bearer', token: 'a.b.c' },
    policy: { accept: new Set(), maxFailedCommands: undefined },
    jobApi: 'auto',
    polling: { timeoutMs: 60 * MINUTE, maxOutageMs: 10 * MINUTE, interval: { minMs: 1000, maxMs: 60_000 } },
    onTimeout: 'leave',
    onCancel: 'leave',
    importResults: true,
    errorsFile: undefined,
  };
  const others = Object.keys(actionFile.inputs).filter((name) => !(name in minimal));

  it.each<[value: string | undefined, exceptions: readonly string[]]>([
    [undefined, others],
    ['', []],
    // Whitespace may be the password.
    [' \t\n', ['password', 'client-secret']],
  ])('has its default when its value is %j', (value = '', exceptions) => {
    const names = others.filter((name) => !exceptions.includes(name));
    expect(read({ ...Object.fromEntries(names.map((name) => [name, value])), ...minimal })).toEqual(defaults);
  });
});

describe('action.yml', () => {
  it('declares every input that is read, and no other', () => {
    const names = new Set<string>();
    for (const given of [minimal, { 'job-name': 'Nightly import', 'max-failed-commands': '1' }] as Given[])
      readSettings((name) => (names.add(name), given[name] ?? ''));
    expect([...names].sort()).toEqual(Object.keys(actionFile.inputs).sort());
  });

  it('has the defaults of the code', () => {
    const declared = Object.entries(actionFile.inputs).flatMap(([name, { default: value }]) =>
      value === undefined || value === '' ? [] : [[name, value]],
    );
    expect(Object.fromEntries(declared)).toEqual(DEFAULTS);
  });

  it('requires only the URL, and declares the secret inputs', () => {
    const required = Object.entries(actionFile.inputs).filter(([, { required = false }]) => required);
    expect(required.map(([name]) => name)).toEqual(['url']);
    expect(SECRET_INPUTS).toEqual(['token', 'password', 'client-secret']);
    expect(Object.keys(actionFile.inputs)).toEqual(expect.arrayContaining([...SECRET_INPUTS]));
  });

  it('declares every output that is set, and no other', () => {
    const set = Object.keys(outputsOf({ outcome: 'error', jobs: [] }));
    expect(set.sort()).toEqual(Object.keys(actionFile.outputs).sort());
  });
});

describe('url', () => {
  it.each([
    [URL, URL, `${URL}///`, `  ${URL}\n`, 'HTTPS://ACME.COLLIBRA.COM'],
    [`${URL}:8443`, `${URL}:8443/`],
    ['https://tools.example/collibra', 'https://tools.example/collibra/'],
    ['http://localhost:8080', 'http://localhost:8080/'],
    ...['https://tools.example/a//b', 'http://127.0.0.1:8080', 'http://127.100.200.255', 'http://[::1]:8080'].map(
      (unchanged) => [unchanged, unchanged] as const,
    ),
  ])('is %j when it is set to %j or the like', (expected, ...urls) => {
    for (const url of urls) expect(settings({ url }).url).toBe(expected);
  });

  const noUrl = 'is not a URL. Start it with https://.';
  it.each([
    [noUrl, HOST, 'https://', '/rest/2.0', 'http://x127.0.0.1'],
    ['must be an https URL.', `${HOST}:443`, `ftp://${HOST}`, 'javascript:alert(1)'],
    [
      'must use https, because http sends credentials unencrypted.',
      ...[`http://${HOST}`, 'http://127.0.0.1.example.com', 'http://sub.localhost'],
    ],
    ['must not contain a query string or a fragment.', `${URL}?a=b`, `${URL}/?`, `${URL}/#top`],
  ])('has the error "%s" for %j and others', (problem, ...urls) => {
    for (const url of urls) expect(errors({ url })).toEqual([`url: "${url}" ${problem}`]);
  });

  it.each([
    ['is truncated in an error', `${URL}:x/${'y'.repeat(200)}`, `"${URL}:x/${'y'.repeat(71)}…" ${noUrl}`],
    ['must be set', '', `is missing. Set it to the base URL of your Collibra environment, e.g. ${URL}.`],
  ])('%s', (_, url, problem) => {
    expect(errors({ url })).toEqual([`url: ${problem}`]);
  });

  it.each([
    ['contains credentials', 'https://anna:sesame-7@', 'https://anna@', 'https://:sesame-7@', 'https:anna:sesame-7@'],
    ['contains credentials', 'https:/anna:sesame-7@', 'https:\\\\anna:sesame-7@', 'https://anna:p@ss/sesame-7@'],
    ['contains credentials', 'http://anna:sesame-7@', 'ftp://anna:sesame-7@', `https://anna:sesame-7@${HOST}?q=`],
    ['is not a URL', 'https://anna:open/sesame-7@', 'https://anna:open#sesame-7@'],
    ['must be an https URL', 'anna:sesame-7@'],
  ])('and token-url show no credentials when the error is %j: %s and others', (problem, ...beginnings) => {
    for (const url of beginnings.map((beginning) => beginning + HOST)) {
      const client = { token: '', 'client-id': 'c', 'client-secret': 's', 'token-url': url };
      for (const got of [errors({ url }), errors(client)]) {
        expect(got).toEqual([expect.stringContaining(problem)]);
        expect(got[0]).not.toMatch(/anna|sesame/);
        expect(got[0]).toContain(`***@${HOST}`);
      }
    }
  });
});

describe('job-id', () => {
  it.each<[ids: string[], ...given: string[]]>([
    [[ID_1], ID_1, ID_1.toUpperCase(), `\n  ${ID_1}\t`],
    [[ID_2, ID_1], `${ID_2} ${ID_1}`, `${ID_2} ${ID_1} ${ID_2.toUpperCase()}`],
    [[ID_1, ID_2], `${ID_1}\r\n${ID_2}\r\n`, `${ID_1},${ID_2},`, `${ID_1} ,\n ${ID_2}`],
    [[ID_1, ID_2], `["${ID_1}", "${ID_2}"]`, `\n[\n "${ID_1.toUpperCase()} ",\n " ${ID_2}"\n]\n`],
  ])('names the jobs %j as %j or the like', (ids, ...all) => {
    for (const given of all) expect(settings({ 'job-id': given }).target).toEqual({ kind: 'ids', ids });
  });

  it('may name 100 jobs, and no more', () => {
    const many = (n: number) => Array.from({ length: n }, (_, i) => ID_1.slice(0, -3) + String(100 + i));
    const twice = [...many(100), ...many(100)].join(' ');
    expect(settings({ 'job-id': twice }).target).toEqual({ kind: 'ids', ids: many(100) });
    expect(errors({ 'job-id': many(101).join(' ') })).toEqual([
      'job-id: contains 101 job IDs, but one step waits for at most 100. Use several steps.',
    ]);
  });

  const noUuid = (quoted: string) => `must contain UUIDs, but contains ${quoted}.`;
  const noArray = (given: string) => `must be a JSON array of strings, but is ${JSON.stringify(given)}.`;
  const notOne = ['abc', `x${ID_1}`, `${ID_1}0`, ID_1.replace('7', 'g'), `{${ID_1}}`];
  it.each([
    ...notOne.map((given) => [given, noUuid(`"${given}"`)] as const),
    [`${ID_1} 12, ${ID_2}`, noUuid('"12"')],
    ['a b c', noUuid('"a", "b", "c"')],
    ['a b c d e', noUuid('"a", "b", "c" (and 2 more)')],
    ['"quoted"', noUuid('"\\"quoted\\""')],
    ['[""]', noUuid('""')],
    ['z'.repeat(5000), noUuid(`"${'z'.repeat(99)}…"`)],
    [',', '"," contains no job ID.'],
    ['[]', '"[]" contains no job ID.'],
    ...['[', `[${ID_1}]`, '[1]', `["${ID_1}", null]`].map((given) => [given, noArray(given)] as const),
  ])('cannot be %j', (given, problem) => {
    expect(errors({ 'job-id': given })).toEqual([`job-id: ${problem}`]);
  });
});

describe('job-name', () => {
  const byName: Given = { 'job-id': '', 'job-name': '  Nightly import ' };

  it.each<[given: Given, query: object]>([
    [{}, { type: undefined, user: undefined, lookbackMs: 60 * MINUTE }],
    [
      { 'job-type': ' IMPORT ', 'job-user': USER.toUpperCase(), 'lookback-minutes': '1.5' },
      { type: 'IMPORT', user: USER, lookbackMs: 90_000 },
    ],
    [{ 'lookback-minutes': '0', 'job-api': 'jobs-v1' }, { lookbackMs: 0 }],
    [{ 'lookback-minutes': '1000000', 'job-api': 'core-2.0' }, { lookbackMs: 6e10 }],
    [{ 'job-name-match': ' START ' }, { nameMatch: 'start', lookbackMs: 60 * MINUTE }],
  ])('replaces job-id, and can be combined with %j', (given, query) => {
    const all = { kind: 'name', name: 'Nightly import', nameMatch: 'exact', type: undefined, user: undefined };
    expect(settings({ ...byName, ...given }).target).toEqual({ ...all, ...query });
  });

  it.each<[given: Given, error: string]>([
    [{ ...byName, 'job-id': ID_1 }, 'job-id, job-name: both are set. Set only one of them.'],
    [{ 'job-id': '' }, 'job-id, job-name: both are missing. Set one of them.'],
    [{ ...byName, 'job-user': 'anna' }, 'job-user: must be the UUID of a user, but is "anna".'],
    [{ 'job-type': 'IMPORT' }, 'job-type: "IMPORT" has no effect without job-name. Remove it.'],
    [{ 'job-user': USER }, `job-user: "${USER}" has no effect without job-name. Remove it.`],
    [
      { ...byName, 'job-name-match': 'regex' },
      'job-name-match: "regex" is not supported. Supported values: exact, start, end, anywhere.',
    ],
    [{ 'job-name-match': '*' }, 'job-name-match: "*" is not supported. Supported values: exact, start, end, anywhere.'],
  ])('and its companions cannot be %j', (given, error) => {
    expect(errors(given)).toEqual([error]);
  });
});

describe('credentials', () => {
  const basic = (username: string, password: string) => ({ kind: 'basic', username, password }) as const;
  const client = { 'client-id': 'c', 'client-secret': 's' };
  const bySecret = { method: 'client_secret_basic', clientSecret: 's' } as const;
  const oauth = (tokenUrl: string, authentication: object = bySecret, more: object = {}) => {
    const all = { kind: 'client', clientId: 'c', tokenUrl, scope: undefined, parameters: [], ...more };
    return { ...all, authentication } as Settings['credentials'];
  };
  const github = { 'client-id': 'c', 'client-auth-method': 'GitHub_OIDC' };
  const byGithub = (audience: string) => {
    return { method: 'github_oidc', oidc: { requestUrl: 'https://github.example/x', requestToken: 't', audience } };
  };
  const audience = ['audience', 'https://x/?a=b=='];
  const OWN_URL = `${URL}/rest/oauth/v2/token`;
  const idp = 'https://login.example/oauth2/token//';
  const scope = 'api://collibra/.default openid';

  it.each<[given: Given, credentials: Settings['credentials']]>([
    [{ token: 'eyJ.A-z_0~9+/==' }, { kind: 'bearer', token: 'eyJ.A-z_0~9+/==' }],
    [{ token: ' abc \r\n' }, { kind: 'bearer', token: 'abc' }],
    [{ username: ' anna ', password: 'p' }, basic('anna', 'p')],
    // Only line breaks at the end are no part of a secret.
    [{ username: 'anna', password: '  a b\t \r\n\n' }, basic('anna', '  a b\t ')],
    [{ username: 'anna', password: 'a\nb' }, basic('anna', 'a\nb')],
    [{ 'client-id': ' c ', 'client-secret': ' s\n' }, oauth(OWN_URL, { ...bySecret, clientSecret: ' s' })],
    [{ ...client, 'token-url': idp, scope }, oauth(idp, bySecret, { scope })],
    [{ ...client, 'token-url': 'http://127.0.0.1:9/token' }, oauth('http://127.0.0.1:9/token')],
    [{ ...client, url: `${URL}/prefix/` }, oauth(`${URL}/prefix/rest/oauth/v2/token`)],
    [
      { ...client, 'client-auth-method': 'client_secret_post' },
      oauth(OWN_URL, { ...bySecret, method: 'client_secret_post' }),
    ],
    [github, oauth(OWN_URL, byGithub(OWN_URL))],
    [{ ...github, 'token-url': idp, 'oidc-audience': ' a b&ü ' }, oauth(idp, byGithub('a b&ü'))],
    [
      { ...client, 'token-parameters': '\n audience = https://x/?a=b== \r\n\r\nresource=1\rresource=1\n' },
      oauth(OWN_URL, bySecret, { parameters: [audience, ['resource', '1'], ['resource', '1']] }),
    ],
  ])('may be %j', (given, credentials) => {
    expect(settings({ token: '', ...given }).credentials).toEqual(credentials);
  });

  const count = (n: number) =>
    `Set exactly one authentication method (found ${n}): token, username with password, or client-id with client-secret.`;
  const badToken =
    'token: contains invalid characters. Set only the token, without "Bearer" or quotes. (The value is hidden.)';
  const user = { username: 'anna', password: 'p' };

  it.each<[given: Given, ...errors: string[]]>([
    [{}, count(0)],
    [{ token: ' \n', password: '\r\n' }, count(0)],
    [{ token: 'a', ...user }, count(2)],
    [{ token: 'a', ...user, ...client }, count(3)],
    [{ token: 'a', 'client-secret': 's' }, count(2), 'client-id: is missing. client-secret requires it.'],
    [{ username: 'anna' }, 'password: is missing. username requires it.'],
    [{ password: 'p' }, 'username: is missing. password requires it.'],
    [{ 'client-id': 'c' }, 'client-secret: is missing. client-id requires it.'],
    [{ 'client-secret': 's' }, 'client-id: is missing. client-secret requires it.'],
    ...['Bearer abc', 'abc\ndef', 'abc\r\nx-evil: 1', 'abcé'].map((token): [Given, string] => [{ token }, badToken]),
    [
      { username: 'anna:b', password: 'p' },
      'username: contains a colon, which Basic authentication does not allow. Set the password in its own input. (The value is hidden.)',
    ],
    [
      { ...client, 'token-url': 'http://login.example/token' },
      'token-url: "http://login.example/token" must use https, because http sends credentials unencrypted.',
    ],
    [{ ...client, 'token-url': 'login' }, 'token-url: "login" is not a URL. Start it with https://.'],
    ...['token-url', 'scope', 'token-parameters', 'oidc-audience'].flatMap((name): [Given, string][] => [
      [{ token: 'a', [name]: 'x' }, `${name}: has no effect without client-id. Remove it.`],
      [{ [name]: 'x' }, `client-id: is missing. ${name} requires it.`],
    ]),
    [{ 'client-auth-method': 'github_oidc' }, 'client-id: is missing. client-auth-method github_oidc requires it.'],
    [
      { ...github, 'client-secret': 's' },
      'client-secret: must be empty with client-auth-method github_oidc. Remove it.',
    ],
    [
      { ...client, 'oidc-audience': 'x' },
      'oidc-audience: has no effect without client-auth-method github_oidc. Set that, or remove it.',
    ],
    [
      { ...github, 'client-auth-method': 'github-oidc', 'oidc-audience': 'x' },
      'client-auth-method: "github-oidc" is not supported. Supported values: client_secret_basic, client_secret_post, github_oidc.',
    ],
  ])('cannot be %j', (given, ...expected) => {
    expect(errors({ token: '', ...given })).toEqual(expected);
  });

  it.each([
    ['x', 'is not name=value. (It is hidden.)'],
    ['=x', 'is not name=value. (It is hidden.)'],
    ['https://x/?a=b', 'is not name=value. (It is hidden.)'],
    ['x=', 'has no value. Set one, or remove it.'],
    ...['grant_type', 'scope', 'client_id', 'client_secret', 'client_assertion', 'client_assertion_type'].map(
      (name) => [`${name.toUpperCase()} = x`, `sets ${name}, which the step sets itself. Remove it.`],
    ),
  ])('cannot have the line %j in token-parameters', (line, problem) => {
    expect(errors({ token: '', ...client, 'token-parameters': `audience=a\n${line}` })).toEqual([
      `token-parameters: line 2 ${problem}`,
    ]);
  });

  it.each([
    [{ ACTIONS_ID_TOKEN_REQUEST_URL: '' }, /requires the permission id-token: write/],
    [{ ACTIONS_ID_TOKEN_REQUEST_TOKEN: '' }, /requires the permission id-token: write/],
    [
      { ACTIONS_ID_TOKEN_REQUEST_URL: 'http://github.example' },
      /requires an https URL in ACTIONS_ID_TOKEN_REQUEST_URL/,
    ],
    [{ ACTIONS_ID_TOKEN_REQUEST_URL: 'x' }, /requires an https URL in ACTIONS_ID_TOKEN_REQUEST_URL/],
  ])('of GitHub are missing with the variables %j', (env, error) => {
    expect(errors({ token: '', ...github }, { ...RUNNER, ...env })).toEqual([expect.stringMatching(error)]);
    expect(errors({ token: '', ...github }, { ...RUNNER, ACTIONS_ID_TOKEN_REQUEST_URL: 'http://[::1]:8/' })).toEqual(
      [],
    );
  });

  it('are never quoted', () => {
    const secrets = { token: 'open sesame 1', password: 'open sesame 2', 'client-secret': 'open sesame 3' };
    const more = { 'client-id': 'c', 'token-parameters': 'open sesame 4', 'client-auth-method': 'github_oidc' };
    const messages = errors({ url: 'x', 'job-id': 'y', ...secrets, ...more }).join('\n');
    expect(messages).toContain(badToken);
    expect(messages).not.toContain('sesame');
  });
});

describe('an input', () => {
  it.each<[results: string[], ...given: string[]]>([
    [[], 'SUCCESS', ','],
    [['COMPLETED_WITH_ERROR'], 'COMPLETED_WITH_ERROR'],
    [['ABORTED'], 'aborted', 'success ABORTED'],
    [
      ['COMPLETED_WITH_ERROR', 'ABORTED'],
      'Aborted,Completed_With_Error',
      ' ABORTED \n COMPLETED_WITH_ERROR , ABORTED ',
    ],
  ])('accepts the results %j for %j or the like', (results, ...all) => {
    for (const accept of all) expect(settings({ accept }).policy.accept).toEqual(new Set(results));
  });

  it.each<[name: string, given: string, expected: object]>([
    ['job-api', 'JOBS-V1', { jobApi: 'jobs-v1' }],
    ['job-api', ' core-2.0 ', { jobApi: 'core-2.0' }],
    ['on-timeout', 'Delete', { onTimeout: 'delete', onCancel: 'leave' }],
    ['on-cancel', 'delete', { onTimeout: 'leave', onCancel: 'delete' }],
    ['import-results', 'FALSE', { importResults: false }],
    ['errors-file', ' out/errors.jsonl ', { errorsFile: 'out/errors.jsonl' }],
  ])('is read without regard to case and whitespace: %s %j', (name, given, expected) => {
    expect(settings({ [name]: given })).toMatchObject(expected);
  });

  const results = 'COMPLETED_WITH_ERROR, ABORTED, SUCCESS';
  it.each([
    ['accept', 'FAILURE', '"FAILURE"', results],
    ['accept', 'ABORTED PARTIAL', '"PARTIAL"', results],
    ['accept', 'ABORTED;SUCCESS', '"ABORTED;SUCCESS"', results],
    ['accept', 'a b not_set d', '"A", "B", "NOT_SET" (and 1 more)', results],
    ['accept', '__proto__', '"__PROTO__"', results],
    ['job-api', 'v1', '"v1"', 'auto, jobs-v1, core-2.0'],
    ['on-timeout', 'yes', '"yes"', 'leave, delete'],
    ['on-cancel', 'cancel', '"cancel"', 'leave, delete'],
    ['import-results', 'yes', '"yes"', 'true, false'],
  ])('has no other value: %s cannot be %j', (name, given, quoted, supported) => {
    expect(errors({ [name]: given })).toEqual([`${name}: ${quoted} is not supported. Supported values: ${supported}.`]);
  });
});

describe('a number', () => {
  /** All numbers of the settings, by their inputs. */
  function numbers(given: Given) {
    const { policy, polling } = settings(given);
    return {
      'max-failed-commands': policy.maxFailedCommands,
      'timeout-minutes': polling.timeoutMs,
      'max-outage-minutes': polling.maxOutageMs,
      'min-interval-seconds': polling.interval.minMs,
      'max-interval-seconds': polling.interval.maxMs,
    };
  }

  it.each<[name: string, values: Readonly<Record<string, number>>]>([
    ['max-failed-commands', { '0': 0, '007': 7, ' 100 ': 100, '9007199254740991': 9007199254740991 }],
    ['timeout-minutes', { '7200': 432_000_000, '.25': 15_000, '5.': 300_000, ' 0.001 ': 60, '0010': 600_000 }],
    ['max-outage-minutes', { '0': 0, '2.5': 150_000, '1000000': 6e10 }],
    ['min-interval-seconds', { '0.1': 100, '60': 60_000 }],
    ['max-interval-seconds', { '1': 1000, '60000000': 6e10 }],
  ])('is read exactly: %s', (name, values) => {
    for (const [given, n] of Object.entries(values))
      expect(numbers({ [name]: given })).toEqual({ ...numbers({}), [name]: n });
  });

  const never = ['5s', '0x10', '1e3', '-1', '+1', 'Infinity', 'NaN', '1,5', '1 5', '.', '1.2.3', '٣', 'five'];
  it.each([
    ['max-failed-commands', 'whole number, 0 or more', '1.5', '9007199254740992'],
    ['timeout-minutes', 'number of minutes greater than 0 and at most 7200', '0', '7200.1'],
    ['max-outage-minutes', 'number of minutes from 0 to 1000000', '1000001'],
    ['min-interval-seconds', 'number of seconds from 0.1 to 60000000', '0', '0.09'],
    ['max-interval-seconds', 'number of seconds greater than 0 and at most 60000000', '60000001'],
    ['lookback-minutes', 'number of minutes from 0 to 1000000', '1000001'],
  ])('has no unit, exponent or sign, and a range: %s must be a %s', (name, range, ...outside) => {
    const error = (quoted: string) => `${name}: must be a ${range}, but is "${quoted}".`;
    for (const given of [...never, ...outside]) expect(errors({ [name]: given })).toEqual([error(given)]);
    expect(errors({ [name]: '9'.repeat(400) })[0]).toBe(error(`${'9'.repeat(99)}…`));
  });

  const badMin = 'min-interval-seconds: must be a number of seconds from 0.1 to 60000000, but is "60000001".';
  it.each([
    ['5.5', '5.5', []],
    ['60000000', '60000000', []],
    ['60000001', '60000001', [badMin, expect.stringMatching(/^must be /)]],
    ['5.5', '5', ['5 is less than min-interval-seconds (5.5). Increase it.']],
    ['', '0.5', ['0.5 is less than min-interval-seconds (1). Increase it.']],
    ['61', '', ['60 is less than min-interval-seconds (61). Increase it.']],
    ['0.1', '0', [expect.stringMatching(/^must be /), '0 is less than min-interval-seconds (0.1). Increase it.']],
  ])('fits to its companion: intervals from %j to %j have the errors %j', (min, max, expected) => {
    const got = errors({ 'min-interval-seconds': min, 'max-interval-seconds': max });
    expect(got.map((error) => error.replace('max-interval-seconds: ', ''))).toEqual(expected);
  });
});

it('all errors are reported at once, in the order of the inputs', () => {
  const names =
    'url job-type job-user lookback-minutes job-id token-url accept max-failed-commands job-api timeout-minutes ' +
    'min-interval-seconds max-interval-seconds max-outage-minutes on-timeout on-cancel import-results';
  const wrong = Object.fromEntries(names.split(' ').map((name) => [name, name === 'job-user' ? USER : 'x']));
  expect(errors(wrong).map((error) => error.replace(/:.*/, ''))).toEqual(names.split(' '));
});
