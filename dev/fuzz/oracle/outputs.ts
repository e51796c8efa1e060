import { inspect, isDeepStrictEqual } from 'node:util';

import type { Life } from '../scenario.ts';
import type { Chronicle, View } from '../environment/trace.ts';
import { GRAVEST_FIRST } from './verdict.ts';

const NAMES = ['outcome', 'state', 'result', 'message', 'job-id', 'failed-commands', 'jobs'];
const MOST_MESSAGE = 100_000;
const MOST_MESSAGE_IN_JOBS = 1_000;

/** A job as the outputs should tell it: its last good view. */
export interface Expected {
  readonly id: string;
  readonly outcome: string;
  readonly view: View | undefined;
  /** Failed commands, where Import Results told the number. */
  readonly numbers: readonly number[];
}

interface JobOutput {
  readonly id: string;
  readonly outcome: string;
  readonly state: string;
  readonly result: string;
  readonly message: string;
  readonly endDate: string | null;
  readonly importResults: { readonly failedCommands: number | null } | null;
}

/** What is wrong with the outputs. */
export function outputComplaints(
  life: Life,
  { outputs }: Chronicle,
  expected: readonly Expected[],
): string[] {
  if (outputs === undefined) return ['no outputs'];
  const complaints: string[] = [];
  const same = (what: string, is: unknown, wanted: unknown) => {
    if (!isDeepStrictEqual(is, wanted)) complaints.push(`${what} is ${short(is)}, not ${short(wanted)}`);
  };
  same('the names of the outputs', Object.keys(outputs).sort(), [...NAMES].sort());
  const decisive = expected.find(({ outcome }) => outcome === outputs.outcome);
  if (decisive) {
    same('output job-id', outputs['job-id'], decisive.id);
    same('output state', outputs.state, decisive.view?.state ?? '');
    same('output result', outputs.result, decisive.view?.result ?? '');
    same('output message', outputs.message, cut(decisive.view?.message ?? '', MOST_MESSAGE));
  }
  if (!GRAVEST_FIRST.some((one) => one === outputs.outcome)) complaints.push(`outcome ${outputs.outcome}`);

  const jobs = JSON.parse(outputs.jobs) as JobOutput[];
  same(
    'the jobs in output jobs',
    jobs.map(({ id }) => id),
    expected.map(({ id }) => id),
  );
  for (const [index, job] of jobs.entries()) {
    const { outcome, view } = expected[index] ?? {};
    same('outcome in jobs', job.outcome, outcome);
    same('state in jobs', job.state, view?.state ?? '');
    same('result in jobs', job.result, view?.result ?? '');
    same('message in jobs', job.message, cut(view?.message ?? '', MOST_MESSAGE_IN_JOBS));
    const precisionMs = life.server.coreDates === 's' ? 1000 : 1;
    const offMs = Math.abs(Date.parse(job.endDate ?? '') - (view?.endedOnMs ?? NaN));
    if ((job.endDate === null) !== (view?.endedOnMs === undefined) || offMs >= precisionMs) {
      complaints.push(`endDate ${job.endDate} in jobs, not ${view?.endedOnMs}`);
    }
    const failed = job.importResults?.failedCommands ?? undefined;
    if (failed !== undefined && !expected[index]?.numbers.includes(failed)) {
      complaints.push(`${failed} failed commands in jobs, of which Import Results said nothing`);
    }
  }
  const failed = jobs.map(({ importResults }) => importResults?.failedCommands ?? NaN);
  const sum = failed.reduce((total, n) => total + n, 0);
  same('output failed-commands', outputs['failed-commands'], jobs.length > 0 && sum >= 0 ? String(sum) : '');
  return complaints;
}

function cut(text: string, limit: number): string {
  return text.length > limit ? `${text.slice(0, limit - 1)}…` : text;
}

function short(value: unknown): string {
  return inspect(value, { breakLength: Infinity }).slice(0, 200);
}
