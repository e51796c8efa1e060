import type { Api, JobLife, Life, Phase } from '../scenario.ts';
import type { Served, View } from './trace.ts';
import { idOf, JOB_NAME, USERS } from './names.ts';
import { START_DATE_MS } from './clock.ts';

/** A good answer: what it says, and its text. */
export interface Content {
  readonly served: Served;
  readonly body: string;
}

/** A message beyond every bound; `huge` stands for it in a life. */
const HUGE_MESSAGE = 'Command failed. '.repeat(8_000);

/** What a job says of itself at a time, through one of the APIs. */
export function jobContent(life: Life, index: number, api: Api, nowMs: number): Content {
  const job = jobAt(life, index);
  const { phase, sinceMs } = phaseAt(job, nowMs);
  const dateOf = (ms: number) => dateIn(api, life, ms);
  const endDate = { none: undefined, given: dateOf(sinceMs), unreadable: 'soon' }[phase.endDate];
  const progress = progressAt(phase, nowMs - sinceMs);
  const message = phase.message === 'huge' ? HUGE_MESSAGE : phase.message;
  const view: View = {
    state: phase.state ?? '',
    result: phase.result ?? '',
    message: message ?? '',
    endDate: phase.endDate,
    endedOnMs: phase.endDate === 'given' ? serverDate(life, sinceMs) : undefined,
    progress,
  };
  const id = phase.upperCaseId ? idOf(index).toUpperCase() : idOf(index);
  const { state, result } = phase;
  const fields = { id, state, result, message, progressPercentage: progress, endDate };
  const about = { name: nameOf(job), type: job.type, createdOn: dateOf(job.createdMs), cancelable: true };
  const leftOut = phase.nulls ? null : undefined;
  const body = JSON.stringify({ ...about, ...fields }, (_, value: unknown) =>
    value === undefined ? leftOut : value,
  );
  return { served: { kind: 'job', view }, body };
}

/** One page of Find jobs, newest first. The cursor is the job after which to go on. */
export function findContent(life: Life, query: URLSearchParams, nowMs: number): Content {
  const { filters, pageSize } = life.server;
  const isAskedFor = (job: JobLife) =>
    job.createdMs <= nowMs &&
    (query.get('user') ?? USERS[job.user]) === USERS[job.user] &&
    (!filters || (nameOf(job) === query.get('name') && (query.get('type') ?? job.type) === job.type));
  const cursor = query.get('cursor');
  const listed = life.jobs
    .map((job, index) => ({ job, id: idOf(index) }))
    .sort((a, b) => b.job.createdMs - a.job.createdMs);
  const rest = listed
    .slice(cursor === null ? 0 : listed.findIndex(({ id }) => id === cursor) + 1)
    .filter(({ job }) => isAskedFor(job));
  const page = rest.slice(0, Math.min(pageSize, Number(query.get('pageSize') ?? 10)));
  const results = page.map(({ job, id }) => ({
    id,
    name: nameOf(job),
    type: job.type,
    user: USERS[job.user],
    createdOn: dateIn('jobs-v1', life, job.createdMs),
  }));
  const isLast = rest.length === page.length;
  const body = { results, ...(isLast ? {} : { nextCursor: page.at(-1)?.id }) };
  return { served: { kind: 'page', isLast }, body: JSON.stringify(body) };
}

/** The summary of Import Results. */
export function summaryContent({ imports }: JobLife): Content {
  const { state, errorsCount, added } = imports;
  const counters = { added, updated: 0, removed: 0 };
  const body = { importJobState: state, errorsCount, resourceTypes: [{ resourceType: 'ASSET', counters }] };
  return { served: { kind: 'summary', state: state ?? '', errorsCount, added }, body: JSON.stringify(body) };
}

/** One page of failed commands. */
export function errorsContent({ imports }: JobLife, query: URLSearchParams): Content {
  const { total, listed } = imports;
  const offset = Number(query.get('offset'));
  const many = Math.max(0, Math.min(1000, Number(query.get('limit')), listed - offset));
  const failed = { errorType: 'RUNTIME', resourceType: 'ASSET', errorMessage: 'No such domain' };
  const results = Array.from({ length: many }, (_, n) => ({ ...failed, command: { indices: [offset + n] } }));
  return { served: { kind: 'errors', total, listed: many }, body: JSON.stringify({ total, results }) };
}

/** The job with this index. */
export function jobAt(life: Life, index: number): JobLife {
  const job = life.jobs[index];
  if (job === undefined) throw new RangeError(`A life without job ${index}`);
  return job;
}

function phaseAt({ appearsMs, phases }: JobLife, nowMs: number): { phase: Phase; sinceMs: number } {
  let sinceMs = appearsMs;
  for (const [index, phase] of phases.entries()) {
    if (nowMs < sinceMs + phase.lastsMs || index === phases.length - 1) return { phase, sinceMs };
    sinceMs += phase.lastsMs;
  }
  throw new RangeError('A job without phases');
}

function progressAt({ progress, lastsMs }: Phase, passedMs: number): number | undefined {
  if (progress === undefined) return undefined;
  const share = lastsMs === 0 ? 1 : Math.min(1, passedMs / lastsMs);
  return progress.from + (progress.to - progress.from) * share;
}

function nameOf({ name }: JobLife): string {
  return { wanted: JOB_NAME, almost: `${JOB_NAME} 2`, other: 'Workflow' }[name];
}

function serverDate({ server }: Life, ms: number): number {
  return Math.floor(START_DATE_MS + ms + server.skewMs);
}

function dateIn(api: Api, life: Life, ms: number): string | number {
  const date = serverDate(life, ms);
  if (api === 'jobs-v1') return new Date(date).toISOString();
  return life.server.coreDates === 'ms' ? date : Math.floor(date / 1000);
}
