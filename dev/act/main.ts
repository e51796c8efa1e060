/**
 * Runs workflows in act (https://github.com/nektos/act), an independent implementation of GitHub's runner, directly on
 * this machine: `npm run act`. Skipped with a word where act is not installed and Go cannot install it.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { table } from '../bench/table.ts';
import { root } from '../scripts/documents.ts';
import { defaultCredentials, startSimulator } from '../simulator/simulator.ts';
import { type ActRun, type ActStep, runInAct } from './act.ts';
import { installAct } from './install.ts';

const act = process.platform === 'linux' ? installAct() : { missing: 'These runs need Linux.' };
if ('missing' in act) {
  console.log(`SKIPPED: no workflow is run in act. ${act.missing}`);
} else {
  const temp = mkdtempSync(join(tmpdir(), 'act-'));
  try {
    await runCi(act.path, temp);
    await runAndCancel(act.path, temp);
  } finally {
    rmSync(temp, { recursive: true, force: true });
  }
}

/** Runs the job of ci.yml that uses the action. The ID of each step is the outcome that it must have. */
async function runCi(path: string, temp: string): Promise<void> {
  const workflow = '.github/workflows/ci.yml';
  console.log(`\nThe job "action" of ${workflow}, which uses the action once for each outcome:\n`);
  const run = await runInAct(path, {
    folder: root,
    workflow,
    job: 'action',
    temp,
    args: ['--matrix', 'os:ubuntu-latest'],
  });
  const uses = ['success', 'accepted', 'failure', 'timeout', 'error'];
  const posts = run.steps.filter(({ id, stage }) => uses.includes(id) && stage === 'Post');
  report(run, {
    'the job succeeds': run.result === 'success',
    'each step has its outcome': [...uses, 'cancelled'].every((id) => stepOf(run, 'Main', id)?.outcome === id),
    'the workflow finds these outcomes': run.steps.some(
      ({ name, result }) => name === 'Check the outcomes' && result === 'success',
    ),
    'the post steps run in reverse order and pass': posts.map(({ id }) => id).join() === uses.toReversed().join(),
    'the post steps write nothing': posts.every(({ written }) => written.length === 0),
  });
}

/** Cancels a documented workflow while it waits. Unlike the runner, act then kills main, which hears no signal. */
async function runAndCancel(path: string, temp: string): Promise<void> {
  const workflow = 'examples/cancel-with-the-run.yml';
  console.log(`\n${workflow}, which is canceled while it waits (act kills main without a signal):\n`);
  const folder = join(temp, 'workspace');
  mkdirSync(folder);
  cpSync(join(root, 'dev/demo/import.json'), join(folder, 'catalog.json'));
  const author = ['-c', 'user.name=act', '-c', 'user.email=act@localhost'];
  for (const command of [['init'], ['add', '.'], [...author, 'commit', '-m', 'Add the catalog']]) {
    execFileSync('git', ['-C', folder, ...command], { stdio: 'pipe' });
  }
  const simulator = await startSimulator({ defaultScenario: 'stuck' });
  const [[username, password] = ['', '']] = Object.entries(defaultCredentials.users);
  const vars = ['--var', `COLLIBRA_URL=${simulator.url}`, '--var', `COLLIBRA_USERNAME=${username}`];
  const args = [...vars, '--secret', `COLLIBRA_PASSWORD=${password}`];
  const run = await runInAct(path, { folder, workflow, job: 'import', temp, args, cancelOn: /RUNNING/ });
  await simulator.close();
  const post = stepOf(run, 'Post', 'wait');
  const deletes = simulator.requests.filter(({ method }) => method === 'DELETE');
  report(run, {
    'the step fails with the outcome error': stepOf(run, 'Main', 'wait')?.outcome === 'error',
    'a later step with always() reads the outcome': run.steps.some(({ written }) =>
      written.includes('The outcome is error.'),
    ),
    'the post step passes, and says that it requested deletion':
      post?.result === 'success' && post.written.some((line) => line.includes(': requested deletion.')),
    'the post step reports in place of main': post?.written.some((line) => line.includes('::error')),
    'Collibra deletes the job': deletes.map(({ status }) => status).join() === '204',
  });
}

function stepOf({ steps }: ActRun, ofStage: string, ofId: string): ActStep | undefined {
  return steps.find(({ stage, id }) => stage === ofStage && id === ofId);
}

/** Prints the steps and what of them was checked; if a check failed, also the whole log. */
function report(run: ActRun, checks: Readonly<Record<string, boolean | undefined>>): void {
  console.log(
    table(
      ['step', 'result', 'outcome'],
      run.steps.map(({ stage, name, result, outcome }) => [`${stage}: ${name}`, result, outcome]),
    ),
  );
  const failed = Object.entries(checks).filter(([, isTrue]) => isTrue !== true);
  console.log(
    `\n${Object.keys(checks)
      .map((check) => `${checks[check] === true ? 'ok' : 'FAILED'}: ${check}`)
      .join('\n')}`,
  );
  if (failed.length === 0) return;
  console.log(run.log.join('\n'));
  process.exitCode = 1;
}
