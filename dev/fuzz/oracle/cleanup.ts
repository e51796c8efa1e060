import { inputIds, SECRETS } from '../environment/inputs.ts';
import type { Exchange } from '../environment/trace.ts';
import { isFailedToken, isNotServed, isRateLimited, isRejected, isShared, meaningOf } from './classification.ts';
import type { ExpectedJob } from './outputs.ts';
import { MAX_IN_FLIGHT, type Run } from './run.ts';
import { isUnfinished, viewOf } from './verdict.ts';

/** How long deletes may take in all, and how long before that they may be given up: then no attempt fits in. */
const MAX_DELETES_MS = 60_000;
const LAST_ATTEMPT_MS = 5_000;

/** What a step says of each job that it was to delete. */
const RESULT =
  /^(?:Warning: )?(?<id>\S{36}): (?<text>requested deletion|not deleted|could not delete|no confirmation)/gm;
const resultsIn = (written: string) => [...written.matchAll(RESULT)].map(({ groups = {} }) => groups as Result);
type Result = Readonly<Record<'id' | 'text', string>>;

/** The deletes of one step: the jobs that are to be deleted, and what the step said of them. */
interface Cleanup extends Readonly<Record<'sinceMs' | 'endMs', number>> {
  readonly exchanges: readonly Exchange[];
  readonly ids: readonly string[];
  readonly results: readonly Result[];
}

/** Checks the deletes of the main step, and all that the post step does. */
export function checkCleanup(run: Run, jobs: readonly ExpectedJob[]): void {
  const { check, trace, settings, report, isKilled, cancelMs } = run;
  const [main, post] = trace.steps;
  if (!main || !post) return;
  const isLeft = ({ outcome, view }: ExpectedJob) => outcome === 'timeout' && (!view || isUnfinished(view));
  const isTimeout = report.outcome !== 'cancelled' && settings.onTimeout === 'delete';
  const timedOut = isTimeout ? jobs.filter(isLeft).map(({ id }) => id) : [];
  const inMain = { ids: timedOut, results: resultsIn(main.written), exchanges: run.deletes };
  const isCut = inMain.results.length < timedOut.length;
  checkDeletes(run, { ...inMain, sinceMs: run.endMs, endMs: main.endMs }, isCut);
  const stopMs = Math.min(Math.max(cancelMs, run.endMs), run.killMs);
  check(main.endMs <= stopMs + run.slackMs, `the main step ended only at ${main.endMs} ms, canceled at ${cancelMs} ms`);
  check(!isCut || main.endMs >= stopMs, 'the main step ended before its deletes');

  const isStopped = isKilled || report.outcome === 'cancelled';
  const targets = trace.found === undefined ? [...new Set(inputIds(run.scenario))] : [trace.found];
  const wanted = isCut ? timedOut : isStopped && settings.onCancel === 'delete' ? targets : [];
  const ids = wanted.filter((id) => !isEnded(run, id, inMain.results));
  const results = resultsIn(post.written);
  checkDeletes(run, { ids, results, exchanges: run.post, sinceMs: main.endMs, endMs: post.endMs }, false);
  const isQuiet = !isKilled && wanted.length === 0;
  check(!isQuiet || post.written === '', `the post step says ${post.written.slice(0, 200)}`);
  check(!isKilled || /^::error /m.test(post.written), 'the post step does not say that the main step was stopped');
  const areDone = results.every(({ text }) => /requested|not deleted/.test(text));
  check(areDone || /^::(error|warning) /m.test(post.written), 'nobody is told of a job that was not deleted');

  const shown = (main.written + post.written).replaceAll(/^::add-mask::.*$/gm, '');
  for (const secret of SECRETS) check(!shown.includes(secret), `a secret was written: ${secret}`);
}

/** Whether the main step knew at its end that nothing is left to do for a job. */
function isEnded({ exchanges, deletes }: Run, id: string, results: readonly Result[]): boolean {
  const isDeleted = results.some((one) => one.id === id && one.text === 'requested deletion');
  const seen = [...exchanges, ...deletes].filter(({ job }) => job === id).map(isUnfinishedIn);
  return isDeleted || seen.findLast((one) => one !== undefined) === false;
}

/** Only jobs that were just seen unfinished are deleted, each result is reported once, and soon. */
function checkDeletes(run: Run, cleanup: Cleanup, isCut: boolean): void {
  const { sinceMs, endMs, exchanges, ids, results } = cleanup;
  const { check } = run;
  check(
    ids.length > 0 || exchanges.length === 0,
    `requests from ${exchanges[0]?.sentMs} ms on, with nothing to delete`,
  );
  const requests = exchanges.filter(({ endpoint }) => endpoint === 'delete');
  for (const one of requests) checkDelete(run, one, exchanges);
  check(endMs <= sinceMs + MAX_DELETES_MS + run.slackMs, `deletes from ${sinceMs} to ${endMs} ms`);
  const reported = results.map(({ id }) => id).sort();
  const wanted = ids.filter((id) => !isCut || reported.includes(id)).sort();
  check(reported.join() === wanted.join(), `results of deletes for ${reported.join()}, not ${wanted.join()}`);
  for (const { id, text } of results) {
    const own = requests.filter(({ job }) => job === id);
    // Whatever the body is, a 2xx is a yes; it may be on its way when the time is up.
    const accepted = own.filter(({ reply }) => Number(reply?.status) < 300);
    const isLost = own.some((one) => meaningOf(one).kind === 'transient');
    const isFinal = isCut || hasReason(id, run, cleanup);
    const isRight: Readonly<Record<string, boolean>> = {
      'requested deletion': isLost || accepted.some(({ end }) => end === 'arrived'),
      'not deleted': exchanges.some((one) => one.job === id && isUnfinishedIn(one) === false),
      'could not delete': isFinal && accepted.length === 0,
      // A delete that was still to be sent when the time was up counts as one without a response.
      'no confirmation': isFinal && (isLost || own.every(isRejected)),
    };
    check(isRight[text] === true, `${id}: "${text}" after ${own.length} deletes`);
  }
}

/** Whether there was a reason not to try again to delete a job, or no time. */
function hasReason(id: string, { trace }: Run, { sinceMs, endMs, exchanges, ids }: Cleanup): boolean {
  const own = exchanges.filter(({ job }) => job === id);
  const isPermanent = (one: Exchange) => {
    const meaning = meaningOf(one);
    return (
      isNotServed(meaning) ||
      !(meaning.kind === 'success' || (meaning.kind === 'transient' && meaning.notBeforeMs === 0))
    );
  };
  const isForAll = (one: Exchange) => isFailedToken(one) || isRejected(one) || isShared(one);
  // Where some wait for their turn, only the end of the step is known.
  const lastMs = ids.length > MAX_IN_FLIGHT ? endMs : Math.max(-Infinity, ...own.map((one) => one.endMs));
  const hasNoTime = Math.min(lastMs, endMs) >= sinceMs + MAX_DELETES_MS - LAST_ATTEMPT_MS;
  const hasToWait = trace.exchanges.some(isRateLimited);
  return hasNoTime || hasToWait || own.some(isPermanent) || exchanges.some(isForAll);
}

/** The last request about a job before its delete shows it unfinished. Only a token may be renewed since. */
function checkDelete(
  { check, needsToken, slackMs }: Run,
  { job, order, sentMs }: Exchange,
  all: readonly Exchange[],
): void {
  const isRenewed = (one: Exchange) =>
    one.endpoint === 'token' || (one.endpoint === 'delete' && needsToken && isRejected(one));
  const seen = all.findLast((one) => one.job === job && one.order < order && !isRenewed(one));
  check(
    seen !== undefined && isUnfinishedIn(seen) === true,
    `HARM: job ${job} deleted at ${sentMs} ms, not just seen unfinished`,
  );
  const isAtOnce = sentMs - Number(seen?.endMs) <= slackMs;
  check(needsToken || isAtOnce, `HARM: job ${job} deleted at ${sentMs} ms, long after ${seen?.endMs} ms`);
}

/** Whether a response shows a job unfinished; undefined where it shows none. */
const isUnfinishedIn = ({ endpoint, content }: Exchange): boolean | undefined =>
  endpoint === 'job' && content ? isUnfinished(viewOf(content)) : undefined;
