import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';

import { OWN_ACTION } from '../../dev/scripts/house-rules.ts';
import { anchorsOf, type Block, blocksOf, linksOf } from '../../dev/scripts/markdown.ts';
import { withTables } from '../../dev/scripts/readme-tables.ts';
import { OUTCOMES } from '../../src/outcome.ts';
import { judge, stageOf } from '../../src/verdict.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const readme = read('README.md');

describe('the tables of inputs and outputs', () => {
  it('are those of action.yml (else run `node dev/scripts/readme-tables.ts`)', () => {
    expect(withTables(readme, read('action.yml'))).toBe(readme);
  });

  it('follow action.yml', () => {
    const changed = read('action.yml').replace("default: '60'", "default: '61'");
    expect(withTables(readme, changed)).not.toBe(readme);
  });
});

describe('the verdict table', () => {
  const section = readme.split('## What passes, and what fails')[1]?.split('\n## ')[0] ?? '';
  const rows = [
    ...section.matchAll(
      /^\| `([A-Z_]+)`(?:,| or `([A-Z]+)`,) (?:`([A-Z_]+)`|any result) *\| ([^|]*)\| ([^|]*)\|$/gm,
    ),
  ];
  const results = ['SUCCESS', 'COMPLETED_WITH_ERROR', 'ABORTED', 'FAILURE'];
  const cases = rows.flatMap(([, state = '', other, result, without = '', listed = '']) =>
    [state, ...(other === undefined ? [] : [other])].flatMap((one) =>
      (result === undefined ? results : [result]).map((each) => [one, each, without, listed] as const),
    ),
  );

  it('has rows for every documented pair', () => {
    expect(new Set(cases.map(([state]) => state))).toEqual(
      new Set(['COMPLETED', 'FAILED', 'ERROR', 'DELETED', 'CANCELED']),
    );
    expect(cases.filter(([state]) => state === 'COMPLETED')).toHaveLength(results.length);
  });

  it.each(cases)('tells the truth on %s, %s', (state, result, without, listed) => {
    const job = { id: '', state, result, message: '' };
    expect(stageOf(job)).toBe('ended');
    const policies = [new Set<string>(), new Set(['COMPLETED_WITH_ERROR', 'ABORTED'])];
    const outcomes = policies.map(
      (accept) => judge(job, { accept, maxFailedCommands: undefined }, undefined).outcome,
    );
    expect(outcomes.map((outcome) => `\`${outcome}\``)).toEqual(
      [without, listed].map((cell) => /`\w+`/.exec(cell)?.[0]),
    );
  });
});

const yamlBlocks = blocksOf(readme).filter(({ language }) => language === 'yaml');

describe('the workflows in the README', () => {
  it.each(yamlBlocks.map((block) => [`line ${block.line}`, block] as const))(
    '%s: stands word for word in an example, which is run by a test',
    (_, block) => {
      const example = exampleOf(block);
      expect(excerpts(example, block.text.split('\n').length)).toContain(block.text);
    },
  );

  it('are told apart from what stands in no example', () => {
    const block = yamlBlocks[0];
    if (block === undefined) throw new Error('There are no workflows in the README.');
    const changed = block.text.replace('password:', 'passwort:');
    expect(excerpts(exampleOf(block), changed.split('\n').length)).not.toContain(changed);
  });
});

/** The example that the comment before a block names. Comments at its top are for those who read the file. */
function exampleOf({ note, line }: Block): string {
  const name = /^example: ([\w-]+\.yml)$/.exec(note)?.[1];
  if (name === undefined) throw new Error(`README.md:${line}: which example is this from?`);
  return read(`examples/${name}`).replace(/^(#.*\n)+/, '');
}

/** Every run of so many lines of a text, the last of them empty, without the indentation that the lines share. */
function excerpts(text: string, count: number): string[] {
  const lines = text.split('\n');
  return lines.map((_, start) => {
    const part = lines.slice(start, start + count - 1);
    const depth = Math.min(...part.filter((line) => line !== '').map((line) => line.search(/\S/)));
    return [...part.map((line) => line.slice(depth)), ''].join('\n');
  });
}

const documents = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md'];

describe.each(documents)('the links in %s', (file) => {
  const text = read(file);

  const broken = linksOf(text)
    .filter((link) => !/^(https|mailto):/.test(link))
    .filter((link) => {
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? file : join(dirname(file), decodeURI(path));
      if (!existsSync(join(root, target))) return true;
      return anchor !== undefined && !anchorsOf(read(target)).has(anchor);
    });

  it('lead somewhere', () => {
    expect(broken).toEqual([]);
  });

  it('are all https', () => {
    expect(linksOf(text).filter((link) => link.startsWith('http:'))).toEqual([]);
  });
});

describe('links', () => {
  it('are found, and so are anchors', () => {
    const markdown =
      '# A `b`, c\n\n[x](y.md#z) ![p](q.png)\n\n```sh\n[no](no)\n```\n\n# A b c\n\n<img src="r.png">\n';
    expect(linksOf(markdown)).toEqual(['y.md#z', 'q.png', 'r.png']);
    expect([...anchorsOf(markdown)]).toEqual(['a-b-c', 'a-b-c-1']);
  });
});

/** The inputs and outputs that a text names: words in code with a hyphen in them, alone or as a key. */
const namedIn = (text: string) => wordsAt(text, /`([a-z]+(?:-[a-z]+)+)(?:: [^`]+)?`/g);
/** The outputs that a text reads from the step that waits, which is called `wait` throughout. */
const readIn = (text: string) => wordsAt(text, /\bsteps\.wait\.outputs\.([\w-]+)/g);
/** The outcomes that a text compares with or puts behind that word. */
const outcomesIn = (text: string) => [
  ...wordsAt(text, /\boutputs\.outcome [=!]= '(\w*)'/g),
  ...[...text.matchAll(/\boutcomes? (?:[a-z, ]*<code>\w+<\/code>)+/g)].flatMap(([list]) =>
    wordsAt(list, /<code>(\w+)/g),
  ),
];
const wordsAt = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, word = '']) => word);

describe('names', () => {
  it('of inputs, outputs and outcomes are found', () => {
    expect(namedIn('`job-id`, `on-cancel: delete`, `token`, `x-y z`, a-b')).toEqual(['job-id', 'on-cancel']);
    expect(readIn('${{ steps.wait.outputs.job-id }} steps.submit.outputs.jobs')).toEqual(['job-id']);
    expect(
      outcomesIn("outputs.outcome != '' (outcome <code>a</code>, or <code>b</code>) <code>no</code>"),
    ).toEqual(['', 'a', 'b']);
  });
});

describe.each(documents)('what %s names', (file) => {
  const text = read(file);
  const action = parse(read('action.yml')) as Readonly<Record<'inputs' | 'outputs', object>>;
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Readonly<Record<string, string>> };

  it('are commands that there are', () => {
    const named = [...text.matchAll(/\bnpm run ([\w:-]+)/g)].map(([, name = '']) => name);
    expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
  });

  it('are inputs and outputs that there are', () => {
    const known = { ...action.inputs, ...action.outputs };
    expect(namedIn(text).filter((name) => !Object.hasOwn(known, name))).toEqual([]);
    expect(readIn(text).filter((name) => !Object.hasOwn(action.outputs, name))).toEqual([]);
  });

  it('are outcomes that there are', () => {
    // None where the step did not come to its turn.
    const known = new Set<string>(['', ...OUTCOMES]);
    expect(outcomesIn(text).filter((name) => !known.has(name))).toEqual([]);
  });

  it('is this action by one name', () => {
    const names = [...text.matchAll(/\b[\w-]+\/wait-for-collibra-import-job\b/g)].map(([name]) => name);
    expect([...new Set(names)].filter((name) => name !== OWN_ACTION)).toEqual([]);
  });
});

describe('the picture of the code in CONTRIBUTING.md', () => {
  const [picture] = blocksOf(read('CONTRIBUTING.md')).filter(({ text }) => text.includes('src/\n'));
  const sources = (readdirSync(join(root, 'src'), { recursive: true }) as string[])
    .filter((path) => path.endsWith('.ts'))
    .map((path) => basename(path));

  it('shows every file of src, and no other', () => {
    const shown = [...(picture?.text ?? '').matchAll(/[\w*-]+\.ts\b/g)].map(([name]) => name);
    const covers = (name: string) =>
      shown.some(
        (one) =>
          one === name || one === name.replace(/-\w+\.ts$/, '*.ts') || one === name.replace('.ts', '*.ts'),
      );
    expect(sources.filter((name) => !covers(name))).toEqual([]);
    expect(shown.filter((name) => !name.includes('*') && !sources.includes(name))).toEqual([]);
  });
});
