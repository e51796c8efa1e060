import { expect, it } from '@jest/globals';

import type { Job } from '../../src/collibra/job.ts';
import type { JobQuery } from '../../src/job-query.ts';
import { describeNearMisses } from '../../src/polling/near-misses.ts';
import { START_DATE } from '../support/fake-clock.ts';

const HOUR = 3_600_000;
const NAME = 'Nightly sync';
const query: JobQuery = { name: NAME, nameMatch: 'exact', type: 'IMPORT', user: 'u-1', lookbackMs: HOUR };
const redact = (text: string, limit: number) => text.replaceAll('sesame', '***').slice(0, limit);

/** A job that matches, if no more is said, with an ID of its own, created so many hours before the step started. */
function job(hours: number, more: Partial<Job> = {}): Job {
  const created = { createdOn: new Date(START_DATE - hours * HOUR) };
  return { id: crypto.randomUUID(), name: NAME, ...created, state: 'RUNNING', result: '', message: '', ...more };
}
const named = (...names: string[]) => names.map((name, n) => job(n, { name }));
const typed = (...types: string[]) => types.map((type, n) => job(n, { type }));
const describeAll = (jobs: readonly Job[], more: Partial<JobQuery> = {}) =>
  describeNearMisses(jobs, { ...query, ...more }, START_DATE - HOUR, redact);

const NO_JOB =
  'Collibra listed no job of this or a similar name. ' +
  'Check job-name and the permissions of the user, or increase timeout-minutes.';

it.each<[jobs: readonly Job[]]>([[[]], [named('Nightly', 'Other', '')], [[job(0, { id: 'no-uuid' })]]])(
  'says that no similar job was seen: %j',
  (jobs) => {
    expect(describeAll(jobs)).toBe(NO_JOB);
  },
);

const undated: Job = { id: crypto.randomUUID(), name: NAME, state: '', result: '', message: '' };
const OLD = 'older than the look-back (newest 14 h)';
const LATE = '1a1a1a1a-1a1a-4a1a-8a1a-1a1a1a1a1a1a';
it.each<[seen: string, fixes: string, jobs: readonly Job[], more: Partial<JobQuery>]>([
  [`1 job of this name: 1 ${OLD}`, 'increase lookback-minutes', [job(14)], {}],
  [`2 jobs of this name: 2 ${OLD}`, 'increase lookback-minutes', [job(38), job(14)], {}],
  [`3 jobs of this name: 3 ${OLD}`, 'increase lookback-minutes', [undated, job(14), job(38)], {}],
  ['1 job of this name: 1 older than the look-back (newest 1 h)', 'increase lookback-minutes', [job(1.0001)], {}],
  [
    `1 job of this name: 1 listed only when the time was up (${LATE})`,
    'run the step again',
    [job(1, { id: LATE })],
    {},
  ],
  ['1 job of this name: 1 of another type (EXPORT)', 'correct job-type', [job(9, { type: 'EXPORT', user: 'u-2' })], {}],
  ['1 job of this name: 1 started by another user (u-2)', 'correct job-user', [job(9, { user: 'u-2' })], {}],
  [
    '4 jobs of this name: 2 older than the look-back (newest 14 h), 1 of another type (EXPORT), 1 started by another user (u)',
    'increase lookback-minutes, or correct job-type, or correct job-user',
    [job(14), job(38), job(1, { user: 'u' }), job(0, { type: 'EXPORT' })],
    {},
  ],
  ['3 jobs of this name: 3 of another type (A, B, C)', 'correct job-type', typed('A', 'B', 'C'), {}],
  [
    '6 jobs of this name: 6 of another type (A, B, C and 2 more)',
    'correct job-type',
    typed('A', 'A', 'B', 'C', 'D', 'E'),
    {},
  ],
  [
    '1 job whose name differs in case ("NIGHTLY SYNC")',
    'write job-name as Collibra does',
    named(NAME.toUpperCase(), 'Nightly'),
    {},
  ],
  [
    '2 jobs whose name only contains job-name ("My Nightly sync", "nightly SYNC 2")',
    'change job-name-match',
    named('My Nightly sync', 'nightly SYNC 2'),
    {},
  ],
  [
    '1 job of this name: 1 older than the look-back (newest 9 h); 1 job whose name only contains job-name ("A nightly")',
    'increase lookback-minutes, or change job-name-match',
    [job(9, { name: 'Nightly one' }), job(0, { name: 'A nightly' })],
    { name: 'NIGHTLY', nameMatch: 'start' },
  ],
  [
    '2 jobs whose name only contains job-name ("Nightly sync *** ::x ##[y]", "Nightly sync xxxxxxxxxxxxxxxxxxxxxxxxxxx")',
    'change job-name-match',
    named(`${NAME} sesame\n\u0000::x ##[y]`, `${NAME} ${'x'.repeat(999)}`),
    {},
  ],
])('says "%s", and how to find it: %s', (seen, fixes, jobs, more) => {
  const text = `Collibra listed ${seen}. If your job is one of them, ${fixes}. Otherwise, increase timeout-minutes.`;
  expect(describeAll(jobs, more)).toBe(text);
  expect(describeAll([...jobs, ...jobs.map((one) => ({ ...one }))], more)).toBe(text);
});
