/*
 * The verdict, as the contract's table says it. Nothing here, or anywhere in the oracle, is taken from the action's
 * own code: what is judged must not be its own judge.
 */
import type { Exchange } from '../environment/trace.ts';
import type { StepSettings } from '../scenario.ts';

/** The outcomes, the most severe first. */
export const OUTCOMES = ['cancelled', 'error', 'timeout', 'failure', 'accepted', 'success'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** What a response reports about a job; '' where it reports nothing. */
export interface View {
  readonly state: string;
  readonly result: string;
  readonly message: string;
  /** NaN where there is one that can't be read. */
  readonly endedMs: number | undefined;
}

/** Reads the view of a job from an intact response. */
export function viewOf({ state, result, message, endDate }: NonNullable<Exchange['content']>): View {
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  const ms = typeof endDate === 'number' ? endDate * (endDate < 1e11 ? 1000 : 1) : Date.parse(text(endDate));
  const endedMs = endDate === undefined || endDate === null ? undefined : ms;
  return { state: text(state), result: text(result), message: text(message), endedMs };
}

type Row = 'pending' | 'success' | 'policy' | 'failure' | 'no result' | 'pending without an end date';

/** States, results (undefined: any), and what the contract says; the first row that matches counts. */
const TABLE: readonly (readonly [
  states: readonly string[],
  results: readonly string[] | undefined,
  row: Row,
])[] = [
  [['WAITING', 'RUNNING', 'CANCELING'], undefined, 'pending'],
  [['COMPLETED'], ['SUCCESS'], 'success'],
  [['COMPLETED'], ['COMPLETED_WITH_ERROR', 'ABORTED'], 'policy'],
  [['COMPLETED'], ['NOT_SET', ''], 'no result'],
  [['COMPLETED', 'FAILED', 'ERROR', 'DELETED', 'CANCELED'], undefined, 'failure'],
];

/** The row of the table that a view of a job belongs to. */
export function rowOf({ state, result }: View): Row {
  const row = TABLE.find(
    ([states, results]) => states.includes(state) && (results?.includes(result) ?? true),
  );
  return row?.[2] ?? 'pending without an end date';
}

/** What Import Results really reported: everything that arrived. */
export interface ImportFacts {
  readonly states: readonly unknown[];
  readonly counts: readonly number[];
}

export function importFactsOf(exchanges: readonly Exchange[]): ImportFacts {
  const arrived = exchanges.filter(({ end }) => end === 'arrived');
  const contents = (endpoint: Exchange['endpoint']) =>
    arrived.flatMap((one) => (one.endpoint === endpoint && one.content ? [one.content] : []));
  const [summaries, pages] = [contents('summary'), contents('errors')];
  const counts = [...summaries.map(({ errorsCount }) => errorsCount), ...pages.map(({ total }) => total)]
    // A count is a whole number; a negative one means that nothing was counted.
    .filter((n): n is number => Number.isSafeInteger(n) && Number(n) >= 0);
  const listed = pages.reduce((sum, { results }) => sum + (results as unknown[]).length, 0);
  return {
    states: summaries.map(({ importJobState }) => importJobState),
    // Listed commands count, whatever their total says; without any total there may be more of them.
    counts: counts.length === 0 ? [] : [...counts, listed],
  };
}

/** What Import Results call the results of jobs. */
const RESULTS_OF_IMPORTS = new Map<unknown, string>([
  ['COMPLETED', 'SUCCESS'],
  ['COMPLETED_WITH_ERRORS', 'COMPLETED_WITH_ERROR'],
  ['ABORTED', 'ABORTED'],
  ['FAILED', 'FAILURE'],
]);

/** The outcome of a job that has finished like this. */
export function outcomeOf(view: View, facts: ImportFacts, policy: StepSettings): Outcome {
  switch (rowOf(view)) {
    case 'success':
      return 'success';
    case 'policy':
      return outcomeByPolicy(view.result, facts, policy);
    case 'no result': {
      const result = RESULTS_OF_IMPORTS.get(facts.states.at(-1));
      if (result !== 'SUCCESS') return outcomeByPolicy(result, facts, policy);
      // A failed command contradicts a success.
      if (facts.counts.some((n) => n > 0)) return outcomeByPolicy('COMPLETED_WITH_ERROR', facts, policy);
      return 'success';
    }
    default:
      return 'failure';
  }
}

function outcomeByPolicy(result: string | undefined, { counts }: ImportFacts, policy: StepSettings): Outcome {
  if (!isAccepted(result, policy)) return 'failure';
  const { maxFailedCommands } = policy;
  if (maxFailedCommands === undefined) return 'accepted';
  const most = Math.max(0, ...counts);
  // A result with errors and a count of 0 contradict each other: the number is not known.
  return most > 0 && most <= maxFailedCommands ? 'accepted' : 'failure';
}

function isAccepted(result: string | undefined, { accept }: StepSettings): boolean {
  return accept.some((one) => one.toUpperCase() === result);
}

/** Whether the verdict on a view needs Import Results. */
export function needsImportResults(view: View | undefined, policy: StepSettings): boolean {
  const row = view && rowOf(view);
  const isLimited = policy.maxFailedCommands !== undefined && isAccepted(view?.result, policy);
  return row === 'no result' || (row === 'policy' && isLimited);
}
