import { describe, expect, it } from '@jest/globals';

import { CollibraError } from '../../src/collibra/errors.ts';
import type { Settings } from '../../src/inputs.ts';
import type { Outcome } from '../../src/outcome.ts';
import type { DeleteResult } from '../../src/polling/delete-jobs.ts';
import { Log } from '../../src/report/log.ts';
import { maskSecret } from '../../src/report/secrets.ts';
import { FakeClock, START_MS } from '../support/fake-clock.ts';
import { aJob, aReport, aSuccess, JOB_1, JOB_2, JOB_3 } from '../support/jobs.ts';
import { written } from '../support/stdout.ts';
import { cancelAt } from '../support/waiting.ts';

/** What a log writes: its lines, and those that are only for debugging. */
async function logged(work: (log: Log, clock: FakeClock) => unknown, clock = new FakeClock()) {
  const { commands, plainLines } = await written(() => work(new Log(clock, START_MS), clock));
  expect(commands.every(({ name }) => name === 'debug')).toBe(true);
  return { lines: plainLines, debug: commands.map(({ text }) => text) };
}

const linesOf = async (...work: Parameters<typeof logged>) => (await logged(...work)).lines;
const next = (delayMs: number, remainingMs?: number) => ({ delayMs, remainingMs });
/** A transient error as the client throws it. */
const transientError = (label: string, message = `${label} from the server.`) =>
  new CollibraError('transient', label, message);
const HTTP_502 = transientError('HTTP 502');
const HTTP_503 = transientError('HTTP 503');
const QUERY = 'job named "Nightly"';
const UNKNOWN = `Warning: job ${JOB_1} is in the unknown state`;

describe('the log', () => {
  const failure = aReport({ outcome: 'failure', reason: 'The job failed.' });

  it('has one line about each event, with what is known', async () => {
    const full = aJob({ name: 'Nightly', progressPercentage: 30 });
    const lines = await linesOf(async (log, clock) => {
      await clock.sleep(90_000);
      log.onFound(QUERY, { ...full, createdOn: new Date('2026-11-02T08:00:00Z') });
      log.onFound(QUERY, aJob());
      log.onPoll(JOB_1, full, next(4_000, 210_000));
      log.onPoll(JOB_2, aJob({ progressPercentage: 0 }), next(0));
      log.onPoll(JOB_3, aSuccess(), undefined);
      log.onImportResultsUnavailable(JOB_1, 'HTTP 503.');
      log.onFinished(failure);
    });
    expect(lines).toEqual([
      `Found job ${JOB_1} "Nightly", created 2026-11-02T08:00:00.000Z.`,
      `Found job ${JOB_1}.`,
      `${JOB_1} "Nightly": RUNNING, 30%, 1 min 30 s elapsed, about 3 min 30 s left, next check in 4 s`,
      `${JOB_2}: RUNNING, 0%, 1 min 30 s elapsed`,
      `${JOB_3}: COMPLETED, SUCCESS, 1 min 30 s elapsed`,
      `${JOB_1}: Import Results are missing or incomplete. HTTP 503.`,
      `${JOB_1}: failure after 1 min 30 s. The job failed.`,
    ]);
  });

  const FINISHED = `${JOB_1}: not deleted, because the job is finished (state COMPLETED, result`;
  const UNCONFIRMED = `Warning: no confirmation that job ${JOB_1} was deleted.`;
  const WHY = 'HTTP 503 from the server.';
  it.each<[result: DeleteResult, line: string]>([
    [{ kind: 'deleted' }, `${JOB_1}: requested deletion. A running import might not stop.`],
    [{ kind: 'finished', job: aSuccess() }, `${FINISHED} SUCCESS).`],
    [{ kind: 'finished', job: aSuccess({ result: '' }) }, `${FINISHED} missing).`],
    [{ kind: 'failed', error: HTTP_503 }, `Warning: could not delete job ${JOB_1}. ${WHY}`],
    [{ kind: 'unconfirmed', error: HTTP_503 }, `${UNCONFIRMED} ${WHY} Check the job in Collibra.`],
  ])('says what came of a delete: $kind', async (result, line) => {
    expect(await linesOf((log) => log.onDeleteResult(JOB_1, result))).toEqual([line]);
  });

  it('has no ID twice in a line', async () => {
    const message = `HTTP 503 from https://acme.collibra.com/${JOB_1}.`;
    const lines = await linesOf((log) => {
      log.onTransientError(JOB_1, transientError('HTTP 503', message), undefined);
      log.onImportResultsUnavailable(JOB_1, message);
      log.onFinished({ ...failure, reason: message });
    });
    expect(lines).toEqual([
      `Transient error: ${message}`,
      `Import Results are missing or incomplete. ${message}`,
      `failure after 0 s. ${message}`,
    ]);
  });

  it.each([
    ['1 job', { kind: 'ids', ids: [JOB_1] }, 'SUCCESS', []],
    ['the newest job named "Nightly"', { kind: 'name', name: 'Nightly' }, 'SUCCESS, ABORTED', ['ABORTED']],
  ])('begins with how long the step waits for %s', async (what, target, accepted, accept) => {
    const url = 'https://acme.collibra.com';
    const polling = { timeoutMs: 3_600_000 };
    const settings = { url, target, policy: { accept: new Set(accept) }, polling, jobApi: 'auto' };
    expect(await linesOf((log) => log.start(settings as unknown as Settings))).toEqual([
      `Waiting up to 1 h for ${what} at https://acme.collibra.com. Accepted results: ${accepted}. Job API: auto.`,
    ]);
  });

  it('has a line when state, result or progress changes, and otherwise only for debugging', async () => {
    const { lines, debug } = await logged(async (log, clock) => {
      log.onPoll(JOB_2, aJob(), undefined);
      const [waiting, halfway] = [aJob({ state: 'WAITING' }), aJob({ progressPercentage: 5 })];
      const completed = [{ ...halfway, state: 'COMPLETED' }, aSuccess({ progressPercentage: 5 })];
      const polls = [waiting, waiting, aJob(), aJob({ message: 'another message' }), halfway, halfway, ...completed];
      for (const job of polls) {
        log.onPoll(JOB_1, job, next(1_000));
        await clock.sleep(1_000);
      }
    });
    const line = (status: string, seconds: number) => `${JOB_1}: ${status}, ${seconds} s elapsed, next check in 1 s`;
    const news = [line('WAITING', 0), line('RUNNING', 2), line('RUNNING, 5%', 4), line('COMPLETED, 5%', 6)];
    expect(lines).toEqual([`${JOB_2}: RUNNING, 0 s elapsed`, ...news, line('COMPLETED, SUCCESS, 5%', 7)]);
    expect(debug).toEqual([line('WAITING', 1), line('RUNNING', 3), line('RUNNING, 5%', 5)]);
  });

  it('warns once of an unknown state, and does not say that it waits after the final poll', async () => {
    const lines = await linesOf((log) => {
      log.onPoll(JOB_1, aJob({ state: '', result: '' }), next(1_000));
      log.onPoll(JOB_1, aJob({ state: 'PAUSED' }), next(1_000));
      log.onPoll(JOB_1, aJob(), next(1_000));
      log.onPoll(JOB_2, aJob({ state: 'PAUSED' }), undefined);
    });
    expect(lines[0]).toBe(`${JOB_1}: no state, 0 s elapsed, next check in 1 s`);
    expect(lines.filter((line) => line.startsWith('Warning'))).toEqual([
      `${UNKNOWN} "". Still waiting.`,
      `${UNKNOWN.replace(JOB_1, JOB_2)} "PAUSED".`,
    ]);
  });

  it('has a line for a job that is not found and for each kind of transient error, and then only for debugging', async () => {
    const { lines, debug } = await logged(async (log, clock) => {
      await clock.sleep(5_000);
      for (const delayMs of [1_000, undefined]) {
        log.onPoll(JOB_1, aJob(), next(1_000));
        log.onTransientError(JOB_1, HTTP_503, 2_000);
        log.onTransientError(JOB_1, HTTP_503, 3_000);
        log.onTransientError(JOB_1, HTTP_502, undefined);
        log.onNotFound(QUERY, delayMs);
        log.onTransientError(QUERY, HTTP_503, 2_000);
      }
    });
    const notFound = 'Job named "Nightly" not found yet after 5 s.';
    const status = `${JOB_1}: RUNNING, 5 s elapsed, next check in 1 s`;
    const error = (subject: string) => `Transient error for ${subject}: HTTP 503 from the server. Retrying in`;
    const first = [status, `${error(JOB_1)} 2 s.`, `Transient error for ${JOB_1}: HTTP 502 from the server.`];
    const last = `${error(QUERY)} 2 s.`;
    expect(lines).toEqual([...first, `${notFound} Next check in 1 s.`, last, ...first, last]);
    expect(debug).toEqual([`${error(JOB_1)} 3 s.`, `${error(JOB_1)} 3 s.`, notFound]);
  });

  it('makes server text safe', async () => {
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
});

describe('the heartbeat', () => {
  it('comes a minute after the last line, and each minute from then on', async () => {
    const lines = await linesOf(async (log, clock) => {
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
    expect(await linesOf((log) => log.heartbeat(cancelAt(clock, 12_345)), clock)).toEqual([]);
    expect(clock.sinceStart()).toBe(12_345);
    expect(await linesOf((log) => log.heartbeat(AbortSignal.abort()))).toEqual([]);
  });

  type Event = (log: Log) => void;
  const notFound: Event = (log) => log.onNotFound(QUERY, 90_000);
  const found: Event = (log) => log.onFound(QUERY, aJob());

  function polled(id: string, delayMs: number, state = 'RUNNING'): Event {
    return (log) => log.onPoll(id, aJob({ id, state }), next(delayMs));
  }
  function failed(subject: string, delayMs: number, error = HTTP_503): Event {
    return (log) => log.onTransientError(subject, error, delayMs);
  }
  function finished(id: string, outcome: Outcome): Event[] {
    return [(log) => log.onPoll(id, aSuccess({ id }), next(70_000)), (log) => log.onFinished(aReport({ id, outcome }))];
  }

  it.each<[what: string, Event[], line: string]>([
    [
      'a job without a status with its errors',
      [failed(JOB_1, 90_000), failed(JOB_1, 90_000, HTTP_502)],
      `${JOB_1}: no status yet, HTTP 503, HTTP 502, 1 min elapsed, next check in 30 s`,
    ],
    ['a search', [notFound], `${QUERY}: not found yet, 1 min elapsed, next check in 30 s`],
    [
      'a job that was found by name under its ID',
      [notFound, found, polled(JOB_1, 200_000)],
      `${JOB_1}: RUNNING, 1 min elapsed, next check in 2 min 20 s`,
    ],
    [
      'several jobs by their states',
      [polled(JOB_1, 90_000), polled(JOB_2, 70_000, 'WAITING'), polled(JOB_3, 80_000), failed('another', 100_000)],
      '0 of 4 jobs finished; 2 RUNNING, 1 WAITING, 1 without a status; 1 min elapsed; next check in 10 s',
    ],
    [
      'several jobs with the worst outcome',
      [polled(JOB_1, 30_000), ...finished(JOB_2, 'success'), ...finished(JOB_3, 'failure')],
      '2 of 3 jobs finished (worst outcome so far: failure); 1 RUNNING; 1 min elapsed',
    ],
    [
      'several finished jobs',
      [...finished(JOB_1, 'success'), ...finished(JOB_2, 'success')],
      '2 of 2 jobs finished (worst outcome so far: success); 1 min elapsed',
    ],
  ])('shows %s', async (_, events, line) => {
    const lines = await linesOf(async (log, clock) => {
      for (const event of events) event(log);
      await log.heartbeat(cancelAt(clock, 60_500));
    });
    expect(lines.at(-1)).toBe(line);
  });
});
