import type { Clock } from '../clock.ts';
import { CollibraError, isTransient, type ErrorKind } from '../collibra/errors.ts';
import type { RequestLimits } from '../collibra/http/requests.ts';
import type { Job } from '../collibra/job.ts';
import { stageOf } from '../verdict.ts';
import { retry } from './retry.ts';

/** Client of a job API, as far as deletes need it. */
export interface JobDeleter {
  /** @throws CollibraError */
  get(id: string, limits: RequestLimits): Promise<Job>;
  /** @throws CollibraError */
  delete(id: string, message: string, limits: RequestLimits): Promise<void>;
}

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
  readonly jobs: JobDeleter;
  readonly clock: Clock;
  /** Why they are deleted, for Collibra. */
  readonly message: string;
  /** How long all of it may take, in milliseconds. */
  readonly timeoutMs: number;
  /** Called for each job. */
  readonly onResult: (id: string, result: DeleteResult) => void;
}

/** Deletes jobs concurrently, after one more look at each: a finished job is never deleted. Retries transient errors. */
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
  { jobs, clock, message, timeoutMs }: DeleteOptions,
  signal: AbortSignal,
): Promise<DeleteResult> {
  const budgetOf = (kind: ErrorKind) => (isTransient(kind) ? timeoutMs : -Infinity);
  // Whether a request may have reached Collibra without a response.
  let isSent = false;
  try {
    const job = await retry(() => jobs.get(id, { signal }), budgetOf, clock, signal);
    const stage = stageOf(job);
    if (stage === 'finished' || stage === 'no-result') return { kind: 'finished', job };
    const send = async () => {
      try {
        await jobs.delete(id, message, { signal });
      } catch (error) {
        // The response to an earlier attempt was lost, and the job is gone.
        if (isSent && error instanceof CollibraError && error.kind === 'not-found') return;
        isSent ||= signal.aborted || (error instanceof CollibraError && isTransient(error.kind));
        throw error;
      }
    };
    await retry(send, budgetOf, clock, signal);
    return { kind: 'deleted' };
  } catch (error) {
    if (!(error instanceof CollibraError)) throw error;
    return { kind: isSent ? 'unconfirmed' : 'failed', error };
  }
}
