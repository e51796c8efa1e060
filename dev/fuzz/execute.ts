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
import { runInProcess, savedState } from '../runner/in-process.ts';
import { inputsOf } from './environment/inputs.ts';
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
  const { clock } = trace;
  const { cancelAtMs, killAtMs } = scenario;
  const transport = new InProcessTransport(trace);
  const inputs = inputsOf(scenario);
  const runStep = async (step: () => Promise<unknown>, env: Readonly<Record<string, string>>) => {
    const write = (text: string) => (trace.part.written += text);
    await runInProcess(() => clock.runUntilDone(step()), { clock, send: transport.send, write, env });
    trace.startPart();
  };
  let post = cleanUp;
  const main = async () => {
    const settings = settingsOfStep();
    if ('errors' in settings) throw new Error(settings.errors.join('\n'));
    const state = new SavedState();
    state.phase('started');
    const run = system(settings, dependenciesOf(trace, transport, state));
    post = run.cleanUp ?? cleanUp;
    const cancel = new AbortController();
    if (cancelAtMs !== undefined) clock.after(cancelAtMs, () => cancel.abort());
    const report = await run.report(cancel.signal);
    Object.assign(trace, { report, outputs: outputsOf(report) });
    if (report.jobs.length === 0) trace.notify(SEARCH, 'end');
    trace.startPart();
    const log = new Log(clock, clock.now());
    if (await deletesUnfinished(run as Run, report, settings, log, state, cancel.signal)) state.phase('finished');
  };
  try {
    await runStep(() => Promise.race([main(), clock.sleep(killAtMs ?? NaN)]), inputs);
    // A main step that was killed before has no deletes.
    if (!trace.report) trace.startPart();
    const env = { ...inputs, ...savedState(trace.written()) };
    await runStep(() => post(readState(), new AbortController().signal), env);
  } catch (error) {
    trace.thrown = String(error);
  }
  return trace;
}

function dependenciesOf(trace: Trace, transport: Transport, state: SavedState): Dependencies {
  const { clock, scenario } = trace;
  const count: Dependencies['onFailedCommands'] = (_, { length }) => (trace.reportedCommands += length);
  return {
    ...{ transport, clock, startMs: clock.now(), redactAndTruncate: shorten, observer: observerOf(trace) },
    onSecret: (token) => trace.tokens.set(token, trace.nextOrder()),
    onFailedCommands: scenario.settings.allFailedCommands ? count : undefined,
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
