import { cleanUp } from '../../src/cleanup.ts';
import type { Transport } from '../../src/collibra/http/transport.ts';
import { deletesUnfinished } from '../../src/main.ts';
import type { Observer } from '../../src/polling/observer.ts';
import { Log } from '../../src/report/log.ts';
import { outputsOf } from '../../src/report/outputs.ts';
import { readState, SavedState } from '../../src/report/saved-state.ts';
import { Run, type Dependencies } from '../../src/run.ts';
import { settingsOfStep } from '../../src/setup.ts';
import { shorten } from '../../src/text.ts';
import { inputsOf } from './environment/inputs.ts';
import { runStep, stateIn } from './environment/step.ts';
import { Trace } from './environment/trace.ts';
import { InProcessTransport } from './environment/transport.ts';
import type { Scenario } from './generators/scenarios.ts';

/** What is tested: the action itself, or one with a seeded fault. */
export type System = (
  ...args: ConstructorParameters<typeof Run>
) => Pick<Run, 'report' | 'deleteJobs'> & { readonly cleanUp?: typeof cleanUp };

/** The action as it is. */
export const theAction: System = (...args) => new Run(...args);
/** The search for a job by its name, as the subject of notifications. */
export const SEARCH = 'job named';

/** Runs the action through a scenario: the main step until it ends or is killed, and then the post step. */
export async function execute(scenario: Scenario, system: System = theAction): Promise<Trace> {
  const trace = new Trace(scenario);
  const { clock, steps } = trace;
  const transport = new InProcessTransport(trace);
  const inputs = inputsOf(scenario);
  let postStep = cleanUp;
  const main = async () => {
    const settings = settingsOfStep();
    if ('errors' in settings) throw new Error(settings.errors.join('\n'));
    const state = new SavedState();
    state.phase('started');
    const run = system(settings, dependenciesOf(trace, transport, state));
    postStep = run.cleanUp ?? cleanUp;
    const cancel = new AbortController();
    if (scenario.cancelAtMs !== undefined) clock.after(scenario.cancelAtMs, () => cancel.abort());
    const report = await run.report(cancel.signal);
    Object.assign(trace, { report, outputs: outputsOf(report), ...trace.end() });
    if (report.jobs.length === 0) trace.notify(SEARCH, 'end');
    const log = new Log(clock, clock.now());
    if (await deletesUnfinished(run as Run, report, settings, log, state, cancel.signal)) state.phase('finished');
  };
  try {
    const killed = new Promise((resolve) => {
      if (scenario.killAtMs !== undefined) clock.after(scenario.killAtMs, () => resolve('killed'));
    });
    await runStep(trace, transport, inputs, () => Promise.race([main(), killed]));
    const state = stateIn(steps[0]?.written ?? '');
    await runStep(trace, transport, { ...inputs, ...state }, () => postStep(readState(), new AbortController().signal));
  } catch (error) {
    trace.thrown = String(error);
  }
  return trace;
}

function dependenciesOf(trace: Trace, transport: Transport, state: SavedState): Dependencies {
  const { clock, scenario } = trace;
  return {
    ...{ transport, clock, startMs: clock.now(), redactAndTruncate: shorten, observer: observerOf(trace) },
    onSecret: (token) => trace.tokens.set(token, trace.nextOrder()),
    onFailedCommands: scenario.settings.allFailedCommands
      ? (_, { length }) => (trace.reportedCommands += length)
      : undefined,
    onTarget: state.jobs.bind(state),
    onJob: state.job.bind(state),
  };
}

function observerOf(trace: Trace): Observer {
  return {
    onPoll: (id, _, next) => trace.notify(id, 'poll', next?.delayMs),
    onTransientError: (text, _, delayMs) =>
      trace.notify(text.startsWith(SEARCH) ? SEARCH : text, 'transient error', delayMs),
    onFinished: ({ id }) => trace.notify(id, 'end'),
    onNotFound: (_, delayMs) => trace.notify(SEARCH, 'poll', delayMs),
    onRateLimit: () => undefined,
    onFound: (_, { id }) => {
      trace.found = id;
      trace.notify(SEARCH, 'end');
    },
    onImportResultsUnavailable: () => undefined,
  };
}
