import { isPlainSuccess, type JobReport, type Outcome, type RunReport } from '../../outcome.ts';
import { capitalize, groupBy } from '../../text.ts';
import { adviceOnUnfinished, hasFailedCommands, isDeleted, STEP_TITLES, type UnfinishedPolicy } from '../advice.ts';
import { plain } from '../sanitize.ts';
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

/** Says the verdict in one line, e.g. `❌ 1 of 3 Collibra jobs failed`. */
export function headline(report: RunReport): string {
  return `${SIGNS[report.outcome]} ${capitalize(headlineText(report))}`;
}

function headlineText(report: RunReport): string {
  const { outcome, jobs } = report;
  const decisive = decisiveJobs(report);
  if (jobs.length > 0 && decisive.length === 0) return STEP_TITLES[outcome] ?? STEP_TITLES.error;
  const all = decisive.length === jobs.length ? `all ${jobs.length}` : `${decisive.length} of ${jobs.length}`;
  const named = jobs.length <= 1 ? 'the Collibra job' : `${all} Collibra jobs`;
  if (!areDeleted(decisive)) return HEADLINES[outcome](named);
  return `${named} ${decisive.length === 1 ? 'was' : 'were'} deleted or canceled`;
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
  const sentences = [changes, ...nextStep(report, unfinished)].filter(Boolean);
  return sentences.length === 0 ? '' : `<p>${sentences.join(' ')}</p>`;
}

/** What to do next, in sentences. */
function nextStep(report: RunReport, unfinished: UnfinishedPolicy): string[] {
  const { outcome } = report;
  const jobs = decisiveJobs(report);
  const listed = jobs.some(hasFailedCommands);
  switch (outcome) {
    case 'success':
      return jobs.some(({ isContradicted }) => isContradicted)
        ? ['The step passed, but Import Results contradict the result. Check the job in Collibra.']
        : ['No action needed.'];
    case 'accepted':
      return [
        'The step passed because the accept input allows this result.',
        listed ? 'Review the failed commands below.' : 'Check in Collibra which changes were committed.',
      ];
    case 'failure':
      // The reason says what to do.
      if (areDeleted(jobs)) return [];
      return [
        ...(jobs.every(isCommitKnown) ? [] : ['Check in Collibra which changes were committed.']),
        listed
          ? 'Fix the data of the failed commands below, then import again.'
          : 'Fix the problem below, then import again.',
      ];
    case 'error':
      return jobs.length === 0
        ? ['Fix the problem below, then run the step again.']
        : ['Fix the problem below, then wait for the same job-id again before anything uses the imported data.'];
    case 'timeout':
    case 'cancelled':
      return jobs.length === 0 ? [] : adviceOnUnfinished(outcome, jobs, unfinished);
  }
}

/** Whether the counters are those of committed changes. Those of a job that failed as a whole may count attempts. */
function isCommitKnown({ job, importResults }: JobReport): boolean {
  const changes = importResults?.changes;
  return changes === 0 || (changes !== undefined && job?.state === 'COMPLETED');
}

/**
 * Gives the reasons, as HTML: of the whole step, and of each job except plain successes. Jobs with the same reason share a
 * line.
 */
export function reasons({ reason, jobs }: RunReport): string {
  const limit = Math.min(MAX_TEXT, Math.floor(MAX_TEXTS / jobs.length));
  const explained = jobs.flatMap((job, index) =>
    isPlainSuccess(job) ? [] : { number: index + 1, text: reasonOf(job, limit) },
  );
  const ofJobs = [...groupBy(explained, ({ text }) => text)].map(([text, same]) => {
    const numbers = same.map(({ number }) => number).join(', ');
    return jobs.length === 1 ? text : `<b>Job ${numbers}</b>: ${text}`;
  });
  return paragraph([...proseLines(reason?.split('\n') ?? [], MAX_TEXT), ...ofJobs]);
}

function reasonOf({ reason, job }: JobReport, limit: number): string {
  const message = plain(job?.message ?? '', limit).replace(/\.$/, '');
  return prose(reason, limit) + (message === '' ? '' : ` Collibra's message: "${prose(message, limit)}".`);
}
