import { isPlainSuccess, type JobReport, type NumberedReport, type Outcome, type RunReport } from '../../outcome.ts';
import { capitalize, groupBy } from '../../text.ts';
import { adviceOnUnfinished, hasFailedCommands, isDeleted, quoteMessage, stepTitle } from '../advice.ts';
import type { UnfinishedPolicy } from '../advice.ts';
import { countsInWords } from './counts.ts';
import { paragraph, prose, proseLines } from './markdown.ts';

/** Limits for texts, in characters: for each one, and for those of all jobs together. */
export const MAX_TEXT = 500;
const MAX_TEXTS = 20_000;

/** Easy to distinguish in light and dark mode. */
export const SIGNS: Readonly<Record<Outcome, string>> = {
  success: '✅',
  accepted: '⚠️',
  failure: '❌',
  timeout: '⌛',
  error: '❓',
  cancelled: '🚫',
};

const HEADLINES: Readonly<Record<Outcome, (jobs: string) => string>> = {
  success: (jobs) => `${jobs} succeeded`,
  accepted: (jobs) => `${jobs} finished with errors that the accept input allows`,
  failure: (jobs) => `${jobs} failed`,
  timeout: (jobs) => `timed out waiting for ${jobs}`,
  error: (jobs) => `could not determine the result of ${jobs}`,
  cancelled: (jobs) => `canceled while waiting for ${jobs}`,
};

/** Says the verdict, e.g. `1 of 3 Collibra jobs failed`. */
export function headline(report: RunReport): string {
  const { outcome, jobs } = report;
  const decisive = decisiveJobs(report);
  if (jobs.length > 0 && decisive.length === 0) return stepTitle(outcome);
  const all = decisive.length === jobs.length ? `all ${jobs.length}` : `${decisive.length} of ${jobs.length}`;
  const named = jobs.length <= 1 ? 'the Collibra job' : `${all} Collibra jobs`;
  if (!areDeleted(decisive)) return capitalize(HEADLINES[outcome](named));
  return capitalize(`${named} ${decisive.length === 1 ? 'was' : 'were'} deleted or canceled`);
}

/** The jobs with the outcome of the step. */
function decisiveJobs({ outcome, jobs }: RunReport): JobReport[] {
  return jobs.filter((job) => job.outcome === outcome);
}

function areDeleted(jobs: readonly JobReport[]): boolean {
  return jobs.length > 0 && jobs.every(isDeleted);
}

/** Says what was changed and what to do next, as HTML; '' if there is nothing to say. */
export function advice(report: RunReport, unfinished: UnfinishedPolicy): string {
  const { jobs } = report;
  const results = jobs.flatMap(({ importResults }) => importResults ?? []);
  const numbers = countsInWords(results);
  const whose = results.length === jobs.length ? '' : `Import Results of ${results.length} of ${jobs.length} jobs: `;
  const changes = numbers === '' ? '' : `${whose}<b>${numbers}</b>.`;
  const text = [changes, ...nextStep(report, unfinished)].filter(Boolean).join(' ');
  return text && `<p>${text}</p>`;
}

/** What to do next, in sentences. */
function nextStep(report: RunReport, unfinished: UnfinishedPolicy): string[] {
  const jobs = decisiveJobs(report);
  const listed = jobs.some(hasFailedCommands);
  switch (report.outcome) {
    case 'success':
      if (jobs.every(isPlainSuccess)) return ['No action needed.'];
      return ['The step passed, but Import Results contradict the result. Check the job in Collibra.'];
    case 'accepted':
      return [
        'The step passed because the accept input allows this result.',
        listed ? 'Review the failed commands below.' : 'Check in Collibra which changes were committed.',
      ];
    case 'failure':
      if (areDeleted(jobs)) return []; // The reason says what to do.
      return [
        ...(jobs.every(isCommitKnown) ? [] : ['Check in Collibra which changes were committed.']),
        `Fix the ${listed ? 'data of the failed commands' : 'problem'} below, then import again.`,
      ];
    case 'error':
      if (jobs.length === 0) return ['Fix the problem below, then run the step again.'];
      return ['Fix the problem below, then wait for the same job-id again before anything uses the imported data.'];
    case 'timeout':
    case 'cancelled':
      return jobs.length === 0 ? [] : adviceOnUnfinished(report.outcome, jobs, unfinished);
  }
}

/** Whether the counters are those of committed changes. Those of a job that failed as a whole may count attempts. */
function isCommitKnown({ job, importResults }: JobReport): boolean {
  const changes = importResults?.changes;
  return changes === 0 || (changes !== undefined && job?.state === 'COMPLETED');
}

/** Gives the reasons, as HTML: of the whole step, and of each job except plain successes. The same ones share a line. */
export function reasons(reason: string | undefined, jobs: readonly NumberedReport[]): string {
  const limit = Math.min(MAX_TEXT, Math.floor(MAX_TEXTS / jobs.length));
  const explained = jobs.filter((job) => !isPlainSuccess(job));
  const ofJobs = [...groupBy(explained, (job) => reasonOf(job, limit))].map(([text, same]) => {
    const numbers = same.map(({ number }) => number).join(', ');
    return jobs.length === 1 ? text : `<b>Job ${numbers}</b>: ${text}`;
  });
  return paragraph([...proseLines(reason?.split('\n') ?? [], MAX_TEXT), ...ofJobs]);
}

function reasonOf({ reason, job }: JobReport, limit: number): string {
  return [prose(reason, limit), quoteMessage(job, limit, prose)].filter(Boolean).join(' ');
}
