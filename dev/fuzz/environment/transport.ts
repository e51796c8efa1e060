import type { HttpRequest, HttpResponse, Transport } from '../../../src/collibra/http/transport.ts';
import { altered, replacement } from '../../simulator/fault-responses.ts';
import type { ServerState } from '../../simulator/server-state.ts';
import type { Fault, FaultRule } from '../generators/faults.ts';
import { responseTo, routeOf, serverStateOf, type RoutedRequest } from './collibra.ts';
import { idOf, scriptOf } from './inputs.ts';
import type { Call, Exchange, Trace } from './trace.ts';

/** Calls the simulator's routes without sockets and on a simulated clock, lets faults happen, and keeps a trace. */
export class InProcessTransport implements Transport {
  readonly #trace: Trace;
  readonly #state: ServerState;
  /** How many requests have matched each rule, whether it hit them or not. */
  readonly #matched = new Map<FaultRule, number>();
  #sent = 0;

  constructor(trace: Trace) {
    this.#trace = trace;
    this.#state = serverStateOf(trace);
  }

  send(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    const routed = routeOf(request, this.#trace.scenario);
    const fault = this.#faultFor(routed) ?? this.#missing(routed);
    return this.#deliver(this.#trace.begin({ ...routed, fault, reply: this.#replyTo(routed, fault) }), signal);
  }

  async #deliver(exchange: Exchange, signal: AbortSignal): Promise<HttpResponse> {
    const { reply } = exchange;
    const { scenario, clock } = this.#trace;
    const { latenciesMs } = scenario.server;
    const latencyMs = latenciesMs[this.#sent++ % latenciesMs.length] ?? 0;
    await clock.sleep(reply === undefined ? Infinity : latencyMs, signal);
    this.#trace.finish(exchange, signal.aborted ? 'aborted' : 'arrived');
    signal.throwIfAborted();
    if (reply instanceof Error) throw reply;
    return reply as HttpResponse;
  }

  /** The fault of the first rule that hits. The simulator's own rules know neither APIs nor certificates. */
  #faultFor({ endpoint, api, job }: RoutedRequest): Fault | undefined {
    const { scenario, clock } = this.#trace;
    const nowMs = clock.sinceStartMs();
    return scenario.faults.filter((rule) => {
      if (rule.at !== 'anywhere' && rule.at !== endpoint) return false;
      const about = rule.job === undefined ? undefined : idOf(rule.job);
      if ((about ?? job) !== (job ?? about) || (rule.api ?? api) !== (api ?? rule.api)) return false;
      const before = this.#matched.get(rule) ?? 0;
      this.#matched.set(rule, before + 1);
      const { when } = rule;
      return 'nth' in when
        ? before >= when.nth && before < when.nth + when.times
        : nowMs >= when.fromMs && nowMs < when.fromMs + when.forMs;
    })[0]?.fault;
  }

  /** What stands in for a route or a job that is not there, where that is not the simulator's own 404. */
  #missing({ endpoint, api, job: id }: RoutedRequest): Fault | undefined {
    const { scenario, clock } = this.#trace;
    const { serves, missingAs } = scenario.server;
    if (api && !serves.includes(api)) return { kind: 'status', status: missingAs };
    const job = scriptOf(id, scenario);
    const nowMs = clock.sinceStartMs();
    if (job === undefined || (endpoint !== 'job' && endpoint !== 'delete')) return undefined;
    if (nowMs >= (job.vanishesMs ?? Infinity)) return { kind: 'status', status: 404 };
    return nowMs < job.createdMs ? { kind: 'status', status: job.unknownAs } : undefined;
  }

  #replyTo(routed: RoutedRequest, fault: Fault | undefined): Call['reply'] {
    const { clock } = this.#state.jobs;
    const shownMs = clock.now() + clock.skewMs;
    if (fault?.kind === 'hang') return undefined;
    if (fault && 'code' in fault) return Object.assign(new Error(`it broke (${fault.code})`), { code: fault.code });
    if (fault?.kind === 'raw') return { ...fault, headers: {} };
    const served = fault && 'fields' in fault ? undefined : fault;
    const plain = replacement(served, shownMs) ?? responseTo(routed, this.#state, this.#trace.scenario);
    const { status, headers, body: whole } = plain.status === 200 ? altered(plain, served) : plain;
    const body = status === 200 && fault && 'fields' in fault ? withFields(whole, fault.fields) : whole;
    return { status, headers: { date: new Date(shownMs).toUTCString(), ...headers }, body };
  }
}

const withFields = (body: string, fields: object) => JSON.stringify({ ...(JSON.parse(body) as object), ...fields });
