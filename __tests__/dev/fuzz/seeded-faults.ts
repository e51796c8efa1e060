import type { System } from '../../../dev/fuzz/execute.ts';
import type { Fault } from '../../../dev/fuzz/generators/faults.ts';
import type { Scenario } from '../../../dev/fuzz/generators/scenarios.ts';
import type { HttpResponse, HttpRequest, Transport } from '../../../src/collibra/http/transport.ts';
import type { Settings } from '../../../src/inputs.ts';
import { mostSevere, type JobReport, type RunReport } from '../../../src/outcome.ts';
import type { Observer } from '../../../src/polling/observer.ts';
import { Run, type Dependencies } from '../../../src/run.ts';

/** Scenarios in which every poll of a job but the first meets this fault. */
function whereJobs(fault: Fault): (scenario: Scenario) => Scenario {
  return (scenario) => ({
    ...scenario,
    settings: { ...scenario.settings, credentials: 'bearer' },
    faults: [{ at: 'job', job: undefined, api: undefined, when: { nth: 1, times: 1_000 }, fault }],
  });
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

/** Actions with one fault each, the violation that the oracle must find, and the scenarios that show it at once. */
export const seededFaults: readonly (readonly [
  name: string,
  system: System,
  violation: RegExp,
  among?: (scenario: Scenario) => Scenario,
])[] = [
  ['takes ABORTED for success', withJobs(greenIf(({ result }) => result === 'ABORTED')), /FALSE GREEN/],
  ['takes COMPLETED for success', withJobs(greenIf(({ state }) => state === 'COMPLETED')), /FALSE GREEN/],
  [
    'takes completed for COMPLETED',
    withBodies(/"state":"completed"/, '"state":"COMPLETED"'),
    /FALSE GREEN/,
    whereStatesAreLowerCase,
  ],
  ['takes the response of another job', withTransport(takingAnyId), /FALSE GREEN/, whereJobs({ kind: 'other-job' })],
  [
    'takes -1 failed commands for one',
    withBodies(/"errorsCount":-1/, '"errorsCount":1'),
    /FALSE GREEN/,
    whereNobodyCounts,
  ],
  ['forgets the final poll', forgetsTheFinalPoll, /timeout .*allowed/],
  ['times out too early', withPolling(({ timeoutMs }) => ({ timeoutMs: 0.8 * timeoutMs })), /allowed/],
  ['times out too late', withPolling(({ timeoutMs }) => ({ timeoutMs: 2 * timeoutMs })), /ends the wait/],
  ['stops at the first transient error', withPolling(() => ({ maxOutageMs: 0 })), /allowed: another poll/],
  [
    'retries transient errors without end',
    withPolling(() => ({ maxOutageMs: Infinity })),
    /although transient .* ends the wait/,
  ],
  [
    'polls too often',
    withPolling(({ interval }) => ({ interval: { ...interval, minMs: interval.minMs / 2 } })),
    /shorter than/,
  ],
  [
    'polls too seldom',
    withPolling(({ interval }) => ({ interval: { ...interval, maxMs: 3 * interval.maxMs } })),
    /longer than/,
  ],
  ['announces half of the delay', announcesHalf, /announced as/],
  [
    'ignores Retry-After',
    withResponses(() => ({ headers: {} })),
    /Retry-After/,
    whereJobs({ kind: 'status', status: 503, retryAfter: { seconds: 20, as: 'seconds' } }),
  ],
  [
    'retries a 403',
    withStatus(403, 503),
    /although permanent .* ends the wait/,
    whereJobs({ kind: 'status', status: 403 }),
  ],
  [
    'retries a 401',
    withStatus(401, 503),
    /although unauthorized .* ends the wait/,
    whereJobs({ kind: 'status', status: 401, body: 'html' }),
  ],
  ['follows redirects', withTransport(followingRedirects), /a request to https:\/\/elsewhere/],
  [
    'waits for a response without end',
    withTransport(withoutSignal),
    /Endless|takes too long|although canceled|although stopped/,
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
  const deaf = {
    now: () => clock.now(),
    date: () => clock.date(),
    random: () => clock.random(),
    sleep: (ms: number) => clock.sleep(ms),
  };
  return new Run(settings, { ...dependencies, clock: deaf });
}

function announcesHalf(settings: Settings, dependencies: Dependencies): Run {
  const { observer } = dependencies;
  const onPoll: Observer['onPoll'] = (id, job, next) =>
    observer.onPoll(id, job, next && { ...next, delayMs: next.delayMs / 2 });
  return new Run(settings, { ...dependencies, observer: { ...observer, onPoll } });
}

function withReport(change: (report: RunReport) => RunReport): System {
  return (settings, dependencies) => {
    const run = new Run(settings, dependencies);
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
      const isTimeUp = dependencies.clock.sleep(settings.polling.timeoutMs - 1, signal).then(() => over.abort());
      void isTimeUp;
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
