import * as core from '@actions/core';

import type { ImportResults } from '../collibra/import-results.ts';
import { changesOf, decisiveJob, sumOf, type JobReport, type RunReport } from '../outcome.ts';
import { MAX_WHOLE_TEXT } from './sanitize.ts';
import { redactAndTruncate } from './secrets.ts';

/** Limits for server text in outputs, in characters. GitHub allows 1 MB for all outputs of a job. */
const MAX_VALUE = 1000;
const MAX_TEXT_IN_JOBS = 1000;
const MAX_JOBS_OUTPUT = 350_000;

/** The outputs of action.yml. */
export type Outputs = Readonly<
  Record<'outcome' | 'state' | 'result' | 'message' | 'job-id' | 'failed-commands' | 'jobs', string>
>;

/** Gives all outputs of a run, however it ended. Unknown values are empty strings. */
export function outputsOf(report: RunReport): Outputs {
  const decisive = decisiveJob(report);
  return {
    outcome: report.outcome,
    state: limited(decisive?.job?.state, MAX_VALUE),
    result: limited(decisive?.job?.result, MAX_VALUE),
    message: limited(decisive?.job?.message, MAX_WHOLE_TEXT),
    'job-id': decisive?.id ?? '',
    'failed-commands': failedCommands(report.jobs),
    jobs: jobsJson(report.jobs),
  };
}

/**
 * Writes the outputs for later steps, synchronously. `outcome` is the last, so that `success` never stands beside outputs
 * that could not be written.
 * @throws Error if GITHUB_OUTPUT cannot be written
 */
export function writeOutputs({ outcome, ...others }: Outputs): void {
  for (const [name, value] of Object.entries(others)) core.setOutput(name, value);
  core.setOutput('outcome', outcome);
}

function limited(text: string | undefined, limit: number): string {
  return redactAndTruncate(text ?? '', limit);
}

/** Adds up all jobs. The sum is unknown if the number of one job is. */
function failedCommands(jobs: readonly JobReport[]): string {
  const numbers = jobs.map(({ importResults }) => importResults?.failedCommands);
  return numbers.length === 0 ? '' : String(sumOf(numbers) ?? '');
}

/** Limits the size of the whole JSON by shorter texts, because some texts grow when they are escaped. */
function jobsJson(jobs: readonly JobReport[]): string {
  for (const scale of [1, 0.2, 0.02]) {
    const json = JSON.stringify(jobs.map((job) => jobOutput(job, scale)));
    if (json.length <= MAX_JOBS_OUTPUT) return json;
  }
  return JSON.stringify(jobs.map(({ id, outcome }) => ({ id, outcome })));
}

function jobOutput({ id, outcome, reason, job, importResults }: JobReport, scale: number) {
  const text = (value: string | undefined) => limited(value, MAX_TEXT_IN_JOBS * scale);
  return {
    id,
    name: text(job?.name),
    type: text(job?.type),
    state: text(job?.state),
    result: text(job?.result),
    message: text(job?.message),
    outcome,
    reason: text(reason),
    progressPercentage: job?.progressPercentage ?? null,
    createdOn: job?.createdOn?.toISOString() ?? null,
    startDate: job?.startDate?.toISOString() ?? null,
    endDate: job?.endDate?.toISOString() ?? null,
    durationSeconds: durationSeconds(job?.startDate, job?.endDate),
    importResults: importResults === undefined ? null : importCounts(importResults),
  };
}

/** Gives the seconds from start to end; null if one of them is missing, or if the end is before the start. */
function durationSeconds(start: Date | undefined, end: Date | undefined): number | null {
  if (start === undefined || end === undefined || end < start) return null;
  return (end.getTime() - start.getTime()) / 1000;
}

function importCounts(results: ImportResults) {
  return {
    added: changesOf(results, 'added') ?? null,
    updated: changesOf(results, 'updated') ?? null,
    removed: changesOf(results, 'removed') ?? null,
    failedCommands: results.failedCommands ?? null,
  };
}
