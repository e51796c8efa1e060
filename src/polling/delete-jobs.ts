import type { Clock } from '../clock.ts';
import { CollibraError, isTransient, type ErrorKind } from '../collibra/errors.ts';
import type { Job } from '../collibra/job.ts';
import type { Jobs } from '../collibra/jobs.ts';
import { isDeletedJob, stageOf } from '../verdict.ts';
import { retry } from './retry.ts';

/** What came of a delete. */
export type DeleteResult =
  | { readonly kind: 'deleted' }
  /** The job is finished, so it was left alone. */
  | { readonly kind: 'finished'; readonly job: Job }
  /** Collibra did not accept the request, or it was never sent. */
  | { readonly kind: 'failed'; readonly error: CollibraError }
  /** The request was sent, but there was no response. */
  | { readonly kind: 'unconfirmed'; readonly error: CollibraError };

/** How to delete jobs. */
export interface DeleteOptions {
  readonly jobs: Pick<Jobs, 'get' | 'delete'>;
  readonly clock: Clock;
  /** Why they are deleted, for Collibra. */
  readonly message: string;
  /** How long all of it may take, in milliseconds. */
  readonly timeoutMs: number;
  /** Waits for a turn in which a poll and a delete are both sent at once. */
  readonly inTurn: <T>(work: () => Promise<T>, signal: AbortSignal) => Promise<T>;
  /** Called for each job. */
  readonly onResult: (id: string, result: DeleteResult) => void;
}

/** Deletes jobs concurrently, after one more poll of each: a finished job is never deleted. Retries transient errors. */
export async function deleteJobs(ids: readonly string[], options: DeleteOptions): Promise<void> {
  const { clock, timeoutMs, onResult } = options;
  const done = new AbortController();
  const late = new AbortController();
  const message = 'There was no time left.';
  void clock.sleep(timeoutMs, done.signal).then(() => {
    late.abort(new CollibraError('transient', 'no time left', message));
  });
  await Promise.all(ids.map(async (id) => onResult(id, await deleteJob(id, options, late.signal))));
  done.abort();
}

async function deleteJob(
  id: string,
  { jobs, clock, message, timeoutMs, inTurn }: DeleteOptions,
  signal: AbortSignal,
): Promise<DeleteResult> {
  const budgetOf = (kind: ErrorKind) => (isTransient(kind) ? timeoutMs : -Infinity);
  /** Whether a request was sent without a response that says what came of it. */
  const sent = { isUnconfirmed: false };
  // A poll precedes each request, with no queue in between, because the job may finish in the meantime.
  const attempt = async (): Promise<DeleteResult> => {
    const job = await jobs.get(id, { signal });
    if (sent.isUnconfirmed && isDeletedJob(job)) return { kind: 'deleted' };
    const stage = stageOf(job);
    if (stage === 'finished' || stage === 'no-result') return { kind: 'finished', job };
    try {
      await jobs.delete(id, message, { signal, isUrgent: true });
    } catch (error) {
      sent.isUnconfirmed ||= error instanceof CollibraError && isTransient(error.kind);
      throw error;
    }
    return { kind: 'deleted' };
  };
  try {
    return await retry(() => inTurn(attempt, signal), budgetOf, clock, signal);
  } catch (error) {
    if (!(error instanceof CollibraError)) throw error;
    // The response to an earlier request was lost, and the job is gone.
    if (sent.isUnconfirmed && error.kind === 'not-found') return { kind: 'deleted' };
    return { kind: sent.isUnconfirmed ? 'unconfirmed' : 'failed', error };
  }
}
