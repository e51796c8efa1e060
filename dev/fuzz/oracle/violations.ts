import { idOf, indexOf } from '../environment/inputs.ts';
import type { Trace } from '../environment/trace.ts';
import { SEARCH } from '../execute.ts';
import type { Scenario } from '../generators/scenarios.ts';
import { checkCleanup } from './cleanup.ts';
import { checkJob } from './jobs.ts';
import { ROUNDING_MS, slackOf, type Check, type Run } from './limits.ts';
import { checkOutputs } from './outputs.ts';
import { checkRequests } from './requests.ts';
import { checkFound } from './search.ts';
import { importFactsOf, OUTCOMES } from './verdict.ts';
import { follow, waitsIn, type Wait } from './waits.ts';

/**
 * The oracle: everything that is wrong with a run, by the contract and by what really happened in its scenario.
 * Where timing leaves room, whatever the contract allows is right.
 */
export function violationsOf(scenario: Scenario, trace: Trace): string[] {
  const { thrown, report, endMs } = trace;
  if (report === undefined || thrown !== undefined) return [String(thrown ?? 'no report')];
  const violations: string[] = [];
  const check: Check = (isRight, violation) => void (isRight || violations.push(violation));

  const { cancelAtMs = Infinity } = scenario;
  const rejectedMs = firstRejectionMs(waitsIn({ scenario, trace, stopsMs: [cancelAtMs] }));
  const run = { scenario, trace, stopsMs: [cancelAtMs, rejectedMs] };
  const waits = waitsIn(run);
  const stopMs = Math.min(cancelAtMs, rejectedMs);
  check(endMs <= stopMs + slackOf(scenario), `ended at ${endMs} ms, although stopped at ${stopMs} ms`);
  checkRequests(check, scenario, trace, stopMs);
  checkCleanup(check, scenario, trace);
  checkOutcome(check, scenario, trace, cancelAtMs);
  const expected = report.jobs.map((job) => {
    const { id, outcome } = job;
    const index = indexOf(id, scenario);
    const wait = waits.find(({ subject }) => subject === id);
    check(wait !== undefined, `${id} is in no response`);
    if (wait === undefined) return { id, outcome, view: undefined, counts: [] };
    const imports = trace.exchanges.filter(
      (one) => one.job === index && (one.endpoint === 'summary' || one.endpoint === 'errors'),
    );
    const checkOwn: Check = (isRight, violation) => check(isRight, `job ${index}: ${violation}`);
    const view = checkJob(checkOwn, run, wait, job, imports);
    return { id, outcome, view, counts: importFactsOf(imports).counts };
  });
  for (const wait of waits.filter(({ subject }) => subject === SEARCH)) checkSearch(check, run, wait);
  checkOutputs(check, trace, expected);
  return violations;
}

/** When credentials were rejected for good, which ends all waits. */
function firstRejectionMs(waits: readonly Wait[]): number {
  const polls = waits.flatMap((wait) => wait.polls);
  return Math.min(
    ...polls.filter(({ meaning }) => meaning.kind === 'unauthorized').map(({ endMs }) => endMs),
  );
}

function checkOutcome(
  check: Check,
  { settings: { target } }: Scenario,
  { report, endMs }: Trace,
  cancelMs: number,
) {
  const { outcome, jobs } = report ?? { outcome: 'error', jobs: [] };
  const isBeforeCancel = endMs < cancelMs - ROUNDING_MS;
  const mostSevere = OUTCOMES.find((one) => jobs.some((job) => job.outcome === one)) ?? outcome;
  check(
    !isBeforeCancel || outcome === mostSevere,
    `${outcome}, although the most severe job is ${mostSevere}`,
  );
  check(endMs <= cancelMs + ROUNDING_MS || outcome === 'cancelled', `${outcome}, although canceled`);
  check(!isBeforeCancel || outcome !== 'cancelled', 'canceled by nobody');
  const ids = jobs.map(({ id }) => id).join();
  if (target.by === 'id')
    check(ids === [...new Set(target.order)].map(idOf).join(), 'not the jobs of the inputs');
  const isNothing = ids === '' && ['success', 'accepted', 'failure'].includes(outcome);
  check(!isNothing, `FALSE GREEN: ${outcome} without a job`);
}

function checkSearch(check: Check, run: Run, wait: Wait): void {
  const { scenario, trace } = run;
  const checkOwn: Check = (isRight, violation) => check(isRight, `search: ${violation}`);
  const { ends } = follow(checkOwn, scenario, wait).allowed;
  const { jobs, outcome } = trace.report ?? { jobs: [], outcome: 'error' };
  const isCanceled = outcome === 'cancelled' && trace.endMs >= (scenario.cancelAtMs ?? Infinity);
  checkOwn(
    jobs.length > 0 || isCanceled || ends.includes(outcome),
    `ended with ${outcome}; allowed: ${ends.join(', ') || 'another poll'}`,
  );
  checkFound(checkOwn, run, wait);
}
