/** A Collibra job as either job API reports it, with the two APIs' formats made one. */
export interface Job {
  readonly id: string;
  readonly name?: string;
  readonly type?: string;
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
