import { appendFileSync } from 'node:fs';

import type { Job } from '../../collibra/job.ts';
import type { JobReport, RunReport } from '../../outcome.ts';
import { count, duration } from '../../text.ts';
import { code, prose, table } from './markdown.ts';
import { countersTable, failedCommandsTable } from './imports.ts';
import { timeline } from './timeline.ts';
import { advice, countsInWords, headline, reasons, SIGNS } from './verdict.ts';

/** GitHub shows nothing of a summary beyond 1 MiB. What comes before the Import Results takes less in any case. */
const MAX_BYTES = 1_000_000;

/** Longer texts are cut, in characters. */
const MAX_NAME = 60;
const MAX_WORD = 50;

/** With more jobs than these, their Import Results are folded. */
const MAX_UNFOLDED = 3;

/** What the summary tells beside the report. */
export interface SummaryOptions {
  /** Wall-clock time at the end of the step, in milliseconds since 1970. */
  readonly nowMs?: number | undefined;
  /** The file that holds all failed commands, where it was written. */
  readonly errorsFile?: string | undefined;
}

/** The job summary as Markdown: the verdict, what to do next, and then what there is to look at. */
export function summaryOf(report: RunReport, options: SummaryOptions = {}): string {
  const { jobs } = report;
  const { nowMs } = options;
  const list = jobs.length === 0 ? '' : jobsTable(jobs, nowMs);
  const blocks = [`## ${headline(report)}`, advice(report), reasons(report), list, timeline(jobs, nowMs)];
  let room = MAX_BYTES - Buffer.byteLength(blocks.join('\n\n'));
  for (const [index, job] of jobs.entries()) {
    const block = importResults(job, index, jobs.length, options);
    room -= Buffer.byteLength(block) + 2;
    if (room < 0) {
      const left = count(jobs.length - index, 'job');
      blocks.push(
        `<p>Left out, because a job summary can hold no more: the Import Results of the last ${left}.</p>`,
      );
      break;
    }
    blocks.push(block);
  }
  return blocks.filter((block) => block !== '').join('\n\n') + '\n';
}

/**
 * Adds to the job summary of this step, at once.
 * @param path GITHUB_STEP_SUMMARY
 */
export function writeSummary(path: string, markdown: string): void {
  appendFileSync(path, markdown);
}

function jobsTable(jobs: readonly JobReport[], nowMs: number | undefined): string {
  const heads = ['Job', 'Name and id', 'State and result', 'Duration', 'Started (UTC)', 'Ended (UTC)'];
  const rows = jobs.map(({ id, outcome, job }, index) => [
    `${index + 1} ${SIGNS[outcome]}<br>${outcome}`,
    // Not <code>, which breaks at every hyphen of an id.
    `${prose(job?.name ?? '', MAX_NAME)}<br><samp>${prose(id, MAX_NAME)}</samp>`,
    `${code(job?.state, MAX_WORD)}${progressOf(job)}<br>${code(job?.result, MAX_WORD)}`,
    durationOf(job, nowMs),
    time(job?.startDate),
    time(job?.endDate, job?.startDate),
  ]);
  return table(heads, rows);
}

function progressOf(job: Job | undefined): string {
  const known = job?.endDate === undefined && job?.progressPercentage !== undefined;
  return known ? ` ${Math.round(job.progressPercentage)} %` : '';
}

function durationOf(job: Job | undefined, nowMs: number | undefined): string {
  const startMs = job?.startDate?.getTime() ?? NaN;
  const endMs = job?.endDate?.getTime();
  const ms = (endMs ?? nowMs ?? NaN) - startMs;
  return ms >= 0 ? duration(ms) + (endMs === undefined ? '<br>so far' : '') : '–';
}

/** A time in UTC, with its day where that is not the day of another one. */
function time(date: Date | undefined, other?: Date): string {
  if (date === undefined) return '–';
  const [day, clock] = date.toISOString().slice(0, 19).split('T');
  return day === other?.toISOString().split('T')[0] ? `${clock}` : `${day}<br>${clock}`;
}

function importResults(report: JobReport, index: number, jobs: number, options: SummaryOptions): string {
  const { importResults: facts, outcome, job } = report;
  if (facts === undefined) return '';
  const tables = [countersTable(facts), failedCommandsTable(facts, options.errorsFile)];
  const told = tables.filter((html) => html !== '').join('\n');
  if (jobs === 1) return told;
  const name = job?.name ? ` ${prose(job.name, MAX_NAME)}` : '';
  const title = `${SIGNS[outcome]} <b>Job ${index + 1}</b>${name}: ${countsInWords([facts]) || 'no counts'}`;
  const open = jobs <= MAX_UNFOLDED ? ' open' : '';
  return `<details${open}><summary>${title}</summary>\n${told}\n</details>`;
}
