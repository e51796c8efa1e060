import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';

import { documents, read, root, userDocuments } from '../../dev/scripts/documents.ts';
import { OWN_ACTION } from '../../dev/scripts/house-rules.ts';
import { anchorsOf, type Block, blocksOf, linksOf } from '../../dev/scripts/markdown.ts';
import { groupsOf, inputGroupsIn, withTables } from '../../dev/scripts/readme-tables.ts';
import { OUTCOMES } from '../../src/outcome.ts';
import { judge, stageOf } from '../../src/verdict.ts';

const readme = read('README.md');
const actionYaml = read('action.yml');
const action = parse(actionYaml) as Readonly<Record<'inputs' | 'outputs', object>>;

it.each([
  ['README.md', 12_000, 15_000],
  ['CONTRIBUTING.md', 0, 9_000],
])('%s has between %i and %i bytes', (path, least, most) => {
  const size = Buffer.byteLength(read(path));
  expect(size).toBeGreaterThanOrEqual(least);
  expect(size).toBeLessThanOrEqual(most);
});

describe('the tables of inputs and outputs', () => {
  it.each(userDocuments)('in %s are those of action.yml (if not, run `npm run readme`)', (path) => {
    expect(withTables(read(path), actionYaml)).toBe(read(path));
  });

  it('in the README show each group of inputs once, and the outputs', () => {
    expect(inputGroupsIn(readme)).toEqual([...new Set(groupsOf(actionYaml).values())]);
    expect([...groupsOf(actionYaml).keys()]).toEqual(Object.keys(action.inputs));
    expect(readme).toContain('<!-- outputs:start -->');
    expect(withTables(readme, actionYaml.replace("'60'", "'61'"))).toContain('| `61` |');
  });
});

describe('the table of what passes', () => {
  const [, section = ''] = readme.split('## What passes, and what fails');
  const results: Readonly<Record<string, readonly string[]>> = {
    'any result': ['SUCCESS', 'COMPLETED_WITH_ERROR', 'ABORTED', 'FAILURE'],
    'any other result': ['SPLENDID'],
    'no result or `NOT_SET`': ['', 'NOT_SET'],
  };
  const rows = [...section.matchAll(/^\| ((?:`[A-Z]+`(?: or )?)+), (.*?) \| (.*?) \| (.*?) \|$/gm)];
  const cases = rows.flatMap(([, states = '', named = '', without = '', listed = '']) => {
    const cells = [without, listed === 'the same' ? without : listed];
    const outcomes = cells.map((cell) => /`(\w+)`/.exec(cell)?.[1]);
    return wordsAt(states, /(\w+)`/g).flatMap((state) =>
      (results[named] ?? [named.replaceAll('`', '')]).map((result) => ({ state, result, outcomes })),
    );
  });

  it('has a row for every documented pair of state and result', () => {
    const states = ['COMPLETED', 'FAILED', 'ERROR', 'DELETED', 'CANCELED'];
    expect([...new Set(cases.map(({ state }) => state))]).toEqual(states);
    expect(cases.filter(({ state }) => state === 'COMPLETED')).toHaveLength(7);
  });

  it.each(cases)('shows the verdict on $state with the result "$result"', ({ state, result, outcomes }) => {
    const job = { id: '', state, result, message: '' };
    const isUnset = state === 'COMPLETED' && ['', 'NOT_SET'].includes(result);
    expect(stageOf(job)).toBe(isUnset ? 'no-result' : 'finished');
    const policies = [[], ['COMPLETED_WITH_ERROR', 'ABORTED']].map((accept) => new Set(accept));
    const verdicts = policies.map((accept) => judge(job, { accept, maxFailedCommands: undefined }, undefined));
    expect(verdicts.map(({ outcome }) => outcome)).toEqual(outcomes);
  });
});

const blocks = userDocuments.flatMap((path) => blocksOf(read(path)).map((block) => ({ path, ...block })));
const workflows = blocks.filter(({ language }) => language === 'yaml');

describe('a block', () => {
  it.each(workflows)('of YAML in $path:$line stands word for word in an example, which a test runs', (block) => {
    expect(excerpts(exampleOf(block), block.text.split('\n').length)).toContain(block.text);
  });

  it.each(blocks.filter(({ language }) => language === 'json'))('of JSON in $path:$line is valid', ({ text }) => {
    expect(JSON.parse(text)).toBeInstanceOf(Object);
  });
});

/** The example that the comment before a block names. Comments at its top are for those who read the file. */
function exampleOf({ path, note, line }: Block & { path: string }): string {
  const name = /^example: ([\w-]+\.yml)$/.exec(note)?.[1];
  if (name === undefined) throw new Error(`${path}:${line}: a comment must name the example of this block.`);
  return read(`examples/${name}`).replace(/^(#.*\n)+/, '');
}

/** Every sequence of so many lines of a text, the last of them empty, without the indentation that they share. */
function excerpts(text: string, count: number): string[] {
  const lines = text.split('\n');
  return lines.map((_, start) => {
    const part = lines.slice(start, start + count - 1);
    const depth = Math.min(...part.filter((line) => line !== '').map((line) => line.search(/\S/)));
    return [...part.map((line) => line.slice(depth)), ''].join('\n');
  });
}

describe('a link', () => {
  it.each(documents)('in %s leads to a file or heading of the project, or uses https', (path) => {
    const broken = linksOf(read(path)).filter((link) => {
      if (/^(https|mailto):/.test(link)) return false;
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? path : join(dirname(path), decodeURI(file)).replaceAll('\\', '/');
      return !existsSync(root + target) || (anchor !== undefined && !anchorsOf(read(target)).has(anchor));
    });
    expect(broken).toEqual([]);
  });

  it('is found in Markdown and in HTML outside of code, and so are the anchors of headings', () => {
    const markdown = '# A `b`, c\n\n[x](y.md#z) ![p](q.png)\n\n```sh\n[no](no)\n```\n\n# A b c\n\n<img src="r.png">\n';
    expect(linksOf(markdown)).toEqual(['y.md#z', 'q.png', 'r.png']);
    expect([...anchorsOf(markdown)]).toEqual(['a-b-c', 'a-b-c-1']);
  });

  it('leads from the README to every document in docs', () => {
    expect(linksOf(readme)).toEqual(expect.arrayContaining(userDocuments.slice(1)));
  });
});

function wordsAt(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, word = '']) => word);
}

/** The inputs and outputs that a text names: words in code with a hyphen in them, alone or as a key. */
const namedIn = (text: string) => wordsAt(text, /`([a-z]+(?:-[a-z]+)+)(?:: [^`]+)?`/g);
/** The outputs that a text reads from the step that waits, which is called `wait` throughout. */
const readIn = (text: string) => wordsAt(text, /\bsteps\.wait\.outputs\.([\w-]+)/g);
/** The outcomes that a text compares with, or lists behind that word. */
const outcomesIn = (text: string) => [
  ...wordsAt(text, /\boutputs\.outcome [=!]= '(\w*)'/g),
  ...(text.match(/\boutcomes? (?:(?:[a-z]+ )?`\w+`(?:, | and | or )?)+/g) ?? []).flatMap((list) =>
    wordsAt(list, /`(\w+)/g),
  ),
];

describe('a name', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Readonly<Record<string, string>> };
  // None if the step is skipped.
  const outcomes = new Set<string>(['', ...OUTCOMES]);
  const unknownIn = (known: object, names: readonly string[]) => names.filter((name) => !Object.hasOwn(known, name));

  it('of an input, output or outcome is found in a text', () => {
    expect(namedIn('`job-id`, `on-cancel: delete`, `token`, `x-y z`, a-b')).toEqual(['job-id', 'on-cancel']);
    expect(readIn('${{ steps.wait.outputs.job-id }} steps.submit.outputs.jobs')).toEqual(['job-id']);
    const outcomes = outcomesIn("outputs.outcome != '' (outcome `a`, or `b`), outcomes `c` and `d`. `no`");
    expect(outcomes).toEqual(['', 'a', 'b', 'c', 'd']);
  });

  it.each(documents)('in %s is that of a script, input, output, outcome or action that exists', (path) => {
    const text = read(path);
    expect(unknownIn(scripts, wordsAt(text, /\bnpm run ([\w:-]+)/g))).toEqual([]);
    expect(unknownIn({ ...action.inputs, ...action.outputs }, namedIn(text))).toEqual([]);
    expect(unknownIn(action.outputs, readIn(text))).toEqual([]);
    expect(outcomesIn(text).filter((name) => !outcomes.has(name))).toEqual([]);
    const actions = wordsAt(text, /\b([\w-]+\/wait-for-collibra-import-job)\b/g);
    expect(actions.filter((name) => name !== OWN_ACTION)).toEqual([]);
  });
});

it('the picture of the code in CONTRIBUTING.md shows every file of src, and no other', () => {
  const picture = blocksOf(read('CONTRIBUTING.md')).find(({ text }) => text.includes('src/\n'))?.text;
  const files = (readdirSync(`${root}src`, { recursive: true }) as string[]).filter((path) => path.endsWith('.ts'));
  expect(new Set(picture?.match(/[\w-]+\.ts\b/g))).toEqual(new Set(files.map((path) => basename(path))));
});
