import { idOf } from '../environment/inputs.ts';
import { JOB_NAME, JOB_TYPE, USERS } from '../generators/jobs.ts';
import type { Run } from './run.ts';
import type { Wait } from './waits.ts';

/** This close to the edge of the lookback a job may count or not, because the server's clock is known only roughly. */
const EDGE_MS = 35_000;

/** A server's clock that is further behind is ignored: its jobs are then as old as it says. */
const MAX_BEHIND_MS = 600_000;

/** Checks what the searches by name found. */
export function checkFound(run: Run, { polls }: Wait): void {
  for (const [index, { exchanges }] of polls.entries()) {
    const isWhole = exchanges.every(({ content, end }) => content !== undefined && end === 'arrived');
    if (exchanges.length === 0 || !isWhole) continue;
    // A job that is created while the pages are read is on none of them.
    const possible = newestAt(run, exchanges[0]?.sentMs ?? 0);
    const found = index === polls.length - 1 ? run.report.jobs[0]?.id : undefined;
    run.check(possible.includes(found), `found ${found}, not ${possible.join(' or ')}`);
  }
}

/** The IDs that a search at a moment may find; undefined: that it may find none. */
function newestAt({ settings: { target }, jobs, server: { skewMs } }: Run, ms: number): (string | undefined)[] {
  if (target.by === 'id') return [];
  const matching = jobs
    .map((job, index) => ({ ...job, id: idOf(index) }))
    .filter(({ onlyIn, createdMs }) => onlyIn !== 'core-2.0' && createdMs <= ms)
    .filter(({ name, type }) => name === JOB_NAME && (!target.withType || type === JOB_TYPE))
    .filter(({ user }) => !target.withUser || user === USERS.wanted);
  const newestMs = Math.max(...matching.map(({ createdMs }) => createdMs));
  const ids = matching.filter(({ createdMs }) => createdMs === newestMs).map(({ id }) => id);
  const isBehind = skewMs < -MAX_BEHIND_MS;
  const oldestMs = -target.lookbackMs - (isBehind ? skewMs : 0);
  const edgesMs = [oldestMs - EDGE_MS, oldestMs, isBehind ? oldestMs + EDGE_MS : Math.min(0, oldestMs + EDGE_MS)];
  return edgesMs.flatMap((edgeMs) => (newestMs >= edgeMs ? ids : [undefined]));
}
