import type { ImportResults, ImportSummary } from './collibra/import-results.ts';
import type { Job } from './collibra/job.ts';
import { count } from './text.ts';

/**
 * Where a job stands:
 * - `pending`: not finished;
 * - `unknown`: in a state that neither job API documents, so it may be finished or not;
 * - `no-result`: COMPLETED, but without a result (so far);
 * - `finished`: ready to be judged.
 */
export type Stage = 'pending' | 'unknown' | 'no-result' | 'finished';

/** Tells where a job stands, by the vocabularies of both job APIs (Job API v1; Core REST API 2.0). */
export function stageOf(job: Job): Stage {
  switch (job.state) {
    case 'WAITING':
    case 'RUNNING':
    case 'CANCELING':
      return 'pending';
    case 'COMPLETED':
      return job.result === '' || job.result === 'NOT_SET' ? 'no-result' : 'finished';
    case 'FAILED':
    case 'ERROR':
    case 'DELETED':
    case 'CANCELED':
      return 'finished';
    default:
      return job.endDate === undefined ? 'unknown' : 'finished';
  }
}

/** Whether a job is in a terminal state, with a result or without one, so that there is nothing to stop or delete. */
export function isTerminal(job: Job): boolean {
  const stage = stageOf(job);
  return stage === 'finished' || stage === 'no-result';
}

/** Whether a job was deleted (Job API v1) or canceled (Core REST API 2.0). */
export function isDeletedJob({ state }: Job): boolean {
  return state === 'DELETED' || state === 'CANCELED';
}

/** The results other than SUCCESS that a policy may accept. */
export const ACCEPTABLE_RESULTS = ['COMPLETED_WITH_ERROR', 'ABORTED'] as const;

/** What lets the step pass besides SUCCESS. */
export interface Policy {
  readonly accept: ReadonlySet<string>;
  /** An accepted result passes only with at most this many failed commands. */
  readonly maxFailedCommands: number | undefined;
}

/** The verdict on a finished job. The reason is made of whole sentences and may quote the server. */
export interface Verdict {
  readonly outcome: 'success' | 'accepted' | 'failure';
  readonly reason: string;
  /** Whether Import Results report a failure although the job reports SUCCESS. */
  readonly isContradicted?: boolean;
}

/** Whether the verdict on a finished job depends on its Import Results. */
export function needsImportResults(job: Job, policy: Policy): boolean {
  if (job.state !== 'COMPLETED') return false;
  const isLimited = policy.maxFailedCommands !== undefined && policy.accept.has(job.result);
  return isLimited || stageOf(job) === 'no-result';
}

/**
 * Judges a job that is finished, or that stayed without a result. Success requires the words COMPLETED and SUCCESS;
 * every unknown value is a failure.
 * @param results its Import Results; undefined if they could not be read
 */
export function judge(job: Job, policy: Policy, results: ImportResults | undefined): Verdict {
  switch (job.state) {
    case 'COMPLETED':
      return judgeCompleted(job.result, policy, results);
    case 'FAILED':
    case 'ERROR':
      return failure(`The job failed (state ${job.state}, result ${job.result || 'missing'}).`);
    case 'DELETED':
    case 'CANCELED':
      return failure(
        `The job was deleted or canceled in Collibra (state ${job.state}). If the import is still needed, submit it again.`,
      );
    default:
      return failure(
        `The job finished in the unknown state "${job.state}". Only COMPLETED with SUCCESS counts as success.`,
      );
  }
}

function judgeCompleted(result: string, policy: Policy, results: ImportResults | undefined): Verdict {
  switch (result) {
    case 'SUCCESS':
      return success(results);
    case 'COMPLETED_WITH_ERROR':
    case 'ABORTED':
      return judgePartial(result, policy, results);
    case 'FAILURE':
      return failure('The job is COMPLETED, but its result is FAILURE.');
    case '':
    case 'NOT_SET':
      return judgeByImportResults(policy, results);
    default:
      return failure(`The job is COMPLETED with the unknown result "${result}". Only SUCCESS counts as success.`);
  }
}

/** Maps `importJobState` to the result of a job. */
const RESULT_OF_IMPORT_STATE: Readonly<Record<string, string>> = {
  COMPLETED: 'SUCCESS',
  COMPLETED_WITH_ERRORS: 'COMPLETED_WITH_ERROR',
  ABORTED: 'ABORTED',
  FAILED: 'FAILURE',
};

/** Judges a COMPLETED job without a result by its Import Results; without them it is a failure. */
function judgeByImportResults(policy: Policy, results: ImportResults | undefined): Verdict {
  const result = resultOf(results);
  const state = results?.importJobState ?? '';
  if (result === undefined) {
    return failure(
      state === ''
        ? 'The job is COMPLETED, but neither the job nor its Import Results report a result. Check the job in Collibra.'
        : `The job is COMPLETED without a result, and its Import Results report the unknown state "${state}". Check the job in Collibra.`,
    );
  }
  const verdict = judgeCompleted(result, policy, results);
  const source = `The job reports no result; its Import Results report ${state}`;
  const reason = verdict.outcome === 'success' ? `${source}, which is a success.` : `${source}. ${verdict.reason}`;
  return { ...verdict, reason };
}

/** What Import Results report as the result. Any sign of failure counts against COMPLETED. */
function resultOf(results: ImportResults | undefined): string | undefined {
  if (results === undefined) return undefined;
  const { importJobState: state } = results;
  const result = Object.hasOwn(RESULT_OF_IMPORT_STATE, state) ? RESULT_OF_IMPORT_STATE[state] : undefined;
  return result === 'SUCCESS' && hasFailures(results) ? 'COMPLETED_WITH_ERROR' : result;
}

function hasFailures(results: ImportResults): boolean {
  return someCommandsFailed(results) || hasFailedCounter(results);
}

/** Whether Import Results count or list commands that failed. */
export function someCommandsFailed({ failedCommands = 0, firstFailedCommands }: ImportResults): boolean {
  return failedCommands > 0 || firstFailedCommands.length > 0;
}

/** Whether Import Results count failed resources, of a resource type or of one of its categories. */
export function hasFailedCounter({ resources }: ImportSummary): boolean {
  return resources.some((one) => [one, ...one.categories].some(({ failed = 0 }) => failed > 0));
}

/** State and result decide; Import Results that contradict them are reported. */
function success(results: ImportResults | undefined): Verdict {
  const reason = 'The job is COMPLETED with SUCCESS';
  const isConsistent =
    results === undefined ||
    (!hasFailures(results) && (results.importJobState === '' || resultOf(results) === 'SUCCESS'));
  if (isConsistent) return { outcome: 'success', reason: `${reason}.` };
  const { importJobState: state } = results;
  const n = failedOf(results);
  const failed = n === undefined ? 'failed commands' : count(n, 'failed command');
  const facts = [...(state === '' ? [] : [`the state ${state}`]), ...(hasFailures(results) ? [failed] : [])];
  return {
    outcome: 'success',
    reason: `${reason}, but its Import Results report ${facts.join(' and ')}.`,
    isContradicted: true,
  };
}

function judgePartial(result: string, policy: Policy, results: ImportResults | undefined): Verdict {
  const facts = partialFacts(result, results);
  if (!policy.accept.has(result)) return failure(`${facts}. To allow this result, add ${result} to the accept input.`);
  const limit = policy.maxFailedCommands;
  if (limit === undefined) return accepted(`${facts}.`);
  const failed = failedOf(results);
  if (failed === undefined) {
    return failure(
      `${facts}. max-failed-commands is ${limit}, but Import Results do not report how many commands failed.`,
    );
  }
  if (failed > limit) return failure(`${facts}, more than max-failed-commands (${limit}) allows.`);
  return accepted(`${facts}, within max-failed-commands (${limit}).`);
}

/** What a partly committed import did, as far as it is known. */
function partialFacts(result: string, results: ImportResults | undefined): string {
  const failed = failedOf(results);
  const facts = failed === undefined ? result : `${result}: ${count(failed, 'command')} failed`;
  return results?.changes === 0 ? `${facts} and no changes were committed` : facts;
}

/** How many commands of an import with failures failed. 0 contradicts the failures, so it counts as unknown. */
function failedOf(results: ImportResults | undefined): number | undefined {
  return results?.failedCommands || undefined;
}

function accepted(reason: string): Verdict {
  return { outcome: 'accepted', reason };
}

function failure(reason: string): Verdict {
  return { outcome: 'failure', reason };
}
