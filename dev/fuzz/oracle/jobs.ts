import type { JobReport } from '../../../src/outcome.ts';
import type { Exchange } from '../environment/trace.ts';
import {
  finalPollMs,
  isStopped,
  MAX_IN_FLIGHT,
  pollsAtOnce,
  slackOf,
  type Check,
  type Run,
} from './limits.ts';
import { importFactsOf, needsImportResults, outcomeOf, type Outcome, type View } from './verdict.ts';
import { follow, type Wait } from './waits.ts';

/** The most that reading Import Results may take after the wait: where the verdict needs them, and where not. */
const IMPORT_RESULTS_MS = { needed: 125_000, wanted: 45_000 };

/** Checks the wait for a job and its report, and gives the last view of the job. */
export function checkJob(
  check: Check,
  run: Run,
  wait: Wait,
  { outcome, reason }: JobReport,
  imports: readonly Exchange[],
): View | undefined {
  const { settings } = run.scenario;
  const { allowed, view } = follow(check, run.scenario, wait);
  const verdict = view && outcomeOf(view, importFactsOf(imports), settings);
  const ends = allowed.ends.map((end): Outcome | undefined => (end === 'verdict' ? verdict : end));
  const isStoppedHere = isStopped(run, wait.endMs);
  if (isStoppedHere) ends.push('cancelled', 'error');
  check(
    ends.includes(outcome),
    `${outcome} (${reason.slice(0, 200)}); allowed: ${ends.join(', ') || 'another poll'}`,
  );
  const isGreen = outcome === 'success' || outcome === 'accepted';
  check(!isGreen || verdict === outcome, `FALSE GREEN: the truth is ${verdict ?? 'unknown'}`);

  const isJudged = allowed.ends.includes('verdict');
  const isNeeded = needsImportResults(view, settings);
  const isWanted = isNeeded || settings.importResults || settings.allFailedCommands;
  const isRequested = imports.length > 0;
  check(!isRequested || (isJudged && isWanted), 'Import Results requested, although not wanted');
  const mayLackThem = !isJudged || !isNeeded || isStoppedHere || !pollsAtOnce(run.scenario);
  check(isRequested || mayLackThem, 'Import Results not requested, although the verdict needs them');
  const importsMs = isJudged && isWanted ? IMPORT_RESULTS_MS[isNeeded ? 'needed' : 'wanted'] : 0;
  checkTimes(check, run, wait, isStoppedHere ? Infinity : importsMs);
  return view;
}

/** @param importsMs how long reading Import Results may take */
function checkTimes(
  check: Check,
  run: Run,
  { polls, sinceMs, endMs, subject }: Wait,
  importsMs: number,
): void {
  const { scenario, trace } = run;
  const last = polls.at(-1);
  check(last !== undefined || isStopped(run, endMs), 'never polled');
  if (last === undefined) return;
  const { timeoutMs } = scenario.settings;
  const slackMs = slackOf(scenario);
  const lateMs = endMs - last.endMs;
  check(lateMs <= importsMs + slackMs, `finished at ${endMs} ms, ${lateMs} ms after its last poll`);
  // The final poll has its own time, from when it is sent.
  const sentMs = Math.max(timeoutMs, last.exchanges[0]?.sentMs ?? 0);
  const latestMs =
    Math.min(sentMs, timeoutMs + finalPollMs(scenario) + slackMs) + finalPollMs(scenario) + slackMs;
  check(last.endMs <= latestMs, `still polled at ${last.endMs} ms, with a deadline at ${timeoutMs} ms`);
  const place = trace.report?.jobs.findIndex(({ id }) => id === subject) ?? 0;
  const isAtOnce = pollsAtOnce(scenario) && place < MAX_IN_FLIGHT && !isStopped(run, sinceMs);
  const firstMs = polls[0]?.exchanges[0]?.sentMs;
  check(!isAtOnce || firstMs === sinceMs, `first polled at ${firstMs} ms, not at once`);
}
