import {
  CHANGES,
  isPlainSuccess,
  sumOfKnown,
  type ImportResults,
  type JobReport,
  type Outcome,
  type RunReport,
} from '../../outcome.ts';
import { count, number } from '../../text.ts';
import { prose } from './markdown.ts';

/** Longer texts are cut, in characters: each one, and those of all jobs together. */
const MAX_TEXT = 500;
const MAX_TEXTS = 20_000;
const MAX_LINES = 30;

/** Told apart at a glance, in light and dark. */
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
  accepted: (jobs) => `${jobs} ended with errors that the policy accepts`,
  failure: (jobs) => `${jobs} failed`,
  timeout: (jobs) => `${jobs} did not end in time`,
  error: (jobs) => `it is not known how ${jobs} ended`,
  cancelled: (jobs) => `${jobs} had not ended when the run was cancelled`,
};

/** Where the outcome is not that of a job. */
const HEADLINES_WITHOUT_JOBS: Readonly<Partial<Record<Outcome, string>>> = {
  timeout: 'the time is up',
  cancelled: 'the run was cancelled',
};

/** The verdict in one line, e.g. `❌ 1 of 3 Collibra jobs failed`. */
export function headline({ outcome, jobs }: RunReport): string {
  const concerned = jobs.filter((job) => job.outcome === outcome).length;
  const all = concerned === jobs.length ? `all ${concerned}` : `${concerned} of ${jobs.length}`;
  const named = jobs.length === 1 ? 'the Collibra job' : `${all} Collibra jobs`;
  const words =
    concerned === 0 ? (HEADLINES_WITHOUT_JOBS[outcome] ?? 'the step failed') : HEADLINES[outcome](named);
  return `${SIGNS[outcome]} ${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}

/** What was done and what to do next, as HTML. */
export function advice(report: RunReport): string {
  const { jobs } = report;
  const facts = jobs.flatMap(({ importResults: importResults }) => importResults ?? []);
  const numbers = countsInWords(facts);
  const whose =
    facts.length === jobs.length ? '' : `Import Results of ${facts.length} of ${jobs.length} jobs: `;
  return `<p>${numbers === '' ? '' : `${whose}<b>${numbers}</b>. `}${nextStep(report)}</p>`;
}

/** `1,180 added, 24 updated, 3 commands failed`; '' where nothing is told. */
export function countsInWords(facts: readonly ImportResults[]): string {
  return [...changesInWords(facts), ...failuresInWords(facts)].join(', ');
}

function changesInWords(facts: readonly ImportResults[]): string[] {
  const changes = facts.map(({ summary }) => summary.changes);
  if (changes.length === 0 || changes.includes(undefined)) return [];
  if (changes.every((n) => n === 0)) return ['Nothing was committed: nothing added, updated or removed'];
  const resources = facts.flatMap(({ summary }) => summary.resources);
  return CHANGES.flatMap((kind) => {
    const told = resources.map((counters) => counters[kind]);
    const sum = sumOfKnown(told);
    return sum === 0 ? [] : `${atLeast(told)}${number(sum)} ${kind}`;
  });
}

function failuresInWords(facts: readonly ImportResults[]): string[] {
  const told = facts.map(({ failedCommands }) => failedCommands);
  const failed = sumOfKnown(told);
  return failed === 0 ? [] : [`${atLeast(told)}${count(failed, 'command')} failed`];
}

/** A sum is only known from below where a part of it is not. */
function atLeast(told: readonly (number | undefined)[]): string {
  return told.includes(undefined) ? 'at least ' : '';
}

function nextStep({ outcome, jobs }: RunReport): string {
  const concerned = jobs.filter((job) => job.outcome === outcome);
  switch (outcome) {
    case 'success':
      return concerned.some(({ isContradicted: isDisputed }) => isDisputed)
        ? 'Import Results contradict that: look in Collibra what is right.'
        : 'Nothing is left to do.';
    case 'accepted':
      return 'The step passes, because <code>accept</code> allows it. Correct what failed and import it again.';
    case 'failure': {
      const named = concerned.some(({ importResults: importResults }) => importResults?.failedCommands);
      return [
        ...(concerned.every(isCommitKnown) ? [] : ['Look in Collibra what of it was committed.']),
        `Correct ${named ? 'the failed commands' : 'what is said'} below and import again.`,
      ].join(' ');
    }
    case 'timeout':
      return 'Look in Collibra whether it goes on. Then wait for the same <code>job-id</code> again, or raise <code>timeout-minutes</code>.';
    case 'error':
      return concerned.length === 0
        ? 'Put right what is said below and run the step again.'
        : 'Put right what is said below and wait for the same <code>job-id</code> again before anything relies on it.';
    case 'cancelled':
      return 'Collibra may go on with what it has begun: look there before you import again.';
  }
}

/** The counts of a job that failed as a whole may be of what it tried. */
function isCommitKnown({ job, importResults: importResults }: JobReport): boolean {
  const changes = importResults?.summary.changes;
  return changes === 0 || (changes !== undefined && job?.state === 'COMPLETED');
}

/**
 * Why: what concerns the whole step, and each job that did not succeed, or whose success is disputed. Jobs of which the
 * same is told share a line.
 */
export function reasons({ reason, jobs }: RunReport): string {
  const whole = reason?.split('\n') ?? [];
  const lines = whole.slice(0, MAX_LINES).map((line) => prose(line, MAX_TEXT));
  if (whole.length > MAX_LINES) lines.push(`… and ${count(whole.length - MAX_LINES, 'more line')}`);
  const limit = Math.min(MAX_TEXT, Math.floor(MAX_TEXTS / jobs.length));
  const failed = jobs.flatMap((job, index) =>
    isPlainSuccess(job) ? [] : { number: index + 1, text: reasonOf(job, limit) },
  );
  for (const [text, same] of Map.groupBy(failed, (job) => job.text)) {
    const numbers = same.map(({ number }) => number).join(', ');
    lines.push(jobs.length === 1 ? text : `<b>Job ${numbers}</b>: ${text}`);
  }
  return lines.length === 0 ? '' : `<p>${lines.join('<br>\n')}</p>`;
}

function reasonOf({ reason, job }: JobReport, limit: number): string {
  const message = job?.message ? ` Collibra’s message: “${prose(job.message, limit)}”` : '';
  return `${prose(reason, limit)}.${message}`;
}
