import { idOf, indexOf } from '../environment/inputs.ts';
import type { Trace } from '../environment/trace.ts';
import { SEARCH } from '../execute.ts';
import type { Scenario } from '../generators/scenarios.ts';
import { checkCleanup } from './cleanup.ts';
import { checkJob } from './jobs.ts';
import { checkOutputs } from './outputs.ts';
import { checkRequests } from './requests.ts';
import { ROUNDING_MS, runOf, type Check, type Run } from './run.ts';
import { checkFound } from './search.ts';
import { importFactsOf, OUTCOMES } from './verdict.ts';
import { follow, waitsIn, type Wait } from './waits.ts';

/**
 * The oracle: everything that is wrong with a run, by the contract and by what really happened in its scenario.
 * Where timing leaves room, whatever the contract allows is right.
 */
export function violationsOf(scenario: Scenario, trace: Trace): string[] {
  const { thrown, report } = trace;
  if (report === undefined || thrown !== undefined) return [thrown ?? 'no report'];
  const violations: string[] = [];
  const check: Check = (isRight, violation) => {
    if (!isRight) violations.push(violation);
  };
  const base = runOf(scenario, trace, report, check);
  const run = { ...base, stopsMs: [base.cancelMs, firstRejectionMs(base)] };
  const waits = waitsIn(run);
  checkOutcome(run);
  checkRequests(run);
  const expected = report.jobs.map((job) => {
    const { id, outcome } = job;
    const index = indexOf(id, scenario);
    const wait = waits.find(({ subject }) => subject === id);
    check(wait !== undefined, `${id} is no job of the scenario`);
    if (wait === undefined) return { id, outcome, view: undefined, counts: [] };
    const imports = run.exchanges.filter((one) => one.job === index && /summary|errors/.test(one.endpoint));
    const view = checkJob(withPrefix(run, `job ${index}`), wait, job, imports);
    return { id, outcome, view, counts: importFactsOf(imports).counts };
  });
  for (const wait of waits) if (wait.subject === SEARCH) checkSearch(withPrefix(run, 'search'), wait);
  checkCleanup(run, expected);
  checkOutputs(run, expected);
  return violations;
}

function withPrefix(run: Run, prefix: string): Run {
  return { ...run, check: (isRight, violation) => run.check(isRight, `${prefix}: ${violation}`) };
}

/** When credentials were rejected for good, which ends all waits. */
function firstRejectionMs(run: Run): number {
  const failed = run.report.jobs.filter(({ outcome }) => outcome === 'error').map(({ id }) => id);
  const rejected = waitsIn(run).filter(({ polls }) => polls.at(-1)?.meaning.kind === 'unauthorized');
  return Math.min(...rejected.map(({ subject, endMs }) => (failed.includes(subject) ? endMs : Infinity)));
}

function checkOutcome({ check, settings: { target }, report, endMs, cancelMs, stopsMs, slackMs }: Run): void {
  const stopMs = Math.min(...stopsMs);
  check(endMs <= stopMs + slackMs, `finished at ${endMs} ms, although stopped at ${stopMs} ms`);
  const { outcome, jobs } = report;
  const isCanceled = endMs >= cancelMs - ROUNDING_MS;
  const worst = OUTCOMES.find((one) => jobs.some((job) => job.outcome === one)) ?? outcome;
  check(isCanceled || outcome === worst, `${outcome}, although the most severe outcome is ${worst}`);
  check(endMs <= cancelMs + ROUNDING_MS || outcome === 'cancelled', `${outcome}, although canceled`);
  check(isCanceled || outcome !== 'cancelled', 'canceled by nobody');
  const ids = jobs.map(({ id }) => id).join();
  const wanted = target.by === 'id' ? [...new Set(target.order)].map(idOf).join() : ids;
  check(ids === wanted, `not the jobs of the inputs: ${ids}`);
  check(ids !== '' || !/success|accepted|failure/.test(outcome), `FALSE GREEN: ${outcome} without a job`);
}

function checkSearch(run: Run, wait: Wait): void {
  const { ends } = follow(run, wait).allowed;
  const { jobs, outcome } = run.report;
  const isCanceled = outcome === 'cancelled' && run.endMs >= run.cancelMs;
  const isRight = jobs.length > 0 || isCanceled || ends.includes(outcome);
  run.check(isRight, `finished with ${outcome}; allowed: ${ends.join(', ') || 'another poll'}`);
  checkFound(run, wait.polls);
}
