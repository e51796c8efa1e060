import * as core from '@actions/core';

import type { Clock } from '../clock.ts';
import type { CollibraError } from '../collibra/errors.ts';
import type { Job } from '../collibra/job.ts';
import { mostSevere, type JobReport } from '../outcome.ts';
import { count, duration } from '../text.ts';
import { stageOf } from '../verdict.ts';
import type { NextPoll } from '../polling/backoff.ts';
import { plain } from './sanitize.ts';

/** Something is said at least this often, in milliseconds. */
const HEARTBEAT_MS = 60_000;

/** What the log knows of one job. */
interface Entry {
  /** State, result and progress of the line written last. */
  shown: string;
  job?: Job;
  /** The kinds of trouble told since the last good answer. */
  readonly troubles: Set<string>;
  warnedOfState: boolean;
  nextLookMs: number;
  restMs: number | undefined;
  report?: JobReport;
}

/** The log of the step: a line when something changes, and a heartbeat in between. */
export class Log {
  readonly #clock: Clock;
  readonly #startMs: number;
  readonly #entries = new Map<string, Entry>();
  #lastLineMs: number;

  constructor(clock: Clock, startMs: number) {
    this.#clock = clock;
    this.#startMs = startMs;
    this.#lastLineMs = startMs;
  }

  /** Writes one line. Text that comes from a server is made harmless. */
  line(text: string): void {
    this.#lastLineMs = this.#clock.now();
    core.info(plain(text));
  }

  /**
   * A line where state, result or progress changed, or trouble is over.
   * @param pace when the next look is; undefined after the last
   */
  onPoll(id: string, job: Job, pace: NextPoll | undefined): void {
    const entry = this.#entry(id);
    const shown = JSON.stringify([job.state, job.result, job.progressPercentage]);
    const changed = entry.shown !== shown || entry.troubles.size > 0;
    const nextLookMs = this.#clock.now() + (pace?.delayMs ?? 0);
    Object.assign(entry, { job, shown, nextLookMs, restMs: pace?.remainingMs });
    entry.troubles.clear();
    if (changed) this.line(this.#status(id, entry));
    else core.debug(plain(this.#status(id, entry)));
    if (stageOf(job) === 'unknown' && !entry.warnedOfState) {
      entry.warnedOfState = true;
      this.line(
        `Warning: ${id} is in the state "${job.state}", which this action does not know; it goes on waiting`,
      );
    }
  }

  /**
   * A line for each kind of trouble, until the next good answer.
   * @param what a job's id, or what else is looked for
   */
  onTransientError(what: string, error: CollibraError, pauseMs: number): void {
    const entry = this.#entry(what);
    const again = pauseMs > 0 ? `; next look in ${duration(pauseMs)}` : '';
    const text = `${what}: ${error.message}${again}`;
    entry.nextLookMs = this.#clock.now() + pauseMs;
    if (entry.troubles.has(error.label)) core.debug(plain(text));
    else this.line(`Passing trouble, ${text}`);
    entry.troubles.add(error.label);
  }

  /**
   * A line at first.
   * @param wanted what is looked for
   */
  onNotFound(wanted: string, pauseMs: number): void {
    const entry = this.#entry(wanted);
    const text = `No ${wanted} yet, ${this.#soFar()}, next look in ${duration(pauseMs)}`;
    entry.nextLookMs = this.#clock.now() + pauseMs;
    entry.troubles.clear();
    if (entry.shown === '') this.line(text);
    else core.debug(plain(text));
    entry.shown = 'absent';
  }

  /** How the wait for a job ended. */
  onFinished(report: JobReport): void {
    this.#entry(report.id).report = report;
    this.line(`${report.id}: ${report.outcome}. ${report.reason}. ${this.#soFar()}`);
  }

  /** Forgets what was looked for by name once it is found and followed by its id. */
  onFound(wanted: string, job: Job): void {
    this.#entries.delete(wanted);
    this.line(`Found the ${wanted}: ${job.id}, created ${job.createdOn?.toISOString() ?? ''}`);
  }

  /** Writes a line whenever a minute passed without one, until the signal. */
  async heartbeat(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const silentMs = this.#clock.now() - this.#lastLineMs;
      if (silentMs >= HEARTBEAT_MS) this.line(this.#pulse());
      else await this.#clock.sleep(HEARTBEAT_MS - silentMs, signal);
    }
  }

  #entry(key: string): Entry {
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = { shown: '', troubles: new Set(), warnedOfState: false, nextLookMs: 0, restMs: undefined };
      this.#entries.set(key, entry);
    }
    return entry;
  }

  #soFar(): string {
    return `${duration(this.#clock.now() - this.#startMs)} so far`;
  }

  /** A single job is told in full; several are summed up. */
  #pulse(): string {
    const entries = [...this.#entries];
    const [only] = entries;
    return entries.length === 1 && only !== undefined
      ? this.#status(...only)
      : this.#sum(entries.map(([, entry]) => entry));
  }

  #status(id: string, { job, nextLookMs, restMs, troubles }: Entry): string {
    const inMs = nextLookMs - this.#clock.now();
    const parts = [
      job === undefined ? 'not seen yet' : job.state || 'no state',
      job?.result && job.result !== 'NOT_SET' ? job.result : undefined,
      job?.progressPercentage === undefined ? undefined : `${job.progressPercentage} %`,
      troubles.size > 0 ? [...troubles].join(', ') : undefined,
      this.#soFar(),
      restMs === undefined ? undefined : `about ${duration(restMs)} left`,
      inMs > 0 ? `next look in ${duration(inMs)}` : undefined,
    ];
    const name = job?.name === undefined ? '' : ` "${plain(job.name, 100)}"`;
    return `${id}${name}: ${parts.filter((part) => part !== undefined).join(', ')}`;
  }

  #sum(entries: readonly Entry[]): string {
    const ended = entries.flatMap(({ report }) => (report === undefined ? [] : [report.outcome]));
    const waiting = entries.filter(({ report }) => report === undefined);
    const states = Map.groupBy(waiting, ({ job }) => job?.state || 'not seen yet');
    const parts = [...states].map(([state, jobs]) => `${jobs.length} ${plain(state, 40)}`).join(', ');
    const worst = ended.length > 0 ? ` (gravest: ${mostSevere(ended)})` : '';
    const nextMs = Math.min(...waiting.map(({ nextLookMs }) => nextLookMs)) - this.#clock.now();
    const next = nextMs > 0 && Number.isFinite(nextMs) ? `next look in ${duration(nextMs)}` : '';
    const sum = `${ended.length} of ${count(entries.length, 'job')} ended${worst}`;
    return [sum, parts, this.#soFar(), next].filter(Boolean).join('; ');
  }
}
