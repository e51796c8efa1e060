import fc from 'fast-check';

import { userIdOf } from '../../simulator/accounts.ts';
import type { Api } from '../../simulator/jobs.ts';
import { durationMs, usually, weighted, type ValueOf } from './common.ts';

/** What jobs are called, and who started them: the user that the step acts for, or another one. */
export const JOB_NAME = 'Nightly import';
export const JOB_TYPE = 'IMPORT';
export const USER_NAME = 'loader';
export const USERS = { wanted: userIdOf(USER_NAME), other: userIdOf('other') };

/** A field as the server shows it; undefined where it leaves the field out. */
type Field = string | null | undefined;
const MISSING = ['', null, undefined];
const PENDING = ['WAITING', 'RUNNING', 'RUNNING', 'CANCELING'];
const TERMINAL = [...Array<string>(8).fill('COMPLETED'), 'FAILED', 'ERROR', 'DELETED', 'CANCELED'];
const UNKNOWN = ['PAUSED', 'completed', 'Running', 'COMPLETED ', 'SUCCESS', 'constructor', ...MISSING];
const RESULTS = ['SUCCESS', 'SUCCESS', 'SUCCESS', 'COMPLETED_WITH_ERROR', 'ABORTED', 'FAILURE', 'NOT_SET'];
const ODD_RESULTS = ['success', 'SUCCESS ', 'PARTIAL', 'COMPLETED', 'COMPLETED_WITH_ERRORS', '__proto__'];

/** One value after the other. */
const progress: fc.Arbitrary<readonly (number | null | undefined)[]> = fc.oneof(
  fc.constant([undefined]),
  fc.constant([0, 20, 40, 60, 80, 99]),
  fc.array(fc.nat(100), { minLength: 1, maxLength: 6 }),
  fc.constantFrom(-1, 0, 1.5, 99.9, 100, 101, 1e308, -0.5, null).map((n) => [n]),
);

/** `huge` stands for a message beyond every limit. */
const message = fc.constantFrom('', null, 'Import finished', '::error::no\n##[group]', 'huge');
const HUGE_MESSAGE = 'Command failed. '.repeat(8_000);
export const fullMessage = (text: Field): Field => (text === 'huge' ? HUGE_MESSAGE : text);

/** What a job reports for some time. */
function phase(states: readonly Field[]) {
  return fc.record({
    lastsMs: durationMs(150_000),
    state: fc.constantFrom(...states),
    result: usually<Field>(fc.constantFrom(...RESULTS), fc.constantFrom(...ODD_RESULTS, ...MISSING), 10),
    message: usually<Field>(undefined, message, 3),
    progress,
    endDate: usually<'none' | 'given' | 'unreadable'>('none', fc.constantFrom('given', 'unreadable'), 3),
    upperCaseId: usually(false, fc.constant(true)),
  });
}

/** Mostly a job that runs and then finishes, but any phase may follow any other. */
const before = fc.oneof(weighted(6, phase(PENDING)), weighted(1, phase(UNKNOWN)), weighted(1, phase(TERMINAL)));
const last = usually(phase(TERMINAL), phase([...PENDING, ...UNKNOWN]), 10);
const phases = fc.tuple(fc.array(before, { maxLength: 3 }), last).map(([before, last]) => [...before, last]);

const count = fc.oneof(fc.nat(5), fc.constantFrom(undefined, null, -1, 0, 1, 100, 1_200, 0.5, 1e300));

const imports = fc.record({
  exists: usually(true, fc.constant(false)),
  /** How long after the end of the job they are still rejected with 400. */
  lateMs: usually(0, durationMs(150_000)),
  state: fc.constantFrom('COMPLETED', 'COMPLETED_WITH_ERRORS', 'ABORTED', 'FAILED', 'completed', undefined),
  errorsCount: count,
  added: count,
  /** A counter of failed resources: of a resource type, or only of one of its categories. */
  failed: usually<number | null | undefined>(fc.constantFrom(undefined, 0), count, 3),
  inCategory: fc.boolean(),
  total: count,
  /** How many failed commands there really are. */
  listed: fc.constantFrom(0, 0, 1, 1, 3, 3, 1_200),
});

/** Everything that one job may do. */
export const jobScript = fc.record({
  /** The only API that knows the job; undefined: both. */
  onlyIn: usually<Api | undefined>(undefined, fc.constantFrom('jobs-v1', 'core-2.0')),
  createdMs: usually(fc.integer({ min: -7_200_000, max: 0 }), durationMs(600_000), 4),
  /** The status until the job is created. */
  unknownAs: fc.constantFrom(404, 500),
  vanishesMs: usually<number | undefined>(undefined, durationMs(600_000), 25),
  /** From the start of the step on; the last phase stays. */
  phases,
  imports,
  name: usually(JOB_NAME, fc.constantFrom(`${JOB_NAME} 2`, 'Workflow'), 3),
  type: usually(JOB_TYPE, fc.constant('EXPORT')),
  user: usually(USERS.wanted, fc.constant(USERS.other)),
  /** Fields that Find jobs leaves out. */
  hides: usually<string[]>([], fc.subarray(['createdOn', 'type', 'user']), 3),
});
export type JobScript = ValueOf<typeof jobScript>;
