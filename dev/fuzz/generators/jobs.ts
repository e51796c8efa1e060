import fc from 'fast-check';

import { JOB_NAME, JOB_TYPE, USERS } from '../environment/inputs.ts';
import type { ImportScript, JobScript, Phase } from '../scenario.ts';
import { durationMs, usually, weighted } from './common.ts';

const PENDING = ['WAITING', 'RUNNING', 'RUNNING', 'CANCELING'];
const TERMINAL = [...Array<string>(8).fill('COMPLETED'), 'FAILED', 'ERROR', 'DELETED', 'CANCELED'];
const UNKNOWN = ['PAUSED', 'completed', 'Running', 'COMPLETED ', 'SUCCESS', 'constructor', '', undefined];

const RESULTS = ['SUCCESS', 'SUCCESS', 'SUCCESS', 'COMPLETED_WITH_ERROR', 'ABORTED', 'FAILURE', 'NOT_SET'];
const ODD_RESULTS = ['success', 'SUCCESS ', 'PARTIAL', 'COMPLETED', 'COMPLETED_WITH_ERRORS', '__proto__'];

const progress = fc.oneof(
  fc.constant(undefined),
  fc.record({ from: fc.nat(100), to: fc.nat(100) }),
  fc.constant({ from: 0, to: 100 }),
  fc.constantFrom(-1, 0, 1.5, 99.9, 100, 101, 1e308, -0.5).map((n) => ({ from: n, to: n })),
);

/** `huge` stands for a message that is longer than any limit. */
const message = fc.constantFrom(undefined, '', 'Import ended', '::error::no\n##[group]', 'huge');

function phase(states: readonly (string | undefined)[]): fc.Arbitrary<Phase> {
  return fc.record({
    lastsMs: durationMs(150_000),
    state: fc.constantFrom(...states),
    result: fc.oneof(
      weighted(9, fc.constantFrom(...RESULTS)),
      weighted(1, fc.constantFrom(...ODD_RESULTS, '', undefined)),
    ),
    message: usually<string | undefined>(undefined, message, 3),
    progress,
    endDate: usually<Phase['endDate']>('none', fc.constantFrom('given', 'unreadable'), 3),
    nulls: usually(false, fc.constant(true)),
    upperCaseId: usually(false, fc.constant(true)),
  });
}

/** Mostly a job that runs and then finishes, but any phase may follow any other. */
const phases: fc.Arbitrary<Phase[]> = fc
  .tuple(
    fc.array(
      fc.oneof(weighted(6, phase(PENDING)), weighted(1, phase(UNKNOWN)), weighted(1, phase(TERMINAL))),
      { maxLength: 3 },
    ),
    fc.oneof(weighted(9, phase(TERMINAL)), weighted(1, phase([...PENDING, ...UNKNOWN]))),
  )
  .map(([before, last]) => [...before, last]);

const count = fc.oneof(
  fc.nat(5),
  fc.constantFrom<(number | undefined)[]>(undefined, -1, 0, 1, 100, 1_200, 0.5, 1e300),
);

const imports: fc.Arbitrary<ImportScript> = fc.record({
  exists: usually(true, fc.constant(false)),
  lateMs: usually(0, durationMs(150_000)),
  state: fc.constantFrom('COMPLETED', 'COMPLETED_WITH_ERRORS', 'ABORTED', 'FAILED', 'completed', undefined),
  errorsCount: count,
  added: count,
  total: count,
  listed: fc.constantFrom(0, 1, 3, 1_200),
});

/** Everything that one job may do. */
export const jobScript: fc.Arbitrary<JobScript> = fc.record({
  onlyIn: usually<JobScript['onlyIn']>(undefined, fc.constantFrom('jobs-v1', 'core-2.0')),
  createdMs: fc.oneof(
    weighted(5, fc.integer({ min: -7_200_000, max: 0 })),
    weighted(1, durationMs(60_000)),
    weighted(1, durationMs(600_000)),
  ),
  unknownAs: fc.constantFrom(404, 500),
  vanishesMs: usually<number | undefined>(undefined, durationMs(600_000), 25),
  phases,
  imports,
  name: usually(JOB_NAME, fc.constantFrom(`${JOB_NAME} 2`, 'Workflow'), 3),
  type: usually(JOB_TYPE, fc.constant('EXPORT')),
  user: usually(USERS.wanted, fc.constant(USERS.other)),
});
