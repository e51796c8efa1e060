import * as core from '@actions/core';

import type { ImportResults } from '../collibra/import-results.ts';
import type { Job } from '../collibra/job.ts';
import { CHANGES, changesOf, decisiveJob, sumOf, type JobReport, type RunReport } from '../outcome.ts';
import { MAX_WHOLE_TEXT } from './sanitize.ts';
import { redactAndTruncate } from './secrets.ts';

/** Limits for a text and for the whole `jobs` output, in characters. GitHub allows 1 MB for all outputs of a job. */
const MAX_TEXT = 1000;
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
    state: redactAndTruncate(decisive?.job?.state ?? '', MAX_TEXT),
    result: redactAndTruncate(decisive?.job?.result ?? '', MAX_TEXT),
    message: redactAndTruncate(decisive?.job?.message ?? '', MAX_WHOLE_TEXT),
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
  const text = (value = '') => redactAndTruncate(value, MAX_TEXT * scale);
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
    // JSON writes dates in ISO 8601.
    createdOn: job?.createdOn ?? null,
    startDate: job?.startDate ?? null,
    endDate: job?.endDate ?? null,
    durationSeconds: durationSeconds(job),
    importResults: importResults === undefined ? null : countsOf(importResults),
  };
}

/** Gives the seconds from start to end; null if one of them is missing, or if the end is before the start. */
function durationSeconds(job: Job | undefined): number | null {
  const ms = Number(job?.endDate) - Number(job?.startDate);
  return ms >= 0 ? ms / 1000 : null;
}

function countsOf(results: ImportResults) {
  const changes = CHANGES.map((kind) => [kind, changesOf(results, kind) ?? null] as const);
  return { ...Object.fromEntries(changes), failedCommands: results.failedCommands ?? null };
}
