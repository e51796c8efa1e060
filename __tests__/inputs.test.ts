import { readFileSync } from 'node:fs';

import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';

import { DEFAULTS, readSettings, SECRET_INPUTS, type Settings } from '../src/inputs.ts';
import { outputsOf } from '../src/report/outputs.ts';

const ID_1 = '0191b5c4-7a1e-7c0a-9c43-2f1d8a6b9e01';
const ID_2 = '0191b5c4-7a1e-7c0a-9c43-2f1d8a6b9e02';
const USER = '5e3f0a4c-9b1d-4c55-8f27-d1b2a3c4d5e6';
const MINUTE = 60_000;

type Given = Readonly<Record<string, string>>;

/** Inputs that are enough. */
const enough: Given = { url: 'https://acme.collibra.com', 'job-id': ID_1, token: 'a.b.c' };

function read(given: Given) {
  return readSettings((name) => given[name] ?? '');
}

/** Settings of inputs that must be right. */
function settings(given: Given): Settings {
  const got = read(given);
  if ('errors' in got) throw new Error(got.errors.join('\n'));
  return got;
}

/** What is wrong with inputs. */
function errors(given: Given): readonly string[] {
  const got = read(given);
  return 'errors' in got ? got.errors : [];
}

describe('inputs that are enough', () => {
  const defaults: Settings = {
    url: 'https://acme.collibra.com',
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

  it('give the defaults for the rest', () => {
    expect(read(enough)).toEqual(defaults);
  });

  it('count as not given where they are empty or white space', () => {
    const names = Object.keys(actionFile.inputs).filter((name) => !(name in enough));
    expect(read({ ...Object.fromEntries(names.map((name) => [name, ''])), ...enough })).toEqual(defaults);
    const blank = names.filter((name) => !['password', 'client-secret'].includes(name));
    expect(read({ ...Object.fromEntries(blank.map((name) => [name, ' \t\n'])), ...enough })).toEqual(
      defaults,
    );
  });
});

interface ActionFile {
  readonly inputs: Readonly<Record<string, { readonly default?: string; readonly required?: boolean }>>;
  readonly outputs: Readonly<Record<string, unknown>>;
}

const actionFile = parse(readFileSync(new URL('../action.yml', import.meta.url), 'utf8')) as ActionFile;

describe('action.yml', () => {
  it('declares every input that is read, and no other', () => {
    const names = new Set<string>();
    const record = (given: Given) => {
      readSettings((name) => {
        names.add(name);
        return given[name] ?? '';
      });
    };
    record(enough);
    record({ 'job-name': 'Nightly import', 'max-failed-commands': '1' });
    expect([...names].sort()).toEqual(Object.keys(actionFile.inputs).sort());
  });

  it('has the defaults of the code', () => {
    const declared = Object.entries(actionFile.inputs).flatMap(([name, { default: value }]) =>
      value === undefined || value === '' ? [] : [[name, value]],
    );
    expect(Object.fromEntries(declared)).toEqual(DEFAULTS);
  });

  it('has the defaults of the contract', () => {
    const declared = Object.entries(actionFile.inputs).map(([name, { default: value }]) => [name, value]);
    expect(Object.fromEntries(declared)).toMatchObject({
      'lookback-minutes': '60',
      accept: '',
      'job-api': 'auto',
      'timeout-minutes': '60',
      'min-interval-seconds': '1',
      'max-interval-seconds': '60',
      'max-outage-minutes': '10',
      'on-timeout': 'leave',
      'on-cancel': 'leave',
      'import-results': 'true',
    });
  });

  it('requires the URL alone, for GitHub does not enforce it', () => {
    const required = Object.entries(actionFile.inputs).filter(([, { required = false }]) => required);
    expect(required.map(([name]) => name)).toEqual(['url']);
  });

  it('declares every output that is set, and no other', () => {
    const set = Object.keys(outputsOf({ outcome: 'error', jobs: [] }));
    expect(set.sort()).toEqual(Object.keys(actionFile.outputs).sort());
  });

  it('declares the secret inputs', () => {
    expect(Object.keys(actionFile.inputs)).toEqual(expect.arrayContaining([...SECRET_INPUTS]));
    expect(SECRET_INPUTS).toEqual(['token', 'password', 'client-secret']);
  });
});

describe('url', () => {
  const good: [name: string, given: string, url: string][] = [
    ['as it is', 'https://acme.collibra.com', 'https://acme.collibra.com'],
    ['with a trailing slash', 'https://acme.collibra.com/', 'https://acme.collibra.com'],
    ['with many trailing slashes', 'https://acme.collibra.com///', 'https://acme.collibra.com'],
    ['with a path prefix', 'https://tools.example/collibra/dev', 'https://tools.example/collibra/dev'],
    ['with a path prefix and a slash', 'https://tools.example/collibra/', 'https://tools.example/collibra'],
    ['with slashes inside its path', 'https://tools.example/a//b/', 'https://tools.example/a//b'],
    ['with a port', 'https://acme.collibra.com:8443/', 'https://acme.collibra.com:8443'],
    ['with white space around it', '  https://acme.collibra.com\n', 'https://acme.collibra.com'],
    ['in upper case', 'HTTPS://ACME.COLLIBRA.COM', 'https://acme.collibra.com'],
    ['on localhost', 'http://localhost:8080/', 'http://localhost:8080'],
    ['on 127.0.0.1', 'http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
    ['on another loopback address', 'http://127.1.22.133', 'http://127.1.22.133'],
    ['on a loopback address of three digits', 'http://127.100.200.255', 'http://127.100.200.255'],
    ['on the IPv6 loopback', 'http://[::1]:8080', 'http://[::1]:8080'],
  ];
  it.each(good)('is taken %s', (_name, url, expected) => {
    expect(settings({ ...enough, url }).url).toBe(expected);
  });

  const bad: [url: string, error: string][] = [
    ['', 'url: missing; give the base URL of the Collibra environment, e.g. https://acme.collibra.com'],
    ['acme.collibra.com', 'url: "acme.collibra.com" is not a URL; it begins with https://'],
    ['https://', 'url: "https://" is not a URL; it begins with https://'],
    ['/rest/2.0', 'url: "/rest/2.0" is not a URL; it begins with https://'],
    ['acme.collibra.com:443', 'url: "acme.collibra.com:443" is not an https URL'],
    ['ftp://acme.collibra.com', 'url: "ftp://acme.collibra.com" is not an https URL'],
    ['javascript:alert(1)', 'url: "javascript:alert(1)" is not an https URL'],
    [
      'http://acme.collibra.com',
      'url: "http://acme.collibra.com" is not https, so credentials would travel in the open',
    ],
    [
      'http://127.0.0.1.example.com',
      'url: "http://127.0.0.1.example.com" is not https, so credentials would travel in the open',
    ],
    ['http://x127.0.0.1', 'url: "http://x127.0.0.1" is not a URL; it begins with https://'],
    [
      'http://sub.localhost',
      'url: "http://sub.localhost" is not https, so credentials would travel in the open',
    ],
    [
      'https://acme.collibra.com?a=b',
      'url: "https://acme.collibra.com?a=b" has a query or a fragment, which does not belong there',
    ],
    [
      'https://acme.collibra.com/?',
      'url: "https://acme.collibra.com/?" has a query or a fragment, which does not belong there',
    ],
    [
      'https://acme.collibra.com/#top',
      'url: "https://acme.collibra.com/#top" has a query or a fragment, which does not belong there',
    ],
    [
      `https://acme.collibra.com:x/${'y'.repeat(200)}`,
      `url: "https://acme.collibra.com:x/${'y'.repeat(71)}…" is not a URL; it begins with https://`,
    ],
  ];
  it.each(bad)('is refused as %j', (url, error) => {
    expect(errors({ ...enough, url })).toEqual([error]);
  });

  it.each([
    ['https://anna:sesame-7@acme.collibra.com', 'has user info'],
    ['https://anna@acme.collibra.com', 'has user info'],
    ['https://:sesame-7@acme.collibra.com', 'has user info'],
    ['https://anna:sesame-7@acme.collibra.com?q', 'has user info'],
    ['http://anna:sesame-7@acme.collibra.com', 'has user info'],
    ['ftp://anna:sesame-7@acme.collibra.com', 'has user info'],
    ['https:anna:sesame-7@acme.collibra.com', 'has user info'],
    ['https:/anna:sesame-7@acme.collibra.com', 'has user info'],
    ['https:\\\\anna:sesame-7@acme.collibra.com', 'has user info'],
    ['https://anna:open/sesame-7@acme.collibra.com', 'is not a URL'],
    ['https://anna:open#sesame-7@acme.collibra.com', 'is not a URL'],
    ['https://anna:p@ss/sesame-7@acme.collibra.com', ''],
    ['anna:sesame-7@acme.collibra.com', 'is not an https URL'],
  ])('never quotes user info: %s', (url, fault) => {
    for (const got of [errors({ ...enough, url }), errors({ ...client, 'token-url': url })]) {
      expect(got).toHaveLength(1);
      expect(got[0]).toContain(fault);
      expect(got[0]).not.toMatch(/anna|sesame/);
      expect(got[0]).toContain('***@acme.collibra.com');
    }
  });
});

const client: Given = {
  url: 'https://acme.collibra.com',
  'job-id': ID_1,
  'client-id': 'urn:sys:env:x:i:y',
  'client-secret': 's3cr3t/+',
};

describe('job-id', () => {
  const good: [name: string, given: string, ids: string[]][] = [
    ['one', ID_1, [ID_1]],
    ['in upper case', ID_1.toUpperCase(), [ID_1]],
    ['with white space around it', `\n  ${ID_1}\t`, [ID_1]],
    ['separated by white space', `${ID_2} ${ID_1}`, [ID_2, ID_1]],
    ['on lines of their own', `${ID_1}\r\n${ID_2}\r\n`, [ID_1, ID_2]],
    ['separated by commas', `${ID_1},${ID_2},`, [ID_1, ID_2]],
    ['separated by both', `${ID_1} ,\n ${ID_2}`, [ID_1, ID_2]],
    ['given twice', `${ID_2} ${ID_1} ${ID_2.toUpperCase()}`, [ID_2, ID_1]],
    ['as a JSON array', `["${ID_1}", "${ID_2}"]`, [ID_1, ID_2]],
    ['as a JSON array over lines', `\n[\n "${ID_1.toUpperCase()} ",\n " ${ID_2}"\n]\n`, [ID_1, ID_2]],
  ];
  it.each(good)('is taken: %s', (_name, given, ids) => {
    expect(settings({ ...enough, 'job-id': given }).target).toEqual({ kind: 'ids', ids });
  });

  it('may name 100 jobs, and no more', () => {
    const many = (n: number) =>
      Array.from({ length: n }, (_, i) => `${ID_1.slice(0, -3)}${String(i).padStart(3, '0')}`);
    const hundred = settings({ ...enough, 'job-id': many(100).join(' ') }).target;
    expect(hundred).toEqual({ kind: 'ids', ids: many(100) });
    expect(read({ ...enough, 'job-id': [...many(100), ...many(100)].join(' ') })).toHaveProperty('target');
    expect(errors({ ...enough, 'job-id': many(101).join(' ') })).toEqual([
      'job-id: 101 jobs are more than the 100 that one step waits for',
    ]);
  });

  const bad: [given: string, error: string][] = [
    ['abc', 'job-id: "abc" is not a UUID'],
    [`${ID_1} 12, ${ID_2}`, 'job-id: "12" is not a UUID'],
    [`x${ID_1}`, `job-id: "x${ID_1}" is not a UUID`],
    [`${ID_1}0`, `job-id: "${ID_1}0" is not a UUID`],
    [ID_1.replace('7', 'g'), `job-id: "${ID_1.replace('7', 'g')}" is not a UUID`],
    [`{${ID_1}}`, `job-id: "{${ID_1}}" is not a UUID`],
    ['a b c', 'job-id: "a", "b", "c" is not a UUID'],
    ['a b c d e', 'job-id: "a", "b", "c" (and 2 more) is not a UUID'],
    ['"quoted"', 'job-id: "\\"quoted\\"" is not a UUID'],
    [',', 'job-id: "," holds no job id'],
    ['[]', 'job-id: "[]" holds no job id'],
    ['[', 'job-id: "[" is not a JSON array of strings'],
    [`[${ID_1}]`, `job-id: "[${ID_1}]" is not a JSON array of strings`],
    ['[1]', 'job-id: "[1]" is not a JSON array of strings'],
    [`["${ID_1}", null]`, `job-id: "[\\"${ID_1}\\", null]" is not a JSON array of strings`],
    ['[""]', 'job-id: "" is not a UUID'],
    ['z'.repeat(5000), `job-id: "${'z'.repeat(99)}…" is not a UUID`],
  ];
  it.each(bad)('is refused: %s', (given, error) => {
    expect(errors({ ...enough, 'job-id': given })).toEqual([error]);
  });
});

describe('job-name', () => {
  const byName: Given = {
    url: 'https://acme.collibra.com',
    token: 'a.b.c',
    'job-name': '  Nightly import ',
  };

  it('replaces job-id, with a look-back of an hour', () => {
    expect(settings(byName).target).toEqual({
      kind: 'name',
      name: 'Nightly import',
      type: undefined,
      user: undefined,
      lookbackMs: 60 * MINUTE,
    });
  });

  it('takes type, user and look-back', () => {
    const more = { 'job-type': ' IMPORT ', 'job-user': USER.toUpperCase(), 'lookback-minutes': '1.5' };
    expect(settings({ ...byName, ...more }).target).toEqual({
      kind: 'name',
      name: 'Nightly import',
      type: 'IMPORT',
      user: USER,
      lookbackMs: 90_000,
    });
  });

  it('may look back for no time at all, and for a very long time', () => {
    expect(settings({ ...byName, 'lookback-minutes': '1000000' }).target).toMatchObject({ lookbackMs: 6e10 });
    expect(settings({ ...byName, 'lookback-minutes': '0' }).target).toMatchObject({ lookbackMs: 0 });
  });

  it.each<[name: string, given: Given, error: string]>([
    ['both', { ...byName, 'job-id': ID_1 }, 'job-id and job-name: give one of them, not both'],
    [
      'neither',
      { url: 'https://acme.collibra.com', token: 'a.b.c' },
      'job-id or job-name: missing; give one of them',
    ],
    ['a user that is no UUID', { ...byName, 'job-user': 'anna' }, 'job-user: "anna" is not a UUID'],
    [
      'a type without a name',
      { ...enough, 'job-type': 'IMPORT' },
      'job-type: "IMPORT" has no effect without job-name',
    ],
    [
      'a user without a name',
      { ...enough, 'job-user': USER },
      `job-user: "${USER}" has no effect without job-name`,
    ],
    [
      'the Core API, which has no such search',
      { ...byName, 'job-api': 'core-2.0' },
      'job-name is looked for with the Job API (Find jobs): job-api must be auto or jobs-v1, not core-2.0',
    ],
  ])('is refused: %s', (_name, given, error) => {
    expect(errors(given)).toEqual([error]);
  });

  it('goes with the Job API', () => {
    expect(settings({ ...byName, 'job-api': 'jobs-v1' }).jobApi).toBe('jobs-v1');
    expect(settings({ ...enough, 'job-api': 'core-2.0' }).jobApi).toBe('core-2.0');
  });
});

describe('credentials', () => {
  const bare: Given = { url: 'https://acme.collibra.com', 'job-id': ID_1 };
  const ways = 'token, or username with password, or client-id with client-secret';
  const badToken =
    'token: holds characters that no bearer token has; give the token alone, without "Bearer" (its value is not shown)';

  const good: [name: string, given: Given, credentials: Settings['credentials']][] = [
    ['a token', { token: 'eyJ.A-z_0~9+/==' }, { kind: 'bearer', token: 'eyJ.A-z_0~9+/==' }],
    ['a token with white space around it', { token: ' abc \r\n' }, { kind: 'bearer', token: 'abc' }],
    [
      'a user name and a password',
      { username: ' anna ', password: 'p' },
      { kind: 'basic', username: 'anna', password: 'p' },
    ],
    [
      'a password with white space, but for line ends behind it',
      { username: 'anna', password: '  a b\t \r\n\n' },
      { kind: 'basic', username: 'anna', password: '  a b\t ' },
    ],
    [
      'a password with a line break inside',
      { username: 'anna', password: 'a\nb' },
      { kind: 'basic', username: 'anna', password: 'a\nb' },
    ],
    [
      'a client',
      { 'client-id': ' urn:x:1 ', 'client-secret': ' s\n' },
      {
        kind: 'client',
        clientId: 'urn:x:1',
        clientSecret: ' s',
        tokenUrl: 'https://acme.collibra.com/rest/oauth/v2/token',
        scope: undefined,
      },
    ],
    [
      "a client of another identity provider's",
      {
        'client-id': 'c',
        'client-secret': 's',
        'token-url': 'https://login.example/oauth2/token//',
        scope: 'api://collibra/.default openid',
      },
      {
        kind: 'client',
        clientId: 'c',
        clientSecret: 's',
        tokenUrl: 'https://login.example/oauth2/token//',
        scope: 'api://collibra/.default openid',
      },
    ],
    [
      'a client with a token endpoint on a loopback host',
      { 'client-id': 'c', 'client-secret': 's', 'token-url': 'http://127.0.0.1:9/token' },
      {
        kind: 'client',
        clientId: 'c',
        clientSecret: 's',
        tokenUrl: 'http://127.0.0.1:9/token',
        scope: undefined,
      },
    ],
  ];
  it.each(good)('may be %s', (_name, given, credentials) => {
    expect(settings({ ...bare, ...given }).credentials).toEqual(credentials);
  });

  it('find the token endpoint behind the path prefix', () => {
    const { credentials } = settings({ ...client, url: 'https://tools.example/collibra/' });
    expect(credentials).toMatchObject({ tokenUrl: 'https://tools.example/collibra/rest/oauth/v2/token' });
  });

  const bad: [name: string, given: Given, errors: string[]][] = [
    ['none', {}, [`token, username or client-id: missing; give ${ways}`]],
    [
      'only line ends',
      { token: '\n', password: '\r\n' },
      [`token, username or client-id: missing; give ${ways}`],
    ],
    [
      'two ways',
      { token: 'a', username: 'anna', password: 'p' },
      [`Give one way to authenticate, not 2: ${ways}`],
    ],
    [
      'three ways',
      { token: 'a', username: 'anna', password: 'p', 'client-id': 'c', 'client-secret': 's' },
      [`Give one way to authenticate, not 3: ${ways}`],
    ],
    [
      'one way and half of another',
      { token: 'a', 'client-secret': 's' },
      [`Give one way to authenticate, not 2: ${ways}`, 'client-id: missing; client-secret needs it'],
    ],
    ['a user without a password', { username: 'anna' }, ['password: missing; username needs it']],
    ['a password without a user', { password: 'p' }, ['username: missing; password needs it']],
    ['a client without a secret', { 'client-id': 'c' }, ['client-secret: missing; client-id needs it']],
    ['a secret without a client', { 'client-secret': 's' }, ['client-id: missing; client-secret needs it']],
    ['a header in place of a token', { token: 'Bearer abc' }, [badToken]],
    ['a token with a line break inside', { token: 'abc\ndef' }, [badToken]],
    ['a token with a header of its own', { token: 'abc\r\nx-evil: 1' }, [badToken]],
    ['a token that is not ASCII', { token: 'abcé' }, [badToken]],
    ['a token of padding alone', { token: '==' }, [badToken]],
    ['a token with padding inside', { token: 'a=b' }, [badToken]],
    [
      'a user name with a colon',
      { username: 'anna:b', password: 'p' },
      ['username: "anna:b" has a colon, which basic authentication does not allow'],
    ],
    [
      'a token endpoint that is not https',
      { 'client-id': 'c', 'client-secret': 's', 'token-url': 'http://login.example/token' },
      ['token-url: "http://login.example/token" is not https, so credentials would travel in the open'],
    ],
    [
      'a token endpoint that is no URL',
      { 'client-id': 'c', 'client-secret': 's', 'token-url': 'login' },
      ['token-url: "login" is not a URL; it begins with https://'],
    ],
  ];
  it.each(bad)('may not be %s', (_name, given, expected) => {
    expect(errors({ ...bare, ...given })).toEqual(expected);
  });

  it('are never quoted', () => {
    const secrets = { token: 'open sesame 1', password: 'open sesame 2', 'client-secret': 'open sesame 3' };
    const told = errors({ url: 'x', 'job-id': 'y', ...secrets }).join('\n');
    expect(told).toContain('token: holds characters');
    expect(told).not.toContain('sesame');
  });
});

describe('the policy', () => {
  const good: [accept: string, results: string[]][] = [
    ['COMPLETED_WITH_ERROR', ['COMPLETED_WITH_ERROR']],
    ['aborted', ['ABORTED']],
    ['Aborted,Completed_With_Error', ['COMPLETED_WITH_ERROR', 'ABORTED']],
    [' ABORTED \n COMPLETED_WITH_ERROR , ABORTED ', ['COMPLETED_WITH_ERROR', 'ABORTED']],
    ['SUCCESS', []],
    ['success ABORTED', ['ABORTED']],
    [',', []],
    ['', []],
  ];
  it.each(good)('takes accept: %j', (accept, results) => {
    expect(settings({ ...enough, accept }).policy.accept).toEqual(new Set(results));
  });

  const allowed = 'allowed are COMPLETED_WITH_ERROR, ABORTED, SUCCESS';
  const bad: [accept: string, error: string][] = [
    ['FAILURE', `accept: "FAILURE" cannot be accepted; ${allowed}`],
    ['not_set', `accept: "NOT_SET" cannot be accepted; ${allowed}`],
    ['ABORTED COMPLETED_WITH_ERRORS', `accept: "COMPLETED_WITH_ERRORS" cannot be accepted; ${allowed}`],
    ['ABORTED;SUCCESS', `accept: "ABORTED;SUCCESS" cannot be accepted; ${allowed}`],
    ['a b c d', `accept: "A", "B", "C" (and 1 more) cannot be accepted; ${allowed}`],
    ['__proto__', `accept: "__PROTO__" cannot be accepted; ${allowed}`],
  ];
  it.each(bad)('refuses accept: %j', (accept, error) => {
    expect(errors({ ...enough, accept })).toEqual([error]);
  });

  it.each([
    ['0', 0],
    ['007', 7],
    [' 100 ', 100],
    ['9007199254740991', 9007199254740991],
  ])('takes max-failed-commands: %j', (given, limit) => {
    expect(settings({ ...enough, 'max-failed-commands': given }).policy.maxFailedCommands).toBe(limit);
  });

  it.each(['-1', '1.5', '1e3', '0x10', 'five', '5 commands', '+5', 'Infinity', '9007199254740992'])(
    'refuses max-failed-commands: %j',
    (given) => {
      expect(errors({ ...enough, 'max-failed-commands': given })).toEqual([
        `max-failed-commands: "${given}" is not a whole number, 0 or more`,
      ]);
    },
  );
});

describe('the words among the inputs', () => {
  it.each<[given: Given, expected: Partial<Settings>]>([
    [{ 'job-api': 'JOBS-V1' }, { jobApi: 'jobs-v1' }],
    [{ 'job-api': ' core-2.0 ' }, { jobApi: 'core-2.0' }],
    [{ 'job-api': 'Auto' }, { jobApi: 'auto' }],
    [{ 'on-timeout': 'Delete' }, { onTimeout: 'delete', onCancel: 'leave' }],
    [{ 'on-cancel': 'delete' }, { onTimeout: 'leave', onCancel: 'delete' }],
    [{ 'on-timeout': 'LEAVE' }, { onTimeout: 'leave' }],
    [{ 'import-results': 'FALSE' }, { importResults: false }],
    [{ 'import-results': 'True' }, { importResults: true }],
    [{ 'errors-file': ' out/errors.jsonl ' }, { errorsFile: 'out/errors.jsonl' }],
  ])('are taken in any case: %j', (given, expected) => {
    expect(read({ ...enough, ...given })).toMatchObject(expected);
  });

  it.each<[name: string, given: string, error: string]>([
    ['job-api', 'v1', 'job-api: "v1" is not one of auto, jobs-v1, core-2.0'],
    ['on-timeout', 'yes', 'on-timeout: "yes" is not one of leave, delete'],
    ['on-cancel', 'cancel', 'on-cancel: "cancel" is not one of leave, delete'],
    ['import-results', 'yes', 'import-results: "yes" is not one of true, false'],
    ['import-results', '1', 'import-results: "1" is not one of true, false'],
  ])('are refused otherwise: %s %j', (name, given, error) => {
    expect(errors({ ...enough, [name]: given })).toEqual([error]);
  });
});

describe('the numbers among the inputs', () => {
  it.each<[name: string, given: string, patience: object]>([
    ['timeout-minutes', '7200', { timeoutMs: 432_000_000 }],
    ['timeout-minutes', '.5', { timeoutMs: 30_000 }],
    ['timeout-minutes', '.25', { timeoutMs: 15_000 }],
    ['timeout-minutes', '5.', { timeoutMs: 300_000 }],
    ['timeout-minutes', ' 0.001 ', { timeoutMs: 60 }],
    ['timeout-minutes', '0010', { timeoutMs: 600_000 }],
    ['max-outage-minutes', '0', { maxOutageMs: 0 }],
    ['max-outage-minutes', '2.5', { maxOutageMs: 150_000 }],
    ['max-outage-minutes', '1000000', { maxOutageMs: 60_000_000_000 }],
    ['min-interval-seconds', '0.1', { pace: { minMs: 100, maxMs: 60_000 } }],
    ['min-interval-seconds', '60', { pace: { minMs: 60_000, maxMs: 60_000 } }],
    ['max-interval-seconds', '1', { pace: { minMs: 1000, maxMs: 1000 } }],
    ['max-interval-seconds', '60000000', { pace: { minMs: 1000, maxMs: 60_000_000_000 } }],
  ])('%s may be %j', (name, given, patience) => {
    expect(settings({ ...enough, [name]: given }).polling).toMatchObject(patience);
  });

  const ranges: Readonly<Record<string, string>> = {
    'timeout-minutes': 'of minutes, more than 0 and at most 7200',
    'max-outage-minutes': 'of minutes, from 0 to 1000000',
    'min-interval-seconds': 'of seconds, from 0.1 to 60000000',
    'max-interval-seconds': 'of seconds, more than 0 and at most 60000000',
    'lookback-minutes': 'of minutes, from 0 to 1000000',
  };
  const never = ['5s', '0x10', '1e3', '-1', '+1', 'Infinity', 'NaN', '1,5', '1 5', '.', '1.2.3', '٣', 'five'];
  it.each(Object.keys(ranges))('%s is never a word, a unit, an exponent or negative', (name) => {
    for (const given of never)
      expect(errors({ ...enough, [name]: given })).toEqual([
        `${name}: "${given}" is not a number ${String(ranges[name])}`,
      ]);
    expect(errors({ ...enough, [name]: '9'.repeat(400) })[0]).toBe(
      `${name}: "${'9'.repeat(99)}…" is not a number ${String(ranges[name])}`,
    );
  });

  it.each([
    ['timeout-minutes', '0'],
    ['timeout-minutes', '7200.1'],
    ['max-outage-minutes', '1000001'],
    ['min-interval-seconds', '0.09'],
    ['min-interval-seconds', '0'],
    ['max-interval-seconds', '60000001'],
    ['lookback-minutes', '1000001'],
  ])('%s may not be %s', (name, given) => {
    expect(errors({ ...enough, [name]: given })).toEqual([
      `${name}: "${given}" is not a number ${String(ranges[name])}`,
    ]);
  });

  it('the shortest interval has a bound as well', () => {
    const given = { ...enough, 'max-interval-seconds': '60000000' };
    expect(settings({ ...given, 'min-interval-seconds': '60000000' }).polling.interval.minMs).toBe(6e10);
    expect(errors({ ...given, 'min-interval-seconds': '60000001' })).toContain(
      'min-interval-seconds: "60000001" is not a number of seconds, from 0.1 to 60000000',
    );
  });

  it('the longest interval is not below the shortest; both are quoted', () => {
    const error = (max: string, min: string) =>
      errors({ ...enough, 'max-interval-seconds': max, 'min-interval-seconds': min });
    expect(error('5', '5.5')).toEqual(['max-interval-seconds: 5 is below min-interval-seconds (5.5)']);
    expect(error('5.5', '5.5')).toEqual([]);
    expect(errors({ ...enough, 'max-interval-seconds': '0.5' })).toEqual([
      'max-interval-seconds: 0.5 is below min-interval-seconds (1)',
    ]);
    expect(errors({ ...enough, 'min-interval-seconds': '61' })).toEqual([
      'max-interval-seconds: 60 is below min-interval-seconds (61)',
    ]);
    expect(error('0', '0.1')).toEqual([
      'max-interval-seconds: "0" is not a number of seconds, more than 0 and at most 60000000',
      'max-interval-seconds: 0 is below min-interval-seconds (0.1)',
    ]);
  });
});

it('all errors are told at once', () => {
  const told = errors({
    url: 'http://acme.collibra.com',
    'job-id': 'x',
    'job-type': 'IMPORT',
    'job-user': 'anna',
    'lookback-minutes': '-5',
    username: 'anna',
    'token-url': 'login',
    accept: 'FAILURE',
    'max-failed-commands': 'few',
    'job-api': 'v3',
    'timeout-minutes': 'long',
    'min-interval-seconds': 'short',
    'max-interval-seconds': 'longer',
    'max-outage-minutes': 'some',
    'on-timeout': 'cancel',
    'on-cancel': 'stop',
    'import-results': 'maybe',
  });
  expect(told.map((error) => error.replace(/:.*/, ''))).toEqual([
    'url',
    'job-type',
    'job-user',
    'job-user',
    'lookback-minutes',
    'job-id',
    'password',
    'token-url',
    'accept',
    'max-failed-commands',
    'job-api',
    'timeout-minutes',
    'min-interval-seconds',
    'max-interval-seconds',
    'max-outage-minutes',
    'on-timeout',
    'on-cancel',
    'import-results',
  ]);
});
