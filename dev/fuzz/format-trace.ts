import type { Life } from './scenario.ts';
import type { Chronicle, Exchange, Mark } from './environment/trace.ts';
import { indexOf } from './environment/names.ts';

/** A life and what happened in it, for people: every request and everything the watcher was told, in order. */
export function storyOf(life: Life, chronicle: Chronicle): string {
  const events = [...chronicle.exchanges, ...chronicle.marks].sort((a, b) => a.order - b.order);
  const lines = events.map((event) => ('who' in event ? markLine(event, life) : exchangeLine(event)));
  const { endMs, report } = chronicle;
  const end = `${time(endMs)}  the run ends: ${report?.outcome ?? String(chronicle.thrown)}`;
  return [JSON.stringify(life), ...shortened(lines), end].join('\n');
}

const MOST_LINES = 60;

function shortened(lines: readonly string[]): string[] {
  if (lines.length <= MOST_LINES) return [...lines];
  const half = MOST_LINES / 2;
  return [...lines.slice(0, half), `… ${lines.length - MOST_LINES} more …`, ...lines.slice(-half)];
}

function markLine({ atMs, who, kind }: Mark, life: Life): string {
  const index = indexOf(who, life);
  return `${time(atMs)}  ${index === undefined ? who : `job ${index}`}: ${kind}`;
}

function exchangeLine({ atMs, endMs, endpoint, api, job, served, end }: Exchange): string {
  const what = [endpoint, job, api].filter((part) => part !== undefined).join(' ');
  return `${time(atMs)}  ${what}: ${end} at ${endMs} ms: ${JSON.stringify(served).slice(0, 200)}`;
}

function time(ms: number): string {
  return ms.toFixed(3).padStart(12);
}
