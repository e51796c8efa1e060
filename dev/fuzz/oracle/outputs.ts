import { inspect, isDeepStrictEqual } from 'node:util';

import type { JobReport } from '../../../src/outcome.ts';
import type { Run } from './run.ts';
import { OUTCOMES, viewOf, type Outcome, type View } from './verdict.ts';

const NAMES = ['outcome', 'state', 'result', 'message', 'job-id', 'failed-commands', 'jobs'];
const MAX_MESSAGE = 100_000;
const MAX_MESSAGE_IN_JOBS = 1_000;
const NO_VIEW = viewOf({});

/** A job as the outputs should show it: its last view, and the counts of failed commands that were reported. */
export type ExpectedJob = Pick<JobReport, 'id' | 'outcome'> &
  Readonly<{ view: View | undefined; counts: readonly number[] }>;

interface JobOutput extends Record<'id' | 'outcome' | 'state' | 'result' | 'message' | 'endDate', unknown> {
  readonly importResults: { readonly failedCommands: number | null } | null;
}

/** Checks the outputs. */
export function checkOutputs({ check, trace: { outputs } }: Run, expected: readonly ExpectedJob[]): void {
  check(outputs !== undefined, 'no outputs');
  if (outputs === undefined) return;
  const same = (what: string, actual: unknown, wanted: unknown) =>
    check(isDeepStrictEqual(actual, wanted), `${what}: ${short(actual)}, not ${short(wanted)}`);
  same('names of outputs', Object.keys(outputs).sort(), [...NAMES].sort());
  check(OUTCOMES.includes(outputs.outcome as Outcome), `outcome is ${outputs.outcome}`);
  const decisive = expected.find(({ outcome }) => outcome === outputs.outcome);
  if (decisive) {
    const { state, result, message } = decisive.view ?? NO_VIEW;
    const shown = [outputs['job-id'], outputs.state, outputs.result, outputs.message];
    same('outputs of the decisive job', shown, [decisive.id, state, result, truncated(message, MAX_MESSAGE)]);
  }
  const jobs = JSON.parse(outputs.jobs) as JobOutput[];
  const shown = jobs.map((job) => [job.id, job.outcome, job.state, job.result, job.message, job.endDate]);
  const wanted = expected.map(({ id, outcome, view = NO_VIEW }) => {
    const endDate = view.endedMs === undefined ? null : new Date(view.endedMs).toISOString();
    return [id, outcome, view.state, view.result, truncated(view.message, MAX_MESSAGE_IN_JOBS), endDate];
  });
  same('output jobs', shown, wanted);
  const counts = jobs.map(({ importResults }) => importResults?.failedCommands ?? undefined);
  const isReported = counts.every((n, index) => n === undefined || expected[index]?.counts.includes(n));
  check(isReported, `failed commands in jobs that Import Results did not report: ${counts.join()}`);
  const sum = counts.reduce<number>((total, n) => total + (n ?? NaN), 0);
  same('output failed-commands', outputs['failed-commands'], jobs.length > 0 && sum >= 0 ? String(sum) : '');
}

const truncated = (text: string, limit: number) => (text.length > limit ? `${text.slice(0, limit - 1)}…` : text);
const short = (value: unknown) => inspect(value, { breakLength: Infinity }).slice(0, 200);
