import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, it } from '@jest/globals';

import { readKeyValueFile } from '../../dev/runner/file-commands.ts';
import { readState, SavedState } from '../../src/report/saved-state.ts';
import { aJob, aSuccess, JOB_1, JOB_2, JOB_3 } from '../support/jobs.ts';

const before = { ...process.env };
let file = '';

beforeEach(() => {
  file = join(mkdtempSync(join(tmpdir(), 'state-')), 'state');
  writeFileSync(file, '');
  process.env['GITHUB_STATE'] = file;
});

afterEach(() => {
  process.env = { ...before };
});

/** What the post step reads after the main step has saved something, with the number of values that it wrote. */
function stateAfter(act: (state: SavedState) => void) {
  act(new SavedState());
  const written = readFileSync(file, 'utf8');
  for (const [name, value] of Object.entries(readKeyValueFile(written))) process.env[`STATE_${name}`] = value;
  return { ...readState(), writes: written.match(/<</g)?.length };
}

it('the post step reads the jobs, which of them are finished, and which API knows the others', () => {
  const state = stateAfter((saved) => {
    saved.jobs([JOB_1, JOB_2, JOB_3]);
    for (let poll = 0; poll < 2; poll++) saved.job(aJob({ id: JOB_1 }), 'core-2.0');
    saved.job(aJob({ id: JOB_2 }), 'jobs-v1');
    saved.job(aSuccess({ id: JOB_2 }), 'jobs-v1');
    saved.phase('cancelled');
  });
  expect(state).toEqual({
    phase: 'cancelled',
    jobs: [JOB_1, JOB_2, JOB_3],
    finished: new Set([JOB_2]),
    apis: new Map([[JOB_1, 'core-2.0']]),
    // What is known already is not written again.
    writes: 5,
  });
});

it.each([
  ['RUNNING', 'NOT_SET', false],
  ['PAUSED', '', false],
  ['COMPLETED', 'NOT_SET', true],
  ['FAILED', 'FAILURE', true],
])('a job in the state %s with the result %s is finished: %j', (state, result, isFinished) => {
  const { finished, apis } = stateAfter((saved) => {
    saved.jobs([JOB_1]);
    saved.job(aJob({ state, result }), 'jobs-v1');
  });
  expect([finished.has(JOB_1), apis.has(JOB_1)]).toEqual([isFinished, !isFinished]);
});

it('a main step that saved no jobs leaves none, and one that cannot save goes on', () => {
  expect(stateAfter((saved) => saved.phase('timeout'))).toMatchObject({ phase: 'timeout', jobs: [], apis: new Map() });
  rmSync(file);
  expect(() => new SavedState().finished(JOB_1)).not.toThrow();
});
