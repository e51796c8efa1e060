import { describe, expect, it } from '@jest/globals';

import {
  type Evidence,
  judge,
  needsImportResults,
  type Policy,
  type Stage,
  stageOf,
  type Verdict,
} from '../src/verdict.ts';
import { aJob } from './support/jobs.ts';

type Outcome = Verdict['outcome'];

const CWE = 'COMPLETED_WITH_ERROR';

function policy(accept: Policy['accept'] extends ReadonlySet<infer R> ? R[] : never, max?: number): Policy {
  return { accept: new Set(accept), maxFailedCommands: max };
}

function evidence(more: Partial<Evidence>): Evidence {
  return { importJobState: '', failedCommands: undefined, changes: undefined, ...more };
}

const strict = policy([]);
const both = policy([CWE, 'ABORTED']);

describe('the stage of a job', () => {
  const rows: [state: string, result: string, stage: Stage, withEndDate: Stage][] = [
    ['WAITING', 'NOT_SET', 'pending', 'pending'],
    ['WAITING', '', 'pending', 'pending'],
    ['WAITING', 'SUCCESS', 'pending', 'pending'],
    ['RUNNING', 'NOT_SET', 'pending', 'pending'],
    ['RUNNING', 'SUCCESS', 'pending', 'pending'],
    ['RUNNING', 'FAILURE', 'pending', 'pending'],
    ['CANCELING', 'NOT_SET', 'pending', 'pending'],
    ['CANCELING', 'ABORTED', 'pending', 'pending'],
    ['COMPLETED', 'NOT_SET', 'no-result', 'no-result'],
    ['COMPLETED', '', 'no-result', 'no-result'],
    ['COMPLETED', 'SUCCESS', 'finished', 'finished'],
    ['COMPLETED', CWE, 'finished', 'finished'],
    ['COMPLETED', 'ABORTED', 'finished', 'finished'],
    ['COMPLETED', 'FAILURE', 'finished', 'finished'],
    ['COMPLETED', 'success', 'finished', 'finished'],
    ['COMPLETED', '__proto__', 'finished', 'finished'],
    ['FAILED', 'NOT_SET', 'finished', 'finished'],
    ['FAILED', 'SUCCESS', 'finished', 'finished'],
    ['FAILED', '', 'finished', 'finished'],
    ['ERROR', 'FAILURE', 'finished', 'finished'],
    ['ERROR', 'SUCCESS', 'finished', 'finished'],
    ['DELETED', 'NOT_SET', 'finished', 'finished'],
    ['DELETED', 'SUCCESS', 'finished', 'finished'],
    ['CANCELED', '', 'finished', 'finished'],
    ['CANCELED', 'SUCCESS', 'finished', 'finished'],
    ['', 'SUCCESS', 'unknown', 'finished'],
    ['PAUSED', 'SUCCESS', 'unknown', 'finished'],
    ['completed', 'SUCCESS', 'unknown', 'finished'],
    ['COMPLETED ', 'SUCCESS', 'unknown', 'finished'],
    ['CANCELLED', 'SUCCESS', 'unknown', 'finished'],
    ['__proto__', 'SUCCESS', 'unknown', 'finished'],
    ['constructor', 'SUCCESS', 'unknown', 'finished'],
    ['toString', '', 'unknown', 'finished'],
  ];

  it.each(rows)('%j with result %j is %s, and with an end date %s', (state, result, stage, withEndDate) => {
    expect(stageOf(aJob({ state, result }))).toBe(stage);
    expect(stageOf(aJob({ state, result, endDate: new Date(0) }))).toBe(withEndDate);
  });
});

describe('the verdict table, times every policy', () => {
  /** Outcomes under the policies: none, COMPLETED_WITH_ERROR, ABORTED, both. */
  const rows: [
    state: string,
    result: string,
    none: Outcome,
    cwe: Outcome,
    aborted: Outcome,
    both: Outcome,
  ][] = [
    ['COMPLETED', 'SUCCESS', 'success', 'success', 'success', 'success'],
    ['COMPLETED', CWE, 'failure', 'accepted', 'failure', 'accepted'],
    ['COMPLETED', 'ABORTED', 'failure', 'failure', 'accepted', 'accepted'],
    ['COMPLETED', 'FAILURE', 'failure', 'failure', 'failure', 'failure'],
    ['COMPLETED', 'NOT_SET', 'failure', 'failure', 'failure', 'failure'],
    ['COMPLETED', '', 'failure', 'failure', 'failure', 'failure'],
    ['COMPLETED', 'success', 'failure', 'failure', 'failure', 'failure'],
    ['COMPLETED', ' SUCCESS', 'failure', 'failure', 'failure', 'failure'],
    ['COMPLETED', 'COMPLETED', 'failure', 'failure', 'failure', 'failure'],
    ['COMPLETED', 'COMPLETED_WITH_ERRORS', 'failure', 'failure', 'failure', 'failure'],
    ['COMPLETED', 'PARTIAL', 'failure', 'failure', 'failure', 'failure'],
    ['COMPLETED', '__proto__', 'failure', 'failure', 'failure', 'failure'],
    ['COMPLETED', 'constructor', 'failure', 'failure', 'failure', 'failure'],
    ['FAILED', 'SUCCESS', 'failure', 'failure', 'failure', 'failure'],
    ['FAILED', CWE, 'failure', 'failure', 'failure', 'failure'],
    ['FAILED', 'ABORTED', 'failure', 'failure', 'failure', 'failure'],
    ['FAILED', 'FAILURE', 'failure', 'failure', 'failure', 'failure'],
    ['FAILED', '', 'failure', 'failure', 'failure', 'failure'],
    ['ERROR', 'SUCCESS', 'failure', 'failure', 'failure', 'failure'],
    ['ERROR', CWE, 'failure', 'failure', 'failure', 'failure'],
    ['ERROR', 'ABORTED', 'failure', 'failure', 'failure', 'failure'],
    ['ERROR', 'FAILURE', 'failure', 'failure', 'failure', 'failure'],
    ['DELETED', 'SUCCESS', 'failure', 'failure', 'failure', 'failure'],
    ['DELETED', CWE, 'failure', 'failure', 'failure', 'failure'],
    ['CANCELED', 'SUCCESS', 'failure', 'failure', 'failure', 'failure'],
    ['CANCELED', 'ABORTED', 'failure', 'failure', 'failure', 'failure'],
    ['', 'SUCCESS', 'failure', 'failure', 'failure', 'failure'],
    ['PAUSED', 'SUCCESS', 'failure', 'failure', 'failure', 'failure'],
    ['PAUSED', CWE, 'failure', 'failure', 'failure', 'failure'],
    ['completed', 'SUCCESS', 'failure', 'failure', 'failure', 'failure'],
    ['__proto__', 'SUCCESS', 'failure', 'failure', 'failure', 'failure'],
    ['constructor', 'SUCCESS', 'failure', 'failure', 'failure', 'failure'],
  ];

  it.each(rows)('%j with %j', (state, result, ...outcomes) => {
    const policies = [strict, policy([CWE]), policy(['ABORTED']), both];
    const job = aJob({ state, result, endDate: new Date(0) });
    expect(policies.map((one) => judge(job, one, undefined).outcome)).toEqual(outcomes);
    // Import Results without anything to say change nothing.
    expect(policies.map((one) => judge(job, one, evidence({})).outcome)).toEqual(outcomes);
  });
});

describe('the reason of a verdict', () => {
  const rows: [state: string, result: string, reason: string][] = [
    ['COMPLETED', 'SUCCESS', 'COMPLETED with SUCCESS'],
    ['COMPLETED', 'FAILURE', 'The job is COMPLETED, but its result is FAILURE'],
    [
      'COMPLETED',
      'PARTIAL',
      'The job is COMPLETED with the unknown result "PARTIAL"; only SUCCESS is success',
    ],
    [
      'COMPLETED',
      '__proto__',
      'The job is COMPLETED with the unknown result "__proto__"; only SUCCESS is success',
    ],
    [
      'COMPLETED',
      '',
      'The job is COMPLETED, but Collibra gives no result, and Import Results do not tell either',
    ],
    [
      'COMPLETED',
      'NOT_SET',
      'The job is COMPLETED, but Collibra gives no result, and Import Results do not tell either',
    ],
    ['FAILED', 'SUCCESS', 'The job failed (state FAILED, result SUCCESS)'],
    ['FAILED', '', 'The job failed (state FAILED, result not given)'],
    ['ERROR', 'FAILURE', 'The job failed (state ERROR, result FAILURE)'],
    ['DELETED', 'SUCCESS', 'The job was deleted or cancelled (state DELETED)'],
    ['CANCELED', '', 'The job was deleted or cancelled (state CANCELED)'],
    [
      'PAUSED',
      'SUCCESS',
      'The job ended in the unknown state "PAUSED"; only COMPLETED with SUCCESS is success',
    ],
    ['', 'SUCCESS', 'The job ended in the unknown state ""; only COMPLETED with SUCCESS is success'],
  ];

  it.each(rows)('for %j with %j', (state, result, reason) => {
    expect(judge(aJob({ state, result }), strict, undefined).reason).toBe(reason);
  });
});

describe('a result that was only partly committed', () => {
  const limited = (max: number) => policy([CWE, 'ABORTED'], max);
  const rows: [
    name: string,
    result: string,
    policy: Policy,
    evidence: Evidence | undefined,
    outcome: Outcome,
    reason: string,
  ][] = [
    ['accepted, nothing known', CWE, both, undefined, 'accepted', 'COMPLETED_WITH_ERROR'],
    ['accepted ABORTED, nothing known', 'ABORTED', both, undefined, 'accepted', 'ABORTED'],
    [
      'accepted, failures known',
      CWE,
      both,
      evidence({ failedCommands: 2500, changes: 10 }),
      'accepted',
      'COMPLETED_WITH_ERROR: 2,500 commands failed',
    ],
    [
      'accepted, one failure',
      'ABORTED',
      both,
      evidence({ failedCommands: 1 }),
      'accepted',
      'ABORTED: 1 command failed',
    ],
    [
      'accepted, and nothing was committed',
      'ABORTED',
      both,
      evidence({ failedCommands: 100, changes: 0 }),
      'accepted',
      'ABORTED: 100 commands failed, and nothing was added, updated or removed',
    ],
    [
      'accepted, nothing was committed, failures unknown',
      CWE,
      both,
      evidence({ changes: 0 }),
      'accepted',
      'COMPLETED_WITH_ERROR, and nothing was added, updated or removed',
    ],
    [
      'not accepted',
      CWE,
      strict,
      evidence({ failedCommands: 3, changes: 7 }),
      'failure',
      'COMPLETED_WITH_ERROR: 3 commands failed. The policy (accept) does not allow COMPLETED_WITH_ERROR',
    ],
    [
      'not accepted, though below the threshold',
      'ABORTED',
      policy([CWE], 5),
      evidence({ failedCommands: 0, changes: 0 }),
      'failure',
      'ABORTED, and nothing was added, updated or removed. The policy (accept) does not allow ABORTED',
    ],
    [
      'below the threshold',
      CWE,
      limited(5),
      evidence({ failedCommands: 4, changes: 1 }),
      'accepted',
      'COMPLETED_WITH_ERROR: 4 commands failed, within max-failed-commands (5)',
    ],
    [
      'at the threshold',
      CWE,
      limited(5),
      evidence({ failedCommands: 5 }),
      'accepted',
      'COMPLETED_WITH_ERROR: 5 commands failed, within max-failed-commands (5)',
    ],
    [
      'above the threshold',
      CWE,
      limited(5),
      evidence({ failedCommands: 6 }),
      'failure',
      'COMPLETED_WITH_ERROR: 6 commands failed. That is more than max-failed-commands (5)',
    ],
    [
      'a number of failed commands that contradicts the result',
      CWE,
      limited(5),
      evidence({ failedCommands: 0, importJobState: 'COMPLETED' }),
      'failure',
      'COMPLETED_WITH_ERROR. max-failed-commands is 5, but Import Results do not tell how many failed',
    ],
    [
      'a threshold of 0',
      'ABORTED',
      limited(0),
      evidence({ failedCommands: 1 }),
      'failure',
      'ABORTED: 1 command failed. That is more than max-failed-commands (0)',
    ],
    [
      'a threshold without a number to compare',
      CWE,
      limited(1000),
      evidence({ changes: 12 }),
      'failure',
      'COMPLETED_WITH_ERROR. max-failed-commands is 1000, but Import Results do not tell how many failed',
    ],
    [
      'a threshold without Import Results',
      'ABORTED',
      limited(0),
      undefined,
      'failure',
      'ABORTED. max-failed-commands is 0, but Import Results do not tell how many failed',
    ],
  ];

  it.each(rows)('%s', (_name, result, given, found, outcome, reason) => {
    expect(judge(aJob({ state: 'COMPLETED', result }), given, found)).toEqual({ outcome, reason });
  });

  const success = aJob({ state: 'COMPLETED', result: 'SUCCESS' });
  const disputed = 'COMPLETED with SUCCESS, but Import Results say';

  it.each([
    ['FAILED', 1200, `${disputed} FAILED and count 1,200 failed commands`],
    ['COMPLETED', 1, `${disputed} COMPLETED and count 1 failed command`],
    ['', 2, `${disputed} no state and count 2 failed commands`],
    ['ABORTED', undefined, `${disputed} ABORTED and count 0 failed commands`],
    ['SUCCESS', 0, `${disputed} SUCCESS and count 0 failed commands`],
  ])('is not held against SUCCESS, but told: %j and %j', (importJobState, failedCommands, reason) => {
    const found = evidence({ importJobState, ...(failedCommands === undefined ? {} : { failedCommands }) });
    expect(judge(success, limited(0), found)).toEqual({ outcome: 'success', reason, isDisputed: true });
  });

  it.each([
    ['COMPLETED', 0],
    ['COMPLETED', undefined],
    ['', 0],
  ])('agrees with SUCCESS: %j and %j', (importJobState, failedCommands) => {
    const found = evidence({ importJobState, ...(failedCommands === undefined ? {} : { failedCommands }) });
    expect(judge(success, limited(0), found)).toEqual({
      outcome: 'success',
      reason: 'COMPLETED with SUCCESS',
    });
  });

  it('does not let Import Results rescue a job that failed', () => {
    const rescued = evidence({ importJobState: 'COMPLETED', failedCommands: 0 });
    for (const state of ['FAILED', 'ERROR', 'DELETED', 'CANCELED', 'PAUSED'])
      expect(judge(aJob({ state, result: 'NOT_SET' }), both, rescued).outcome).toBe('failure');
    expect(judge(aJob({ state: 'COMPLETED', result: 'FAILURE' }), both, rescued).outcome).toBe('failure');
  });
});

describe('a COMPLETED job without a result', () => {
  const said = 'Collibra gives no result, Import Results say';
  const unsaid = 'The job is COMPLETED, but Collibra gives no result, and Import Results say';
  const rows: [importJobState: string, policy: Policy, outcome: Outcome, reason: string][] = [
    [
      'COMPLETED',
      strict,
      'failure',
      `${said} COMPLETED. COMPLETED_WITH_ERROR: 3 commands failed. The policy (accept) does not allow COMPLETED_WITH_ERROR`,
    ],
    ['COMPLETED', policy([CWE]), 'accepted', `${said} COMPLETED. COMPLETED_WITH_ERROR: 3 commands failed`],
    [
      'COMPLETED_WITH_ERRORS',
      strict,
      'failure',
      `${said} COMPLETED_WITH_ERRORS. COMPLETED_WITH_ERROR: 3 commands failed. The policy (accept) does not allow COMPLETED_WITH_ERROR`,
    ],
    [
      'COMPLETED_WITH_ERRORS',
      policy([CWE]),
      'accepted',
      `${said} COMPLETED_WITH_ERRORS. COMPLETED_WITH_ERROR: 3 commands failed`,
    ],
    [
      'COMPLETED_WITH_ERRORS',
      policy([CWE], 2),
      'failure',
      `${said} COMPLETED_WITH_ERRORS. COMPLETED_WITH_ERROR: 3 commands failed. That is more than max-failed-commands (2)`,
    ],
    ['ABORTED', policy(['ABORTED']), 'accepted', `${said} ABORTED. ABORTED: 3 commands failed`],
    [
      'ABORTED',
      policy([CWE]),
      'failure',
      `${said} ABORTED. ABORTED: 3 commands failed. The policy (accept) does not allow ABORTED`,
    ],
    ['FAILED', both, 'failure', `${said} FAILED. The job is COMPLETED, but its result is FAILURE`],
    ['SUCCESS', both, 'failure', `${unsaid} "SUCCESS"`],
    [CWE, both, 'failure', `${unsaid} "COMPLETED_WITH_ERROR"`],
    ['completed', both, 'failure', `${unsaid} "completed"`],
    ['__proto__', both, 'failure', `${unsaid} "__proto__"`],
    ['constructor', both, 'failure', `${unsaid} "constructor"`],
    ['toString', both, 'failure', `${unsaid} "toString"`],
    [
      '',
      both,
      'failure',
      'The job is COMPLETED, but Collibra gives no result, and Import Results do not tell either',
    ],
  ];

  it.each(rows)('and importJobState %j', (importJobState, given, outcome, reason) => {
    const found = evidence({ importJobState, failedCommands: 3 });
    for (const result of ['NOT_SET', ''])
      expect(judge(aJob({ state: 'COMPLETED', result }), given, found)).toEqual({ outcome, reason });
  });
});

it.each([0, undefined])(
  'a COMPLETED job without a result is a success where Import Results say so: %j',
  (n) => {
    const found = evidence({
      importJobState: 'COMPLETED',
      ...(n === undefined ? {} : { failedCommands: n }),
    });
    expect(judge(aJob({ state: 'COMPLETED', result: 'NOT_SET' }), policy([], 0), found)).toEqual({
      outcome: 'success',
      reason: 'Collibra gives no result, Import Results say COMPLETED. COMPLETED with SUCCESS',
    });
  },
);

describe('Import Results are needed for the verdict', () => {
  const limited = policy([CWE], 5);
  const rows: [state: string, result: string, policy: Policy, needed: boolean][] = [
    ['COMPLETED', '', strict, true],
    ['COMPLETED', 'NOT_SET', both, true],
    ['COMPLETED', 'NOT_SET', limited, true],
    ['COMPLETED', CWE, limited, true],
    ['COMPLETED', CWE, policy([CWE], 0), true],
    ['COMPLETED', CWE, policy([CWE]), false],
    ['COMPLETED', 'ABORTED', limited, false],
    ['COMPLETED', 'ABORTED', policy(['ABORTED'], 5), true],
    ['COMPLETED', 'SUCCESS', limited, false],
    ['COMPLETED', 'SUCCESS', strict, false],
    ['COMPLETED', 'FAILURE', limited, false],
    ['COMPLETED', 'PARTIAL', limited, false],
    ['FAILED', '', limited, false],
    ['ERROR', CWE, limited, false],
    ['DELETED', 'NOT_SET', limited, false],
    ['PAUSED', CWE, limited, false],
  ];

  it.each(rows)('of %j with %j under %j: %j', (state, result, given, needed) => {
    expect(needsImportResults(aJob({ state, result }), given)).toBe(needed);
  });
});
