import { describe, expect, it } from '@jest/globals';

import type { FailedCommand } from '../src/collibra/import-results.ts';
import type { HttpRequest } from '../src/collibra/http/transport.ts';
import { readSettings, type Settings } from '../src/inputs.ts';
import type { RunReport } from '../src/outcome.ts';
import { Run } from '../src/run.ts';
import { shorten } from '../src/text.ts';
import { FakeClock, START_DATE, START_MS } from './support/fake-clock.ts';
import { FakeTransport, json, lines, type Reply, text } from './support/http.ts';
import { aJob, aReport, aSuccess, JOB_1, JOB_2, JOB_3 } from './support/jobs.ts';
import { cancelAt, noCancel } from './support/waiting.ts';

const V1 = '/rest/jobs/v1/jobs';
const RESULTS = '/rest/2.0/import/results';

function settingsOf(given: Readonly<Record<string, string>>): Settings {
  const all: Readonly<Record<string, string>> = {
    url: 'https://acme.example/c',
    token: 't',
    'import-results': 'false',
    'max-interval-seconds': '1',
    ...given,
  };
  const settings = readSettings((name) => all[name] ?? '');
  if ('errors' in settings) throw new Error(settings.errors.join('\n'));
  return settings;
}

interface Scene {
  readonly inputs: Readonly<Record<string, string>>;
  readonly reply: (path: string, at: number, request: HttpRequest) => Reply;
  readonly takesMs?: number;
  readonly allCommands?: boolean;
}

/** A run against a server without a network, and what it told. */
function aRun({ inputs, reply, takesMs = 0, allCommands = false }: Scene) {
  const clock = new FakeClock();
  const told: string[] = [];
  const commands: { jobId: string; commands: readonly FailedCommand[] }[] = [];
  const transport = new FakeTransport(
    clock,
    (request) => reply(new URL(request.url).pathname.replace('/c/', '/'), clock.sinceStart(), request),
    takesMs,
  );
  const tell = (what: string) => void told.push(`${clock.sinceStart()} ${what}`);
  const run = new Run(settingsOf(inputs), {
    transport,
    clock,
    startMs: START_MS,
    redactAndTruncate: shorten,
    observer: {
      onPoll: (id, job) => tell(`look ${id} ${job.state}`),
      onTransientError: (what, error, pauseMs) => tell(`trouble ${what}: ${error.label}, ${pauseMs}`),
      onFinished: ({ id, outcome }) => tell(`end ${id} ${outcome}`),
      onNotFound: (wanted, pauseMs) => tell(`absent ${wanted}, ${pauseMs}`),
      onFound: (wanted, job) => tell(`found ${job.id} ${wanted}`),
      onNoImportResults: (id, reason) => tell(`no results ${id}: ${reason}`),
      onToken: (token) => tell(`token ${token}`),
    },
    onFailedCommands: allCommands ? (jobId, some) => commands.push({ jobId, commands: some }) : undefined,
  });
  return { run, clock, told, transport, commands };
}

const success = { state: 'COMPLETED', result: 'SUCCESS' };
const idOf = (path: string) => path.split('/').at(-1);

describe('jobs by their ids', () => {
  it('are waited for, and the gravest outcome is that of the run', async () => {
    const { run, told } = aRun({
      inputs: { 'job-id': `${JOB_1} ${JOB_2}` },
      reply: (path) => json({ id: idOf(path), ...(path.includes(JOB_2) ? { state: 'FAILED' } : success) }),
    });
    const report = await run.report(noCancel());
    expect(report.outcome).toBe('failure');
    expect(report).not.toHaveProperty('reason');
    expect(report.jobs.map(({ id, outcome }) => [id, outcome])).toEqual([
      [JOB_1, 'success'],
      [JOB_2, 'failure'],
    ]);
    expect(told).toEqual([
      `0 look ${JOB_1} COMPLETED`,
      `0 look ${JOB_2} FAILED`,
      `0 end ${JOB_1} success`,
      `0 end ${JOB_2} failure`,
    ]);
  });

  it('are looked at with the credentials, the API and the time that were given', async () => {
    const { run, transport, clock } = aRun({
      inputs: { 'job-id': JOB_1, 'job-api': 'core-2.0', 'timeout-minutes': '.05' },
      reply: () => json({ id: JOB_1, state: 'RUNNING' }),
    });
    expect((await run.report(noCancel())).outcome).toBe('timeout');
    expect(clock.sinceStart()).toBe(3_000);
    expect(new Set(lines(transport))).toEqual(new Set([`GET /rest/2.0/jobs/${JOB_1}`]));
    expect(transport.requests[0]?.headers['authorization']).toBe('Bearer t');
  });

  it('are judged by the policy that was given', async () => {
    const scene = (accept: string) =>
      aRun({
        inputs: { 'job-id': JOB_1, accept },
        reply: () => json({ id: JOB_1, state: 'COMPLETED', result: 'ABORTED' }),
      }).run.report(noCancel());
    expect((await scene('')).outcome).toBe('failure');
    expect((await scene('ABORTED')).outcome).toBe('accepted');
  });

  it('are waited for through trouble, which is told', async () => {
    const { run, told } = aRun({
      inputs: { 'job-id': JOB_1 },
      reply: (_, at) => (at < 1_500 ? text('', 503) : json({ id: JOB_1, ...success })),
    });
    expect((await run.report(noCancel())).outcome).toBe('success');
    expect(told.slice(0, 2)).toEqual([
      `0 trouble ${JOB_1}: HTTP 503, 1000`,
      `1000 trouble ${JOB_1}: HTTP 503, 1000`,
    ]);
  });

  it('are cancelled together', async () => {
    const { run, clock } = aRun({
      inputs: { 'job-id': `${JOB_1} ${JOB_2}` },
      reply: (path) => json({ id: idOf(path), ...(path.includes(JOB_1) ? success : { state: 'RUNNING' }) }),
    });
    const report = await run.report(cancelAt(clock, 4_321));
    expect(clock.sinceStart()).toBe(4_321);
    expect(report.outcome).toBe('cancelled');
    expect(report.jobs.map(({ outcome }) => outcome)).toEqual(['success', 'cancelled']);
    expect(report).not.toHaveProperty('reason');
  });

  it('make a cancelled run even if all of them had just ended', async () => {
    const { run, clock } = aRun({
      inputs: { 'job-id': JOB_1, 'import-results': 'true' },
      reply: (path) => (path.startsWith(V1) ? json({ id: JOB_1, ...success }) : undefined),
    });
    const report = await run.report(cancelAt(clock, 500));
    expect(report).toMatchObject({
      outcome: 'cancelled',
      reason: 'Cancelled after the jobs had ended: their outcomes stand, but the step does not pass',
    });
    expect(report.jobs[0]?.outcome).toBe('success');
  });

  it('get a last look each, however many wait for their turns', async () => {
    const ids = Array.from({ length: 100 }, (_, n) => JOB_1.slice(0, -3) + String(100 + n));
    const { run, clock } = aRun({
      inputs: { 'job-id': ids.join(' '), 'timeout-minutes': '1', 'max-interval-seconds': '60' },
      reply: (path, at) => json({ id: idOf(path), ...(at < 57_000 ? { state: 'RUNNING' } : success) }),
      takesMs: 1_200,
    });
    const report = await run.report(noCancel());
    expect(new Set(report.jobs.map(({ outcome }) => outcome))).toEqual(new Set(['success']));
    expect(clock.sinceStart()).toBeGreaterThan(70_000);
  });

  it('that get no answer any more end the run at last', async () => {
    const ids = Array.from({ length: 9 }, (_, n) => JOB_1.slice(0, -1) + String(n));
    const { run, clock } = aRun({
      inputs: { 'job-id': ids.join(' '), 'timeout-minutes': '1' },
      reply: (path, at) => (at < 30_000 ? json({ id: idOf(path), state: 'RUNNING' }) : undefined),
    });
    expect((await run.report(noCancel())).outcome).toBe('timeout');
    expect(clock.sinceStart()).toBe(80_000);
  });
});

describe('a client', () => {
  it('gets one token for all jobs, which is told before it is used', async () => {
    const { run, told, transport } = aRun({
      inputs: { 'job-id': `${JOB_1} ${JOB_2}`, token: '', 'client-id': 'c', 'client-secret': 's' },
      reply: (path) =>
        path.endsWith('/token') ? json({ access_token: 'a-token' }) : json({ id: idOf(path), ...success }),
    });
    expect((await run.report(noCancel())).outcome).toBe('success');
    expect(told[0]).toBe('0 token a-token');
    expect(lines(transport)).toEqual([
      'POST /rest/oauth/v2/token',
      `GET ${V1}/${JOB_1}`,
      `GET ${V1}/${JOB_2}`,
    ]);
    expect(transport.requests[2]?.headers['authorization']).toBe('Bearer a-token');
  });
});

describe('a job by its name', () => {
  const inputs = { 'job-name': 'Nightly', 'job-type': 'IMPORT' };
  const wanted = 'job named "Nightly" of type IMPORT created at most 1 h before the step started';
  const found = { id: JOB_3, name: 'Nightly', type: 'IMPORT', createdOn: new Date(START_DATE).toISOString() };
  const reply = (path: string, at: number) =>
    path === V1 ? json({ results: at < 1_500 ? [] : [found] }) : json({ ...found, ...success });

  it('is looked for until it is there, and then waited for', async () => {
    const { run, told, transport } = aRun({ inputs, reply });
    const report = await run.report(noCancel());
    expect(report).toMatchObject({ outcome: 'success', jobs: [{ id: JOB_3, outcome: 'success' }] });
    expect(told).toEqual([
      `0 absent ${wanted}, 1000`,
      `1000 absent ${wanted}, 1000`,
      `2000 found ${JOB_3} ${wanted}`,
      `2000 look ${JOB_3} COMPLETED`,
      `2000 end ${JOB_3} success`,
    ]);
    expect(lines(transport)[0]).toBe(`GET ${V1}?name=Nightly&nameMatchMode=EXACT&type=IMPORT&pageSize=50`);
  });

  it('may be unknown for a moment after it was found', async () => {
    const { run, clock } = aRun({
      inputs,
      reply: (path, at) => {
        if (path === V1) return json({ results: at < 60_000 ? [] : [found] });
        return at < 70_000 ? text('', 404) : json({ ...found, ...success });
      },
    });
    expect((await run.report(noCancel())).outcome).toBe('success');
    expect(clock.sinceStart()).toBe(70_000);
  });

  it('that does not appear leaves a report without jobs', async () => {
    const { run } = aRun({
      inputs: { ...inputs, 'timeout-minutes': '.05' },
      reply: () => json({ results: [] }),
    });
    expect(await run.report(noCancel())).toEqual({
      outcome: 'timeout',
      reason: `No ${wanted} appeared. Not finished after 3 s`,
      jobs: [],
    });
  });

  it('that can not be looked for is an error, after trouble that was told', async () => {
    const { run, told } = aRun({
      inputs,
      reply: (_, at) => (at < 500 ? text('', 503) : text('', 403)),
    });
    expect(await run.report(noCancel())).toMatchObject({
      outcome: 'error',
      reason: expect.stringContaining('HTTP 403'),
      jobs: [],
    });
    expect(told).toEqual([`0 trouble ${wanted}: HTTP 503, 1000`]);
  });

  it('is looked for until a cancellation', async () => {
    const { run, clock } = aRun({ inputs, reply: () => json({ results: [] }) });
    expect(await run.report(cancelAt(clock, 2_500))).toEqual({
      outcome: 'cancelled',
      reason: `Cancelled while looking for a ${wanted}`,
      jobs: [],
    });
    expect(clock.sinceStart()).toBe(2_500);
  });
});

describe('Import Results', () => {
  const reply = (path: string) => {
    if (path.startsWith(V1)) return json({ id: JOB_1, state: 'COMPLETED', result: 'COMPLETED_WITH_ERROR' });
    if (path.endsWith('/summary')) return json({ errorsCount: 1, importJobState: 'COMPLETED_WITH_ERRORS' });
    return json({ total: 1, results: [{ errorMessage: 'No such domain' }] });
  };

  it('are read where they are wanted', async () => {
    const { run, transport } = aRun({ inputs: { 'job-id': JOB_1, 'import-results': 'true' }, reply });
    expect((await run.report(noCancel())).jobs[0]?.importResults).toMatchObject({ failedCommands: 1 });
    expect(lines(transport).slice(1)).toEqual([
      `GET ${RESULTS}/${JOB_1}/summary`,
      `GET ${RESULTS}/${JOB_1}/errors?offset=0&limit=1000&countLimit=-1`,
    ]);
  });

  it('are not read where they are not', async () => {
    const { run, transport } = aRun({ inputs: { 'job-id': JOB_1 }, reply });
    await run.report(noCancel());
    expect(lines(transport)).toEqual([`GET ${V1}/${JOB_1}`]);
  });

  it('are read for a file of failed commands', async () => {
    const { run, commands } = aRun({ inputs: { 'job-id': JOB_1 }, reply, allCommands: true });
    await run.report(noCancel());
    expect(commands).toMatchObject([{ jobId: JOB_1, commands: [{ errorMessage: 'No such domain' }] }]);
  });

  it('that can not be read are told', async () => {
    const { run, told } = aRun({
      inputs: { 'job-id': JOB_1, 'import-results': 'true' },
      reply: (path) => (path.startsWith(V1) ? json({ id: JOB_1, ...success }) : text('', 403)),
    });
    expect((await run.report(noCancel())).outcome).toBe('success');
    expect(told[1]).toMatch(new RegExp(`^0 no results ${JOB_1}: HTTP 403 from`));
  });
});

describe('deleting', () => {
  async function remove(report: RunReport, scene: Partial<Scene> = {}, boundMs = 5_000) {
    const seen = aRun({ inputs: { 'job-id': JOB_1 }, reply: () => text('', 204), ...scene });
    const answers: [string, string | undefined][] = [];
    await seen.run.deleteUnfinished(report, 'why & where', boundMs, (id, refusal) =>
      answers.push([id, refusal?.message]),
    );
    return { ...seen, answers };
  }

  const left = (id: string, outcome: 'timeout' | 'cancelled' = 'timeout') =>
    aReport({ id, outcome, job: aJob({ id }) });

  it('asks for the jobs that were left unfinished, side by side', async () => {
    const jobs = [left(JOB_1), aReport({ id: JOB_2, job: aSuccess() }), left(JOB_3, 'cancelled')];
    const { answers, transport, clock } = await remove({ outcome: 'timeout', jobs }, { takesMs: 1_000 });
    expect(lines(transport)).toEqual([
      `DELETE ${V1}/${JOB_1}?message=why+%26+where`,
      `DELETE ${V1}/${JOB_3}?message=why+%26+where`,
    ]);
    expect(answers).toEqual([
      [JOB_1, undefined],
      [JOB_3, undefined],
    ]);
    expect(clock.sinceStart()).toBe(1_000);
  });

  it.each(['success', 'accepted', 'failure', 'error'] as const)(
    'leaves a job with outcome %s alone',
    async (outcome) => {
      const { transport } = await remove({ outcome, jobs: [aReport({ outcome, job: aJob() })] });
      expect(transport.requests).toEqual([]);
    },
  );

  it.each([
    ['COMPLETED', 'ABORTED'],
    ['COMPLETED', 'NOT_SET'],
    ['FAILED', ''],
  ])('leaves a job that has ended alone (%s, %j)', async (state, result) => {
    const report = aReport({ outcome: 'cancelled', job: aJob({ state, result }) });
    expect((await remove({ outcome: 'cancelled', jobs: [report] })).transport.requests).toEqual([]);
  });

  it.each(['WAITING', 'RUNNING', 'CANCELING', 'PAUSED'])('takes a job in state %s', async (state) => {
    const report = aReport({ outcome: 'cancelled', job: aJob({ state }) });
    expect((await remove({ outcome: 'cancelled', jobs: [report] })).transport.requests).toHaveLength(1);
  });

  it('takes a job that was never seen', async () => {
    const report = aReport({ outcome: 'cancelled' });
    expect((await remove({ outcome: 'cancelled', jobs: [report] })).transport.requests).toHaveLength(1);
  });

  it('tells of each job that Collibra refuses to delete', async () => {
    const reply = (path: string) =>
      path.includes(JOB_1) ? json({ userMessage: 'Not your job' }, 403) : text('', 204);
    const { answers } = await remove({ outcome: 'timeout', jobs: [left(JOB_1), left(JOB_2)] }, { reply });
    expect(answers).toEqual(
      expect.arrayContaining([
        [JOB_1, expect.stringContaining('Not your job')],
        [JOB_2, undefined],
      ]),
    );
  });

  it('is tried again after passing trouble, at longer and longer intervals', async () => {
    const { answers, transport } = await remove(
      { outcome: 'timeout', jobs: [left(JOB_1)] },
      { reply: (_, at) => text('', at < 7_000 ? 503 : 204) },
      20_000,
    );
    expect(transport.times).toEqual([0, 1_000, 3_000, 7_000]);
    expect(answers).toEqual([[JOB_1, undefined]]);
  });

  it('is not tried again where there is no time left for an answer', async () => {
    const { answers, transport } = await remove(
      { outcome: 'timeout', jobs: [left(JOB_1)] },
      { reply: () => text('', 503) },
      3_000,
    );
    expect(transport.times).toEqual([0, 1_000]);
    expect(answers).toEqual([[JOB_1, expect.stringContaining('HTTP 503')]]);
  });

  it('is not tried again after a final answer', async () => {
    const { transport } = await remove(
      { outcome: 'timeout', jobs: [left(JOB_1)] },
      { reply: () => text('', 403) },
    );
    expect(transport.times).toEqual([0]);
  });

  it('takes no longer than its bound', async () => {
    const { answers, clock } = await remove(
      { outcome: 'timeout', jobs: [left(JOB_1)] },
      { reply: () => undefined },
      3_000,
    );
    expect(clock.sinceStart()).toBe(3_000);
    expect(answers).toEqual([[JOB_1, expect.stringContaining('no answer within 3 s')]]);
  });
});
