import { describe, expect, it } from '@jest/globals';

import { commandIn } from '../../dev/runner/workflow-commands.ts';
import { CollibraError } from '../../src/collibra/errors.ts';
import type { FailedCommand } from '../../src/collibra/import-results.ts';
import type { Settings } from '../../src/inputs.ts';
import type { Outcome } from '../../src/outcome.ts';
import type { DeleteResult } from '../../src/polling/delete-jobs.ts';
import { Log } from '../../src/report/log.ts';
import { maskSecret } from '../../src/report/secrets.ts';
import { FakeClock, START_MS } from '../support/fake-clock.ts';
import { aJob, aReport, aSuccess, JOB_1, JOB_2, JOB_3, someResults } from '../support/jobs.ts';
import { written } from '../support/stdout.ts';
import { cancelAt } from '../support/waiting.ts';
import { command } from './samples.ts';

/** What a log writes: its lines, groups among them, and those that are only for debugging. */
async function logged(work: (log: Log, clock: FakeClock) => unknown, clock = new FakeClock()) {
  const { lines, commands } = await written(() => work(new Log(clock, START_MS), clock));
  const debug = commands.filter(({ name }) => name === 'debug').map(({ text }) => text);
  return { lines: lines.filter((line) => !line.startsWith('::debug::')), debug };
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

const settingsOf = (target: object, accept: readonly string[] = []) =>
  ({
    ...{ url: 'https://acme.collibra.com', target, policy: { accept: new Set(accept) }, jobApi: 'auto' },
    polling: { timeoutMs: 3_600_000 },
  }) as unknown as Settings;

describe('the log', () => {
  const failure = aReport({ outcome: 'failure', reason: 'The job failed.' });

  it('has one line about each event, with what is known', async () => {
    const full = aJob({ name: 'Nightly', progressPercentage: 30 });
    const lines = await linesOf(async (log, clock) => {
      await clock.sleep(90_000);
      log.onFound(QUERY, { ...full, createdOn: new Date('2026-11-02T08:00:00Z') }, []);
      log.onFound(QUERY, aJob(), ['A', 'B', 'C']);
      log.onFound(QUERY, aJob(), ['A', 'B', 'C', 'D', 'E']);
      log.onPoll(JOB_1, full, next(4_000, 210_000));
      log.onPoll(JOB_2, aJob({ progressPercentage: 0 }), next(0));
      log.onPoll(JOB_3, aSuccess(), undefined);
      log.onImportResultsUnavailable(JOB_1, 'HTTP 503.');
      log.onFinished(failure);
    });
    expect(lines).toEqual([
      `Found job ${JOB_1} "Nightly", created 2026-11-02T08:00:00.000Z.`,
      `Found job ${JOB_1}.`,
      'It is the newest of several jobs that match. Other names: "A", "B", "C".',
      `Found job ${JOB_1}.`,
      'It is the newest of several jobs that match. Other names: "A", "B", "C" and 2 more.',
      `${JOB_1} "Nightly": RUNNING, 30%, 1 min 30 s elapsed, about 3 min 30 s left, next check in 4 s`,
      `${JOB_2}: RUNNING, 0%, 1 min 30 s elapsed`,
      `${JOB_3}: COMPLETED, SUCCESS, 1 min 30 s elapsed`,
      `${JOB_1}: Import Results are missing or incomplete. HTTP 503.`,
      `${JOB_1}: failure after 1 min 30 s. The job failed.`,
    ]);
  });

  const FINISHED = `${JOB_1}: not deleted, because the job is finished (state COMPLETED, result`;
  const WHY = 'HTTP 503 from the server. Check the job in Collibra.';
  it.each<[result: DeleteResult, line: string]>([
    [
      { kind: 'deleted', job: undefined },
      `${JOB_1}: requested deletion. A running import might not stop. Check the job before you import again.`,
    ],
    [{ kind: 'finished', job: aSuccess() }, `${FINISHED} SUCCESS).`],
    [{ kind: 'finished', job: aSuccess({ result: '' }) }, `${FINISHED} missing).`],
    [{ kind: 'failed', job: undefined, error: HTTP_503 }, `Warning: ${JOB_1}: could not delete the job. ${WHY}`],
    [
      { kind: 'unconfirmed', job: undefined, error: HTTP_503 },
      `Warning: ${JOB_1}: no confirmation that the job was deleted. ${WHY}`,
    ],
  ])('says what came of a delete: $kind', async (result, line) => {
    expect(await linesOf((log) => log.onDeleteResult(JOB_1, result))).toEqual([line]);
  });

  it('reports a rate limit once, and then only for debugging', async () => {
    const { lines, debug } = await logged((log) => [30_000, 5_000].forEach((ms) => log.onRateLimit(ms)));
    const limit = (time: string) => `The server limits the rate of requests. All requests wait for ${time}.`;
    expect([lines, debug]).toEqual([[limit('30 s')], [limit('5 s')]]);
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
    ['the newest job named "Nightly"', { name: 'Nightly', nameMatch: 'exact' }, 'SUCCESS, ABORTED', ['ABORTED']],
    ['the newest job whose name starts with "N"', { name: 'N', nameMatch: 'start' }, 'SUCCESS', []],
  ])('begins with how long the step waits for %s', async (what, target, accepted, accept) => {
    expect(await linesOf((log) => log.start(settingsOf(target, accept)))).toEqual([
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
        log.onNotFound(QUERY, delayMs, 'Near misses.');
        log.onTransientError(QUERY, HTTP_503, 2_000);
      }
    });
    const notFound = 'Job named "Nightly" not found yet after 5 s.';
    const status = `${JOB_1}: RUNNING, 5 s elapsed, next check in 1 s`;
    const error = (subject: string) => `Transient error for ${subject}: HTTP 503 from the server. Retrying in`;
    const first = [status, `${error(JOB_1)} 2 s.`, `Transient error for ${JOB_1}: HTTP 502 from the server.`];
    const last = `${error(QUERY)} 2 s.`;
    const final = 'Job named "Nightly" not found after 5 s. Near misses.';
    expect(lines).toEqual([...first, `${notFound} Next check in 1 s.`, last, ...first, final, last]);
    expect(debug).toEqual([`${error(JOB_1)} 3 s.`, `${error(JOB_1)} 3 s.`]);
  });

  it('shows of more than three jobs only the ends and new kinds of problems', async () => {
    const ids = [JOB_1, JOB_2, JOB_3, 'the fourth'];
    const { lines, debug } = await logged((log) => {
      log.start(settingsOf({ kind: 'ids', ids }));
      for (const id of ids) {
        log.onPoll(id, aJob({ state: 'PAUSED' }), next(1_000));
        log.onTransientError(id, HTTP_503, 2_000);
      }
      log.onTransientError(JOB_1, HTTP_502, 2_000);
      for (const id of ids) log.onPoll(id, aJob(), next(1_000));
      log.onTransientError(JOB_2, HTTP_503, undefined);
      log.onPoll(JOB_3, aJob({ state: 'FROZEN' }), next(1_000));
      log.onFinished({ ...failure, job: aJob({ name: 'Nightly' }) });
      log.onFinished(aReport({ id: JOB_2, reason: `Job ${JOB_2}.` }));
    });
    expect(lines.slice(1)).toEqual([
      `${UNKNOWN} "PAUSED". Still waiting.`,
      `Transient error for ${JOB_1}: HTTP 503 from the server. Retrying in 2 s.`,
      `Transient error for ${JOB_1}: HTTP 502 from the server. Retrying in 2 s.`,
      `Transient error for ${JOB_2}: HTTP 503 from the server.`,
      `${UNKNOWN.replace(JOB_1, JOB_3)} "FROZEN". Still waiting.`,
      `${JOB_1} "Nightly": failure after 0 s (1 of 4 jobs). The job failed.`,
      `success after 0 s (2 of 4 jobs). Job ${JOB_2}.`,
    ]);
    expect(debug).toHaveLength(4 + 3 + 4 + 1);
  });

  it('makes server text safe', async () => {
    await written(() => maskSecret('sesame-in-the-log'));
    const text = `\n::error::x##[error]\u0000\u202Esesame-in-the-log${'x'.repeat(5_000)}`;
    const job = aJob({ name: text, state: text, result: text });
    const { lines } = await logged(async (log, clock) => {
      log.line(text);
      log.onPoll(JOB_1, job, next(1_000));
      log.onFinished(aReport({ reason: text }));
      log.onFound(text, job, [text]);
      log.onNotFound(text, 1_000, '');
      log.onNotFound(text, undefined, text);
      log.onTransientError(text, transientError(text), 1_000);
      log.onPoll(JOB_2, job, next(1_000));
      await log.heartbeat(cancelAt(clock, 60_500));
    });
    expect(lines).toHaveLength(12);
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

  it('comes every minute with more than three jobs, whatever ends in between', async () => {
    const lines = await linesOf(async (log, clock) => {
      log.start(settingsOf({ kind: 'ids', ids: [JOB_1, JOB_2, JOB_3, 'the fourth'] }));
      for (const seconds of [30, 90])
        clock.at(seconds * 1_000, () => log.onFinished(aReport({ id: seconds === 30 ? JOB_1 : JOB_2 })));
      await log.heartbeat(cancelAt(clock, 120_500));
    });
    expect(lines.slice(1).map((line) => line.split(';')[0])).toEqual([
      `${JOB_1}: success after 30 s (1 of 4 jobs). The job is COMPLETED with SUCCESS.`,
      '1 of 4 jobs finished (worst outcome so far: success)',
      `${JOB_2}: success after 1 min 30 s (2 of 4 jobs). The job is COMPLETED with SUCCESS.`,
      '2 of 4 jobs finished (worst outcome so far: success)',
    ]);
  });

  it('stops immediately at its signal', async () => {
    const clock = new FakeClock();
    expect(await linesOf((log) => log.heartbeat(cancelAt(clock, 12_345)), clock)).toEqual([]);
    expect(clock.sinceStart()).toBe(12_345);
    expect(await linesOf((log) => log.heartbeat(AbortSignal.abort()))).toEqual([]);
  });

  type Event = (log: Log) => void;
  const notFound: Event = (log) => log.onNotFound(QUERY, 90_000, '');
  const found: Event = (log) => log.onFound(QUERY, aJob(), []);

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
      '0 of 4 jobs finished; 2 RUNNING, 1 WAITING, 1 without a status; errors: 1 HTTP 503; 1 min elapsed; next check in 10 s',
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

describe('the failed commands in the log', () => {
  /** The lines of a job with failed commands, without the first, which says how it ended. */
  const groupOf = async (
    firstFailedCommands: readonly FailedCommand[],
    failedCommands = firstFailedCommands.length,
  ) => {
    const importResults = someResults({ failedCommands, firstFailedCommands });
    const report = aReport({ outcome: 'failure', job: aJob({ name: 'Nightly' }), importResults });
    return (await linesOf((log) => log.onFinished(report))).slice(1);
  };
  const many = (n: number, message = 'Odd') => Array.from({ length: n }, (_, index) => command(message, index));
  const TITLE = `failed commands of ${JOB_1} "Nightly"`;

  it('are in a group, those with the same error together, the most frequent first', async () => {
    const odd = { ...command('No type', 7), indices: [1, 2, 3, 4, 5, 6], identifier: '' };
    const nameless = { ...odd, errorType: '', resourceType: '', errorMessage: '', indices: [] };
    const relation = { ...command("No source 'a'."), resourceType: 'RELATION', indices: [3, 0] };
    const commands = [odd, relation, { ...relation, errorMessage: "No source 'b'.", identifier: 'R' }, nameless];
    expect(await groupOf(commands)).toEqual([
      `::group::4 ${TITLE}`,
      "2 × RELATION VALIDATION: No source 'a'.",
      '- [3, 0] asset 0',
      "- [3, 0] R: No source 'b'.",
      '1 × ASSET VALIDATION: No type',
      '- [1, 2, 3, 4, 5, …]',
      '1 × : –',
      '- –',
      '::endgroup::',
    ]);
  });

  const REST = 'The Import Results in Collibra contain all of them, and the errors-file input writes them to a file.';

  it('are fifty, and the log says where the others are', async () => {
    const lines = await groupOf([...many(60), ...many(2, 'Rare')], 2500);
    expect(lines.slice(0, 3)).toEqual([`::group::2,500 ${TITLE}`, '60 × ASSET VALIDATION: Odd', '- [0] asset 0']);
    expect(lines.slice(-7)).toEqual([
      ...['- [48] asset 48', '- … and 11 more', '2 × ASSET VALIDATION: Rare', '- [0] asset 0', '- … and 1 more'],
      `This log shows 50 of 2,500 failed commands, and counts only the first 62. ${REST}`,
      '::endgroup::',
    ]);
  });

  it('are only counted if they could not be read, and without them there is no group', async () => {
    const shown = `This log shows 0 of 7 failed commands. ${REST}`;
    expect(await groupOf([], 7)).toEqual([`::group::7 ${TITLE}`, shown, '::endgroup::']);
    expect(await groupOf([], 0)).toEqual([]);
  });

  it.each([
    ...['::endgroup::', '   ::endgroup::', '##[endgroup]', 'a ##[group]b', '\n::error::x\n', '%0A::endgroup::'],
    ...['\u001B[31m::endgroup::', '\u202E::endgroup::', '\u200D::endgroup::', `${'x'.repeat(1_000_000)}##[endgroup]`],
  ])('are in exactly one group, whatever their texts are: %.40j', async (text) => {
    const fields = { errorType: text, resourceType: text, errorMessage: text, identifier: text };
    const commands = Array.from({ length: 3 }, (_, n) => ({ ...fields, indices: n === 0 ? [1] : [] }));
    const lines = await groupOf([...commands, { ...command(text), identifier: '' }, command('', 2)]);
    const found = lines.flatMap((line) => commandIn(line)?.name ?? []);
    expect(found).toEqual(['group', 'endgroup']);
    expect(lines.at(-1)).toBe('::endgroup::');
    // eslint-disable-next-line no-control-regex -- what must not be there
    for (const line of lines) expect(line).not.toMatch(/[\u0000-\u001F\u202E\u200D]/);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(600);
  });
});
