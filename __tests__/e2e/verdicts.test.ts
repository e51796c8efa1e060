import { describe, expect, it } from '@jest/globals';

import type { Api, Life } from '../../dev/simulator/simulator.ts';
import { constantLife } from './lives.ts';
import { expectAllOutputs, jobsOf, runStep, runStepFor, simulate } from './run-step.ts';

const simulator = await simulate();

const POLICIES = ['', 'COMPLETED_WITH_ERROR', 'ABORTED', 'COMPLETED_WITH_ERROR, aborted'] as const;
const APIS: readonly Api[] = ['jobs-v1', 'core-2.0'];

/** One row of the verdict table, and the outcomes under the four policies in their order. */
interface Row {
  readonly state: string;
  readonly result: string | undefined;
  readonly outcomes: readonly [string, string, string, string];
  readonly endDate?: boolean;
}

const always = (outcome: string): Row['outcomes'] => [outcome, outcome, outcome, outcome];
const RESULTS = ['SUCCESS', 'COMPLETED_WITH_ERROR', 'ABORTED', 'FAILURE', 'NOT_SET', undefined];

const ROWS: readonly Row[] = [
  { state: 'COMPLETED', result: 'SUCCESS', outcomes: always('success') },
  { state: 'COMPLETED', result: 'COMPLETED_WITH_ERROR', outcomes: ['failure', 'accepted', 'failure', 'accepted'] },
  { state: 'COMPLETED', result: 'ABORTED', outcomes: ['failure', 'failure', 'accepted', 'accepted'] },
  { state: 'COMPLETED', result: 'FAILURE', outcomes: always('failure') },
  { state: 'COMPLETED', result: 'NOT_SET', outcomes: always('failure') },
  { state: 'COMPLETED', result: undefined, outcomes: always('failure') },
  { state: 'COMPLETED', result: '', outcomes: always('failure') },
  { state: 'COMPLETED', result: 'success', outcomes: always('failure') },
  { state: 'COMPLETED', result: 'SUCCESS_WITH_LUCK', outcomes: always('failure') },
  ...['FAILED', 'ERROR', 'DELETED', 'CANCELED'].flatMap((state) =>
    RESULTS.map((result) => ({ state, result, outcomes: always('failure') })),
  ),
  ...['WAITING', 'RUNNING', 'CANCELING'].flatMap((state) =>
    ['NOT_SET', 'SUCCESS', undefined].map((result) => ({ state, result, outcomes: always('timeout') })),
  ),
  ...['completed', 'DONE', ''].flatMap((state) => [
    { state, result: 'SUCCESS', outcomes: always('timeout'), endDate: false },
    { state, result: 'SUCCESS', outcomes: always('failure'), endDate: true },
  ]),
];

function lifeOf({ state, result, endDate }: Row): Life {
  const step = { state, message: 'What Collibra says.', ...(endDate === undefined ? {} : { ends: endDate }) };
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
        ROWS.map(({ state, result = '', outcomes }, index) => ({
          id: ids[index],
          outcome: outcomes[policy],
          state,
          result,
        })),
      );
    },
  );

  it.concurrent.each(
    ROWS.map((row, index) => {
      const name = `${row.state || '(none)'} / ${row.result ?? '(none)'}${row.endDate ? ' with an end date' : ''}`;
      return [name, row, APIS[index % APIS.length] ?? 'jobs-v1'] as const;
    }),
  )('on %s decides about the exit code, the outputs and the annotation', async (_, row, api) => {
    const inputs = { 'job-api': api, accept: POLICIES[LENIENT], 'timeout-minutes': '0.01' };
    const run = await runStepFor(simulator, lifeOf(row), inputs);
    const outcome = row.outcomes[LENIENT];
    expect(run.exitCode).toBe(outcome === 'success' || outcome === 'accepted' ? 0 : 1);
    expectAllOutputs(run);
    const { state, result = '' } = row;
    expect(run.outputs).toMatchObject({ outcome, state, result, message: 'What Collibra says.' });
    expect(jobsOf(run)).toMatchObject([{ id: run.outputs['job-id'], outcome, state, result }]);
    const kinds = run.annotations.map(({ kind }) => kind);
    expect(kinds).toEqual(outcome === 'success' ? [] : [outcome === 'accepted' ? 'warning' : 'error']);
  });
});

describe('a COMPLETED job without a result', () => {
  it.concurrent.each<[importJobState: string | undefined, outcomes: Row['outcomes']]>([
    ['COMPLETED', always('success')],
    ['COMPLETED_WITH_ERRORS', ['failure', 'accepted', 'failure', 'accepted']],
    ['ABORTED', ['failure', 'failure', 'accepted', 'accepted']],
    ['FAILED', always('failure')],
    ['SOMETHING_ELSE', always('failure')],
    [undefined, always('failure')],
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
