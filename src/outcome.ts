import type { ImportResults } from './collibra/import-results.ts';
import type { Job } from './collibra/job.ts';
import { isTerminal } from './verdict.ts';

/** The outcomes of a job or of the whole step, from the most severe to the best. */
export const OUTCOMES = ['cancelled', 'error', 'timeout', 'failure', 'accepted', 'success'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** The most severe outcome. Returns `error` for an empty list. */
export function mostSevere(outcomes: readonly Outcome[]): Outcome {
  return OUTCOMES.find((outcome) => outcomes.includes(outcome)) ?? 'error';
}

/** Whether the step passes. */
export function passes(outcome: Outcome): boolean {
  return outcome === 'success' || outcome === 'accepted';
}

/** What an import does to resources. */
export const CHANGES = ['added', 'updated', 'removed'] as const;

/** How many resources an import added, updated or removed in all; undefined if one of the counters is missing. */
export function changesOf({ resources, changes }: ImportResults, kind: (typeof CHANGES)[number]): number | undefined {
  // Without any resource, nothing was changed, or the response has no counters.
  if (resources.length === 0) return changes;
  return sumOf(resources.map((counters) => counters[kind]));
}

/** The sum of some numbers; undefined if one of them is unknown. */
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
  /** What happened and, where the case is known, what to do: whole sentences. May quote the server. */
  readonly reason: string;
  /** Whether the job is a success that its Import Results contradict. */
  readonly isContradicted?: boolean;
  /** The job as last seen. */
  readonly job?: Job;
  readonly importResults?: ImportResults;
}

/** The report of a job, and its place in the input, which begins at 1. */
export interface NumberedReport extends JobReport {
  readonly number: number;
}

/** Numbers the jobs, and puts those with the most severe outcome first. */
export function bySeverity(jobs: readonly JobReport[]): NumberedReport[] {
  return jobs
    .map((job, index) => ({ ...job, number: index + 1 }))
    .sort((a, b) => OUTCOMES.indexOf(a.outcome) - OUTCOMES.indexOf(b.outcome));
}

/** Whether a job succeeded and nothing contradicts it, so that there is nothing more to say. */
export function isPlainSuccess({ outcome, isContradicted }: JobReport): boolean {
  return outcome === 'success' && !isContradicted;
}

/** Whether the wait ended before the job did. A job that was never seen may be in any state. */
export function isUnfinished({ outcome, job }: JobReport): boolean {
  return (outcome === 'timeout' || outcome === 'cancelled') && !(job && isTerminal(job));
}

/** How the whole step ended. */
export interface RunReport {
  readonly outcome: Outcome;
  /** What happened if it concerns no single job (bad input, a job that was not found); may have several lines. */
  readonly reason?: string;
  /** In input order. */
  readonly jobs: readonly JobReport[];
}

/** The job that the outputs `state`, `result`, `message` and `job-id` describe: the first with the most severe outcome. */
export function decisiveJob(report: RunReport): JobReport | undefined {
  return report.jobs.find((job) => job.outcome === report.outcome) ?? report.jobs[0];
}
