const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether a text is a UUID, as the ids of jobs and users are; anything else has no place in a URL's path. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** A Collibra job as either job API reports it, with the two APIs' formats made one. */
export interface Job {
  readonly id: string;
  readonly name?: string;
  readonly type?: string;
  /** The UUID of the user that started it, in lower case. */
  readonly user?: string;
  /** As Collibra wrote it; '' where it said nothing. Values beyond the documented ones must be expected. */
  readonly state: string;
  /** As Collibra wrote it; '' where it said nothing. Values beyond the documented ones must be expected. */
  readonly result: string;
  readonly message: string;
  readonly progressPercentage?: number;
  readonly createdOn?: Date;
  readonly startDate?: Date;
  readonly endDate?: Date;
}
