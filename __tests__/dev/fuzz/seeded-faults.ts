import { theAction, type System } from '../../../dev/fuzz/execute.ts';
import { JOB_NAME, USERS } from '../../../dev/fuzz/generators/jobs.ts';
import type { Fault, FaultRule } from '../../../dev/fuzz/generators/faults.ts';
import type { Scenario } from '../../../dev/fuzz/generators/scenarios.ts';
import type { HttpResponse, HttpRequest, Transport } from '../../../src/collibra/http/transport.ts';
import type { Settings } from '../../../src/inputs.ts';
import { mostSevere, type JobReport, type RunReport } from '../../../src/outcome.ts';
import type { Observer } from '../../../src/polling/observer.ts';
import { Run, type Dependencies } from '../../../src/run.ts';

/** Scenarios in which every poll of a job but the first meets this fault. */
function whereJobs(fault: Fault): (scenario: Scenario) => Scenario {
  return (scenario) => {
    const settings = { ...scenario.settings, credentials: 'bearer' as const };
    return { ...scenario, settings, faults: [rule('job', { nth: 1, times: 1_000 }, fault)] };
  };
}

/** A fault of every job. */
function rule(at: FaultRule['at'], when: FaultRule['when'], fault: Fault): FaultRule {
  return { at, job: undefined, api: undefined, when, fault };
}

/** Scenarios in which jobs finish with errors, and nobody knows how many. */
function whereNobodyCounts(scenario: Scenario): Scenario {
  const jobs = scenario.jobs.map((job) => ({
    ...job,
    phases: job.phases.map((phase) => ({ ...phase, state: 'COMPLETED', result: 'COMPLETED_WITH_ERROR' })),
    imports: { ...job.imports, errorsCount: -1, total: undefined },
  }));
  const settings = { ...scenario.settings, accept: ['COMPLETED_WITH_ERROR'], maxFailedCommands: 5 };
  return { ...scenario, jobs, settings, faults: [] };
}

/** Scenarios in which jobs finish without a result, and Import Results report COMPLETED, but also failures. */
function whereOnlyDetailsFail(details: Partial<Scenario['jobs'][number]['imports']>): (scenario: Scenario) => Scenario {
  return (scenario) => {
    const jobs = scenario.jobs.map((job): Scenario['jobs'][number] => {
      const phases = job.phases.map((phase) => ({ ...phase, state: 'COMPLETED', result: '' }));
      const none = { exists: true, lateMs: 0, state: 'COMPLETED' as const, errorsCount: 0, total: 0 };
      return { ...job, phases, imports: { ...job.imports, ...none, failed: 0, listed: 0, ...details } };
    });
    return { ...scenario, jobs, faults: [] };
  };
}

/** Scenarios with a search among many jobs; the server lists them in any order, and hides some of their dates. */
function whereJobsAreListed(scenario: Scenario): Scenario {
  const { jobs: some } = scenario;
  const jobs = [...some, ...some, ...some].map((job, index): Scenario['jobs'][number] => {
    const createdMs = -((index * 7_919) % 50_000);
    const hides = index % 4 === 1 ? ['createdOn'] : [];
    return { ...job, name: JOB_NAME, user: USERS.wanted, createdMs, onlyIn: undefined, hides };
  });
  const target = { by: 'name' as const, withType: false, withUser: false, lookbackMs: 3_600_000 as const };
  const settings = { ...scenario.settings, target, credentials: 'bearer' as const, jobApi: 'auto' as const };
  return { ...scenario, jobs, settings, server: { ...scenario.server, newestFirst: false }, faults: [] };
}

/** Scenarios with many jobs, and without responses about the first of them from shortly before the deadline on. */
function whereFinalPollsHang(scenario: Scenario): Scenario {
  const many = withManyJobs(scenario);
  const settings = { ...many.settings, deleteUnfinished: true };
  return {
    ...many,
    settings,
    faults: [rule('job', { fromMs: settings.timeoutMs - 1, forMs: 5_000 }, { kind: 'hang' })],
  };
}

/** Scenarios in which deletes follow, and the first of them meet an error. */
function whereDeletesFail(scenario: Scenario): Scenario {
  const faults = [rule('delete', { nth: 0, times: 2 }, { kind: 'status', status: 503 })];
  return { ...scenario, settings: { ...scenario.settings, deleteUnfinished: true }, faults };
}

/** Scenarios in which the server asks for a long delay when Import Results are requested. */
export function whereImportResultsAreLimited(scenario: Scenario): Scenario {
  const retryAfter = { seconds: 10_000, as: 'seconds' as const };
  const faults = [rule('summary', { nth: 0, times: 1 }, { kind: 'status', status: 429, retryAfter })];
  return { ...scenario, settings: { ...scenario.settings, importResults: true }, faults };
}

/** Scenarios in which jobs finish in a state in lower case, which does not exist. */
function whereStatesAreLowerCase(scenario: Scenario): Scenario {
  const jobs = scenario.jobs.map((job) => ({
    ...job,
    phases: job.phases.map((phase) => ({ ...phase, state: 'completed', result: 'SUCCESS' })),
  }));
  return { ...scenario, jobs, faults: [] };
}

/** Scenarios with many jobs at the same time. */
function withManyJobs(scenario: Scenario): Scenario {
  const order = Array.from({ length: 12 }, (_, index) => index);
  const target = { by: 'id' as const, order, upperCase: false, asJson: false };
  const settings = { ...scenario.settings, target, credentials: 'bearer' as const };
  const jobs = order.flatMap((index) => scenario.jobs[index % scenario.jobs.length] ?? []);
  return { ...scenario, settings, jobs, faults: [] };
}

const GREEN = /FALSE GREEN/;
const rejected = (status: number) => whereJobs({ kind: 'status', status, body: 'html' });
const dated = (jobs: readonly object[]) => jobs.filter((job) => 'createdOn' in job);

type Seeded = readonly [name: string, system: System, violation: RegExp, among?: (scenario: Scenario) => Scenario];

/** Actions with one fault each, the violation that the oracle must find, and the scenarios that show it at once. */
export const seededFaults: readonly Seeded[] = [
  ['takes ABORTED for success', withJobs(greenIf(({ result }) => result === 'ABORTED')), GREEN],
  ['takes COMPLETED for success', withJobs(greenIf(({ state }) => state === 'COMPLETED')), GREEN],
  ['takes completed for COMPLETED', withBodies(/"completed"/, '"COMPLETED"'), GREEN, whereStatesAreLowerCase],
  ['takes the response of another job', withTransport(takingAnyId), GREEN, whereJobs({ kind: 'other-job' })],
  ['takes -1 failed commands for one', withBodies(/"errorsCount":-1/, '"errorsCount":1'), GREEN, whereNobodyCounts],
  ['ignores failed counters', withBodies(/"failed":3/, '"failed":0'), GREEN, whereOnlyDetailsFail({ failed: 3 })],
  ['ignores failed commands', withBodies(/\[\{"errorT.*\]/, '[]'), GREEN, whereOnlyDetailsFail({ listed: 3 })],
  ['believes a count of 0', withTransport(believingZero), /nobody asked/, whereOnlyDetailsFail({ listed: 3 })],
  ['takes the first dated match', withListed((jobs) => dated(jobs).slice(0, 1)), /FALSE JOB/, whereJobsAreListed],
  ['passes over a job without a date', withListed(dated), /FALSE JOB/, whereJobsAreListed],
  ['lets all final polls share one time limit', sharesTheFinalPoll, /allowed: another poll/, whereFinalPollsHang],
  ['deletes jobs without another poll', pollsBeforeDeletes(0), /HARM/, whereFinalPollsHang],
  ['repeats a delete without another poll', pollsBeforeDeletes(1), /HARM/, whereDeletesFail],
  ['forgets the final poll', forgetsTheFinalPoll, /timeout .*allowed/],
  ['times out too early', withPolling(({ timeoutMs }) => ({ timeoutMs: 0.8 * timeoutMs })), /allowed/],
  ['times out too late', withPolling(({ timeoutMs }) => ({ timeoutMs: 2 * timeoutMs })), /ends the wait/],
  ['stops at the first transient error', withPolling(() => ({ maxOutageMs: 0 })), /allowed: another poll/],
  [
    'retries transient errors without end',
    withPolling(() => ({ maxOutageMs: Infinity })),
    /transient .* ends the wait/,
  ],
  ['polls too often', withInterval(({ minMs }) => ({ minMs: minMs / 2 })), /shorter than/],
  ['polls too seldom', withInterval(({ maxMs }) => ({ maxMs: 3 * maxMs })), /longer than/],
  ['announces half of the delay', announcesHalf, /announced as/],
  [
    'ignores Retry-After',
    withResponses(() => ({ headers: {} })),
    /Retry-After/,
    whereJobs({ kind: 'status', status: 503, retryAfter: { seconds: 20, as: 'seconds' } }),
  ],
  ['retries a 403', withStatus(403, 503), /although permanent .* ends the wait/, rejected(403)],
  ['retries a 401', withStatus(401, 503), /although unauthorized .* ends the wait/, rejected(401)],
  ['retries a 401 at once', withStatus(401, 403), /shorter than 5000/, rejected(401)],
  ['follows redirects', withTransport(followingRedirects), /a request to https:\/\/elsewhere/],
  [
    'waits for a response without end',
    withTransport(withoutSignal),
    /Endless|takes too long|although (canceled|stopped)/,
  ],
  ['sleeps on when it is canceled', deafClock, /although stopped/],
  ['never asks the other API', withSettings(() => ({ jobApi: 'jobs-v1' })), /requested|allowed|ends the wait/],
  ['polls all jobs at once', withoutSemaphore, /requests at the same time/, withManyJobs],
  ['forgets the message', withJobs(withoutMessage), /^outputs of the decisive job|^output jobs/],
  ['reports the best job', withReport(bestFirst), /although the most severe outcome/],
  ['drops a job', withReport((report) => ({ ...report, jobs: report.jobs.slice(1) })), /not the jobs/],
];

function withSettings(change: (settings: Settings) => Partial<Settings>): System {
  return (settings, dependencies) => new Run({ ...settings, ...change(settings) }, dependencies);
}

function withPolling(change: (polling: Settings['polling']) => Partial<Settings['polling']>): System {
  return withSettings(({ polling }) => ({ polling: { ...polling, ...change(polling) } }));
}

type Interval = Settings['polling']['interval'];

function withInterval(change: (interval: Interval) => Partial<Interval>): System {
  return withPolling(({ interval }) => ({ interval: { ...interval, ...change(interval) } }));
}

type Send = Transport['send'];

function withTransport(change: (send: Send) => Send): System {
  return (settings, dependencies) => {
    const send: Send = (request, signal) => dependencies.transport.send(request, signal);
    return new Run(settings, { ...dependencies, transport: { send: change(send) } });
  };
}

function withResponses(change: (response: HttpResponse, request: HttpRequest) => Partial<HttpResponse>): System {
  return withTransport((send) => async (request, signal) => {
    const response = await send(request, signal);
    return { ...response, ...change(response, request) };
  });
}

function withBodies(pattern: RegExp, replacement: string): System {
  return withResponses(({ body }) => ({ body: body.replace(pattern, replacement) }));
}

/** Without paging: what Find jobs lists on its first page is all. */
function withListed(change: (jobs: readonly object[]) => readonly object[]): System {
  return withResponses(({ body }, { url }) => {
    if (!url.includes('/rest/jobs/v1/jobs?')) return {};
    return { body: JSON.stringify({ results: change((JSON.parse(body) as { results: object[] }).results) }) };
  });
}

/** Takes a count of 0 in the summary for an empty list. */
function believingZero(send: Send): Send {
  const empty = { status: 200, headers: {}, body: '{"total":0,"results":[]}' };
  return (request, signal) => (request.url.includes('/errors') ? Promise.resolve(empty) : send(request, signal));
}

/** Sends no request any more when the deadline was 9 s ago. */
function sharesTheFinalPoll(...[settings, dependencies]: Parameters<System>): ReturnType<System> {
  const { clock, startMs } = dependencies;
  const endMs = startMs + settings.polling.timeoutMs + 9_000;
  const tooLate = () => Promise.reject(Object.assign(new Error('too late'), { code: 'ETIMEDOUT' }));
  const inTime = withTransport(
    (send) =>
      (...args) =>
        clock.now() < endMs ? send(...args) : tooLate(),
  );
  return inTime(settings, dependencies);
}

/** Asks for each job only so often before it is deleted: from then on all are running. */
function pollsBeforeDeletes(times: number): System {
  return (settings, dependencies) => {
    const polls = new Map<string, number>();
    let isOver = false;
    const polling = withTransport((send) => (request, signal) => {
      const { method, url } = request;
      const n = polls.get(url) ?? 0;
      if (isOver) polls.set(url, n + 1);
      if (!isOver || method !== 'GET' || n < times) return send(request, signal);
      const body = JSON.stringify({ id: /[^/]+$/.exec(url)?.[0], state: 'RUNNING' });
      return Promise.resolve({ status: 200, headers: {}, body });
    });
    const over = (report: RunReport) => ((isOver = true), report);
    return withReport(over, polling)(settings, dependencies);
  };
}

function withStatus(actual: number, taken: number): System {
  return withResponses(({ status }) => ({ status: status === actual ? taken : status }));
}

function takingAnyId(send: Send): Send {
  return async (request, signal) => {
    const response = await send(request, signal);
    const id = /\/jobs\/([^/]+)$/.exec(request.url)?.[1];
    return id === undefined ? response : { ...response, body: response.body.replace(/"id":"[^"]*"/, `"id":"${id}"`) };
  };
}

function followingRedirects(send: Send): Send {
  return async (request, signal) => {
    const response = await send(request, signal);
    const { location } = response.headers;
    return location === undefined ? response : send({ ...request, url: location }, signal);
  };
}

function withoutSignal(send: Send): Send {
  return (request) => send(request, new AbortController().signal);
}

function deafClock(settings: Settings, dependencies: Dependencies): Run {
  const { clock } = dependencies;
  const [now, date, random] = [() => clock.now(), () => clock.date(), () => clock.random()];
  return new Run(settings, { ...dependencies, clock: { now, date, random, sleep: (ms) => clock.sleep(ms) } });
}

function announcesHalf(settings: Settings, dependencies: Dependencies): Run {
  const { observer } = dependencies;
  const onPoll: Observer['onPoll'] = (id, job, next) =>
    observer.onPoll(id, job, next && { ...next, delayMs: next.delayMs / 2 });
  return new Run(settings, { ...dependencies, observer: { ...observer, onPoll } });
}

function withReport(change: (report: RunReport) => RunReport, system = theAction): System {
  return (settings, dependencies) => {
    const run = system(settings, dependencies);
    return {
      report: async (signal) => change(await run.report(signal)),
      deleteUnfinished: (...args) => run.deleteUnfinished(...args),
    };
  };
}

function withJobs(change: (job: JobReport) => JobReport): System {
  return withReport((report) => {
    const jobs = report.jobs.map(change);
    const outcome = report.outcome === 'cancelled' || jobs.length === 0 ? report.outcome : undefined;
    return { ...report, jobs, outcome: outcome ?? mostSevere(jobs.map((job) => job.outcome)) };
  });
}

function greenIf(isGreen: (job: NonNullable<JobReport['job']>) => boolean): (report: JobReport) => JobReport {
  return (report) =>
    report.outcome === 'failure' && report.job && isGreen(report.job) ? { ...report, outcome: 'success' } : report;
}

function withoutMessage(report: JobReport): JobReport {
  return report.job ? { ...report, job: { ...report.job, message: '' } } : report;
}

function bestFirst(report: RunReport): RunReport {
  return { ...report, outcome: report.jobs.at(-1)?.outcome ?? report.outcome };
}

/** Stops a moment before the time is up, and calls that a timeout. */
function forgetsTheFinalPoll(settings: Settings, dependencies: Dependencies): ReturnType<System> {
  const run = new Run(settings, dependencies);
  const timedOut = (job: JobReport): JobReport => (job.outcome === 'cancelled' ? { ...job, outcome: 'timeout' } : job);
  return {
    deleteUnfinished: (...args) => run.deleteUnfinished(...args),
    report: async (signal) => {
      const over = new AbortController();
      void dependencies.clock.sleep(settings.polling.timeoutMs - 1, signal).then(() => over.abort());
      const report = await run.report(AbortSignal.any([signal, over.signal]));
      if (signal.aborted || !over.signal.aborted) return report;
      const jobs = report.jobs.map(timedOut);
      return { ...report, jobs, outcome: mostSevere([...jobs.map(({ outcome }) => outcome), 'timeout']) };
    },
  };
}

/** One run for each job, none of which knows of the others. */
function withoutSemaphore(settings: Settings, dependencies: Dependencies): ReturnType<System> {
  const { target } = settings;
  if (target.kind === 'name') return new Run(settings, dependencies);
  const runs = target.ids.map((id) => new Run({ ...settings, target: { kind: 'ids', ids: [id] } }, dependencies));
  return {
    deleteUnfinished: () => Promise.resolve(),
    report: async (signal) => {
      const reports = await Promise.all(runs.map((run) => run.report(signal)));
      const outcome = mostSevere(reports.map((report) => report.outcome));
      return { outcome, jobs: reports.flatMap(({ jobs }) => jobs) };
    },
  };
}
