import { appendFileSync } from 'node:fs';

import type { Job } from '../../collibra/job.ts';
import { bySeverity, type NumberedReport, type RunReport } from '../../outcome.ts';
import { count, duration } from '../../text.ts';
import { INVALID_INPUTS, type UnfinishedPolicy } from '../advice.ts';
import { countsInWords } from './counts.ts';
import { countersTable, failedCommandsTable } from './imports.ts';
import { code, lines, paragraph, prose, proseLines, table } from './markdown.ts';
import { timeline } from './timeline.ts';
import { advice, headline, MAX_TEXT, reasons, SIGNS } from './verdict.ts';

/** GitHub does not show a summary above 1 MiB. What comes before the Import Results is always smaller. */
const MAX_BYTES = 1_000_000;

/** Limits for texts, in characters. */
const MAX_NAME = 60;
const MAX_WORD = 50;

/** The Import Results of more jobs than these are collapsed. */
const MAX_UNFOLDED = 3;

/** What the summary shows besides the report. */
export interface SummaryOptions {
  /** Wall-clock time at the end of the step, in milliseconds since 1970. */
  readonly nowMs?: number | undefined;
  /** The file that contains all failed commands, if it was written. */
  readonly errorsFile?: string | undefined;
  /** What the step does with unfinished jobs. */
  readonly unfinished?: UnfinishedPolicy;
  /** What to do next, if it is not what the outcome suggests. */
  readonly nextStep?: string;
}

/** Writes the job summary as Markdown: the verdict, what to do next, and the details. */
export function summaryOf(report: RunReport, options: SummaryOptions = {}): string {
  const { jobs } = report;
  const { nowMs, unfinished = {}, nextStep } = options;
  const numbered = bySeverity(jobs);
  const blocks = [
    `## ${SIGNS[report.outcome]} ${headline(report)}`,
    nextStep === undefined ? advice(report, unfinished) : `<p>${nextStep}</p>`,
    reasons(report.reason, numbered),
    jobs.length === 0 ? '' : jobsTable(numbered, nowMs),
    timeline(numbered, nowMs),
  ];
  let room = MAX_BYTES - Buffer.byteLength(blocks.join('\n\n'));
  for (const [index, job] of numbered.entries()) {
    const block = importResults(job, jobs.length, options);
    room -= Buffer.byteLength(block) + 2;
    if (room < 0) {
      const last = count(jobs.length - index, 'job');
      const omission = `Import Results of the last ${last} are omitted because the job summary reached its size limit.`;
      return joined([...blocks, `<p>${omission}</p>`]);
    }
    blocks.push(block);
  }
  return joined(blocks);
}

/** Writes the job summary of a step that did not start because of its inputs. */
export function summaryOfInvalidInputs(problems: readonly string[]): string {
  const { title, advice } = INVALID_INPUTS;
  return joined([`## ${SIGNS.failure} ${title}`, paragraph([advice, ...proseLines(problems, MAX_TEXT)])]);
}

function joined(blocks: readonly string[]): string {
  return blocks.filter(Boolean).join('\n\n') + '\n';
}

/**
 * Appends to the job summary of this step, synchronously.
 * @param path GITHUB_STEP_SUMMARY
 */
export function writeSummary(path: string, markdown: string): void {
  appendFileSync(path, markdown);
}

function jobsTable(jobs: readonly NumberedReport[], nowMs: number | undefined): string {
  const isOne = jobs.length === 1;
  const heads = ['Name and ID', 'State and result', 'Duration', 'Started (UTC)', 'Finished (UTC)'];
  const rows = jobs.map(({ number, id, outcome, job }) => [
    `${isOne ? '' : `${number} `}${SIGNS[outcome]}<br>${outcome}`,
    // Not <code>, which breaks at every hyphen of an ID.
    lines([prose(job?.name ?? '', MAX_NAME), `<samp>${prose(id, MAX_NAME)}</samp>`]),
    lines(job === undefined ? [] : [code(job.state, MAX_WORD) + progressOf(job), code(job.result, MAX_WORD)]),
    durationOf(job, nowMs),
    time(job?.startDate),
    time(job?.endDate, job?.startDate),
  ]);
  return table([isOne ? 'Outcome' : 'Job', ...heads], rows);
}

function progressOf({ endDate, progressPercentage }: Job): string {
  return endDate === undefined && progressPercentage !== undefined ? `&nbsp;${Math.round(progressPercentage)}%` : '';
}

function durationOf(job: Job | undefined, nowMs: number | undefined): string {
  const startMs = job?.startDate?.getTime() ?? NaN;
  const endMs = job?.endDate?.getTime();
  const ms = (endMs ?? nowMs ?? NaN) - startMs;
  return ms >= 0 ? duration(ms) + (endMs === undefined ? '<br>so far' : '') : '–';
}

/** Formats a time in UTC, with its day unless that is the day of another one. */
function time(date: Date | undefined, other?: Date): string {
  if (date === undefined) return '–';
  const [day, clock] = date.toISOString().slice(0, 19).split('T');
  return day === other?.toISOString().split('T')[0] ? `${clock}` : `${day}<br>${clock}`;
}

function importResults(report: NumberedReport, jobs: number, options: SummaryOptions): string {
  const { number, importResults: results, outcome, job } = report;
  if (results === undefined) return '';
  const details = [countersTable(results), failedCommandsTable(results, options.errorsFile)].filter(Boolean).join('\n');
  if (jobs === 1) return details;
  const name = job?.name ? ` ${prose(job.name, MAX_NAME)}` : '';
  const title = `${SIGNS[outcome]} <b>Job ${number}</b>${name}: ${countsInWords([results]) || 'no counts'}`;
  const open = jobs <= MAX_UNFOLDED ? ' open' : '';
  return `<details${open}><summary>${title}</summary>\n${details}\n</details>`;
}
