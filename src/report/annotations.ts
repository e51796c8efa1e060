import * as core from '@actions/core';

import type { ResourceCounters } from '../collibra/import-results.ts';
import { bySeverity, isPlainSuccess, passes, type JobReport, type Outcome, type RunReport } from '../outcome.ts';
import { count, shorten } from '../text.ts';
import { adviceOnUnfinished, hasFailedCommands, INVALID_INPUTS, isDeleted, quoteMessage, stepTitle } from './advice.ts';
import type { UnfinishedPolicy } from './advice.ts';
import { quoteError } from './failed-commands.ts';
import { plain } from './sanitize.ts';
import { changesInWords } from './summary/counts.ts';

/** GitHub shows ten annotations of a step and drops the rest. */
const MAX_ANNOTATIONS = 10;

/** GitHub truncates longer annotations. */
const MAX_LENGTH = 4000;

const TITLES: Readonly<Record<Outcome, string>> = {
  success: 'Collibra job succeeded',
  accepted: 'Collibra job accepted',
  failure: 'Collibra job failed',
  timeout: 'Timed out waiting for the Collibra job',
  error: "Could not determine the Collibra job's status",
  cancelled: 'Canceled while waiting for the Collibra job',
};

/** Writes the annotations of one step. Whatever exceeds GitHub's limit goes to the log. */
export class Annotations {
  readonly #unfinished: UnfinishedPolicy;
  #left = MAX_ANNOTATIONS;

  constructor(unfinished: UnfinishedPolicy = {}) {
    this.#unfinished = unfinished;
  }

  /** Reports that the step did not start because of its inputs. */
  invalidInputs(problems: readonly string[]): void {
    this.#add('error', INVALID_INPUTS.title, [INVALID_INPUTS.advice, ...problems].join('\n'));
  }

  /** Reports what concerns the whole step, then each job except plain successes, the most severe outcome first. */
  verdict(report: RunReport): void {
    const { outcome, reason } = report;
    const title = report.jobs.length === 0 ? TITLES[outcome] : stepTitle(outcome);
    if (reason !== undefined) this.#add(outcome, title, reason);
    const jobs = bySeverity(report.jobs).filter((job) => !isPlainSuccess(job));
    const addJob = (job: JobReport) =>
      this.#add(job.outcome, titleOf(job), messageOf(job, adviceOn(job, passes(outcome), this.#unfinished)));
    this.#each(jobs, addJob, 'the job summary', (next) => next.outcome);
  }

  /** Reports the jobs that were to be deleted and perhaps were not. The log lists all of them. */
  notDeleted(problems: readonly { readonly id: string; readonly reason: string }[]): void {
    const add = ({ id, reason }: { id: string; reason: string }) =>
      this.warning('Collibra job not deleted', `${reason} Job: ${id}`);
    this.#each(problems, add, 'the log', () => 'accepted');
  }

  /** Reports a problem that does not change the outcome. */
  warning(title: string, message: string): void {
    this.#add('accepted', title, message);
  }

  /** Annotates as many items as fit, and then says where the others are. */
  #each<T>(items: readonly T[], add: (item: T) => void, where: string, outcomeOf: (next: T) => Outcome): void {
    const shown = items.length > this.#left ? this.#left - 1 : items.length;
    items.slice(0, shown).forEach(add);
    const next = items[shown];
    if (next === undefined) return;
    const more = count(items.length - shown, 'more job');
    this.#add(outcomeOf(next), 'More Collibra jobs', `${more} are listed in ${where}.`);
  }

  #add(outcome: Outcome, title: string, message: string): void {
    const lines = message.split('\n').map((line) => plain(line, MAX_LENGTH));
    const text = shorten(lines.join('\n'), MAX_LENGTH);
    if (this.#left === 0) core.info(`${plain(title)}: ${text}`);
    else if (passes(outcome)) core.warning(text, { title: plain(title) });
    else core.error(text, { title: plain(title) });
    this.#left = Math.max(0, this.#left - 1);
  }
}

/** Adds the deciding value to the title: the result if the job is COMPLETED, otherwise the state. */
function titleOf(report: JobReport): string {
  const { outcome, job } = report;
  if (isDeleted(report)) return 'Collibra job was deleted or canceled';
  const value = job?.state === 'COMPLETED' ? job.result : job?.state;
  const isDecisive = outcome === 'failure' || outcome === 'accepted';
  return value && isDecisive ? `${TITLES[outcome]}: ${plain(value, 40)}` : TITLES[outcome];
}

/** The cause, then the fix, then the job's ID. Advice that the reason already contains is not repeated. */
function messageOf({ id, reason, job, importResults }: JobReport, advice: readonly string[]): string {
  const cause = plain(reason);
  const said = [cause, quoteMessage(job, 500)].filter(Boolean).join(' ');
  const error = importResults && quoteError(importResults, said);
  const changes = importResults && changesIn(importResults.resources);
  const fix = advice.filter((sentence) => !cause.includes(sentence));
  const name = job?.name ? `"${plain(job.name, 100)}"` : '';
  const which = [cause.includes(id) ? '' : id, name].filter(Boolean).join(' ');
  return [said, error, changes, ...fix, which && `Job: ${which}`].filter(Boolean).join(' ');
}

/** What to do next, in sentences. */
function adviceOn(report: JobReport, stepPasses: boolean, unfinished: UnfinishedPolicy): string[] {
  const inSummary = hasFailedCommands(report);
  const passed = (why: string) => (stepPasses ? [why] : []);
  switch (report.outcome) {
    case 'success':
      return [...passed('The step passed because the job reports SUCCESS.'), 'Check the job in Collibra.'];
    case 'accepted':
      return [
        ...passed('The step passed because the accept input allows this result.'),
        inSummary ? 'Review the failed commands in the job summary.' : 'Check the job in Collibra.',
      ];
    case 'failure':
      if (isDeleted(report)) return []; // The reason says what to do.
      return inSummary
        ? ['See the failed commands in the job summary.', 'Fix the data, then import again.']
        : ['Check the job in Collibra.', 'Fix the problem, then import again.'];
    case 'timeout':
    case 'cancelled':
      return adviceOnUnfinished(report.outcome, [report], unfinished);
    case 'error':
      return []; // The reason says what to do.
  }
}

/** Lists what Import Results count: `Import Results: ASSET 1,180 added, 20 updated; RELATION 40 added.` */
function changesIn(resources: readonly ResourceCounters[]): string {
  const changes = resources.flatMap((resource) => {
    const words = changesInWords([resource]).join(', ');
    return words === '' ? [] : [`${plain(resource.resourceType, 40)} ${words}`];
  });
  return changes.length > 0 ? shorten(`Import Results: ${changes.join('; ')}.`, 500) : '';
}
