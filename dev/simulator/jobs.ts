import { type Clock, lived } from './clock.ts';
import { Counts } from './faults.ts';
import { deletedMoment, type Life, type Moment, momentOf } from './life.ts';

/** The two APIs that serve jobs. */
export type Api = 'jobs-v1' | 'core-2.0';

/** A job of the simulator. */
export type Job = {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  /** The UUID of the user who started it. */
  readonly userId: string;
  /** On the simulator's own clock; a job is unknown before this time. */
  readonly createdAt: number;
  readonly life: Life;
  readonly knownTo: readonly Api[];
  /** How often it was asked for, for faults that hit the nth request. */
  readonly requests: Counts;
  deletion?: { readonly atMs: number; readonly message: string };
};

/** What the simulator needs to know of a new job. */
export type NewJob = Omit<Job, 'requests' | 'deletion' | 'name' | 'type'> & {
  readonly name: string | undefined;
  readonly type: string | undefined;
};

/** All jobs, and what each of them shows at the present time. */
export class Jobs {
  readonly clock: Clock;
  readonly #jobs = new Map<string, Job>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Takes in a job. */
  add(job: NewJob): Job {
    const id = job.id.toLowerCase();
    const name = job.name ?? job.life.name ?? 'Import';
    const type = job.type ?? job.life.type ?? 'IMPORT';
    const added = { ...job, id, name, type, requests: new Counts() };
    this.#jobs.set(id, added);
    return added;
  }

  /** The job with this id in any case, created or not. */
  get(id: string): Job | undefined {
    return this.#jobs.get(id.toLowerCase());
  }

  /** The jobs that an API knows by now, the newest first. */
  knownTo(api: Api): Job[] {
    return [...this.#jobs.values()].filter((job) => this.isKnown(job, api)).sort(newestFirst);
  }

  /** Whether an API, or without one any API, knows a job by now. */
  isKnown(job: Job, api?: Api): boolean {
    return (api === undefined || job.knownTo.includes(api)) && job.createdAt <= this.clock.now();
  }

  /** How much of its life a job has lived. */
  age(job: Job): number {
    return lived(this.clock, job.createdAt);
  }

  /** What a job shows at the present time. */
  moment(job: Job): Moment {
    if (job.deletion === undefined) return momentOf(job.life, this.age(job));
    return deletedMoment(momentOf(job.life, job.deletion.atMs), job.deletion.atMs, job.deletion.message);
  }

  /** Ends a job that is still under way. */
  delete(job: Job, message: string): void {
    job.deletion = { atMs: this.age(job), message };
  }

  /** A moment of a job's life as the server's clock shows it. */
  shownTime(job: Job, lifeMs: number): number {
    return Math.round(job.createdAt + lifeMs / this.clock.speed + this.clock.skewMs);
  }
}

function newestFirst(one: Job, other: Job): number {
  return other.createdAt - one.createdAt;
}
