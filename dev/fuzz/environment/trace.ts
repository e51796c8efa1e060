import type { HttpResponse } from '../../../src/collibra/http/transport.ts';
import type { RunReport } from '../../../src/outcome.ts';
import type { DeleteResult } from '../../../src/polling/delete-jobs.ts';
import type { Outputs } from '../../../src/report/outputs.ts';
import type { Api } from '../../simulator/jobs.ts';
import type { Fault, FaultRule } from '../generators/faults.ts';
import type { SimulatedClock } from './clock.ts';

/** What comes back from a request: a response, an error of the connection, or nothing at all. */
export type Reply = HttpResponse | (Error & { readonly code: string }) | 'nothing';

/** One request and its reply. Times are in ms since the step began. */
export interface Exchange extends Readonly<Record<'url' | 'authorization', string>> {
  /** The place in the order of everything that happened. */
  readonly order: number;
  readonly sentMs: number;
  readonly endpoint: Exclude<FaultRule['at'], 'anywhere'> | 'unknown';
  readonly api: Api | undefined;
  /** Index of the job; undefined where it concerns none. */
  readonly job: number | undefined;
  readonly fault: Fault | undefined;
  /** Counts only where it arrived. */
  readonly reply: Reply;
  /** The JSON of a 2xx that no fault has changed. */
  readonly content: Readonly<Record<string, unknown>> | undefined;
  end: 'pending' | 'arrived' | 'aborted';
  endMs: number;
  endOrder: number;
}

/** The status of a response; undefined where there is none. */
export function statusOf(exchange: Pick<Exchange, 'reply'> | undefined): number | undefined {
  const reply = exchange?.reply;
  return reply instanceof Object && 'status' in reply ? reply.status : undefined;
}

/** What the observer was notified of. The subject is a job, or the search for one. */
export interface Notification extends Readonly<Record<'order' | 'atMs', number>> {
  readonly subject: string;
  readonly kind: 'poll' | 'transient error' | 'end';
  /** The delay before the next poll; undefined: no poll follows. */
  readonly delayMs: number | undefined;
}

/** Everything that happened in a run. */
export class Trace {
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
  readonly #clock: SimulatedClock;
  #order = 0;
  readonly nextOrder = () => this.#order++;

  constructor(clock: SimulatedClock) {
    this.#clock = clock;
  }

  notify(subject: string, kind: Notification['kind'], delayMs?: number): void {
    const atMs = this.#clock.sinceStartMs();
    this.notifications.push({ order: this.nextOrder(), atMs, subject, kind, delayMs });
  }

  begin(request: Omit<Exchange, 'order' | 'sentMs' | 'content' | 'end' | 'endMs' | 'endOrder'>): Exchange {
    const isIntact = request.fault === undefined && Number(statusOf(request)) < 300;
    const json = () => JSON.parse((request.reply as HttpResponse).body || '{}') as Exchange['content'];
    const content = isIntact ? json() : undefined;
    const sent = { order: this.nextOrder(), sentMs: this.#clock.sinceStartMs() };
    const exchange: Exchange = { ...request, content, ...sent, end: 'pending', endMs: Infinity, endOrder: Infinity };
    this.exchanges.push(exchange);
    return exchange;
  }

  finish(exchange: Exchange, end: 'arrived' | 'aborted'): void {
    Object.assign(exchange, { end, endMs: this.#clock.sinceStartMs(), endOrder: this.nextOrder() });
  }
}
