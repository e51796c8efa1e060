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
const NO_ERRORS = new Set(
  [
    // The log of a run without errors (log.ts, main.ts).
    ['Waiting up to', 'Accepted results', 'Still waiting', 'Retrying in', 'Next check in', 'next check in'],
    ['Found job', 'the newest job', 'of type', 'started by', 'no state'],
    ['no status yet', 'without a status', '(worst outcome so far', 'more job', 'Collibra job succeeded'],
    'requested deletion. A running import might not stop. Check the job before you import again',
    'Deleting what is unfinished of',
    // Advice after an error, and the introduction of a quotation (annotations.ts, advice.ts).
    'The step passed because the job reports SUCCESS',
    'The step passed because the accept input allows this result',
    ['A running import', 'Running imports', 'being deleted in Collibra', 'might not stop. Check'],
    ['The post step asks Collibra to delete', 'Its log says what came of that'],
    'Check the jobs in Collibra before anything uses the imported data, and before you import again',
    ['might still be running in Collibra', 'there, or increase timeout-minutes', "Collibra's message"],
    // Where the other failed commands are (failed-commands.ts).
    ['This log', 'and counts only the first'],
    'The Import Results in Collibra contain all of them, and the errors-file input writes them to a file',
    // Labels of transient errors, which an outage counts.
    ['no time left', 'no token in time', 'invalid token', 'unsupported token type', 'job without a creation date'],
    ['untrusted certificate', 'endless pages', 'no response in time'],
    ['from the proxy', 'from the token endpoint', 'rate limit', 'no OIDC token'],
    // Why Import Results are missing (read-import-results.ts).
    ['Reading them took more than', 'They came in more than', 'The wait was stopped'],
    // The end of a row about a job without a result (verdict.ts).
    'which is a success',
  ].flat(),
);

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
  'The action exited without a result',
  'The step did not stop in time after it was canceled',
  'Unexpected error while waiting for the Collibra job',
  '…: host name lookup failed (…)',
  '…: connection timed out (…)',
  '…: connection aborted (…)',
  '…: host unreachable (…)',
  '…: network unreachable (…)',
  'request was not sent, because there was no access token in time',
  'an import summary',
  'a page of import errors',
];

const patternOf = (row: string) =>
  new RegExp(row.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll('…', '[^\\n]*?'));

describe('a row of docs/troubleshooting.md', () => {
  let said: Said;
  beforeAll(async () => {
    said = await provokeAll();
  }, 120_000);

  it.each([...new Set(rows)].filter((row) => !UNPROVOKED.includes(row)))('can be provoked: %s', (row) => {
    expect(said.all.some((text) => patternOf(row).test(text))).toBe(true);
  });

  it.each(UNPROVOKED)('that is not provoked is a text in src: %s', (row) => {
    expect(rows).toContain(row);
    expect(sources.map((file) => read(`src/${file}`)).join('\n')).toContain(row.replaceAll(/…: | \(…\)/g, ''));
  });

  it('exists for every error that was provoked', () => {
    const patterns = rows.map(patternOf);
    expect(said.errors.length).toBeGreaterThan(60);
    expect(said.errors.filter((error) => !patterns.some((pattern) => pattern.test(error)))).toEqual([]);
  });
});
