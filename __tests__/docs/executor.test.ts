import { expect, it } from '@jest/globals';

import { describeWorkflows } from '../support/needs.ts';
import { holds, textOf } from './workflow/expressions.ts';
import { runWorkflow } from './workflow/executor.ts';

/** Tests the executor that runs the workflows of the documentation. */

const contexts = { steps: { wait: { outputs: { outcome: 'accepted' } } } };

it.each([
  ['steps.wait.outputs.outcom', 'nothing named outcom'],
  ['stepss.wait', 'Unrecognized named-value'],
])('the expression %s, which GitHub would treat as empty, fails', (expression, error) => {
  expect(() => textOf(`\${{ ${expression} }}`, contexts)).toThrow(error);
});

it.each([
  [undefined, 'failure', false],
  ["steps.wait.outputs.outcome == 'accepted'", 'failure', false],
  ['failure()', 'success', false],
  ['failure()', 'cancelled', false],
  ['always()', 'cancelled', true],
  ["${{ !cancelled() && steps.wait.outputs.outcome != 'success' }}", 'failure', true],
  ["${{ !cancelled() && steps.wait.outputs.outcome != 'success' }}", 'cancelled', false],
] as const)('the condition %s after %s is %s', (condition, status, result) => {
  expect(holds(condition, contexts, status)).toBe(result);
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
