import type { HttpRequest, HttpResponse, Transport } from '../../../src/collibra/http/transport.ts';
import { changed, replacement } from '../../simulator/spoil.ts';
import type { Fault, FaultRule } from '../generators/faults.ts';
import type { Scenario } from '../generators/scenarios.ts';
import type { SimulatedClock } from './clock.ts';
import { InProcessCollibra, type RoutedRequest } from './collibra.ts';
import type { Exchange, Reply, Trace } from './trace.ts';

/** Calls the simulator's routes without sockets and on a simulated clock, lets faults happen, and keeps a trace. */
export class InProcessTransport implements Transport {
  readonly #scenario: Scenario;
  readonly #clock: SimulatedClock;
  readonly #trace: Trace;
  readonly #collibra: InProcessCollibra;
  /** How many requests have matched each rule, whether it hit them or not. */
  readonly #matched = new Map<FaultRule, number>();
  #sent = 0;

  constructor(scenario: Scenario, clock: SimulatedClock, trace: Trace) {
    this.#scenario = scenario;
    this.#clock = clock;
    this.#trace = trace;
    this.#collibra = new InProcessCollibra(scenario, clock);
  }

  /** See {@link Transport.send}. */
  send(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    const routed = this.#collibra.route(request);
    const { endpoint, api, job } = routed;
    const fault = this.#faultFor(routed);
    const reply = this.#replyTo(routed, fault ?? this.#missing(routed));
    const content = fault === undefined ? contentOf(reply) : undefined;
    const authorization = request.headers['authorization'] ?? '';
    const sent = { endpoint, api, job, url: request.url, authorization, fault, reply, content };
    return this.#deliver(this.#trace.begin(sent), signal);
  }

  #deliver(exchange: Exchange, signal: AbortSignal): Promise<HttpResponse> {
    const { reply } = exchange;
    const { latenciesMs } = this.#scenario.server;
    const latencyMs = latenciesMs[this.#sent++ % latenciesMs.length] ?? 0;
    return new Promise((resolve, reject) => {
      const arrive = () => {
        signal.removeEventListener('abort', abort);
        this.#trace.finish(exchange, 'arrived');
        if (reply instanceof Error) reject(reply);
        else resolve(reply as HttpResponse);
      };
      const cancel = reply === 'nothing' ? () => undefined : this.#clock.after(latencyMs, arrive);
      const abort = () => {
        cancel();
        this.#trace.finish(exchange, 'aborted');
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', abort, { once: true });
    });
  }

  /** The fault of the first rule that hits. */
  #faultFor({ endpoint, api, job }: RoutedRequest): Fault | undefined {
    const nowMs = this.#clock.sinceStartMs();
    const hits = this.#scenario.faults.filter((rule) => {
      const isMatch =
        (rule.at === 'anywhere' || rule.at === endpoint) &&
        (rule.job === undefined || job === undefined || rule.job === job) &&
        (rule.api === undefined || api === undefined || rule.api === api);
      if (!isMatch) return false;
      const before = this.#matched.get(rule) ?? 0;
      this.#matched.set(rule, before + 1);
      const { when } = rule;
      return 'nth' in when
        ? before >= when.nth && before < when.nth + when.times
        : nowMs >= when.fromMs && nowMs < when.fromMs + when.forMs;
    });
    return hits[0]?.fault;
  }

  /** What stands in for a route or a job that is not there, where that is not the simulator's own 404. */
  #missing({ endpoint, api, job: index }: RoutedRequest): Fault | undefined {
    const nowMs = this.#clock.sinceStartMs();
    const { server, jobs } = this.#scenario;
    if (api && !server.serves.includes(api)) return { kind: 'status', status: server.missingAs };
    const job = jobs[index ?? -1];
    if (job === undefined || (endpoint !== 'job' && endpoint !== 'delete')) return undefined;
    if (nowMs >= (job.vanishesMs ?? Infinity)) return { kind: 'status', status: 404 };
    return nowMs < job.createdMs ? { kind: 'status', status: job.unknownAs } : undefined;
  }

  #replyTo(routed: RoutedRequest, fault: Fault | undefined): Reply {
    const date = this.#collibra.date();
    switch (fault?.kind) {
      case 'hang':
        return 'nothing';
      case 'connection':
      case 'certificate':
        return Object.assign(new Error(`it broke (${fault.code})`), { code: fault.code });
      case 'raw':
        return { status: fault.status, headers: {}, body: fault.body };
      case 'fields': {
        const answer = this.#collibra.answer(routed);
        if (answer.status !== 200) return answer;
        return {
          ...answer,
          body: JSON.stringify({ ...(JSON.parse(answer.body) as object), ...fault.fields }),
        };
      }
      default: {
        const answer = replacement(fault, Date.parse(date)) ?? this.#collibra.answer(routed);
        const { status, headers, body } = answer.status === 200 ? changed(answer, fault) : answer;
        return { status, headers: { date, ...headers }, body };
      }
    }
  }
}

function contentOf(reply: Reply): Exchange['content'] {
  if (reply === 'nothing' || reply instanceof Error || reply.status < 200 || reply.status > 299)
    return undefined;
  return JSON.parse(reply.body || '{}') as Exchange['content'];
}
