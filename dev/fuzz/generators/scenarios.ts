import fc from 'fast-check';

import type { Scenario, ServerScript, StepSettings } from '../scenario.ts';
import { durationMs, usually, weighted } from './common.ts';
import { faultRule } from './faults.ts';
import { jobScript } from './jobs.ts';

/** Mostly a few jobs, but often enough more than there may be requests at the same time. */
const MAX_JOBS = 12;
const jobCount = fc.oneof(
  weighted(5, fc.constant(1)),
  weighted(3, fc.integer({ min: 2, max: 4 })),
  weighted(1, fc.integer({ min: 5, max: MAX_JOBS })),
);

const byId = fc.record({
  by: fc.constant('id' as const),
  order: fc.array(fc.nat(MAX_JOBS - 1), { minLength: 1, maxLength: 16 }),
  upperCase: fc.boolean(),
  asJson: fc.boolean(),
});

const byName = fc.record({
  by: fc.constant('name' as const),
  withType: fc.boolean(),
  withUser: fc.boolean(),
  lookbackMs: fc.constantFrom(0, 60_000, 3_600_000),
});

/** The minimum interval, and how many times as long the maximum is. */
const intervals = fc.tuple(
  fc.constantFrom(100, 500, 1_000, 1_000, 2_500, 20_000),
  fc.constantFrom(1, 1.5, 10, 60, 600),
);

/** More polls of one job would show nothing new. */
const MAX_POLLS = 400;

const timeoutMs = fc.oneof(
  weighted(3, fc.integer({ min: 10, max: 20_000 })),
  weighted(6, fc.integer({ min: 1_000, max: 180_000 })),
  weighted(3, fc.integer({ min: 1_000, max: 1_200_000 })),
  weighted(1, fc.integer({ min: 60_000, max: 10_800_000 })),
);

const settings: fc.Arbitrary<StepSettings> = fc
  .record({
    target: fc.oneof(weighted<StepSettings['target']>(4, byId), weighted(1, byName)),
    credentials: fc.constantFrom<StepSettings['credentials'][]>(
      ...(['bearer', 'basic', 'client', 'client of another host'] as const),
    ),
    accept: fc.subarray(['COMPLETED_WITH_ERROR', 'ABORTED', 'SUCCESS', 'aborted']),
    maxFailedCommands: fc.option(fc.constantFrom(0, 1, 5, 100), { nil: undefined, freq: 2 }),
    jobApi: fc.constantFrom('auto', 'auto', 'auto', 'jobs-v1', 'core-2.0'),
    timeoutMs,
    intervals,
    outageMs: fc.oneof(fc.constantFrom(0, 600_000), durationMs(600_000)),
    importResults: fc.boolean(),
    allFailedCommands: usually(false, fc.constant(true)),
    deleteUnfinished: fc.boolean(),
  })
  .map(({ intervals: [minMs, factor], ...rest }) => ({
    ...rest,
    minMs,
    maxMs: Math.max(minMs * factor, Math.ceil(rest.timeoutMs / MAX_POLLS)),
    // Find jobs belongs to the Job API: an input that excludes it is refused.
    jobApi: rest.target.by === 'name' && rest.jobApi === 'core-2.0' ? 'auto' : rest.jobApi,
  }));

const latencyMs = fc.oneof(
  weighted(20, fc.nat(400)),
  weighted(4, fc.nat(9_000)),
  weighted(1, fc.constantFrom(0, 10_000, 29_999, 30_000, 31_000, 45_000)),
);

const server: fc.Arbitrary<ServerScript> = fc.record({
  pathPrefix: usually('', fc.constant('/dgc'), 3),
  serves: usually<ServerScript['serves']>(
    ['jobs-v1', 'core-2.0'],
    fc.constantFrom<ServerScript['serves'][]>(['jobs-v1'], ['core-2.0'], ['core-2.0'], []),
    8,
  ),
  missingAs: fc.constantFrom(404, 404, 405, 410, 501),
  latenciesMs: fc.array(latencyMs, { minLength: 1, maxLength: 6 }),
  pageSize: fc.constantFrom(1, 2, 50),
  filters: fc.boolean(),
  skewMs: usually(0, fc.constantFrom(-3_600_000, -5_000, 1_500, 90_000), 3),
  coreDates: fc.constantFrom('ms', 's'),
  token: fc.record({
    lifetimeMs: fc.oneof(fc.constant(3_600_000), fc.integer({ min: 1_000, max: 300_000 })),
    expiresIn: fc.constantFrom('number', 'text', 'ten times as long', 'negative', 'missing'),
    revokedMs: usually<readonly number[]>([], fc.array(durationMs(), { maxLength: 3 }), 3),
  }),
});

/** Any scenario. */
export const scenarios: fc.Arbitrary<Scenario> = fc
  .record({
    settings,
    jobs: jobCount.chain((n) => fc.array(jobScript, { minLength: n, maxLength: n })),
    server,
    faults: fc.oneof(
      weighted(1, fc.constant([])),
      weighted(2, fc.array(faultRule, { minLength: 1, maxLength: 4 })),
    ),
    cancelAtMs: usually<number | undefined>(undefined, durationMs(), 10),
    lateMs: usually(0, fc.constantFrom(1, 15)),
    seed: fc.nat(),
  })
  .map(withExistingJobs);

/** The order names jobs by their index, of which there may be fewer. */
function withExistingJobs(scenario: Scenario): Scenario {
  const { settings: given, jobs } = scenario;
  if (given.target.by === 'name') return scenario;
  const order = given.target.order.map((index) => index % jobs.length);
  return { ...scenario, settings: { ...given, target: { ...given.target, order } } };
}
