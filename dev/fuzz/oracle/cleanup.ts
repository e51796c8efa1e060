import { idOf } from '../environment/inputs.ts';
import { statusOf } from '../environment/trace.ts';
import { MAX_DELETE_MS } from '../execute.ts';
import type { Run } from './run.ts';
import { importFactsOf } from './verdict.ts';

/** Checks what a run leaves behind: deleted jobs, failed commands for the errors file, tokens to mask. */
export function checkCleanup(run: Run): void {
  checkDeletes(run);
  const { exchanges, trace, settings, check, cancelMs } = run;
  const reported = trace.reportedCommands;
  const read = settings.allFailedCommands ? importFactsOf(exchanges).listed : 0;
  // What arrives at the very moment of a cancellation may be ignored.
  const isRight = reported === read || (reported < read && cancelMs < Infinity);
  check(isRight, `${reported} failed commands reported, of ${read}`);
  if (!settings.credentials.startsWith('client')) return;
  // A token is reported, so that it can be masked, before it is used.
  for (const { endpoint, authorization, order } of exchanges) {
    const reportedAt = trace.tokens.get(authorization.replace('Bearer ', '')) ?? Infinity;
    check(endpoint === 'token' || reportedAt < order, `${authorization} used before it was reported`);
  }
}

/** Only unfinished jobs are deleted, each is reported once, and soon. */
function checkDeletes({ check, exchanges, trace: { deletes }, report, endMs, slackMs }: Run): void {
  const requests = exchanges.filter(({ endpoint }) => endpoint === 'delete');
  const unfinished = report.jobs.filter(({ outcome }) => outcome === 'timeout' || outcome === 'cancelled');
  for (const { job, endMs: ms } of requests) {
    const isUnfinished = unfinished.some(({ id }) => id === idOf(job ?? -1));
    check(isUnfinished, `job ${job} deleted, although it was not left unfinished`);
    check(ms <= endMs + MAX_DELETE_MS + slackMs, `a delete that finished ${ms - endMs} ms after the run`);
  }
  check(new Set(deletes.map(({ id }) => id)).size === deletes.length, 'deletes reported twice');
  for (const { id, failed } of deletes) {
    // Whatever the body is, a 2xx is a yes.
    const own = requests.filter(({ job, end }) => idOf(job ?? -1) === id && end === 'arrived');
    const isDeleted = own.some((one) => Number(statusOf(one)) < 300);
    check(failed || isDeleted, `${id} reported as deleted, although it was not`);
  }
}
