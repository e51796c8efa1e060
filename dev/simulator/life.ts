import type { FaultRule } from './faults.ts';
import type { ImportResults } from './import-results.ts';

/** A change of a job. Fields that a step does not set keep their values. */
export type Step = {
  /** Time since the job was created. */
  readonly atMs: number;
  /** In the vocabulary of the Job API v1; the Core API translates it. */
  readonly state: string;
  /** NOT_SET until a step sets it. */
  readonly result?: string;
  readonly progress?: number;
  readonly message?: string;
  /** Whether the job is finished; by default it is in a terminal state. */
  readonly ends?: boolean;
  /** JSON fields that override those of the responses during this step. */
  readonly fields?: Readonly<Record<string, unknown>>;
  /** JSON fields that the responses omit during this step. */
  readonly omit?: readonly string[];
};

/** The lifecycle of a job, as data. */
export type Life = {
  readonly steps: readonly Step[];
  /** Both APIs send states unchanged; the Core API does not translate them. */
  readonly verbatim?: boolean;
  /** The default name of the job. */
  readonly name?: string;
  /** The default type of the job. */
  readonly type?: string;
  /** The Import Results of the finished job. Without them the job is not an import. */
  readonly importResults?: ImportResults;
  /** Faults of requests about this job. */
  readonly faults?: readonly FaultRule[];
};

/** What a job shows at one time. Times count from the creation of the job. */
export type Moment = {
  readonly state: string;
  readonly result: string;
  readonly progress: number | undefined;
  readonly message: string | undefined;
  readonly verbatim: boolean;
  readonly changedMs: number;
  readonly startedMs: number | undefined;
  readonly endedMs: number | undefined;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly omit: readonly string[];
};

const terminalStates = new Set(['COMPLETED', 'FAILED', 'DELETED', 'ERROR', 'CANCELED']);

/** Returns what a job shows this long after its creation. */
export function momentOf(life: Life, elapsedMs: number): Moment {
  let moment: Moment = {
    state: 'WAITING',
    result: 'NOT_SET',
    progress: undefined,
    message: undefined,
    verbatim: life.verbatim ?? false,
    changedMs: 0,
    startedMs: undefined,
    endedMs: undefined,
    fields: {},
    omit: [],
  };
  for (const step of life.steps) {
    if (step.atMs > elapsedMs) break;
    moment = afterStep(moment, step);
  }
  return moment;
}

function afterStep(before: Moment, step: Step): Moment {
  const starts = step.state === 'RUNNING';
  const ends = step.ends ?? terminalStates.has(step.state);
  return {
    ...before,
    state: step.state,
    result: step.result ?? before.result,
    progress: step.progress ?? before.progress,
    message: step.message ?? before.message,
    changedMs: step.atMs,
    startedMs: before.startedMs ?? (starts ? step.atMs : undefined),
    endedMs: before.endedMs ?? (ends ? step.atMs : undefined),
    fields: step.fields ?? {},
    omit: step.omit ?? [],
  };
}

/** Returns what a job shows that was deleted before it was finished. */
export function deletedMoment(before: Moment, atMs: number, message: string): Moment {
  return { ...before, state: 'DELETED', verbatim: false, message, changedMs: atMs, endedMs: atMs };
}

/** Returns the lifecycle of a job that reports no progress and succeeds after this time. */
export function succeedsAfter(ms: number): Life {
  return {
    steps: [
      { atMs: 0, state: 'RUNNING' },
      { atMs: ms, state: 'COMPLETED', result: 'SUCCESS' },
    ],
  };
}

/** Returns the steps of a running job whose progress increases evenly, one step for each percent. */
export function running(fromMs: number, toMs: number, fromPercent = 0, toPercent = 99): Step[] {
  const percents = toPercent - fromPercent;
  return Array.from({ length: percents + 1 }, (_, index) => ({
    atMs: fromMs + Math.round(((toMs - fromMs) * index) / (percents + 1)),
    state: 'RUNNING',
    progress: fromPercent + index,
  }));
}
