import { inputIds, SECRETS } from '../environment/inputs.ts';
import type { Exchange } from '../environment/trace.ts';
import { isRateLimited, isRejected, meaningOf } from './classification.ts';
import type { ExpectedJob } from './outputs.ts';
import type { Run } from './run.ts';
import { isUnfinished, viewOf } from './verdict.ts';

/** How long deletes may take in all, and how long before that they may be given up: then no attempt fits in. */
const MAX_DELETES_MS = 60_000;
const LAST_ATTEMPT_MS = 5_000;

/** What a step says of each job that it was to delete. */
const RESULT = /^(?:Warning: )?(\S{36}): (requested deletion|not deleted|could not delete|no confirmation)/gm;
const resultsIn = (written: string) => [...written.matchAll(RESULT)].map(([, id = '', text = '']) => ({ id, text }));

/** Checks the deletes of the main step, and all that the post step does. */
export function checkCleanup(run: Run, jobs: readonly ExpectedJob[]): void {
  const { check, trace, settings, report, isKilled, deletes, post } = run;
  const isCanceled = report.outcome === 'cancelled';
  const isLeft = ({ outcome, view }: ExpectedJob) => outcome === 'timeout' && (!view || isUnfinished(view));
  const timedOut = settings.onTimeout === 'delete' && !isCanceled ? jobs.filter(isLeft).map(({ id }) => id) : [];
  const isCut = resultsIn(deletes.written).length < timedOut.length;
  checkDeletes(run, deletes, timedOut, isCut);
  const stopMs = Math.min(Math.max(run.cancelMs, run.endMs), run.killMs);
  const isInTime = deletes.endMs <= stopMs + run.slackMs && (!isCut || deletes.endMs >= stopMs);
  check(isInTime, `the main step ended at ${deletes.endMs} ms, although stopped at ${stopMs} ms`);

  const targets = trace.found === undefined ? [...new Set(inputIds(run.scenario))] : [trace.found];
  const wanted = isCut ? timedOut : (isKilled || isCanceled) && settings.onCancel === 'delete' ? targets : [];
  const left = wanted.filter((id) => !isEnded(run, id));
  checkDeletes(run, post, left, false);
  check(isKilled || wanted.length > 0 || post.written === '', `the post step says ${post.written.slice(0, 200)}`);
  const isBad = isKilled || /: (could not delete|no confirmation)/.test(post.written);
  check(!isBad || /^::(error|warning) /m.test(post.written), 'the post step does not say that something is wrong');
  const shown = trace.written().replaceAll(/^::add-mask::.*$/gm, '');
  for (const secret of SECRETS) check(!shown.includes(secret), `a secret was written: ${secret}`);
}

/** Whether the main step knew at its end that nothing is left to do for a job. */
function isEnded({ exchanges, deletes }: Run, id: string): boolean {
  const isDeleted = resultsIn(deletes.written).some((one) => one.id === id && one.text === 'requested deletion');
  const seen = [...exchanges, ...deletes.exchanges].filter(({ job }) => job === id).map(isUnfinishedIn);
  return isDeleted || seen.findLast((one) => one !== undefined) === false;
}

/** Only jobs that were just seen unfinished are deleted, each result is reported once, and soon. */
function checkDeletes(run: Run, step: Run['post'], ids: readonly string[], isCut: boolean): void {
  const { check } = run;
  const { sinceMs, endMs, exchanges: all } = step;
  check(ids.length > 0 || all.length === 0, `a request at ${all[0]?.sentMs} ms, with nothing to delete`);
  check(endMs <= sinceMs + MAX_DELETES_MS + run.slackMs, `deletes from ${sinceMs} to ${endMs} ms`);
  const requests = all.filter(({ endpoint }) => endpoint === 'delete');
  for (const one of requests) checkDelete(run, one, all);
  const results = resultsIn(step.written);
  const reported = results.map(({ id }) => id).sort();
  const wanted = ids.filter((id) => !isCut || reported.includes(id)).sort();
  check(reported.join() === wanted.join(), `results of deletes for ${reported.join()}, not ${wanted.join()}`);
  // An attempt may fail in the end only if there was no time for another one, or no sense in it.
  const hasNoTime = isCut || endMs >= sinceMs + MAX_DELETES_MS - LAST_ATTEMPT_MS;
  const mayFail = hasNoTime || run.all.some(isRateLimited) || all.some(isFinal);
  for (const { id, text } of results) {
    const own = requests.filter(({ job }) => job === id);
    // Whatever the body is, a 2xx is a yes; it may be on its way when the time is up.
    const accepted = own.filter(({ reply }) => Number(reply?.status) < 300);
    const isLost = own.some((one) => meaningOf(one).kind === 'transient');
    const isRight: Readonly<Record<string, boolean>> = {
      'requested deletion': isLost || accepted.some(({ end }) => end === 'arrived'),
      'not deleted': all.some((one) => one.job === id && isUnfinishedIn(one) === false),
      'could not delete': mayFail && accepted.length === 0,
      // A delete that was still to be sent when the time was up counts as one without a response.
      'no confirmation': mayFail && (isLost || own.every(isRejected)),
    };
    check(isRight[text] === true, `${id}: "${text}" after ${own.length} deletes`);
  }
}

/** Whether a request need not be repeated within the time. */
function isFinal(one: Exchange): boolean {
  const meaning = meaningOf(one);
  if (meaning.kind === 'transient') return meaning.notBeforeMs > 0 || meaning.status === 501;
  return meaning.kind !== 'success';
}

/** The last request about a job before its delete shows it unfinished. Only a token may be renewed since. */
function checkDelete(run: Run, { job, order, sentMs }: Exchange, all: readonly Exchange[]): void {
  const isRenewed = (one: Exchange) => one.endpoint === 'delete' && run.needsToken && isRejected(one);
  const seen = all.findLast((one) => one.job === job && one.order < order && !isRenewed(one));
  const harm = `HARM: job ${job} deleted at ${sentMs} ms`;
  run.check(seen !== undefined && isUnfinishedIn(seen) === true, `${harm}, not just seen unfinished`);
  // For so long it may have waited for a token.
  const maxMs = (run.needsToken ? 1_000 : 0) + run.slackMs;
  run.check(sentMs - Number(seen?.endMs) <= maxMs, `${harm}, long after ${seen?.endMs} ms`);
}

/** Whether a response shows a job unfinished; undefined where it shows none. */
const isUnfinishedIn = ({ endpoint, content }: Exchange): boolean | undefined =>
  endpoint === 'job' && content ? isUnfinished(viewOf(content)) : undefined;
