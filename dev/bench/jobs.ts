import type { Observation } from '../../src/polling/backoff.ts';

/** A job in simulated time: it starts when the wait does, and has ended from `durationMs` on. */
export interface SimulatedJob {
  readonly durationMs: number;
  /** What a look at `ms` shows; only asked while the job has not ended. */
  at(ms: number): Pick<Observation, 'running' | 'progress'>;
}

/** How a job reports its progress. */
export interface Model {
  readonly name: string;
  /**
   * What the progress is worth: nothing is reported, it can be believed, it misleads, or it could be believed
   * but for a job that ends (fails, say) long before.
   */
  readonly kind: 'none' | 'honest' | 'misleading' | 'aborted';
  job(durationMs: number, random: () => number): SimulatedJob;
}

/** The percentage at a share (0 to 1) of the running time. */
type Curve = (share: number) => number | undefined;

/** A model whose job runs from the start; `curve` draws what is particular to one job. */
function running(kind: Model['kind'], name: string, curve: (random: () => number) => Curve): Model {
  return {
    name,
    kind,
    job(durationMs, random) {
      const progress = curve(random);
      return { durationMs, at: (ms) => ({ running: true, progress: progress(ms / durationMs) }) };
    },
  };
}

/** A model whose job first waits in the queue, for a share of the whole time, and then runs. */
function queued(name: string, curve: Curve, from = 0, to = 1): Model {
  return {
    name,
    kind: 'honest',
    job(durationMs, random) {
      const startMs = durationMs * between(random, from, to);
      return {
        durationMs,
        at: (ms) =>
          ms < startMs
            ? { running: false, progress: curve(0) }
            : { running: true, progress: curve((ms - startMs) / (durationMs - startMs)) },
      };
    },
  };
}

const between = (random: () => number, low: number, high: number) => low + (high - low) * random();
const same = (curve: Curve) => () => curve;

/** Progress that rises steadily to `height`, is there after a share of the time between `from` and `to`, and stays. */
const sticksAt =
  (height: number, from = 0.1, to = 0.9) =>
  (random: () => number) => {
    const until = between(random, from, to);
    return (share: number) => height * Math.min(1, share / until);
  };

/** Steps of random height at random times. */
function unevenBatches(random: () => number): Curve {
  const times = Array.from({ length: 6 }, random).sort((a, b) => a - b);
  const heights = Array.from({ length: 6 }, random).sort((a, b) => a - b);
  return (share) => 100 * (heights[times.filter((time) => time <= share).length - 1] ?? 0);
}

/** Straight lines between random heights at random times, from 0 to 100. */
function randomRise(random: () => number): Curve {
  const knots = (count: number) => [0, ...Array.from({ length: count }, random).sort((a, b) => a - b), 1];
  const [times, heights] = [knots(5), knots(5)];
  return (share) => {
    const next = Math.max(
      1,
      times.findIndex((time) => time > share),
    );
    const [from = 0, to = 1, low = 0, high = 1] = [
      times[next - 1],
      times[next],
      heights[next - 1],
      heights[next],
    ];
    return 100 * (low + ((high - low) * (share - from)) / (to - from));
  };
}

const nonsense: readonly (number | undefined)[] = [NaN, -5, 250, Infinity, undefined, 40, -Infinity, 1e308];

/** All that a job's progress may do. */
export const models: readonly Model[] = [
  running(
    'none',
    'none',
    same(() => undefined),
  ),
  running(
    'honest',
    'linear',
    same((share) => 100 * share),
  ),
  running(
    'honest',
    'linear, whole per cent',
    same((share) => Math.floor(100 * share)),
  ),
  running('honest', 'linear, wait begins midway', (random) => {
    const from = between(random, 0.05, 0.95);
    return (share) => 100 * (from + (1 - from) * share);
  }),
  queued('queue, then none', () => undefined),
  queued('queue, then linear', (share) => 100 * share),
  queued('long queue, then none', () => undefined, 0.9, 0.99),
  queued('long queue, then linear', (share) => 100 * share, 0.9, 0.99),
  running(
    'misleading',
    'jumps in 4 batches',
    same((share) => 25 * Math.floor(4 * share)),
  ),
  running(
    'misleading',
    'jumps in 10 batches',
    same((share) => 10 * Math.floor(10 * share)),
  ),
  running('misleading', 'jumps in uneven batches', unevenBatches),
  running(
    'misleading',
    'speeds up',
    same((share) => 100 * share ** 2),
  ),
  running(
    'misleading',
    'speeds up a lot',
    same((share) => 100 * share ** 4),
  ),
  running(
    'misleading',
    'slows down',
    same((share) => 100 * Math.sqrt(share)),
  ),
  running(
    'misleading',
    'slows down a lot',
    same((share) => 100 * (1 - (1 - share) ** 4)),
  ),
  running(
    'misleading',
    'never quite gets there',
    same((share) => 99.9 * (1 - Math.exp(-8 * share))),
  ),
  running('misleading', 'rises at random speeds', randomRise),
  running(
    'misleading',
    'slow, fast, slow',
    same((share) => 50 * (1 - Math.cos(Math.PI * share))),
  ),
  running(
    'misleading',
    'sticks at 0',
    same(() => 0),
  ),
  running('misleading', 'sticks at 10, early', sticksAt(10, 0.01, 0.1)),
  running('misleading', 'sticks at 50', sticksAt(50)),
  running('misleading', 'sticks at 99', sticksAt(99)),
  running('misleading', 'reads 100 and runs on', sticksAt(100)),
  running(
    'misleading',
    'reads 100 all the time',
    same(() => 100),
  ),
  running('misleading', 'starts late', (random) => {
    const from = between(random, 0.1, 0.9);
    return (share) => 100 * Math.max(0, (share - from) / (1 - from));
  }),
  running('misleading', 'goes backwards once', (random) => {
    const back = between(random, 0.2, 0.8);
    return (share) =>
      100 * (share < back ? share : back / 2 + ((1 - back / 2) * (share - back)) / (1 - back));
  }),
  running(
    'misleading',
    'starts over, 3 phases',
    same((share) => 100 * ((3 * share) % 1)),
  ),
  running('misleading', 'wavers by 10', (random) => (share) => 100 * share + between(random, -10, 10)),
  running('misleading', 'is random', (random) => () => 100 * random()),
  running('misleading', 'is nonsense', (random) => () => nonsense[Math.floor(random() * nonsense.length)]),
  running('aborted', 'steady, but ends early', (random) => {
    const height = between(random, 5, 95);
    return (share) => height * share;
  }),
];

/** The model of this name. */
export function modelNamed(name: string): Model {
  const found = models.find((model) => model.name === name);
  if (found === undefined) throw new Error(`There is no model named ${name}.`);
  return found;
}
