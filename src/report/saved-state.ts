import * as core from '@actions/core';

import type { Job } from '../collibra/job.ts';
import type { JobApi } from '../collibra/job.ts';
import { isTerminal } from '../verdict.ts';

/**
 * How far the main step came:
 * - `started` (see start.ts): it has not reported anything yet;
 * - `cancelled`, `timeout`: it has reported this outcome, and jobs are still to be deleted;
 * - `finished`: nothing is left to do.
 */
export type Phase = 'started' | 'cancelled' | 'timeout' | 'finished';

const FINISHED = 'finished';

/** What the main step saves for the post step, as soon as it is known. Contains no secret. */
export class SavedState {
  readonly #saved = new Map<string, string>();

  /** Saves how far the main step came. */
  phase(phase: Phase): void {
    this.#save('phase', phase);
  }

  /** Saves which jobs the step waits for. */
  jobs(ids: readonly string[]): void {
    this.#save('jobs', ids.join());
  }

  /** Saves which API knows a job, or that the job is finished. */
  job(job: Job, api: JobApi): void {
    if (isTerminal(job)) this.finished(job.id);
    else this.#save(job.id, api);
  }

  /** Saves that nothing is left to do for a job. */
  finished(id: string): void {
    this.#save(id, FINISHED);
  }

  /**
   * Appends to GITHUB_STATE, synchronously, because the process may be killed at any time. A wait does not end because
   * the disk is full.
   */
  #save(name: string, value: string): void {
    if (this.#saved.get(name) === value) return;
    this.#saved.set(name, value);
    try {
      core.saveState(name, value);
    } catch {
      // The post step asks Collibra for what it does not know.
    }
  }
}

/** What the main step saved. */
export interface MainState {
  readonly phase: Phase;
  /** The jobs that the step waits for; empty if the main step did not come as far as to know them. */
  readonly jobs: readonly string[];
  /** Those for which nothing is left to do. */
  readonly finished: ReadonlySet<string>;
  readonly apis: ReadonlyMap<string, JobApi>;
}

/** Reads what the main step saved, in the post step. */
export function readState(): MainState {
  const jobs = core.getState('jobs').split(',').filter(Boolean);
  const known = jobs.map((id) => [id, core.getState(id)] as const);
  const isFinished = (value: string) => value === FINISHED;
  return {
    phase: core.getState('phase') as Phase,
    jobs,
    finished: new Set(known.flatMap(([id, value]) => (isFinished(value) ? [id] : []))),
    apis: new Map(known.filter(([, value]) => value !== '' && !isFinished(value)) as [string, JobApi][]),
  };
}
