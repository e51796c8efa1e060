import { describe, expect, it } from '@jest/globals';

import { Log } from '../../src/report/log.ts';
import { maskSecret } from '../../src/report/secrets.ts';
import { FakeClock, START_MS } from '../support/fake-clock.ts';
import { aJob, aReport, aSuccess, JOB_1, JOB_2, JOB_3, trouble } from '../support/jobs.ts';
import { written } from '../support/stdout.ts';
import { cancelAt } from '../support/waiting.ts';

/** What a log writes: its lines, and those that are only for debugging. */
async function logged(work: (log: Log, clock: FakeClock) => unknown, clock = new FakeClock()) {
  const { commands, plainLines } = await written(() => work(new Log(clock, START_MS), clock));
  expect(commands.every(({ name }) => name === 'debug')).toBe(true);
  return { lines: plainLines, debug: commands.map(({ text }) => text) };
}

const pace = (delayMs: number, remainingMs?: number) => ({ delayMs, remainingMs });

describe('a look', () => {
  it('is told with job, state, progress, time so far, the rest and the next look', async () => {
    const { lines } = await logged(async (log, clock) => {
      await clock.sleep(90_000);
      log.onPoll(JOB_1, aJob({ name: 'Nightly', progressPercentage: 30 }), pace(4_000, 210_000));
    });
    expect(lines).toEqual([
      `${JOB_1} "Nightly": RUNNING, 30 %, 1 min 30 s so far, about 3 min 30 s left, next look in 4 s`,
    ]);
  });

  it('tells only what is known', async () => {
    const { lines } = await logged((log) => {
      log.onPoll(JOB_1, aJob({ state: '', result: '' }), pace(1_000));
      log.onPoll(JOB_2, aSuccess(), undefined);
      log.onPoll(JOB_3, aJob({ progressPercentage: 0 }), pace(1_000));
    });
    expect(lines).toEqual([
      `${JOB_1}: no state, 0 s so far, next look in 1 s`,
      `Warning: ${JOB_1} is in the state "", which this action does not know; it goes on waiting`,
      `${JOB_2}: COMPLETED, SUCCESS, 0 s so far`,
      `${JOB_3}: RUNNING, 0 %, 0 s so far, next look in 1 s`,
    ]);
  });

  it('is told when state, result or progress change; every other only for debugging', async () => {
    const { lines, debug } = await logged(async (log, clock) => {
      const looks = [
        aJob({ state: 'WAITING' }),
        aJob({ state: 'WAITING' }),
        aJob(),
        aJob({ message: 'another message' }),
        aJob({ progressPercentage: 5 }),
        aJob({ progressPercentage: 5 }),
        aJob({ state: 'COMPLETED', progressPercentage: 5 }),
        aSuccess({ progressPercentage: 5 }),
      ];
      for (const job of looks) {
        log.onPoll(JOB_1, job, pace(1_000));
        await clock.sleep(1_000);
      }
    });
    const next = 'next look in 1 s';
    expect(lines).toEqual([
      `${JOB_1}: WAITING, 0 s so far, ${next}`,
      `${JOB_1}: RUNNING, 2 s so far, ${next}`,
      `${JOB_1}: RUNNING, 5 %, 4 s so far, ${next}`,
      `${JOB_1}: COMPLETED, 5 %, 6 s so far, ${next}`,
      `${JOB_1}: COMPLETED, SUCCESS, 5 %, 7 s so far, ${next}`,
    ]);
    expect(debug).toEqual([
      `${JOB_1}: WAITING, 1 s so far, ${next}`,
      `${JOB_1}: RUNNING, 3 s so far, ${next}`,
      `${JOB_1}: RUNNING, 5 %, 5 s so far, ${next}`,
    ]);
  });

  it('at one job is no look at another', async () => {
    const { lines } = await logged((log) => {
      for (const id of [JOB_1, JOB_2, JOB_1, JOB_2]) log.onPoll(id, aJob({ id }), pace(1_000));
    });
    expect(lines.map((line) => line.slice(0, 36))).toEqual([JOB_1, JOB_2]);
  });

  it('that finds an unknown state warns once', async () => {
    const warning = `Warning: ${JOB_1} is in the state "PAUSED", which this action does not know; it goes on waiting`;
    const { lines } = await logged((log) => {
      log.onPoll(JOB_1, aJob({ state: 'PAUSED' }), pace(1_000));
      log.onPoll(JOB_1, aJob({ state: 'PAUSED', progressPercentage: 1 }), pace(1_000));
      log.onPoll(JOB_1, aJob({ state: 'RUNNING' }), pace(1_000));
      log.onPoll(JOB_1, aJob({ state: 'ON_HOLD' }), pace(1_000));
    });
    expect(lines.filter((line) => line.startsWith('Warning'))).toEqual([warning]);
    expect(lines[1]).toBe(warning);
    expect(lines).toHaveLength(5);
  });
});

describe('trouble', () => {
  it('is told once of each kind, and then only for debugging', async () => {
    const { lines, debug } = await logged((log) => {
      log.onTransientError(JOB_1, trouble(503), 2_000);
      log.onTransientError(JOB_1, trouble(503), 3_000);
      log.onTransientError(JOB_1, trouble(502), 0);
    });
    expect(lines).toEqual([
      `Passing trouble, ${JOB_1}: Trouble 503; next look in 2 s`,
      `Passing trouble, ${JOB_1}: Trouble 502`,
    ]);
    expect(debug).toEqual([`${JOB_1}: Trouble 503; next look in 3 s`]);
  });

  it('is over with the next good look, which is told', async () => {
    const { lines } = await logged((log) => {
      log.onPoll(JOB_1, aJob(), pace(1_000));
      log.onTransientError(JOB_1, trouble(503), 2_000);
      log.onPoll(JOB_1, aJob(), pace(1_000));
      log.onTransientError(JOB_1, trouble(503), 2_000);
    });
    expect(lines).toEqual([
      `${JOB_1}: RUNNING, 0 s so far, next look in 1 s`,
      `Passing trouble, ${JOB_1}: Trouble 503; next look in 2 s`,
      `${JOB_1}: RUNNING, 0 s so far, next look in 1 s`,
      `Passing trouble, ${JOB_1}: Trouble 503; next look in 2 s`,
    ]);
  });
});

describe('a job that is looked for', () => {
  const wanted = 'job named "Nightly"';

  it('is told to be absent once', async () => {
    const { lines, debug } = await logged((log) => {
      log.onNotFound(wanted, 1_000);
      log.onNotFound(wanted, 2_000);
    });
    expect(lines).toEqual([`No ${wanted} yet, 0 s so far, next look in 1 s`]);
    expect(debug).toEqual([`No ${wanted} yet, 0 s so far, next look in 2 s`]);
  });

  it('shows life while it is absent', async () => {
    const { lines } = await logged(async (log, clock) => {
      log.onNotFound(wanted, 90_000);
      await log.heartbeat(cancelAt(clock, 60_500));
    });
    expect(lines[1]).toBe(`${wanted}: not seen yet, 1 min so far, next look in 30 s`);
  });

  it('ends an outage when it is only absent', async () => {
    const { lines } = await logged((log) => {
      log.onTransientError(wanted, trouble(503), 1_000);
      log.onNotFound(wanted, 1_000);
      log.onTransientError(wanted, trouble(503), 1_000);
    });
    expect(lines).toHaveLength(3);
  });

  it('is followed by its id once it is found', async () => {
    const { lines } = await logged(async (log, clock) => {
      log.onNotFound(wanted, 1_000);
      log.onFound(wanted, aJob({ createdOn: new Date('2026-11-02T08:00:00Z') }));
      log.onFound(wanted, aJob());
      log.onPoll(JOB_1, aJob(), pace(200_000));
      await log.heartbeat(cancelAt(clock, 60_500));
    });
    expect(lines.slice(1)).toEqual([
      `Found the ${wanted}: ${JOB_1}, created 2026-11-02T08:00:00.000Z`,
      `Found the ${wanted}: ${JOB_1}, created`,
      `${JOB_1}: RUNNING, 0 s so far, next look in 3 min 20 s`,
      `${JOB_1}: RUNNING, 1 min so far, next look in 2 min 20 s`,
    ]);
  });
});

it('the end of a job is told', async () => {
  const { lines } = await logged(async (log, clock) => {
    await clock.sleep(62_000);
    log.onFinished(aReport({ outcome: 'failure', reason: 'The job failed' }));
  });
  expect(lines).toEqual([`${JOB_1}: failure. The job failed. 1 min 2 s so far`]);
});

describe('the heartbeat', () => {
  it('is heard a minute after the last line, and each minute from then on', async () => {
    const { lines } = await logged(async (log, clock) => {
      clock.at(20_000, () => log.onPoll(JOB_1, aJob({ progressPercentage: 7 }), pace(130_000, 200_000)));
      await log.heartbeat(cancelAt(clock, 200_500));
    });
    expect(lines).toEqual([
      `${JOB_1}: RUNNING, 7 %, 20 s so far, about 3 min 20 s left, next look in 2 min 10 s`,
      `${JOB_1}: RUNNING, 7 %, 1 min 20 s so far, about 3 min 20 s left, next look in 1 min 10 s`,
      `${JOB_1}: RUNNING, 7 %, 2 min 20 s so far, about 3 min 20 s left, next look in 10 s`,
      `${JOB_1}: RUNNING, 7 %, 3 min 20 s so far, about 3 min 20 s left`,
    ]);
  });

  it('ends with its signal, at once', async () => {
    const clock = new FakeClock();
    const { lines } = await logged((log) => log.heartbeat(cancelAt(clock, 12_345)), clock);
    expect(lines).toEqual([]);
    expect(clock.sinceStart()).toBe(12_345);
    expect((await logged((log) => log.heartbeat(AbortSignal.abort()))).lines).toEqual([]);
  });

  it('tells of trouble, and of a job that was not seen yet', async () => {
    const { lines } = await logged(async (log, clock) => {
      log.onTransientError(JOB_1, trouble(503), 90_000);
      log.onTransientError(JOB_1, trouble(502), 90_000);
      await log.heartbeat(cancelAt(clock, 60_500));
    });
    expect(lines.at(-1)).toBe(`${JOB_1}: not seen yet, HTTP 503, HTTP 502, 1 min so far, next look in 30 s`);
  });

  it('sums up several jobs', async () => {
    const { lines } = await logged(async (log, clock) => {
      log.onPoll(JOB_1, aJob(), pace(90_000));
      log.onPoll(JOB_2, aJob({ state: 'WAITING' }), pace(70_000));
      log.onPoll(JOB_3, aJob(), pace(80_000));
      log.onTransientError('another', trouble(503), 100_000);
      await log.heartbeat(cancelAt(clock, 60_500));
    });
    expect(lines.at(-1)).toBe(
      '0 of 4 jobs ended; 2 RUNNING, 1 WAITING, 1 not seen yet; 1 min so far; next look in 10 s',
    );
  });

  it('tells how many of several jobs have ended, and how the gravest did', async () => {
    const { lines } = await logged(async (log, clock) => {
      log.onPoll(JOB_1, aJob(), pace(30_000));
      log.onPoll(JOB_2, aSuccess(), undefined);
      log.onFinished(aReport({ id: JOB_2 }));
      log.onPoll(JOB_3, aJob({ state: 'FAILED' }), undefined);
      log.onFinished(aReport({ id: JOB_3, outcome: 'failure', reason: 'The job failed' }));
      await log.heartbeat(cancelAt(clock, 60_500));
    });
    expect(lines.at(-1)).toBe('2 of 3 jobs ended (gravest: failure); 1 RUNNING; 1 min so far');
  });

  it('tells nothing odd when all jobs have ended', async () => {
    const { lines } = await logged(async (log, clock) => {
      log.onFinished(aReport({ id: JOB_1 }));
      log.onFinished(aReport({ id: JOB_2 }));
      await log.heartbeat(cancelAt(clock, 60_500));
    });
    expect(lines.at(-1)).toBe('2 of 2 jobs ended (gravest: success); 1 min so far');
  });
});

describe('hostile text', () => {
  it('is harmless wherever it stands', async () => {
    await written(() => maskSecret('sesame-in-the-log'));
    const text = `\n::error::x##[error]\u0000\u202Esesame-in-the-log${'x'.repeat(5_000)}`;
    const job = aJob({ name: text, state: text, result: text });
    const { lines } = await logged(async (log, clock) => {
      log.line(text);
      log.onPoll(JOB_1, job, pace(1_000));
      log.onFinished(aReport({ reason: text }));
      log.onFound(text, job);
      log.onNotFound(text, 1_000);
      log.onTransientError(text, trouble(503, { seen: text }), 1_000);
      log.onPoll(JOB_2, job, pace(1_000));
      await log.heartbeat(cancelAt(clock, 60_500));
    });
    expect(lines).toHaveLength(10);
    for (const line of lines) {
      // eslint-disable-next-line no-control-regex -- what must not be there
      expect(line).not.toMatch(/^\s*::|##\[|sesame|\u0000|\u202E/);
      expect(line.length).toBeLessThanOrEqual(1000);
    }
  });
});
