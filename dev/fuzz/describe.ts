import type { Exchange, Notification, Trace } from './environment/trace.ts';

/** How often something happened, by its name. */
export type Statistics = Record<string, number>;

/** Counts what happened in one scenario. */
export function count(statistics: Statistics, { report, exchanges }: Trace): void {
  const jobs = report?.jobs.map(({ outcome }) => `job ${outcome}`) ?? [];
  const names = ['scenarios', `run ${report?.outcome}`, ...jobs, ...exchanges.map(nameOf)];
  for (const name of names) statistics[name] = (statistics[name] ?? 0) + 1;
}

/** Formats statistics for people. */
export function describe(statistics: Statistics): string {
  const sorted = Object.entries(statistics).sort(([, a], [, b]) => b - a);
  return sorted.map(([name, n]) => `${name}: ${n.toLocaleString('en-US')}`).join(', ');
}

function nameOf({ end, endpoint, api, fault, response, content }: Exchange): string {
  if (end !== 'arrived') return 'no response in time';
  if (content) return api ? `${endpoint} ${api}` : endpoint;
  if (fault && fault.kind !== 'status') return `${fault.kind} fault`;
  return `HTTP ${response?.status}${fault?.retryAfter ? ' with Retry-After' : ''}`;
}

const MAX_LINES = 60;

/** Formats a scenario and its trace for people: every request and notification, in order. */
export function formatTrace({ scenario, exchanges, notifications, endMs, report, thrown }: Trace): string {
  const lines = [...exchanges, ...notifications].sort((a, b) => a.order - b.order).map(lineOf);
  if (lines.length > MAX_LINES) lines.splice(MAX_LINES / 2, lines.length - MAX_LINES, '…');
  return [JSON.stringify(scenario), ...lines, `${endMs}: the run ends: ${report?.outcome ?? thrown}`].join('\n');
}

function lineOf(event: Exchange | Notification): string {
  if ('subject' in event) return `${event.atMs}: ${event.subject}: ${event.kind}, next after ${event.delayMs} ms`;
  const { sentMs, endMs, endpoint, api, job, fault, reply, content, end } = event;
  const shown = JSON.stringify(content ?? fault ?? reply).slice(0, 200);
  return `${sentMs}: ${endpoint} ${job ?? ''} ${api ?? ''} ${end} at ${endMs}: ${shown}`;
}
