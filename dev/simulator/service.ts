import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';

import { type HttpResponse, HttpError, standardError, text } from './responses.ts';
import { sendResponse } from './send.ts';
import { Counts, type Fault, faultFor, type FaultRule, type RouteGroup } from './faults.ts';
import type { Api } from './jobs.ts';
import { allowedMethods, type Match, matchRoute } from './router.ts';
import { altered, replacement } from './fault-responses.ts';
import type { ServerState } from './server-state.ts';

/** A received request. */
export type LoggedRequest = {
  readonly method: string;
  /** Without the path prefix. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | undefined>>;
  body: string;
  /** When it was received, on the simulator's clock. */
  readonly at: number;
  /** The number of the connection, starting at 1. */
  readonly connection: number;
  /** The status of the response, once it was sent. */
  status?: number;
};

/** How requests are handled. */
export type ServiceOptions = {
  readonly pathPrefix: string;
  readonly apis: readonly Api[];
  readonly authentication: boolean;
};

/** Responds to requests, and applies faults to the responses. */
export class Service {
  readonly requests: LoggedRequest[] = [];
  /** Faults of all requests. Rules can be added at any time. */
  readonly faults: FaultRule[] = [];
  /** The highest number of concurrent requests. */
  peakInFlight = 0;
  /** Called when a fault makes the listener refuse connections for a time. */
  onRefuse: (forMs: number) => void = () => undefined;
  readonly #server: ServerState;
  readonly #options: ServiceOptions;
  readonly #startedAt: number;
  readonly #counts = new Counts();
  readonly #next: { on: RouteGroup; fault: Fault }[] = [];
  #inFlight = 0;

  constructor(server: ServerState, options: ServiceOptions) {
    this.#server = server;
    this.#options = options;
    this.#startedAt = server.jobs.clock.now();
  }

  /** Makes the next requests of a group fail, whichever job they name. */
  failNext(on: RouteGroup, fault: Fault, times = 1): void {
    this.#next.push(...Array.from({ length: times }, () => ({ on, fault })));
  }

  /** Responds to a request. */
  async serve(request: IncomingMessage, response: ServerResponse, connection: number): Promise<void> {
    this.#inFlight += 1;
    this.peakInFlight = Math.max(this.peakInFlight, this.#inFlight);
    response.once('close', () => (this.#inFlight -= 1));
    const { logged, inPrefix } = this.#log(request, connection);
    const body = await buffer(request);
    logged.body = body.toString();
    const match = inPrefix ? matchRoute(logged.method, logged.path, this.#options.apis) : 404;
    const fault = typeof match === 'number' ? undefined : this.#faultFor(match);
    const { clock } = this.#server.jobs;
    const content =
      replacement(fault, clock.now() + clock.skewMs) ?? altered(this.#respond(match, logged, body), fault);
    if (fault?.kind === 'refuse') this.onRefuse(fault.forMs);
    await sendResponse(response, content, fault, new Date(clock.now() + clock.skewMs).toUTCString());
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
      headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, value?.toString()])),
      body: '',
      at: this.#server.jobs.clock.now(),
      connection,
    };
    this.requests.push(logged);
    return { logged, inPrefix };
  }

  #faultFor({ route, params }: Match): Fault | undefined {
    const { jobs } = this.#server;
    const job = jobs.get(params['id'] ?? '');
    const jobFault = job && faultFor(job.life.faults ?? [], route.group, job.requests.next(route.group), jobs.age(job));
    const age = (jobs.clock.now() - this.#startedAt) * jobs.clock.speed;
    const commonFault = faultFor(this.faults, route.group, this.#counts.next(route.group), age);
    const next = this.#next.findIndex(({ on }) => on === route.group);
    return next >= 0 ? this.#next.splice(next, 1)[0]?.fault : (jobFault ?? commonFault);
  }

  #respond(match: Match | 404 | 405, logged: LoggedRequest, body: Buffer): HttpResponse {
    const { apis, authentication } = this.#options;
    const own = respond(this.#server, match, logged, body, authentication);
    if (match !== 405) return own;
    return { ...own, headers: { ...own.headers, allow: allowedMethods(logged.path, apis).join(', ') } };
  }
}

/** Responds to a request without a socket and without faults. */
export function respond(
  server: ServerState,
  match: Match | 404 | 405,
  { method, query, headers }: Pick<LoggedRequest, 'method' | 'query' | 'headers'>,
  body: Buffer,
  authentication = true,
): HttpResponse {
  if (match === 404) return text(404, 'no route');
  try {
    if (match === 405) throw new HttpError(405, 'methodNotAllowed', `${method} is not allowed here.`);
    const { accounts } = server;
    const principal =
      match.route.open || !authentication ? accounts.firstUser : accounts.authenticate(headers['authorization']);
    return match.route.handle(server, { params: match.params, query, headers, body, principal });
  } catch (error) {
    if (error instanceof HttpError) return standardError(error.status, error.code, error.message);
    return standardError(500, 'simulatorDefect', String(error));
  }
}
