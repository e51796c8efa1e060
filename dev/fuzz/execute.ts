import { readSettings, type Settings } from '../../src/inputs.ts';
import type { RunReport } from '../../src/outcome.ts';
import { outputsOf } from '../../src/report/outputs.ts';
import { Run, type RunObserver, type Dependencies } from '../../src/run.ts';
import { shorten } from '../../src/text.ts';
import type { Life } from './scenario.ts';
import { Chronicle } from './environment/trace.ts';
import { inputsOf } from './environment/inputs.ts';
import { SimulatedServer } from './environment/transport.ts';
import { SimulatedTime } from './environment/clock.ts';

/** What is played: the action itself, or one with a mistake in it. */
export type System = (
  settings: Settings,
  dependencies: Dependencies,
) => Pick<Run, 'report' | 'deleteUnfinished'>;

/** The action as it is. */
export const theAction: System = (settings, dependencies) => new Run(settings, dependencies);

/** How long deletes may take in the end. */
export const DELETE_BOUND_MS = 3_000;

/** Who looks for jobs by their name, in the marks of a chronicle. */
export const FINDER = 'job named';

/** Lets the action live through a life, with its real loop and client, in simulated time. */
export async function play(life: Life, system: System = theAction): Promise<Chronicle> {
  const time = new SimulatedTime(life.chance, life.lateMs);
  const chronicle = new Chronicle(time);
  const cancel = new AbortController();
  if (life.cancelAtMs !== undefined) time.after(life.cancelAtMs, () => cancel.abort());
  try {
    const inputs = inputsOf(life);
    const settings = readSettings((name) => inputs[name] ?? '');
    if ('errors' in settings) throw new Error(settings.errors.join('\n'));
    const run = system(settings, {
      transport: new SimulatedServer(life, time, chronicle),
      clock: time,
      startMs: time.now(),
      redactAndTruncate: shorten,
      observer: watcherOf(chronicle),
      onFailedCommands: life.settings.allFailedCommands
        ? (_, commands) => (chronicle.failedCommandsTold += commands.length)
        : undefined,
    });
    const report = await time.passUntil(run.report(cancel.signal));
    chronicle.endMs = chronicle.nowMs();
    if (report.jobs.length === 0) chronicle.mark(FINDER, 'end');
    chronicle.report = report;
    chronicle.outputs = outputsOf(report);
    if (life.settings.deleteUnfinished) await time.passUntil(deleteUnfinished(run, report, chronicle));
  } catch (error) {
    chronicle.thrown = error;
  }
  return chronicle;
}

function deleteUnfinished(
  run: Pick<Run, 'deleteUnfinished'>,
  report: RunReport,
  chronicle: Chronicle,
): Promise<void> {
  return run.deleteUnfinished(report, 'The step is over', DELETE_BOUND_MS, (id, refusal) =>
    chronicle.deletes.push({ id, refused: refusal !== undefined }),
  );
}

function watcherOf(chronicle: Chronicle): RunObserver {
  const who = (name: string) => (name.startsWith(FINDER) ? FINDER : name);
  return {
    onPoll: (id, _, pace) => chronicle.mark(id, pace === undefined ? 'done' : 'look'),
    onTransientError: (name) => chronicle.mark(who(name), 'trouble'),
    onFinished: ({ id }) => chronicle.mark(id, 'end'),
    onNotFound: () => chronicle.mark(FINDER, 'look'),
    onFound: () => chronicle.mark(FINDER, 'end'),
    onNoImportResults: () => undefined,
    onToken: (token) => chronicle.tokens.set(token, chronicle.nextOrder()),
  };
}
