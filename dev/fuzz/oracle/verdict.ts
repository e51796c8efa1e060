/*
 * The verdict, as the contract's table says it. Nothing here, or anywhere in the oracle, is taken from the action's
 * own code: what is judged must not be its own judge.
 */
import type { LifeSettings } from '../scenario.ts';
import type { Exchange, View } from '../environment/trace.ts';

export type Ending = 'success' | 'accepted' | 'failure' | 'timeout' | 'error' | 'cancelled';

/** The outcomes, the gravest first. */
export const GRAVEST_FIRST: readonly Ending[] = [
  'cancelled',
  'error',
  'timeout',
  'failure',
  'accepted',
  'success',
];

/** What a look at a job calls for. */
export type Call = 'wait' | 'success' | 'policy' | 'failure' | 'unclear' | 'wait unless it has ended';

const ANY = undefined;

/** State, result, and what they call for; the first row that fits counts. */
const TABLE: readonly (readonly [
  states: readonly string[] | undefined,
  results: readonly string[] | undefined,
  call: Call,
])[] = [
  [['WAITING', 'RUNNING', 'CANCELING'], ANY, 'wait'],
  [['COMPLETED'], ['SUCCESS'], 'success'],
  [['COMPLETED'], ['COMPLETED_WITH_ERROR', 'ABORTED'], 'policy'],
  [['COMPLETED'], ['FAILURE'], 'failure'],
  [['COMPLETED'], ['NOT_SET', ''], 'unclear'],
  [['COMPLETED'], ANY, 'failure'],
  [['FAILED', 'ERROR', 'DELETED', 'CANCELED'], ANY, 'failure'],
  [ANY, ANY, 'wait unless it has ended'],
];

/** What the table says about a view of a job. */
export function callOf({ state, result }: View): Call {
  const row = TABLE.find(
    ([states, results]) => (states?.includes(state) ?? true) && (results?.includes(result) ?? true),
  );
  return row?.[2] ?? 'failure';
}

/** What Import Results really told: everything that arrived. */
export interface Told {
  readonly states: readonly string[];
  readonly numbers: readonly number[];
}

/** What Import Results told about a job in some exchanges. */
export function toldBy(exchanges: readonly Exchange[]): Told {
  const arrived = exchanges.filter(({ end }) => end === 'arrived').map(({ served }) => served);
  const counts = arrived
    .map((served) =>
      served.kind === 'summary' ? served.errorsCount : served.kind === 'errors' ? served.total : undefined,
    )
    .filter((n) => n !== undefined)
    // A count is a whole number; a negative one says that nothing was counted.
    .filter((n) => Number.isSafeInteger(n) && n >= 0);
  const listed = arrived.reduce((sum, served) => sum + (served.kind === 'errors' ? served.listed : 0), 0);
  return {
    states: arrived.flatMap((served) => (served.kind === 'summary' ? [served.state] : [])),
    // Commands that are listed are no fewer for being counted otherwise; without any count they may be some of many.
    numbers: counts.length === 0 ? [] : [...counts, listed],
  };
}

/** What Import Results call the results of jobs. */
const RESULTS_OF_IMPORTS = new Map([
  ['COMPLETED', 'SUCCESS'],
  ['COMPLETED_WITH_ERRORS', 'COMPLETED_WITH_ERROR'],
  ['ABORTED', 'ABORTED'],
  ['FAILED', 'FAILURE'],
]);

/** How a job must end that is seen like this for good, after what Import Results told. */
export function endingOf(view: View, told: Told, policy: LifeSettings): Ending {
  switch (callOf(view)) {
    case 'success':
      return 'success';
    case 'policy':
      return endingByPolicy(view.result, told, policy);
    case 'unclear': {
      const result = RESULTS_OF_IMPORTS.get(told.states.at(-1) ?? '');
      if (result === 'SUCCESS' && Math.max(0, ...told.numbers) === 0) return 'success';
      // What failed speaks against a success.
      if (result === 'SUCCESS') return endingByPolicy('COMPLETED_WITH_ERROR', told, policy);
      return result === undefined || result === 'FAILURE' ? 'failure' : endingByPolicy(result, told, policy);
    }
    default:
      return 'failure';
  }
}

function endingByPolicy(
  result: string,
  { numbers }: Told,
  { accept, maxFailedCommands }: LifeSettings,
): Ending {
  const isListed = accept.some((one) => one.toUpperCase() === result);
  if (!isListed) return 'failure';
  if (maxFailedCommands === undefined) return 'accepted';
  const most = Math.max(0, ...numbers);
  // Where errors were met, a count of none is no count.
  return most > 0 && most <= maxFailedCommands ? 'accepted' : 'failure';
}

/** Whether the verdict on a view needs Import Results. */
export function needsImportResults(view: View, { accept, maxFailedCommands }: LifeSettings): boolean {
  const call = callOf(view);
  const isListed = accept.some((one) => one.toUpperCase() === view.result);
  return call === 'unclear' || (call === 'policy' && isListed && maxFailedCommands !== undefined);
}
