import { describe, expect, it } from '@jest/globals';

import type { Settings } from '../../src/inputs.ts';
import { Log } from '../../src/report/log.ts';
import { maskSecret } from '../../src/report/secrets.ts';
import { FakeClock, START_MS } from '../support/fake-clock.ts';
import { aJob, aReport, aSuccess, JOB_1, JOB_2, JOB_3 } from '../support/jobs.ts';
import { written } from '../support/stdout.ts';
import { cancelAt } from '../support/waiting.ts';
import { transientError } from './samples.ts';

/** What a log writes: its lines, and those that are only for debugging. */
async function logged(work: (log: Log, clock: FakeClock) => unknown, clock = new FakeClock()) {
  const { commands, plainLines } = await written(() => work(new Log(clock, START_MS), clock));
  expect(commands.every(({ name }) => name === 'debug')).toBe(true);
  return { lines: plainLines, debug: commands.map(({ text }) => text) };
}

const next = (delayMs: number, remainingMs?: number) => ({ delayMs, remainingMs });

describe('the opening line', () => {
  const settings = {
    url: 'https://acme.collibra.com',
    target: { kind: 'ids', ids: [JOB_1] },
    policy: { accept: new Set(), maxFailedCommands: undefined },
    polling: { timeoutMs: 3_600_000 },
    jobApi: 'auto',
  } as unknown as Settings;
  const byName = { ...settings, target: { kind: 'name', name: 'Nightly' } } as Settings;
  const accepting = { accept: new Set(['ABORTED']), maxFailedCommands: undefined };

  it.each([
    ['1 job', settings, 'for 1 job at https://acme.collibra.com. Accepted results: SUCCESS. Job API: auto.'],
    [
      'a search by name',
      { ...byName, policy: accepting },
      'for the newest job named "Nightly" at https://acme.collibra.com. Accepted results: SUCCESS, ABORTED. Job API: auto.',
    ],
  ])('says how long the step waits for %s, and what passes', async (_, given, text) => {
    expect((await logged((log) => log.start(given))).lines).toEqual([`Waiting up to 1 h ${text}`]);
  });
});

describe('the line about a poll', () => {
  it('has the job, its state, progress, times and the delay until the next check', async () => {
    const { lines } = await logged(async (log, clock) => {
      await clock.sleep(90_000);
      log.onPoll(JOB_1, aJob({ name: 'Nightly', progressPercentage: 30 }), next(4_000, 210_000));
    });
    expect(lines).toEqual([
      `${JOB_1} "Nightly": RUNNING, 30%, 1 min 30 s elapsed, about 3 min 30 s left, next check in 4 s`,
    ]);
  });

  it('has only what is known', async () => {
    const { lines } = await logged((log) => {
      log.onPoll(JOB_1, aJob({ state: '', result: '' }), next(1_000));
      log.onPoll(JOB_2, aSuccess(), undefined);
      log.onPoll(JOB_3, aJob({ progressPercentage: 0 }), next(1_000));
    });
    expect(lines).toEqual([
      `${JOB_1}: no state, 0 s elapsed, next check in 1 s`,
      `Warning: job ${JOB_1} is in the unknown state "". Still waiting.`,
      `${JOB_2}: COMPLETED, SUCCESS, 0 s elapsed`,
      `${JOB_3}: RUNNING, 0%, 0 s elapsed, next check in 1 s`,
    ]);
  });

  it('is written when state, result or progress changes, and otherwise only for debugging', async () => {
    const { lines, debug } = await logged(async (log, clock) => {
      const polls = [
        aJob({ state: 'WAITING' }),
        aJob({ state: 'WAITING' }),
        aJob(),
        aJob({ message: 'another message' }),
        aJob({ progressPercentage: 5 }),
        aJob({ progressPercentage: 5 }),
        aJob({ state: 'COMPLETED', progressPercentage: 5 }),
        aSuccess({ progressPercentage: 5 }),
      ];
      for (const job of polls) {
        log.onPoll(JOB_1, job, next(1_000));
        await clock.sleep(1_000);
      }
    });
    const line = (facts: string, seconds: number) =>
      `${JOB_1}: ${facts}, ${seconds} s elapsed, next check in 1 s`;
    expect(lines).toEqual([
      line('WAITING', 0),
      line('RUNNING', 2),
      line('RUNNING, 5%', 4),
      line('COMPLETED, 5%', 6),
      line('COMPLETED, SUCCESS, 5%', 7),
    ]);
    expect(debug).toEqual([line('WAITING', 1), line('RUNNING', 3), line('RUNNING, 5%', 5)]);
  });

  it('is written for each job on its own', async () => {
    const { lines } = await logged((log) => {
      for (const id of [JOB_1, JOB_2, JOB_1, JOB_2]) log.onPoll(id, aJob({ id }), next(1_000));
    });
    expect(lines.map((line) => line.slice(0, 36))).toEqual([JOB_1, JOB_2]);
  });

  it('warns once of an unknown state', async () => {
    const { lines } = await logged((log) => {
      log.onPoll(JOB_1, aJob({ state: 'PAUSED' }), next(1_000));
      log.onPoll(JOB_1, aJob({ state: 'PAUSED', progressPercentage: 1 }), next(1_000));
      log.onPoll(JOB_1, aJob(), next(1_000));
      log.onPoll(JOB_1, aJob({ state: 'ON_HOLD' }), undefined);
      log.onPoll(JOB_2, aJob({ state: 'PAUSED' }), undefined);
    });
    expect(lines.map((line, n) => [n, line]).filter(([, line]) => `${line}`.startsWith('Warning'))).toEqual([
      [1, `Warning: job ${JOB_1} is in the unknown state "PAUSED". Still waiting.`],
      [6, `Warning: job ${JOB_2} is in the unknown state "PAUSED".`],
    ]);
  });
});

describe('the line about a transient error', () => {
  it('is written once for each kind, and then only for debugging', async () => {
    const { lines, debug } = await logged((log) => {
      log.onTransientError(JOB_1, transientError('HTTP 503'), 2_000);
      log.onTransientError(JOB_1, transientError('HTTP 503'), 3_000);
      log.onTransientError(JOB_1, transientError('HTTP 502'), undefined);
    });
    expect(lines).toEqual([
      `Transient error for ${JOB_1}: HTTP 503 from the server. Retrying in 2 s.`,
      `Transient error for ${JOB_1}: HTTP 502 from the server.`,
    ]);
    expect(debug).toEqual([`Transient error for ${JOB_1}: HTTP 503 from the server. Retrying in 3 s.`]);
  });

  it('is written again after a successful poll, which is written too', async () => {
    const { lines } = await logged((log) => {
      for (let n = 0; n < 2; n++) {
        log.onPoll(JOB_1, aJob(), next(1_000));
        log.onTransientError(JOB_1, transientError('HTTP 503'), 2_000);
      }
    });
    expect(lines.map((line) => line.slice(0, 15))).toEqual([
      JOB_1.slice(0, 15),
      'Transient error',
      JOB_1.slice(0, 15),
      'Transient error',
    ]);
  });
});

describe('a search by name', () => {
  const query = 'job named "Nightly"';

  it('writes once that the job is not found yet', async () => {
    const { lines, debug } = await logged(async (log, clock) => {
      await clock.sleep(5_000);
      log.onNotFound(query, 1_000);
      log.onNotFound(query, 2_000);
      log.onNotFound(query, undefined);
    });
    expect(lines).toEqual(['Job named "Nightly" not found yet after 5 s. Next check in 1 s.']);
    expect(debug).toEqual([
      'Job named "Nightly" not found yet after 5 s. Next check in 2 s.',
      'Job named "Nightly" not found yet after 5 s.',
    ]);
  });

  it('has a heartbeat', async () => {
    const { lines } = await logged(async (log, clock) => {
      log.onNotFound(query, 90_000);
      await log.heartbeat(cancelAt(clock, 60_500));
    });
    expect(lines[1]).toBe(`${query}: not found yet, 1 min elapsed, next check in 30 s`);
  });

  it('ends an outage when the server responds that there is no such job', async () => {
    const { lines } = await logged((log) => {
      log.onTransientError(query, transientError('HTTP 503'), 1_000);
      log.onNotFound(query, 1_000);
      log.onTransientError(query, transientError('HTTP 503'), 1_000);
    });
    expect(lines).toHaveLength(3);
  });

  it('goes on under the ID of the job that it found', async () => {
    const { lines } = await logged(async (log, clock) => {
      log.onNotFound(query, 1_000);
      log.onFound(query, aJob({ name: 'Nightly', createdOn: new Date('2026-11-02T08:00:00Z') }));
      log.onFound(query, aJob());
      log.onPoll(JOB_1, aJob(), next(200_000));
      await log.heartbeat(cancelAt(clock, 60_500));
    });
    expect(lines.slice(1)).toEqual([
      `Found job ${JOB_1} "Nightly", created 2026-11-02T08:00:00.000Z.`,
      `Found job ${JOB_1}.`,
      `${JOB_1}: RUNNING, 0 s elapsed, next check in 3 min 20 s`,
      `${JOB_1}: RUNNING, 1 min elapsed, next check in 2 min 20 s`,
    ]);
  });
});

describe('the log', () => {
  it('says how a job ended and why its Import Results are missing', async () => {
    const { lines } = await logged(async (log, clock) => {
      await clock.sleep(62_000);
      log.onImportResultsUnavailable(JOB_1, 'HTTP 503 from the server.');
      log.onFinished(aReport({ outcome: 'failure', reason: 'The job failed.' }));
    });
    expect(lines).toEqual([
      `${JOB_1}: Import Results are missing or incomplete. HTTP 503 from the server.`,
      `${JOB_1}: failure after 1 min 2 s. The job failed.`,
    ]);
  });

  it('says which jobs are deleted and which are not', async () => {
    const { lines } = await logged((log) => {
      log.onDeleted(JOB_1);
      log.onDeleteFailed(JOB_2, transientError('HTTP 503'));
    });
    expect(lines).toEqual([
      `${JOB_1}: requested deletion. A running import might not stop.`,
      `Warning: could not delete job ${JOB_2}: HTTP 503 from the server.`,
    ]);
  });

  it('prints no ID twice in a line', async () => {
    const message = `HTTP 503 from https://acme.collibra.com/${JOB_1}.`;
    const { lines } = await logged((log) => {
      log.onTransientError(JOB_1, transientError('HTTP 503', message), undefined);
      log.onImportResultsUnavailable(JOB_1, message);
      log.onDeleteFailed(JOB_1, transientError('HTTP 503', message));
      log.onFinished(aReport({ outcome: 'error', reason: message }));
    });
    expect(lines).toEqual([
      `Transient error: ${message}`,
      `Import Results are missing or incomplete. ${message}`,
      `Warning: could not delete job: ${message}`,
      `error after 0 s. ${message}`,
    ]);
  });
});

describe('the heartbeat', () => {
  it('comes a minute after the last line, and each minute from then on', async () => {
    const { lines } = await logged(async (log, clock) => {
      clock.at(20_000, () => log.onPoll(JOB_1, aJob({ progressPercentage: 7 }), next(130_000, 200_000)));
      await log.heartbeat(cancelAt(clock, 200_500));
    });
    const line = (elapsed: string) => `${JOB_1}: RUNNING, 7%, ${elapsed} elapsed, about 3 min 20 s left`;
    expect(lines).toEqual([
      `${line('20 s')}, next check in 2 min 10 s`,
      `${line('1 min 20 s')}, next check in 1 min 10 s`,
      `${line('2 min 20 s')}, next check in 10 s`,
      line('3 min 20 s'),
    ]);
  });

  it('stops immediately at its signal', async () => {
    const clock = new FakeClock();
    const { lines } = await logged((log) => log.heartbeat(cancelAt(clock, 12_345)), clock);
    expect(lines).toEqual([]);
    expect(clock.sinceStart()).toBe(12_345);
    expect((await logged((log) => log.heartbeat(AbortSignal.abort()))).lines).toEqual([]);
  });

  it('names the errors of a job without a status', async () => {
    const { lines } = await logged(async (log, clock) => {
      log.onTransientError(JOB_1, transientError('HTTP 503'), 90_000);
      log.onTransientError(JOB_1, transientError('HTTP 502'), 90_000);
      await log.heartbeat(cancelAt(clock, 60_500));
    });
    expect(lines.at(-1)).toBe(
      `${JOB_1}: no status yet, HTTP 503, HTTP 502, 1 min elapsed, next check in 30 s`,
    );
  });

  it('counts several jobs by their states', async () => {
    const { lines } = await logged(async (log, clock) => {
      log.onPoll(JOB_1, aJob(), next(90_000));
      log.onPoll(JOB_2, aJob({ state: 'WAITING' }), next(70_000));
      log.onPoll(JOB_3, aJob(), next(80_000));
      log.onTransientError('another', transientError('HTTP 503'), 100_000);
      await log.heartbeat(cancelAt(clock, 60_500));
    });
    expect(lines.at(-1)).toBe(
      '0 of 4 jobs finished; 2 RUNNING, 1 WAITING, 1 without a status; 1 min elapsed; next check in 10 s',
    );
  });

  it('says how many of several jobs finished, with the worst outcome', async () => {
    const { lines } = await logged(async (log, clock) => {
      log.onPoll(JOB_1, aJob(), next(30_000));
      log.onPoll(JOB_2, aSuccess(), undefined);
      log.onFinished(aReport({ id: JOB_2 }));
      log.onPoll(JOB_3, aJob({ state: 'FAILED' }), next(90_000));
      log.onFinished(aReport({ id: JOB_3, outcome: 'failure' }));
      await log.heartbeat(cancelAt(clock, 60_500));
      log.onFinished(aReport({ id: JOB_1 }));
      await log.heartbeat(cancelAt(clock, 120_600));
    });
    expect(lines.at(-3)).toBe(
      '2 of 3 jobs finished (worst outcome so far: failure); 1 RUNNING; 1 min elapsed',
    );
    expect(lines.at(-1)).toBe('3 of 3 jobs finished (worst outcome so far: failure); 2 min 1 s elapsed');
  });
});

it('server text in the log is safe', async () => {
  await written(() => maskSecret('sesame-in-the-log'));
  const text = `\n::error::x##[error]\u0000\u202Esesame-in-the-log${'x'.repeat(5_000)}`;
  const job = aJob({ name: text, state: text, result: text });
  const { lines } = await logged(async (log, clock) => {
    log.line(text);
    log.onPoll(JOB_1, job, next(1_000));
    log.onFinished(aReport({ reason: text }));
    log.onFound(text, job);
    log.onNotFound(text, 1_000);
    log.onTransientError(text, transientError(text), 1_000);
    log.onPoll(JOB_2, job, next(1_000));
    await log.heartbeat(cancelAt(clock, 60_500));
  });
  expect(lines).toHaveLength(10);
  for (const line of lines) {
    // eslint-disable-next-line no-control-regex -- what must not be there
    expect(line).not.toMatch(/^\s*::|##\[|sesame|\u0000|\u202E/);
    expect(line.length).toBeLessThanOrEqual(1000);
  }
});
