import type { FaultRule } from './faults.ts';
import type { ImportResults } from './import-results.ts';

/** What a job shows from one moment of its life on. What a step does not give stays as it was. */
export type Step = {
  /** Time since the job was created. */
  readonly atMs: number;
  /** In the vocabulary of the Job API v1; the Core API shows its own word for it. */
  readonly state: string;
  /** NOT_SET until a step gives one. */
  readonly result?: string;
  readonly progress?: number;
  readonly message?: string;
  /** Whether the job ends here; by default it does with a final state. */
  readonly ends?: boolean;
  /** JSON fields that take the place of the usual ones in the answers of this step. */
  readonly fields?: Readonly<Record<string, unknown>>;
  /** JSON fields that the answers of this step leave out. */
  readonly omit?: readonly string[];
};

/** The course of a job's life, as data. */
export type Life = {
  readonly steps: readonly Step[];
  /** States are sent as they are by both APIs, not translated for the Core API. */
  readonly verbatim?: boolean;
  /** The job's name, where whoever adds the job gives none. */
  readonly name?: string;
  /** The job's type, where whoever adds the job gives none. */
  readonly type?: string;
  /** What Import Results tell once the job has ended; without it the job is no import for them. */
  readonly importResults?: ImportResults;
  /** What goes wrong with requests about this job. */
  readonly faults?: readonly FaultRule[];
};

/** What a life shows at one moment; times count from the creation of the job. */
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

const finalStates = new Set(['COMPLETED', 'FAILED', 'DELETED', 'ERROR', 'CANCELED']);

/** What a life shows after so much time. */
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
  const ends = step.ends ?? finalStates.has(step.state);
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

/** The moment of a job that was deleted before it had ended. */
export function deletedMoment(before: Moment, atMs: number, message: string): Moment {
  return { ...before, state: 'DELETED', verbatim: false, message, changedMs: atMs, endedMs: atMs };
}

/** Steps of a running job whose progress grows evenly, one step for each whole percent. */
export function running(fromMs: number, toMs: number, fromPercent = 0, toPercent = 99): Step[] {
  const percents = toPercent - fromPercent;
  return Array.from({ length: percents + 1 }, (_, index) => ({
    atMs: fromMs + Math.round(((toMs - fromMs) * index) / (percents + 1)),
    state: 'RUNNING',
    progress: fromPercent + index,
  }));
}
