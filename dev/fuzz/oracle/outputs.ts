import { inspect, isDeepStrictEqual } from 'node:util';

import type { Trace } from '../environment/trace.ts';
import { OUTCOMES, type View } from './verdict.ts';

const NAMES = ['outcome', 'state', 'result', 'message', 'job-id', 'failed-commands', 'jobs'];
const MAX_MESSAGE = 100_000;
const MAX_MESSAGE_IN_JOBS = 1_000;

/** A job as the outputs should show it: its last view. */
export interface ExpectedJob {
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

/** What is wrong with the outputs. */
export function outputViolations({ outputs }: Trace, expected: readonly ExpectedJob[]): string[] {
  if (outputs === undefined) return ['no outputs'];
  const violations: string[] = [];
  const same = (what: string, actual: unknown, wanted: unknown) => {
    if (!isDeepStrictEqual(actual, wanted))
      violations.push(`${what} is ${short(actual)}, not ${short(wanted)}`);
  };
  same('the names of the outputs', Object.keys(outputs).sort(), [...NAMES].sort());
  same('output outcome', OUTCOMES.includes(outputs.outcome as (typeof OUTCOMES)[number]), true);
  const decisive = expected.find(({ outcome }) => outcome === outputs.outcome);
  if (decisive) {
    same('output job-id', outputs['job-id'], decisive.id);
    same('output state', outputs.state, decisive.view?.state ?? '');
    same('output result', outputs.result, decisive.view?.result ?? '');
    same('output message', outputs.message, truncated(decisive.view?.message ?? '', MAX_MESSAGE));
  }
  const jobs = JSON.parse(outputs.jobs) as JobOutput[];
  same('the number of jobs in output jobs', jobs.length, expected.length);
  for (const [index, { id, outcome, view, counts }] of expected.entries()) {
    const job = jobs[index];
    same('id in jobs', job?.id, id);
    same('outcome in jobs', job?.outcome, outcome);
    same('state in jobs', job?.state, view?.state ?? '');
    same('result in jobs', job?.result, view?.result ?? '');
    same('message in jobs', job?.message, truncated(view?.message ?? '', MAX_MESSAGE_IN_JOBS));
    same('endDate in jobs', job?.endDate, isoDate(view?.endedMs));
    const failed = job?.importResults?.failedCommands ?? undefined;
    if (failed !== undefined && !counts.includes(failed)) {
      violations.push(`${failed} failed commands in jobs, which Import Results did not report`);
    }
  }
  const sum = jobs.reduce((total, { importResults }) => total + (importResults?.failedCommands ?? NaN), 0);
  same('output failed-commands', outputs['failed-commands'], jobs.length > 0 && sum >= 0 ? String(sum) : '');
  return violations;
}

function isoDate(ms: number | undefined): string | null {
  return ms === undefined || Number.isNaN(ms) ? null : new Date(ms).toISOString();
}

function truncated(text: string, limit: number): string {
  return text.length > limit ? `${text.slice(0, limit - 1)}…` : text;
}

function short(value: unknown): string {
  return inspect(value, { breakLength: Infinity }).slice(0, 200);
}
