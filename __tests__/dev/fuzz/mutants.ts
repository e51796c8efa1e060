import type { Fault, Life } from '../../../dev/fuzz/scenario.ts';
import type { System } from '../../../dev/fuzz/execute.ts';
import type { HttpResponse, HttpRequest, Transport } from '../../../src/collibra/http/transport.ts';
import type { Settings } from '../../../src/inputs.ts';
import { mostSevere, type JobReport, type RunReport } from '../../../src/outcome.ts';
import { Run, type Dependencies } from '../../../src/run.ts';

/** Lives in which a job answers to every look like this. */
function whereJobs(fault: Fault): (life: Life) => Life {
  return (life) => ({
    ...life,
    settings: { ...life.settings, credentials: 'bearer' },
    troubles: [{ at: 'job', job: undefined, api: undefined, when: { nth: 1, times: 1_000 }, fault }],
  });
}

/** Lives in which jobs end with errors, and nobody knows how many. */
function whereNobodyCounts(life: Life): Life {
  const jobs = life.jobs.map((job) => ({
    ...job,
    phases: job.phases.map((phase) => ({ ...phase, state: 'COMPLETED', result: 'COMPLETED_WITH_ERROR' })),
    imports: { ...job.imports, errorsCount: -1, total: undefined },
  }));
  const settings = { ...life.settings, accept: ['COMPLETED_WITH_ERROR'], maxFailedCommands: 5 };
  return { ...life, jobs, settings, troubles: [] };
}

/** Lives in which jobs end in a state that is none. */
function whereStatesAreSmall(life: Life): Life {
  const phases =
    life.jobs[0]?.phases.map((phase) => ({ ...phase, state: 'completed', result: 'SUCCESS' })) ?? [];
  return { ...life, jobs: life.jobs.map((job) => ({ ...job, phases })), troubles: [] };
}

/** Lives with many jobs and slow answers. */
function whereManyAsk(life: Life): Life {
  const order = Array.from({ length: 12 }, (_, index) => index);
  const target = { by: 'id' as const, order, upperCase: false, asJson: false };
  const settings = { ...life.settings, target, credentials: 'bearer' as const };
  const jobs = order.map((index) => life.jobs[index % life.jobs.length] ?? life.jobs[0]);
  return { ...life, settings, jobs: jobs.filter((job) => job !== undefined), troubles: [] };
}

/** Actions with one mistake each, what the oracle must say of them, and in which lives they are known at once. */
export const mutants: readonly (readonly [
  name: string,
  system: System,
  complaint: RegExp,
  among?: (life: Life) => Life,
])[] = [
  ['takes ABORTED for success', withJobs(greenIf(({ result }) => result === 'ABORTED')), /FALSE GREEN/],
  ['takes COMPLETED for success', withJobs(greenIf(({ state }) => state === 'COMPLETED')), /FALSE GREEN/],
  [
    'takes completed for COMPLETED',
    withBodies(/"state":"completed"/, '"state":"COMPLETED"'),
    /FALSE GREEN/,
    whereStatesAreSmall,
  ],
  [
    "takes another job's answer",
    withTransport(takingAnyId),
    /FALSE GREEN/,
    whereJobs({ kind: 'body', body: 'another job' }),
  ],
  [
    'takes -1 failed commands for one',
    withBodies(/"errorsCount":-1/, '"errorsCount":1'),
    /FALSE GREEN/,
    whereNobodyCounts,
  ],
  ['forgets the last look', forgetsTheLastLook, /timeout .*allowed/],
  ['gives up too early', withPatience(({ timeoutMs }) => ({ timeoutMs: 0.8 * timeoutMs })), /allowed/],
  ['gives up too late', withPatience(({ timeoutMs }) => ({ timeoutMs: 2 * timeoutMs })), /ends it/],
  ['bears no outage', withPatience(() => ({ maxOutageMs: 0 })), /allowed: to go on/],
  ['bears any outage', withPatience(() => ({ maxOutageMs: Infinity })), /although passing .* ends it/],
  [
    'looks too often',
    withPatience(({ interval: pace }) => ({ interval: { ...pace, minMs: pace.minMs / 2 } })),
    /shorter than/,
  ],
  [
    'does not hear Retry-After',
    withAnswers(() => ({ headers: {} })),
    /Retry-After/,
    whereJobs({ kind: 'status', status: 503, body: 'empty', retryAfter: { seconds: 20 } }),
  ],
  [
    'asks again after 403',
    withStatus(403, 503),
    /although final .* ends it/,
    whereJobs({ kind: 'status', status: 403, body: 'standard' }),
  ],
  [
    'asks for ever after 401',
    withStatus(401, 503),
    /although refused .* ends it/,
    whereJobs({ kind: 'status', status: 401, body: 'html' }),
  ],
  ['follows redirects', withTransport(followingRedirects), /a request to https:\/\/elsewhere/],
  [
    'waits for ever for an answer',
    withTransport(deaf),
    /Endless|a request of|although cancelled|although stopped/,
  ],
  ['sleeps on when it is cancelled', deafClock, /although stopped/],
  ['never asks the other API', withSettings(() => ({ jobApi: 'jobs-v1' })), /asked|allowed|ends it/],
  ['asks about all jobs at once', withoutGate, /requests at the same time/, whereManyAsk],
  ['forgets the message', withJobs(withoutMessage), /output message|message in jobs/],
  ['tells of the best job', withReport(bestFirst), /although the gravest/],
  ['drops a job', withReport((report) => ({ ...report, jobs: report.jobs.slice(1) })), /not the jobs/],
];

function withSettings(change: (settings: Settings) => Partial<Settings>): System {
  return (settings, dependencies) => new Run({ ...settings, ...change(settings) }, dependencies);
}

function withPatience(change: (patience: Settings['polling']) => Partial<Settings['polling']>): System {
  return withSettings(({ polling: patience }) => ({ polling: { ...patience, ...change(patience) } }));
}

type Send = Transport['send'];

function withTransport(change: (send: Send) => Send): System {
  return (settings, dependencies) => {
    const send: Send = (request, signal) => dependencies.transport.send(request, signal);
    return new Run(settings, { ...dependencies, transport: { send: change(send) } });
  };
}

function withAnswers(change: (answer: HttpResponse, request: HttpRequest) => Partial<HttpResponse>): System {
  return withTransport((send) => async (request, signal) => {
    const answer = await send(request, signal);
    return { ...answer, ...change(answer, request) };
  });
}

function withBodies(what: RegExp, by: string): System {
  return withAnswers(({ body }) => ({ body: body.replace(what, by) }));
}

function withStatus(seen: number, taken: number): System {
  return withAnswers(({ status }) => ({ status: status === seen ? taken : status }));
}

function takingAnyId(send: Send): Send {
  return async (request, signal) => {
    const answer = await send(request, signal);
    const id = /\/jobs\/([^/]+)$/.exec(request.url)?.[1];
    return id === undefined
      ? answer
      : { ...answer, body: answer.body.replace(/"id":"[^"]*"/, `"id":"${id}"`) };
  };
}

function followingRedirects(send: Send): Send {
  return async (request, signal) => {
    const answer = await send(request, signal);
    const { location } = answer.headers;
    return location === undefined ? answer : send({ ...request, url: location }, signal);
  };
}

function deaf(send: Send): Send {
  return (request) => send(request, new AbortController().signal);
}

function deafClock(settings: Settings, dependencies: Dependencies): Run {
  const { clock } = dependencies;
  const deafOne = {
    now: () => clock.now(),
    date: () => clock.date(),
    random: () => clock.random(),
    sleep: (ms: number) => clock.sleep(ms),
  };
  return new Run(settings, { ...dependencies, clock: deafOne });
}

function withReport(change: (report: RunReport) => RunReport): System {
  return (settings, dependencies) => {
    const run = new Run(settings, dependencies);
    return {
      report: async (signal) => change(await run.report(signal)),
      deleteUnfinished: (...told) => run.deleteUnfinished(...told),
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
    report.outcome === 'failure' && report.job && isGreen(report.job)
      ? { ...report, outcome: 'success' }
      : report;
}

function withoutMessage(report: JobReport): JobReport {
  return report.job ? { ...report, job: { ...report.job, message: '' } } : report;
}

function bestFirst(report: RunReport): RunReport {
  return { ...report, outcome: report.jobs.at(-1)?.outcome ?? report.outcome };
}

/** Stops a moment before the time is up, and calls that a time-out. */
function forgetsTheLastLook(settings: Settings, dependencies: Dependencies): ReturnType<System> {
  const run = new Run(settings, dependencies);
  const timeOut = (job: JobReport): JobReport =>
    job.outcome === 'cancelled' ? { ...job, outcome: 'timeout' } : job;
  return {
    deleteUnfinished: (...told) => run.deleteUnfinished(...told),
    report: async (signal) => {
      const over = new AbortController();
      const isTimeUp = dependencies.clock
        .sleep(settings.polling.timeoutMs - 1, signal)
        .then(() => over.abort());
      void isTimeUp;
      const report = await run.report(AbortSignal.any([signal, over.signal]));
      if (signal.aborted || !over.signal.aborted) return report;
      const jobs = report.jobs.map(timeOut);
      return { ...report, jobs, outcome: mostSevere([...jobs.map(({ outcome }) => outcome), 'timeout']) };
    },
  };
}

/** One run for each job, each of which believes that it is alone. */
function withoutGate(settings: Settings, dependencies: Dependencies): ReturnType<System> {
  const { target } = settings;
  if (target.kind === 'name') return new Run(settings, dependencies);
  const runs = target.ids.map(
    (id) => new Run({ ...settings, target: { kind: 'ids', ids: [id] } }, dependencies),
  );
  return {
    deleteUnfinished: () => Promise.resolve(),
    report: async (signal) => {
      const reports = await Promise.all(runs.map((run) => run.report(signal)));
      const outcome = mostSevere(reports.map((report) => report.outcome));
      return { outcome, jobs: reports.flatMap(({ jobs }) => jobs) };
    },
  };
}
