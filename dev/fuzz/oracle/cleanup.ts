import type { Life } from '../scenario.ts';
import { DELETE_BOUND_MS } from '../execute.ts';
import type { Chronicle } from '../environment/trace.ts';
import { idOf } from '../environment/names.ts';
import { slackOf } from './polls.ts';

/** What is wrong with what a run leaves behind: deleted jobs, failed commands for the errors file, tokens to mask. */
export function aftermathComplaints(life: Life, chronicle: Chronicle): string[] {
  return [
    ...deleteComplaints(life, chronicle),
    ...failedCommandComplaints(life, chronicle),
    ...tokenComplaints(life, chronicle),
  ];
}

/** Only unfinished jobs are deleted, each is answered for once, and soon. */
function deleteComplaints(life: Life, { exchanges, deletes, report, endMs }: Chronicle): string[] {
  const asked = exchanges.filter(({ endpoint }) => endpoint === 'delete');
  const unfinished =
    report?.jobs.filter(({ outcome }) => outcome === 'timeout' || outcome === 'cancelled') ?? [];
  const ids = new Set(unfinished.map(({ id }) => id));
  const complaints = asked
    .filter(({ job }) => !ids.has(idOf(job ?? -1)))
    .map(({ job }) => `job ${job} deleted, although it was not left unfinished`);
  const late = asked.filter((one) => one.endMs > endMs + DELETE_BOUND_MS + slackOf(life));
  complaints.push(...late.map((one) => `a delete that ended ${one.endMs - endMs} ms after the run`));
  if (new Set(deletes.map(({ id }) => id)).size !== deletes.length)
    complaints.push('deletes answered for twice');
  for (const { id, refused } of deletes) {
    const isTaken = asked.some(
      ({ job, served, end }) => idOf(job ?? -1) === id && served.kind === 'deleted' && end === 'arrived',
    );
    if (!refused && !isTaken && !asked.some(({ served }) => is2xx(served))) {
      complaints.push(`${id} told to be deleted, although it was not`);
    }
  }
  return complaints;
}

/** A spoilt body behind a status of 2xx is no less a yes. */
function is2xx(served: Chronicle['exchanges'][number]['served']): boolean {
  return served.kind === 'fault' && served.fault.kind === 'body';
}

function failedCommandComplaints(life: Life, { exchanges, failedCommandsTold }: Chronicle): string[] {
  const pages = exchanges.map(({ served, end }) =>
    served.kind === 'errors' && end === 'arrived' ? served.listed : 0,
  );
  const read = life.settings.allFailedCommands ? pages.reduce((sum, n) => sum + n, 0) : 0;
  // What arrives in the very moment of a cancellation may be left aside.
  const isRight = failedCommandsTold === read || (failedCommandsTold < read && life.cancelAtMs !== undefined);
  return isRight ? [] : [`${failedCommandsTold} failed commands told, of ${read}`];
}

/** A token is told, so that it can be masked, before it goes anywhere. */
function tokenComplaints(life: Life, { exchanges, tokens }: Chronicle): string[] {
  if (!life.settings.credentials.startsWith('client')) return [];
  return exchanges
    .filter(({ endpoint, authorization, order }) => {
      const toldOrder = tokens.get(authorization.replace('Bearer ', '')) ?? Infinity;
      return endpoint !== 'token' && toldOrder > order;
    })
    .map(({ authorization }) => `${authorization} used before it was told`);
}
