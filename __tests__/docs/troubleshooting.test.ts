import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import ts from 'typescript';

import { provokeAll } from './provocations.ts';

/**
 * Who meets an error searches the README for its words. So every text that src can say has its place there, every
 * error that is provoked through dist is found there, and every row there can be provoked.
 */

const root = fileURLToPath(new URL('../../', import.meta.url));
const section =
  readFileSync(`${root}README.md`, 'utf8').split('\n## Troubleshooting\n')[1]?.split('\n## ')[0] ?? '';

/** Parts of src whose texts are no errors. */
const NO_ERRORS = [/^report\/(summary|markdown|run-link)/];

/** Texts that are no errors, or only the inner part of one that is quoted in full. */
const NO_ERROR_TEXTS = new Set([
  // The log of a wait that goes well (main.ts, log.ts).
  'Waiting for',
  'the newest job named',
  '(job API',
  'at most; accepted',
  'next look in',
  'Found the',
  'so far',
  'not seen yet',
  'no state',
  'is in the state',
  'asked Collibra to delete the job; whether a running import stops is up to Collibra',
  // Advice that follows an error, and what a message quotes (annotations.ts).
  'The step passes, for the job says so; look in Collibra what is right',
  'The step passes because accept allows it; look at what is missing in Collibra',
  'Look at the job summary of this step and at the job in Collibra, correct the data and import again',
  'The job may still go on in Collibra: look at it there, or give it more time with timeout-minutes',
  'The job may still go on in Collibra',
  "Collibra's message",
  'Collibra job succeeded',
  'more job',
  // Kinds of trouble, counted in the brackets of an outage beside the message itself.
  'token answer without a token',
  'unusable token type',
  'untrusted certificate',
  'from the proxy',
  "another job's answer",
  'pages that go in a circle',
  'pages without end',
  'no token in time',
  'from the token endpoint',
  // What was looked for (find-job.ts), and why Import Results are missing (import-facts.ts).
  'started by',
  'reading them took more than',
  'they came in more than',
  'the wait was stopped',
  // Never said: a handler that only changes host names (transport.ts).
  'not a handler of authentication',
]);

/** The fixed parts, of two words or more, of every text in a source file. */
function textsOf(path: string): string[] {
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
  const texts: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node) || ts.isTypeNode(node)) return;
    if (ts.isStringLiteralLike(node)) texts.push(node.text);
    if (ts.isTemplateExpression(node)) {
      texts.push(node.head.text, ...node.templateSpans.map(({ literal }) => literal.text));
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return texts
    .map((text) => text.trim().replaceAll(/^[.,;: ]+|[ .,;:("]+$/g, ''))
    .filter((text) => /[a-z]+ [a-z]+/i.test(text));
}

describe('every text that src can say', () => {
  const files = (readdirSync(`${root}src`, { recursive: true }) as string[])
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.ts') && !NO_ERRORS.some((pattern) => pattern.test(file)));
  const texts = new Map(files.map((file) => [file, textsOf(`${root}src/${file}`)]));

  it.each(files)('stands in the troubleshooting section or is known to be no error: %s', (file) => {
    const missing = (texts.get(file) ?? []).filter(
      (text) => !NO_ERROR_TEXTS.has(text) && !section.includes(text),
    );
    expect(missing).toEqual([]);
  });

  it('is still said, where it is known to be no error', () => {
    const said = new Set([...texts.values()].flat());
    expect([...NO_ERROR_TEXTS].filter((text) => !said.has(text))).toEqual([]);
  });
});

/** The messages in the first column of the tables; `…` stands for anything. */
const rows = [...section.matchAll(/^\| (?!Message|---)(.*?) \| /gm)].flatMap(([, cell = '']) =>
  [...cell.matchAll(/`([^`]+)`/g)].map(([, message = '']) => message),
);

/** Rows that can't be provoked here, and why. They must still stand in src. */
const UNPROVOKED: Readonly<Record<string, string>> = {
  'The step came to its end without a verdict': 'a defect',
  'The step was cancelled and did not end in time': 'a defect',
  'No verdict on the Collibra job': 'a defect',
  '…: host name lookup failed (…)': 'the network of the machine',
  '…: connection timed out (…)': 'the network of the machine',
  '…: connection aborted (…)': 'the network of the machine',
  '…: host unreachable (…)': 'the network of the machine',
  '…: network unreachable (…)': 'the network of the machine',
  'an import summary': 'comes after 20 s of asking again',
  'a page of import errors': 'comes after 20 s of asking again',
};

const patternOf = (row: string) =>
  new RegExp(row.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll('…', '[^\\n]*?'));

let said: readonly string[] = [];
let errors: readonly string[] = [];
const provoked = provokeAll();
beforeAll(async () => {
  ({ said, errors } = await provoked.results);
}, 120_000);
afterAll(() => provoked.close());

describe('every row', () => {
  it.each([...new Set(rows)].filter((row) => !Object.hasOwn(UNPROVOKED, row)))(
    'is really said: %s',
    (row) => {
      expect(said.some((text) => patternOf(row).test(text))).toBe(true);
    },
  );

  it('that is not provoked stands there, and in src', () => {
    const source = (readdirSync(`${root}src`, { recursive: true }) as string[])
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(`${root}src/${file}`, 'utf8'))
      .join('\n');
    for (const row of Object.keys(UNPROVOKED)) {
      expect(rows).toContain(row);
      expect(source).toContain(row.replaceAll(/…: | \(…\)/g, ''));
    }
  });
});

describe('every error', () => {
  it('that was provoked is found in a row', () => {
    const patterns = rows.map(patternOf);
    expect(errors.length).toBeGreaterThan(60);
    expect(errors.filter((error) => !patterns.some((pattern) => pattern.test(error)))).toEqual([]);
  });
});
