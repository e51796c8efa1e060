import { inputIds } from '../environment/inputs.ts';
import type { Trace } from '../environment/trace.ts';
import { checkCleanup } from './cleanup.ts';
import { checkJob } from './jobs.ts';
import { checkOutputs, type ExpectedJob } from './outputs.ts';
import { checkRequests } from './requests.ts';
import { ROUNDING_MS, runOf, type Run } from './run.ts';
import { checkFound } from './search.ts';
import { OUTCOMES } from './verdict.ts';
import { follow, waitsIn, type Wait } from './waits.ts';

/**
 * The oracle: everything that is wrong with a run, by the contract and by what really happened in its scenario.
 * Where timing leaves room, whatever the contract allows is right.
 */
export function violationsOf(trace: Trace): string[] {
  const { thrown, report } = trace;
  if (report === undefined || thrown !== undefined) return [thrown ?? 'no report'];
  const violations: string[] = [];
  const check = (isRight: boolean, violation: string) => {
    if (!isRight) violations.push(violation);
  };
  const base = runOf(trace, report, check);
  const run = { ...base, stopsMs: [base.cancelMs, firstRejectionMs(base)] };
  checkOutcome(run);
  checkRequests(run);
  const expected: ExpectedJob[] = [];
  for (const wait of waitsIn(run)) {
    const own: Run = { ...run, check: (isRight, violation) => check(isRight, `${wait.subject}: ${violation}`) };
    if (wait.report) expected.push(checkJob(own, wait, wait.report));
    else checkSearch(own, wait);
  }
  checkCleanup(run, expected);
  checkOutputs(run, expected);
  return violations;
}

/** When credentials were rejected for good, which ends all waits. */
function firstRejectionMs(run: Run): number {
  const rejected = waitsIn(run).filter(
    ({ report, polls }) => report?.outcome === 'error' && polls.at(-1)?.meaning.kind === 'unauthorized',
  );
  return Math.min(...rejected.map(({ endMs }) => endMs));
}

function checkOutcome({ check, scenario, settings: { target }, report, endMs, cancelMs, stopsMs, slackMs }: Run): void {
  const stopMs = Math.min(...stopsMs);
  check(endMs <= stopMs + slackMs, `finished at ${endMs} ms, although stopped at ${stopMs} ms`);
  const { outcome, jobs } = report;
  const isCanceled = endMs >= cancelMs - ROUNDING_MS;
  const worst = OUTCOMES.find((one) => jobs.some((job) => job.outcome === one)) ?? outcome;
  check(isCanceled || outcome === worst, `${outcome}, although the most severe outcome is ${worst}`);
  check(endMs <= cancelMs + ROUNDING_MS || outcome === 'cancelled', `${outcome}, although canceled`);
  check(isCanceled || outcome !== 'cancelled', 'canceled by nobody');
  const ids = jobs.map(({ id }) => id).join();
  const wanted = target.by === 'id' ? [...new Set(inputIds(scenario))].join() : ids;
  check(ids === wanted, `not the jobs of the inputs: ${ids}`);
  check(ids !== '' || !/success|accepted|failure/.test(outcome), `FALSE GREEN: ${outcome} without a job`);
}

function checkSearch(run: Run, wait: Wait): void {
  const { ends } = follow(run, wait).allowed;
  const { jobs, outcome } = run.report;
  const isRight = jobs.length > 0 || outcome === 'cancelled' || ends.includes(outcome);
  run.check(isRight, `finished with ${outcome}; allowed: ${ends.join(', ') || 'another poll'}`);
  checkFound(run, wait.polls);
}
