/** The two job APIs: the Job API v1 and the Core REST API 2.0. */
export type JobApi = 'jobs-v1' | 'core-2.0';

/** Where each API has its jobs: `GET` finds them, `GET …/{id}` reads one. */
export const JOBS_PATH: Readonly<Record<JobApi, string>> = {
  'jobs-v1': '/rest/jobs/v1/jobs',
  'core-2.0': '/rest/2.0/jobs',
};

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether a text is a UUID, as the IDs of jobs and users are. Anything else must not get into a URL's path. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** A Collibra job as either job API reports it, with the two formats made one. */
export interface Job {
  readonly id: string;
  readonly name?: string;
  readonly type?: string;
  /** The UUID of the user that started it, in lower case. */
  readonly user?: string;
  /** As Collibra sent it, '' if it is missing. May be a value that is not documented. */
  readonly state: string;
  /** As Collibra sent it, '' if it is missing. May be a value that is not documented. */
  readonly result: string;
  readonly message: string;
  readonly progressPercentage?: number;
  readonly createdOn?: Date;
  readonly startDate?: Date;
  readonly endDate?: Date;
}
