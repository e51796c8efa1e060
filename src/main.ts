import { once } from 'node:events';

import * as core from '@actions/core';

import { systemClock as clock } from './clock.ts';
import { basicAuthorization, clientAuthorization, type CredentialSettings } from './collibra/auth.ts';
import { MAX_DELETE_MESSAGE } from './collibra/jobs.ts';
import { proxyProblem } from './collibra/http/proxy.ts';
import { HttpTransport } from './collibra/http/transport.ts';
import { readSettings, SECRET_INPUTS, type Settings } from './inputs.ts';
import { passes, type RunReport } from './outcome.ts';
import { Annotations } from './report/annotations.ts';
import { ErrorsFile } from './report/errors-file.ts';
import { Log } from './report/log.ts';
import { outputsOf, writeOutputs } from './report/outputs.ts';
import { deleteMessage } from './report/delete-message.ts';
import { redactAndTruncate, maskSecret } from './report/secrets.ts';
import { summaryOf, writeSummary } from './report/summary/index.ts';
import { Run, type RunObserver } from './run.ts';
import { count, duration } from './text.ts';

const USER_AGENT = 'wait-for-collibra-import-job';

/** How long deletes may take in all, in milliseconds. After a cancellation the process must end within 5 s. */
const DELETE_BOUND_MS = { timeout: 20_000, cancelled: 3_000 };

/**
 * The whole step: inputs in; log, outputs, summary and annotations out.
 * @param cancel aborted when the runner asks the step to stop
 * @returns whether the step passes
 * @throws Error where the outputs can't be written, and on defects
 */
export async function main(cancel: AbortSignal): Promise<boolean> {
  const startMs = clock.now();
  const annotations = new Annotations();
  const read = (name: string) => core.getInput(name, { trimWhitespace: false });
  for (const name of SECRET_INPUTS) maskSecret(read(name).trim());

  const settings = readSettings(read);
  if ('errors' in settings) return refuse(settings.errors, annotations);
  maskHeaders(settings.credentials);
  const problems = proxyProblems(settings);
  if (problems.length > 0) return refuse(problems, annotations);
  let errorsFile: ErrorsFile | undefined;
  try {
    if (settings.errorsFile !== undefined) errorsFile = new ErrorsFile(settings.errorsFile);
  } catch (error) {
    return refuse([`errors-file: can't be written: ${(error as Error).message}`], annotations);
  }
  return waitAndReport({ settings, startMs, annotations, errorsFile, cancel });
}

/** Ends the step before anything was asked of Collibra. */
function refuse(problems: readonly string[], annotations: Annotations): boolean {
  const reason = ['Nothing was asked of Collibra. To be put right first:', ...problems].join('\n');
  return conclude({ outcome: 'error', reason, jobs: [] }, annotations);
}

/** The Basic header holds the password in another guise. */
function maskHeaders(credentials: CredentialSettings): void {
  if (credentials.kind === 'bearer') return;
  const header =
    credentials.kind === 'basic'
      ? basicAuthorization(credentials.username, credentials.password)
      : clientAuthorization(credentials.clientId, credentials.clientSecret);
  maskSecret(header.replace('Basic ', ''));
}

function proxyProblems({ url, credentials }: Settings): string[] {
  const urls = credentials.kind === 'client' ? [url, credentials.tokenUrl] : [url];
  const problems = urls.map((one) => proxyProblem(one));
  return [...new Set(problems.filter((problem) => problem !== undefined))];
}

interface Step {
  readonly settings: Settings;
  readonly startMs: number;
  readonly annotations: Annotations;
  readonly errorsFile: ErrorsFile | undefined;
  readonly cancel: AbortSignal;
}

async function waitAndReport({ settings, startMs, annotations, errorsFile, cancel }: Step): Promise<boolean> {
  const log = new Log(clock, startMs);
  log.line(intent(settings));
  const run = new Run(settings, {
    transport: new HttpTransport(USER_AGENT, clock),
    clock,
    startMs,
    redactAndTruncate,
    observer: watcherOf(log),
    onFailedCommands: errorsFile && ((jobId, commands) => errorsFile.add(jobId, commands)),
  });
  const over = new AbortController();
  void log.heartbeat(over.signal);
  const { report, errorsPath } = closeErrorsFile(await run.report(cancel), errorsFile);
  over.abort();

  const passed = conclude(report, annotations, errorsPath);
  const cause = report.outcome === 'cancelled' ? 'cancelled' : 'timeout';
  const onEnd = cause === 'cancelled' ? settings.onCancel : settings.onTimeout;
  if (onEnd === 'delete') {
    const message = deleteMessage(cause, MAX_DELETE_MESSAGE, process.env);
    const deleted = run.deleteUnfinished(report, message, DELETE_BOUND_MS[cause], (id, refusal) => {
      if (refusal === undefined)
        log.line(`${id}: asked Collibra to delete the job; whether a running import stops is up to Collibra`);
      else log.line(`Warning: Collibra did not delete ${id}: ${refusal.message}`);
    });
    // A run that is cancelled now, and was not before, waits for them no longer.
    await Promise.race([deleted, once(cancel, 'abort')]);
  }
  return passed;
}

/** What the step is about to do, in one line. */
function intent({ url, target, policy, polling, jobApi }: Settings): string {
  const what =
    target.kind === 'ids' ? count(target.ids.length, 'job') : `the newest job named "${target.name}"`;
  const accept = ['SUCCESS', ...policy.accept].join(', ');
  return `Waiting for ${what} at ${url} (job API: ${jobApi}), for ${duration(polling.timeoutMs)} at most; accepted: ${accept}`;
}

function watcherOf(log: Log): RunObserver {
  return {
    onPoll: (id, job, pace) => log.onPoll(id, job, pace),
    onTransientError: (what, error, pauseMs) => log.onTransientError(what, error, pauseMs),
    onNotFound: (wanted, pauseMs) => log.onNotFound(wanted, pauseMs),
    onFound: (wanted, job) => log.onFound(wanted, job),
    onFinished: (report) => log.onFinished(report),
    onNoImportResults: (id, reason) => log.line(`${id}: Import Results could not be read: ${reason}`),
    onToken: maskSecret,
  };
}

/**
 * Puts the errors file in its place. One that was asked for and is not there is an error, whatever the jobs did; a
 * cancelled run leaves none.
 */
function closeErrorsFile(report: RunReport, errorsFile: ErrorsFile | undefined): Closed {
  if (report.outcome === 'cancelled') {
    errorsFile?.discard();
    return { report };
  }
  try {
    errorsFile?.finish();
    return { report, errorsPath: errorsFile?.path };
  } catch (error) {
    const reason = `errors-file: can't be written: ${(error as Error).message}`;
    return { report: { ...report, outcome: 'error', reason } };
  }
}

interface Closed {
  readonly report: RunReport;
  /** Where the errors file is, if there is one. */
  readonly errorsPath?: string | undefined;
}

/** Tells the outcome to later steps and to people. */
function conclude(report: RunReport, annotations: Annotations, errorsFile?: string): boolean {
  writeOutputs(outputsOf(report));
  annotations.verdict(report);
  const summaryPath = process.env.GITHUB_STEP_SUMMARY;
  try {
    if (summaryPath) writeSummary(summaryPath, summaryOf(report, { nowMs: clock.date(), errorsFile }));
  } catch (error) {
    annotations.warning('No job summary', (error as Error).message);
  }
  return passes(report.outcome);
}
