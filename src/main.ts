import { once } from 'node:events';

import * as core from '@actions/core';

import { systemClock as clock } from './clock.ts';
import { tokenUrlsOf } from './collibra/auth.ts';
import { proxyProblem } from './collibra/http/proxy.ts';
import { alwaysCheckCertificates, HttpTransport } from './collibra/http/transport.ts';
import { MAX_DELETE_MESSAGE } from './collibra/jobs.ts';
import { readSettings, SECRET_INPUTS, type Settings } from './inputs.ts';
import { passes, type RunReport } from './outcome.ts';
import { Annotations } from './report/annotations.ts';
import { deleteMessage } from './report/delete-message.ts';
import { ErrorsFile } from './report/errors-file.ts';
import { Log } from './report/log.ts';
import { outputsOf, writeOutputs } from './report/outputs.ts';
import { maskSecret, redactAndTruncate } from './report/secrets.ts';
import { summaryOf, summaryOfInvalidInputs, writeSummary } from './report/summary/index.ts';
import { Run } from './run.ts';

const USER_AGENT = 'wait-for-collibra-import-job';

const TLS_WARNING =
  'Warning: NODE_TLS_REJECT_UNAUTHORIZED=0 has no effect on this step, because certificates are always checked. ' +
  'To trust a private certificate authority, set NODE_EXTRA_CA_CERTS to the path of its certificate.';

/** How long deletes may take in all, in milliseconds. After a cancellation, the process must end within 5 s. */
const DELETE_TIMEOUT_MS = { timeout: 60_000, cancelled: 3_000 };

/**
 * Runs the step: inputs in; log, outputs, summary and annotations out.
 * @param cancel aborted when the runner asks the step to stop
 * @returns whether the step passes
 * @throws Error if the outputs cannot be written, and for defects
 */
export async function main(cancel: AbortSignal): Promise<boolean> {
  const startMs = clock.now();
  const read = (name: string) => core.getInput(name, { trimWhitespace: false });
  for (const name of SECRET_INPUTS) maskSecret(read(name));

  const settings = readSettings(read);
  if ('errors' in settings) return refuse(settings.errors);
  const problems = proxyProblems(settings);
  if (problems.length > 0) return refuse(problems);
  let errorsFile: ErrorsFile | undefined;
  try {
    if (settings.errorsFile !== undefined) errorsFile = new ErrorsFile(settings.errorsFile);
  } catch (error) {
    return refuse([(error as Error).message]);
  }
  return waitAndReport(settings, startMs, errorsFile, cancel);
}

/** Ends the step before any request was sent. */
function refuse(problems: readonly string[]): boolean {
  const annotations = new Annotations();
  writeOutputs(outputsOf({ outcome: 'error', jobs: [] }));
  annotations.invalidInputs(problems);
  summarize(summaryOfInvalidInputs(problems), annotations);
  return false;
}

function proxyProblems({ url, credentials }: Settings): string[] {
  const urls = [url, ...tokenUrlsOf(credentials)];
  return [...new Set(urls.flatMap((one) => proxyProblem(one) ?? []))];
}

async function waitAndReport(
  settings: Settings,
  startMs: number,
  errorsFile: ErrorsFile | undefined,
  cancel: AbortSignal,
): Promise<boolean> {
  const log = new Log(clock, startMs);
  log.start(settings);
  if (alwaysCheckCertificates()) log.line(TLS_WARNING);
  const run = new Run(settings, {
    transport: new HttpTransport(USER_AGENT, clock),
    clock,
    startMs,
    redactAndTruncate,
    observer: log,
    onSecret: maskSecret,
    onFailedCommands: errorsFile?.add.bind(errorsFile),
  });
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
  await deleteUnfinished(run, report, settings, log, cancel);
  return passes(report.outcome);
}

function summarize(markdown: string, annotations: Annotations): void {
  const path = process.env.GITHUB_STEP_SUMMARY;
  try {
    if (path) writeSummary(path, markdown);
  } catch (error) {
    annotations.warning('No job summary', `${(error as Error).message}.`);
  }
}

async function deleteUnfinished(
  run: Run,
  report: RunReport,
  { onTimeout, onCancel }: Settings,
  log: Log,
  cancel: AbortSignal,
): Promise<void> {
  const cause = report.outcome === 'cancelled' ? 'cancelled' : 'timeout';
  if ((cause === 'cancelled' ? onCancel : onTimeout) === 'leave') return;
  const message = deleteMessage(cause, MAX_DELETE_MESSAGE, process.env);
  const deleted = run.deleteUnfinished(report, message, DELETE_TIMEOUT_MS[cause], log.onDeleteResult.bind(log));
  // A run that is canceled only now does not wait for them any longer.
  await Promise.race([deleted, once(cancel, 'abort')]);
}
