import { statusOf, type Exchange, type Trace } from './environment/trace.ts';
import type { Scenario } from './generators/scenarios.ts';

/** How often something happened, by its name: in all, or in how many scenarios. */
export type Statistics = Record<string, number>;

/** Counts one scenario. */
export function count(statistics: Statistics, { settings }: Scenario, trace: Trace): void {
  const { report, exchanges, endMs } = trace;
  const totals = { scenarios: 1, requests: exchanges.length, 'simulated hours': endMs / 3_600_000 };
  for (const [name, n] of Object.entries(totals)) add(statistics, name, n);
  for (const { outcome } of report?.jobs ?? []) add(statistics, `job ${outcome}`);
  const own = [`run ${report?.outcome}`, `job by ${settings.target.by}`];
  for (const name of new Set([...own, ...exchanges.flatMap(namesOf)])) add(statistics, name);
}

/** Adds to a count. */
export function add(statistics: Statistics, name: string, n = 1): void {
  statistics[name] = (statistics[name] ?? 0) + n;
}

/** Formats statistics for people. */
export function describe(statistics: Statistics): string {
  const sorted = Object.entries(statistics).sort(([, a], [, b]) => b - a);
  return sorted.map(([name, n]) => `${name}: ${Math.round(n).toLocaleString('en-US')}`).join(', ');
}

function namesOf(exchange: Exchange): string[] {
  const { end, endpoint, api = '', fault, content } = exchange;
  const late = end === 'arrived' ? [] : ['no response in time'];
  if (content !== undefined) return [...late, `${endpoint} ${api}`.trim()];
  if (fault !== undefined && fault.kind !== 'status') return [...late, `${fault.kind} fault`];
  return [...late, `HTTP ${statusOf(exchange)}${fault?.retryAfter ? ' with Retry-After' : ''}`];
}
