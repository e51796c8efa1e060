/*
 * The verdict, as the contract's table says it. Nothing here, or anywhere in the oracle, is taken from the action's
 * own code: what is judged must not be its own judge.
 */
import type { Exchange } from '../environment/trace.ts';
import type { Scenario } from '../generators/scenarios.ts';

/** The outcomes, the most severe first. */
export const OUTCOMES = ['cancelled', 'error', 'timeout', 'failure', 'accepted', 'success'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** What a response reports about a job; '' and undefined where it reports nothing that can be read. */
export type View = Readonly<Record<'state' | 'result' | 'message', string> & { endedMs: number | undefined }>;

/** Reads the view of a job from an intact response. */
export function viewOf({ state, result, message, endDate }: NonNullable<Exchange['content']>): View {
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  const ms = typeof endDate === 'number' ? endDate * (endDate < 1e11 ? 1000 : 1) : Date.parse(text(endDate));
  const endedMs = Number.isNaN(ms) ? undefined : ms;
  return { state: text(state), result: text(result), message: text(message), endedMs };
}

type Row = 'pending' | 'success' | 'policy' | 'failure' | 'no result' | 'unknown state';

/** States, results (undefined: any), and what the contract says; the first row that matches counts. */
const TABLE: readonly [states: readonly string[], results: readonly string[] | undefined, row: Row][] = [
  [['WAITING', 'RUNNING', 'CANCELING'], undefined, 'pending'],
  [['COMPLETED'], ['SUCCESS'], 'success'],
  [['COMPLETED'], ['COMPLETED_WITH_ERROR', 'ABORTED'], 'policy'],
  [['COMPLETED'], ['NOT_SET', ''], 'no result'],
  [['COMPLETED', 'FAILED', 'ERROR', 'DELETED', 'CANCELED'], undefined, 'failure'],
];

/** The row of the table that a view of a job belongs to. */
export function rowOf({ state, result }: View): Row {
  const matches = ([states, results]: (typeof TABLE)[number]) =>
    states.includes(state) && (results?.includes(result) ?? true);
  return TABLE.find(matches)?.[2] ?? 'unknown state';
}

type Resource = Readonly<{ counters: { failed?: unknown }; subcategories: Resource[] | null }>;

/** A count is a whole number; a negative one means that nothing was counted. */
const isCount = (n: unknown): n is number => Number.isSafeInteger(n) && Number(n) >= 0;

/** Whether a job is not finished, as far as a view of it shows. */
export function isUnfinished(view: View): boolean {
  const row = rowOf(view);
  return row === 'pending' || (row === 'unknown state' && view.endedMs === undefined);
}

/** What Import Results really reported: everything that arrived. */
export function importFactsOf(exchanges: readonly Exchange[]) {
  const contents = (wanted: Exchange['endpoint']) =>
    exchanges.flatMap(({ endpoint, content }) => (endpoint === wanted && content ? [content] : []));
  const [summaries, pages] = [contents('summary'), contents('errors')];
  const totals = [...summaries.map(({ errorsCount }) => errorsCount), ...pages.map(({ total }) => total)];
  const counts = totals.filter(isCount);
  const resources = summaries.flatMap(({ resourceTypes }) => resourceTypes as Resource[]);
  const failed = resources.flatMap((one) => [one, ...(one.subcategories ?? [])].map(({ counters }) => counters.failed));
  const listed = pages.reduce((sum, { results }) => sum + (results as unknown[]).length, 0);
  return {
    state: summaries.at(-1)?.['importJobState'],
    // Numbers of failed commands. Those that are listed count, whatever their total says; without any total there may
    // be more of them.
    counts: counts.length === 0 ? [] : [...counts, listed],
    listed,
    /** Whether anything shows that something failed. */
    hasFailures: Math.max(listed, ...counts, ...failed.filter(isCount)) > 0,
  };
}
type ImportFacts = ReturnType<typeof importFactsOf>;

/** The outcome of a job that has finished like this. */
export function outcomeOf(view: View, facts: ImportFacts, policy: Scenario['settings']): Outcome {
  const row = rowOf(view);
  if (row === 'success') return 'success';
  if (row === 'policy') return isWithinPolicy(view.result, facts, policy) ? 'accepted' : 'failure';
  const result = row === 'no result' ? resultOf(facts) : undefined;
  return result === undefined ? 'failure' : outcomeOf({ ...view, result }, facts, policy);
}

/** What Import Results say of a job without a result. */
function resultOf({ state, hasFailures }: ImportFacts): string | undefined {
  if (state === 'COMPLETED_WITH_ERRORS' || (state === 'COMPLETED' && hasFailures)) return 'COMPLETED_WITH_ERROR';
  return state === 'COMPLETED' ? 'SUCCESS' : state === 'ABORTED' ? state : undefined;
}

function isWithinPolicy(result: string, { counts }: ImportFacts, policy: Scenario['settings']): boolean {
  const most = Math.max(0, ...counts);
  // A result with errors and a count of 0 contradict each other: the number is not known.
  const isWithin = policy.maxFailedCommands === undefined || (most > 0 && most <= policy.maxFailedCommands);
  return isWithin && isAccepted(result, policy);
}

const isAccepted = (result: string, { accept }: Scenario['settings']) =>
  accept.some((one) => one.toUpperCase() === result);

/** Whether the verdict on a view needs Import Results. */
export function needsImportResults(view: View, policy: Scenario['settings']): boolean {
  const isLimited = policy.maxFailedCommands !== undefined && isAccepted(view.result, policy);
  return rowOf(view) === 'no result' || (rowOf(view) === 'policy' && isLimited);
}
