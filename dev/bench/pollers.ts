import { nextPoll, observe, startEstimate, type IntervalLimits } from '../../src/polling/backoff.ts';
import type { Poller, Schedule } from './simulate.ts';

/** The defaults of action.yml. */
export const defaultLimits: IntervalLimits = { minMs: 1_000, maxMs: 60_000 };

/** This action: polls immediately, and then at the interval of src/polling/backoff.ts. */
export const thisAction: Poller = { name: 'this action', start: startBackoff };

/** This action for a server that never reports progress. */
export const squareRoot: Poller = {
  name: 'square root of the running time, without progress',
  start(random) {
    const schedule = startBackoff(random);
    return (seen) => schedule(seen && { ...seen, progress: undefined });
  },
};

function startBackoff(random: () => number): Schedule {
  let estimate = startEstimate();
  return (seen) => {
    if (seen === undefined) return 0;
    estimate = observe(estimate, seen);
    return nextPoll(estimate, defaultLimits, random).delayMs;
  };
}

/** A poller that knows only how many polls there were: `delayMs(n)` follows poll n, `firstMs` precedes poll 1. */
function counting(
  name: string,
  firstMs: number,
  delayMs: (poll: number, random: () => number) => number,
  more: Pick<Poller, 'confirmMs' | 'timeoutMs'> = {},
): Poller {
  return {
    name,
    ...more,
    start(random) {
      let poll = 0;
      return (seen) => (seen === undefined ? firstMs : delayMs(++poll, random));
    },
  };
}

const minuteMs = 60_000;

/** The AWS SDK's waiter: full jitter between the shortest delay and a doubling ceiling. */
const awsWaiter = (minMs: number) => (poll: number, random: () => number) =>
  minMs + random() * (Math.min(2 * minuteMs, minMs * 2 ** (poll - 1)) - minMs);

const fibonacciToSeven = (poll: number) => [2_000, 4_000, 6_000][poll - 1] ?? 7_000;

const every = (ms: number) => () => ms;

/** The poller that the goals compare with, and lewagon/wait-on-check-action. */
export const everyTenSeconds = counting('lewagon/wait-on-check-action', 0, every(10_000));

/** Other pollers, with the constants found in their sources. */
export const peers: readonly Poller[] = [
  counting('actions/deploy-pages', 5_000, every(5_000), { timeoutMs: 10 * minuteMs }),
  counting('aws-actions/aws-codebuild-run-build', 0, every(30_000), { confirmMs: 15_000 }),
  counting('amazon-ecs-deploy-task-definition', 0, awsWaiter(15_000), { timeoutMs: 30 * minuteMs }),
  counting('AWS SDK waiter, default', 0, awsWaiter(2_000)),
  counting('hashicorp/tfci', 0, fibonacciToSeven, { timeoutMs: 60 * minuteMs }),
  counting('fal-ai/dbt-cloud-action', 30_000, every(30_000)),
  everyTenSeconds,
  counting('google deploy-cloud-functions', 0, every(5_000), { timeoutMs: 5 * minuteMs }),
  counting('databricks/run-notebook', 0, every(5_000)),
  counting('int128/wait-for-workflows-action', 10_000, every(15_000)),
  counting('google-gax operations', 0, (poll) => Math.min(minuteMs, 100 * 1.3 ** (poll - 1))),
  counting('Azure core-lro', 0, every(2_000)),
  counting("Collibra's Java sample", 0, every(2_000), { timeoutMs: minuteMs }),
];
