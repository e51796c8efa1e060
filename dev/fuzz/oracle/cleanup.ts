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
const KINDS = {
  'requested deletion': 'deleted',
  'not deleted, because': 'finished',
  'could not delete': 'failed',
  'no confirmation': 'unconfirmed',
} as const;
const RESULT = new RegExp(`^(?:Warning: )?(\\S{36}): (${Object.keys(KINDS).join('|')})`, 'gm');

/** The deletes of one step. */
interface Cleanup {
  readonly sinceMs: number;
  readonly endMs: number;
  readonly exchanges: readonly Exchange[];
  /** The jobs that are to be deleted, and what the step said of them. */
  readonly ids: readonly string[];
  readonly results: readonly { readonly id: string; readonly kind: (typeof KINDS)[keyof typeof KINDS] }[];
}

/** Checks the deletes of the main step, and all that the post step does. */
export function checkCleanup(run: Run, jobs: readonly ExpectedJob[]): void {
  const { check, trace, settings, report, isKilled, cancelMs, slackMs } = run;
  const [main, post] = trace.steps;
  if (!main || !post) return;
  const isLeft = ({ outcome, view }: ExpectedJob) => outcome === 'timeout' && (!view || isUnfinished(view));
  const isTimeout = report.outcome !== 'cancelled' && settings.onTimeout === 'delete';
  const timedOut = isTimeout ? jobs.filter(isLeft).map(({ id }) => id) : [];
  const deletes = {
    sinceMs: run.endMs,
    endMs: main.endMs,
    exchanges: run.deletes,
    ids: timedOut,
    results: resultsIn(main.written),
  };
  const isCut = deletes.results.length < timedOut.length;
  checkDeletes(run, deletes, isCut);
  check(!isCut || main.endMs >= Math.min(cancelMs, run.killMs), 'the main step ended before its deletes');
  const late = run.deletes.find(({ sentMs }) => sentMs > cancelMs + slackMs);
  check(late === undefined, `a request at ${late?.sentMs} ms, although canceled at ${cancelMs} ms`);

  const isStopped = isKilled || report.outcome === 'cancelled';
  const targets = trace.found === undefined ? [...new Set(inputIds(run.scenario))] : [trace.found];
  const wanted = isCut ? timedOut : isStopped && settings.onCancel === 'delete' ? targets : [];
  const ids = wanted.filter((id) => !isEnded(run, id, deletes));
  const results = resultsIn(post.written);
  checkDeletes(run, { sinceMs: main.endMs, endMs: post.endMs, exchanges: run.post, ids, results }, false);
  check(post.endMs <= main.endMs + MAX_DELETES_MS + slackMs, `the post step ended only at ${post.endMs} ms`);
  const isQuiet = !isKilled && !isCut && (report.outcome !== 'cancelled' || settings.onCancel === 'leave');
  check(!isQuiet || post.written === '', `the post step says ${post.written.slice(0, 200)}`);
  check(!isKilled || /^::error /m.test(post.written), 'the post step does not say that the main step was stopped');
  const problems = results.filter(({ kind }) => kind === 'failed' || kind === 'unconfirmed');
  check(
    problems.length === 0 || /^::(error|warning) /m.test(post.written),
    'nobody is told of a job that was not deleted',
  );

  const shown = (main.written + post.written).replaceAll(/^::add-mask::.*$/gm, '');
  for (const secret of SECRETS) check(!shown.includes(secret), `a secret was written: ${secret}`);
}

function resultsIn(written: string): Cleanup['results'] {
  return [...written.matchAll(RESULT)].map(([, id = '', text]) => ({ id, kind: KINDS[text as keyof typeof KINDS] }));
}

/** Whether the main step knew at its end that nothing is left to do for a job. */
function isEnded({ exchanges, deletes }: Run, id: string, { results }: Cleanup): boolean {
  const isDeleted = results.some((one) => one.id === id && one.kind === 'deleted');
  const seen = [...exchanges, ...deletes].filter(({ job }) => job === id).map(isUnfinishedIn);
  return isDeleted || seen.findLast((one) => one !== undefined) === false;
}

/** Only jobs that were just seen unfinished are deleted, each result is reported once, and soon. */
function checkDeletes(run: Run, cleanup: Cleanup, isCut: boolean): void {
  const { sinceMs, exchanges, ids, results } = cleanup;
  const { check } = run;
  check(
    ids.length > 0 || exchanges.length === 0,
    `requests from ${exchanges[0]?.sentMs} ms on, with nothing to delete`,
  );
  const requests = exchanges.filter(({ endpoint }) => endpoint === 'delete');
  for (const one of requests) checkDelete(run, one, exchanges);
  const limitMs = sinceMs + MAX_DELETES_MS + run.slackMs;
  const late = exchanges.find(
    ({ endMs, end, endpoint }) => endMs > limitMs && end !== 'pending' && endpoint !== 'token',
  );
  check(late === undefined, `a request that finished at ${late?.endMs} ms, after ${limitMs} ms`);
  const reported = results.map(({ id }) => id).sort();
  const isRightSet = isCut ? reported.every((id) => ids.includes(id)) : reported.join() === [...ids].sort().join();
  check(isRightSet, `results of deletes for ${reported.join()}, not ${ids.join()}`);
  for (const { id, kind } of results) {
    const own = requests.filter(({ job }) => job === id);
    // Whatever the body is, a 2xx is a yes; it may be on its way when the time is up.
    const accepted = own.filter(({ reply }) => Number(reply?.status) < 300);
    const isLost = own.some((one) => meaningOf(one).kind === 'transient');
    const isRight = {
      deleted: isLost || accepted.some(({ end }) => end === 'arrived'),
      finished: exchanges.some((one) => one.job === id && isUnfinishedIn(one) === false),
      failed: accepted.length === 0,
      // A delete that was still to be sent when the time was up counts as one without a response.
      unconfirmed: isLost || own.every(isRejected),
    };
    check(isRight[kind], `${id} reported as ${kind} after ${own.length} deletes`);
    const isEarly = (kind === 'failed' || kind === 'unconfirmed') && isGivenUpEarly(id, cleanup);
    check(!isEarly, `${id} ${kind}, although there was time for another attempt`);
  }
}

/** Whether a job was given up, although there was time for another attempt, and no reason to stop. */
function isGivenUpEarly(id: string, { sinceMs, endMs, exchanges, ids }: Cleanup): boolean {
  const own = exchanges.filter(({ job }) => job === id);
  const isReason = (one: Exchange) => {
    const meaning = meaningOf(one);
    const isRetried = meaning.kind === 'success' || (meaning.kind === 'transient' && meaning.notBeforeMs === 0);
    return !isRetried || isNotServed(meaning) || isRateLimited(one);
  };
  const isForAll = (one: Exchange) => isFailedToken(one) || isRejected(one) || isRateLimited(one) || isShared(one);
  if (own.some(isReason) || exchanges.some(isForAll)) return false;
  // Where some wait for their turn, only the end of the step is known.
  const lastMs = ids.length > MAX_IN_FLIGHT ? endMs : Math.max(-Infinity, ...own.map((one) => one.endMs));
  return Math.min(lastMs, endMs) < sinceMs + MAX_DELETES_MS - LAST_ATTEMPT_MS;
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
