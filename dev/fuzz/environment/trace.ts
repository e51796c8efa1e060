import type { RunReport } from '../../../src/outcome.ts';
import type { Outputs } from '../../../src/report/outputs.ts';
import type { Api, Fault } from '../scenario.ts';
import { START_MS, type SimulatedTime } from './clock.ts';

/** What a job said of itself in one answer; '' and undefined where it said nothing. */
export interface View {
  readonly state: string;
  readonly result: string;
  readonly message: string;
  readonly endDate: 'none' | 'given' | 'unreadable';
  readonly endedOnMs: number | undefined;
  readonly progress: number | undefined;
}

/** What an answer held, as whoever gave it knows. */
export type Served =
  | { readonly kind: 'job'; readonly view: View }
  | { readonly kind: 'page'; readonly isLast: boolean }
  | {
      readonly kind: 'summary';
      readonly state: string;
      readonly errorsCount: number | undefined;
      readonly added: number | undefined;
    }
  | { readonly kind: 'errors'; readonly total: number | undefined; readonly listed: number }
  | { readonly kind: 'token'; readonly authorization: string }
  | { readonly kind: 'deleted' }
  | { readonly kind: 'fault'; readonly fault: Fault; readonly why: Why };

/** Why a request went wrong: by chance, or because of what the job and the server are. */
export type Why =
  'trouble' | 'unknown job' | 'not served' | 'token refused' | 'token expired' | 'not finished';

/** One request and what became of it. Times are in milliseconds since the step began. */
export interface Exchange {
  /** The place in the order of everything that happened. */
  readonly order: number;
  readonly atMs: number;
  readonly endpoint: 'job' | 'find' | 'summary' | 'errors' | 'token' | 'delete' | 'elsewhere';
  readonly api: Api | undefined;
  /** Index of the job; undefined where it concerns none. */
  readonly job: number | undefined;
  readonly url: string;
  readonly authorization: string;
  /** What was on its way; it counts only where it arrived. */
  readonly served: Served;
  end: 'pending' | 'arrived' | 'given up';
  endMs: number;
  endOrder: number;
}

/** What the run told its watcher. `who` is a job, or the search for one. */
export interface Mark {
  readonly order: number;
  readonly atMs: number;
  readonly who: string;
  /** `settled`: a look after which there is none, for the job has ended. */
  readonly kind: 'look' | 'done' | 'trouble' | 'end';
}

/** Everything that happened in a life. */
export class Chronicle {
  readonly exchanges: Exchange[] = [];
  readonly marks: Mark[] = [];
  /** The tokens that were told, and when in the order of things. */
  readonly tokens = new Map<string, number>();
  readonly deletes: { readonly id: string; readonly refused: boolean }[] = [];
  failedCommandsTold = 0;
  endMs = NaN;
  report: RunReport | undefined;
  outputs: Outputs | undefined;
  /** What was thrown in place of a report. */
  thrown: unknown;
  readonly #time: SimulatedTime;
  #order = 0;

  constructor(time: SimulatedTime) {
    this.#time = time;
  }

  /** Milliseconds since the step began. */
  nowMs(): number {
    return this.#time.now() - START_MS;
  }

  nextOrder(): number {
    return this.#order++;
  }

  mark(who: string, kind: Mark['kind']): void {
    this.marks.push({ order: this.nextOrder(), atMs: this.nowMs(), who, kind });
  }

  begin(request: Omit<Exchange, 'order' | 'atMs' | 'end' | 'endMs' | 'endOrder'>): Exchange {
    const pending = { end: 'pending' as const, endMs: Infinity, endOrder: Infinity };
    const exchange: Exchange = { ...request, order: this.nextOrder(), atMs: this.nowMs(), ...pending };
    this.exchanges.push(exchange);
    return exchange;
  }

  finish(exchange: Exchange, end: 'arrived' | 'given up'): void {
    Object.assign(exchange, { end, endMs: this.nowMs(), endOrder: this.nextOrder() });
  }
}
