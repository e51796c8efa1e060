import type { Observation } from '../../src/polling/backoff.ts';

/** A job in simulated time: it starts when the wait does, and is finished from `durationMs` on. */
export interface SimulatedJob {
  readonly durationMs: number;
  /** What a poll at `ms` sees of the unfinished job. */
  at(ms: number): Pick<Observation, 'running' | 'progress'>;
}

/** How a job reports its progress. */
export interface Model {
  readonly name: string;
  /** Whether the job always fails midway. The goals leave such a model out: no forecast can be right. */
  readonly alwaysFails: boolean;
  job(durationMs: number, random: () => number): SimulatedJob;
}

/** The percentage at a share (0 to 1) of the planned running time. */
type Curve = (share: number) => number | undefined;

/** Draws the curve of one job. */
type Draw = (random: () => number) => Curve;

const between = (random: () => number, low: number, high: number) => low + (high - low) * random();

/** A job that runs from the start. */
function running(name: string, draw: Draw): Model {
  return failing(name, draw, 0);
}

/** A job that fails midway with a probability of `failureRate`, at a point uniform in its planned time. */
function failing(name: string, draw: Draw, failureRate: number): Model {
  return {
    name,
    alwaysFails: failureRate === 1,
    job(durationMs, random) {
      const curve = draw(random);
      const plannedMs = random() < failureRate ? durationMs / random() : durationMs;
      return { durationMs, at: (ms) => ({ running: true, progress: curve(ms / plannedMs) }) };
    },
  };
}

/** A job that waits in the queue for a share of its time between `from` and `to`, and then runs. */
function queued(name: string, curve: Curve, from = 0, to = 1): Model {
  return {
    name,
    alwaysFails: false,
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

const none: Curve = () => undefined;
const linear: Curve = (share) => 100 * share;
const wholePercent: Curve = (share) => Math.floor(100 * share);

/** Linear progress up to `height`, where it stays from a share of the time between `from` and `to` on. */
const sticksAt =
  (height: number, from = 0.1, to = 0.9): Draw =>
  (random) => {
    const until = between(random, from, to);
    return (share) => height * Math.min(1, share / until);
  };

const sorted = (count: number, random: () => number) => Array.from({ length: count }, random).sort((a, b) => a - b);

/** Steps of random height at random times. */
const unevenBatches: Draw = (random) => {
  const [times, heights] = [sorted(6, random), sorted(6, random)];
  return (share) => 100 * (heights[times.filter((time) => time <= share).length - 1] ?? 0);
};

/** Straight lines between random heights at random times, from 0 to 100. */
const randomSpeeds: Draw = (random) => {
  const [times, heights] = [
    [0, ...sorted(5, random), 1],
    [0, ...sorted(5, random), 1],
  ];
  return (share) => {
    const next = Math.max(
      1,
      times.findIndex((time) => time > share),
    );
    const [from = 0, to = 1] = times.slice(next - 1);
    const [low = 0, high = 1] = heights.slice(next - 1);
    return 100 * (low + ((high - low) * (share - from)) / (to - from));
  };
};

const nonsense = [NaN, -5, 250, Infinity, undefined, 40, -Infinity, 1e308];

/** Everything that a job's progress may do. */
export const models: readonly Model[] = [
  running('none', () => none),
  running('linear', () => linear),
  running('linear, whole percent', () => wholePercent),
  running('linear, wait begins midway', (random) => {
    const from = between(random, 0.05, 0.95);
    return (share) => 100 * (from + (1 - from) * share);
  }),
  ...[0.05, 0.2, 0.5, 1].flatMap((rate) => [
    failing(`linear, ${100 * rate}% fail midway`, () => linear, rate),
    failing(`whole percent, ${100 * rate}% fail midway`, () => wholePercent, rate),
    failing(`random speeds, ${100 * rate}% fail midway`, randomSpeeds, rate),
  ]),
  queued('queue, then none', none),
  queued('queue, then linear', linear),
  queued('long queue, then none', none, 0.9, 0.99),
  queued('long queue, then linear', linear, 0.9, 0.99),
  running('jumps in 4 batches', () => (share) => 25 * Math.floor(4 * share)),
  running('jumps in 10 batches', () => (share) => 10 * Math.floor(10 * share)),
  running('jumps in uneven batches', unevenBatches),
  running('speeds up', () => (share) => 100 * share ** 2),
  running('speeds up a lot', () => (share) => 100 * share ** 4),
  running('slows down', () => (share) => 100 * Math.sqrt(share)),
  running('slows down a lot', () => (share) => 100 * (1 - (1 - share) ** 4)),
  running('approaches 100 and never reaches it', () => (share) => 99.9 * (1 - Math.exp(-8 * share))),
  running('rises at random speeds', randomSpeeds),
  running('slow, fast, slow', () => (share) => 50 * (1 - Math.cos(Math.PI * share))),
  running('sticks at 0', () => () => 0),
  running('sticks at 10, early', sticksAt(10, 0.01, 0.1)),
  running('sticks at 50', sticksAt(50)),
  running('sticks at 99', sticksAt(99)),
  running('reads 100 and runs on', sticksAt(100)),
  running('reads 100 all the time', () => () => 100),
  running('starts late', (random) => {
    const from = between(random, 0.1, 0.9);
    return (share) => 100 * Math.max(0, (share - from) / (1 - from));
  }),
  running('goes backwards once', (random) => {
    const back = between(random, 0.2, 0.8);
    return (share) => 100 * (share < back ? share : back / 2 + ((1 - back / 2) * (share - back)) / (1 - back));
  }),
  running('starts over, 3 phases', () => (share) => 100 * ((3 * share) % 1)),
  running('wavers by 10', (random) => (share) => 100 * share + between(random, -10, 10)),
  running('is random', (random) => () => 100 * random()),
  running('is nonsense', (random) => () => nonsense[Math.floor(random() * nonsense.length)]),
];

/** Returns the model of this name. */
export function modelNamed(name: string): Model {
  const found = models.find((model) => model.name === name);
  if (found === undefined) throw new Error(`There is no model named ${name}.`);
  return found;
}
