import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from '@jest/globals';

import { findingsInProse, findingsInStrings, parseSource } from '../dev/scripts/language.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const read = (path: string) => readFileSync(root + path, 'utf8');
const filesBelow = (folder: string, ending: string) =>
  (readdirSync(root + folder, { recursive: true }) as string[])
    .filter((file) => file.endsWith(ending))
    .map((file) => `${folder}/${file.replaceAll('\\', '/')}`);

describe('the language check', () => {
  it('finds old words, also across the lines of a comment, and names the line', () => {
    expect(findingsInProse('Fine.\nA passing\n * error is borne, and really\n# ended.')).toEqual([
      { line: 2, words: 'passing error', better: expect.any(String) },
      { line: 3, words: 'borne', better: expect.any(String) },
      { line: 3, words: 'really ended', better: expect.any(String) },
      { line: 4, words: 'ended', better: expect.any(String) },
    ]);
  });

  it('accepts the same words where they are right', () => {
    const text = 'Look at the log. Connection refused. The process ended. Troubleshooting. Bearer token. `cancelled`';
    expect(findingsInProse(text)).toEqual([]);
  });

  it('reads the strings and templates of a source file, but no import', () => {
    const source = parseSource('x.ts', "import './look.ts';\nf('last look', `told ${x} in vain`, 'cancelled');");
    expect(findingsInStrings(source)).toMatchObject(['look', 'told', 'in vain'].map((words) => ({ words })));
  });
});

/** What users read. `npm run language` also checks names, comments and test titles. */
describe("the field's words", () => {
  it.each(filesBelow('src', '.ts'))('are used in the messages of %s', (path) => {
    expect(findingsInStrings(parseSource(path, read(path)))).toEqual([]);
  });

  it.each(['README.md', 'action.yml', ...filesBelow('docs', '.md')])('are used in %s', (path) => {
    expect(findingsInProse(read(path))).toEqual([]);
  });
});
