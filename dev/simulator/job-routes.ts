import { empty, json, Refusal } from './answers.ts';
import { findPage } from './find.ts';
import { isUuid } from './ids.ts';
import { wholeNumber } from './query.ts';
import type { Api, Job } from './jobs.ts';
import { coreView, v1View } from './views.ts';
import type { Call, Route, World } from './world.ts';

/** The longest message that a deletion may carry. */
const LONGEST_MESSAGE = 128;

/** The routes of the Job API v1 and of the Core API's jobs. */
export const jobRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/rest/jobs/v1/jobs',
    group: 'find',
    api: 'jobs-v1',
    handle: (world, call) => json(200, findPage(world.jobs, call.query)),
  },
  {
    method: 'GET',
    path: '/rest/jobs/v1/jobs/{id}',
    group: 'job',
    api: 'jobs-v1',
    handle: (world, call) => json(200, v1View(world.jobs, theJob(world, call, 'jobs-v1'))),
  },
  {
    method: 'DELETE',
    path: '/rest/jobs/v1/jobs/{id}',
    group: 'delete',
    api: 'jobs-v1',
    handle: (world, call) => {
      endJob(world, call, 'jobs-v1', call.query.get('message'));
      return empty(204);
    },
  },
  {
    method: 'GET',
    path: '/rest/2.0/jobs',
    group: 'find',
    api: 'core-2.0',
    handle: (world, call) => {
      const offset = wholeNumber(call.query, 'offset', 0, 0, Number.MAX_SAFE_INTEGER);
      const limit = wholeNumber(call.query, 'limit', 0, 0, 1000) || 1000;
      const known = world.jobs.knownTo('core-2.0');
      const results = known.slice(offset, offset + limit).map((job) => coreView(world.jobs, job));
      return json(200, { total: known.length, offset, limit, results });
    },
  },
  {
    method: 'GET',
    path: '/rest/2.0/jobs/{id}',
    group: 'job',
    api: 'core-2.0',
    handle: (world, call) => json(200, coreView(world.jobs, theJob(world, call, 'core-2.0'))),
  },
  {
    method: 'POST',
    path: '/rest/2.0/jobs/{id}/canceled',
    group: 'delete',
    api: 'core-2.0',
    handle: (world, call) => {
      endJob(world, call, 'core-2.0', messageOf(call.body));
      return empty(202);
    },
  },
];

/** The job that a call is about, if the API (or without one any API) knows it. */
export function theJob(world: World, call: Call, api?: Api): Job {
  const id = call.params['id'] ?? '';
  if (!isUuid(id)) throw new Refusal(400, 'invalidUuid', `${id} is not a UUID.`);
  const job = world.jobs.get(id);
  if (job && world.jobs.isKnown(job, api)) return job;
  throw new Refusal(404, 'jobNotFound', `There is no job with the id ${id.toLowerCase()}.`);
}

function endJob(world: World, call: Call, api: Api, message: string | null): void {
  const job = theJob(world, call, api);
  if (message !== null && message.length > LONGEST_MESSAGE) {
    throw new Refusal(400, 'messageTooLong', `The message may have ${LONGEST_MESSAGE} characters at most.`);
  }
  if (job.userId !== call.principal.userId && !call.principal.admin) {
    throw new Refusal(403, 'notYourJob', 'Only administrators may delete jobs of other users.');
  }
  if (world.jobs.moment(job).endedMs !== undefined) {
    throw new Refusal(400, 'jobHasEnded', 'The job has already ended.');
  }
  world.jobs.delete(job, message ?? 'Deleted by user');
}

function messageOf(body: Buffer): string | null {
  if (body.length === 0) return null;
  try {
    const { message } = JSON.parse(body.toString()) as { message?: unknown };
    return typeof message === 'string' ? message : null;
  } catch {
    throw new Refusal(400, 'invalidBody', 'The body is not a JSON object.');
  }
}
