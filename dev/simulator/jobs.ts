import { type Clock, elapsed } from './clock.ts';
import { Counts } from './faults.ts';
import { deletedMoment, type Life, type Moment, momentOf } from './life.ts';

/** An API that serves jobs. */
export type Api = 'jobs-v1' | 'core-2.0';

/** A job of the simulator. */
export type Job = {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  /** The user who started it, as a UUID. */
  readonly userId: string;
  /** On the simulator's clock. The job is unknown before this time. */
  readonly createdAt: number;
  readonly life: Life;
  readonly knownTo: readonly Api[];
  /** How many requests it had, for faults that affect the nth request. */
  readonly requests: Counts;
  deletion?: { readonly atMs: number; readonly message: string };
};

/** A job to add. */
export type NewJob = Omit<Job, 'requests' | 'deletion' | 'name' | 'type'> & {
  readonly name: string | undefined;
  readonly type: string | undefined;
};

/** All jobs, and what the APIs show of them now. */
export class Jobs {
  readonly clock: Clock;
  readonly #jobs = new Map<string, Job>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Adds a job. */
  add(job: NewJob): Job {
    const id = job.id.toLowerCase();
    const name = job.name ?? job.life.name ?? 'Import';
    const type = job.type ?? job.life.type ?? 'IMPORT';
    const added = { ...job, id, name, type, requests: new Counts() };
    this.#jobs.set(id, added);
    return added;
  }

  /** Finds a job by its ID, in upper or lower case, even before it is created. */
  get(id: string): Job | undefined {
    return this.#jobs.get(id.toLowerCase());
  }

  /** Lists the jobs that an API knows now, the newest first. */
  knownTo(api: Api): Job[] {
    return [...this.#jobs.values()].filter((job) => this.isKnown(job, api)).sort(newestFirst);
  }

  /** Tells whether an API (or any API) knows a job now. */
  isKnown(job: Job, api?: Api): boolean {
    return (api === undefined || job.knownTo.includes(api)) && job.createdAt <= this.clock.now();
  }

  /** Returns how much simulated time has passed since a job was created. */
  age(job: Job): number {
    return elapsed(this.clock, job.createdAt);
  }

  /** Returns what a job shows now. */
  moment(job: Job): Moment {
    if (job.deletion === undefined) return momentOf(job.life, this.age(job));
    return deletedMoment(momentOf(job.life, job.deletion.atMs), job.deletion.atMs, job.deletion.message);
  }

  /** Deletes an unfinished job. */
  delete(job: Job, message: string): void {
    job.deletion = { atMs: this.age(job), message };
  }

  /** Converts a time since the creation of a job to the server's clock. */
  shownTime(job: Job, lifeMs: number): number {
    return Math.round(job.createdAt + lifeMs / this.clock.speed + this.clock.skewMs);
  }
}

function newestFirst(one: Job, other: Job): number {
  return other.createdAt - one.createdAt;
}
