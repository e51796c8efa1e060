import type { Job } from './collibra/job.ts';
import { count } from './text.ts';

/** The results other than SUCCESS that a policy may accept. */
export const ACCEPTABLE_RESULTS = ['COMPLETED_WITH_ERROR', 'ABORTED'] as const;

/** What lets a step pass beside SUCCESS. */
export interface Policy {
  readonly accept: ReadonlySet<string>;
  /** An accepted result passes only with at most this many failed commands. */
  readonly maxFailedCommands: number | undefined;
}

/** What Import Results say, as far as it bears on the verdict. */
export interface Evidence {
  /** `importJobState`, '' where it is missing. */
  readonly importJobState: string;
  readonly failedCommands: number | undefined;
  /** How many resources were added, updated or removed; undefined where it is not told. */
  readonly changes: number | undefined;
}

/**
 * Where a job stands:
 * - `pending`: not at its end;
 * - `unknown`: in a state that neither job API documents, so perhaps at its end, perhaps not;
 * - `no-result`: COMPLETED, and its result is not there (yet);
 * - `finished`: it can be judged.
 */
export type Stage = 'pending' | 'unknown' | 'no-result' | 'finished';

/** Whether the verdict on a job that has ended can't do without Import Results. */
export function needsImportResults(job: Job, policy: Policy): boolean {
  if (job.state !== 'COMPLETED') return false;
  const limited = policy.maxFailedCommands !== undefined && policy.accept.has(job.result);
  return limited || stageOf(job) === 'no-result';
}

/** The verdict on a job that has ended. The reason may quote the server. */
export interface Verdict {
  readonly outcome: 'success' | 'accepted' | 'failure';
  readonly reason: string;
  /** Whether Import Results say that something failed, although the job is a success. */
  readonly isContradicted?: boolean;
}

/** Where a job stands, by the vocabularies of both job APIs (Job API v1; Core REST API 2.0). */
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

/**
 * Judges a job that has ended, or whose result stayed unclear. Success needs the words COMPLETED and SUCCESS;
 * whatever is not known is a failure.
 * @param evidence from Import Results; undefined where they could not be had
 */
export function judge(job: Job, policy: Policy, evidence: Evidence | undefined): Verdict {
  switch (job.state) {
    case 'COMPLETED':
      return judgeCompleted(job.result, policy, evidence);
    case 'FAILED':
    case 'ERROR':
      return failure(`The job failed (state ${job.state}, result ${job.result || 'not given'})`);
    case 'DELETED':
    case 'CANCELED':
      return failure(`The job was deleted or cancelled (state ${job.state})`);
    default:
      return failure(
        `The job ended in the unknown state "${job.state}"; only COMPLETED with SUCCESS is success`,
      );
  }
}

function judgeCompleted(result: string, policy: Policy, evidence: Evidence | undefined): Verdict {
  switch (result) {
    case 'SUCCESS':
      return success(evidence);
    case 'COMPLETED_WITH_ERROR':
    case 'ABORTED':
      return judgePartial(result, policy, evidence);
    case 'FAILURE':
      return failure('The job is COMPLETED, but its result is FAILURE');
    case '':
    case 'NOT_SET':
      return judgeByImportResults(policy, evidence);
    default:
      return failure(`The job is COMPLETED with the unknown result "${result}"; only SUCCESS is success`);
  }
}

/** The names that Import Results give to the results of a job. */
const RESULT_OF_IMPORT_STATE: Readonly<Record<string, string>> = {
  COMPLETED: 'SUCCESS',
  COMPLETED_WITH_ERRORS: 'COMPLETED_WITH_ERROR',
  ABORTED: 'ABORTED',
  FAILED: 'FAILURE',
};

/** A COMPLETED job without a result: Import Results have the last word, and without them it is no success. */
function judgeByImportResults(policy: Policy, evidence: Evidence | undefined): Verdict {
  const state = evidence?.importJobState ?? '';
  const result = resultOfImportState(state, evidence?.failedCommands);
  if (result === undefined) {
    const said = state === '' ? 'Import Results do not tell either' : `Import Results say "${state}"`;
    return failure(`The job is COMPLETED, but Collibra gives no result, and ${said}`);
  }
  const verdict = judgeCompleted(result, policy, evidence);
  return { ...verdict, reason: `Collibra gives no result, Import Results say ${state}. ${verdict.reason}` };
}

/** Failed commands speak against a COMPLETED without errors. */
function resultOfImportState(state: string, failedCommands = 0): string | undefined {
  const result = Object.hasOwn(RESULT_OF_IMPORT_STATE, state) ? RESULT_OF_IMPORT_STATE[state] : undefined;
  return result === 'SUCCESS' && failedCommands > 0 ? 'COMPLETED_WITH_ERROR' : result;
}

/** The state and the result decide; Import Results that contradict them are told. */
function success(evidence: Evidence | undefined): Verdict {
  const reason = 'COMPLETED with SUCCESS';
  const { importJobState: state = '', failedCommands = 0 } = evidence ?? {};
  if (failedCommands === 0 && (state === '' || resultOfImportState(state) === 'SUCCESS'))
    return { outcome: 'success', reason };
  const said = `${state || 'no state'} and count ${count(failedCommands, 'failed command')}`;
  return { outcome: 'success', reason: `${reason}, but Import Results say ${said}`, isContradicted: true };
}

function judgePartial(result: string, policy: Policy, evidence: Evidence | undefined): Verdict {
  const facts = partialFacts(result, evidence);
  if (!policy.accept.has(result)) return failure(`${facts}. The policy (accept) does not allow ${result}`);
  const limit = policy.maxFailedCommands;
  if (limit === undefined) return accepted(facts);
  const failed = failedOf(evidence);
  if (failed === undefined) {
    return failure(
      `${facts}. max-failed-commands is ${limit}, but Import Results do not tell how many failed`,
    );
  }
  if (failed > limit) return failure(`${facts}. That is more than max-failed-commands (${limit})`);
  return accepted(`${facts}, within max-failed-commands (${limit})`);
}

/** What an import that was only partly committed did, as far as it is known. */
function partialFacts(result: string, evidence: Evidence | undefined): string {
  const failed = failedOf(evidence);
  const facts = failed === undefined ? result : `${result}: ${count(failed, 'command')} failed`;
  return evidence?.changes === 0 ? `${facts}, and nothing was added, updated or removed` : facts;
}

/** How many commands of a partly failed import failed. None can't be: then Import Results are not whole yet. */
function failedOf(evidence: Evidence | undefined): number | undefined {
  return evidence?.failedCommands || undefined;
}

function accepted(reason: string): Verdict {
  return { outcome: 'accepted', reason };
}

function failure(reason: string): Verdict {
  return { outcome: 'failure', reason };
}
