import { describe, expect, it } from '@jest/globals';

import { adviceOnUnfinished, type UnfinishedPolicy } from '../../src/report/advice.ts';
import { aJob, aReport, aSuccess } from '../support/jobs.ts';

describe('the advice on unfinished jobs', () => {
  const LEFT = 'The job might still be running in Collibra.';
  const DELETED = 'The job is being deleted in Collibra. A running import might not stop.';
  const POST_STEP =
    'Its log says what came of that. A running import might not stop. Check it before you import again.';
  const SEVERAL_DELETED = 'The jobs are being deleted in Collibra. Running imports might not stop.';
  const running = { outcome: 'timeout', job: aJob() } as const;

  it.each<['timeout' | 'cancelled', UnfinishedPolicy, jobs: number, advice: string]>([
    ['timeout', { onCancel: 'delete' }, 1, `${LEFT} Check it there, or increase timeout-minutes.`],
    ['timeout', { onTimeout: 'delete' }, 1, `${DELETED} Check it before you import again.`],
    ['timeout', { onTimeout: 'delete' }, 2, `${SEVERAL_DELETED} Check them before you import again.`],
    ['cancelled', { onTimeout: 'delete' }, 1, `${LEFT} Check it before you import again.`],
    ['cancelled', { onCancel: 'delete' }, 1, `The post step asks Collibra to delete the job. ${POST_STEP}`],
  ])('of the outcome %s fits the policy %j (%d)', (outcome, policy, n, text) => {
    const jobs = Array.from({ length: n }, () => aReport({ ...running, outcome }));
    expect(adviceOnUnfinished(outcome, jobs, policy).join(' ')).toBe(text);
  });

  it.each([
    ['RUNNING', [running], LEFT],
    ['unknown', [{ ...running, job: aJob({ state: 'PAUSED' }) }], LEFT],
    ['never seen', [{ outcome: 'timeout' }], LEFT],
    ['finished', [{ ...running, job: aSuccess() }], 'Check the job in Collibra.'],
    ['without a result', [{ ...running, job: aSuccess({ result: '' }) }], 'Check the job in Collibra.'],
    ['of another outcome', [{ ...running, outcome: 'error' }], 'Check the job in Collibra.'],
    ['finished and running', [{ job: aSuccess() }, running], LEFT.replace('job', 'jobs')],
  ] as const)('says what might be running if the state is %s', (_, jobs, text) => {
    expect(adviceOnUnfinished('timeout', jobs.map(aReport), {})[0]).toBe(text);
  });
});
