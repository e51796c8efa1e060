import type { JobReport } from '../../../src/outcome.ts';
import type { Exchange } from '../environment/trace.ts';
import type { Scenario } from '../scenario.ts';
import { finalPollMs, isStopped, MAX_IN_FLIGHT, pollsAtOnce, slackOf, type Stops } from './limits.ts';
import { importFactsOf, needsImportResults, outcomeOf, type Outcome } from './verdict.ts';
import type { FollowedWait, Wait } from './waits.ts';

/** The most that reading Import Results may take after the wait: where the verdict needs them, and where not. */
const IMPORT_RESULTS_MS = { needed: 125_000, wanted: 45_000 };

/** All that the report of one job is judged by. */
interface JobCase extends FollowedWait {
  readonly scenario: Scenario;
  readonly wait: Wait;
  readonly report: JobReport;
  /** Its place among the jobs of the run. */
  readonly place: number;
  /** The requests for its Import Results. */
  readonly imports: readonly Exchange[];
  readonly stops: Stops;
}

/** What is wrong with the report of a job. */
export function jobViolations(jobCase: JobCase): string[] {
  const isStoppedHere = isStopped(jobCase.stops, jobCase.wait.endMs);
  return [
    ...outcomeViolations(jobCase, isStoppedHere),
    ...timeViolations(jobCase, isStoppedHere),
    ...importViolations(jobCase, isStoppedHere),
  ];
}

function outcomeViolations({ scenario, report, imports, allowed, view }: JobCase, isStoppedHere: boolean) {
  const violations: string[] = [];
  const { outcome, reason } = report;
  const verdict = view && outcomeOf(view, importFactsOf(imports), scenario.settings);
  const ends = allowed.ends.map((end): Outcome | undefined => (end === 'verdict' ? verdict : end));
  if (isStoppedHere) ends.push('cancelled', 'error');
  if (!ends.includes(outcome)) {
    violations.push(`${outcome} (${reason.slice(0, 200)}); allowed: ${ends.join(', ') || 'another poll'}`);
  }
  if ((outcome === 'success' || outcome === 'accepted') && verdict !== outcome) {
    violations.push(`FALSE GREEN: the truth is ${verdict ?? 'unknown'}`);
  }
  return violations;
}

function timeViolations(jobCase: JobCase, isStoppedHere: boolean): string[] {
  const { scenario, wait, place, stops } = jobCase;
  const { polls, sinceMs, endMs } = wait;
  const last = polls.at(-1);
  if (last === undefined) return isStoppedHere ? [] : ['never polled'];
  const violations: string[] = [];
  const { timeoutMs } = scenario.settings;
  const slackMs = slackOf(scenario);
  if (endMs > last.endMs + importResultsMs(jobCase) + slackMs && !isStoppedHere) {
    violations.push(`finished at ${endMs} ms, ${endMs - last.endMs} ms after its last poll`);
  }
  const sentMs = Math.max(timeoutMs, last.exchanges[0]?.sentMs ?? 0);
  if (
    sentMs > timeoutMs + finalPollMs(scenario) + slackMs ||
    last.endMs > sentMs + finalPollMs(scenario) + slackMs
  ) {
    violations.push(`still polled at ${last.endMs} ms, with a deadline at ${timeoutMs} ms`);
  }
  const firstMs = polls[0]?.exchanges[0]?.sentMs;
  const isAtOnce = pollsAtOnce(scenario) && place < MAX_IN_FLIGHT && !isStopped(stops, sinceMs);
  if (isAtOnce && firstMs !== sinceMs) violations.push(`first polled at ${firstMs} ms, not at once`);
  return violations;
}

function importViolations({ scenario, imports, allowed, view }: JobCase, isStoppedHere: boolean): string[] {
  const isJudged = allowed.ends.includes('verdict');
  const isNeeded = needsImportResults(view, scenario.settings);
  if (imports.length === 0) {
    const isMissing = isJudged && isNeeded && !isStoppedHere && pollsAtOnce(scenario);
    return isMissing ? ['Import Results not requested, although the verdict needs them'] : [];
  }
  return [
    ...(isJudged ? [] : ['Import Results requested without a verdict']),
    ...(wantsImportResults(scenario, isNeeded) ? [] : ['Import Results requested, although not wanted']),
  ];
}

function importResultsMs({ scenario, view, allowed }: JobCase): number {
  const isNeeded = needsImportResults(view, scenario.settings);
  if (!allowed.ends.includes('verdict') || !wantsImportResults(scenario, isNeeded)) return 0;
  return IMPORT_RESULTS_MS[isNeeded ? 'needed' : 'wanted'];
}

function wantsImportResults({ settings }: Scenario, isNeeded: boolean): boolean {
  return isNeeded || settings.importResults || settings.allFailedCommands;
}
