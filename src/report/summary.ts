import { appendFileSync } from 'node:fs';

import type { RunReport } from '../outcome.ts';
import { plain } from './sanitize.ts';

/** The job summary as Markdown. */
export function summaryOf(report: RunReport): string {
  const rows = report.jobs.map(
    ({ id, outcome, job }) => `| ${id} | ${plain(job?.state ?? '')} | ${outcome} |`,
  );
  return [
    '## Collibra',
    '',
    report.outcome,
    '',
    '| Job | State | Outcome |',
    '| --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

/**
 * Adds to the job summary of this step, at once.
 * @param path GITHUB_STEP_SUMMARY
 */
export function writeSummary(path: string, markdown: string): void {
  appendFileSync(path, markdown);
}
