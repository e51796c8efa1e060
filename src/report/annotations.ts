import * as core from '@actions/core';

import type { ResourceCounters } from '../collibra/import-results.ts';
import {
  CHANGES,
  isPlainSuccess,
  OUTCOMES,
  passes,
  type JobReport,
  type Outcome,
  type RunReport,
} from '../outcome.ts';
import { count, number, shorten } from '../text.ts';
import { plain } from './sanitize.ts';

/** GitHub shows ten annotations of a step and drops the rest. */
const MAX_ANNOTATIONS = 10;

/** GitHub cuts longer annotations. */
const MAX_LENGTH = 4000;

/** What to do next, where the reason does not say it. */
const ADVICE: Readonly<Partial<Record<Outcome, string>>> = {
  success: 'The step passes, for the job says so; look in Collibra what is right',
  accepted: 'The step passes because accept allows it; look at what is missing in Collibra',
  failure:
    'Look at the job summary of this step and at the job in Collibra, correct the data and import again',
  timeout: 'The job may still go on in Collibra: look at it there, or give it more time with timeout-minutes',
  cancelled: 'The job may still go on in Collibra',
};

const TITLES: Readonly<Record<Outcome, string>> = {
  success: 'Collibra job succeeded',
  accepted: 'Collibra job accepted',
  failure: 'Collibra job failed',
  timeout: 'Collibra job not finished in time',
  error: 'The state of the Collibra job could not be learnt',
  cancelled: 'Waiting for the Collibra job was cancelled',
};

/** The annotations of one step; what goes beyond GitHub's limit goes to the log. */
export class Annotations {
  #left = MAX_ANNOTATIONS;

  /**
   * The verdict: what concerns the whole step first, then the jobs, the gravest first. A success needs no word, unless
   * it is disputed.
   */
  verdict(report: RunReport): void {
    if (report.reason !== undefined) this.#add(report.outcome, TITLES[report.outcome], report.reason);
    const told = report.jobs
      .filter((job) => !isPlainSuccess(job))
      .sort((a, b) => OUTCOMES.indexOf(a.outcome) - OUTCOMES.indexOf(b.outcome));
    const most = told.length > this.#left ? this.#left - 1 : told.length;
    for (const job of told.slice(0, most)) this.#add(job.outcome, titleOf(job), messageOf(job));
    const [next, ...others] = told.slice(most);
    if (next !== undefined)
      this.#add(
        next.outcome,
        'More Collibra jobs',
        `${count(others.length + 1, 'more job')} are told of in the job summary of this step`,
      );
  }

  /** Trouble beside the verdict. */
  warning(title: string, message: string): void {
    this.#add('accepted', title, message);
  }

  #add(outcome: Outcome, title: string, message: string): void {
    const text = shorten(
      message
        .split('\n')
        .map((line) => plain(line, MAX_LENGTH))
        .join('\n'),
      MAX_LENGTH,
    );
    if (this.#left === 0) core.info(`${plain(title)}: ${text}`);
    else if (passes(outcome)) core.warning(text, { title: plain(title) });
    else core.error(text, { title: plain(title) });
    this.#left = Math.max(0, this.#left - 1);
  }
}

/** With what the verdict hangs on: the result of a job that is COMPLETED, else the state. */
function titleOf({ outcome, job }: JobReport): string {
  const word = job?.state === 'COMPLETED' ? job.result : job?.state;
  const told = word && (outcome === 'failure' || outcome === 'accepted') ? `: ${plain(word, 40)}` : '';
  return TITLES[outcome] + told;
}

function messageOf({ id, outcome, reason, job, importResults: importResults }: JobReport): string {
  const name = job?.name ? ` "${plain(job.name, 100)}"` : '';
  const message = job?.message ? `Collibra's message: ${plain(job.message, 500).replace(/\.$/, '')}` : '';
  const done = importResults === undefined ? '' : changesIn(importResults.summary.resources);
  return (
    [`Job ${id}${name}: ${plain(reason)}`, done, message, ADVICE[outcome]].filter(Boolean).join('. ') + '.'
  );
}

/** What Import Results count: `Import Results: ASSET 1,180 added, 20 updated; RELATION 40 added`. */
function changesIn(resources: readonly ResourceCounters[]): string {
  const changes = resources.flatMap((resource) => {
    const numbers = CHANGES.flatMap((kind) => (resource[kind] ? `${number(resource[kind])} ${kind}` : []));
    return numbers.length > 0 ? [`${plain(resource.resourceType, 40)} ${numbers.join(', ')}`] : [];
  });
  return changes.length > 0 ? shorten(`Import Results: ${changes.join('; ')}`, 500) : '';
}
