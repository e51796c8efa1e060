import type { JobReport } from '../../../src/outcome.ts';
import type { ExpectedJob } from './outputs.ts';
import { isStopped, MAX_FINAL_REQUEST_MS, MAX_IN_FLIGHT, MAX_REQUEST_MS, type Run } from './run.ts';
import { importFactsOf, needsImportResults, outcomeOf, type Outcome } from './verdict.ts';
import { follow, rateLimitedUntilMs, type Wait } from './waits.ts';

/** For how long a request for Import Results is repeated: where the verdict needs them, and where not. */
const IMPORT_RESULTS_MS = { needed: 60_000, wanted: 20_000 };

/** Checks the wait for a job and its report, and gives what the outputs should show of it. */
export function checkJob(run: Run, wait: Wait, report: JobReport): ExpectedJob {
  const { settings, check } = run;
  const { id, outcome, reason } = report;
  const imports = run.exchanges.filter((one) => one.job === id && /summary|errors/.test(one.endpoint));
  const { allowed, view } = follow(run, wait);
  const facts = importFactsOf(imports);
  const verdict = view && outcomeOf(view, facts, settings);
  const ends = allowed.ends.map((end): Outcome | undefined => (end === 'verdict' ? verdict : end));
  const isStoppedHere = isStopped(run, wait.endMs);
  if (isStoppedHere) ends.push('cancelled', 'error');
  const green = outcome === 'success' || outcome === 'accepted' ? 'FALSE GREEN: ' : '';
  const violation = `${green}${outcome} (${reason.slice(0, 200)}); allowed: ${ends.join(', ') || 'another poll'}`;
  check(ends.includes(outcome), violation);
  const isPlain = outcome === 'success' && !report.isContradicted;
  check(!isPlain || !facts.hasFailures, 'success without a warning, although Import Results show failures');

  const isNeeded = view !== undefined && needsImportResults(view, settings);
  const isAsked = imports.some(({ endpoint }) => endpoint === 'errors');
  check(outcome !== 'success' || !isNeeded || isAsked, 'FALSE GREEN: nobody asked which commands failed');
  const isJudged = allowed.ends.includes('verdict');
  const mayRequest = isJudged && (isNeeded || settings.importResults || settings.allFailedCommands);
  check(imports.length === 0 || mayRequest, 'Import Results requested, although not wanted');
  const isLimited = wait.endMs < rateLimitedUntilMs(run, wait.endMs);
  const mayLackThem = !isJudged || !isNeeded || isStoppedHere || run.needsToken || isLimited;
  check(imports.length > 0 || mayLackThem, 'Import Results not requested, although the verdict needs them');
  const calls = Math.max(1, new Set(imports.map(({ url }) => url)).size);
  const eachMs = IMPORT_RESULTS_MS[isNeeded ? 'needed' : 'wanted'] + 4 * run.withQueueMs(MAX_REQUEST_MS);
  checkTimes(run, wait, isStoppedHere ? Infinity : mayRequest ? calls * eachMs : 0);
  return { id, outcome, view, counts: facts.counts };
}

/** @param importsMs how long reading Import Results may take */
function checkTimes(run: Run, { polls, sinceMs, endMs, subject }: Wait, importsMs: number): void {
  const { check, slackMs } = run;
  const { timeoutMs } = run.settings;
  const last = polls.at(-1);
  check(last !== undefined || isStopped(run, endMs), 'never polled');
  if (last === undefined) return;
  const lateMs = endMs - last.endMs;
  // Polls that wait for a rate limit may stand before it in the queue until the deadline.
  const isQueued = !run.hasNoQueue && importsMs > 0 && rateLimitedUntilMs(run, endMs) > last.endMs;
  const maxLateMs = importsMs + slackMs + (isQueued ? Math.max(0, timeoutMs - last.endMs) : 0);
  check(lateMs <= maxLateMs, `finished at ${endMs} ms, ${lateMs} ms after its last poll`);
  // Each request of the final poll has its own time, from when it is sent.
  const requests = Math.max(1, last.exchanges.length);
  const eachMs = run.withQueueMs(MAX_FINAL_REQUEST_MS) + slackMs;
  const latestMs = Math.max(timeoutMs, sinceMs) + slackMs + requests * eachMs;
  check(last.endMs <= latestMs, `still polled at ${last.endMs} ms, with a deadline at ${timeoutMs} ms`);
  const place = run.report.jobs.findIndex(({ id }) => id === subject);
  const isAtOnce = run.pollsAtOnce && place < MAX_IN_FLIGHT && !isStopped(run, sinceMs);
  const firstMs = polls[0]?.exchanges[0]?.sentMs;
  check(!isAtOnce || firstMs === sinceMs, `first polled at ${firstMs} ms, not at once`);
}
