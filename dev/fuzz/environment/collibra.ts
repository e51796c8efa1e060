import type { HttpRequest } from '../../../src/collibra/http/transport.ts';
import { Accounts } from '../../simulator/accounts.ts';
import type { Answer } from '../../simulator/answers.ts';
import type { ImportResults } from '../../simulator/import-results.ts';
import { idSource } from '../../simulator/ids.ts';
import { Jobs } from '../../simulator/jobs.ts';
import type { Life, Step } from '../../simulator/life.ts';
import { matchRoute, type Match } from '../../simulator/router.ts';
import { answer } from '../../simulator/service.ts';
import type { World } from '../../simulator/world.ts';
import { fullMessage, type JobScript } from '../generators/jobs.ts';
import type { Scenario } from '../generators/scenarios.ts';
import { dateAt, type SimulatedClock } from './clock.ts';
import { ACCOUNTS, baseUrlOf, idOf, indexOf, tokenUrlOf } from './inputs.ts';
import type { Exchange } from './trace.ts';

const APIS = ['jobs-v1', 'core-2.0'] as const;

/** A request as the simulator's router sees it. */
export interface RoutedRequest extends Pick<Exchange, 'endpoint' | 'api' | 'job'> {
  readonly request: HttpRequest;
  readonly match: Match | 404 | 405;
}

/** The simulator's own routes, with the jobs and the oddities of a scenario, called without a socket. */
export class InProcessCollibra {
  readonly #scenario: Scenario;
  readonly #world: World;

  constructor(scenario: Scenario, clock: SimulatedClock) {
    this.#scenario = scenario;
    const { server, settings } = scenario;
    const shown = { now: () => dateAt(clock.sinceStartMs()), speed: 1, skewMs: server.skewMs };
    const jobs = new Jobs(shown);
    const newId = idSource(scenario.seed);
    const tokenLifetimeSeconds = server.token.lifetimeMs / 1000;
    const accounts = new Accounts({ ...ACCOUNTS, tokenLifetimeSeconds }, shown, newId);
    if (settings.credentials.startsWith('client')) {
      for (const ms of server.token.revokedMs) clock.after(ms, () => accounts.revokeTokens());
    }
    for (const [index, { name, type, user: userId, onlyIn, ...job }] of scenario.jobs.entries()) {
      const knownTo = onlyIn === undefined ? APIS : [onlyIn];
      const id = idOf(index);
      jobs.add({ id, name, type, userId, createdAt: dateAt(job.createdMs), knownTo, life: lifeOf(job, id) });
    }
    // Nothing is submitted here.
    const submitted = {
      defaultScenario: '',
      lifeOf: () => ({ steps: [] }),
      batches: new Map<string, string[]>(),
    };
    this.#world = { jobs, accounts, newId, finalized: [], ...submitted };
  }

  /** Finds the route of a request. */
  route(request: HttpRequest): RoutedRequest {
    const isToken = request.url === tokenUrlOf(this.#scenario);
    const base = baseUrlOf(this.#scenario);
    const path = request.url.startsWith(`${base}/`) ? request.url.slice(base.length).split('?')[0] : '';
    const match = matchRoute(request.method, isToken ? '/rest/oauth/v2/token' : (path ?? ''), APIS);
    const nowhere = { request, match, endpoint: 'unknown' as const, api: undefined, job: undefined };
    if (typeof match === 'number' || match.route.group === 'submit') return nowhere;
    const { group, api, path: pattern } = match.route;
    const results = pattern.endsWith('/errors') ? 'errors' : 'summary';
    const job = indexOf(match.params['id'], this.#scenario);
    return { request, match, endpoint: group === 'results' ? results : group, api, job };
  }

  /** Answers a request as the simulator does, but for the oddities of this server. */
  answer(routed: RoutedRequest): Answer {
    const { method, url, headers, body = '' } = routed.request;
    const query = new URL(url).searchParams;
    if (routed.endpoint === 'find') limitFind(query, this.#scenario.server);
    const plain = answer(this.#world, routed.match, { method, query, headers }, Buffer.from(body));
    return plain.status === 200
      ? { ...plain, body: withOddities(plain.body, routed, this.#scenario) }
      : plain;
  }

  /** The Date header. */
  date(): string {
    const { clock } = this.#world.jobs;
    return new Date(clock.now() + clock.skewMs).toUTCString();
  }
}

function limitFind(query: URLSearchParams, { pageSize, filters }: Scenario['server']): void {
  query.set('pageSize', String(Math.min(pageSize, Number(query.get('pageSize') ?? pageSize))));
  if (filters) return;
  query.delete('name');
  query.delete('type');
}

/** A body with what no simulator should do: other dates, counts and token lifetimes than the true ones. */
function withOddities(
  body: string,
  { endpoint, api, job }: RoutedRequest,
  { server, jobs }: Scenario,
): string {
  const { coreDates, token } = server;
  switch (endpoint) {
    case 'token': {
      const seconds = token.lifetimeMs / 1000;
      const lies = { 'ten times as long': 10 * seconds, negative: -1, missing: null };
      const expiresIn = { ...lies, number: seconds, text: `${seconds}` }[token.expiresIn];
      return body.replace(/"expires_in":[^,}]+/, `"expires_in":${JSON.stringify(expiresIn)}`);
    }
    case 'errors':
      return body.replace(/"total":\d+/, `"total":${jobs[job ?? -1]?.imports.total ?? null}`);
    default:
      return api === 'core-2.0' && coreDates === 's' ? body.replace(/(":1\d{9})\d{3}\b/g, '$1') : body;
  }
}

const FAILED_COMMANDS = Array.from({ length: 1_200 }, (_, n) => ({
  errorType: 'RUNTIME',
  resourceType: 'ASSET',
  errorMessage: 'No such domain',
  command: { indices: [n], identifier: '' },
}));

function lifeOf(
  { createdMs, phases, imports }: Pick<JobScript, 'createdMs' | 'phases' | 'imports'>,
  id: string,
): Life {
  let endMs = Math.max(0, -createdMs);
  const steps = phases.flatMap((phase, place): Step[] => {
    const startMs = place === 0 ? 0 : endMs;
    endMs += phase.lastsMs;
    const { progress, state, result, endDate } = phase;
    const fields = {
      id: phase.upperCaseId ? id.toUpperCase() : id,
      state,
      result,
      message: fullMessage(phase.message),
      ...(endDate === 'unreadable' ? { endDate: 'soon' } : {}),
    };
    return progress.map((progressPercentage, n) => ({
      atMs: startMs + ((endMs - startMs) * n) / progress.length,
      state: state ?? '',
      // Only a job that ends has a date of its end.
      ...(endDate === 'given' ? { ends: true } : {}),
      fields: { ...fields, progressPercentage },
      omit: endDate === 'none' ? ['endDate'] : [],
    }));
  });
  return { steps, ...(imports.exists ? { importResults: resultsOf(imports) } : {}) };
}

function resultsOf({ lateMs, state, errorsCount, added, listed }: JobScript['imports']): ImportResults {
  const resourceTypes = [{ resourceType: 'ASSET', counters: { added, updated: 0, removed: 0 } }];
  const summary = { errorsCount, resourceTypes, importJobState: state };
  return { importJobState: '', lateMs, errors: FAILED_COMMANDS.slice(0, listed), summary };
}
