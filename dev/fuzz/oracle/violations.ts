import { idOf, indexOf } from '../environment/inputs.ts';
import type { Trace } from '../environment/trace.ts';
import { SEARCH } from '../execute.ts';
import type { Scenario } from '../scenario.ts';
import { cleanupViolations } from './cleanup.ts';
import { jobViolations } from './jobs.ts';
import { ROUNDING_MS, slackOf, type Stops } from './limits.ts';
import { outputViolations } from './outputs.ts';
import { requestViolations } from './requests.ts';
import { searchViolations } from './search.ts';
import { importFactsOf, OUTCOMES, type Outcome } from './verdict.ts';
import { follow, waitFor, type Wait } from './waits.ts';

/**
 * The oracle: everything that is wrong with a run, by the contract and by what really happened in its scenario.
 * Where timing leaves room, whatever the contract allows is right.
 */
export function violationsOf(scenario: Scenario, trace: Trace): string[] {
  const { thrown, report, endMs } = trace;
  if (thrown !== undefined) return [thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : 'thrown'];
  if (report === undefined) return ['no report'];

  const { cancelAtMs = Infinity } = scenario;
  const slackMs = slackOf(scenario);
  const rejectedMs = firstRejectionMs(waitsIn(scenario, trace, { atMs: [cancelAtMs], slackMs }));
  const stopMs = Math.min(cancelAtMs, rejectedMs);
  const stops: Stops = { atMs: [cancelAtMs, rejectedMs], slackMs };
  const waits = waitsIn(scenario, trace, stops);

  const violations = [
    ...requestViolations(scenario, trace, stopMs),
    ...cleanupViolations(scenario, trace),
    ...runViolations(scenario, trace, cancelAtMs),
  ];
  if (endMs > stopMs + slackMs) violations.push(`ended at ${endMs} ms, although stopped at ${stopMs} ms`);
  const expected = report.jobs.map((job, place) => {
    const { id, outcome } = job;
    const index = indexOf(id, scenario);
    const wait = waits.find(({ subject }) => subject === id);
    if (wait === undefined) return { id, outcome, view: undefined, counts: [] };
    const imports = trace.exchanges.filter(
      (one) => one.job === index && (one.endpoint === 'summary' || one.endpoint === 'errors'),
    );
    const followed = follow(scenario, wait);
    const own = jobViolations({ ...followed, scenario, wait, report: job, place, imports, stops });
    violations.push(...[...followed.violations, ...own].map((violation) => `job ${index}: ${violation}`));
    return { id, outcome, view: followed.view, counts: importFactsOf(imports).counts };
  });
  const search = waits.find(({ subject }) => subject === SEARCH);
  if (search) violations.push(...searchWaitViolations(scenario, trace, search));
  return [...violations, ...outputViolations(trace, expected)];
}

/** The search for a job by its name, and the waits for all jobs. */
function waitsIn(scenario: Scenario, trace: Trace, stops: Stops): Wait[] {
  const isByName = scenario.settings.target.by === 'name';
  const search = {
    subject: SEARCH,
    sinceMs: 0,
    isOwn: ({ endpoint }: { endpoint: string }) => endpoint === 'find',
  };
  const searches = isByName ? [waitFor(scenario, trace, stops, search)] : [];
  const sinceMs = searches[0]?.endMs ?? 0;
  const jobs = scenario.jobs.map((_, index) =>
    waitFor(scenario, trace, stops, {
      subject: idOf(index),
      sinceMs,
      isOwn: ({ endpoint, job }) => endpoint === 'job' && job === index,
    }),
  );
  return [...searches, ...jobs];
}

/** When credentials were rejected for good, which ends all waits. */
function firstRejectionMs(waits: readonly Wait[]): number {
  const polls = waits.flatMap((wait) => wait.polls);
  return Math.min(
    ...polls.filter(({ meaning }) => meaning.kind === 'unauthorized').map(({ endMs }) => endMs),
  );
}

function runViolations(
  { settings: { target } }: Scenario,
  { report, endMs }: Trace,
  cancelAtMs: number,
): string[] {
  const violations: string[] = [];
  const { outcome, jobs } = report ?? { outcome: 'error', jobs: [] };
  const isBeforeCancel = endMs < cancelAtMs - ROUNDING_MS;
  const mostSevere = OUTCOMES.find((one) => jobs.some((job) => job.outcome === one));
  if (isBeforeCancel && jobs.length > 0 && outcome !== mostSevere) {
    violations.push(`${outcome}, although the most severe of its jobs is ${mostSevere}`);
  }
  if (endMs > cancelAtMs + ROUNDING_MS && outcome !== 'cancelled') {
    violations.push(`${outcome}, although canceled`);
  }
  if (isBeforeCancel && outcome === 'cancelled') violations.push('canceled by nobody');
  if (target.by === 'id') {
    const ids = [...new Set(target.order)].map(idOf);
    if (ids.join() !== jobs.map(({ id }) => id).join()) violations.push('not the jobs of the inputs');
  } else if (jobs.length === 0 && ['success', 'accepted', 'failure'].includes(outcome)) {
    violations.push(`FALSE GREEN: ${outcome} without a job`);
  }
  return violations;
}

function searchWaitViolations(scenario: Scenario, trace: Trace, wait: Wait): string[] {
  const { violations, allowed } = follow(scenario, wait);
  const { jobs, outcome } = trace.report ?? { jobs: [], outcome: 'error' };
  const isCanceled = trace.endMs >= (scenario.cancelAtMs ?? Infinity);
  const ends: readonly (Outcome | 'verdict')[] = isCanceled ? [...allowed.ends, 'cancelled'] : allowed.ends;
  const own =
    jobs.length > 0 || ends.includes(outcome)
      ? []
      : [`ended with ${outcome}; allowed: ${ends.join(', ') || 'another poll'}`];
  return [...violations, ...own, ...searchViolations(scenario, trace, wait.polls)].map(
    (one) => `search: ${one}`,
  );
}
