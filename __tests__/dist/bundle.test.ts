import { readFileSync, statSync } from 'node:fs';

import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';

const read = (path: string) => readFileSync(path, 'utf8');
const dist = read('dist/index.js');

describe('dist', () => {
  it('contains none of the packages that dev/stubs replaces, so that nothing can call them', () => {
    expect(dist).not.toMatch(/is left out of this bundle|\bundici\b|\btunnel\./);
  });

  it('contains nothing that the toolkit has for other actions, and no runtime of webpack', () => {
    expect(dist).not.toMatch(/class (Dispatcher|ToolRunner|MockAgent|Summary|\w*OidcClient)\b|__webpack|__nccwpck/);
  });

  it('has at most 175 kB, and is not minified', () => {
    expect(statSync('dist/index.js').size).toBeLessThanOrEqual(175_000);
    expect(dist.split('\n').length).toBeGreaterThan(3500);
  });

  it('is what action.yml runs, with the licenses of everything in it', () => {
    const action = parse(read('action.yml')) as { runs: unknown };
    expect(action.runs).toEqual({ using: 'node24', main: 'dist/index.js', post: 'dist/index.js' });
    const licenses = read('dist/licenses.txt');
    for (const name of ['@actions/core', '@actions/http-client', 'valibot'])
      expect(licenses).toMatch(new RegExp(`^${name}$`, 'm'));
    expect(JSON.parse(read('dist/package.json'))).toEqual({ type: 'module' });
  });
});
