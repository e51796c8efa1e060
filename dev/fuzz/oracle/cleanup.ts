import type { Exchange } from '../environment/trace.ts';
import { maxDeleteMs } from '../execute.ts';
import { isRejected, meaningOf } from './classification.ts';
import type { ExpectedJob } from './outputs.ts';
import type { Run } from './run.ts';
import { importFactsOf, isUnfinished, viewOf } from './verdict.ts';

/** Checks what a run leaves behind: deleted jobs, and failed commands for the errors file. */
export function checkCleanup(run: Run, jobs: readonly ExpectedJob[]): void {
  checkDeletes(run, jobs);
  const { exchanges, trace, settings, check, cancelMs } = run;
  const reported = trace.reportedCommands;
  const read = settings.allFailedCommands ? importFactsOf(exchanges).listed : 0;
  // What arrives at the very moment of a cancellation may be ignored.
  const isComplete = reported === read || (reported < read && cancelMs < Infinity);
  check(isComplete, `${reported} failed commands reported, of ${read}`);
}

/** Only jobs that were just seen unfinished are deleted, each result is reported once, and soon. */
function checkDeletes(run: Run, jobs: readonly ExpectedJob[]): void {
  const { check, trace, cleanup, report, settings } = run;
  const requests = trace.exchanges.filter(({ endpoint }) => endpoint === 'delete');
  for (const one of requests) checkDelete(run, one);
  const limitMs = run.endMs + maxDeleteMs(report.outcome) + run.slackMs;
  const late = cleanup.find(({ endMs, endpoint }) => endMs > limitMs && endpoint !== 'token');
  check(late === undefined, `a request that finished at ${late?.endMs} ms, after ${limitMs} ms`);
  const isLeft = ({ outcome, view }: ExpectedJob) => /timeout|cancelled/.test(outcome) && (!view || isUnfinished(view));
  const left = settings.deleteUnfinished ? jobs.filter(isLeft).map(({ id }) => id) : [];
  const reported = trace.deletes.map(({ id }) => id).sort();
  check(reported.join() === left.sort().join(), `results of deletes for ${reported.join()}, not ${left.join()}`);
  for (const { id, kind } of trace.deletes) {
    const own = requests.filter(({ job }) => job === id);
    // Whatever the body is, a 2xx is a yes; it may be on its way when the time is up.
    const accepted = own.filter(({ reply }) => Number(reply?.status) < 300);
    const isLost = own.some((one) => meaningOf(one).kind === 'transient');
    const isRight = {
      deleted: isLost || accepted.some(({ end }) => end === 'arrived'),
      finished: cleanup.some((one) => one.job === id && !(isUnfinishedIn(one) ?? true)),
      failed: accepted.length === 0,
      // A delete that was still to be sent when the time was up counts as one without a response.
      unconfirmed: isLost || own.every(isRejected),
    };
    check(isRight[kind], `${id} reported as ${kind} after ${own.length} deletes`);
  }
}

/** The last request about a job before its delete shows it unfinished. Only a token may be renewed since. */
function checkDelete({ check, cleanup, needsToken, slackMs }: Run, { job, order, sentMs }: Exchange): void {
  const isRenewed = (one: Exchange) =>
    one.endpoint === 'token' || (one.endpoint === 'delete' && needsToken && isRejected(one));
  const seen = cleanup.findLast((one) => one.job === job && one.order < order && !isRenewed(one));
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
