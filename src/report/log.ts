import * as core from '@actions/core';

import type { Clock } from '../clock.ts';
import type { CollibraError } from '../collibra/errors.ts';
import type { Job } from '../collibra/job.ts';
import type { Settings } from '../inputs.ts';
import type { JobReport } from '../outcome.ts';
import type { DeleteResult } from '../polling/delete-jobs.ts';
import { describeName } from '../job-query.ts';
import type { Observer, UpcomingPoll } from '../polling/observer.ts';
import { capitalize, count, duration, few } from '../text.ts';
import { stageOf } from '../verdict.ts';
import { deleteResultText, isProblem } from './delete-result.ts';
import { failedCommandLines, failedCommandsOf } from './failed-commands.ts';
import { nameOf, overviewOf, Progress, statusOf } from './progress.ts';
import { plain } from './sanitize.ts';

/** The longest time without a line, in milliseconds; with many jobs, the time between two overviews. */
const HEARTBEAT_MS = 60_000;

/** Of more jobs than these, the log shows only the ends and new kinds of problems, and counts the rest. */
const MAX_DETAILED = 3;

/** Writes the log of the step: a line when something changes, and a heartbeat in between. */
export class Log implements Observer {
  readonly #clock: Clock;
  readonly #startMs: number;
  readonly #jobs = new Map<string, Progress>();
  readonly #unknownStates = new Set<string>();
  #lastLineMs: number;
  #isRateLimited = false;

  constructor(clock: Clock, startMs: number) {
    this.#clock = clock;
    this.#startMs = startMs;
    this.#lastLineMs = startMs;
  }

  /** Writes one line. Makes text from a server safe. */
  line(text: string): void {
    if (this.#isDetailed) this.#lastLineMs = this.#clock.now();
    core.info(plain(text));
  }

  /** Says what the step is about to do. */
  start({ url, target, policy, polling, jobApi }: Settings): void {
    if (target.kind === 'ids') for (const id of target.ids) this.#progressOf(id, undefined);
    const what = target.kind === 'ids' ? count(target.ids.length, 'job') : `the newest job ${describeName(target)}`;
    const accepted = ['SUCCESS', ...policy.accept].join(', ');
    this.line(
      `Waiting up to ${duration(polling.timeoutMs)} for ${what} at ${url}. Accepted results: ${accepted}. Job API: ${jobApi}.`,
    );
  }

  /** Writes a line if state, result or progress of one of a few jobs changed, or if its errors are over. */
  onPoll(id: string, job: Job, next: UpcomingPoll | undefined): void {
    const progress = this.#progressOf(id, next?.delayMs);
    const shown = JSON.stringify([job.state, job.result, job.progressPercentage]);
    const hasChanged = progress.shown !== shown || progress.errors.size > 0;
    Object.assign(progress, { job, shown, remainingMs: next?.remainingMs });
    progress.errors.clear();
    this.#lineIf(hasChanged && this.#isDetailed, statusOf(id, progress, this.#elapsedMs()));
    const whose = this.#isDetailed ? id : job.state;
    if (stageOf(job) === 'unknown' && !this.#unknownStates.has(whose)) {
      this.#unknownStates.add(whose);
      const waiting = next === undefined ? '' : ' Still waiting.';
      this.line(`Warning: job ${id} is in the unknown state "${job.state}".${waiting}`);
    }
  }

  /** Writes a line for the first error of each kind since the last successful response: of a few jobs for each job. */
  onTransientError(subject: string, error: CollibraError, delayMs: number | undefined): void {
    const progress = this.#progressOf(subject, delayMs);
    const whose = error.message.includes(subject) ? '' : ` for ${subject}`;
    const next = delayMs === undefined ? '' : ` Retrying in ${duration(delayMs)}.`;
    const concerned = this.#isDetailed ? [progress] : [...this.#jobs.values()];
    const isNews = !concerned.some(({ errors }) => errors.has(error.label));
    this.#lineIf(isNews, `Transient error${whose}: ${error.message}${next}`);
    progress.errors.add(error.label);
  }

  /** Writes a line the first time. */
  onRateLimit(delayMs: number): void {
    const text = `The server limits the rate of requests. All requests wait for ${duration(delayMs)}.`;
    this.#lineIf(!this.#isRateLimited, text);
    this.#isRateLimited = true;
  }

  /** Writes a line the first time, and at the end. */
  onNotFound(query: string, delayMs: number | undefined, nearMisses: string): void {
    const progress = this.#progressOf(query, delayMs);
    const [yet, next] = delayMs === undefined ? ['', nearMisses] : [' yet', `Next check in ${duration(delayMs)}.`];
    progress.errors.clear();
    this.#lineIf(
      !progress.isNotFound || delayMs === undefined,
      `${capitalize(query)} not found${yet} after ${duration(this.#elapsedMs())}. ${next}`,
    );
    progress.isNotFound = true;
  }

  /** Writes a line, and one for other names that match; from now on the job goes by its ID. */
  onFound(query: string, job: Job, otherNames: readonly string[]): void {
    this.#jobs.delete(query);
    const created = job.createdOn === undefined ? '' : `, created ${job.createdOn.toISOString()}`;
    this.line(`Found job ${nameOf(job.id, job)}${created}.`);
    const names = few(otherNames.map((name) => `"${plain(name, 100)}"`));
    if (names !== '') this.line(`It is the newest of several jobs that match. Other names: ${names}.`);
  }

  /** Writes how the wait for a job ended, and its failed commands. */
  onFinished(report: JobReport): void {
    const { id, outcome, reason, job, importResults } = report;
    this.#progressOf(id, undefined).report = report;
    const all = [...this.#jobs.values()];
    const finished = all.filter((one) => one.report !== undefined).length;
    const ofAll = this.#isDetailed ? '' : ` (${finished} of ${all.length} jobs)`;
    this.line(`${prefix(id, reason, job)}${outcome} after ${duration(this.#elapsedMs())}${ofAll}. ${reason}`);
    const failed = importResults && failedCommandsOf(importResults);
    if (!failed?.total) return;
    core.startGroup(plain(`${count(failed.total, 'failed command')} of ${nameOf(id, job)}`));
    for (const text of failedCommandLines(failed)) core.info(plain(text));
    core.endGroup();
  }

  /** Writes why Import Results are missing or incomplete. */
  onImportResultsUnavailable(jobId: string, reason: string): void {
    this.line(`${prefix(jobId, reason)}Import Results are missing or incomplete. ${reason}`);
  }

  /** Writes what came of the request to delete a job. */
  onDeleteResult(id: string, result: DeleteResult): void {
    this.line(`${isProblem(result) ? 'Warning: ' : ''}${id}: ${deleteResultText(result)}`);
  }

  /** Writes a line whenever a minute has passed without one, or with many jobs every minute, until the signal. */
  async heartbeat(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const silentMs = this.#clock.now() - this.#lastLineMs;
      if (silentMs < HEARTBEAT_MS) await this.#clock.sleep(HEARTBEAT_MS - silentMs, signal);
      else {
        this.#lastLineMs = this.#clock.now();
        this.line(this.#overview());
      }
    }
  }

  /** Writes a line, or only a debug message. */
  #lineIf(isNews: boolean, text: string): void {
    if (isNews) this.line(text);
    else core.debug(plain(text));
  }

  /** Gives what is known about a job or a search, and notes when its next poll is. */
  #progressOf(key: string, delayMs: number | undefined): Progress {
    const progress = this.#jobs.get(key) ?? new Progress();
    progress.nextPollMs = delayMs === undefined ? undefined : this.#elapsedMs() + delayMs;
    this.#jobs.set(key, progress);
    return progress;
  }

  get #isDetailed(): boolean {
    return this.#jobs.size <= MAX_DETAILED;
  }

  #elapsedMs(): number {
    return this.#clock.now() - this.#startMs;
  }

  /** Describes a single job in full, and several by numbers. */
  #overview(): string {
    const [first, ...others] = this.#jobs;
    return first !== undefined && others.length === 0
      ? statusOf(...first, this.#elapsedMs())
      : overviewOf([...this.#jobs.values()], this.#elapsedMs());
  }
}

/** Begins a line with the job's ID and its name, if it is known, unless the text contains the ID. */
function prefix(id: string, text: string, job?: Job): string {
  return text.includes(id) ? '' : `${nameOf(id, job)}: `;
}
