import { empty, json, HttpError } from './responses.ts';
import { findCorePage, findPage } from './find.ts';
import { isUuid } from './ids.ts';
import type { Api, Job } from './jobs.ts';
import { coreView, v1View } from './views.ts';
import type { Call, Route, ServerState } from './server-state.ts';

/** The API's limit for the message of a deletion, in characters. */
const MAX_MESSAGE_LENGTH = 128;

/** The routes of the Job API v1 and of the Core API's jobs. */
export const jobRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/rest/jobs/v1/jobs',
    group: 'find',
    api: 'jobs-v1',
    handle: (server, call) => json(200, findPage(server.jobs, call.query)),
  },
  {
    method: 'GET',
    path: '/rest/jobs/v1/jobs/{id}',
    group: 'job',
    api: 'jobs-v1',
    handle: (server, call) => json(200, v1View(server.jobs, requestedJob(server, call, 'jobs-v1'))),
  },
  {
    method: 'DELETE',
    path: '/rest/jobs/v1/jobs/{id}',
    group: 'delete',
    api: 'jobs-v1',
    handle: (server, call) => {
      deleteJob(server, call, 'jobs-v1');
      return empty(204);
    },
  },
  {
    method: 'GET',
    path: '/rest/2.0/jobs',
    group: 'find',
    api: 'core-2.0',
    handle: (server, call) => json(200, findCorePage(server.jobs, call.query)),
  },
  {
    method: 'GET',
    path: '/rest/2.0/jobs/{id}',
    group: 'job',
    api: 'core-2.0',
    handle: (server, call) => json(200, coreView(server.jobs, requestedJob(server, call, 'core-2.0'))),
  },
  {
    method: 'POST',
    path: '/rest/2.0/jobs/{id}/canceled',
    group: 'delete',
    api: 'core-2.0',
    handle: (server, call) => {
      deleteJob(server, call, 'core-2.0');
      return empty(202);
    },
  },
];

/**
 * Finds the job that a call names, among those that the given API (or any API) knows.
 * @throws HttpError with status 400 if the ID is not a UUID, and 404 if there is no such job
 */
export function requestedJob(server: ServerState, call: Call, api?: Api): Job {
  const id = call.params['id'] ?? '';
  if (!isUuid(id)) throw new HttpError(400, 'invalidUuid', `${id} is not a UUID.`);
  const job = server.jobs.get(id);
  if (job && server.jobs.isKnown(job, api)) return job;
  throw new HttpError(404, 'jobNotFound', `There is no job with the ID ${id.toLowerCase()}.`);
}

function deleteJob(server: ServerState, call: Call, api: Api): void {
  const job = requestedJob(server, call, api);
  const inBody = messageOf(call.body);
  const message = call.query.get('message') ?? inBody ?? 'Deleted by user';
  if (message.length > MAX_MESSAGE_LENGTH) {
    throw new HttpError(400, 'messageTooLong', `The message must have at most ${MAX_MESSAGE_LENGTH} characters.`);
  }
  if (job.userId !== call.principal.userId && !call.principal.admin) {
    throw new HttpError(403, 'notYourJob', 'Only administrators can delete the jobs of other users.');
  }
  // The API documents no error for a job that has finished; here nothing changes.
  if (server.jobs.moment(job).endedMs === undefined) server.jobs.delete(job, message);
}

/** The Core API takes the message in the body; the Job API does so too, but it is deprecated. */
function messageOf(body: Buffer): string | undefined {
  if (body.length === 0) return undefined;
  const value = parsed(body.toString());
  const message = isObject(value) ? value['message'] : null;
  if (message === undefined || typeof message === 'string') return message;
  throw new HttpError(400, 'invalidBody', 'The body must be a JSON object with a message, which is a string.');
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
