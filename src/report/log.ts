import * as core from '@actions/core';

import type { Clock } from '../clock.ts';
import type { CollibraError } from '../collibra/errors.ts';
import type { Job } from '../collibra/job.ts';
import type { Settings } from '../inputs.ts';
import { mostSevere, type JobReport } from '../outcome.ts';
import type { Observer, UpcomingPoll } from '../polling/observer.ts';
import { capitalize, count, duration, groupBy } from '../text.ts';
import { stageOf } from '../verdict.ts';
import { plain } from './sanitize.ts';

/** The longest time without a line, in milliseconds. */
const HEARTBEAT_MS = 60_000;

/** What the log knows about one job, or about a search by name. */
class Entry {
  /** State, result and progress in the latest line. */
  shown = '';
  job: Job | undefined;
  isNotFound = false;
  /** The labels of the transient errors since the last successful response. */
  readonly errors = new Set<string>();
  hasWarnedOfState = false;
  nextPollMs: number | undefined;
  remainingMs: number | undefined;
  report: JobReport | undefined;
}

/** Writes the log of the step: a line when something changes, and a heartbeat in between. */
export class Log implements Observer {
  readonly #clock: Clock;
  readonly #startMs: number;
  readonly #entries = new Map<string, Entry>();
  #lastLineMs: number;

  constructor(clock: Clock, startMs: number) {
    this.#clock = clock;
    this.#startMs = startMs;
    this.#lastLineMs = startMs;
  }

  /** Writes one line. Makes text from a server safe. */
  line(text: string): void {
    this.#lastLineMs = this.#clock.now();
    core.info(plain(text));
  }

  /** Says what the step is about to do. */
  start({ url, target, policy, polling, jobApi }: Settings): void {
    const what =
      target.kind === 'ids' ? count(target.ids.length, 'job') : `the newest job named "${target.name}"`;
    const accepted = ['SUCCESS', ...policy.accept].join(', ');
    this.line(
      `Waiting up to ${duration(polling.timeoutMs)} for ${what} at ${url}. Accepted results: ${accepted}. Job API: ${jobApi}.`,
    );
  }

  /** Writes a line if state, result or progress changed, or if errors are over. */
  onPoll(id: string, job: Job, next: UpcomingPoll | undefined): void {
    const entry = this.#entry(id);
    const shown = JSON.stringify([job.state, job.result, job.progressPercentage]);
    const hasChanged = entry.shown !== shown || entry.errors.size > 0;
    Object.assign(entry, { job, shown, remainingMs: next?.remainingMs });
    this.#schedule(entry, next?.delayMs);
    entry.errors.clear();
    this.#lineIf(hasChanged, this.#status(id, entry));
    if (stageOf(job) === 'unknown' && !entry.hasWarnedOfState) {
      entry.hasWarnedOfState = true;
      const waiting = next === undefined ? '' : ' Still waiting.';
      this.line(`Warning: job ${id} is in the unknown state "${job.state}".${waiting}`);
    }
  }

  /** Writes a line for the first error of each kind since the last successful response. */
  onTransientError(subject: string, error: CollibraError, delayMs: number | undefined): void {
    const entry = this.#entry(subject);
    const whose = error.message.includes(subject) ? '' : ` for ${subject}`;
    const next = delayMs === undefined ? '' : ` Retrying in ${duration(delayMs)}.`;
    this.#schedule(entry, delayMs);
    this.#lineIf(!entry.errors.has(error.label), `Transient error${whose}: ${error.message}${next}`);
    entry.errors.add(error.label);
  }

  /** Writes a line the first time. */
  onNotFound(query: string, delayMs: number | undefined): void {
    const entry = this.#entry(query);
    const next = delayMs === undefined ? '' : ` Next check in ${duration(delayMs)}.`;
    this.#schedule(entry, delayMs);
    entry.errors.clear();
    this.#lineIf(
      !entry.isNotFound,
      `${capitalize(query)} not found yet after ${duration(this.#elapsedMs())}.${next}`,
    );
    entry.isNotFound = true;
  }

  /** Writes a line; from now on the job goes by its ID. */
  onFound(query: string, job: Job): void {
    this.#entries.delete(query);
    const created = job.createdOn === undefined ? '' : `, created ${job.createdOn.toISOString()}`;
    this.line(`Found job ${nameOf(job.id, job)}${created}.`);
  }

  /** Writes how the wait for a job ended. */
  onFinished(report: JobReport): void {
    const { id, outcome, reason } = report;
    this.#entry(id).report = report;
    this.line(`${prefix(id, reason)}${outcome} after ${duration(this.#elapsedMs())}. ${reason}`);
  }

  /** Writes why Import Results are missing or incomplete. */
  onImportResultsUnavailable(jobId: string, reason: string): void {
    this.line(`${prefix(jobId, reason)}Import Results are missing or incomplete. ${reason}`);
  }

  /** Writes that Collibra took the request to delete a job. */
  onDeleted(id: string): void {
    this.line(`${id}: requested deletion. A running import might not stop.`);
  }

  /** Writes why a job could not be deleted. */
  onDeleteFailed(id: string, { message }: CollibraError): void {
    this.line(`Warning: could not delete job${message.includes(id) ? '' : ` ${id}`}: ${message}`);
  }

  /** Writes a line whenever a minute has passed without one, until the signal. */
  async heartbeat(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const silentMs = this.#clock.now() - this.#lastLineMs;
      if (silentMs >= HEARTBEAT_MS) this.line(this.#progress());
      else await this.#clock.sleep(HEARTBEAT_MS - silentMs, signal);
    }
  }

  /** Writes a line, or only a debug message. */
  #lineIf(isNews: boolean, text: string): void {
    if (isNews) this.line(text);
    else core.debug(plain(text));
  }

  #entry(key: string): Entry {
    const entry = this.#entries.get(key) ?? new Entry();
    this.#entries.set(key, entry);
    return entry;
  }

  #schedule(entry: Entry, delayMs: number | undefined): void {
    entry.nextPollMs = delayMs === undefined ? undefined : this.#clock.now() + delayMs;
  }

  #elapsedMs(): number {
    return this.#clock.now() - this.#startMs;
  }

  /** Describes a single job in full, and several by numbers. */
  #progress(): string {
    const entries = [...this.#entries];
    const [only] = entries;
    return entries.length === 1 && only !== undefined
      ? this.#status(...only)
      : this.#overview(entries.map(([, entry]) => entry));
  }

  #status(id: string, { job, isNotFound, nextPollMs, remainingMs, errors }: Entry): string {
    const state = job?.state || 'no state';
    const parts = [
      job === undefined ? (isNotFound ? 'not found yet' : 'no status yet') : state,
      job?.result === 'NOT_SET' ? '' : job?.result,
      job?.progressPercentage === undefined ? '' : `${job.progressPercentage}%`,
      ...errors,
      `${duration(this.#elapsedMs())} elapsed`,
      remainingMs === undefined ? '' : `about ${duration(remainingMs)} left`,
      this.#nextCheck(nextPollMs),
    ];
    return `${nameOf(id, job)}: ${parts.filter(Boolean).join(', ')}`;
  }

  #overview(entries: readonly Entry[]): string {
    const outcomes = entries.flatMap(({ report }) => (report === undefined ? [] : [report.outcome]));
    const waiting = entries.filter(({ report }) => report === undefined);
    const states = [...groupBy(waiting, ({ job }) => job?.state || 'without a status')];
    const worst = outcomes.length > 0 ? ` (worst outcome so far: ${mostSevere(outcomes)})` : '';
    const nextPolls = waiting.flatMap(({ nextPollMs }) => nextPollMs ?? []);
    const parts = [
      `${outcomes.length} of ${count(entries.length, 'job')} finished${worst}`,
      states.map(([state, jobs]) => `${jobs.length} ${plain(state, 40)}`).join(', '),
      `${duration(this.#elapsedMs())} elapsed`,
      this.#nextCheck(Math.min(...nextPolls)),
    ];
    return parts.filter(Boolean).join('; ');
  }

  #nextCheck(atMs = Infinity): string {
    const delayMs = atMs - this.#clock.now();
    return delayMs > 0 && Number.isFinite(delayMs) ? `next check in ${duration(delayMs)}` : '';
  }
}

function nameOf(id: string, job: Job | undefined): string {
  return job?.name === undefined ? id : `${id} "${plain(job.name, 100)}"`;
}

/** Begins a line with the job's ID, unless the text contains it. */
function prefix(id: string, text: string): string {
  return text.includes(id) ? '' : `${id}: `;
}
