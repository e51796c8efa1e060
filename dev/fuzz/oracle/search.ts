import { idOf, JOB_NAME, JOB_TYPE, USERS } from '../environment/inputs.ts';
import type { Trace } from '../environment/trace.ts';
import type { Scenario } from '../scenario.ts';
import type { Poll } from './polls.ts';

/** This close to the edge of the lookback a job may count or not, because the server's clock is known only roughly. */
const EDGE_MS = 35_000;

/** A server's clock that is further behind is not believed: its jobs then look as old as it says. */
const MAX_BEHIND_MS = 600_000;

/** The IDs that a search at a moment may find; undefined: that it may find none. */
function newestAt(scenario: Scenario, ms: number): ReadonlySet<string | undefined> {
  const { target } = scenario.settings;
  if (target.by === 'id') return new Set();
  const matching = scenario.jobs
    .map((job, index) => ({ ...job, id: idOf(index) }))
    .filter(({ name, type, user, createdMs, onlyIn }) => {
      const isListed = onlyIn !== 'core-2.0' && createdMs <= ms;
      const isWanted = name === JOB_NAME && (!target.withType || type === JOB_TYPE);
      return isListed && isWanted && (!target.withUser || user === USERS.wanted);
    });
  const newestSince = (oldestMs: number) => {
    const young = matching.filter(({ createdMs }) => createdMs >= oldestMs);
    const newestMs = Math.max(...young.map(({ createdMs }) => createdMs));
    const ids = young.filter(({ createdMs }) => createdMs === newestMs).map(({ id }) => id);
    return ids.length > 0 ? ids : [undefined];
  };
  const { skewMs } = scenario.server;
  const { lookbackMs } = target;
  const edges =
    skewMs < -MAX_BEHIND_MS
      ? [-EDGE_MS, 0, EDGE_MS].map((edgeMs) => edgeMs - lookbackMs - skewMs)
      : [-lookbackMs - EDGE_MS, -lookbackMs, Math.min(0, EDGE_MS - lookbackMs)];
  return new Set(edges.flatMap(newestSince));
}

/** What is wrong with what the searches found. */
export function searchViolations(scenario: Scenario, { report }: Trace, polls: readonly Poll[]): string[] {
  return polls.flatMap(({ exchanges }, index) => {
    const isWhole = exchanges.every(({ content, end }) => content !== undefined && end === 'arrived');
    if (exchanges.length === 0 || !isWhole) return [];
    // A job that is created while the pages are read is on none of them.
    const possible = newestAt(scenario, exchanges[0]?.sentMs ?? 0);
    const found = index === polls.length - 1 ? report?.jobs[0]?.id : undefined;
    if (possible.has(found)) return [];
    return [`found ${found ?? 'nothing'}, not ${[...possible].join(' or ') || 'nothing'}`];
  });
}
