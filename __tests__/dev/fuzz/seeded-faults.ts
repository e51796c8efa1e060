import { theAction, type System } from '../../../dev/fuzz/execute.ts';
import { JOB_NAME, USERS } from '../../../dev/fuzz/generators/jobs.ts';
import type { Fault, FaultRule } from '../../../dev/fuzz/generators/faults.ts';
import type { Scenario } from '../../../dev/fuzz/generators/scenarios.ts';
import type { HttpResponse, HttpRequest, Transport } from '../../../src/collibra/http/transport.ts';
import type { Settings } from '../../../src/inputs.ts';
import { mostSevere, type JobReport, type RunReport } from '../../../src/outcome.ts';
import { Run, type Dependencies } from '../../../src/run.ts';

type Among = (scenario: Scenario) => Scenario;
type Change = Partial<Omit<Scenario, 'settings'>> & { readonly settings?: Partial<Scenario['settings']> };
type Job = Scenario['jobs'][number];

/** Scenarios with some parts replaced, in which nothing else goes wrong. */
function where(change: (scenario: Scenario) => Change): Among {
  return (scenario) => {
    const { settings, ...others } = change(scenario);
    return { ...scenario, faults: [], ...others, settings: { ...scenario.settings, ...settings } };
  };
}

/** A fault of every job. */
const rule = (at: FaultRule['at'], when: FaultRule['when'], fault: Fault) =>
  ({ at, job: undefined, api: undefined, when, fault }) satisfies FaultRule;
const seconds = (n: number) => ({ retryAfter: { seconds: n, as: 'seconds' } }) as const;

/** Scenarios in which every poll of a job but the first meets this fault. */
const whereJobs = (fault: Fault) =>
  where(() => ({ settings: { credentials: 'bearer' }, faults: [rule('job', { nth: 1, times: 1_000 }, fault)] }));
const whereStatus = (status: number) => whereJobs({ kind: 'status', status, body: 'html' });
const whereServerIsBusy = whereJobs({ kind: 'status', status: 503, ...seconds(20) });

/** Scenarios in which jobs finish like this. */
function whereJobsEnd(state: string, result: string, imports: Partial<Job['imports']> = {}): Among {
  const ending = (job: Job): Job => {
    const phases = job.phases.map((phase) => ({ ...phase, state, result }));
    return { ...job, phases, imports: Object.assign({ ...job.imports }, imports) };
  };
  const settings = { accept: ['COMPLETED_WITH_ERROR'], maxFailedCommands: 5 };
  return where(({ jobs }) => ({ jobs: jobs.map(ending), settings }));
}
/** They finish with errors, and nobody knows how many. */
const whereNobodyCounts = whereJobsEnd('COMPLETED', 'COMPLETED_WITH_ERROR', { errorsCount: -1, total: undefined });
/** They finish without a result, and Import Results report COMPLETED, but also failures. */
const whereOnlyDetailsFail = (details: Pick<Job['imports'], 'failed'> | Pick<Job['imports'], 'listed'>) => {
  const none = { exists: true, lateMs: 0, state: 'COMPLETED', errorsCount: 0, total: 0, failed: 0, listed: 0 } as const;
  return whereJobsEnd('COMPLETED', '', { ...none, ...details });
};

/** Scenarios with a search among many jobs; the server lists them in any order, and hides some of their dates. */
const whereJobsAreListed = where(({ jobs, server }) => ({
  jobs: [...jobs, ...jobs, ...jobs].map((job, index): Job => {
    const listed = { createdMs: -((index * 7_919) % 50_000), hides: index % 4 === 1 ? ['createdOn'] : [] };
    return { ...job, ...listed, name: JOB_NAME, user: USERS.wanted, onlyIn: undefined };
  }),
  settings: { target: { by: 'name', withType: false, withUser: false, lookbackMs: 3_600_000 }, jobApi: 'auto' },
  server: { ...server, newestFirst: false },
}));

/** Scenarios with many jobs at the same time. */
const withManyJobs = where(({ jobs }) => {
  const order = Array.from({ length: 12 }, (_, index) => index);
  const target = { by: 'id', order, upperCase: false, asJson: false } as const;
  const many = order.flatMap((index) => jobs[index % jobs.length] ?? []);
  return { settings: { target, credentials: 'bearer' }, jobs: many };
});

/** Scenarios with many jobs, and without responses about the first of them from shortly before the deadline on. */
const whereFinalPollsHang: Among = (scenario) =>
  where(({ settings }) => ({
    settings: { deleteUnfinished: true },
    faults: [rule('job', { fromMs: settings.timeoutMs - 1, forMs: 5_000 }, { kind: 'hang' })],
  }))(withManyJobs(scenario));

/** Scenarios in which deletes follow, and the first of them meet an error. */
const whereDeletesFail = where(() => ({
  settings: { deleteUnfinished: true },
  faults: [rule('delete', { nth: 0, times: 2 }, { kind: 'status', status: 503 })],
}));

/** Scenarios in which the server asks for a long delay when Import Results are requested. */
export const whereImportResultsAreLimited = where(() => ({
  settings: { importResults: true },
  faults: [rule('summary', { nth: 0, times: 1 }, { kind: 'status', status: 429, ...seconds(10_000) })],
}));

const GREEN = /FALSE GREEN/;
const ENDLESS = /Endless|takes too long|although (canceled|stopped)/;
const dated = (jobs: readonly object[]) => jobs.filter((job) => 'createdOn' in job);

const withSettings =
  (change: (settings: Settings) => Partial<Settings>): System =>
  (settings, dependencies) =>
    new Run({ ...settings, ...change(settings) }, dependencies);
const withPolling = (change: (polling: Settings['polling']) => Partial<Settings['polling']>): System =>
  withSettings(({ polling }) => ({ polling: { ...polling, ...change(polling) } }));
const withDependencies =
  (change: (given: Dependencies, settings: Settings) => Partial<Dependencies>): System =>
  (settings, dependencies) =>
    new Run(settings, { ...dependencies, ...change(dependencies, settings) });

type Send = Transport['send'];

function withTransport(change: (send: Send, given: Dependencies, settings: Settings) => Send): System {
  return withDependencies((given, settings) => {
    const send: Send = (request, signal) => given.transport.send(request, signal);
    return { transport: { send: change(send, given, settings) } };
  });
}

function withResponses(change: (response: HttpResponse, request: HttpRequest) => Partial<HttpResponse>): System {
  return withTransport((send) => async (request, signal) => {
    const response = await send(request, signal);
    return { ...response, ...change(response, request) };
  });
}

const withBodies = (pattern: RegExp, replacement: string) =>
  withResponses(({ body }) => ({ body: body.replace(pattern, replacement) }));
const withStatus = (actual: number, taken: number) =>
  withResponses(({ status }) => ({ status: status === actual ? taken : status }));

/** Without paging: what Find jobs lists on its first page is all. */
function withListed(change: (jobs: readonly object[]) => readonly object[]): System {
  return withResponses(({ body }, { url }) => {
    if (!url.includes('/rest/jobs/v1/jobs?')) return {};
    return { body: JSON.stringify({ results: change((JSON.parse(body) as { results: object[] }).results) }) };
  });
}

function takingAnyId({ body }: HttpResponse, { url }: HttpRequest): Partial<HttpResponse> {
  const id = /\/jobs\/([^/]+)$/.exec(url)?.[1];
  return id === undefined ? {} : { body: body.replace(/"id":"[^"]*"/, `"id":"${id}"`) };
}

/** Takes a count of 0 in the summary for an empty list. */
function believingZero(send: Send): Send {
  const empty = { status: 200, headers: {}, body: '{"total":0,"results":[]}' };
  return (request, signal) => (request.url.includes('/errors') ? Promise.resolve(empty) : send(request, signal));
}

/** Sends no request any more when the deadline was 9 s ago. */
function sharingTheFinalPoll(send: Send, { clock, startMs }: Dependencies, { polling }: Settings): Send {
  const tooLate = () => Promise.reject(Object.assign(new Error('too late'), { code: 'ETIMEDOUT' }));
  return (...args) => (clock.now() < startMs + polling.timeoutMs + 9_000 ? send(...args) : tooLate());
}

function followingRedirects(send: Send): Send {
  return async (request, signal) => {
    const response = await send(request, signal);
    const { location } = response.headers;
    return location === undefined ? response : send({ ...request, url: location }, signal);
  };
}

const withoutSignal = (send: Send) => (request: HttpRequest) => send(request, new AbortController().signal);

function deafClock({ clock }: Dependencies): Partial<Dependencies> {
  return { clock: { ...clock, sleep: (ms) => clock.sleep(ms) } };
}

function announcingHalf({ observer }: Dependencies): Partial<Dependencies> {
  const onPoll: typeof observer.onPoll = (id, job, next) =>
    observer.onPoll(id, job, next && { ...next, delayMs: next.delayMs / 2 });
  return { observer: { ...observer, onPoll } };
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

const greenIf = (isGreen: (job: NonNullable<JobReport['job']>) => boolean) =>
  withJobs((one) => (one.outcome === 'failure' && one.job && isGreen(one.job) ? { ...one, outcome: 'success' } : one));
const withoutMessage = withJobs((one) => (one.job ? { ...one, job: { ...one.job, message: '' } } : one));
const bestFirst = withReport((report) => ({ ...report, outcome: report.jobs.at(-1)?.outcome ?? report.outcome }));

/** Asks for each job only so often before it is deleted: from then on all are running. */
function pollsBeforeDeletes(times: number): System {
  return (...args) => {
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
    return withReport((report) => ((isOver = true), report), polling)(...args);
  };
}

/** Stops a moment before the time is up, and calls that a timeout. */
function forgetsTheFinalPoll(...[settings, dependencies]: Parameters<System>): ReturnType<System> {
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
function withoutSemaphore(...[settings, dependencies]: Parameters<System>): ReturnType<System> {
  const { target } = settings;
  if (target.kind === 'name') return new Run(settings, dependencies);
  const runs = target.ids.map((id) => new Run({ ...settings, target: { kind: 'ids', ids: [id] } }, dependencies));
  return {
    deleteUnfinished: () => Promise.resolve(),
    report: async (signal) => {
      const reports = await Promise.all(runs.map((run) => run.report(signal)));
      return { outcome: mostSevere(reports.map(({ outcome }) => outcome)), jobs: reports.flatMap(({ jobs }) => jobs) };
    },
  };
}

type Seeded = readonly [name: string, system: System, violation: RegExp, among?: Among];

/** Actions with one fault each, the violation that the oracle must find, and the scenarios that show it at once. */
export const seededFaults: readonly Seeded[] = [
  ['takes ABORTED for success', greenIf(({ result }) => result === 'ABORTED'), GREEN],
  ['takes COMPLETED for success', greenIf(({ state }) => state === 'COMPLETED'), GREEN],
  ['takes completed for COMPLETED', withBodies(/completed/, 'COMPLETED'), GREEN, whereJobsEnd('completed', 'SUCCESS')],
  ['takes the response of another job', withResponses(takingAnyId), GREEN, whereJobs({ kind: 'other-job' })],
  ['takes -1 failed commands for one', withBodies(/"errorsCount":-1/, '"errorsCount":1'), GREEN, whereNobodyCounts],
  ['ignores failed counters', withBodies(/"failed":3/, '"failed":0'), GREEN, whereOnlyDetailsFail({ failed: 3 })],
  ['ignores failed commands', withBodies(/\[\{"errorT.*\]/, '[]'), GREEN, whereOnlyDetailsFail({ listed: 3 })],
  ['believes a count of 0', withTransport(believingZero), /nobody asked/, whereOnlyDetailsFail({ listed: 3 })],
  ['takes the first dated match', withListed((jobs) => dated(jobs).slice(0, 1)), /FALSE JOB/, whereJobsAreListed],
  ['passes over a job without a date', withListed(dated), /FALSE JOB/, whereJobsAreListed],
  [
    'lets all final polls share one time limit',
    withTransport(sharingTheFinalPoll),
    /allowed: another poll/,
    whereFinalPollsHang,
  ],
  ['deletes jobs without another poll', pollsBeforeDeletes(0), /HARM/, whereFinalPollsHang],
  ['repeats a delete without another poll', pollsBeforeDeletes(1), /HARM/, whereDeletesFail],
  ['forgets the final poll', forgetsTheFinalPoll, /timeout .*allowed/],
  ['times out too early', withPolling(({ timeoutMs }) => ({ timeoutMs: 0.8 * timeoutMs })), /allowed/],
  ['times out too late', withPolling(({ timeoutMs }) => ({ timeoutMs: 2 * timeoutMs })), /ends the wait/],
  ['stops at the first transient error', withPolling(() => ({ maxOutageMs: 0 })), /allowed: another poll/],
  ['retries an outage without end', withPolling(() => ({ maxOutageMs: Infinity })), /transient .* ends the wait/],
  [
    'polls too often',
    withPolling(({ interval: { minMs, maxMs } }) => ({ interval: { minMs: minMs / 2, maxMs } })),
    /shorter than/,
  ],
  [
    'polls too seldom',
    withPolling(({ interval: { minMs, maxMs } }) => ({ interval: { minMs, maxMs: 3 * maxMs } })),
    /longer than/,
  ],
  ['announces half of the delay', withDependencies(announcingHalf), /announced as/],
  ['ignores Retry-After', withResponses(() => ({ headers: {} })), /Retry-After/, whereServerIsBusy],
  ['retries a 403', withStatus(403, 503), /although permanent .* ends the wait/, whereStatus(403)],
  ['retries a 401', withStatus(401, 503), /although unauthorized .* ends the wait/, whereStatus(401)],
  ['retries a 401 at once', withStatus(401, 403), /shorter than 5000/, whereStatus(401)],
  ['follows redirects', withTransport(followingRedirects), /a request to https:\/\/elsewhere/],
  ['waits for a response without end', withTransport(withoutSignal), ENDLESS],
  ['sleeps on when it is canceled', withDependencies(deafClock), /although stopped/],
  ['never asks the other API', withSettings(() => ({ jobApi: 'jobs-v1' })), /requested|allowed|ends the wait/],
  ['polls all jobs at once', withoutSemaphore, /requests at the same time/, withManyJobs],
  ['forgets the message', withoutMessage, /^outputs:|^output jobs/],
  ['reports the best job', bestFirst, /although the most severe outcome/],
  ['drops a job', withReport((report) => ({ ...report, jobs: report.jobs.slice(1) })), /not the jobs/],
];
