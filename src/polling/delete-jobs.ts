import type { Clock } from '../clock.ts';
import { CollibraError, isTransient, type ErrorKind } from '../collibra/errors.ts';
import type { Job } from '../collibra/job.ts';
import type { Jobs } from '../collibra/jobs.ts';
import { isDeletedJob, isTerminal } from '../verdict.ts';
import { retry } from './retry.ts';

/** What came of a delete, and the job as last seen. */
export type DeleteResult =
  | { readonly kind: 'deleted'; readonly job: Job | undefined }
  /** The job is finished, so it was left alone. */
  | { readonly kind: 'finished'; readonly job: Job }
  /** Collibra did not accept the request, or it was never sent. */
  | { readonly kind: 'failed'; readonly job: Job | undefined; readonly error: CollibraError }
  /** The request was sent, but there was no response. */
  | { readonly kind: 'unconfirmed'; readonly job: Job | undefined; readonly error: CollibraError };

/** How to delete jobs. */
export interface DeleteOptions {
  readonly jobs: Pick<Jobs, 'get' | 'delete'>;
  readonly clock: Clock;
  /** Why they are deleted, for Collibra. */
  readonly message: string;
  /** How long all of it may take, in milliseconds. */
  readonly timeoutMs: number;
  /** Ends it earlier. */
  readonly signal?: AbortSignal | undefined;
  /** Waits for a turn in which a poll and a delete are both sent at once. */
  readonly inTurn: <T>(work: () => Promise<T>, signal: AbortSignal) => Promise<T>;
  /** Called for each job. */
  readonly onResult: (id: string, result: DeleteResult) => void;
}

/** Deletes jobs concurrently, after one more poll of each: a finished job is never deleted. Retries transient errors. */
export async function deleteJobs(ids: readonly string[], options: DeleteOptions): Promise<void> {
  const { clock, timeoutMs, signal, onResult } = options;
  const done = new AbortController();
  const late = new AbortController();
  const stop = () => late.abort(new CollibraError('transient', 'no time left', 'There was no time left.'));
  void clock.sleep(timeoutMs, done.signal).then(stop);
  signal?.addEventListener('abort', stop);
  // Rejected credentials would be rejected for every job, and too many attempts may lock the account.
  const rejected = new AbortController();
  const deleteOne = async (id: string) => {
    const result = await new Delete(id, options, late.signal, rejected.signal).result();
    if ('error' in result && result.error.kind === 'unauthorized') rejected.abort(result.error);
    onResult(id, result);
  };
  await Promise.all(ids.map(deleteOne));
  done.abort();
}

/** The delete of one job, with all its attempts. */
class Delete {
  readonly #id: string;
  readonly #options: DeleteOptions;
  readonly #signal: AbortSignal;
  readonly #rejected: AbortSignal;
  #job: Job | undefined;
  #lastError: CollibraError | undefined;
  /** Whether a delete was sent, and no response says what came of it. */
  #isUnconfirmed = false;

  /** @param rejected aborted when no other attempt makes sense; requests that were sent are not affected */
  constructor(id: string, options: DeleteOptions, signal: AbortSignal, rejected: AbortSignal) {
    this.#id = id;
    this.#options = options;
    this.#signal = signal;
    this.#rejected = rejected;
  }

  async result(): Promise<DeleteResult> {
    const { clock, timeoutMs, inTurn } = this.#options;
    const budgetOf = (kind: ErrorKind) => (isTransient(kind) ? timeoutMs : -Infinity);
    const attempt = () => inTurn(() => this.#attempt(), this.#signal);
    try {
      return await retry(attempt, budgetOf, clock, this.#signal);
    } catch (error) {
      if (!(error instanceof CollibraError)) throw error;
      // The response to an earlier request was lost, and the job is gone.
      if (this.#isUnconfirmed && error.kind === 'not-found') return { kind: 'deleted', job: this.#job };
      return { kind: this.#isUnconfirmed ? 'unconfirmed' : 'failed', job: this.#job, error: this.#explained(error) };
    }
  }

  /** A poll precedes each delete, with no queue in between, because the job may finish in the meantime. */
  async #attempt(): Promise<DeleteResult> {
    const { jobs, message } = this.#options;
    const signal = this.#signal;
    this.#rejected.throwIfAborted();
    try {
      const job = await jobs.get(this.#id, { signal });
      this.#job = job;
      if (this.#isUnconfirmed && isDeletedJob(job)) return { kind: 'deleted', job };
      if (isTerminal(job)) return { kind: 'finished', job };
      await this.#send(() => jobs.delete(this.#id, message, { signal, isUrgent: true }));
      return { kind: 'deleted', job };
    } catch (error) {
      if (error instanceof CollibraError && !signal.aborted) this.#lastError = error;
      throw error;
    }
  }

  async #send(request: () => Promise<void>): Promise<void> {
    try {
      await request();
    } catch (error) {
      // Without a connection or a token, the request was not sent.
      this.#isUnconfirmed ||= error instanceof CollibraError && isTransient(error.kind) && !error.isShared;
      throw error;
    }
  }

  /** Names what went wrong before there was no time left. */
  #explained(error: CollibraError): CollibraError {
    const last = this.#lastError;
    if (last === undefined || last === error || error !== this.#signal.reason) return error;
    return new CollibraError(error.kind, error.label, `${error.message} Last error: ${last.message}`);
  }
}
