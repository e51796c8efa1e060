import { readdirSync } from 'node:fs';

import { beforeAll, describe, expect, it } from '@jest/globals';

import { read, root } from '../../dev/scripts/documents.ts';
import { parseSource, stringsIn } from '../../dev/scripts/language.ts';
import { provokeAll, type Said } from './provocations.ts';

/**
 * Users who see an error search docs/troubleshooting.md for its words. So every text in src has a row there, every error
 * that dist reports has one, and every row can be provoked.
 */

const document = read('docs/troubleshooting.md');
const sources = (readdirSync(`${root}src`, { recursive: true }) as string[])
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => file.endsWith('.ts'));

/** The texts of the job summary and of deletions are no errors. */
const isChecked = (file: string) => !/^report\/(summary\/|delete-message)/.test(file);

/** Texts that are no errors, or only a part of an error that has a row. */
const NO_ERRORS = new Set([
  // The log of a run without errors (main.ts, log.ts).
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
  // Advice after an error, and what a message quotes (annotations.ts).
  'The step passes, for the job says so; look in Collibra what is right',
  'The step passes because accept allows it; look at what is missing in Collibra',
  'Look at the job summary of this step and at the job in Collibra, correct the data and import again',
  'The job may still go on in Collibra: look at it there, or give it more time with timeout-minutes',
  'The job may still go on in Collibra',
  "Collibra's message",
  'Collibra job succeeded',
  'more job',
  // Labels of transient errors, which an outage counts.
  'token answer without a token',
  'unusable token type',
  'untrusted certificate',
  'from the proxy',
  "another job's answer",
  'pages that go in a circle',
  'pages without end',
  'no token in time',
  'from the token endpoint',
  // What the step searched for (find-job.ts), and why Import Results are missing (read-import-results.ts).
  'started by',
  'reading them took more than',
  'they came in more than',
  'the wait was stopped',
  // Never shown: a handler that only changes host names (transport.ts).
  'not a handler of authentication',
]);

/** The fixed parts, of two words or more, of every text in a source file. */
const textsOf = (file: string) =>
  stringsIn(parseSource(file, read(`src/${file}`)))
    .map(({ text }) => text.trim().replaceAll(/^[.,;: ]+|[ .,;:("]+$/g, ''))
    .filter((text) => /[a-z]+ [a-z]+/i.test(text));

describe('a text in src', () => {
  it.each(sources.filter(isChecked))('has a row in docs/troubleshooting.md or is no error: %s', (file) => {
    const missing = textsOf(file).filter((text) => !NO_ERRORS.has(text) && !document.includes(text));
    expect(missing).toEqual([]);
  });

  it('still exists if it is listed here as no error', () => {
    const texts = new Set(sources.filter(isChecked).flatMap(textsOf));
    expect([...NO_ERRORS].filter((text) => !texts.has(text))).toEqual([]);
  });
});

/** The messages in the first column of the tables; `…` stands for anything. */
const rows = [...document.matchAll(/^\| (?!Message|---)(.*?) \| /gm)].flatMap(([, cell = '']) =>
  [...cell.matchAll(/`([^`]+)`/g)].map(([, message = '']) => message),
);

/** Rows that cannot be provoked here: bugs, errors of the machine's network, and those that come after 20 s. */
const UNPROVOKED = [
  'The step came to its end without a verdict',
  'The step was cancelled and did not end in time',
  'No verdict on the Collibra job',
  '…: host name lookup failed (…)',
  '…: connection timed out (…)',
  '…: connection aborted (…)',
  '…: host unreachable (…)',
  '…: network unreachable (…)',
  'an import summary',
  'a page of import errors',
];

const patternOf = (row: string) =>
  new RegExp(row.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll('…', '[^\\n]*?'));

let said: Said;
beforeAll(async () => {
  said = await provokeAll();
}, 120_000);

describe('a row of docs/troubleshooting.md', () => {
  it.each([...new Set(rows)].filter((row) => !UNPROVOKED.includes(row)))('can be provoked: %s', (row) => {
    expect(said.all.some((text) => patternOf(row).test(text))).toBe(true);
  });

  it.each(UNPROVOKED)('that is not provoked is a text in src: %s', (row) => {
    expect(rows).toContain(row);
    expect(sources.map((file) => read(`src/${file}`)).join('\n')).toContain(
      row.replaceAll(/…: | \(…\)/g, ''),
    );
  });

  it('exists for every error that was provoked', () => {
    const patterns = rows.map(patternOf);
    expect(said.errors.length).toBeGreaterThan(60);
    expect(said.errors.filter((error) => !patterns.some((pattern) => pattern.test(error)))).toEqual([]);
  });
});
