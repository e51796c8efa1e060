import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { describe, expect, it, jest } from '@jest/globals';

// Processes are started, and the machine may be busy.
jest.setTimeout(60_000);

const script = fileURLToPath(new URL('../../dev/scripts/check-workflows.ts', import.meta.url));

interface Finding {
  readonly document: string;
  readonly line: number;
  readonly checker: string;
  readonly message: string;
}

/** What the checkers say of documents, by name. They run in a process of their own: see the script. */
function findingsIn(documents: Readonly<Record<string, string>>): Finding[] {
  const input = JSON.stringify(Object.entries(documents).map(([name, text]) => ({ name, text })));
  const { stdout, stderr } = spawnSync(process.execPath, [script, '--stdin'], { input, encoding: 'utf8' });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as Finding[];
}

/** A workflow with nothing wrong, and ways to break it: the text, what takes its place, and who must notice. */
const good = `on:
  workflow_dispatch:
permissions:
  contents: read
jobs:
  import:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
      - name: Wait
        id: wait
        uses: OWNER/wait-for-collibra-import-job@v1
        with:
          url: \${{ vars.COLLIBRA_URL }}
          job-id: \${{ github.run_id }}
      - name: Tell
        if: steps.wait.outputs.outcome == 'accepted'
        env:
          MESSAGE: \${{ steps.wait.outputs.message }}
        run: echo "done"
`;

const broken: readonly [name: string, text: string, instead: string, checker: string, message: RegExp][] = [
  [
    'an input that does not exist',
    'job-id:',
    'job-ids:',
    'language service',
    /Invalid action input 'job-ids'/,
  ],
  ['a required input left out', 'url:', 'scope:', 'language service', /Missing required input `url`/],
  [
    'the same in this repository',
    'uses: OWNER/wait-for-collibra-import-job@v1\n        with:\n          url:',
    'uses: ./\n        with:\n          ulr:',
    'language service',
    /Invalid action input 'ulr'/,
  ],
  ['an output that does not exist', 'outputs.message', 'outputs.massage', 'language service', /massage/],
  [
    'a step that does not exist',
    'steps.wait.outputs.outcome',
    'steps.weit.outputs.outcome',
    'actionlint',
    /weit/,
  ],
  [
    'an expression that is none',
    "== 'accepted'",
    '== "accepted"',
    'language service',
    /Unexpected symbol: '"accepted"'/,
  ],
  ['a key that does not exist', 'runs-on', 'run-on', 'actionlint', /run-on/],
  [
    'an input that another action lacks',
    'v7.0.1\n',
    'v7.0.1\n        with: { dept: 1 }\n',
    'language service',
    /dept/,
  ],
  [
    'an action that is not pinned',
    /checkout@\S+/.exec(good)?.[0] ?? '',
    'checkout@v7',
    'house rule',
    /not pinned/,
  ],
  ['another pin', '3d3c42e5', '00000000', 'house rule', /pinned at 3d3c42e5/],
  ['a pin without its version', ' # v7.0.1', '', 'house rule', /lacks the comment v7\.0\.1/],
  ['no permissions', 'permissions:\n  contents: read\n', '', 'house rule', /permissions are missing/],
  [
    "the server's text in a script",
    'echo "done"',
    'echo "${{ steps.wait.outputs.message }}"',
    'house rule',
    /expression in a script/,
  ],
];

describe('the checkers', () => {
  it('find nothing in a good workflow', () => {
    expect(findingsIn({ good })).toEqual([]);
  });

  it('find what is broken', () => {
    const documents = broken.map(([name, text, instead]) => {
      const document = good.replace(text, instead);
      expect([name, document]).not.toEqual([name, good]);
      return [name, document] as const;
    });
    const findings = findingsIn(Object.fromEntries(documents));
    const noticed = broken.map(([name, , , checker, message]) => [
      name,
      findings.some((one) => one.document === name && one.checker === checker && message.test(one.message)),
    ]);
    expect(noticed).toEqual(broken.map(([name]) => [name, true]));
  });

  it('find what is broken in an action.yml', () => {
    const action = 'name: x\ndescription: no ${{ }} here\nruns:\n  using: node24\n';
    expect(findingsIn({ 'action.yml': action }).map(({ message }) => message)).toEqual([
      "'main' is required for Node.js actions (using: node24)",
      'An expression was expected',
    ]);
  });

  it('find nothing in action.yml, in any workflow of this repository and in any of its documentation', () => {
    const { stdout, stderr, status } = spawnSync(process.execPath, [script], { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(Number(/^(\d+) documents checked/.exec(stdout)?.[1])).toBeGreaterThan(12);
    expect(status).toBe(0);
  });
});
