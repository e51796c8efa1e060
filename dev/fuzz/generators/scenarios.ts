import fc from 'fast-check';

import type { Life, LifeSettings, ServerLife } from '../scenario.ts';
import { jobLife } from './jobs.ts';
import { span, usually } from './common.ts';
import { trouble } from './faults.ts';

/** Mostly a few jobs, but often enough more than may be asked about at the same time. */
const MOST_JOBS = 12;
const jobCount = fc.oneof(
  { weight: 5, arbitrary: fc.constant(1) },
  { weight: 3, arbitrary: fc.integer({ min: 2, max: 4 }) },
  { weight: 1, arbitrary: fc.integer({ min: 5, max: MOST_JOBS }) },
);

const target: fc.Arbitrary<LifeSettings['target']> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      by: fc.constant('id' as const),
      order: fc.array(fc.nat(MOST_JOBS - 1), { minLength: 1, maxLength: 16 }),
      upperCase: fc.boolean(),
      asJson: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      by: fc.constant('name' as const),
      withType: fc.boolean(),
      withUser: fc.boolean(),
      lookbackMs: fc.constantFrom(0, 60_000, 3_600_000),
    }),
  },
);

/** The shortest interval, and how many times as long the longest one is. */
const intervals = fc.tuple(
  fc.constantFrom(100, 500, 1_000, 1_000, 2_500, 20_000),
  fc.constantFrom(1, 1.5, 10, 60, 600),
);

/** More looks at one job would show nothing new. */
const MOST_LOOKS = 400;

const timeoutMs = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 10, max: 20_000 }) },
  { weight: 6, arbitrary: fc.integer({ min: 1_000, max: 180_000 }) },
  { weight: 3, arbitrary: fc.integer({ min: 1_000, max: 1_200_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 60_000, max: 10_800_000 }) },
);

const settings: fc.Arbitrary<LifeSettings> = fc
  .record({
    target,
    credentials: fc.constantFrom<LifeSettings['credentials'][]>(
      ...(['bearer', 'basic', 'client', 'client of another host'] as const),
    ),
    accept: fc.subarray(['COMPLETED_WITH_ERROR', 'ABORTED', 'SUCCESS', 'aborted']),
    maxFailedCommands: fc.option(fc.constantFrom(0, 1, 5, 100), { nil: undefined, freq: 2 }),
    jobApi: fc.constantFrom('auto', 'auto', 'auto', 'jobs-v1', 'core-2.0'),
    timeoutMs,
    intervals,
    outageMs: fc.oneof(fc.constantFrom(0, 600_000), span(600_000)),
    importResults: fc.boolean(),
    allFailedCommands: usually(false, fc.constant(true)),
    deleteUnfinished: fc.boolean(),
  })
  .map(({ intervals: [minMs, factor], ...rest }) => ({
    ...rest,
    minMs,
    maxMs: Math.max(minMs * factor, Math.ceil(rest.timeoutMs / MOST_LOOKS)),
    // Find jobs belongs to the Job API alone: the other one is refused as an input.
    jobApi: rest.target.by === 'name' && rest.jobApi === 'core-2.0' ? 'auto' : rest.jobApi,
  }));

const latencyMs = fc.oneof(
  { weight: 20, arbitrary: fc.nat(400) },
  { weight: 4, arbitrary: fc.nat(9_000) },
  { weight: 1, arbitrary: fc.constantFrom(0, 10_000, 29_999, 30_000, 31_000, 45_000) },
);

const server: fc.Arbitrary<ServerLife> = fc.record({
  pathPrefix: usually('', fc.constant('/dgc'), 3),
  serves: usually<ServerLife['serves']>(
    ['jobs-v1', 'core-2.0'],
    fc.constantFrom<ServerLife['serves'][]>(['jobs-v1'], ['core-2.0'], ['core-2.0'], []),
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
    told: fc.constantFrom('number', 'text', 'ten times as long', 'nonsense', 'nothing'),
    revokedMs: usually<readonly number[]>([], fc.array(span(), { maxLength: 3 }), 3),
  }),
});

/** Any life. */
export const lives: fc.Arbitrary<Life> = fc
  .record({
    settings,
    jobs: jobCount.chain((n) => fc.array(jobLife, { minLength: n, maxLength: n })),
    server,
    troubles: fc.oneof(
      { weight: 1, arbitrary: fc.constant([]) },
      { weight: 2, arbitrary: fc.array(trouble, { minLength: 1, maxLength: 4 }) },
    ),
    cancelAtMs: usually<number | undefined>(undefined, span(), 10),
    lateMs: usually(0, fc.constantFrom(1, 15)),
    chance: fc.nat(),
  })
  .map(withKnownJobs);

/** The order names jobs by their index, of which there may be fewer. */
function withKnownJobs(life: Life): Life {
  const { settings: told, jobs } = life;
  if (told.target.by === 'name') return life;
  const order = told.target.order.map((index) => index % jobs.length);
  return { ...life, settings: { ...told, target: { ...told.target, order } } };
}
