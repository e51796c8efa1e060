import fc from 'fast-check';

import type { ImportLife, JobLife, Phase } from '../scenario.ts';
import { span, usually } from './common.ts';

const PENDING = ['WAITING', 'RUNNING', 'RUNNING', 'CANCELING'];
const FINAL = [...Array<string>(8).fill('COMPLETED'), 'FAILED', 'ERROR', 'DELETED', 'CANCELED'];
const UNKNOWN = ['PAUSED', 'completed', 'Running', 'COMPLETED ', 'SUCCESS', 'constructor', '', undefined];

const RESULTS = ['SUCCESS', 'SUCCESS', 'SUCCESS', 'COMPLETED_WITH_ERROR', 'ABORTED', 'FAILURE', 'NOT_SET'];
const ODD_RESULTS = [
  'success',
  'SUCCESS ',
  'PARTIAL',
  'COMPLETED',
  'COMPLETED_WITH_ERRORS',
  '__proto__',
  '',
  undefined,
];

const oddNumber = fc.constantFrom(-1, 0, 1.5, 99.9, 100, 101, 1e308, -0.5);

const progress = fc.oneof(
  fc.constant(undefined),
  fc.record({ from: fc.nat(100), to: fc.nat(100) }),
  fc.constant({ from: 0, to: 100 }),
  oddNumber.map((n) => ({ from: n, to: n })),
);

const message = fc.constantFrom(undefined, '', 'Import ended', '::error::no\n##[group]', 'huge');

function phase(states: readonly (string | undefined)[]): fc.Arbitrary<Phase> {
  return fc.record({
    lastsMs: span(150_000),
    state: fc.constantFrom(...states),
    result: fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom(...RESULTS) },
      { weight: 1, arbitrary: fc.constantFrom(...ODD_RESULTS) },
    ),
    message: usually<string | undefined>(undefined, message, 3),
    progress,
    endDate: usually<Phase['endDate']>('none', fc.constantFrom('given', 'unreadable'), 3),
    nulls: usually(false, fc.constant(true)),
    upperCaseId: usually(false, fc.constant(true)),
  });
}

/** Mostly a job that runs and then ends, but any phase may follow any other. */
const phases: fc.Arbitrary<Phase[]> = fc
  .tuple(
    fc.array(
      fc.oneof(
        { weight: 6, arbitrary: phase(PENDING) },
        { weight: 1, arbitrary: phase(UNKNOWN) },
        { weight: 1, arbitrary: phase(FINAL) },
      ),
      { maxLength: 3 },
    ),
    fc.oneof(
      { weight: 9, arbitrary: phase(FINAL) },
      { weight: 1, arbitrary: phase([...PENDING, ...UNKNOWN]) },
    ),
  )
  .map(([before, last]) => [...before, last]);

const howMany = fc.oneof(
  fc.nat(5),
  fc.constantFrom<(number | undefined)[]>(undefined, -1, 0, 1, 100, 2_500, 0.5, 1e300),
);

const imports: fc.Arbitrary<ImportLife> = fc.record({
  exists: usually(true, fc.constant(false)),
  readyMs: usually(0, span(600_000)),
  state: fc.constantFrom('COMPLETED', 'COMPLETED_WITH_ERRORS', 'ABORTED', 'FAILED', 'completed', undefined),
  errorsCount: howMany,
  added: howMany,
  total: howMany,
  listed: fc.constantFrom(0, 1, 3, 2_500),
});

/** Everything that one job may do. */
export const jobLife: fc.Arbitrary<JobLife> = fc.record({
  onlyIn: usually<JobLife['onlyIn']>(undefined, fc.constantFrom('jobs-v1', 'core-2.0')),
  appearsMs: usually(0, span(60_000)),
  before: fc.constantFrom(404, 500),
  vanishesMs: usually<number | undefined>(undefined, span(600_000), 25),
  phases,
  imports,
  name: usually<JobLife['name']>('wanted', fc.constantFrom('almost', 'other'), 3),
  type: usually<JobLife['type']>('IMPORT', fc.constant('EXPORT')),
  user: usually<JobLife['user']>('wanted', fc.constant('other')),
  createdMs: fc.oneof(fc.integer({ min: -7_200_000, max: 0 }), span(600_000)),
});
