import { describe, expect, it } from '@jest/globals';

import type { Job } from '../../src/collibra/job.ts';
import { waitForJob } from '../../src/polling/wait-for-job.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { aJob, aSuccess, JOB_1, someFacts, trouble } from '../support/jobs.ts';
import { type Answer, aWait, cancelAt, noCancel, type Seen, type WaitScene } from '../support/waiting.ts';

/** Waits for one job that answers as told. */
async function wait(answer: Answer, scene: WaitScene = {}, cancelAtMs?: number) {
  const { waiting, seen, clock } = aWait({ ...scene, answers: { [JOB_1]: answer } });
  const signal = cancelAtMs === undefined ? noCancel() : cancelAt(clock, cancelAtMs);
  const { report, credentialsRefused } = await waitForJob(JOB_1, waiting, signal);
  return { report, credentialsRefused, seen, clock, endedAt: clock.sinceStart() };
}

/** A job that changes at the times given, in milliseconds. */
function life(...steps: [from: number, job: Job | Error][]): Answer {
  return (at) => steps.findLast(([from]) => from <= at)?.[1] ?? aJob();
}

const looks = (seen: readonly Seen[]) => seen.filter(({ what }) => what === 'look').map(({ at }) => at);

const unclear = aJob({ state: 'COMPLETED', result: 'NOT_SET' });

describe('a job', () => {
  it('that has ended well already is a success at once', async () => {
    const { report, seen, credentialsRefused } = await wait(() => aSuccess({ message: 'fine' }));
    expect(report).toStrictEqual({
      id: JOB_1,
      outcome: 'success',
      reason: 'COMPLETED with SUCCESS',
      job: aSuccess({ message: 'fine' }),
    });
    expect(seen).toEqual([{ at: 0, id: JOB_1, what: 'look', told: 'COMPLETED', pause: undefined }]);
    expect(credentialsRefused).toBe(false);
  });

  it('is looked at until it has ended, and every look is told with its pause', async () => {
    const { report, seen } = await wait(
      life([0, aJob({ state: 'WAITING' })], [1_500, aJob()], [2_500, aSuccess()]),
    );
    expect(report.outcome).toBe('success');
    expect(seen.map(({ at, told, pause }) => [at, told, pause])).toEqual([
      [0, 'WAITING', 1_000],
      [1_000, 'WAITING', 1_000],
      [2_000, 'RUNNING', 1_000],
      [3_000, 'COMPLETED', undefined],
    ]);
  });

  it.each(['WAITING', 'RUNNING', 'CANCELING'])(
    'in state %s is not judged, whatever its result says',
    async (state) => {
      const { report } = await wait(() => aJob({ state, result: 'SUCCESS' }), {
        options: { timeoutMs: 5_000 },
      });
      expect(report).toMatchObject({
        outcome: 'timeout',
        reason: `Not finished after 5 s; last seen in state ${state}`,
      });
    },
  );

  it('is judged by the policy', async () => {
    const partial = aJob({ state: 'COMPLETED', result: 'COMPLETED_WITH_ERROR' });
    const accept = new Set(['COMPLETED_WITH_ERROR' as const]);
    const lax = { policy: { accept, maxFailedCommands: undefined } };
    expect((await wait(() => partial)).report.outcome).toBe('failure');
    expect((await wait(() => partial, lax)).report.outcome).toBe('accepted');
  });

  it('in an unknown state is waited for, and never a success', async () => {
    const odd = aJob({ state: 'PAUSED', result: 'SUCCESS' });
    const { report } = await wait(() => odd, { options: { timeoutMs: 3_000 } });
    expect(report).toEqual({
      id: JOB_1,
      outcome: 'timeout',
      reason: 'Not finished after 3 s; last seen in state PAUSED, which this action does not know',
      job: odd,
    });
  });

  it('without a state is told as such', async () => {
    const { report } = await wait(() => aJob({ state: '' }), { options: { timeoutMs: 3_000 } });
    expect(report.reason).toBe(
      'Not finished after 3 s; last seen in state (none), which this action does not know',
    );
  });

  it('in an unknown state that has ended is a failure', async () => {
    const ended = aJob({ state: 'PAUSED', result: 'SUCCESS', endDate: new Date(0) });
    expect((await wait(life([0, aJob()], [1_500, ended]))).report.outcome).toBe('failure');
  });

  it('may go from an unknown state to a success', async () => {
    const { report } = await wait(life([0, aJob({ state: 'PAUSED' })], [1_500, aSuccess()]));
    expect(report.outcome).toBe('success');
  });

  it('is looked at in a rhythm that grows with the time it runs', async () => {
    const { seen } = await wait(life([0, aJob()], [600_000, aSuccess()]), {
      options: { timeoutMs: 3_600_000, interval: { minMs: 1_000, maxMs: 60_000 } },
    });
    const pauses = seen.flatMap(({ pause }) => pause ?? []);
    expect(pauses[0]).toBe(1_000);
    expect(pauses).toEqual(pauses.toSorted((a, b) => a - b));
    expect(pauses.at(-1)).toBeGreaterThan(8_000);
    expect(pauses.at(-1)).toBeLessThan(13_000);
  });

  it('is looked at less often in the queue than while it runs', async () => {
    const interval = { minMs: 100, maxMs: 60_000 };
    const scene = { options: { timeoutMs: 200_000, interval } };
    const queued = await wait(() => aJob({ state: 'WAITING' }), scene);
    const running = await wait(() => aJob(), scene);
    expect(looks(queued.seen).length).toBeLessThan(0.7 * looks(running.seen).length);
  });

  it('is looked at again when its progress lets the end be foretold', async () => {
    const interval = { minMs: 100, maxMs: 60_000 };
    const answer: Answer = (at) =>
      at < 100_000 ? aJob({ progressPercentage: Math.floor(at / 1_000) }) : aSuccess();
    const steady = await wait(answer, { options: { interval } });
    const blind = await wait((at) => (at < 100_000 ? aJob() : aSuccess()), { options: { interval } });
    expect(steady.endedAt - 100_000).toBeLessThan(blind.endedAt - 100_000);
  });

  it('draws its jitter from the clock', async () => {
    const scene = () => ({ clock: new FakeClock(), options: { interval: { minMs: 100, maxMs: 60_000 } } });
    const [low, high] = [scene(), scene()];
    low.clock.chance = 0;
    high.clock.chance = 0.999;
    const answer: Answer = (_, n) => (n < 30 ? aJob() : aSuccess());
    expect((await wait(answer, low)).endedAt).toBeLessThan((await wait(answer, high)).endedAt);
  });
});

describe('trouble', () => {
  it('is told and borne', async () => {
    const { report, seen } = await wait((_, n) => (n === 2 ? trouble(503) : n < 4 ? aJob() : aSuccess()));
    expect(report.outcome).toBe('success');
    expect(seen.map(({ at, what, told, pause }) => [at, what, told, pause])).toEqual([
      [0, 'look', 'RUNNING', 1_000],
      [1_000, 'trouble', 'HTTP 503', 1_000],
      [2_000, 'look', 'RUNNING', 1_000],
      [3_000, 'look', 'COMPLETED', undefined],
    ]);
  });

  it('that lasts is an error, with the job as last seen', async () => {
    const job = aJob({ progressPercentage: 30 });
    const { report, credentialsRefused } = await wait(life([0, job], [500, trouble(502)]), {
      options: { maxOutageMs: 2_000 },
    });
    expect(report).toEqual({
      id: JOB_1,
      outcome: 'error',
      reason: 'Gave up: no good answer for 2 s (3 × HTTP 502). Last: Trouble 502',
      job,
    });
    expect(credentialsRefused).toBe(false);
  });

  it('from the first look on is an error without a job', async () => {
    const { report } = await wait(() => trouble(403, { kind: 'permanent' }));
    expect(report).toStrictEqual({ id: JOB_1, outcome: 'error', reason: 'Trouble 403' });
  });

  it('with the credentials is told to the other waits', async () => {
    const { credentialsRefused } = await wait(() => trouble(401, { kind: 'unauthorized' }));
    expect(credentialsRefused).toBe(true);
  });
});

describe('a COMPLETED job without a result', () => {
  it('is looked at again for 15 s, and then Import Results decide', async () => {
    const { report, seen } = await wait(() => unclear, { facts: someFacts({ state: 'COMPLETED' }) });
    expect(looks(seen)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15].map((s) => s * 1_000));
    expect(seen.at(-1)).toEqual({ at: 15_000, id: JOB_1, what: 'facts', told: 'needed' });
    expect(report).toMatchObject({
      outcome: 'success',
      reason: 'Collibra gives no result, Import Results say COMPLETED. COMPLETED with SUCCESS',
      importResults: someFacts({ state: 'COMPLETED' }),
    });
  });

  it('is judged as soon as the result is there', async () => {
    const { report, seen } = await wait(life([0, unclear], [1_500, aSuccess()]));
    expect(looks(seen)).toEqual([0, 1_000, 2_000]);
    expect(report.reason).toBe('COMPLETED with SUCCESS');
  });

  it('is a failure where Import Results do not tell', async () => {
    const { report } = await wait(() => unclear);
    expect(report).toEqual({
      id: JOB_1,
      job: unclear,
      outcome: 'failure',
      reason: 'The job is COMPLETED, but Collibra gives no result, and Import Results do not tell either',
    });
  });

  it('is looked at in the shortest pauses, and at the end of its 15 s', async () => {
    const interval = { minMs: 4_000, maxMs: 60_000 };
    const { seen } = await wait(() => unclear, { options: { interval } });
    expect(looks(seen)).toEqual([0, 4_000, 8_000, 12_000, 15_000]);
    const slow = await wait(() => unclear, { options: { interval: { minMs: 40_000, maxMs: 60_000 } } });
    expect(looks(slow.seen)).toEqual([0, 15_000]);
  });

  it('has its 15 s anew when it ran again in between', async () => {
    const { seen } = await wait(life([0, unclear], [9_500, aJob()], [10_500, unclear]));
    expect(seen.findLast(({ what }) => what === 'look')?.at).toBe(26_000);
  });

  it('has its 15 s from the moment it was first seen so', async () => {
    const { seen } = await wait(life([0, aJob()], [99_500, unclear]));
    expect(seen.findLast(({ what }) => what === 'look')?.at).toBe(115_000);
  });

  it('is not waited for beyond the deadline', async () => {
    const { report, seen } = await wait(life([0, aJob()], [7_500, unclear]), {
      options: { timeoutMs: 10_000 },
      facts: someFacts({ state: 'COMPLETED' }),
    });
    expect(looks(seen).at(-1)).toBe(10_000);
    expect(report.outcome).toBe('success');
  });
});

describe('Import Results', () => {
  const partial = aJob({ state: 'COMPLETED', result: 'ABORTED' });
  const limited = { accept: new Set(['ABORTED' as const]), maxFailedCommands: 5 };
  const lax = { ...limited, maxFailedCommands: undefined };

  it('are read where they are wanted, and told with the report', async () => {
    const facts = someFacts({ failedCommands: 3, changes: 0 });
    const { report, seen } = await wait(() => partial, { wantsImportResults: true, facts, policy: lax });
    expect(seen.at(-1)).toMatchObject({ what: 'facts', told: 'wanted' });
    expect(report).toEqual({
      id: JOB_1,
      job: partial,
      outcome: 'accepted',
      reason: 'ABORTED: 3 commands failed, and nothing was added, updated or removed',
      importResults: facts,
    });
  });

  it('are not read where nobody asks', async () => {
    const { seen } = await wait(() => partial, { policy: lax });
    expect(seen.map(({ what }) => what)).toEqual(['look']);
  });

  it('are needed for max-failed-commands', async () => {
    const facts = someFacts({ failedCommands: 5 });
    const { report, seen } = await wait(() => partial, { facts, policy: limited });
    expect(seen.at(-1)).toMatchObject({ what: 'facts', told: 'needed' });
    expect(report.outcome).toBe('accepted');
    expect((await wait(() => partial, { policy: limited })).report.outcome).toBe('failure');
  });

  it('that could not be had change no verdict', async () => {
    const { report } = await wait(() => aSuccess(), { wantsImportResults: true });
    expect(report).toEqual({
      id: JOB_1,
      job: aSuccess(),
      outcome: 'success',
      reason: 'COMPLETED with SUCCESS',
    });
  });

  it('that are needed and cut short by a cancellation leave no verdict', async () => {
    const { report } = await wait(() => partial, { factsMs: 9_000, policy: limited }, 4_000);
    expect(report).toEqual({
      id: JOB_1,
      job: partial,
      outcome: 'cancelled',
      reason: 'Cancelled before Import Results were read, which the verdict needs',
    });
  });

  it('that are cut short by a cancellation and lack the number leave no verdict', async () => {
    const { waiting } = aWait({ answers: { [JOB_1]: () => partial }, policy: limited });
    const cancel = new AbortController();
    const read = () => {
      cancel.abort();
      return Promise.resolve(someFacts({ failedCommands: undefined }));
    };
    const { report } = await waitForJob(JOB_1, { ...waiting, importResults: { read } }, cancel.signal);
    expect(report.outcome).toBe('cancelled');
  });

  it('that came in spite of a cancellation make a verdict', async () => {
    const { waiting } = aWait({ answers: { [JOB_1]: () => partial }, policy: limited });
    const cancel = new AbortController();
    const read = () => {
      cancel.abort();
      return Promise.resolve(someFacts({ failedCommands: 5 }));
    };
    const { report } = await waitForJob(JOB_1, { ...waiting, importResults: { read } }, cancel.signal);
    expect(report.outcome).toBe('accepted');
  });

  it('that are only wanted do not take the verdict away when they are cut short', async () => {
    const scene = { factsMs: 9_000, policy: lax, wantsImportResults: true };
    expect((await wait(() => partial, scene, 4_000)).report.outcome).toBe('accepted');
  });

  it('are not read of a job that is not judged', async () => {
    const scene = { wantsImportResults: true, facts: someFacts(), options: { timeoutMs: 2_000 } };
    const { report, seen } = await wait(() => aJob(), scene);
    expect(seen.map(({ what }) => what)).not.toContain('facts');
    expect(report).not.toHaveProperty('importResults');
  });
});

describe('a cancellation', () => {
  it('ends the wait at once, with the job as last seen', async () => {
    const { report, endedAt, credentialsRefused } = await wait(() => aJob(), {}, 2_345);
    expect(report).toEqual({
      id: JOB_1,
      outcome: 'cancelled',
      reason: 'The wait was cancelled; last seen in state RUNNING',
      job: aJob(),
    });
    expect(endedAt).toBe(2_345);
    expect(credentialsRefused).toBe(false);
  });

  it('during the first look leaves nothing seen', async () => {
    const { report, endedAt } = await wait(() => aJob(), { lookMs: 5_000 }, 2_345);
    expect(report).toEqual({
      id: JOB_1,
      outcome: 'cancelled',
      reason: 'The wait was cancelled; the job was never seen',
    });
    expect(endedAt).toBe(2_345);
  });
});
