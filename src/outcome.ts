import type { Job } from './collibra/job.ts';
import type { FailedCommand, ImportSummary } from './collibra/import-results.ts';

/** How a job, or the whole step, ended; from the gravest to the best. */
export const OUTCOMES = ['cancelled', 'error', 'timeout', 'failure', 'accepted', 'success'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** The gravest of some outcomes: of none, `error`, for nothing was learnt. */
export function mostSevere(outcomes: readonly Outcome[]): Outcome {
  return OUTCOMES.find((outcome) => outcomes.includes(outcome)) ?? 'error';
}

/** Whether the step passes. */
export function passes(outcome: Outcome): boolean {
  return outcome === 'success' || outcome === 'accepted';
}

/** What the Import Results of one job told. */
export interface ImportResults {
  readonly summary: ImportSummary;
  /** Failed commands: {@link ImportSummary.failedCommands}, or the total that the errors endpoint gave. */
  readonly failedCommands: number | undefined;
  /** The first failed commands, at most one page. */
  readonly firstFailedCommands: readonly FailedCommand[];
  /** Whether there are failed commands that were not read, so that the errors file lacks them. */
  readonly isPartial?: boolean;
}

/** What an import does to resources. */
export const CHANGES = ['added', 'updated', 'removed'] as const;

/** How many resources an import added, updated or removed in all; undefined where one counter of them is missing. */
export function changesOf({ summary }: ImportResults, kind: (typeof CHANGES)[number]): number | undefined {
  const { resources, changes } = summary;
  // Nothing is told of any resource: then nothing was changed, or the answer has no counters.
  if (resources.length === 0) return changes;
  return sumOf(resources.map((counters) => counters[kind]));
}

/** The sum of some numbers; undefined where one of them is not known. */
export function sumOf(numbers: readonly (number | undefined)[]): number | undefined {
  return numbers.includes(undefined) ? undefined : sumOfKnown(numbers);
}

/** The sum of those of the numbers that are known. */
export function sumOfKnown(numbers: readonly (number | undefined)[]): number {
  return numbers.reduce<number>((sum, n) => sum + (n ?? 0), 0);
}

/** How the wait for one job ended. */
export interface JobReport {
  readonly id: string;
  readonly outcome: Outcome;
  /** What happened and what to do, in sentences without a full stop at the end. May quote the server. */
  readonly reason: string;
  /** Whether it is a success that Import Results contradict. */
  readonly isContradicted?: boolean;
  /** The job as last seen. */
  readonly job?: Job;
  readonly importResults?: ImportResults;
}

/** Whether a job ended well and nothing speaks against it, so that there is no more to be said. */
export function isPlainSuccess({ outcome, isContradicted: isDisputed }: JobReport): boolean {
  return outcome === 'success' && !isDisputed;
}

/** How the whole step ended. */
export interface RunReport {
  readonly outcome: Outcome;
  /** What happened where it concerns no single job (bad input, a job that was not found), a line for each thing. */
  readonly reason?: string;
  /** In input order. */
  readonly jobs: readonly JobReport[];
}

/** The job that the outputs `state`, `result`, `message` and `job-id` describe: the first with the gravest outcome. */
export function decisiveJob(report: RunReport): JobReport | undefined {
  return report.jobs.find((job) => job.outcome === report.outcome) ?? report.jobs[0];
}
