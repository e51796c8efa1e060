import { describe, expect, it } from '@jest/globals';

import type { ImportResults } from '../src/collibra/import-results.ts';
import { count } from '../src/text.ts';
import { isDeletedJob, isTerminal, judge, needsImportResults, stageOf } from '../src/verdict.ts';
import type { Policy, Stage, Verdict } from '../src/verdict.ts';
import { aJob, someResults } from './support/jobs.ts';

type Outcome = Verdict['outcome'];

const CWE = 'COMPLETED_WITH_ERROR';

function policy(accept: readonly string[], max?: number): Policy {
  return { accept: new Set(accept), maxFailedCommands: max };
}

/** Import Results that report nothing, unless something is given. */
const results = (more: Partial<ImportResults> = {}) => someResults({ importJobState: '', ...more });

const completed = (result: string) => aJob({ state: 'COMPLETED', result });

/** What a policy accepts, and its limit: readable in the title of a test. */
type Accept = Parameters<typeof policy>;

const strict: Accept = [[]];
const lenient: Accept = [[CWE, 'ABORTED']];

describe('a job', () => {
  const limited: Accept = [[CWE], 5];
  const stages: [state: string, results: readonly string[], stage: Stage, withEndDate?: Stage][] = [
    ['WAITING', ['NOT_SET', '', 'SUCCESS'], 'pending'],
    ['RUNNING', ['NOT_SET', 'SUCCESS', 'FAILURE'], 'pending'],
    ['CANCELING', ['NOT_SET', 'ABORTED'], 'pending'],
    ['COMPLETED', ['NOT_SET', ''], 'no-result'],
    ['COMPLETED', ['SUCCESS', CWE, 'ABORTED', 'FAILURE', 'success', '__proto__'], 'finished'],
    ['FAILED', ['NOT_SET', 'SUCCESS', ''], 'finished'],
    ['ERROR', ['FAILURE', 'SUCCESS'], 'finished'],
    ['DELETED', ['NOT_SET', 'SUCCESS'], 'finished'],
    ['CANCELED', ['', 'SUCCESS'], 'finished'],
    ...['', 'PAUSED', 'completed', 'COMPLETED ', 'CANCELLED', '__proto__', 'constructor', 'toString'].map(
      (state): [string, string[], Stage, Stage] => [state, ['SUCCESS', ''], 'unknown', 'finished'],
    ),
  ];

  it.each(stages)('in state %j with result %j is %s', (state, all, stage, withEndDate = stage) => {
    expect(isDeletedJob(aJob({ state }))).toBe(['DELETED', 'CANCELED'].includes(state));
    for (const result of all) {
      expect(stageOf(aJob({ state, result }))).toBe(stage);
      expect(isTerminal(aJob({ state, result }))).toBe(['finished', 'no-result'].includes(stage));
      expect(stageOf(aJob({ state, result, endDate: new Date(0) }))).toBe(withEndDate);
    }
  });

  it.each<[state: string, results: readonly string[], accept: Accept, needed: boolean]>([
    ['COMPLETED', ['', 'NOT_SET'], strict, true],
    ['COMPLETED', ['', 'NOT_SET', CWE], limited, true],
    ['COMPLETED', [CWE], [[CWE], 0], true],
    ['COMPLETED', [CWE, 'SUCCESS'], lenient, false],
    ['COMPLETED', ['ABORTED', 'SUCCESS', 'FAILURE', 'PARTIAL'], limited, false],
    ['COMPLETED', ['ABORTED'], [['ABORTED'], 5], true],
    ['FAILED', ['', 'NOT_SET', CWE], limited, false],
    ['ERROR', [CWE], limited, false],
    ['DELETED', ['NOT_SET'], limited, false],
    ['PAUSED', ['', CWE], limited, false],
  ])('in state %j with result %j under the policy %j needs Import Results: %j', (state, all, accept, needed) => {
    for (const result of all) expect(needsImportResults(aJob({ state, result }), policy(...accept))).toBe(needed);
  });
});

const advice = (result: string) => `. To allow this result, add ${result} to the accept input.`;
const NO_RESULT =
  'The job is COMPLETED, but neither the job nor its Import Results report a result. Check the job in Collibra.';

describe('the verdict', () => {
  /** Under the policies that accept nothing, COMPLETED_WITH_ERROR, ABORTED, and both. */
  type Four = readonly [Outcome, Outcome, Outcome, Outcome];
  const policies = [[], [CWE], ['ABORTED'], [CWE, 'ABORTED']].map((accept) => policy(accept));
  const failure: Four = ['failure', 'failure', 'failure', 'failure'];
  const all = ['SUCCESS', CWE, 'ABORTED', 'FAILURE', 'NOT_SET', ''];
  const rows: [state: string, results: readonly string[], outcomes: Four][] = [
    ['COMPLETED', ['SUCCESS'], ['success', 'success', 'success', 'success']],
    ['COMPLETED', [CWE], ['failure', 'accepted', 'failure', 'accepted']],
    ['COMPLETED', ['ABORTED'], ['failure', 'failure', 'accepted', 'accepted']],
    ['COMPLETED', ['FAILURE', 'NOT_SET', '', 'success', ' SUCCESS', 'COMPLETED'], failure],
    ['COMPLETED', ['COMPLETED_WITH_ERRORS', 'PARTIAL', '__proto__', 'constructor'], failure],
    ...['FAILED', 'ERROR', 'DELETED', 'CANCELED', '', 'PAUSED', 'completed', '__proto__', 'constructor'].map(
      (state): [string, string[], Four] => [state, all, failure],
    ),
  ];

  it.each(rows)('in state %j with result %j has the outcomes %j', (state, all, outcomes) => {
    for (const result of all) {
      const job = aJob({ state, result, endDate: new Date(0) });
      expect(policies.map((one) => judge(job, one, undefined).outcome)).toEqual(outcomes);
      // Import Results that report nothing change nothing.
      expect(policies.map((one) => judge(job, one, results()).outcome)).toEqual(outcomes);
    }
  });

  const deleted = (state: string) =>
    `The job was deleted or canceled in Collibra (state ${state}). If the import is still needed, submit it again.`;
  const unknownState = (state: string) =>
    `The job finished in the unknown state "${state}". Only COMPLETED with SUCCESS counts as success.`;

  it.each([
    ['COMPLETED', 'SUCCESS', 'The job is COMPLETED with SUCCESS.'],
    ['COMPLETED', 'FAILURE', 'The job is COMPLETED, but its result is FAILURE.'],
    ['COMPLETED', '_', 'The job is COMPLETED with the unknown result "_". Only SUCCESS counts as success.'],
    ...['', 'NOT_SET'].map((none) => ['COMPLETED', none, NO_RESULT] as const),
    ['FAILED', 'SUCCESS', 'The job failed (state FAILED, result SUCCESS).'],
    ['FAILED', '', 'The job failed (state FAILED, result missing).'],
    ['ERROR', 'FAILURE', 'The job failed (state ERROR, result FAILURE).'],
    ...['DELETED', 'CANCELED'].map((state) => [state, 'SUCCESS', deleted(state)] as const),
    ...['PAUSED', ''].map((state) => [state, 'SUCCESS', unknownState(state)] as const),
  ])('in state %j with result %j has the reason: %s', (state, result, reason) => {
    // Import Results matter only to a job without a result.
    const results = reason === NO_RESULT ? [undefined] : [undefined, someResults({ failedCommands: 0 })];
    for (const found of results) expect(judge(aJob({ state, result }), policy(...lenient), found).reason).toBe(reason);
  });
});

describe('the verdict on a partly committed import', () => {
  const noCount = (max: number) =>
    `. max-failed-commands is ${max}, but Import Results do not report how many commands failed.`;
  const tooMany = (max: number) => `, more than max-failed-commands (${max}) allows.`;
  const limited = (max: number): Accept => [[CWE, 'ABORTED'], max];
  type Found = Partial<ImportResults> | undefined;

  it.each<[result: string, accept: Accept, found: Found, outcome: Outcome, reason: string]>([
    [CWE, lenient, undefined, 'accepted', '.'],
    ['ABORTED', lenient, undefined, 'accepted', '.'],
    [CWE, lenient, { failedCommands: 2500, changes: 10 }, 'accepted', ': 2,500 commands failed.'],
    ['ABORTED', lenient, { failedCommands: 1 }, 'accepted', ': 1 command failed.'],
    [CWE, lenient, { failedCommands: 9, changes: 0 }, 'accepted', ': 9 commands failed and no changes were committed.'],
    [CWE, lenient, { failedCommands: 0, changes: 0 }, 'accepted', ' and no changes were committed.'],
    [CWE, strict, { failedCommands: 3, changes: 7 }, 'failure', `: 3 commands failed${advice(CWE)}`],
    ['ABORTED', [[CWE], 5], { changes: 0 }, 'failure', ` and no changes were committed${advice('ABORTED')}`],
    [CWE, limited(5), { failedCommands: 4 }, 'accepted', ': 4 commands failed, within max-failed-commands (5).'],
    [CWE, limited(5), { failedCommands: 5 }, 'accepted', ': 5 commands failed, within max-failed-commands (5).'],
    [CWE, limited(5), { failedCommands: 6 }, 'failure', `: 6 commands failed${tooMany(5)}`],
    ['ABORTED', limited(0), { failedCommands: 1 }, 'failure', `: 1 command failed${tooMany(0)}`],
    [CWE, limited(5), { failedCommands: 0, importJobState: 'COMPLETED' }, 'failure', noCount(5)],
    [CWE, limited(1000), { changes: 12 }, 'failure', noCount(1000)],
    ['ABORTED', limited(0), undefined, 'failure', noCount(0)],
  ])('%s under the policy %j with %j is %s: %s', (result, accept, found, outcome, reason) => {
    const verdict = judge(completed(result), policy(...accept), found && results(found));
    expect(verdict).toEqual({ outcome, reason: `${result}${reason}` });
  });
});

const command = { errorType: '', resourceType: '', errorMessage: 'No.', indices: [], identifier: '' };
const counters = { added: 1, updated: 0, removed: 0 };
const category = (failed: number | undefined) => ({ ...counters, name: 'Term', failed });
const resource = (failed: number | undefined) => ({ ...category(failed), resourceType: 'ASSET', categories: [] });

type Sign = [found: Partial<ImportResults>, facts: string];
/** What reports a failure, and how it is said. A count of 0 that something else contradicts is not believed. */
const signsOfFailure: Sign[] = [
  [{ failedCommands: 1 }, '1 failed command'],
  [{ failedCommands: 1200 }, '1,200 failed commands'],
  [{ firstFailedCommands: [command] }, 'failed commands'],
  [{ resources: [resource(0), resource(5), resource(undefined)] }, 'failed commands'],
  [{ resources: [resource(0), { ...resource(0), categories: [category(0), category(2)] }] }, 'failed commands'],
  [{ failedCommands: 0, firstFailedCommands: [command] }, 'failed commands'],
  [{ failedCommands: 0, resources: [resource(1)] }, 'failed commands'],
];
/** What reports no failure. */
const noFailures: Partial<ImportResults>[] = [
  {},
  { failedCommands: 0 },
  { failedCommands: 0, resources: [resource(0)] },
  { resources: [resource(undefined), { ...resource(0), categories: [category(0), category(undefined)] }] },
];

describe('the verdict on COMPLETED with SUCCESS', () => {
  const otherStates = [`${CWE}S`, 'ABORTED', 'FAILED', 'SUCCESS', '__proto__'];
  const inState = (importJobState: string, [found, facts]: Sign): Sign => [{ ...found, importJobState }, facts];
  it.each([
    ...signsOfFailure,
    ...signsOfFailure.map(([found, facts]) => inState('COMPLETED', [found, `the state COMPLETED and ${facts}`])),
    ...otherStates.map((state) => inState(state, [{}, `the state ${state}`])),
  ])('is success, but reports that Import Results contradict it: %j', (found, facts) => {
    const reason = `The job is COMPLETED with SUCCESS, but its Import Results report ${facts}.`;
    const verdict = judge(completed('SUCCESS'), policy([CWE], 0), results(found));
    expect(verdict).toEqual({ outcome: 'success', reason, isContradicted: true });
  });

  it.each(noFailures)('is plain success when Import Results agree: %j', (found) => {
    const verdict = { outcome: 'success', reason: 'The job is COMPLETED with SUCCESS.' };
    for (const importJobState of ['', 'COMPLETED'])
      expect(judge(completed('SUCCESS'), policy([CWE], 0), results({ ...found, importJobState }))).toEqual(verdict);
  });
});

describe('the verdict on a COMPLETED job without a result', () => {
  const reported = (state: string) => `The job reports no result; its Import Results report ${state}.`;
  const unknown = (state: string) =>
    `The job is COMPLETED without a result, and its Import Results report the unknown state "${state}". Check the job in Collibra.`;
  const failed = `${CWE}: 3 commands failed`;

  it.each<[importJobState: string, accept: Accept, outcome: Outcome, reason: string]>([
    [`${CWE}S`, strict, 'failure', `${reported(`${CWE}S`)} ${failed}${advice(CWE)}`],
    [`${CWE}S`, [[CWE]], 'accepted', `${reported(`${CWE}S`)} ${failed}.`],
    [`${CWE}S`, [[CWE], 2], 'failure', `${reported(`${CWE}S`)} ${failed}, more than max-failed-commands (2) allows.`],
    ['ABORTED', [['ABORTED']], 'accepted', `${reported('ABORTED')} ABORTED: 3 commands failed.`],
    ['ABORTED', [[CWE]], 'failure', `${reported('ABORTED')} ABORTED: 3 commands failed${advice('ABORTED')}`],
    ['FAILED', lenient, 'failure', `${reported('FAILED')} The job is COMPLETED, but its result is FAILURE.`],
    ...['SUCCESS', CWE, 'completed', '__proto__', 'constructor', 'toString'].map(
      (state): [string, Accept, Outcome, string] => [state, lenient, 'failure', unknown(state)],
    ),
    ['', lenient, 'failure', NO_RESULT],
  ])('when Import Results report %j under the policy %j is %s: %s', (importJobState, accept, outcome, reason) => {
    const found = results({ importJobState, failedCommands: 3 });
    for (const result of ['NOT_SET', ''])
      expect(judge(completed(result), policy(...accept), found)).toEqual({ outcome, reason });
  });

  it.each(signsOfFailure)('is never success when COMPLETED comes with a sign of failure: %j', (found) => {
    const contradictory = results({ ...found, importJobState: 'COMPLETED' });
    const n = found.failedCommands ? `: ${count(found.failedCommands, 'command')} failed` : '';
    const reason = `${reported('COMPLETED')} ${CWE}${n}${advice(CWE)}`;
    expect(judge(completed('NOT_SET'), policy(...strict), contradictory)).toEqual({ outcome: 'failure', reason });
    expect(judge(completed('NOT_SET'), policy([CWE]), contradictory).outcome).toBe('accepted');
  });

  it.each(noFailures)('is success when COMPLETED comes with no sign of failure: %j', (found) => {
    const verdict = judge(completed('NOT_SET'), policy([], 0), results({ ...found, importJobState: 'COMPLETED' }));
    const reason = 'The job reports no result; its Import Results report COMPLETED, which is a success.';
    expect(verdict).toEqual({ outcome: 'success', reason });
  });
});
