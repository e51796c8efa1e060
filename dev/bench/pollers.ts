import { observe, nextPoll, startEstimate, type IntervalLimits } from '../../src/polling/backoff.ts';
import type { Poller } from './simulate.ts';

/** The limits that action.yml sets where a workflow does not. */
export const defaultLimits: IntervalLimits = { minMs: 1_000, maxMs: 60_000 };

/** This action: the first look at once, and then at the pace of src/wait/pace.ts. */
export function thisAction(limits = defaultLimits): Poller {
  return {
    name: 'this action',
    begin(random) {
      let track = startEstimate();
      return (sighting) => {
        if (sighting === undefined) return 0;
        track = observe(track, sighting);
        return nextPoll(track, limits, random).delayMs;
      };
    },
  };
}

/** A poller that heeds nothing but how many looks there were: `pauseMs(n)` follows look n, `firstMs` precedes look 1. */
function blind(
  name: string,
  firstMs: number,
  pauseMs: (look: number, random: () => number) => number,
  more: Pick<Poller, 'confirmMs' | 'limitMs'> = {},
): Poller {
  return {
    name,
    ...more,
    begin(random) {
      let look = 0;
      return (sighting) => (sighting === undefined ? firstMs : pauseMs(++look, random));
    },
  };
}

const minuteMs = 60_000;

/** The AWS SDK's waiter: full jitter between the shortest pause and a doubling ceiling. */
const awsWaiter = (minMs: number) => (look: number, random: () => number) =>
  minMs + random() * (Math.min(2 * minuteMs, minMs * 2 ** (look - 1)) - minMs);

const fibonacciToSeven = (look: number) => [2_000, 4_000, 6_000][look - 1] ?? 7_000;

const fixed = (ms: number) => () => ms;

/** What others do, with the constants found in their sources. */
export const peers: readonly Poller[] = [
  blind('actions/deploy-pages', 5_000, fixed(5_000), { limitMs: 10 * minuteMs }),
  blind('aws-actions/aws-codebuild-run-build', 0, fixed(30_000), { confirmMs: 15_000 }),
  blind('amazon-ecs-deploy-task-definition', 0, awsWaiter(15_000), { limitMs: 30 * minuteMs }),
  blind('AWS SDK waiter, default', 0, awsWaiter(2_000)),
  blind('hashicorp/tfci', 0, fibonacciToSeven, { limitMs: 60 * minuteMs }),
  blind('fal-ai/dbt-cloud-action', 30_000, fixed(30_000)),
  blind('lewagon/wait-on-check-action', 0, fixed(10_000)),
  blind('google deploy-cloud-functions', 0, fixed(5_000), { limitMs: 5 * minuteMs }),
  blind('databricks/run-notebook', 0, fixed(5_000)),
  blind('int128/wait-for-workflows-action', 10_000, fixed(15_000)),
  blind('google-gax operations', 0, (look) => Math.min(minuteMs, 100 * 1.3 ** (look - 1))),
  blind('Azure core-lro', 0, fixed(2_000)),
  blind("Collibra's Java sample", 0, fixed(2_000), { limitMs: minuteMs }),
];
