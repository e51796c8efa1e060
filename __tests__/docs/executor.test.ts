import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

import { describe, expect, it } from '@jest/globals';

import { describeWorkflows } from '../support/needs.ts';
import { holds, textOf } from './workflow/expressions.ts';
import { runWorkflow } from './workflow/executor.ts';

/** The documentation's workflows are only as well tested as the executor that runs them; so it is tested itself. */

const contexts = {
  steps: { wait: { outputs: { outcome: 'accepted', 'failed-commands': '3', message: '' } } },
};

describe('expressions', () => {
  it.each([
    ['steps.wait.outputs.outcome', 'accepted'],
    ["steps.wait.outputs.outcome == 'accepted' && 'yes' || 'no'", 'yes'],
    ['steps.wait.outputs.failed-commands > 2', 'true'],
    ['steps.wait.outputs.message > 0', 'false'],
    ["format('{0}!', steps.wait.outputs.outcome)", 'accepted!'],
  ])('evaluates %s', (expression, value) => {
    expect(textOf(`<\${{ ${expression} }}>`, contexts)).toBe(`<${value}>`);
  });

  it('refuses what GitHub would take for empty', () => {
    expect(() => textOf('${{ steps.wait.outputs.outcom }}', contexts)).toThrow('nothing named outcom');
    expect(() => textOf('${{ stepss.wait }}', contexts)).toThrow();
  });
});

describe('conditions', () => {
  it.each([
    [undefined, 'success', true],
    [undefined, 'failure', false],
    ["steps.wait.outputs.outcome == 'accepted'", 'success', true],
    ["steps.wait.outputs.outcome == 'accepted'", 'failure', false],
    ['failure()', 'failure', true],
    ['failure()', 'cancelled', false],
    ['always()', 'cancelled', true],
    ["${{ !cancelled() && steps.wait.outputs.outcome != 'success' }}", 'failure', true],
    ["${{ !cancelled() && steps.wait.outputs.outcome != 'success' }}", 'cancelled', false],
  ] as const)('%s after %s', (condition, status, result) => {
    expect(holds(condition, contexts, status)).toBe(result);
  });
});

const job = (steps: string) => `jobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n${steps}`;

describeWorkflows()('a workflow', () => {
  it('goes on after a failed step only where a condition says so', async () => {
    const [run] = await runWorkflow(
      job(`      - run: exit 3\n      - run: 'true'\n      - run: echo late >&2\n        if: always()\n`),
      {},
    );
    expect(run?.result).toBe('failure');
    expect(run?.steps.map(({ outcome }) => outcome)).toEqual(['failure', 'skipped', 'success']);
    expect(run?.steps[2]?.log).toBe('late\n');
  });

  it('hands on outputs, and ends what a step left in the background', async () => {
    const server = createServer((connection) => connection.resume().once('close', () => server.close()));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const closed = once(server, 'close');
    const { port } = server.address() as AddressInfo;
    const [run] = await runWorkflow(
      job(
        `      - run: |\n          sleep 600 3<>/dev/tcp/127.0.0.1/${port} &\n          echo "pid=$!" >> "$GITHUB_OUTPUT"\n        id: first\n` +
          '      - run: kill -0 "$PID" && echo "still there"\n        env: { PID: "${{ steps.first.outputs.pid }}" }\n',
      ),
      {},
    );
    expect(run?.steps[1]?.log).toBe('still there\n');
    // The connection lives as long as the process that holds it.
    await closed;
  });

  it('has nothing of the repository before it is checked out', async () => {
    const files = { 'catalog.json': '[]' };
    const [run] = await runWorkflow(job('      - run: cat catalog.json\n'), { files });
    expect(run?.result).toBe('failure');
  });

  it.each([
    ['      - run: "true"\n        working-directory: x\n', 'does not know working-directory in a step'],
    ['      - uses: acme/unknown@v1\n', 'no stand-in for acme/unknown'],
    ['      - uses: actions/checkout@v1\n        with: { pth: x }\n', 'no input named pth'],
    ['      - uses: ./\n        with: { jobid: x }\n', 'no input named jobid'],
    ['      - run: "true"\n        shell: fish\n', 'no shell named fish'],
  ])('is refused where it would not be run as it stands: %j', async (steps, error) => {
    await expect(runWorkflow(job(steps), {})).rejects.toThrow(error);
  });
});
