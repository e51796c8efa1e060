import { describe, expect, it } from '@jest/globals';

import type { FailedCommand } from '../src/collibra/import-results.ts';
import { readSettings } from '../src/inputs.ts';
import type { RunReport } from '../src/outcome.ts';
import type { DeleteResult } from '../src/polling/delete-jobs.ts';
import { Run } from '../src/run.ts';
import { shorten } from '../src/text.ts';
import { recordingObserver } from './polling/support.ts';
import { FakeClock, START_DATE, START_MS } from './support/fake-clock.ts';
import { FakeTransport, json, lines, type Reply, text } from './support/http.ts';
import { JOB_1, JOB_2, JOB_3 } from './support/jobs.ts';
import { cancelAt, noCancel } from './support/waiting.ts';

const V1 = '/rest/jobs/v1/jobs';
const RESULTS = '/rest/2.0/import/results';

type Inputs = Readonly<Record<string, string>>;
/** What the server replies to a request for a path, at a time in milliseconds since the start. */
type Responder = (path: string, at: number, method: string) => Reply;

/** A run for JOB_1 against a server without a network, and what it reports. */
function aRun(inputs: Inputs, respond: Responder, { takesMs = 0, wantsAllCommands = false } = {}) {
  const target: Inputs = 'job-name' in inputs ? {} : { 'job-id': JOB_1 };
  const speed = { 'import-results': 'false', 'max-interval-seconds': '1' };
  const all: Inputs = { url: 'https://acme.example/c', token: 't', ...target, ...speed, ...inputs };
  const settings = readSettings((name) => all[name] ?? '');
  if ('errors' in settings) throw new Error(settings.errors.join('\n'));
  const clock = new FakeClock();
  const { observer, events } = recordingObserver(clock);
  const commands: { jobId: string; commands: readonly FailedCommand[] }[] = [];
  const reply = ({ url, method }: { url: string; method: string }) =>
    respond(new URL(url).pathname.replace('/c/', '/'), clock.sinceStart(), method);
  const transport = new FakeTransport(clock, reply, takesMs);
  const run = new Run(settings, {
    transport,
    clock,
    startMs: START_MS,
    redactAndTruncate: shorten,
    observer,
    onSecret: () => undefined,
    onFailedCommands: wantsAllCommands ? (jobId, some) => commands.push({ jobId, commands: some }) : undefined,
  });
  /** What happened, as lines such as `1000 error JOB HTTP 503, next in 1000`. */
  const log = () =>
    events.map(({ at, what, subject, value, delay }) =>
      [at, what, subject, value].join(' ').concat(delay === undefined ? '' : `, next in ${delay}`),
    );
  return { run, clock, log, transport, commands, report: () => run.report(noCancel()) };
}

const success = { state: 'COMPLETED', result: 'SUCCESS' };
const running = { state: 'RUNNING' };
const TWO = { 'job-id': `${JOB_1} ${JOB_2}` };
/** The response about a job whose ID ends the path. */
const aboutJob = (path: string, fields: object) => json({ id: path.split('/').at(-1), ...fields });
const outcomes = ({ jobs }: RunReport) => jobs.map(({ outcome }) => outcome);

describe('a run for jobs by their IDs', () => {
  it('waits for all of them, and has the most severe outcome', async () => {
    const { report, log } = aRun(TWO, (path) => aboutJob(path, path.includes(JOB_2) ? { state: 'FAILED' } : success));
    const done = await report();
    const jobs = [
      { id: JOB_1, outcome: 'success' },
      { id: JOB_2, outcome: 'failure' },
    ];
    expect(done).toMatchObject({ outcome: 'failure', jobs });
    expect(done).not.toHaveProperty('reason');
    expect(log()).toEqual([
      `0 poll ${JOB_1} COMPLETED`,
      `0 poll ${JOB_2} FAILED`,
      `0 finished ${JOB_1} success`,
      `0 finished ${JOB_2} failure`,
    ]);
  });

  it('uses the credentials, the API and the timeout of the settings', async () => {
    const inputs = { 'job-api': 'core-2.0', 'timeout-minutes': '.05' };
    const { report, transport, clock } = aRun(inputs, (path) => aboutJob(path, running));
    expect((await report()).outcome).toBe('timeout');
    expect(clock.sinceStart()).toBe(3_000);
    expect(new Set(lines(transport))).toEqual(new Set([`GET /rest/2.0/jobs/${JOB_1}`]));
    expect(transport.requests[0]?.headers['authorization']).toBe('Bearer t');
  });

  it('is canceled for all of them at once', async () => {
    const { run, clock } = aRun(TWO, (path) => aboutJob(path, path.includes(JOB_1) ? success : running));
    const report = await run.report(cancelAt(clock, 4_321));
    expect(clock.sinceStart()).toBe(4_321);
    expect(report.outcome).toBe('cancelled');
    expect(outcomes(report)).toEqual(['success', 'cancelled']);
    expect(report).not.toHaveProperty('reason');
  });

  it('is canceled even if all of them have just finished', async () => {
    const respond = (path: string) => (path.startsWith(V1) ? aboutJob(path, success) : undefined);
    const { run, clock } = aRun({ 'import-results': 'true' }, respond);
    const reason = 'Canceled after the jobs finished. Their outcomes are final, but the step fails.';
    const expected = { outcome: 'cancelled', reason, jobs: [{ outcome: 'success' }] };
    expect(await run.report(cancelAt(clock, 500))).toMatchObject(expected);
  });

  it('ends although no final poll has a response', async () => {
    const nine = Array.from({ length: 9 }, (_, i) => JOB_1.slice(0, -1) + String(i)).join(' ');
    const inputs = { 'job-id': nine, 'timeout-minutes': '1' };
    const { report, clock } = aRun(inputs, (path, at) => (at < 30_000 ? aboutJob(path, running) : undefined));
    expect((await report()).outcome).toBe('timeout');
    expect(clock.sinceStart()).toBe(80_000);
  });
});

describe('a run for a job by its name', () => {
  const inputs = { 'job-name': 'Nightly', 'job-type': 'IMPORT' };
  const query = 'job named "Nightly" of type IMPORT created at most 1 h before the step started';
  const found = { id: JOB_3, name: 'Nightly', type: 'IMPORT', createdOn: new Date(START_DATE).toISOString() };
  const foundAfter = (ms: number, at: number) => json({ results: at < ms ? [] : [found] });

  it('searches until the job is there, and then waits for it', async () => {
    const respond: Responder = (path, at) => (path === V1 ? foundAfter(1_500, at) : json({ ...found, ...success }));
    const { report, log, transport } = aRun(inputs, respond);
    expect(await report()).toMatchObject({ outcome: 'success', jobs: [{ id: JOB_3, outcome: 'success' }] });
    expect(log()).toEqual([
      `0 not found ${query} , next in 1000`,
      `1000 not found ${query} , next in 1000`,
      `2000 found ${query} ${JOB_3}`,
      `2000 poll ${JOB_3} COMPLETED`,
      `2000 finished ${JOB_3} success`,
    ]);
    expect(lines(transport)[0]).toBe(`GET ${V1}?name=Nightly&nameMatchMode=EXACT&type=IMPORT&pageSize=50`);
  });

  it('reports a timeout without jobs when the job does not appear', async () => {
    const { report } = aRun({ ...inputs, 'timeout-minutes': '.05' }, () => json({ results: [] }));
    const reason = expect.stringContaining(`Found no ${query}. Not finished after 3 s. Collibra listed no job of`);
    expect(await report()).toEqual({ outcome: 'timeout', reason, jobs: [] });
  });

  it('reports an error when the search is forbidden, after transient errors', async () => {
    const { report, log } = aRun(inputs, (_, at) => text('', at < 500 ? 503 : 403));
    expect(await report()).toEqual({ outcome: 'error', reason: expect.stringContaining('HTTP 403'), jobs: [] });
    expect(log()).toEqual([`0 error ${query} HTTP 503, next in 1000`]);
  });

  it('ends its search when it is canceled', async () => {
    const { run, clock } = aRun(inputs, () => json({ results: [] }));
    const reason = `Canceled while searching for a ${query}.`;
    expect(await run.report(cancelAt(clock, 2_500))).toEqual({ outcome: 'cancelled', reason, jobs: [] });
    expect(clock.sinceStart()).toBe(2_500);
  });
});

describe('a run', () => {
  const respond = (path: string) => {
    if (path.startsWith(V1)) return aboutJob(path, { state: 'COMPLETED', result: 'COMPLETED_WITH_ERROR' });
    if (path.endsWith('/summary')) return json({ errorsCount: 1, importJobState: 'COMPLETED_WITH_ERRORS' });
    return json({ total: 1, results: [{ errorMessage: 'No such domain' }] });
  };

  it('reads Import Results when import-results is true', async () => {
    const { report, transport } = aRun({ 'import-results': 'true' }, respond);
    expect((await report()).jobs[0]?.importResults).toMatchObject({ failedCommands: 1 });
    expect(lines(transport).slice(1)).toEqual([
      `GET ${RESULTS}/${JOB_1}/summary`,
      `GET ${RESULTS}/${JOB_1}/errors?offset=0&limit=1000&countLimit=-1`,
    ]);
  });

  it('reads no Import Results when import-results is false, unless somebody wants all failed commands', async () => {
    const unread = aRun({}, respond);
    await unread.report();
    expect(lines(unread.transport)).toEqual([`GET ${V1}/${JOB_1}`]);
    const { report, commands } = aRun({}, respond, { wantsAllCommands: true });
    await report();
    expect(commands).toMatchObject([{ jobId: JOB_1, commands: [{ errorMessage: 'No such domain' }] }]);
  });

  it('reports why Import Results cannot be read', async () => {
    const forbidden = (path: string) => (path.startsWith(V1) ? aboutJob(path, success) : text('', 403));
    const { report, log } = aRun({ 'import-results': 'true' }, forbidden);
    expect((await report()).outcome).toBe('success');
    expect(log()[1]).toMatch(new RegExp(`^0 unavailable ${JOB_1} HTTP 403 from`));
  });
});

describe('the deletion of jobs', () => {
  async function deleteJobs(ids: readonly string[], respond: Responder) {
    const scene = aRun({}, respond, { takesMs: 1_000 });
    const results: [string, DeleteResult][] = [];
    const onResult = (id: string, result: DeleteResult) => results.push([id, result]);
    await scene.run.deleteJobs(ids, { message: 'why & where', timeoutMs: 5_000, onResult });
    return { ...scene, results };
  }

  it('polls each once more, and is concurrent', async () => {
    const respond: Responder = (path, _, method) => (method === 'GET' ? aboutJob(path, running) : text('', 204));
    const { results, transport, clock } = await deleteJobs([JOB_1, JOB_3], respond);
    expect(lines(transport)).toEqual([
      `GET ${V1}/${JOB_1}`,
      `GET ${V1}/${JOB_3}`,
      `DELETE ${V1}/${JOB_1}?message=why+%26+where`,
      `DELETE ${V1}/${JOB_3}?message=why+%26+where`,
    ]);
    expect(results).toMatchObject([JOB_1, JOB_3].map((id) => [id, { kind: 'deleted', job: { id } }]));
    expect(clock.sinceStart()).toBe(2_000);
  });

  it('takes no longer than its timeout', async () => {
    const { results, clock } = await deleteJobs([JOB_1], () => undefined);
    expect(results).toMatchObject([[JOB_1, { kind: 'failed' }]]);
    expect(clock.sinceStart()).toBe(5_000);
  });
});
