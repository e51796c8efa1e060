import { type Answer, json, Refusal } from './answers.ts';
import { errorsAnswer, type ImportResults, summaryAnswer } from './import-results.ts';
import { theJob } from './job-routes.ts';
import type { Life } from './life.ts';
import { coreView } from './views.ts';
import type { Call, Route, World } from './world.ts';

const formats = ['json', 'csv', 'excel'];
const synchronization = '/rest/2.0/import/synchronize/{synchronizationId}';

/** The routes of the Import API: submitting imports and synchronizations, and Import Results. */
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
    handle: (world, call) => summaryAnswer(resultsOf(world, call)),
  },
  {
    method: 'GET',
    path: '/rest/2.0/import/results/{id}/errors',
    group: 'results',
    handle: (world, call) => errorsAnswer(resultsOf(world, call), call.query),
  },
];

function submission(path: string, then?: (world: World, call: Call, jobId: string) => void): Route {
  return {
    method: 'POST',
    path,
    group: 'submit',
    handle: (world, call) => {
      checkUpload(call);
      const jobId = startJob(world, call, scenarioOf(world, call));
      then?.(world, call, jobId);
      return jobAnswer(world, jobId);
    },
  };
}

function rememberBatch(world: World, call: Call, jobId: string): void {
  const id = call.params['synchronizationId'] ?? '';
  world.batches.set(id, [...(world.batches.get(id) ?? []), jobId]);
}

function finalize(world: World, call: Call): Answer {
  const synchronizationId = call.params['synchronizationId'] ?? '';
  const batches = (world.batches.get(synchronizationId) ?? []).flatMap((jobId) => {
    const job = world.jobs.get(jobId);
    if (job === undefined) return [];
    const { state, result } = world.jobs.moment(job);
    return [{ jobId, state, result }];
  });
  const notSuccessful = batches
    .filter(({ state, result }) => state !== 'COMPLETED' || result !== 'SUCCESS')
    .map(({ jobId }) => jobId);
  const jobId = startJob(world, call, scenarioOf(world, call));
  world.finalized.push({ synchronizationId, jobId, batches, notSuccessful });
  return jobAnswer(world, jobId);
}

/** The scenario that the query asks for, so that whoever submits can choose the job's fate. */
function scenarioOf(world: World, call: Call): Life {
  try {
    return world.lifeOf(call.query.get('scenario') ?? world.defaultScenario);
  } catch (error) {
    throw new Refusal(400, 'unknownScenario', (error as Error).message);
  }
}

function startJob(world: World, call: Call, life: Life): string {
  const { id } = world.jobs.add({
    id: world.newId(),
    name: call.query.get('name') ?? undefined,
    type: undefined,
    userId: call.principal.userId,
    createdAt: world.jobs.clock.now(),
    life,
    knownTo: ['jobs-v1', 'core-2.0'],
  });
  return id;
}

function jobAnswer(world: World, jobId: string): Answer {
  const job = world.jobs.get(jobId);
  return json(200, job && coreView(world.jobs, job));
}

function checkUpload(call: Call): void {
  if (!call.headers['content-type']?.startsWith('multipart/form-data')) {
    throw new Refusal(415, 'unsupportedMediaType', 'The import must be sent as multipart/form-data.');
  }
  if (!/^content-disposition:.*; *name="?file"?/im.test(call.body.toString())) {
    throw new Refusal(400, 'fileMissing', 'The part named file is missing.');
  }
}

/** Import Results of a job; they are refused until the job has ended and they are there. */
function resultsOf(world: World, call: Call): ImportResults {
  const job = theJob(world, call);
  const results = job.life.importResults;
  if (results === undefined) {
    throw new Refusal(404, 'importJobNotFound', `There is no import job with the id ${job.id}.`);
  }
  const { endedMs } = world.jobs.moment(job);
  if (endedMs === undefined || world.jobs.age(job) < endedMs + (results.lateMs ?? 0)) {
    throw new Refusal(400, 'importJobNotFinished', 'The import job has not finished yet.');
  }
  return results;
}
