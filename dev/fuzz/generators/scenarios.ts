/*
 * A scenario is everything that chance decides about one run: the step's inputs, its jobs, and what the server and the
 * network do. It is plain data, so that a failing one can be printed and read. Times are in ms since the step began.
 */
import fc from 'fast-check';

import type { Api } from '../../simulator/jobs.ts';
import { durationMs, usually, weighted, type ValueOf } from './common.ts';
import { faultRule, type FaultRule } from './faults.ts';
import { jobScript } from './jobs.ts';

/** Mostly a few jobs, but often enough more than there may be requests at the same time. */
const MAX_JOBS = 20;
const ALL_JOBS = Array.from({ length: MAX_JOBS }, (_, index) => index);
const jobCount = fc.oneof(
  weighted(5, fc.constant(1)),
  weighted(3, fc.integer({ min: 2, max: 4 })),
  weighted(2, fc.integer({ min: 5, max: MAX_JOBS })),
);

const byId = fc.record({
  by: fc.constant('id' as const),
  /** Indexes of jobs, duplicates included. There may be fewer jobs: then it starts again with the first. */
  order: fc.oneof(fc.array(fc.nat(MAX_JOBS - 1), { minLength: 1, maxLength: 16 }), fc.constant(ALL_JOBS)),
  upperCase: fc.boolean(),
  asJson: fc.boolean(),
});

const byName = fc.record({
  by: fc.constant('name' as const),
  withType: fc.boolean(),
  withUser: fc.boolean(),
  lookbackMs: fc.constantFrom(0, 60_000, 3_600_000),
});

/** More polls of one job would show nothing new. */
const MAX_POLLS = 400;

const timeoutMs = fc.oneof(
  weighted(3, fc.integer({ min: 10, max: 20_000 })),
  weighted(6, fc.integer({ min: 1_000, max: 180_000 })),
  weighted(3, fc.integer({ min: 1_000, max: 1_200_000 })),
  weighted(1, fc.integer({ min: 60_000, max: 10_800_000 })),
);

const settings = fc
  .record({
    target: fc.oneof(weighted(4, byId), weighted(1, byName)),
    credentials: fc.constantFrom('bearer', 'basic', 'client', 'client of another host'),
    accept: fc.subarray<string>(['COMPLETED_WITH_ERROR', 'ABORTED', 'SUCCESS', 'aborted']),
    maxFailedCommands: fc.option(fc.constantFrom<number[]>(0, 1, 5, 100), { nil: undefined, freq: 2 }),
    jobApi: fc.constantFrom<('auto' | Api)[]>('auto', 'auto', 'auto', 'jobs-v1', 'core-2.0'),
    timeoutMs,
    minMs: fc.constantFrom(100, 500, 1_000, 1_000, 2_500, 20_000),
    /** How many times as long the maximum interval is. */
    factor: fc.constantFrom(1, 1.5, 10, 60, 600),
    outageMs: fc.oneof(fc.constantFrom(0, 600_000), durationMs(600_000)),
    importResults: fc.boolean(),
    /** Whether every failed command is read, as with `errors-file`. */
    allFailedCommands: usually(false, fc.constant(true)),
    deleteUnfinished: fc.boolean(),
  })
  .map(({ factor, ...rest }) => ({
    ...rest,
    maxMs: Math.max(rest.minMs * factor, Math.ceil(rest.timeoutMs / MAX_POLLS)),
    // Find jobs belongs to the Job API: an input that excludes it is an error.
    jobApi: rest.target.by === 'name' && rest.jobApi === 'core-2.0' ? 'auto' : rest.jobApi,
  }));

const latencyMs = fc.oneof(
  weighted(20, fc.nat(400)),
  weighted(4, fc.nat(9_000)),
  weighted(1, fc.constantFrom(0, 10_000, 29_999, 30_000, 31_000, 45_000)),
);

const server = fc.record({
  pathPrefix: usually('', fc.constant('/dgc'), 3),
  /** The APIs that are served, and the status of the others. */
  serves: usually<Api[]>(['jobs-v1', 'core-2.0'], fc.constantFrom(['jobs-v1'], ['core-2.0'], []), 8),
  missingAs: fc.constantFrom(404, 404, 405, 410, 501),
  /** How long responses take, in turn. */
  latenciesMs: fc.array(latencyMs, { minLength: 1, maxLength: 6 }),
  /** The most jobs on a page of Find jobs, whether it filters by name and type, and whether the newest come first. */
  pageSize: fc.constantFrom(1, 2, 50),
  filters: fc.boolean(),
  newestFirst: usually(true, fc.constant(false), 3),
  /** How far its clock is ahead, as its Date header shows. */
  skewMs: usually(0, fc.constantFrom(-3_600_000, -5_000, 1_500, 90_000), 3),
  coreDates: fc.constantFrom('ms', 's'),
  token: fc.record({
    lifetimeMs: fc.oneof(fc.constant(3_600_000), fc.integer({ min: 1_000, max: 300_000 })),
    /** `expires_in` as JSON, where `$&` stands for the truth. */
    expiresIn: fc.constantFrom('$&', '"$&"', '$&e1', '-1', 'null'),
    /** When all tokens issued so far are revoked. */
    revokedMs: usually<number[]>([], fc.array(durationMs(), { maxLength: 3 }), 3),
  }),
});

/** Any scenario. */
export const scenarios = fc
  .record({
    settings,
    jobs: jobCount.chain((n) => fc.array(jobScript, { minLength: n, maxLength: n })),
    server,
    faults: usually<FaultRule[]>(fc.array(faultRule, { minLength: 1, maxLength: 4 }), fc.constant([]), 3),
    /** For how long after the deadline no request about a job gets a response. */
    finalHangMs: usually(0, fc.constantFrom(5_000, 15_000, 60_000)),
    cancelAtMs: usually<number | undefined>(undefined, durationMs(), 10),
    /** Timers fire up to this much late, as they do on a busy machine. */
    lateMs: usually(0, fc.constantFrom(1, 15)),
    /** Seeds the jitter, and how late each timer is. */
    seed: fc.nat(),
  })
  .map(({ faults: others, finalHangMs, ...scenario }) => {
    const when = { fromMs: scenario.settings.timeoutMs - 1, forMs: finalHangMs };
    const hang: FaultRule = { at: 'job', job: undefined, api: undefined, when, fault: { kind: 'hang' } };
    return { ...scenario, faults: finalHangMs > 0 ? [hang, ...others] : others };
  });
export type Scenario = ValueOf<typeof scenarios>;
