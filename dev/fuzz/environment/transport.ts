import type { HttpRequest, HttpResponse, Transport } from '../../../src/collibra/http/transport.ts';
import type { Api, Fault, Life, Trouble } from '../scenario.ts';
import { errorsContent, findContent, jobAt, jobContent, summaryContent, type Content } from './collibra.ts';
import type { Chronicle, Exchange, Why } from './trace.ts';
import { replyOf, type Reply } from './faults.ts';
import { AUTHORIZATION } from './inputs.ts';
import { baseUrlOf, indexOf, tokenUrlOf } from './names.ts';
import { START_DATE_MS, type SimulatedTime } from './clock.ts';
import { Tokens } from './tokens.ts';

type Place = Pick<Exchange, 'endpoint' | 'api' | 'job'> & { readonly query: URLSearchParams };

/** A good answer, or what stands in its way. */
type Answer = Content | { readonly fault: Fault; readonly why: Why };

/** The Collibra of a life, with the network in front of it; writes down what is asked and what is answered. */
export class SimulatedServer implements Transport {
  readonly #life: Life;
  readonly #time: SimulatedTime;
  readonly #chronicle: Chronicle;
  readonly #tokens: Tokens;
  /** How often each trouble has been met, whether it struck or not. */
  readonly #met = new Map<Trouble, number>();
  #asked = 0;

  constructor(life: Life, time: SimulatedTime, chronicle: Chronicle) {
    this.#life = life;
    this.#time = time;
    this.#chronicle = chronicle;
    this.#tokens = new Tokens(life);
  }

  send(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    const place = placeOf(request, this.#life);
    const authorization = request.headers.authorization ?? '';
    const answer = this.#answer(place, authorization);
    const served = 'fault' in answer ? { kind: 'fault' as const, ...answer } : answer.served;
    const { endpoint, api, job } = place;
    const exchange = this.#chronicle.begin({ endpoint, api, job, url: request.url, authorization, served });
    return this.#deliver(exchange, this.#replyOf(answer, place), signal);
  }

  #deliver(exchange: Exchange, reply: Reply, signal: AbortSignal): Promise<HttpResponse> {
    return new Promise((resolve, reject) => {
      const { latenciesMs } = this.#life.server;
      const latencyMs = latenciesMs[this.#asked++ % latenciesMs.length] ?? 0;
      const arrive = () => {
        signal.removeEventListener('abort', giveUp);
        this.#chronicle.finish(exchange, 'arrived');
        if (reply instanceof Error) reject(reply);
        else resolve(reply as HttpResponse);
      };
      const giveUp = () => {
        prevent();
        this.#chronicle.finish(exchange, 'given up');
        reject(signal.reason as Error);
      };
      const prevent = reply === 'nothing' ? () => undefined : this.#time.after(latencyMs, arrive);
      signal.addEventListener('abort', giveUp, { once: true });
    });
  }

  #replyOf(answer: Answer, place: Place): Reply {
    const { skewMs } = this.#life.server;
    const serverMs = START_DATE_MS + this.#chronicle.nowMs() + skewMs;
    if ('fault' in answer) {
      const { job = 0, api = 'jobs-v1' } = place;
      return replyOf(answer.fault, jobContent(this.#life, job, api, this.#chronicle.nowMs()).body, serverMs);
    }
    return { status: 200, headers: { date: new Date(serverMs).toUTCString() }, body: answer.body };
  }

  #answer(place: Place, authorization: string): Answer {
    const fault = this.#trouble(place);
    if (fault) return { fault, why: 'trouble' };
    const nowMs = this.#chronicle.nowMs();
    if (place.endpoint === 'token') {
      return authorization === AUTHORIZATION.client ? this.#tokens.give(nowMs) : refused('token refused');
    }
    const { credentials } = this.#life.settings;
    if (credentials === 'bearer' || credentials === 'basic') {
      if (authorization !== AUTHORIZATION[credentials]) return refused('token refused');
    } else {
      const check = this.#tokens.check(authorization, nowMs);
      if (check !== 'good') return refused(check);
    }
    return this.#content(place, nowMs);
  }

  #content({ endpoint, api, job, query }: Place, nowMs: number): Answer {
    const { server } = this.#life;
    if (api && !server.serves.includes(api)) return failing(server.missingAs, 'not served');
    if (endpoint === 'find') return findContent(this.#life, query, nowMs);
    if (job === undefined) return failing(404, 'unknown job');
    const { appearsMs, before, vanishesMs = Infinity, onlyIn = api, imports } = jobAt(this.#life, job);
    if (endpoint === 'summary' || endpoint === 'errors') {
      if (!imports.exists) return failing(404, 'unknown job');
      if (nowMs < imports.readyMs) return failing(400, 'not finished');
      const jobLife = jobAt(this.#life, job);
      return endpoint === 'summary' ? summaryContent(jobLife) : errorsContent(jobLife, query);
    }
    if (onlyIn !== api || nowMs >= vanishesMs) return failing(404, 'unknown job');
    if (nowMs < appearsMs) return failing(before, 'unknown job');
    if (endpoint === 'delete') return { served: { kind: 'deleted' }, body: '' };
    return jobContent(this.#life, job, api ?? 'jobs-v1', nowMs);
  }

  /** The first trouble that strikes; all that match are met. */
  #trouble({ endpoint, api, job }: Place): Fault | undefined {
    const nowMs = this.#chronicle.nowMs();
    const striking = this.#life.troubles.filter((trouble) => {
      const isHere =
        (trouble.at === 'anywhere' || trouble.at === endpoint) &&
        (trouble.job === undefined || job === undefined || trouble.job === job) &&
        (trouble.api === undefined || api === undefined || trouble.api === api);
      if (!isHere) return false;
      const met = this.#met.get(trouble) ?? 0;
      this.#met.set(trouble, met + 1);
      const { when } = trouble;
      return 'nth' in when
        ? met >= when.nth && met < when.nth + when.times
        : nowMs >= when.fromMs && nowMs < when.fromMs + when.forMs;
    });
    return striking[0]?.fault;
  }
}

function failing(status: number, why: Why): Answer {
  return { fault: { kind: 'status', status, body: 'standard' }, why };
}

function refused(why: Why): Answer {
  return failing(401, why);
}

/** What a request asks for. */
function placeOf({ method, url }: HttpRequest, life: Life): Place {
  const { searchParams: query } = new URL(url);
  const path = url.startsWith(`${baseUrlOf(life)}/rest/`)
    ? url.slice(baseUrlOf(life).length).split('?')[0]
    : '';
  const at = (endpoint: Exchange['endpoint'], id?: string, api?: Api): Place => ({
    endpoint,
    api,
    job: id === undefined ? undefined : indexOf(id, life),
    query,
  });
  if (url === tokenUrlOf(life) && method === 'POST') return at('token');
  for (const [how, pattern, endpoint, api] of ROUTES) {
    const found = how === method ? pattern.exec(path ?? '') : null;
    if (found) return at(endpoint, found[1], api);
  }
  return at('elsewhere');
}

const ROUTES = [
  ['GET', /^\/rest\/jobs\/v1\/jobs$/, 'find', 'jobs-v1'],
  ['GET', /^\/rest\/jobs\/v1\/jobs\/([^/]+)$/, 'job', 'jobs-v1'],
  ['GET', /^\/rest\/2\.0\/jobs\/([^/]+)$/, 'job', 'core-2.0'],
  ['DELETE', /^\/rest\/jobs\/v1\/jobs\/([^/]+)$/, 'delete', 'jobs-v1'],
  ['POST', /^\/rest\/2\.0\/jobs\/([^/]+)\/canceled$/, 'delete', 'core-2.0'],
  ['GET', /^\/rest\/2\.0\/import\/results\/([^/]+)\/summary$/, 'summary', undefined],
  ['GET', /^\/rest\/2\.0\/import\/results\/([^/]+)\/errors$/, 'errors', undefined],
] as const;
