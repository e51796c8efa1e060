import { CollibraError, type ErrorKind } from '../../src/collibra/errors.ts';
import type { RequestLimits } from '../../src/collibra/http/requests.ts';
import type { ImportResults } from '../../src/collibra/import-results.ts';
import type { Job } from '../../src/collibra/job.ts';
import type { Observer } from '../../src/polling/observer.ts';
import type { PollOptions } from '../../src/polling/poll.ts';
import type { WaitOptions } from '../../src/polling/wait-for-jobs.ts';
import type { Policy } from '../../src/verdict.ts';
import { FakeClock, START_MS } from '../support/fake-clock.ts';
import { aSuccess } from '../support/jobs.ts';

/** The kinds of the errors that are not simply transient, by status. */
const KINDS: Readonly<Record<number, ErrorKind>> = {
  302: 'permanent',
  400: 'bad-request',
  401: 'unauthorized',
  403: 'permanent',
  404: 'not-found',
  405: 'not-found',
  500: 'server-error',
  501: 'not-implemented',
};

/** An error as the HTTP client throws it for a status; 0 for no response. */
export function anError(status: number, more: { label?: string; retryAfterMs?: number } = {}): CollibraError {
  const { label = `HTTP ${status}`, retryAfterMs } = more;
  return new CollibraError(KINDS[status] ?? 'transient', label, `Error ${status}.`, { retryAfterMs });
}

/** Responds with each value in turn, and then with the last one again and again. */
export function inTurn<T>(...values: readonly [T, ...T[]]): (n: number) => T {
  return (n) => values[Math.min(n, values.length) - 1] ?? values[0];
}

/** What was reported during a wait, in order. */
interface Event {
  /** Milliseconds since the start. */
  readonly at: number;
  /** The job, or the description of the one that is searched. */
  readonly subject: string;
  readonly what: 'poll' | 'error' | 'not found' | 'found' | 'finished' | 'import results' | 'unavailable';
  /** The state, the error's label, the outcome, or the like. */
  readonly value: string;
  /** The delay that follows, in milliseconds; undefined if none does. */
  readonly delay?: number | undefined;
}

/** An observer that records everything. */
export function recordingObserver(clock: FakeClock): { observer: Observer; events: Event[] } {
  const events: Event[] = [];
  const record = (event: Omit<Event, 'at'>) => void events.push({ at: clock.sinceStart(), ...event });
  const observer: Observer = {
    onPoll: (subject, { state }, next) => record({ subject, what: 'poll', value: state, delay: next?.delayMs }),
    onTransientError: (subject, { label }, delay) => record({ subject, what: 'error', value: label, delay }),
    onNotFound: (subject, delay, value) => record({ subject, what: 'not found', value, delay }),
    onRateLimit: () => undefined,
    onFound: (subject, { id }, others) => record({ subject, what: 'found', value: [id, ...others].join() }),
    onFinished: ({ id, outcome }) => record({ subject: id, what: 'finished', value: outcome }),
    onImportResultsUnavailable: (subject, reason) => record({ subject, what: 'unavailable', value: reason }),
  };
  return { observer, events };
}

/** How a job's server responds at a moment, in milliseconds since the start, to its n-th poll. */
export type Responder = (at: number, n: number) => Job | Error;

/** How jobs are polled unless a test says otherwise. */
export const POLLING: PollOptions = {
  timeoutMs: 600_000,
  maxOutageMs: 60_000,
  interval: { minMs: 1_000, maxMs: 1_000 },
};

/** How a wait is set up; everything has a default. */
export interface Scene {
  readonly clock?: FakeClock;
  /** By ID; a job without a responder has succeeded. */
  readonly jobs?: Readonly<Record<string, Responder>>;
  /** How long each poll takes. */
  readonly pollMs?: number;
  /** What Import Results report, and how long they take. */
  readonly results?: ImportResults;
  readonly resultsMs?: number;
  readonly wantsImportResults?: boolean;
  readonly policy?: Policy;
  readonly polling?: Partial<PollOptions>;
}

/** A wait with a fake clock and fake sources, and a record of it. */
export function aWait(scene: Scene = {}): { options: WaitOptions; events: Event[]; clock: FakeClock } {
  const { clock = new FakeClock(), jobs = {}, pollMs = 0, results, resultsMs = 0 } = scene;
  const { observer, events } = recordingObserver(clock);
  const counts = new Map<string, number>();

  const get = async (id: string, { signal }: RequestLimits): Promise<Job> => {
    const n = (counts.get(id) ?? 0) + 1;
    counts.set(id, n);
    const at = clock.sinceStart();
    if (pollMs > 0) await clock.sleep(pollMs, signal);
    signal.throwIfAborted();
    const response = jobs[id]?.(at, n) ?? aSuccess({ id });
    if (response instanceof Error) throw response;
    return response;
  };
  const read = async (subject: string, isNeeded: boolean, signal: AbortSignal) => {
    const value = isNeeded ? 'needed' : 'optional';
    events.push({ at: clock.sinceStart(), subject, what: 'import results', value });
    if (resultsMs > 0) await clock.sleep(resultsMs, signal);
    return signal.aborted ? undefined : results;
  };
  const options: WaitOptions = {
    jobs: { get },
    importResults: { read },
    policy: scene.policy ?? { accept: new Set(), maxFailedCommands: undefined },
    polling: { ...POLLING, ...scene.polling },
    wantsImportResults: scene.wantsImportResults ?? false,
    clock,
    observer,
    startMs: START_MS,
  };
  return { options, events, clock };
}
