import * as core from '@actions/core';

import { systemClock as clock } from './clock.ts';
import { tokenUrlsOf } from './collibra/auth.ts';
import { proxyProblem } from './collibra/http/proxy.ts';
import { alwaysCheckCertificates, HttpTransport } from './collibra/http/transport.ts';
import { MAX_DELETE_MESSAGE } from './collibra/jobs.ts';
import { readSettings, SECRET_INPUTS, type Settings } from './inputs.ts';
import type { DeleteOptions } from './polling/delete-jobs.ts';
import { Annotations } from './report/annotations.ts';
import { deleteMessage, type DeleteCause } from './report/delete-message.ts';
import type { Log } from './report/log.ts';
import { maskSecret, redactAndTruncate } from './report/secrets.ts';
import { summaryOfInvalidInputs, writeSummary } from './report/summary/index.ts';
import { Run, type Dependencies } from './run.ts';

/* What the main step and the post step have in common. */

const USER_AGENT = 'wait-for-collibra-import-job';

const TLS_WARNING =
  'Warning: NODE_TLS_REJECT_UNAUTHORIZED=0 has no effect on this step, because certificates are always checked. ' +
  'To trust a private certificate authority, set NODE_EXTRA_CA_CERTS to the path of its certificate.';

/** How long the deletes of unfinished jobs may take in all, in milliseconds. */
const DELETE_TIMEOUT_MS = 60_000;

/** Masks all inputs that are secrets, then reads and checks all inputs; returns the settings, or all errors at once. */
export function settingsOfStep(): Settings | { readonly errors: readonly string[] } {
  const read = (name: string) => core.getInput(name, { trimWhitespace: false });
  for (const name of SECRET_INPUTS) maskSecret(read(name));
  const settings = readSettings(read);
  if ('errors' in settings) return settings;
  const errors = proxyProblems(settings);
  return errors.length > 0 ? { errors } : settings;
}

function proxyProblems({ url, credentials }: Settings): string[] {
  const urls = [url, ...tokenUrlsOf(credentials)];
  return [...new Set(urls.flatMap((one) => proxyProblem(one) ?? []))];
}

/** Connects to Collibra: over the network, with the log as the observer. */
export function connect(
  settings: Settings,
  log: Log,
  rest: Pick<Dependencies, 'startMs'> & Partial<Dependencies>,
): Run {
  if (alwaysCheckCertificates()) log.line(TLS_WARNING);
  const transport = new HttpTransport(USER_AGENT, clock);
  return new Run(settings, { transport, clock, redactAndTruncate, observer: log, onSecret: maskSecret, ...rest });
}

/**
 * Asks Collibra to delete unfinished jobs, with a message that says why.
 * @param onResult called for each job
 * @param signal ends it early
 */
export function deleteJobs(
  ids: readonly string[],
  cause: DeleteCause,
  run: Run,
  onResult: DeleteOptions['onResult'],
  signal?: AbortSignal,
): Promise<void> {
  const message = deleteMessage(cause, MAX_DELETE_MESSAGE, process.env);
  return run.deleteJobs(ids, { message, timeoutMs: DELETE_TIMEOUT_MS, signal, onResult });
}

/** Reports that no request was sent because of the inputs: in an annotation, and in the job summary. */
export function reportInvalidInputs(problems: readonly string[]): void {
  const annotations = new Annotations();
  annotations.invalidInputs(problems);
  summarize(summaryOfInvalidInputs(problems), annotations);
}

/** Appends to the job summary, or warns that this is not possible. */
export function summarize(markdown: string, annotations: Annotations): void {
  const path = process.env.GITHUB_STEP_SUMMARY;
  try {
    if (path) writeSummary(path, markdown);
  } catch (error) {
    annotations.warning('No job summary', `${(error as Error).message}.`);
  }
}
