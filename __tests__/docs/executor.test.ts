import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

import { describe, expect, it } from '@jest/globals';

import { describeWorkflows } from '../support/needs.ts';
import { holds, textOf } from './workflow/expressions.ts';
import { runWorkflow } from './workflow/executor.ts';

/** Tests the executor that runs the workflows of the documentation. */

const contexts = { steps: { wait: { outputs: { outcome: 'accepted', 'failed-commands': '3', message: '' } } } };

describe('an expression', () => {
  it('is evaluated within a text', () => {
    const text = "${{ steps.wait.outputs.failed-commands > 2 }}, ${{ format('{0}!', steps.wait.outputs.outcome) }}";
    expect(textOf(text, contexts)).toBe('true, accepted!');
  });

  it('fails if it refers to something that GitHub would treat as empty', () => {
    expect(() => textOf('${{ steps.wait.outputs.outcom }}', contexts)).toThrow('nothing named outcom');
    expect(() => textOf('${{ stepss.wait }}', contexts)).toThrow();
  });
});

describe('a condition', () => {
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
  ] as const)('%s after %s is %s', (condition, status, result) => {
    expect(holds(condition, contexts, status)).toBe(result);
  });
});

const job = (...steps: string[]) => `{ jobs: { test: { runs-on: ubuntu-latest, steps: [${steps.join()}] } } }`;

describeWorkflows()('a workflow', () => {
  it('continues after a failed step only if a condition says so', async () => {
    const [run] = await runWorkflow(
      job('{ run: exit 3 }', '{ run: "true" }', '{ run: echo late >&2, if: always() }'),
      {},
    );
    expect(run?.result).toBe('failure');
    expect(run?.steps.map(({ outcome }) => outcome)).toEqual(['failure', 'skipped', 'success']);
    expect(run?.steps[2]?.log).toBe('late\n');
  });

  it('passes outputs on and ends processes that a step left in the background', async () => {
    const server = createServer((connection) => connection.resume().once('close', () => server.close()));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const closed = once(server, 'close');
    const { port } = server.address() as AddressInfo;
    const first = `sleep 600 3<>/dev/tcp/127.0.0.1/${port} & echo "pid=$!" >> "$GITHUB_OUTPUT"`;
    const second = 'kill -0 "$PID" && echo "still there"';
    const env = '{ PID: "${{ steps.first.outputs.pid }}" }';
    const [run] = await runWorkflow(job(`{ id: first, run: '${first}' }`, `{ run: '${second}', env: ${env} }`), {});
    expect(run?.steps[1]?.log).toBe('still there\n');
    // The connection closes when the process that holds it ends.
    await closed;
  });

  it('sees no file of the repository before the checkout', async () => {
    const files = { 'catalog.json': '[]' };
    const [run] = await runWorkflow(job('{ run: cat catalog.json }'), { files });
    expect(run?.result).toBe('failure');
  });

  it.each([
    ['{ run: "true", working-directory: x }', 'does not know working-directory in a step'],
    ['{ uses: acme/unknown@v1 }', 'no stand-in for acme/unknown'],
    ['{ uses: actions/checkout@v1, with: { pth: x } }', 'no input named pth'],
    ['{ uses: ./, with: { jobid: x } }', 'no input named jobid'],
    ['{ run: "true", shell: fish }', 'no shell named fish'],
  ])('is rejected if the executor does not support it: %s', async (steps, error) => {
    await expect(runWorkflow(job(steps), {})).rejects.toThrow(error);
  });
});
