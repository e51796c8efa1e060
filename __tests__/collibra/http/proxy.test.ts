import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { proxyOf, proxyProblem } from '../../../src/collibra/http/proxy.ts';

type Variables = Readonly<Record<string, string>>;

const NAMES = ['http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY', 'no_proxy', 'NO_PROXY'];
const ADDRESS = 'https://acme.collibra.com/rest';
const before = NAMES.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]));
const clear = () => NAMES.forEach((name) => Reflect.deleteProperty(process.env, name));

beforeEach(clear);
afterEach(() => {
  clear();
  Object.assign(process.env, Object.fromEntries(before));
});

/** The problem with the proxy variables for an address. */
function problem(variables: Variables, address = ADDRESS): string | undefined {
  Object.assign(process.env, variables);
  return proxyProblem(address);
}

/** On Windows `https_proxy` and `HTTPS_PROXY` are the same variable. */
const namesIgnoreCase = process.platform === 'win32';

const inUpperCase: [variables: Variables, name: string][] = [
  [{ HTTPS_PROXY: 'proxy.example:8080' }, 'HTTPS_PROXY'],
  [{ https_proxy: 'proxy.example:8080', HTTPS_PROXY: 'http://proxy.example' }, 'https_proxy'],
  [{ https_proxy: '', HTTPS_PROXY: 'localhost:8080' }, 'HTTPS_PROXY'],
];

describe('a proxy variable', () => {
  const proxies = ['', 'http://proxy.example:8080', 'http://anna:sesame@proxy.example:8080', '10.0.0.1:3128'];
  const exceptions = ['acme.collibra.com', '.collibra.com', '*', 'other.example, ACME.COLLIBRA.COM:443'];
  it.each<[variables: Variables, address?: string]>([
    [{}],
    ...proxies.map((https_proxy): [Variables] => [{ https_proxy }]),
    [{ HTTPS_PROXY: 'https://proxy.example' }],
    // These do not apply to the address.
    [{ http_proxy: 'proxy.example:8080' }],
    [{ http_proxy: 'proxy.example:8080' }, 'http://127.0.0.1:8080'],
    ...exceptions.map((no_proxy): [Variables] => [{ https_proxy: 'proxy.example:8080', no_proxy }]),
  ])('is no problem: %j', (...variablesAndAddress) => {
    expect(problem(...variablesAndAddress)).toBeUndefined();
  });

  const noProxies = [
    ...['proxy.example:8080', 'anna:sesame@proxy.example:8080', '10.0.0.1:port', 'http://anna:100%@proxy.example'],
    ...['socks5://proxy.example:1080', 'xhttp://proxy.example', 'httpsx://proxy.example'],
    ...['http://', 'http://proxy example'],
  ];
  it.each<[variables: Variables, name: string]>([
    ...(namesIgnoreCase ? [] : inUpperCase),
    ...noProxies.map((https_proxy): [Variables, string] => [{ https_proxy }, 'https_proxy']),
  ])('that would be ignored is a problem: %j', (variables, name) => {
    expect(problem(variables)).toBe(
      `The proxy variable ${name} is not a URL such as http://proxy.example:8080, so it would be ignored. Correct it, or add acme.collibra.com to no_proxy.`,
    );
  });

  it('for http is read if the address is http', () => {
    const variables = { http_proxy: 'proxy.example:8080' };
    expect(problem(variables, 'http://collibra.example')).toContain('variable http_proxy');
  });
});

describe('the proxy of an address', () => {
  it('is the one of the variable, with decoded credentials', () => {
    process.env['https_proxy'] = 'http://anna:s%40same@proxy.example:8080';
    const proxy = { hostname: 'proxy.example', port: '8080', username: 'anna', password: 's@same' };
    expect(proxyOf(ADDRESS)).toMatchObject(proxy);
  });

  it('is undefined without a variable, and for a host that no_proxy contains', () => {
    expect(proxyOf(ADDRESS)).toBeUndefined();
    Object.assign(process.env, { https_proxy: 'http://proxy.example', no_proxy: 'acme.collibra.com' });
    expect(proxyOf(ADDRESS)).toBeUndefined();
  });
});
