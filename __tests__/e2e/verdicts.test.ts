import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { startSimulator, type Api, type Life, type Simulator } from '../../dev/simulator/simulator.ts';
import { expectAllOutputs, jobsOf, settledLife, waitStep } from './run-step.ts';

let simulator: Simulator;

beforeAll(async () => {
  simulator = await startSimulator();
});
afterAll(() => simulator.close());

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
  {
    state: 'COMPLETED',
    result: 'COMPLETED_WITH_ERROR',
    outcomes: ['failure', 'accepted', 'failure', 'accepted'],
  },
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
  return settledLife(
    result === undefined ? { ...step, omit: ['result'] } : { ...step, result, fields: { result } },
    // Import Results that know the job and do not tell how it ended.
    { verbatim: true, importResults: { importJobState: '' } },
  );
}

const cases = ROWS.flatMap((row) =>
  APIS.flatMap((api) =>
    POLICIES.map((accept, policy) => ({ row, api, accept, outcome: row.outcomes[policy] ?? '' })),
  ),
);

/** Steps that run at the same time; more would only wait for each other. */
const SIDE_BY_SIDE = 8;

describe('every row of the verdict table, under every policy, through both APIs', () => {
  const name = (row: Row) =>
    `${row.state || '(none)'} / ${row.result ?? '(none)'}${row.endDate ? ' with an end date' : ''}`;
  const batches = Map.groupBy(cases, ({ row }) => name(row));

  it.each([...batches])(
    '%s',
    async (_, rows) => {
      for (let at = 0; at < rows.length; at += SIDE_BY_SIDE) {
        await Promise.all(rows.slice(at, at + SIDE_BY_SIDE).map(check));
      }
    },
    60_000,
  );
});

async function check({ row, api, accept, outcome }: (typeof cases)[number]): Promise<void> {
  const id = simulator.addJob({ life: lifeOf(row) });
  const run = await waitStep(simulator, { 'job-id': id, 'job-api': api, accept, 'timeout-minutes': '0.01' });

  const passes = outcome === 'success' || outcome === 'accepted';
  expect({ api, accept, outcome: run.outputs.outcome, exitCode: run.exitCode }).toEqual({
    api,
    accept,
    outcome,
    exitCode: passes ? 0 : 1,
  });
  expectAllOutputs(run);
  expect(run.outputs).toMatchObject({
    state: row.state,
    result: row.result ?? '',
    message: 'What Collibra says.',
    'job-id': id,
  });
  expect(jobsOf(run)).toMatchObject([{ id, outcome, state: row.state, result: row.result ?? '' }]);
  const kinds = run.annotations.map(({ kind }) => kind);
  expect(kinds).toEqual(outcome === 'success' ? [] : [outcome === 'accepted' ? 'warning' : 'error']);
}

describe('a COMPLETED job without a result', () => {
  const rescued: [importJobState: string | undefined, outcomes: Row['outcomes']][] = [
    ['COMPLETED', always('success')],
    ['COMPLETED_WITH_ERRORS', ['failure', 'accepted', 'failure', 'accepted']],
    ['ABORTED', ['failure', 'failure', 'accepted', 'accepted']],
    ['FAILED', always('failure')],
    ['SOMETHING_ELSE', always('failure')],
    [undefined, always('failure')],
  ];
  it.each(rescued)(
    'is judged by Import Results: %s',
    async (importJobState, outcomes) => {
      const importResults = { summary: {}, importJobState };
      const life = settledLife({ state: 'COMPLETED', result: 'NOT_SET' }, { importResults } as Omit<
        Life,
        'steps'
      >);
      const runs = await Promise.all(
        POLICIES.map((accept) =>
          waitStep(simulator, { 'job-id': simulator.addJob({ life }), accept, 'timeout-minutes': '0.01' }),
        ),
      );
      expect(runs.map((run) => run.outputs.outcome)).toEqual(outcomes);
    },
    60_000,
  );

  it('is looked at again, and its own result counts as soon as it is there', async () => {
    const life: Life = {
      importResults: { importJobState: 'COMPLETED' },
      steps: [
        { atMs: 0, state: 'COMPLETED', result: 'NOT_SET' },
        { atMs: 2500, state: 'COMPLETED', result: 'ABORTED' },
      ],
    };
    const run = await waitStep(simulator, { 'job-id': simulator.addJob({ life }) });
    expect(run.outputs).toMatchObject({ outcome: 'failure', result: 'ABORTED' });
  }, 60_000);
});
