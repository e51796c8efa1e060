import fc from 'fast-check';

import type { Fault as SimulatorFault } from '../../simulator/faults.ts';
import type { Api } from '../../simulator/jobs.ts';
import { durationMs, usually, weighted, type ValueOf } from './common.ts';

/** How a request goes wrong: as in the simulator, in the network, or with a body that it has no fault for. */
export type Fault = Readonly<
  | ServerFault<'status' | 'redirect' | 'hang' | 'html-200' | 'truncated-json' | 'other-job'>
  | { kind: 'connection' | 'permanent connection'; code: string }
  | { kind: 'raw'; status: 200 | 204; body: string }
  /** A response with these JSON fields in place of its own. */
  | { kind: 'fields'; fields: Readonly<Record<string, unknown>> }
>;
type ServerFault<K> = Extract<SimulatorFault, { kind: K }>;

/** Statuses by the contract, and some that it does not name. */
const STATUSES = {
  transient: [408, 425, 429, 500, 502, 503, 503, 504],
  others: [400, 401, 403, 404, 400, 401, 403, 404, 304, 402, 405, 409, 410, 418, 422, 451, 501, 507, 520, 529],
};

const CONNECTION = [
  ...['ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT'],
  ...['EHOSTUNREACH', 'ENETUNREACH', ''],
];
/** Connections that no retry and no other API can help. */
const PERMANENT = [
  ...['DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  ...['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'CERT_HAS_EXPIRED', 'ERR_TLS_CERT_ALTNAME_INVALID'],
  'HPE_INVALID_CONSTANT',
];

const seconds = fc.oneof(fc.nat(5), fc.nat(120), fc.nat(10_000), fc.constant(1e12));
const retryAfter: fc.Arbitrary<Pick<ServerFault<'status'>, 'retryAfter' | 'headers'>> = fc.oneof(
  seconds.map((n) => ({ retryAfter: { seconds: n, as: 'seconds' as const } })),
  fc.integer({ min: -100, max: 1_000 }).map((n) => ({ retryAfter: { seconds: n, as: 'date' as const } })),
  fc.constantFrom('soon', '-5', '', '120, 60').map((text) => ({ headers: { 'retry-after': text } })),
);

function status(statuses: readonly number[]): fc.Arbitrary<Fault> {
  const body = fc.constantFrom('standard' as const, 'text' as const, 'html' as const);
  const waits = fc.option(retryAfter, { nil: {}, freq: 1 });
  return fc
    .tuple(fc.constantFrom(...statuses), body, waits)
    .map(([status, body, wait]) => ({ kind: 'status', status, body, ...wait }));
}

/** Fields of each response, with values of a type that they can't have. */
const WRONG = { state: 7, results: 7, importJobState: 7, errorsCount: 'x', total: 'x', access_token: 7 };

const unusableBody = fc.constantFrom<Fault[]>(
  { kind: 'html-200' },
  { kind: 'truncated-json' },
  ...['[]', 'null', ''].map((body) => ({ kind: 'raw', status: 200, body }) as const),
  { kind: 'raw', status: 204, body: '' },
  { kind: 'fields', fields: WRONG },
);

const location = 'https://elsewhere.example/login';
const redirect = fc.constantFrom(301, 302, 307, 308).map((status): Fault => ({ kind: 'redirect', location, status }));

const broken = (kind: 'connection' | 'permanent connection', codes: readonly string[]): fc.Arbitrary<Fault> =>
  fc.constantFrom(...codes).map((code) => ({ kind, code }));

const fault: fc.Arbitrary<Fault> = fc.oneof(
  weighted(20, status(STATUSES.transient)),
  weighted(1, redirect),
  weighted(2, status(STATUSES.others)),
  weighted(8, broken('connection', CONNECTION)),
  weighted(1, broken('permanent connection', PERMANENT)),
  weighted(3, fc.constant<Fault>({ kind: 'hang' })),
  weighted(8, unusableBody),
);
const wrongId = fc.constantFrom<Fault[]>({ kind: 'other-job' }, { kind: 'fields', fields: { id: null } });

const JOB = 'job' as const;
const where = fc.constantFrom(JOB, JOB, JOB, JOB, 'find', 'summary', 'errors', 'token', 'delete', 'anywhere');

/** A fault anywhere, or one that only the response about a job can have; and when it happens. */
export const faultRule = fc
  .tuple(
    fc.record({
      /** Index of the job; undefined: all. */
      job: usually<number | undefined>(undefined, fc.nat(3), 3),
      api: usually<Api | undefined>(undefined, fc.constantFrom('jobs-v1', 'core-2.0')),
      /** A span of time, or some of the requests that match, counted from 0. */
      when: fc.oneof(
        fc.record({ fromMs: durationMs(), forMs: durationMs() }),
        fc.record({ nth: fc.nat(12), times: fc.constantFrom(1, 1, 1, 2, 5, 1_000) }),
      ),
    }),
    usually(fc.record({ at: where, fault }), fc.record({ at: fc.constant(JOB), fault: wrongId }), 20),
  )
  .map(([rule, hit]) => ({ ...rule, ...hit }));
export type FaultRule = ValueOf<typeof faultRule>;
