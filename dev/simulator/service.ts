import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';

import { type Answer, Refusal, standardError, text } from './answers.ts';
import { deliver } from './deliver.ts';
import { Counts, type Fault, faultFor, type FaultRule, type RouteGroup } from './faults.ts';
import type { Api } from './jobs.ts';
import { type Match, matchRoute } from './router.ts';
import { changed, replacement } from './spoil.ts';
import type { World } from './world.ts';

/** A request as the simulator saw it. */
export type LoggedRequest = {
  readonly method: string;
  /** Without the path prefix. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | undefined>>;
  body: string;
  /** When it came, on the simulator's own clock. */
  readonly at: number;
  /** The number of its connection. */
  readonly connection: number;
  /** The status of the answer, once one was sent. */
  status?: number;
};

/** How requests are answered. */
export type ServiceOptions = {
  readonly pathPrefix: string;
  readonly apis: readonly Api[];
  readonly authentication: boolean;
};

/** Answers requests out of a world, and lets faults spoil the answers. */
export class Service {
  readonly requests: LoggedRequest[] = [];
  /** Faults of all jobs; rules may be added at any time. */
  readonly faults: FaultRule[] = [];
  /** The most requests that were under way at the same time. */
  peakInFlight = 0;
  /** Called when a fault takes the listener away for a while. */
  onRefuse: (forMs: number) => void = () => undefined;
  readonly #world: World;
  readonly #options: ServiceOptions;
  readonly #startedAt: number;
  readonly #counts = new Counts();
  readonly #next: { on: RouteGroup; fault: Fault }[] = [];
  #inFlight = 0;

  constructor(world: World, options: ServiceOptions) {
    this.#world = world;
    this.#options = options;
    this.#startedAt = world.jobs.clock.now();
  }

  /** Lets the next requests of a group go wrong, whatever they are about. */
  failNext(on: RouteGroup, fault: Fault, times = 1): void {
    this.#next.push(...Array.from({ length: times }, () => ({ on, fault })));
  }

  /** Answers one request. */
  async serve(request: IncomingMessage, response: ServerResponse, connection: number): Promise<void> {
    this.#inFlight += 1;
    this.peakInFlight = Math.max(this.peakInFlight, this.#inFlight);
    response.once('close', () => (this.#inFlight -= 1));
    const { logged, inPrefix } = this.#log(request, connection);
    const body = await buffer(request);
    logged.body = body.toString();
    const match = inPrefix ? matchRoute(logged.method, logged.path, this.#options.apis) : 404;
    const fault = typeof match === 'number' ? undefined : this.#faultFor(match);
    const { clock } = this.#world.jobs;
    const { authentication } = this.#options;
    const spoilt =
      replacement(fault, clock.now() + clock.skewMs) ??
      changed(answer(this.#world, match, logged, body, authentication), fault);
    if (fault?.kind === 'refuse') this.onRefuse(fault.forMs);
    await deliver(response, spoilt, fault, new Date(clock.now() + clock.skewMs).toUTCString());
    if (response.headersSent) logged.status = response.statusCode;
  }

  #log(request: IncomingMessage, connection: number): { logged: LoggedRequest; inPrefix: boolean } {
    const url = new URL(request.url ?? '/', 'http://simulator');
    const { pathPrefix } = this.#options;
    const inPrefix = url.pathname.startsWith(`${pathPrefix}/`);
    const logged: LoggedRequest = {
      method: request.method ?? '',
      path: inPrefix ? url.pathname.slice(pathPrefix.length) : url.pathname,
      query: url.searchParams,
      headers: Object.fromEntries(
        Object.entries(request.headers).map(([name, value]) => [name, value?.toString()]),
      ),
      body: '',
      at: this.#world.jobs.clock.now(),
      connection,
    };
    this.requests.push(logged);
    return { logged, inPrefix };
  }

  #faultFor({ route, params }: Match): Fault | undefined {
    const { jobs } = this.#world;
    const job = jobs.get(params['id'] ?? '');
    const jobFault =
      job && faultFor(job.life.faults ?? [], route.group, job.requests.next(route.group), jobs.age(job));
    const age = (jobs.clock.now() - this.#startedAt) * jobs.clock.speed;
    const commonFault = faultFor(this.faults, route.group, this.#counts.next(route.group), age);
    const next = this.#next.findIndex(({ on }) => on === route.group);
    return next >= 0 ? this.#next.splice(next, 1)[0]?.fault : (jobFault ?? commonFault);
  }
}

/** Answers a request without a socket and without faults, as its route (or the lack of one) demands. */
export function answer(
  world: World,
  match: Match | 404 | 405,
  { method, query, headers }: Pick<LoggedRequest, 'method' | 'query' | 'headers'>,
  body: Buffer,
  authentication = true,
): Answer {
  if (match === 404) return text(404, 'no route');
  try {
    if (match === 405) throw new Refusal(405, 'methodNotAllowed', `${method} is not served here.`);
    const { accounts } = world;
    const principal =
      match.route.open || !authentication
        ? accounts.firstUser
        : accounts.authenticate(headers['authorization']);
    return match.route.handle(world, { params: match.params, query, headers, body, principal });
  } catch (error) {
    if (error instanceof Refusal) return standardError(error.status, error.code, error.message);
    return standardError(500, 'simulatorDefect', String(error));
  }
}
