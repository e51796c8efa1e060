import { inspect, isDeepStrictEqual } from 'node:util';

import type { Trace } from '../environment/trace.ts';
import type { Check } from './limits.ts';
import { OUTCOMES, type View } from './verdict.ts';

const NAMES = ['outcome', 'state', 'result', 'message', 'job-id', 'failed-commands', 'jobs'];
const MAX_MESSAGE = 100_000;
const MAX_MESSAGE_IN_JOBS = 1_000;

/** A job as the outputs should show it: its last view. */
interface ExpectedJob {
  readonly id: string;
  readonly outcome: string;
  readonly view: View | undefined;
  /** Counts of failed commands that Import Results reported. */
  readonly counts: readonly number[];
}

interface JobOutput extends Record<'id' | 'outcome' | 'state' | 'result' | 'message', string> {
  readonly endDate: string | null;
  readonly importResults: { readonly failedCommands: number | null } | null;
}

/** Checks the outputs. */
export function checkOutputs(check: Check, { outputs }: Trace, expected: readonly ExpectedJob[]): void {
  if (outputs === undefined) return check(false, 'no outputs');
  const same = (what: string, actual: unknown, wanted: unknown) =>
    check(isDeepStrictEqual(actual, wanted), `${what} is ${short(actual)}, not ${short(wanted)}`);
  same('the names of the outputs', Object.keys(outputs).sort(), [...NAMES].sort());
  same(
    'whether outcome is one',
    OUTCOMES.some((one) => one === outputs.outcome),
    true,
  );
  const decisive = expected.find(({ outcome }) => outcome === outputs.outcome);
  if (decisive) {
    const { id, view } = decisive;
    same('output job-id', outputs['job-id'], id);
    same('output state', outputs.state, view?.state ?? '');
    same('output result', outputs.result, view?.result ?? '');
    same('output message', outputs.message, truncated(view?.message ?? '', MAX_MESSAGE));
  }
  const jobs = JSON.parse(outputs.jobs) as JobOutput[];
  const shown = jobs.map((job) => [job.id, job.outcome, job.state, job.result, job.message, job.endDate]);
  const wanted = expected.map(({ id, outcome, view }) => [
    ...[id, outcome, view?.state ?? '', view?.result ?? ''],
    ...[truncated(view?.message ?? '', MAX_MESSAGE_IN_JOBS), isoDate(view?.endedMs)],
  ]);
  same('id, outcome, state, result, message in jobs and endDate', shown, wanted);
  const counts = jobs.map(({ importResults }) => importResults?.failedCommands ?? undefined);
  for (const [index, n] of counts.entries()) {
    const isReported = n === undefined || (expected[index]?.counts ?? []).includes(n);
    check(isReported, `${n} failed commands in jobs, which Import Results did not report`);
  }
  const sum = counts.reduce<number>((total, n) => total + (n ?? NaN), 0);
  same('output failed-commands', outputs['failed-commands'], jobs.length > 0 && sum >= 0 ? String(sum) : '');
}

function isoDate(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}

function truncated(text: string, limit: number): string {
  return text.length > limit ? `${text.slice(0, limit - 1)}…` : text;
}

function short(value: unknown): string {
  return inspect(value, { breakLength: Infinity }).slice(0, 200);
}
