import type { FailedCommand } from '../../../src/collibra/import-results.ts';
import type { Job } from '../../../src/collibra/job.ts';
import type { JobReport, Outcome, RunReport } from '../../../src/outcome.ts';
import { someResults } from '../../support/jobs.ts';

export const ID = '0199a1c0-5d1e-7d43-8f0a-2f1f6c1d0b01';

const job = { id: ID, state: 'COMPLETED', result: 'SUCCESS', message: '' };

/** The report of a job that, by default, is COMPLETED with SUCCESS. */
export function jobReport(outcome: Outcome, more: Partial<JobReport> = {}): JobReport {
  return { id: ID, outcome, reason: `The reason for ${outcome}.`, job: { ...job, name: 'Nightly' }, ...more };
}

/** The report of such a job without a name. */
export function withJob(outcome: Outcome, own: Partial<Job>, more: Partial<JobReport> = {}): JobReport {
  return jobReport(outcome, { job: { ...job, ...own }, ...more });
}

/** The report of a job that was created, started and finished at these times, in milliseconds since 1970. */
export function at(createdMs: number | undefined, startMs: number, endMs: number): JobReport {
  const created = createdMs === undefined ? {} : { createdOn: new Date(createdMs) };
  return withJob('success', { ...created, startDate: new Date(startMs), endDate: new Date(endMs) });
}

export function run(outcome: Outcome, ...jobs: JobReport[]): RunReport {
  return { outcome, jobs };
}

/** A run of one job with these failed commands. */
export function runOfFailed(
  firstFailedCommands: readonly FailedCommand[],
  failedCommands = firstFailedCommands.length,
  isPartial = false,
): RunReport {
  const results = someResults({ failedCommands, changes: 5, firstFailedCommands, isPartial });
  return run('failure', jobReport('failure', { importResults: results }));
}

/** Everything that a summary contains, as it reads: without tags, entities and line breaks. */
export function textOf(markdown: string): string {
  const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', emsp: ' ' };
  return markdown
    .replace(/<br>|<\/t[dh]>/g, ' ')
    .replace(/<[^>]*>/g, '')
    .replace(/&(\w+);/g, (_, name: string) => entities[name] ?? '?')
    .replace(/\s+/g, ' ');
}

/** The rows of the table with this head, each a list of cells. */
export function rowsOf(markdown: string, head: string): string[][] {
  const table = markdown.split('<table>').find((one) => one.includes(`<th>${head}</th>`)) ?? '';
  const rows = table.split('</table>')[0]?.match(/<tr><td.*/g) ?? [];
  return rows.map((row) => [...row.matchAll(/<td[^>]*>(.*?)<\/td>/g)].map(([, cell = '']) => textOf(cell).trim()));
}
