import * as core from '@actions/core';

import {
  changesOf,
  decisiveJob,
  sumOf,
  type ImportResults,
  type JobReport,
  type RunReport,
} from '../outcome.ts';
import { MAX_WHOLE_TEXT } from './sanitize.ts';
import { redactAndTruncate } from './secrets.ts';

/** Bounds on what a server may put into outputs, in characters; GitHub allows 1 MB for all outputs of a job. */
const MAX_WORD = 1000;
const MAX_TEXT_IN_JOBS = 1000;
const MAX_JOBS_OUTPUT = 350_000;

/** The outputs of action.yml. */
export type Outputs = Readonly<
  Record<'outcome' | 'state' | 'result' | 'message' | 'job-id' | 'failed-commands' | 'jobs', string>
>;

/** All outputs of a run, whichever way it ended; what is not known is the empty string. */
export function outputsOf(report: RunReport): Outputs {
  const decisive = decisiveJob(report);
  return {
    outcome: report.outcome,
    state: bounded(decisive?.job?.state, MAX_WORD),
    result: bounded(decisive?.job?.result, MAX_WORD),
    message: bounded(decisive?.job?.message, MAX_WHOLE_TEXT),
    'job-id': decisive?.id ?? '',
    'failed-commands': failedCommands(report.jobs),
    jobs: jobsJson(report.jobs),
  };
}

/**
 * Writes the outputs for later steps, at once.
 * @throws Error where GITHUB_OUTPUT can't be written
 */
export function writeOutputs(outputs: Outputs): void {
  for (const [name, value] of Object.entries(outputs)) core.setOutput(name, value);
}

function bounded(text: string | undefined, limit: number): string {
  return redactAndTruncate(text ?? '', limit);
}

/** The sum over all jobs, known only where every job's number is. */
function failedCommands(jobs: readonly JobReport[]): string {
  const numbers = jobs.map(({ importResults: importResults }) => importResults?.failedCommands);
  return numbers.length === 0 ? '' : String(sumOf(numbers) ?? '');
}

/** Hostile texts grow when they are escaped, so the whole is measured, and messages give way. */
function jobsJson(jobs: readonly JobReport[]): string {
  for (const scale of [1, 0.2, 0.02]) {
    const json = JSON.stringify(jobs.map((job) => jobOutput(job, scale)));
    if (json.length <= MAX_JOBS_OUTPUT) return json;
  }
  return JSON.stringify(jobs.map(({ id, outcome }) => ({ id, outcome })));
}

function jobOutput({ id, outcome, reason, job, importResults: importResults }: JobReport, scale: number) {
  const text = (value: string | undefined) => bounded(value, MAX_TEXT_IN_JOBS * scale);
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

/** From the start to the end; null where either is missing or they contradict each other. */
function durationSeconds(start: Date | undefined, end: Date | undefined): number | null {
  if (start === undefined || end === undefined || end < start) return null;
  return (end.getTime() - start.getTime()) / 1000;
}

function importCounts(facts: ImportResults) {
  return {
    added: changesOf(facts, 'added') ?? null,
    updated: changesOf(facts, 'updated') ?? null,
    removed: changesOf(facts, 'removed') ?? null,
    failedCommands: facts.failedCommands ?? null,
  };
}
