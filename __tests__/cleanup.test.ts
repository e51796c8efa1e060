import { describe, expect, it } from '@jest/globals';

import { cleanUp } from '../src/cleanup.ts';
import { readState } from '../src/report/saved-state.ts';
import {
  addRunning,
  addSuccess,
  canceledOnRequest,
  runStep,
  RUN_URL,
  simulator,
  type Inputs,
} from './support/in-process.ts';
import { JOB_1 } from './support/jobs.ts';
import { noCancel } from './support/waiting.ts';

/** Runs the post step with what a main step saved. */
function postStep(state: Inputs, inputs: Inputs = {}, signal = noCancel()) {
  for (const [name, value] of Object.entries(state)) process.env[`STATE_${name}`] = value;
  return runStep(inputs, () => cleanUp(readState(), signal));
}

describe('the post step', () => {
  const STOPPED =
    'The step was stopped before it could report a result: it was canceled, ran out of time or memory, or crashed.';
  const ERROR = "Could not determine the Collibra job's status";
  const DELETE = { 'on-cancel': 'delete' };
  const requests = () => simulator.requests.map(({ method, path }) => `${method} ${path.replace(/^.*rest/, '')}`);

  it('says nothing and requests nothing if the main step finished', async () => {
    const ran = await postStep({ phase: 'finished', jobs: JOB_1 }, { ...DELETE, 'timeout-minutes': 'long' });
    expect(ran).toMatchObject({ outputs: {}, state: {}, summary: '' });
    expect([ran.out.lines, requests()]).toEqual([[], []]);
  });

  it.each<[state: Inputs, inputs: Inputs, message: string | undefined]>([
    [{ phase: 'cancelled', jobs: JOB_1 }, DELETE, 'Workflow run canceled'],
    [{ phase: 'cancelled', jobs: JOB_1 }, { 'on-timeout': 'delete' }, undefined],
    [{ phase: 'cancelled', jobs: JOB_1, [JOB_1]: 'finished' }, DELETE, undefined],
    [{ phase: 'timeout', jobs: JOB_1 }, { 'on-timeout': 'delete' }, 'Not finished in time'],
    [{ phase: 'timeout', jobs: JOB_1 }, DELETE, undefined],
    [{ phase: 'started', jobs: JOB_1 }, DELETE, 'Workflow step stopped'],
    [{ phase: 'started' }, DELETE, 'Workflow step stopped'],
    [{ phase: 'started', jobs: JOB_1 }, {}, undefined],
  ])('after %j with %j deletes a running job with the message %j', async (state, inputs, message) => {
    addRunning();
    const ran = await postStep(state, inputs);
    const { steps, sent } = { steps: ran.out.plainLines, sent: simulator.requests };
    expect(sent.map(({ method }) => method)).toEqual(message === undefined ? [] : ['GET', 'DELETE']);
    if (message === undefined) return;
    expect(sent[1]?.query.get('message')).toBe(`${message}: ${RUN_URL}`);
    expect(steps).toEqual([
      `Deleting what is unfinished of 1 job at ${simulator.url}.`,
      `${JOB_1}: requested deletion. A running import might not stop. Check the job before you import again.`,
    ]);
  });

  it('asks the API that knew the job', async () => {
    simulator.addJob({ id: JOB_1, knownTo: ['core-2.0'], life: { steps: [{ atMs: 0, state: 'RUNNING' }] } });
    await postStep({ phase: 'cancelled', jobs: JOB_1, [JOB_1]: 'core-2.0' }, DELETE);
    expect(requests()).toEqual([`GET /2.0/jobs/${JOB_1}`, `POST /2.0/jobs/${JOB_1}/canceled`]);
  });

  it('masks the secrets again, and annotates only a job that was not deleted', async () => {
    addRunning();
    simulator.failNext('delete', { kind: 'status', status: 403 });
    const token = 'another-bearer-token';
    simulator.failNext('job', { kind: 'wrong-type', body: { id: JOB_1, state: 'RUNNING' } });
    const ran = await postStep({ phase: 'cancelled', jobs: JOB_1 }, { ...DELETE, token });
    expect(ran.masks).toEqual([token]);
    const message = expect.stringMatching(`^Could not delete the job\\. HTTP 403 .* Job: ${JOB_1}$`);
    expect(ran).toMatchObject({ annotations: [['warning', 'Collibra job not deleted', message]], summary: '' });
    const deleted = await postStep({ phase: 'cancelled', jobs: JOB_1 }, DELETE);
    expect(deleted).toMatchObject({ annotations: [], summary: '' });
  });

  it.each<[name: string, inputs: Inputs, state: Inputs, job: string]>([
    ['is left', {}, {}, 'The job might still be running in Collibra. Check it there before you import again.'],
    ['is deleted', DELETE, {}, 'Requested deletion. A running import might not stop.'],
    ['is known to be finished', DELETE, { [JOB_1]: 'finished' }, 'The job is finished in Collibra. To have its result'],
    ['has finished', DELETE, {}, 'Not deleted, because the job is finished (state COMPLETED, result SUCCESS). To have'],
  ])('reports in place of a main step that was killed: a job that %s', async (name, inputs, state, text) => {
    if (name === 'has finished') addSuccess();
    else addRunning();
    const ran = await postStep({ phase: 'started', jobs: JOB_1, ...state }, inputs);
    expect(ran).toMatchObject({ annotations: [['error', ERROR, expect.stringContaining(`${STOPPED} ${text}`)]] });
    expect(ran.summary).toContain(text);
    expect(ran.summary).toContain(
      '<p>Check the jobs in Collibra before anything uses the imported data, and before you import again.</p>',
    );
    expect(ran.summary.includes('COMPLETED')).toBe(name === 'has finished');
  });

  it('reports a main step that was killed before it found a job, or with invalid inputs', async () => {
    const search = { 'job-id': '', 'job-name': 'Nightly', ...DELETE };
    const reason = `${STOPPED} It had not found the job by its name yet.`;
    expect(await postStep({ phase: 'started' }, search)).toMatchObject({ annotations: [['error', ERROR, reason]] });
    const invalid = await postStep({ phase: 'started' }, { 'timeout-minutes': 'long' });
    expect(invalid.annotations).toMatchObject([['error', 'Invalid inputs', expect.stringContaining('"long"')]]);
    expect(invalid.summary).toContain('Invalid inputs');
    expect(requests()).toEqual([]);
  });

  it('ends 3.5 s after its own cancellation', async () => {
    addRunning();
    simulator.failNext('delete', { kind: 'hang' });
    const startMs = performance.now();
    const ran = await postStep({ phase: 'cancelled', jobs: JOB_1 }, DELETE, canceledOnRequest('DELETE'));
    expect(performance.now() - startMs).toBeGreaterThan(3_400);
    expect(ran.annotations[0]?.[2]).toMatch(/^No confirmation that the job was deleted\. There was no time left\./);
  });
});
