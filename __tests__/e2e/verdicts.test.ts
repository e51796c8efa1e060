import { describe, expect, it } from '@jest/globals';

import type { Api, Life } from '../../dev/simulator/simulator.ts';
import { constantLife } from './lives.ts';
import { expectAllOutputs, jobsOf, runStep, runStepFor, simulate } from './run-step.ts';

const simulator = await simulate();

const POLICIES = ['', 'COMPLETED_WITH_ERROR', 'ABORTED', 'COMPLETED_WITH_ERROR, aborted'] as const;
const APIS: readonly Api[] = ['jobs-v1', 'core-2.0'];

/** The outcomes under the four policies, in their order. */
type Outcomes = readonly [string, string, string, string];
const always = (outcome: string): Outcomes => [outcome, outcome, outcome, outcome];
const [SUCCESS, FAILURE, TIMEOUT] = [always('success'), always('failure'), always('timeout')];
const WITH_ERROR: Outcomes = ['failure', 'accepted', 'failure', 'accepted'];
const ABORTED: Outcomes = ['failure', 'failure', 'accepted', 'accepted'];

/** One row of the verdict table. */
type Row = readonly [state: string, result: string | undefined, outcomes: Outcomes, hasEndDate?: boolean];
const rowsOf = (states: string[], results: (string | undefined)[], outcomes: Outcomes) =>
  states.flatMap((state) => results.map((result): Row => [state, result, outcomes]));

const RESULTS = ['SUCCESS', 'COMPLETED_WITH_ERROR', 'ABORTED', 'FAILURE', 'NOT_SET', undefined];
const ROWS: readonly Row[] = [
  ['COMPLETED', 'SUCCESS', SUCCESS],
  ['COMPLETED', 'COMPLETED_WITH_ERROR', WITH_ERROR],
  ['COMPLETED', 'ABORTED', ABORTED],
  ...rowsOf(['COMPLETED'], ['FAILURE', 'NOT_SET', undefined, '', 'success', 'SUCCESS_WITH_LUCK'], FAILURE),
  ...rowsOf(['FAILED', 'ERROR', 'DELETED', 'CANCELED'], RESULTS, FAILURE),
  ...rowsOf(['WAITING', 'RUNNING', 'CANCELING'], ['NOT_SET', 'SUCCESS', undefined], TIMEOUT),
  ...['completed', 'DONE', ''].flatMap((state): Row[] => [
    [state, 'SUCCESS', TIMEOUT, false],
    [state, 'SUCCESS', FAILURE, true],
  ]),
];

function lifeOf([state, result, , ends]: Row): Life {
  const step = { state, message: 'What Collibra says.', ...(ends === undefined ? {} : { ends }) };
  return constantLife(
    result === undefined ? { ...step, omit: ['result'] } : { ...step, result, fields: { result } },
    // Import Results that know the job, but not how it ended.
    { verbatim: true, importResults: { importJobState: '' } },
  );
}

/** The policy that accepts as much as possible. */
const LENIENT = 3;

describe('the verdict', () => {
  it.concurrent.each(APIS.flatMap((api) => POLICIES.map((accept, policy) => ({ api, accept, policy }))))(
    'on every state and result, through $api, is right when accept is "$accept"',
    async ({ api, accept, policy }) => {
      const ids = ROWS.map((row) => simulator.addJob({ life: lifeOf(row) }));
      const inputs = { 'job-id': ids.join(), 'job-api': api, accept, 'timeout-minutes': '0.02' };
      const run = await runStep(simulator, inputs);
      expect([run.outputs.outcome, run.exitCode]).toEqual(['timeout', 1]);
      expect(jobsOf(run)).toMatchObject(
        ROWS.map(([state, result = '', outcomes], n) => ({ id: ids[n], outcome: outcomes[policy], state, result })),
      );
    },
  );

  it.concurrent.each(
    ROWS.map((row, index) => {
      const [state, result = '(none)', , hasEndDate] = row;
      const name = `${state || '(none)'} / ${result}${hasEndDate ? ' with an end date' : ''}`;
      return [name, row, APIS[index % APIS.length] ?? 'jobs-v1'] as const;
    }),
  )('on %s decides about the exit code, the outputs and the annotation', async (_, row, api) => {
    const inputs = { 'job-api': api, accept: POLICIES[LENIENT], 'timeout-minutes': '0.01' };
    const run = await runStepFor(simulator, lifeOf(row), inputs);
    const [state, result = '', { [LENIENT]: outcome }] = row;
    expect(run.exitCode).toBe(outcome === 'success' || outcome === 'accepted' ? 0 : 1);
    expectAllOutputs(run);
    expect(run.outputs).toMatchObject({ outcome, state, result, message: 'What Collibra says.' });
    expect(jobsOf(run)).toMatchObject([{ id: run.outputs['job-id'], outcome, state, result }]);
    const kinds = run.annotations.map(({ kind }) => kind);
    expect(kinds).toEqual(outcome === 'success' ? [] : [outcome === 'accepted' ? 'warning' : 'error']);
  });
});

describe('a COMPLETED job without a result', () => {
  it.concurrent.each<[importJobState: string | undefined, outcomes: Outcomes]>([
    ['COMPLETED', SUCCESS],
    ['COMPLETED_WITH_ERRORS', WITH_ERROR],
    ['ABORTED', ABORTED],
    ['FAILED', FAILURE],
    ['SOMETHING_ELSE', FAILURE],
    [undefined, FAILURE],
  ])('is judged by Import Results when these say %s', async (importJobState, outcomes) => {
    const life = constantLife(
      { state: 'COMPLETED', result: 'NOT_SET' },
      // The API may leave the state out, although the simulator's own type does not.
      { importResults: { summary: {}, importJobState } } as Omit<Life, 'steps'>,
    );
    const runs = await Promise.all(
      POLICIES.map((accept) => runStepFor(simulator, life, { accept, 'timeout-minutes': '0.01' })),
    );
    expect(runs.map((run) => run.outputs.outcome)).toEqual(outcomes);
  });

  it.concurrent('is polled again, and judged by its result as soon as it has one', async () => {
    const run = await runStepFor(simulator, {
      importResults: { importJobState: 'COMPLETED' },
      steps: [
        { atMs: 0, state: 'COMPLETED', result: 'NOT_SET' },
        { atMs: 2500, state: 'COMPLETED', result: 'ABORTED' },
      ],
    });
    expect(run.outputs).toMatchObject({ outcome: 'failure', result: 'ABORTED' });
  });
});
