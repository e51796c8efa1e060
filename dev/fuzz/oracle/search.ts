import type { Life } from '../scenario.ts';
import type { Chronicle } from '../environment/trace.ts';
import { idOf } from '../environment/names.ts';
import type { Look } from './polls.ts';

/** Around the edge of the look-back it may be either, for the server's clock is known only roughly. */
const EDGE_MS = 35_000;

/** A server's clock that is behind by more is not believed: its jobs then look as old as it says. */
const MOST_BEHIND_MS = 600_000;

/** The ids that a search at a moment may bring; undefined: that it may bring none. */
function newestAt(life: Life, ms: number): ReadonlySet<string | undefined> {
  const { target } = life.settings;
  if (target.by === 'id') return new Set();
  const matching = life.jobs
    .map((job, index) => ({ ...job, id: idOf(index) }))
    .filter(({ name, type, user, createdMs }) => {
      const isWanted = name === 'wanted' && (!target.withType || type === 'IMPORT');
      return isWanted && (!target.withUser || user === 'wanted') && createdMs <= ms;
    });
  const newestSince = (oldestMs: number) => {
    const young = matching.filter(({ createdMs }) => createdMs >= oldestMs);
    const newestMs = Math.max(...young.map(({ createdMs }) => createdMs));
    const ids = young.filter(({ createdMs }) => createdMs === newestMs).map(({ id }) => id);
    return ids.length > 0 ? ids : [undefined];
  };
  const { skewMs } = life.server;
  if (skewMs < -MOST_BEHIND_MS) {
    const oldestMs = -target.lookbackMs - skewMs;
    return new Set([-EDGE_MS, 0, EDGE_MS].flatMap((edgeMs) => newestSince(oldestMs + edgeMs)));
  }
  return new Set([
    ...newestSince(-target.lookbackMs - EDGE_MS),
    ...newestSince(Math.min(0, -target.lookbackMs + EDGE_MS)),
    ...newestSince(-target.lookbackMs),
  ]);
}

/** What is wrong with what the searches brought. */
export function searchComplaints(life: Life, { report }: Chronicle, looks: readonly Look[]): string[] {
  const found = report?.jobs[0]?.id;
  return looks.flatMap((look, index) => {
    const pages = look.exchanges.filter(({ served, end }) => served.kind === 'page' && end === 'arrived');
    if (pages.length === 0 || pages.length < look.exchanges.length) return [];
    // What is created while the pages are read is on none of them.
    const possible = newestAt(life, pages[0]?.atMs ?? 0);
    const brought = index === looks.length - 1 ? found : undefined;
    if (possible.has(brought)) return [];
    return [`the search found ${brought ?? 'nothing'}, not ${[...possible].join(' or ') || 'nothing'}`];
  });
}
