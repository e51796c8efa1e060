import type { HttpResponse } from '../../../src/collibra/http/transport.ts';
import type { RunReport } from '../../../src/outcome.ts';
import type { DeleteResult } from '../../../src/polling/delete-jobs.ts';
import type { Outputs } from '../../../src/report/outputs.ts';
import type { Api } from '../../simulator/jobs.ts';
import type { Fault, FaultRule } from '../generators/faults.ts';
import type { Scenario } from '../generators/scenarios.ts';
import { SimulatedClock } from './clock.ts';

/** A request: where it goes, and what comes back. */
export interface Call extends Readonly<Record<'url' | 'authorization', string>> {
  readonly endpoint: Exclude<FaultRule['at'], 'anywhere'> | 'unknown';
  readonly api: Api | undefined;
  /** The ID of the job; undefined where it concerns none. */
  readonly job: string | undefined;
  readonly fault: Fault | undefined;
  /** What is on its way: a response, an error of the connection, or nothing at all. */
  readonly reply: HttpResponse | (Error & { readonly status?: undefined }) | undefined;
}

/** One request as it went. Times are in ms since the step began. */
export interface Exchange extends Call {
  /** The place in the order of everything that happened. */
  readonly order: number;
  readonly sentMs: number;
  end: 'pending' | 'arrived' | 'aborted';
  endMs: number;
  endOrder: number;
  /** The response, once it has arrived; and its JSON, where it is a 2xx that no fault has changed. */
  response?: HttpResponse;
  content?: Readonly<Record<string, unknown>>;
}

/** What the observer was notified of. The subject is a job, or the search for one. */
export interface Notification extends Readonly<Record<'order' | 'atMs', number>> {
  readonly subject: string;
  readonly kind: 'poll' | 'transient error' | 'end';
  /** The delay before the next poll; undefined: no poll follows. */
  readonly delayMs: number | undefined;
}

/** A scenario, and everything that happened in a run through it. */
export class Trace {
  readonly scenario: Scenario;
  readonly clock: SimulatedClock;
  readonly exchanges: Exchange[] = [];
  readonly notifications: Notification[] = [];
  /** The tokens that were reported, and when in the order of things. */
  readonly tokens = new Map<string, number>();
  readonly deletes: { readonly id: string; readonly kind: DeleteResult['kind'] }[] = [];
  reportedCommands = 0;
  endMs = NaN;
  /** Where the run ends in the order of everything that happened. Deletes follow. */
  endOrder = Infinity;
  report: RunReport | undefined;
  outputs: Outputs | undefined;
  /** What was thrown in place of a report. */
  thrown: string | undefined;
  #order = 0;
  readonly nextOrder = () => this.#order++;

  constructor(scenario: Scenario) {
    this.scenario = scenario;
    this.clock = new SimulatedClock(scenario);
  }

  notify(subject: string, kind: Notification['kind'], delayMs?: number): void {
    const atMs = this.clock.sinceStartMs();
    this.notifications.push({ order: this.nextOrder(), atMs, subject, kind, delayMs });
  }

  begin(call: Call): Exchange {
    const sent = { order: this.nextOrder(), sentMs: this.clock.sinceStartMs() };
    const exchange: Exchange = { ...call, ...sent, end: 'pending', endMs: Infinity, endOrder: Infinity };
    this.exchanges.push(exchange);
    return exchange;
  }

  finish(exchange: Exchange, end: 'arrived' | 'aborted'): void {
    const { reply, fault } = exchange;
    Object.assign(exchange, { end, endMs: this.clock.sinceStartMs(), endOrder: this.nextOrder() });
    if (end === 'aborted' || reply?.status === undefined) return;
    exchange.response = reply;
    if (!fault && reply.status < 300) exchange.content = JSON.parse(reply.body || '{}') as Record<string, unknown>;
  }
}
