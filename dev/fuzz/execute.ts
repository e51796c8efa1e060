import { readSettings } from '../../src/inputs.ts';
import type { Observer } from '../../src/polling/observer.ts';
import { outputsOf } from '../../src/report/outputs.ts';
import { Run } from '../../src/run.ts';
import { shorten } from '../../src/text.ts';
import { inputsOf } from './environment/inputs.ts';
import { Trace } from './environment/trace.ts';
import { InProcessTransport } from './environment/transport.ts';
import type { Scenario } from './generators/scenarios.ts';

/** What is tested: the action itself, or one with a seeded fault. */
export type System = (...args: ConstructorParameters<typeof Run>) => Pick<Run, 'report' | 'deleteUnfinished'>;

/** The action as it is. */
export const theAction: System = (...args) => new Run(...args);
/** How long deletes may take at the end of a run. */
export const maxDeleteMs = (outcome: string) => (outcome === 'cancelled' ? 3_000 : 60_000);
/** The search for a job by its name, as the subject of notifications. */
export const SEARCH = 'job named';

/** Runs the action, with its real loop and client, through a scenario on a simulated clock. */
export async function execute(scenario: Scenario, system: System = theAction): Promise<Trace> {
  const trace = new Trace(scenario);
  const { clock } = trace;
  const cancel = new AbortController();
  if (scenario.cancelAtMs !== undefined) clock.after(scenario.cancelAtMs, () => cancel.abort());
  try {
    const { allFailedCommands, deleteUnfinished } = scenario.settings;
    const inputs = inputsOf(scenario);
    const settings = readSettings((name) => inputs[name] ?? '');
    if ('errors' in settings) throw new Error(settings.errors.join('\n'));
    const run = system(settings, {
      transport: new InProcessTransport(trace),
      clock,
      startMs: clock.now(),
      redactAndTruncate: shorten,
      observer: observerOf(trace),
      onToken: (token) => trace.tokens.set(token, trace.nextOrder()),
      onFailedCommands: allFailedCommands ? (_, { length }) => (trace.reportedCommands += length) : undefined,
    });
    const report = await clock.runUntilDone(run.report(cancel.signal));
    trace.endMs = clock.sinceStartMs();
    trace.endOrder = trace.nextOrder();
    if (report.jobs.length === 0) trace.notify(SEARCH, 'end');
    trace.report = report;
    trace.outputs = outputsOf(report);
    if (!deleteUnfinished) return trace;
    const onResult: Parameters<Run['deleteUnfinished']>[3] = (id, { kind }) => trace.deletes.push({ id, kind });
    await clock.runUntilDone(run.deleteUnfinished(report, 'Over.', maxDeleteMs(report.outcome), onResult));
  } catch (error) {
    trace.thrown = String(error);
  }
  return trace;
}

function observerOf(trace: Trace): Observer {
  return {
    onPoll: (id, _, next) => trace.notify(id, 'poll', next?.delayMs),
    onTransientError: (text, _, delayMs) =>
      trace.notify(text.startsWith(SEARCH) ? SEARCH : text, 'transient error', delayMs),
    onFinished: ({ id }) => trace.notify(id, 'end'),
    onNotFound: (_, delayMs) => trace.notify(SEARCH, 'poll', delayMs),
    onRateLimit: () => undefined,
    onFound: () => trace.notify(SEARCH, 'end'),
    onImportResultsUnavailable: () => undefined,
  };
}
