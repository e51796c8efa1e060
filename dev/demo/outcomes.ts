import { cancelLikeRunner, type ScheduledSignal } from '../runner/signals.ts';

/** How the demo gets an outcome of the step. */
export type OutcomeDemo = {
  readonly description: string;
  /** What happens to the imports: a scenario of the simulator. */
  readonly scenario: string;
  /** Inputs of the action. The command line overrides them. */
  readonly inputs?: Readonly<Record<string, string>>;
  readonly signals?: readonly ScheduledSignal[];
};

/** The outcomes of the step, as scenarios of the demo. */
export const outcomes: Readonly<Record<string, OutcomeDemo>> = {
  success: { description: 'Everything is imported.', scenario: 'success' },
  accepted: {
    description: 'Three commands fail, and `accept` allows it.',
    scenario: 'completed-with-error',
    inputs: { accept: 'COMPLETED_WITH_ERROR' },
  },
  failure: { description: 'Three commands fail.', scenario: 'completed-with-error' },
  timeout: {
    description: 'The import is not finished after 6 seconds.',
    scenario: 'stuck',
    inputs: { 'timeout-minutes': '0.1' },
  },
  cancelled: {
    description: 'The workflow run is canceled while the import runs.',
    scenario: 'stuck',
    signals: cancelLikeRunner({ afterMs: 4000 }),
  },
  error: {
    description: 'Collibra rejects the token.',
    scenario: 'success',
    inputs: { token: 'a-token-that-expired-yesterday' },
  },
};

/** What happens to the imports of `--jobs` without `--scenario`, in turn. */
export const mixture = ['success', 'batches', 'slow-queue', 'completed-with-error', 'success', 'failed'];
