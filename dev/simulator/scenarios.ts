import { hostileLife } from './hostile.ts';
import { type Life, running, type Step } from './life.ts';
import { nothingCommitted, partialImport, someCommitted, completeImport } from './sample-results.ts';

/** A named lifecycle of a job. */
export type Scenario = { readonly description: string; readonly life: Life };

/** Waits in the queue for 0.5 s, runs until the given time, and ends. */
function lifeUntil(endMs: number, end: Omit<Step, 'atMs'>): Step[] {
  return [{ atMs: 0, state: 'WAITING' }, ...running(500, endMs), { atMs: endMs, ...end }];
}

const succeeded = { state: 'COMPLETED', result: 'SUCCESS', progress: 100 };
const partlyFailed = { state: 'COMPLETED', result: 'COMPLETED_WITH_ERROR', progress: 100 };

/** The scenarios by name, with their durations at speed 1. */
export const scenarios: Readonly<Record<string, Scenario>> = {
  success: {
    description: 'Everything is imported.',
    life: { steps: lifeUntil(4000, succeeded), importResults: completeImport },
  },
  'completed-with-error': {
    description: 'Three commands fail. The others are committed.',
    life: {
      steps: lifeUntil(4000, { ...partlyFailed, message: '3 commands failed.' }),
      importResults: partialImport,
    },
  },
  'completed-with-nothing-committed': {
    description: 'All commands fail, below the threshold. The job completes and nothing is committed.',
    life: {
      steps: lifeUntil(3000, { ...partlyFailed, message: '12 commands failed.' }),
      importResults: nothingCommitted(12, 'COMPLETED_WITH_ERRORS'),
    },
  },
  aborted: {
    description: 'The threshold of failed commands is reached. The commands before it are committed.',
    life: {
      steps: lifeUntil(3000, {
        state: 'COMPLETED',
        result: 'ABORTED',
        message: 'The threshold of 100 failed commands is reached.',
      }),
      importResults: someCommitted(412, 100, 'ABORTED'),
    },
  },
  failed: {
    description: 'The import fails. Nothing is committed.',
    life: {
      steps: lifeUntil(3000, {
        state: 'FAILED',
        result: 'FAILURE',
        message: "The asset type 'Colunm' does not exist.",
      }),
      importResults: nothingCommitted(1, 'FAILED'),
    },
  },
  deleted: {
    description: 'A user deletes the job while it runs.',
    life: { steps: lifeUntil(2000, { state: 'DELETED', message: 'Deleted by user' }) },
  },
  'no-result': {
    description: 'The job completes without a result. Its Import Results report a success.',
    life: {
      steps: lifeUntil(3000, { state: 'COMPLETED', result: 'NOT_SET', progress: 100 }),
      importResults: completeImport,
    },
  },
  'late-results': {
    description: 'The import succeeds. Its Import Results are available 3 seconds later.',
    life: { steps: lifeUntil(3000, succeeded), importResults: { ...completeImport, lateMs: 3000 } },
  },
  'slow-queue': {
    description: 'The job waits in the queue for 8 seconds, then runs for 3 seconds.',
    life: {
      steps: [{ atMs: 0, state: 'WAITING' }, ...running(8000, 11_000), { atMs: 11_000, ...succeeded }],
      importResults: completeImport,
    },
  },
  batches: {
    description: 'The progress increases in steps of one third.',
    life: {
      steps: [
        { atMs: 500, state: 'RUNNING', progress: 0 },
        { atMs: 2500, state: 'RUNNING', progress: 33 },
        { atMs: 4500, state: 'RUNNING', progress: 66 },
        { atMs: 6500, ...succeeded },
      ],
      importResults: completeImport,
    },
  },
  stuck: {
    description: 'The job runs to 42% and never finishes.',
    life: { steps: [{ atMs: 0, state: 'WAITING' }, ...running(500, 2500, 0, 42)] },
  },
  'flaky-gateway': {
    description: 'The import succeeds behind a gateway that returns errors, closes connections and shows a login page.',
    life: {
      steps: lifeUntil(8000, succeeded),
      importResults: completeImport,
      faults: [
        { on: 'job', from: 2, to: 2, fault: { kind: 'status', status: 503, body: 'text' } },
        { on: 'job', from: 3, to: 3, fault: { kind: 'reset' } },
        { on: 'job', from: 4, to: 4, fault: { kind: 'html-200' } },
        { on: 'job', from: 5, to: 5, fault: { kind: 'break-off' } },
        {
          on: 'job',
          from: 6,
          to: 6,
          fault: { kind: 'status', status: 429, retryAfter: { seconds: 2, as: 'seconds' } },
        },
      ],
    },
  },
  'unknown-state': {
    description: 'The job has an unknown state for a while, then succeeds.',
    life: {
      steps: [
        { atMs: 500, state: 'RUNNING', progress: 10 },
        { atMs: 2000, state: 'HIBERNATING' },
        { atMs: 4000, ...succeeded },
      ],
      importResults: completeImport,
    },
  },
  hostile: {
    description: 'Names, messages and errors attack the log, the job summary and the runner.',
    life: hostileLife,
  },
  large: {
    description: '2,500 commands fail.',
    life: {
      steps: lifeUntil(4000, { ...partlyFailed, message: '2500 commands failed.' }),
      importResults: someCommitted(48_210, 2500, 'COMPLETED_WITH_ERRORS'),
    },
  },
  'not-an-import': {
    description: 'A job of another type succeeds. It has no Import Results.',
    life: { name: 'Reindex', type: 'REINDEX', steps: lifeUntil(3000, succeeded) },
  },
};

/**
 * Returns the lifecycle of a scenario.
 * @throws Error that lists the scenarios if the name is unknown
 */
export function scenarioLife(name: string): Life {
  const scenario = Object.hasOwn(scenarios, name) ? scenarios[name] : undefined;
  if (scenario) return scenario.life;
  throw new Error(`There is no scenario "${name}". The scenarios are: ${Object.keys(scenarios).join(', ')}.`);
}
