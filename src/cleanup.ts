import { systemClock as clock } from './clock.ts';
import type { Settings } from './inputs.ts';
import type { DeleteResult } from './polling/delete-jobs.ts';
import { Annotations } from './report/annotations.ts';
import { deleteResultText, isProblem } from './report/delete-result.ts';
import { Log } from './report/log.ts';
import type { MainState } from './report/saved-state.ts';
import { summaryOf } from './report/summary/index.ts';
import { connect, deleteJobs, reportInvalidInputs, settingsOfStep, summarize } from './setup.ts';
import { capitalize, count } from './text.ts';

const STOPPED =
  'The step was stopped before it could report a result: it was canceled, ran out of time or memory, or crashed.';

const MAYBE_RUNNING = 'The job might still be running in Collibra. Check it there before you import again.';
const JUDGE_AGAIN = 'To have its result judged, run the step again with the same job ID.';
const FINISHED = `The job is finished in Collibra. ${JUDGE_AGAIN}`;
const NOT_FOUND = 'It had not found the job by its name yet.';

const NEXT_STEP = 'Check the jobs in Collibra before anything uses the imported data, and before you import again.';

/** How long a post step that is canceled may go on with its deletes, in milliseconds: the runner soon kills it. */
const GRACE_MS = 3_500;

/**
 * Runs the post step: finishes what the main step could not. Deletes unfinished jobs if the inputs say so, and reports
 * in place of a main step that was killed. Says nothing if the main step finished.
 * @param cancel ends the deletes early
 */
export async function cleanUp(state: MainState, cancel: AbortSignal): Promise<void> {
  if (state.phase === 'finished') return;
  const settings = settingsOfStep();
  if (!('errors' in settings)) return cleanUpWith(settings, state, cancel);
  reportInvalidInputs(settings.errors);
}

async function cleanUpWith(settings: Settings, state: MainState, cancel: AbortSignal): Promise<void> {
  const { phase, jobs, finished } = state;
  const { target, onTimeout, onCancel } = settings;
  const ids = jobs.length === 0 && target.kind === 'ids' ? target.ids : jobs;
  const policy = phase === 'timeout' ? onTimeout : onCancel;
  const unfinished = policy === 'delete' ? ids.filter((id) => !finished.has(id)) : [];
  const results = await deleteUnfinished(unfinished, settings, state, cancel);
  const annotations = new Annotations();
  if (phase === 'started') reportStopped(ids, finished, results, annotations);
  else reportProblems(results, annotations);
}

type Results = ReadonlyMap<string, DeleteResult>;

async function deleteUnfinished(
  ids: readonly string[],
  settings: Settings,
  { phase, apis }: MainState,
  cancel: AbortSignal,
): Promise<Results> {
  const results = new Map<string, DeleteResult>();
  if (ids.length === 0) return results;
  const startMs = clock.now();
  const log = new Log(clock, startMs);
  log.line(`Deleting what is unfinished of ${count(ids.length, 'job')} at ${settings.url}.`);
  const onResult = (id: string, result: DeleteResult) => {
    results.set(id, result);
    log.onDeleteResult(id, result);
  };
  const stop = new AbortController();
  cancel.addEventListener('abort', () => void clock.sleep(GRACE_MS).then(() => stop.abort()));
  const cause = phase === 'timeout' || phase === 'cancelled' ? phase : 'stopped';
  await deleteJobs(ids, cause, connect(settings, log, { startMs, apis }), onResult, stop.signal);
  return results;
}

/** Writes the annotations and the summary that the main step could not write. */
function reportStopped(
  ids: readonly string[],
  finished: ReadonlySet<string>,
  results: Results,
  annotations: Annotations,
): void {
  const outcome = 'error';
  const jobs = ids.map((id) => {
    const result = results.get(id);
    const known = finished.has(id) ? FINISHED : MAYBE_RUNNING;
    const reason = `${STOPPED} ${result === undefined ? known : resultOf(result)}`;
    return { id, outcome, reason, ...(result?.job && { job: result.job }) } as const;
  });
  const report = { outcome, jobs, ...(jobs.length === 0 && { reason: `${STOPPED} ${NOT_FOUND}` }) } as const;
  annotations.verdict(report);
  summarize(summaryOf(report, { nowMs: clock.date(), nextStep: NEXT_STEP }), annotations);
}

/** Annotates the jobs that somebody has to check: the main step has reported everything else. */
function reportProblems(results: Results, annotations: Annotations): void {
  const problems = [...results].filter(([, result]) => isProblem(result));
  annotations.notDeleted(problems.map(([id, result]) => ({ id, reason: resultOf(result) })));
}

function resultOf(result: DeleteResult): string {
  const text = capitalize(deleteResultText(result));
  return result.kind === 'finished' ? `${text} ${JUDGE_AGAIN}` : text;
}
