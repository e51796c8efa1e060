import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { proxyOf, proxyProblem } from '../../../src/collibra/http/proxy.ts';

const NAMES = ['http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY', 'no_proxy', 'NO_PROXY'];
const ADDRESS = 'https://acme.collibra.com/rest';

let before: Record<string, string | undefined> = {};

beforeEach(() => {
  before = Object.fromEntries(NAMES.map((name) => [name, process.env[name]]));
  for (const name of NAMES) Reflect.deleteProperty(process.env, name);
});

afterEach(() => {
  for (const [name, value] of Object.entries(before)) {
    if (value === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = value;
  }
});

/** The problem with variables of the environment. */
function problem(variables: Readonly<Record<string, string>>, address = ADDRESS): string | undefined {
  Object.assign(process.env, variables);
  return proxyProblem(address);
}

/** On Windows `https_proxy` and `HTTPS_PROXY` are the same variable. */
const namesIgnoreCase = process.platform === 'win32';

const inUpperCase: [variables: Readonly<Record<string, string>>, name: string][] = [
  [{ HTTPS_PROXY: 'proxy.example:8080' }, 'HTTPS_PROXY'],
  [{ https_proxy: 'proxy.example:8080', HTTPS_PROXY: 'http://proxy.example' }, 'https_proxy'],
  [{ https_proxy: '', HTTPS_PROXY: 'localhost:8080' }, 'HTTPS_PROXY'],
];

describe('a proxy variable', () => {
  it.each([
    {},
    { https_proxy: '' },
    { https_proxy: 'http://proxy.example:8080' },
    { HTTPS_PROXY: 'https://proxy.example' },
    { https_proxy: 'http://anna:sesame@proxy.example:8080' },
    { https_proxy: '10.0.0.1:3128' },
    { http_proxy: 'proxy.example:8080' },
  ])('is no problem: %j', (variables) => {
    expect(problem(variables)).toBeUndefined();
  });

  it.each<[variables: Readonly<Record<string, string>>, name: string]>([
    [{ https_proxy: 'proxy.example:8080' }, 'https_proxy'],
    ...(namesIgnoreCase ? [] : inUpperCase),
    [{ https_proxy: 'socks5://proxy.example:1080' }, 'https_proxy'],
    [{ https_proxy: 'xhttp://proxy.example' }, 'https_proxy'],
    [{ https_proxy: 'httpsx://proxy.example' }, 'https_proxy'],
  ])('that can not be read would be ignored: %j', (variables, name) => {
    expect(problem(variables)).toBe(
      `The proxy variable ${name} is not a URL such as http://proxy.example:8080 and would be ignored: correct it, or list acme.collibra.com in no_proxy`,
    );
  });

  it('never shows its value, which may hold a password', () => {
    expect(problem({ https_proxy: 'anna:sesame@proxy.example:8080' })).not.toMatch(/anna|sesame/);
  });

  it('that applies to http is read for http', () => {
    const variables = { http_proxy: 'proxy.example:8080' };
    expect(problem(variables, 'http://collibra.example')).toContain('variable http_proxy');
  });

  it.each(['acme.collibra.com', '.collibra.com', '*', 'other.example, ACME.COLLIBRA.COM:443'])(
    'is of no interest where no_proxy is %j',
    (no_proxy) => {
      expect(problem({ https_proxy: 'proxy.example:8080', no_proxy })).toBeUndefined();
    },
  );

  it('is of no interest for a loopback host', () => {
    expect(problem({ http_proxy: 'proxy.example:8080' }, 'http://127.0.0.1:8080')).toBeUndefined();
  });

  it('that can not even be parsed is reported, not thrown', () => {
    expect(problem({ https_proxy: 'http://' })).toContain('variable https_proxy');
    expect(problem({ https_proxy: 'http://proxy example' })).toContain('variable https_proxy');
    expect(problem({ https_proxy: '10.0.0.1:port' })).toContain('variable https_proxy');
    expect(problem({ https_proxy: 'http://anna:100%@proxy.example' })).toContain('variable https_proxy');
  });
});

describe('the proxy on the way', () => {
  it('is that of the variable, with its credentials as they are', () => {
    process.env['https_proxy'] = 'http://anna:s%40same@proxy.example:8080';
    expect(proxyOf(ADDRESS)).toMatchObject({
      hostname: 'proxy.example',
      port: '8080',
      username: 'anna',
      password: 's@same',
    });
  });

  it('is none without a variable, and for a host that no_proxy names', () => {
    expect(proxyOf(ADDRESS)).toBeUndefined();
    Object.assign(process.env, { https_proxy: 'http://proxy.example', no_proxy: 'acme.collibra.com' });
    expect(proxyOf(ADDRESS)).toBeUndefined();
  });
});
