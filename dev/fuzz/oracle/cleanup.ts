import { idOf } from '../environment/inputs.ts';
import type { Exchange, Trace } from '../environment/trace.ts';
import { MAX_DELETE_MS } from '../execute.ts';
import type { Scenario } from '../scenario.ts';
import { slackOf } from './limits.ts';

/** What is wrong with what a run leaves behind: deleted jobs, failed commands for the errors file, tokens to mask. */
export function cleanupViolations(scenario: Scenario, trace: Trace): string[] {
  return [
    ...deleteViolations(scenario, trace),
    ...failedCommandViolations(scenario, trace),
    ...tokenViolations(scenario, trace),
  ];
}

/** Only unfinished jobs are deleted, each is reported once, and soon. */
function deleteViolations(scenario: Scenario, { exchanges, deletes, report, endMs }: Trace): string[] {
  const requests = exchanges.filter(({ endpoint }) => endpoint === 'delete');
  const isUnfinished = (outcome: string) => outcome === 'timeout' || outcome === 'cancelled';
  const unfinished = new Set(report?.jobs.filter((job) => isUnfinished(job.outcome)).map(({ id }) => id));
  const isDeleted = (id: string) => requests.some((one) => idOf(one.job ?? -1) === id && isTaken(one));
  const latestMs = endMs + MAX_DELETE_MS + slackOf(scenario);
  return [
    ...requests
      .filter(({ job }) => !unfinished.has(idOf(job ?? -1)))
      .map(({ job }) => `job ${job} deleted, although it was not left unfinished`),
    ...requests
      .filter((one) => one.endMs > latestMs)
      .map((one) => `a delete that ended ${one.endMs - endMs} ms after the run`),
    ...(new Set(deletes.map(({ id }) => id)).size === deletes.length ? [] : ['deletes reported twice']),
    ...deletes
      .filter(({ id, refused }) => !refused && !isDeleted(id))
      .map(({ id }) => `${id} reported as deleted, although it was not`),
  ];
}

/** Whatever the body is, a 2xx is a yes. */
function isTaken({ reply, end }: Exchange): boolean {
  return end === 'arrived' && reply instanceof Object && 'status' in reply && reply.status < 300;
}

function failedCommandViolations(scenario: Scenario, { exchanges, reportedCommands }: Trace): string[] {
  const pages = exchanges.filter(({ endpoint, end }) => endpoint === 'errors' && end === 'arrived');
  const listed = pages.reduce(
    (sum, { content }) => sum + ((content?.['results'] as unknown[]) ?? []).length,
    0,
  );
  const read = scenario.settings.allFailedCommands ? listed : 0;
  // What arrives at the very moment of a cancellation may be ignored.
  const isRight = reportedCommands === read || (reportedCommands < read && scenario.cancelAtMs !== undefined);
  return isRight ? [] : [`${reportedCommands} failed commands reported, of ${read}`];
}

/** A token is reported, so that it can be masked, before it is used. */
function tokenViolations({ settings }: Scenario, { exchanges, tokens }: Trace): string[] {
  if (!settings.credentials.startsWith('client')) return [];
  return exchanges
    .filter(({ endpoint, authorization, order }) => {
      const reported = tokens.get(authorization.replace('Bearer ', '')) ?? Infinity;
      return endpoint !== 'token' && reported > order;
    })
    .map(({ authorization }) => `${authorization} used before it was reported`);
}
