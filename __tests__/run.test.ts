import { describe, expect, it } from '@jest/globals';

import type { FailedCommand } from '../src/collibra/import-results.ts';
import { readSettings, type Settings } from '../src/inputs.ts';
import type { JobReport, RunReport } from '../src/outcome.ts';
import { Run } from '../src/run.ts';
import { shorten } from '../src/text.ts';
import { canceledAt, neverCanceled, recordingObserver } from './polling/support.ts';
import { FakeClock, START_DATE, START_MS } from './support/fake-clock.ts';
import { FakeTransport, json, lines, type Reply, text } from './support/http.ts';
import { aJob, aReport, aSuccess, JOB_1, JOB_2, JOB_3 } from './support/jobs.ts';

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
  /** What the server replies to a request for a path, at a time in milliseconds since the start. */
  readonly reply: (path: string, at: number) => Reply;
  readonly takesMs?: number;
  readonly wantsAllCommands?: boolean;
}

/** A run against a server without a network, and what it reports. */
function aRun({ inputs, reply, takesMs = 0, wantsAllCommands = false }: Scene) {
  const clock = new FakeClock();
  const { observer, events } = recordingObserver(clock);
  const tokens: string[] = [];
  const commands: { jobId: string; commands: readonly FailedCommand[] }[] = [];
  const transport = new FakeTransport(
    clock,
    ({ url }) => reply(new URL(url).pathname.replace('/c/', '/'), clock.sinceStart()),
    takesMs,
  );
  const run = new Run(settingsOf(inputs), {
    transport,
    clock,
    startMs: START_MS,
    redactAndTruncate: shorten,
    observer,
    onToken: (token) => void tokens.push(`${token} before request ${transport.requests.length + 1}`),
    onFailedCommands: wantsAllCommands ? (jobId, some) => commands.push({ jobId, commands: some }) : undefined,
  });
  /** What happened, as lines such as `1000 error JOB HTTP 503, next in 1000`. */
  const log = () =>
    events.map(({ at, what, subject, value, delay }) =>
      [at, what, subject, value].join(' ').concat(delay === undefined ? '' : `, next in ${delay}`),
    );
  return { run, clock, log, tokens, transport, commands };
}

const success = { state: 'COMPLETED', result: 'SUCCESS' };
const running = { state: 'RUNNING' };
const idOf = (path: string) => path.split('/').at(-1);
const outcomes = ({ jobs }: RunReport) => jobs.map(({ outcome }) => outcome);

describe('a run for jobs by their IDs', () => {
  it('waits for all of them, and has the most severe outcome', async () => {
    const { run, log } = aRun({
      inputs: { 'job-id': `${JOB_1} ${JOB_2}` },
      reply: (path) => json({ id: idOf(path), ...(path.includes(JOB_2) ? { state: 'FAILED' } : success) }),
    });
    const report = await run.report(neverCanceled());
    expect(report.outcome).toBe('failure');
    expect(report).not.toHaveProperty('reason');
    expect(report.jobs.map(({ id, outcome }) => [id, outcome])).toEqual([
      [JOB_1, 'success'],
      [JOB_2, 'failure'],
    ]);
    expect(log()).toEqual([
      `0 poll ${JOB_1} COMPLETED`,
      `0 poll ${JOB_2} FAILED`,
      `0 finished ${JOB_1} success`,
      `0 finished ${JOB_2} failure`,
    ]);
  });

  it('uses the credentials, the API and the timeout of the settings', async () => {
    const { run, transport, clock } = aRun({
      inputs: { 'job-id': JOB_1, 'job-api': 'core-2.0', 'timeout-minutes': '.05' },
      reply: () => json({ id: JOB_1, ...running }),
    });
    expect((await run.report(neverCanceled())).outcome).toBe('timeout');
    expect(clock.sinceStart()).toBe(3_000);
    expect(new Set(lines(transport))).toEqual(new Set([`GET /rest/2.0/jobs/${JOB_1}`]));
    expect(transport.requests[0]?.headers['authorization']).toBe('Bearer t');
  });

  it.each([
    ['', 'failure'],
    ['ABORTED', 'accepted'],
  ])('uses the policy of the settings: with accept %j, ABORTED is %s', async (accept, outcome) => {
    const { run } = aRun({
      inputs: { 'job-id': JOB_1, accept },
      reply: () => json({ id: JOB_1, state: 'COMPLETED', result: 'ABORTED' }),
    });
    expect((await run.report(neverCanceled())).outcome).toBe(outcome);
  });

  it('retries transient errors and reports them', async () => {
    const { run, log } = aRun({
      inputs: { 'job-id': JOB_1 },
      reply: (_, at) => (at < 1_500 ? text('', 503) : json({ id: JOB_1, ...success })),
    });
    expect((await run.report(neverCanceled())).outcome).toBe('success');
    expect(log().slice(0, 2)).toEqual([
      `0 error ${JOB_1} HTTP 503, next in 1000`,
      `1000 error ${JOB_1} HTTP 503, next in 1000`,
    ]);
  });

  it('is canceled for all of them at once', async () => {
    const { run, clock } = aRun({
      inputs: { 'job-id': `${JOB_1} ${JOB_2}` },
      reply: (path) => json({ id: idOf(path), ...(path.includes(JOB_1) ? success : running) }),
    });
    const report = await run.report(canceledAt(clock, 4_321));
    expect(clock.sinceStart()).toBe(4_321);
    expect(report.outcome).toBe('cancelled');
    expect(outcomes(report)).toEqual(['success', 'cancelled']);
    expect(report).not.toHaveProperty('reason');
  });

  it('is canceled even if all of them have just finished', async () => {
    const { run, clock } = aRun({
      inputs: { 'job-id': JOB_1, 'import-results': 'true' },
      reply: (path) => (path.startsWith(V1) ? json({ id: JOB_1, ...success }) : undefined),
    });
    const report = await run.report(canceledAt(clock, 500));
    expect(report).toMatchObject({
      outcome: 'cancelled',
      reason: 'Canceled after the jobs finished. Their outcomes are final, but the step fails.',
    });
    expect(outcomes(report)).toEqual(['success']);
  });

  it('polls each of a hundred jobs a last time, although only some can be polled at once', async () => {
    const ids = Array.from({ length: 100 }, (_, n) => JOB_1.slice(0, -3) + String(100 + n));
    const { run, clock } = aRun({
      inputs: { 'job-id': ids.join(' '), 'timeout-minutes': '1', 'max-interval-seconds': '60' },
      reply: (path, at) => json({ id: idOf(path), ...(at < 57_000 ? running : success) }),
      takesMs: 1_200,
    });
    expect(new Set(outcomes(await run.report(neverCanceled())))).toEqual(new Set(['success']));
    expect(clock.sinceStart()).toBeGreaterThan(70_000);
  });

  it('ends although no final poll has a response', async () => {
    const ids = Array.from({ length: 9 }, (_, n) => JOB_1.slice(0, -1) + String(n));
    const { run, clock } = aRun({
      inputs: { 'job-id': ids.join(' '), 'timeout-minutes': '1' },
      reply: (path, at) => (at < 30_000 ? json({ id: idOf(path), ...running }) : undefined),
    });
    expect((await run.report(neverCanceled())).outcome).toBe('timeout');
    expect(clock.sinceStart()).toBe(80_000);
  });
});

it('a run with client credentials requests one token for all jobs, and reports it before it is used', async () => {
  const { run, tokens, transport } = aRun({
    inputs: { 'job-id': `${JOB_1} ${JOB_2}`, token: '', 'client-id': 'c', 'client-secret': 's' },
    reply: (path) =>
      path.endsWith('/token') ? json({ access_token: 'a-token' }) : json({ id: idOf(path), ...success }),
  });
  expect((await run.report(neverCanceled())).outcome).toBe('success');
  expect(tokens).toEqual(['a-token before request 2']);
  expect(lines(transport)).toEqual(['POST /rest/oauth/v2/token', `GET ${V1}/${JOB_1}`, `GET ${V1}/${JOB_2}`]);
  expect(transport.requests[2]?.headers['authorization']).toBe('Bearer a-token');
});

describe('a run for a job by its name', () => {
  const inputs = { 'job-name': 'Nightly', 'job-type': 'IMPORT' };
  const query = 'job named "Nightly" of type IMPORT created at most 1 h before the step started';
  const found = { id: JOB_3, name: 'Nightly', type: 'IMPORT', createdOn: new Date(START_DATE).toISOString() };

  it('searches until the job is there, and then waits for it', async () => {
    const { run, log, transport } = aRun({
      inputs,
      reply: (path, at) =>
        path === V1 ? json({ results: at < 1_500 ? [] : [found] }) : json({ ...found, ...success }),
    });
    const report = await run.report(neverCanceled());
    expect(report).toMatchObject({ outcome: 'success', jobs: [{ id: JOB_3, outcome: 'success' }] });
    expect(log()).toEqual([
      `0 not found ${query} , next in 1000`,
      `1000 not found ${query} , next in 1000`,
      `2000 found ${query} ${JOB_3}`,
      `2000 poll ${JOB_3} COMPLETED`,
      `2000 finished ${JOB_3} success`,
    ]);
    expect(lines(transport)[0]).toBe(`GET ${V1}?name=Nightly&nameMatchMode=EXACT&type=IMPORT&pageSize=50`);
  });

  it('retries a 404 for some time after the job was found', async () => {
    const { run, clock } = aRun({
      inputs,
      reply: (path, at) => {
        if (path === V1) return json({ results: at < 60_000 ? [] : [found] });
        return at < 70_000 ? text('', 404) : json({ ...found, ...success });
      },
    });
    expect((await run.report(neverCanceled())).outcome).toBe('success');
    expect(clock.sinceStart()).toBe(70_000);
  });

  it('reports a timeout without jobs when the job does not appear', async () => {
    const reply = () => json({ results: [] });
    const { run } = aRun({ inputs: { ...inputs, 'timeout-minutes': '.05' }, reply });
    expect(await run.report(neverCanceled())).toEqual({
      outcome: 'timeout',
      reason: `Found no ${query}. Not finished after 3 s.`,
      jobs: [],
    });
  });

  it('reports an error when the search is refused, after transient errors', async () => {
    const { run, log } = aRun({ inputs, reply: (_, at) => text('', at < 500 ? 503 : 403) });
    expect(await run.report(neverCanceled())).toMatchObject({
      outcome: 'error',
      reason: expect.stringContaining('HTTP 403'),
      jobs: [],
    });
    expect(log()).toEqual([`0 error ${query} HTTP 503, next in 1000`]);
  });

  it('ends its search when it is canceled', async () => {
    const { run, clock } = aRun({ inputs, reply: () => json({ results: [] }) });
    expect(await run.report(canceledAt(clock, 2_500))).toEqual({
      outcome: 'cancelled',
      reason: `Canceled while searching for a ${query}.`,
      jobs: [],
    });
    expect(clock.sinceStart()).toBe(2_500);
  });
});

describe('a run', () => {
  const reply = (path: string) => {
    if (path.startsWith(V1)) return json({ id: JOB_1, state: 'COMPLETED', result: 'COMPLETED_WITH_ERROR' });
    if (path.endsWith('/summary')) return json({ errorsCount: 1, importJobState: 'COMPLETED_WITH_ERRORS' });
    return json({ total: 1, results: [{ errorMessage: 'No such domain' }] });
  };

  it('reads Import Results when import-results is true', async () => {
    const { run, transport } = aRun({ inputs: { 'job-id': JOB_1, 'import-results': 'true' }, reply });
    expect((await run.report(neverCanceled())).jobs[0]?.importResults).toMatchObject({ failedCommands: 1 });
    expect(lines(transport).slice(1)).toEqual([
      `GET ${RESULTS}/${JOB_1}/summary`,
      `GET ${RESULTS}/${JOB_1}/errors?offset=0&limit=1000&countLimit=-1`,
    ]);
  });

  it('does not read Import Results when import-results is false', async () => {
    const { run, transport } = aRun({ inputs: { 'job-id': JOB_1 }, reply });
    await run.report(neverCanceled());
    expect(lines(transport)).toEqual([`GET ${V1}/${JOB_1}`]);
  });

  it('reads Import Results when somebody wants all failed commands', async () => {
    const { run, commands } = aRun({ inputs: { 'job-id': JOB_1 }, reply, wantsAllCommands: true });
    await run.report(neverCanceled());
    expect(commands).toMatchObject([{ jobId: JOB_1, commands: [{ errorMessage: 'No such domain' }] }]);
  });

  it('reports why Import Results cannot be read', async () => {
    const { run, log } = aRun({
      inputs: { 'job-id': JOB_1, 'import-results': 'true' },
      reply: (path) => (path.startsWith(V1) ? json({ id: JOB_1, ...success }) : text('', 403)),
    });
    expect((await run.report(neverCanceled())).outcome).toBe('success');
    expect(log()[1]).toMatch(new RegExp(`^0 unavailable ${JOB_1} HTTP 403 from`));
  });
});

describe('deleting', () => {
  async function deleteJobs(
    jobs: readonly JobReport[],
    scene: Partial<Scene> = {},
    timeoutMs = 5_000,
    outcome: 'timeout' | 'cancelled' = 'timeout',
  ) {
    const scenery = aRun({ inputs: { 'job-id': JOB_1 }, reply: () => text('', 204), ...scene });
    const responses: [string, string | undefined][] = [];
    await scenery.run.deleteUnfinished({ outcome, jobs }, 'why & where', timeoutMs, (id, error) =>
      responses.push([id, error?.message]),
    );
    return { ...scenery, responses };
  }

  const unfinished = (id: string, outcome: 'timeout' | 'cancelled' = 'timeout') =>
    aReport({ id, outcome, job: aJob({ id }) });

  it('requests the unfinished jobs, concurrently', async () => {
    const jobs = [unfinished(JOB_1), aReport({ id: JOB_2, job: aSuccess() }), unfinished(JOB_3, 'cancelled')];
    const { responses, transport, clock } = await deleteJobs(jobs, { takesMs: 1_000 });
    expect(lines(transport)).toEqual([
      `DELETE ${V1}/${JOB_1}?message=why+%26+where`,
      `DELETE ${V1}/${JOB_3}?message=why+%26+where`,
    ]);
    expect(responses).toEqual([
      [JOB_1, undefined],
      [JOB_3, undefined],
    ]);
    expect(clock.sinceStart()).toBe(1_000);
  });

  it.each<[outcome: JobReport['outcome'], state: string | undefined, result: string, requests: number]>([
    ['success', 'RUNNING', 'NOT_SET', 0],
    ['accepted', 'RUNNING', 'NOT_SET', 0],
    ['failure', 'RUNNING', 'NOT_SET', 0],
    ['error', 'RUNNING', 'NOT_SET', 0],
    ['cancelled', 'COMPLETED', 'ABORTED', 0],
    ['cancelled', 'COMPLETED', 'NOT_SET', 0],
    ['cancelled', 'FAILED', '', 0],
    ['cancelled', 'WAITING', 'NOT_SET', 1],
    ['cancelled', 'RUNNING', 'NOT_SET', 1],
    ['cancelled', 'CANCELING', 'NOT_SET', 1],
    ['cancelled', 'PAUSED', 'NOT_SET', 1],
    ['timeout', undefined, '', 1],
  ])('a job with outcome %s in state %s with result %j sends %d requests', async (outcome, state, result, n) => {
    const job = state === undefined ? {} : { job: aJob({ state, result }) };
    const { transport } = await deleteJobs([aReport({ outcome, ...job })], {}, 5_000, 'cancelled');
    expect(transport.requests).toHaveLength(n);
  });

  it('reports each job that Collibra does not delete', async () => {
    const reply = (path: string) => (path.includes(JOB_1) ? json({ userMessage: 'Not your job' }, 403) : text('', 204));
    const { responses, transport } = await deleteJobs([unfinished(JOB_1), unfinished(JOB_2)], { reply });
    expect(responses).toHaveLength(2);
    expect(responses).toContainEqual([JOB_1, expect.stringContaining('Not your job')]);
    expect(responses).toContainEqual([JOB_2, undefined]);
    // A permanent error is not retried.
    expect(transport.times).toEqual([0, 0]);
  });

  it('retries transient errors with growing delays', async () => {
    const reply = (_: string, at: number) => text('', at < 7_000 ? 503 : 204);
    const { responses, transport } = await deleteJobs([unfinished(JOB_1)], { reply }, 20_000);
    expect(transport.times).toEqual([0, 250, 750, 1_750, 3_750, 7_750]);
    expect(responses).toEqual([[JOB_1, undefined]]);
  });

  it('does not retry beyond its timeout', async () => {
    const { responses, transport } = await deleteJobs([unfinished(JOB_1)], { reply: () => text('', 503) }, 3_000);
    expect(transport.times).toEqual([0, 250, 750, 1_750]);
    expect(responses).toEqual([[JOB_1, expect.stringContaining('HTTP 503')]]);
  });

  it('takes no longer than its timeout', async () => {
    const { responses, clock } = await deleteJobs([unfinished(JOB_1)], { reply: () => undefined }, 3_000);
    expect(clock.sinceStart()).toBe(3_000);
    expect(responses).toEqual([[JOB_1, expect.stringMatching(/^No response from .* within 3 s\./)]]);
  });
});
