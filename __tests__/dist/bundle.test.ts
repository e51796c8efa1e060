import { readdirSync, readFileSync, statSync } from 'node:fs';

import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';

const lib = (name: string) => `node_modules/${name}/lib`;
const read = (path: string) => readFileSync(path, 'utf8');
const dist = read('dist/index.js');

/** Lists the files of a package that import another package, with the names that they import. */
function importsOf(name: string, imported: string): Record<string, string | undefined> {
  const pattern = new RegExp(`import (.+?) from '${imported}'`);
  const files = readdirSync(lib(name)).filter((file) => file.endsWith('.js'));
  const found = files.map((file) => [file, pattern.exec(read(`${lib(name)}/${file}`))?.[1]] as const);
  return Object.fromEntries(found.filter(([, names]) => names !== undefined));
}

/** Lists the functions and methods that contain a text. */
function usersOf(source: string, text: string): string[] {
  const users: string[] = [];
  let current = '';
  for (const line of source.split('\n')) {
    current =
      /^(?: {4})?(?:const |export function |function )?(\w+)(?: = |\()[^;]*(?:\{|=>)/.exec(line)?.[1] ?? current;
    if (line.includes(text) && !line.startsWith('import ')) users.push(current);
  }
  return users;
}

/*
 * undici, tunnel and @actions/exec are not in dist (see dev/stubs/). That is safe as long as the packages that import
 * them use them only in these places, and nothing here calls these places.
 */
describe('dist', () => {
  it('needs no undici, because http-client uses it only for getAgentDispatcher()', () => {
    const source = read(`${lib('@actions/http-client')}/index.js`);
    expect(importsOf('@actions/http-client', 'undici')).toEqual({ 'index.js': '{ ProxyAgent }' });
    expect(usersOf(source, 'ProxyAgent(')).toEqual(['_getProxyAgentDispatcher']);
    expect(usersOf(source, 'this._getProxyAgentDispatcher(')).toEqual(['getAgentDispatcher']);
    expect(usersOf(source, 'this.getAgentDispatcher(')).toEqual([]);
    expect(dist).not.toMatch(/\.getAgentDispatcher\(/);
  });

  it('needs no tunnel, because http-client uses it only for an agent that each request replaces', () => {
    const source = read(`${lib('@actions/http-client')}/index.js`);
    expect(importsOf('@actions/http-client', 'tunnel')).toEqual({ 'index.js': '* as tunnel' });
    expect(new Set(usersOf(source, 'tunnel.'))).toEqual(new Set(['_getAgent']));
    const [, afterAgent = ''] = source.split('info.options.agent = this._getAgent(');
    expect(afterAgent.slice(0, 300)).toContain('handler.prepareRequest(info.options)');
  });

  it('needs no @actions/exec, because core uses it only for the details of the platform', () => {
    expect(importsOf('@actions/core', '@actions/exec')).toEqual({ 'platform.js': '* as exec' });
    expect(dist).not.toMatch(/\bgetDetails\b/);
  });

  it('contains none of them, and nothing that the toolkit has for other actions', () => {
    for (const name of ['undici', 'tunnel']) expect(dist).toContain(`${name} is left out of this bundle`);
    expect(dist).not.toMatch(/class (Dispatcher|ToolRunner|MockAgent|Summary|\w*OidcClient)\b/);
  });

  it('has at most 175 kB, and is not minified', () => {
    expect(statSync('dist/index.js').size).toBeLessThanOrEqual(175_000);
    expect(dist.split('\n').length).toBeGreaterThan(3500);
  });

  it('is what action.yml runs, with the licenses of everything in it', () => {
    const action = parse(read('action.yml')) as { runs: { using: string; main: string } };
    expect(action.runs).toEqual({ using: 'node24', main: 'dist/index.js' });
    const licenses = read('dist/licenses.txt');
    for (const name of ['@actions/core', '@actions/http-client', 'valibot'])
      expect(licenses).toMatch(new RegExp(`^${name}$`, 'm'));
    expect(JSON.parse(read('dist/package.json'))).toEqual({ type: 'module' });
  });
});
