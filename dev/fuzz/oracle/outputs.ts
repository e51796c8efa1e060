import { inspect, isDeepStrictEqual } from 'node:util';

import type { JobReport } from '../../../src/outcome.ts';
import type { Run } from './run.ts';
import { viewOf, type View } from './verdict.ts';

const MAX_MESSAGE = 100_000;
const MAX_MESSAGE_IN_JOBS = 1_000;
const NO_VIEW = viewOf({});
const SHOWN = ['id', 'outcome', 'state', 'result', 'message', 'endDate'];

/** A job as the outputs should show it: its last view, and the counts of failed commands that were reported. */
export type ExpectedJob = Pick<JobReport, 'id' | 'outcome'> &
  Readonly<{ view: View | undefined; counts: readonly number[] }>;

type JobOutput = Readonly<Record<string, unknown>> & { importResults: { failedCommands: number | null } | null };

/** Checks the outputs. */
export function checkOutputs({ check, report, trace }: Run, expected: readonly ExpectedJob[]): void {
  const { jobs: json = '[]', ...outputs } = trace.outputs ?? {};
  const same = (what: string, actual: unknown, wanted: unknown) =>
    check(isDeepStrictEqual(actual, wanted), `${what}: ${short(actual)}, not ${short(wanted)}`);
  const jobs = JSON.parse(json) as JobOutput[];
  const shown = jobs.map((job) => SHOWN.map((name) => job[name]));
  const wanted = expected.map(({ id, outcome, view = NO_VIEW }) => {
    const endDate = view.endedMs === undefined ? null : new Date(view.endedMs).toISOString();
    return [id, outcome, ...Object.values(textsOf(view, MAX_MESSAGE_IN_JOBS)), endDate];
  });
  same('output jobs', shown, wanted);
  const counts = jobs.map(({ importResults }) => importResults?.failedCommands ?? undefined);
  const isReported = counts.every((n, index) => n === undefined || expected[index]?.counts.includes(n));
  check(isReported, `failed commands in jobs that Import Results did not report: ${counts.join()}`);
  const sum = counts.reduce<number>((total, n) => total + (n ?? NaN), 0);

  const { outcome } = report;
  const { id = '', view = NO_VIEW } = expected.find((job) => job.outcome === outcome) ?? expected[0] ?? {};
  const decisive = { 'job-id': id, ...textsOf(view, MAX_MESSAGE) };
  same('outputs', outputs, { outcome, ...decisive, 'failed-commands': jobs.length > 0 && sum >= 0 ? `${sum}` : '' });
}

function textsOf({ state, result, message }: View, limit: number) {
  return { state, result, message: message.length > limit ? `${message.slice(0, limit - 1)}…` : message };
}

const short = (value: unknown) => inspect(value, { breakLength: Infinity }).slice(0, 300);
