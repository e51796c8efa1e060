import { type HttpResponse, json, HttpError } from './responses.ts';
import { errorsResponse, type ImportResults, summaryResponse } from './import-results.ts';
import { requestedJob } from './job-routes.ts';
import type { Life } from './life.ts';
import { coreView } from './views.ts';
import type { Call, Route, ServerState } from './server-state.ts';

const formats = ['json', 'csv', 'excel'];
const synchronization = '/rest/2.0/import/synchronize/{synchronizationId}';

/** The routes of the Import API: imports, synchronizations, and Import Results. */
export const importRoutes: readonly Route[] = [
  ...formats.flatMap((format): Route[] => [
    submission(`/rest/2.0/import/${format}-job`),
    submission(`${synchronization}/${format}-job`),
    submission(`${synchronization}/batch/${format}-job`, rememberBatch),
  ]),
  { method: 'POST', path: `${synchronization}/finalize/job`, group: 'submit', handle: finalize },
  {
    method: 'GET',
    path: '/rest/2.0/import/results/{id}/summary',
    group: 'results',
    handle: (server, call) => summaryResponse(resultsOf(server, call)),
  },
  {
    method: 'GET',
    path: '/rest/2.0/import/results/{id}/errors',
    group: 'results',
    handle: (server, call) => errorsResponse(resultsOf(server, call), call.query),
  },
];

function submission(path: string, then?: (server: ServerState, call: Call, jobId: string) => void): Route {
  return {
    method: 'POST',
    path,
    group: 'submit',
    handle: (server, call) => {
      checkUpload(call);
      const jobId = startJob(server, call, scenarioOf(server, call));
      then?.(server, call, jobId);
      return jobResponse(server, jobId);
    },
  };
}

function rememberBatch(server: ServerState, call: Call, jobId: string): void {
  const id = call.params['synchronizationId'] ?? '';
  server.batches.set(id, [...(server.batches.get(id) ?? []), jobId]);
}

function finalize(server: ServerState, call: Call): HttpResponse {
  const synchronizationId = call.params['synchronizationId'] ?? '';
  const batches = (server.batches.get(synchronizationId) ?? []).flatMap((jobId) => {
    const job = server.jobs.get(jobId);
    if (job === undefined) return [];
    const { state, result } = server.jobs.moment(job);
    return [{ jobId, state, result }];
  });
  const notSuccessful = batches
    .filter(({ state, result }) => state !== 'COMPLETED' || result !== 'SUCCESS')
    .map(({ jobId }) => jobId);
  const jobId = startJob(server, call, scenarioOf(server, call));
  server.finalized.push({ synchronizationId, jobId, batches, notSuccessful });
  return jobResponse(server, jobId);
}

/** The query may name the scenario of the job. */
function scenarioOf(server: ServerState, call: Call): Life {
  try {
    return server.lifeOf(call.query.get('scenario') ?? server.defaultScenario);
  } catch (error) {
    throw new HttpError(400, 'unknownScenario', (error as Error).message);
  }
}

function startJob(server: ServerState, call: Call, life: Life): string {
  const { id } = server.jobs.add({
    id: server.newId(),
    name: call.query.get('name') ?? undefined,
    type: undefined,
    userId: call.principal.userId,
    createdAt: server.jobs.clock.now(),
    life,
    knownTo: ['jobs-v1', 'core-2.0'],
  });
  return id;
}

function jobResponse(server: ServerState, jobId: string): HttpResponse {
  const job = server.jobs.get(jobId);
  return json(200, job && coreView(server.jobs, job));
}

function checkUpload(call: Call): void {
  if (!call.headers['content-type']?.startsWith('multipart/form-data')) {
    throw new HttpError(415, 'unsupportedMediaType', 'The import must be sent as multipart/form-data.');
  }
  if (!/^content-disposition:.*; *name="?file"?/im.test(call.body.toString())) {
    throw new HttpError(400, 'fileMissing', 'The part named file is missing.');
  }
}

/**
 * Finds the Import Results of a job.
 * @throws HttpError with status 404 if the job is not an import, and 400 until the results are available
 */
function resultsOf(server: ServerState, call: Call): ImportResults {
  const job = requestedJob(server, call);
  const results = job.life.importResults;
  if (results === undefined) {
    throw new HttpError(404, 'importJobNotFound', `There is no import job with the ID ${job.id}.`);
  }
  const { endedMs } = server.jobs.moment(job);
  if (endedMs === undefined || server.jobs.age(job) < endedMs + (results.lateMs ?? 0)) {
    throw new HttpError(400, 'importJobNotFinished', 'The import job has not finished yet.');
  }
  return results;
}
