import { spreadDurations, waitFor, type Poller } from './simulate.ts';
import type { Model } from './jobs.ts';
import { seeded } from './random.ts';

/** What one server gets to bear. */
export interface Load {
  /** Requests per second, from the first job's start until the last wait is over. */
  readonly mean: number;
  /** The most requests within one second. */
  readonly peak: number;
  /** The same, once a minute has passed since the last start. */
  readonly laterPeak: number;
}

/** The load of waits for `count` jobs, one of each duration, whose waits begin within `withinMs`. */
export function load(model: Model, poller: Poller, count: number, withinMs: number): Load {
  const perSecond = new Map<number, number>();
  const random = seeded(count);
  for (const [index, durationMs] of spreadDurations(count).entries()) {
    const startMs = withinMs * random();
    const wait = waitFor(model.job(durationMs, seeded(index)), poller, seeded(index + 1e6));
    for (const lookMs of wait.looksMs) {
      const second = Math.floor((startMs + lookMs) / 1_000);
      perSecond.set(second, (perSecond.get(second) ?? 0) + 1);
    }
  }
  const seconds = [...perSecond];
  const most = (entries: typeof seconds) =>
    entries.reduce((peak, [, requests]) => Math.max(peak, requests), 0);
  return {
    mean:
      seconds.reduce((sum, [, requests]) => sum + requests, 0) /
      (1 + seconds.reduce((last, [second]) => Math.max(last, second), 0)),
    peak: most(seconds),
    laterPeak: most(seconds.filter(([second]) => second * 1_000 >= withinMs + 60_000)),
  };
}
