import { longestMs, shortestMs, spreadDurations } from './simulate.ts';

/** The mean delay and the mean number of requests of a way of looking. */
export interface Schedule {
  readonly delayMs: number;
  readonly requests: number;
}

/**
 * The schedule of looks, one at 0 and the others on a fine grid, with the smallest mean of delay plus
 * `requestMs` for each request, for durations from 2 s to 2 h evenly spread on a log scale; found by
 * dynamic programming from the end. It is allowed every pause, and no jitter.
 */
export function bestSchedule(requestMs: number, steps = 2_000): Schedule {
  // Evenly spaced on a square-root scale, as pauses are; the look at 0 stands for all before the shortest.
  const [low, high] = [Math.sqrt(shortestMs), Math.sqrt(longestMs)];
  const times = Array.from({ length: steps + 1 }, (_, step) => (low + ((high - low) * step) / steps) ** 2);
  const span = Math.log(longestMs / shortestMs);
  const begun = times.map((ms) => Math.log(ms / shortestMs) / span);
  // The mean delay of the jobs that end between looks a and b is (b P(a<T<=b) - E[T; a<T<=b]).
  const delay = (a: number, b: number) =>
    at(times, b) * (at(begun, b) - at(begun, a)) - (at(times, b) - at(times, a)) / span;
  const cost = new Float64Array(steps + 1);
  const next = new Int32Array(steps + 1);
  for (let a = steps - 1; a >= 0; a--) {
    cost[a] = Infinity;
    for (let b = a + 1; b <= steps; b++) {
      const jump = delay(a, b);
      const total = jump + requestMs * (1 - at(begun, a)) + at(cost, b);
      if (total < at(cost, a)) [cost[a], next[a]] = [total, b];
      else if (jump > at(cost, a)) break;
    }
  }
  let [delayMs, requests] = [0, 1];
  for (let a = 0; a < steps; a = at(next, a)) {
    delayMs += delay(a, at(next, a));
    requests += 1 - at(begun, a);
  }
  return { delayMs, requests };
}

/** The best schedule that needs as many requests as given. */
export function bestScheduleFor(requests: number): Schedule {
  let [low, high] = [1, 100_000];
  for (let round = 0; round < 16; round++) {
    const middle = Math.sqrt(low * high);
    if (bestSchedule(middle).requests > requests) low = middle;
    else high = middle;
  }
  return bestSchedule(high);
}

/** One that knows the end, but looks at once and then at least every `maxMs`, as this action does. */
export function oracleWithin(maxMs: number, count: number): Schedule {
  const requests = spreadDurations(count).map((durationMs) => 1 + Math.ceil(durationMs / maxMs));
  return { delayMs: 0, requests: requests.reduce((sum, each) => sum + each, 0) / count };
}

function at(numbers: ArrayLike<number>, index: number): number {
  return numbers[index] ?? NaN;
}
