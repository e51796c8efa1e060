import { setTimeout as sleep } from 'node:timers/promises';

import { afterEach, beforeEach, expect, it } from '@jest/globals';

import type { JobContainer } from '../../dev/runner/container.ts';
import { cancelLikeRunner } from '../../dev/runner/runner.ts';
import { running, type Simulator } from '../../dev/simulator/simulator.ts';
import { describeInContainer } from '../support/needs.ts';
import { succeeded } from './lives.ts';
import { pollsOf, runStep, simulate } from './run-step.ts';

const endless = { steps: running(0, 600_000) };
const canceled = { signals: cancelLikeRunner({ whenLine: /: success after/, afterMs: 300 }) };

describeInContainer('a step of a job in a container', (start) => {
  let simulator: Simulator;
  let container: JobContainer;
  beforeEach(async () => {
    container = start();
    simulator = await simulate();
  });
  afterEach(() => container.remove());

  it('waits for its job, and its post step says nothing', async () => {
    const run = await runStep(simulator, { 'job-id': simulator.addJob({ life: succeeded }) }, { container });
    expect([run.exitCode, run.outputs['outcome']]).toEqual([0, 'success']);
    expect(run.post).toMatchObject({ exitCode: 0, stdout: '', stderr: '', summary: '' });
  });

  it('hears no signal when the run is canceled, and its post step deletes the unfinished jobs', async () => {
    const [done = '', unfinished = ''] = [succeeded, endless].map((life) => simulator.addJob({ life }));
    const inputs = { 'job-id': `${done} ${unfinished}`, 'on-cancel': 'delete', 'import-results': 'false' };
    const run = await runStep(simulator, inputs, { container, ...canceled });
    expect([run.outputs['outcome'], run.summary, run.annotations]).toEqual(['error', '', []]);
    const deletes = simulator.requests.filter(({ method }) => method === 'DELETE');
    expect(deletes.map(({ path, status }) => [path, status])).toEqual([[`/rest/jobs/v1/jobs/${unfinished}`, 204]]);
    expect(run.post).toMatchObject({ exitCode: 0, stderr: '' });
    expect(run.post?.stdout).toContain(`${unfinished}: requested deletion.`);
    expect(run.post?.annotations[0]?.message).toMatch(/^The step was stopped before it could report a result/);
    expect(run.post?.summary).toContain('Requested deletion.');
  });

  it('polls on after the cancellation and its post step, because only the end of the container stops it', async () => {
    const ids = [succeeded, endless].map((life) => simulator.addJob({ life }));
    const run = await runStep(simulator, { 'job-id': ids.join() }, { container, ...canceled });
    expect(run.post?.summary).toMatch(/stopped before it could report/);
    const polls = () => pollsOf(simulator, ids[1]).length;
    const before = polls();
    while (polls() === before) await sleep(10);
  });
});
