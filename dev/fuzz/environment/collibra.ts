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
import type { ImportScript, JobScript, Phase, Scenario, ServerScript } from '../scenario.ts';
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
    const { server, seed } = scenario;
    const now = { now: () => dateAt(clock.sinceStartMs()), speed: 1, skewMs: server.skewMs };
    const newId = idSource(seed);
    const accounts = new Accounts(
      { ...ACCOUNTS, tokenLifetimeSeconds: server.token.lifetimeMs / 1000 },
      now,
      newId,
    );
    if (scenario.settings.credentials.startsWith('client')) {
      for (const ms of server.token.revokedMs) clock.after(ms, () => accounts.revokeTokens());
    }
    const life = { steps: [] };
    const submitted = { defaultScenario: '', lifeOf: () => life, batches: new Map<string, string[]>() };
    this.#world = { jobs: new Jobs(now), accounts, newId, finalized: [], ...submitted };
    for (const [index, job] of scenario.jobs.entries()) {
      const { name, type, user: userId, onlyIn } = job;
      const knownTo = onlyIn === undefined ? APIS : [onlyIn];
      const createdAt = dateAt(job.createdMs);
      this.#world.jobs.add({
        id: idOf(index),
        name,
        type,
        userId,
        createdAt,
        knownTo,
        life: lifeOf(job, index),
      });
    }
  }

  /** Finds out where a request leads. */
  route(request: HttpRequest): RoutedRequest {
    const base = baseUrlOf(this.#scenario);
    const { pathname } = new URL(request.url);
    const path = request.url.startsWith(`${base}/rest/`) ? pathname.slice(new URL(base).pathname.length) : '';
    const isToken = request.url === tokenUrlOf(this.#scenario);
    const match = matchRoute(
      request.method,
      isToken ? '/rest/oauth/v2/token' : `/${path}`.replace('//', '/'),
      APIS,
    );
    if (typeof match === 'number') {
      return { request, match, endpoint: 'unknown', api: undefined, job: undefined };
    }
    const { group, api } = match.route;
    const results = match.route.path.endsWith('/errors') ? 'errors' : 'summary';
    const endpoint = group === 'results' ? results : group === 'submit' ? 'unknown' : group;
    return { request, match, endpoint, api, job: indexOf(match.params['id'], this.#scenario) };
  }

  /** Answers a request as the simulator does, but for the oddities of this server. */
  answer(routed: RoutedRequest): Answer {
    const { server, jobs } = this.#scenario;
    const { method, url, headers, body = '' } = routed.request;
    const query = new URL(url).searchParams;
    if (routed.endpoint === 'find') limitFind(query, server);
    const plain = answer(this.#world, routed.match, { method, query, headers }, Buffer.from(body));
    if (plain.status !== 200) return plain;
    return { ...plain, body: withOddities(plain.body, routed, server, jobs[routed.job ?? -1]?.imports) };
  }

  /** The Date header. */
  date(): string {
    const { clock } = this.#world.jobs;
    return new Date(clock.now() + clock.skewMs).toUTCString();
  }
}

function limitFind(query: URLSearchParams, { pageSize, filters }: ServerScript): void {
  query.set('pageSize', String(Math.min(pageSize, Number(query.get('pageSize') ?? pageSize))));
  if (filters) return;
  query.delete('name');
  query.delete('type');
}

/** A body with what no simulator should do: other dates, counts and token lifetimes than the true ones. */
function withOddities(
  body: string,
  { endpoint, api }: RoutedRequest,
  { coreDates, token }: ServerScript,
  imports: ImportScript | undefined,
): string {
  if (endpoint === 'token') {
    const seconds = token.lifetimeMs / 1000;
    const lies = { 'ten times as long': 10 * seconds, negative: -1, missing: null };
    const expiresIn = { ...lies, number: seconds, text: `${seconds}` }[token.expiresIn];
    return body.replace(/"expires_in":[^,}]+/, `"expires_in":${JSON.stringify(expiresIn)}`);
  }
  if (endpoint === 'errors') return body.replace(/"total":\d+/, `"total":${imports?.total ?? null}`);
  return api === 'core-2.0' && coreDates === 's' ? body.replace(/(":1\d{9})\d{3}\b/g, '$1') : body;
}

/** A message beyond every limit; `huge` stands for it in a scenario. */
const HUGE_MESSAGE = 'Command failed. '.repeat(8_000);

const FAILED_COMMANDS = Array.from({ length: 1_200 }, (_, n) => ({
  errorType: 'RUNTIME',
  resourceType: 'ASSET',
  errorMessage: 'No such domain',
  command: { indices: [n], identifier: '' },
}));

function lifeOf(job: JobScript, index: number): Life {
  let atMs = Math.max(0, -job.createdMs);
  const steps = job.phases.flatMap((phase, place) => {
    const startMs = place === 0 ? 0 : atMs;
    atMs += phase.lastsMs;
    return stepsOf(phase, startMs, atMs, idOf(index));
  });
  return { steps, ...(job.imports.exists ? { importResults: resultsOf(job.imports) } : {}) };
}

/** How many steps a phase has whose progress changes. */
const PROGRESS_STEPS = 6;

function stepsOf({ progress, ...phase }: Phase, startMs: number, endMs: number, id: string): Step[] {
  const count = progress === undefined || progress.from === progress.to ? 1 : PROGRESS_STEPS;
  return Array.from({ length: count }, (_, n) => {
    const share = n / Math.max(1, count - 1);
    const shown = {
      id: phase.upperCaseId ? id.toUpperCase() : id,
      state: phase.state,
      result: phase.result,
      message: phase.message === 'huge' ? HUGE_MESSAGE : phase.message,
      progressPercentage: progress && progress.from + (progress.to - progress.from) * share,
      ...(phase.endDate === 'unreadable' ? { endDate: 'soon' } : {}),
    };
    return {
      atMs: startMs + ((endMs - startMs) * n) / count,
      state: phase.state ?? '',
      // Only a job that ends has a date of its end.
      ...(phase.endDate === 'given' ? { ends: true } : {}),
      fields: Object.fromEntries(
        Object.entries(shown).map(([name, value]) => [name, value ?? (phase.nulls ? null : undefined)]),
      ),
      omit: phase.endDate === 'none' ? ['endDate'] : [],
    };
  });
}

function resultsOf({ lateMs, state = '', errorsCount, added, listed }: ImportScript): ImportResults {
  const counters = { added, updated: 0, removed: 0 };
  const resourceTypes = [{ resourceType: 'ASSET', counters }];
  const summary = { errorsCount, resourceTypes, importJobState: state === '' ? undefined : state };
  return { importJobState: state, lateMs, errors: FAILED_COMMANDS.slice(0, listed), summary };
}
