import type { HttpRequest } from '../../../src/collibra/http/transport.ts';
import { Accounts } from '../../simulator/accounts.ts';
import { idSource } from '../../simulator/ids.ts';
import { Jobs } from '../../simulator/jobs.ts';
import type { Life, Step } from '../../simulator/life.ts';
import { matchRoute, type Match } from '../../simulator/router.ts';
import type { ServerState } from '../../simulator/server-state.ts';
import { respond } from '../../simulator/service.ts';
import { fullMessage, type JobScript } from '../generators/jobs.ts';
import type { Scenario } from '../generators/scenarios.ts';
import { dateAt } from './clock.ts';
import { ACCOUNTS, baseUrlOf, idOf, scriptOf, tokenUrlOf } from './inputs.ts';
import type { Call, Trace } from './trace.ts';

const APIS = ['jobs-v1', 'core-2.0'] as const;

/** Fills the simulator with the jobs and the accounts of a scenario. */
export function serverStateOf({ scenario, clock }: Trace): ServerState {
  const { server, settings, seed, jobs: scripts } = scenario;
  const shown = { now: () => dateAt(clock.sinceStartMs()), speed: 1, skewMs: server.skewMs };
  const jobs = new Jobs(shown);
  const newId = idSource(seed);
  const accounts = new Accounts({ ...ACCOUNTS, tokenLifetimeSeconds: server.token.lifetimeMs / 1000 }, shown, newId);
  const revokedMs = settings.credentials.startsWith('client') ? server.token.revokedMs : [];
  for (const ms of revokedMs) clock.after(ms, () => accounts.revokeTokens());
  for (const [index, script] of scripts.entries()) {
    const { name, type, user: userId, onlyIn, createdMs } = script;
    const [id, createdAt, knownTo] = [idOf(index), dateAt(createdMs), onlyIn === undefined ? APIS : [onlyIn]];
    jobs.add({ id, name, type, userId, createdAt, knownTo, life: lifeOf(script, id) });
  }
  const noUploads = { defaultScenario: '', lifeOf: () => ({ steps: [] }), batches: new Map(), finalized: [] };
  return { jobs, accounts, newId, ...noUploads };
}

/** A request and its route in the simulator. */
export type RoutedRequest = Omit<Call, 'fault' | 'reply'> & { request: HttpRequest; match: Match | 404 | 405 };

/** Finds the route of a request. */
export function routeOf(request: HttpRequest, scenario: Scenario): RoutedRequest {
  const { url, method, headers } = request;
  const base = `${baseUrlOf(scenario)}/`;
  const own = url.startsWith(base) ? url.slice(base.length - 1).replace(/\?.*/, '') : '';
  const path = url === tokenUrlOf(scenario) ? '/rest/oauth/v2/token' : own;
  const match = matchRoute(method, path, APIS);
  const sent = { request, match, url, authorization: headers['authorization'] ?? '' };
  if (typeof match === 'number' || match.route.group === 'submit') {
    return { ...sent, endpoint: 'unknown', api: undefined, job: undefined };
  }
  const { group, api } = match.route;
  const endpoint = group !== 'results' ? group : path.endsWith('/errors') ? 'errors' : 'summary';
  return { ...sent, endpoint, api, job: match.params['id'] };
}

/** Responds as the simulator does, but for the oddities of a server that no simulator should have. */
export function responseTo(routed: RoutedRequest, state: ServerState, scenario: Scenario) {
  const { request, match, endpoint, api, job, url } = routed;
  const { method, headers, body = '' } = request;
  const { server } = scenario;
  const { searchParams: query } = new URL(url);
  if (endpoint === 'find') {
    query.set('pageSize', '50');
    for (const name of ['cursor', ...(server.filters ? [] : ['name', 'type'])]) query.delete(name);
  }
  const plain = respond(state, match, { method, query, headers }, Buffer.from(body));
  if (plain.status !== 200) return plain;
  const odd = (pattern: RegExp, by: string) => ({ ...plain, body: plain.body.replace(pattern, by) });
  if (endpoint === 'find') return { ...plain, body: oddPage(plain.body, new URL(url).searchParams, scenario) };
  if (endpoint === 'token') return odd(/(?<="expires_in":)[^,}]+/, server.token.expiresIn);
  if (endpoint === 'errors') return odd(/(?<="total":)\d+/, `${scriptOf(job, scenario)?.imports.total ?? null}`);
  return api === 'core-2.0' && server.coreDates === 's' ? odd(/(?<=":1\d{9})\d{3}\b/g, '') : plain;
}

/** A page of all jobs found, in the order of this server, without what their scripts hide. */
function oddPage(body: string, asked: URLSearchParams, scenario: Scenario): string {
  const { results: all } = JSON.parse(body) as { results: { id: string }[] };
  // The order of IDs is no order of time.
  if (!scenario.server.newestFirst) all.sort((one, other) => (one.id.toLowerCase() < other.id.toLowerCase() ? -1 : 1));
  const cursor = asked.get('cursor');
  const start = cursor === null ? 0 : all.findIndex(({ id }) => id.toLowerCase() === cursor);
  const end = start + Math.min(scenario.server.pageSize, Number(asked.get('pageSize') ?? 10));
  const results = all.slice(start, end).map((job) => {
    const hides = scriptOf(job.id.toLowerCase(), scenario)?.hides ?? [];
    return Object.fromEntries(Object.entries(job).filter(([name]) => !hides.includes(name)));
  });
  return JSON.stringify({ results, nextCursor: all[end]?.id.toLowerCase() });
}

const FAILED = { errorType: '', resourceType: '', errorMessage: '', command: { indices: [], identifier: '' } };
const FAILED_COMMANDS = Array.from({ length: 1_200 }, () => FAILED);

function lifeOf({ createdMs, phases, imports }: JobScript, id: string): Life {
  let endMs = Math.max(0, -createdMs);
  const steps = phases.flatMap((phase, place): Step[] => {
    const startMs = place === 0 ? 0 : endMs;
    endMs += phase.lastsMs;
    const { progress, endDate, message, upperCaseId, ...shown } = phase;
    const fields = { ...shown, id: upperCaseId ? id.toUpperCase() : id, message: fullMessage(message) };
    return progress.map((progressPercentage, n) => ({
      atMs: startMs + ((endMs - startMs) * n) / progress.length,
      state: phase.state ?? '',
      // Only a job that ends has a date of its end.
      ...(endDate === 'given' ? { ends: true } : {}),
      fields: { ...fields, progressPercentage, ...(endDate === 'unreadable' ? { endDate: 'soon' } : {}) },
      omit: endDate === 'none' ? ['endDate'] : [],
    }));
  });
  if (!imports.exists) return { steps };
  const { state: importJobState, errorsCount, added, failed, inCategory, lateMs, listed } = imports;
  const others = { added, updated: 0, removed: 0 };
  const counters = { ...others, failed };
  const subcategories = inCategory ? [{ category: { name: 'Term' }, counters }] : null;
  const resource = { resourceType: 'ASSET', counters: inCategory ? others : counters, subcategories };
  const summary = { importJobState, errorsCount, resourceTypes: [resource] };
  return { steps, importResults: { importJobState: '', lateMs, errors: FAILED_COMMANDS.slice(0, listed), summary } };
}
