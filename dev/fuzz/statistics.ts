import type { Exchange, Trace } from './environment/trace.ts';

/** How often something happened, by its name. */
export type Statistics = Record<string, number>;

/** Counts what happened in one scenario. */
export function count(statistics: Statistics, { report, exchanges, endMs }: Trace): void {
  const jobs = report?.jobs.map(({ outcome }) => `job ${outcome}`) ?? [];
  const names = ['scenarios', `run ${report?.outcome}`, ...jobs, ...exchanges.map(nameOf)];
  for (const name of names) statistics[name] = (statistics[name] ?? 0) + 1;
  statistics['simulated hours'] = (statistics['simulated hours'] ?? 0) + endMs / 3_600_000;
}

/** Formats statistics for people. */
export function describe(statistics: Statistics): string {
  const sorted = Object.entries(statistics).sort(([, a], [, b]) => b - a);
  return sorted.map(([name, n]) => `${name}: ${Math.round(n).toLocaleString('en-US')}`).join(', ');
}

function nameOf({ end, endpoint, api, fault, response, content }: Exchange): string {
  if (end !== 'arrived') return 'no response in time';
  if (content) return api ? `${endpoint} ${api}` : endpoint;
  if (fault && fault.kind !== 'status') return `${fault.kind} fault`;
  return `HTTP ${response?.status}${fault?.retryAfter ? ' with Retry-After' : ''}`;
}
