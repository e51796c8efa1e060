import { once } from 'node:events';

import { systemClock as clock } from './clock.ts';
import type { Settings } from './inputs.ts';
import { isUnfinished, passes, type RunReport } from './outcome.ts';
import { Annotations } from './report/annotations.ts';
import { ErrorsFile } from './report/errors-file.ts';
import { Log } from './report/log.ts';
import { outputsOf, writeOutputs } from './report/outputs.ts';
import type { SavedState } from './report/saved-state.ts';
import { summaryOf } from './report/summary/index.ts';
import type { Run } from './run.ts';
import { connect, deleteJobs, reportInvalidInputs, settingsOfStep, summarize } from './setup.ts';

/**
 * Runs the main step: inputs in; log, outputs, summary and annotations out.
 * @param state where the post step reads what is left to do
 * @param cancel aborted when the runner asks the step to stop
 * @returns whether the step passes
 * @throws Error if the outputs cannot be written, and for defects
 */
export async function main(state: SavedState, cancel: AbortSignal): Promise<boolean> {
  const startMs = clock.now();
  const settings = settingsOfStep();
  if ('errors' in settings) return refuse(settings.errors, state);
  let errorsFile: ErrorsFile | undefined;
  try {
    if (settings.errorsFile !== undefined) errorsFile = new ErrorsFile(settings.errorsFile);
  } catch (error) {
    return refuse([(error as Error).message], state);
  }
  return waitAndReport(settings, startMs, errorsFile, state, cancel);
}

/** Ends the step before any request was sent. */
function refuse(problems: readonly string[], state: SavedState): boolean {
  writeOutputs(outputsOf({ outcome: 'error', jobs: [] }));
  reportInvalidInputs(problems);
  state.phase('finished');
  return false;
}

async function waitAndReport(
  settings: Settings,
  startMs: number,
  errorsFile: ErrorsFile | undefined,
  state: SavedState,
  cancel: AbortSignal,
): Promise<boolean> {
  const log = new Log(clock, startMs);
  const run = connect(settings, log, {
    startMs,
    onFailedCommands: errorsFile?.add.bind(errorsFile),
    onTarget: state.jobs.bind(state),
    onJob: state.job.bind(state),
  });
  log.start(settings);
  const finished = new AbortController();
  void log.heartbeat(finished.signal);
  const result = await run.report(cancel);
  finished.abort();
  const report = errorsFile?.close(result) ?? result;

  writeOutputs(outputsOf(report));
  const annotations = new Annotations(settings);
  annotations.verdict(report);
  const errorsPath = errorsFile?.completedPath;
  const summary = summaryOf(report, { nowMs: clock.date(), errorsFile: errorsPath, unfinished: settings });
  summarize(summary, annotations);
  if (await deletesUnfinished(run, report, settings, log, state, cancel)) state.phase('finished');
  return passes(report.outcome);
}

/**
 * Deletes what is unfinished when the time is up, and leaves the rest to the post step.
 * @returns whether nothing is left to do for the post step
 */
export async function deletesUnfinished(
  run: Run,
  report: RunReport,
  { onTimeout, onCancel }: Settings,
  log: Log,
  state: SavedState,
  cancel: AbortSignal,
): Promise<boolean> {
  if (report.outcome === 'cancelled') {
    // There is no time left: the post step deletes the jobs.
    if (onCancel === 'delete') state.phase('cancelled');
    return onCancel === 'leave';
  }
  const ids = report.jobs.filter(isUnfinished).map(({ id }) => id);
  if (onTimeout === 'leave' || ids.length === 0) return true;
  state.jobs(ids);
  state.phase('timeout');
  const deleted = deleteJobs(ids, 'timeout', run, (id, result) => {
    if (result.kind === 'deleted') state.finished(id);
    log.onDeleteResult(id, result);
  });
  await Promise.race([deleted, once(cancel, 'abort')]);
  return !cancel.aborted;
}
