import type { Job, Jobs } from './jobs.ts';
import type { Moment } from './life.ts';

const coreStates: Readonly<Record<string, string>> = { FAILED: 'ERROR', DELETED: 'CANCELED' };
const v1States: Readonly<Record<string, string>> = { CANCELING: 'RUNNING' };

type View = Record<string, unknown>;

/** Returns a job as the Job API v1 represents it. */
export function v1View(jobs: Jobs, job: Job): View {
  const moment = jobs.moment(job);
  const date = (lifeMs: number | undefined) =>
    lifeMs === undefined ? undefined : new Date(jobs.shownTime(job, lifeMs)).toISOString();
  return finished(moment, {
    ...shared(job, moment, v1States, date),
    progressPercentage: moment.progress === undefined ? undefined : Math.trunc(moment.progress),
    user: job.userId,
    selfManaged: false,
  });
}

/** Returns a job as the Core API 2.0 represents it. */
export function coreView(jobs: Jobs, job: Job): View {
  const moment = jobs.moment(job);
  const date = (lifeMs: number | undefined) => (lifeMs === undefined ? undefined : jobs.shownTime(job, lifeMs));
  return finished(moment, {
    ...shared(job, moment, coreStates, date),
    resourceType: 'Job',
    progressPercentage: moment.progress,
    userId: job.userId,
    cancelable: moment.endedMs === undefined,
    visibility: 1,
  });
}

/** The fields that both APIs have, with the API's own states and form of dates. */
function shared(
  job: Job,
  moment: Moment,
  states: Readonly<Record<string, string>>,
  date: (lifeMs: number | undefined) => unknown,
): View {
  return {
    id: job.id,
    name: job.name,
    type: job.type,
    state: moment.verbatim ? moment.state : (states[moment.state] ?? moment.state),
    result: moment.result,
    message: moment.message,
    createdBy: job.userId,
    createdOn: date(0),
    lastModifiedBy: job.userId,
    lastModifiedOn: date(moment.changedMs),
    startDate: date(moment.startedMs),
    endDate: date(moment.endedMs),
  };
}

function finished(moment: Moment, view: View): View {
  const fields = Object.entries({ ...view, ...moment.fields });
  return Object.fromEntries(fields.filter(([name]) => !moment.omit.includes(name)));
}
