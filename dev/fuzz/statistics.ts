import type { Exchange, Trace } from './environment/trace.ts';
import type { Scenario } from './scenario.ts';

/** How often something happened. */
type Counts = Record<string, number>;

/** What the scenarios were like. */
export interface Statistics {
  readonly totals: Record<'scenarios' | 'requests' | 'simulatedMs', number>;
  readonly outcomes: Counts;
  readonly jobs: Counts;
  /** In how many scenarios something happened. */
  readonly events: Counts;
}

export function emptyStatistics(): Statistics {
  return { totals: { scenarios: 0, requests: 0, simulatedMs: 0 }, outcomes: {}, jobs: {}, events: {} };
}

/** Counts one scenario. */
export function count(statistics: Statistics, { settings }: Scenario, trace: Trace): void {
  const { report, exchanges, endMs } = trace;
  const { totals, outcomes, jobs, events } = statistics;
  add(totals, 'scenarios');
  add(totals, 'requests', exchanges.length);
  add(totals, 'simulatedMs', endMs);
  add(outcomes, report?.outcome ?? 'none');
  for (const { outcome } of report?.jobs ?? []) add(jobs, outcome);
  const names = new Set(exchanges.flatMap(namesOf));
  if (settings.target.by === 'name') names.add('job by its name');
  for (const name of names) add(events, name);
}

/** Adds one's counts to another's. */
export function merge(into: Statistics, from: Statistics): void {
  for (const part of ['totals', 'outcomes', 'jobs', 'events'] as const) {
    for (const [name, n] of Object.entries(from[part])) add(into[part], name, n);
  }
}

/** Formats statistics for people. */
export function describe({ totals, outcomes, jobs, events }: Statistics): string {
  const hours = Math.round(totals.simulatedMs / 3_600_000);
  return [
    listed({ scenarios: totals.scenarios, requests: totals.requests, 'hours of simulated time': hours }),
    `outcomes of runs: ${listed(outcomes)}`,
    `outcomes of jobs: ${listed(jobs)}`,
    `scenarios with: ${listed(events)}`,
  ].join('\n');
}

function listed(counts: Counts): string {
  return Object.entries(counts)
    .sort(([, a], [, b]) => b - a)
    .map(([name, n]) => `${name} ${n.toLocaleString('en-US')}`)
    .join(', ');
}

function add(counts: Counts, name: string, n = 1): void {
  counts[name] = (counts[name] ?? 0) + n;
}

function namesOf({ end, endpoint, api, fault, reply, content }: Exchange): string[] {
  const late = end === 'arrived' ? [] : ['no response in time'];
  const fromCore = endpoint === 'job' && api === 'core-2.0' ? ['Core API'] : [];
  return [...late, ...fromCore, content === undefined ? errorName(fault, reply) : endpoint];
}

function errorName(fault: Exchange['fault'], reply: Exchange['reply']): string {
  if (reply === 'nothing' || reply instanceof Error) return `${fault?.kind} fault`;
  if (fault?.kind === 'fields') return `wrong fields (${fault.wrong})`;
  if (reply.status < 300) return fault?.kind === 'raw' ? `body "${reply.body}"` : `${fault?.kind}`;
  return `HTTP ${reply.status}${'retry-after' in reply.headers ? ' with Retry-After' : ''}`;
}
