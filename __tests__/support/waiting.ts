import type { RequestLimits } from '../../src/collibra/http/requests.ts';
import type { Job } from '../../src/collibra/job.ts';
import type { ImportResults } from '../../src/collibra/import-results.ts';
import type { Policy } from '../../src/verdict.ts';
import type { PollOptions } from '../../src/polling/poll.ts';
import type { WaitOptions } from '../../src/polling/wait-for-jobs.ts';
import { FakeClock, START_MS } from './fake-clock.ts';
import { aSuccess } from './jobs.ts';

/** What a job's server answers at a moment, given in milliseconds since the start. */
export type Answer = (at: number, n: number) => Job | Error;

/** How a wait is set up; everything has a default. */
export interface WaitScene {
  readonly clock?: FakeClock;
  /** By id; what is missing answers that the job succeeded. */
  readonly answers?: Readonly<Record<string, Answer>>;
  /** How long each look takes. */
  readonly lookMs?: number;
  /** What Import Results tell, and how long that takes. */
  readonly facts?: ImportResults;
  readonly factsMs?: number;
  readonly wantsImportResults?: boolean;
  readonly policy?: Policy;
  readonly options?: Partial<PollOptions>;
}

/** What happened during a wait, in order. */
export interface Seen {
  readonly at: number;
  readonly id: string;
  readonly what: 'look' | 'trouble' | 'end' | 'facts';
  /** The state seen, the trouble seen, the outcome, or whether facts were needed. */
  readonly told: string;
  /** The pause that followed, in milliseconds; undefined where there was none. */
  readonly pause?: number | undefined;
}

/** A wait with a fake clock and fake sources, and a record of it. */
export function aWait(scene: WaitScene = {}): { waiting: WaitOptions; seen: Seen[]; clock: FakeClock } {
  const { clock = new FakeClock(), answers = {}, lookMs = 0, facts, factsMs = 0 } = scene;
  const seen: Seen[] = [];
  const counts = new Map<string, number>();
  const told = (one: Omit<Seen, 'at'>) => void seen.push({ at: clock.sinceStart(), ...one });

  const get = async (id: string, { until, signal }: RequestLimits): Promise<Job> => {
    const n = (counts.get(id) ?? 0) + 1;
    counts.set(id, n);
    const at = clock.sinceStart();
    if (lookMs > 0) await clock.sleep(Math.min(lookMs, until - clock.now()), signal);
    signal.throwIfAborted();
    const answer = answers[id]?.(at, n) ?? aSuccess({ id });
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const read = async (id: string, needed: boolean, signal: AbortSignal) => {
    told({ id, what: 'facts', told: needed ? 'needed' : 'wanted' });
    if (factsMs > 0) await clock.sleep(factsMs, signal);
    return signal.aborted ? undefined : facts;
  };
  const waiting: WaitOptions = {
    jobs: { get },
    importResults: { read },
    policy: scene.policy ?? { accept: new Set(), maxFailedCommands: undefined },
    polling: {
      timeoutMs: 600_000,
      maxOutageMs: 60_000,
      interval: { minMs: 1_000, maxMs: 1_000 },
      ...scene.options,
    },
    wantsImportResults: scene.wantsImportResults ?? false,
    clock,
    observer: {
      onPoll: (id, job, next) => told({ id, what: 'look', told: job.state, pause: next?.delayMs }),
      onTransientError: (id, error, pause) => told({ id, what: 'trouble', told: error.label, pause }),
      onFinished: ({ id, outcome }) => told({ id, what: 'end', told: outcome }),
      onNotFound: unexpected,
      onFound: unexpected,
      onImportResultsUnavailable: unexpected,
    },
    startMs: START_MS,
  };
  return { waiting, seen, clock };
}

function unexpected(): never {
  throw new Error('The wait itself never calls this');
}

/** A signal that nobody aborts. */
export function noCancel(): AbortSignal {
  return new AbortController().signal;
}

/** A signal that is aborted when so many milliseconds have passed since the start. */
export function cancelAt(clock: FakeClock, ms: number): AbortSignal {
  const cancel = new AbortController();
  clock.at(ms, () => cancel.abort());
  return cancel.signal;
}
