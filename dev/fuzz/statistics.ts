import type { Fault, Life } from './scenario.ts';
import type { Chronicle } from './environment/trace.ts';

/** How often something was met. */
export type Counts = Record<string, number>;

/** What the lives of a run of the fuzz were like. */
export interface Tally {
  lives: number;
  requests: number;
  simulatedMs: number;
  readonly outcomes: Counts;
  readonly jobs: Counts;
  readonly met: Counts;
}

export function emptyTally(): Tally {
  return { lives: 0, requests: 0, simulatedMs: 0, outcomes: {}, jobs: {}, met: {} };
}

/** Counts one life. */
export function count(tally: Tally, life: Life, chronicle: Chronicle): void {
  const { report, exchanges, endMs } = chronicle;
  tally.lives++;
  tally.requests += exchanges.length;
  tally.simulatedMs += endMs;
  add(tally.outcomes, report?.outcome ?? 'none');
  for (const { outcome } of report?.jobs ?? []) add(tally.jobs, outcome);
  const met = new Set(exchanges.flatMap(({ served, end }) => nameOf(served, end)));
  if (life.settings.target.by === 'name') met.add('job looked for by name');
  if (exchanges.some(({ api, endpoint }) => endpoint === 'job' && api === 'core-2.0')) met.add('Core API');
  for (const name of met) add(tally.met, name);
}

/** Adds the counts of one tally to another. */
export function merge(into: Tally, from: Tally): void {
  into.lives += from.lives;
  into.requests += from.requests;
  into.simulatedMs += from.simulatedMs;
  for (const part of ['outcomes', 'jobs', 'met'] as const) {
    for (const [name, n] of Object.entries(from[part])) add(into[part], name, n);
  }
}

/** A tally for people. */
export function describe({ lives, requests, simulatedMs, outcomes, jobs, met }: Tally): string {
  const hours = Math.round(simulatedMs / 3_600_000).toLocaleString('en-US');
  return [
    `${lives.toLocaleString('en-US')} lives, ${requests.toLocaleString('en-US')} requests, ${hours} h of simulated time`,
    `outcomes of runs: ${listed(outcomes)}`,
    `outcomes of jobs: ${listed(jobs)}`,
    `lives that met: ${listed(met)}`,
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

function nameOf(served: Chronicle['exchanges'][number]['served'], end: string): string[] {
  const cut = end === 'arrived' ? [] : ['no answer in time'];
  if (served.kind !== 'fault') return [...cut, served.kind];
  return [...cut, served.why === 'trouble' ? faultName(served.fault) : served.why];
}

function faultName(fault: Fault): string {
  switch (fault.kind) {
    case 'status':
      return `HTTP ${fault.status}${fault.retryAfter === undefined ? '' : ' with Retry-After'}`;
    case 'connection':
      return 'broken connection';
    case 'certificate':
      return 'untrusted certificate';
    case 'hang':
      return 'no answer for ever';
    case 'body':
      return `spoilt body (${fault.body})`;
  }
}
