import { readdirSync, readFileSync, statSync } from 'node:fs';

import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';

const lib = (name: string) => `node_modules/${name}/lib`;
const read = (path: string) => readFileSync(path, 'utf8');
const dist = read('dist/index.js');

/** The files of a package that import another one, and the names that they import. */
function importsOf(name: string, imported: string): Record<string, string | undefined> {
  const pattern = new RegExp(`import (.+?) from '${imported}'`);
  const files = readdirSync(lib(name)).filter((file) => file.endsWith('.js'));
  const found = files.map((file) => [file, pattern.exec(read(`${lib(name)}/${file}`))?.[1]] as const);
  return Object.fromEntries(found.filter(([, names]) => names !== undefined));
}

/** The names of the functions and methods in whose bodies a text stands. */
function usersOf(source: string, text: string): string[] {
  const users: string[] = [];
  let current = '';
  for (const line of source.split('\n')) {
    current =
      /^(?: {4})?(?:const |export function |function )?(\w+)(?: = |\()[^;]*(?:\{|=>)/.exec(line)?.[1] ??
      current;
    if (line.includes(text) && !line.startsWith('import ')) users.push(current);
  }
  return users;
}

/*
 * undici, tunnel and @actions/exec are left out of dist (see stubs/). That is safe as long as the packages that import
 * them use them in these places alone, and nothing here calls those, or uses what they give.
 */
describe('what is left out of dist is not needed', () => {
  it('undici: http-client uses it for getAgentDispatcher() alone', () => {
    const source = read(`${lib('@actions/http-client')}/index.js`);
    expect(importsOf('@actions/http-client', 'undici')).toEqual({ 'index.js': '{ ProxyAgent }' });
    expect(usersOf(source, 'ProxyAgent(')).toEqual(['_getProxyAgentDispatcher']);
    expect(usersOf(source, 'this._getProxyAgentDispatcher(')).toEqual(['getAgentDispatcher']);
    expect(usersOf(source, 'this.getAgentDispatcher(')).toEqual([]);
    expect(dist).not.toMatch(/\.getAgentDispatcher\(/);
  });

  it('tunnel: http-client uses it for an agent of its own alone, which every request behind a proxy is handed anew', () => {
    const source = read(`${lib('@actions/http-client')}/index.js`);
    expect(importsOf('@actions/http-client', 'tunnel')).toEqual({ 'index.js': '* as tunnel' });
    expect(new Set(usersOf(source, 'tunnel.'))).toEqual(new Set(['_getAgent']));
    const [, afterAgent = ''] = source.split('info.options.agent = this._getAgent(');
    expect(afterAgent.slice(0, 300)).toContain('handler.prepareRequest(info.options)');
  });

  it('@actions/exec: core uses it for the details of the platform alone', () => {
    expect(importsOf('@actions/core', '@actions/exec')).toEqual({ 'platform.js': '* as exec' });
    expect(dist).not.toMatch(/\bgetDetails\b/);
  });

  it('none is in dist, nor what the toolkit has for other actions', () => {
    for (const name of ['undici', 'tunnel']) expect(dist).toContain(`${name} is left out of this bundle`);
    expect(dist).not.toMatch(/class (Dispatcher|ToolRunner|MockAgent|Summary|\w*OidcClient)\b/);
  });
});

describe('dist', () => {
  it('is at most 150 kB, unminified', () => {
    expect(statSync('dist/index.js').size).toBeLessThanOrEqual(150_000);
    expect(dist.split('\n').length).toBeGreaterThan(3500);
  });

  it('is what action.yml runs, with the licences of everything in it', () => {
    const action = parse(read('action.yml')) as { runs: { using: string; main: string } };
    expect(action.runs).toEqual({ using: 'node24', main: 'dist/index.js' });
    const licences = read('dist/licenses.txt');
    for (const name of ['@actions/core', '@actions/http-client', 'banditypes'])
      expect(licences).toContain(name);
    expect(JSON.parse(read('dist/package.json'))).toEqual({ type: 'module' });
  });
});
