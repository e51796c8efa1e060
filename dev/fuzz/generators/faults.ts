import fc from 'fast-check';

import type { Fault as ServerFault } from '../../simulator/faults.ts';
import type { Api } from '../../simulator/jobs.ts';
import { durationMs, usually, weighted, type ValueOf } from './common.ts';

/** How a request goes wrong: as in the simulator, in the network, or with a body that it has no fault for. */
export type Fault =
  | Extract<
      ServerFault,
      { kind: 'status' | 'redirect' | 'hang' | 'html-200' | 'truncated-json' | 'other-job' }
    >
  | { readonly kind: 'connection' | 'certificate'; readonly code: string }
  | { readonly kind: 'raw'; readonly status: 200 | 204; readonly body: string }
  /** A response with these JSON fields in place of its own; `wrong` names them for people. */
  | { readonly kind: 'fields'; readonly wrong: string; readonly fields: Readonly<Record<string, unknown>> };

/** Statuses by the contract, and some that it does not name. */
const STATUSES = {
  transient: [408, 425, 429, 500, 502, 503, 503, 504],
  permanent: [400, 401, 403, 404],
  others: [304, 402, 405, 409, 410, 418, 422, 451, 501, 507, 520, 529],
};

const CONNECTION_CODES = [
  ...['ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT'],
  ...['EHOSTUNREACH', 'ENETUNREACH', 'HPE_INVALID_CONSTANT', ''],
];

const CERTIFICATE_CODES = [
  ...['DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  ...['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'CERT_HAS_EXPIRED', 'ERR_TLS_CERT_ALTNAME_INVALID'],
];

type StatusFault = Extract<Fault, { kind: 'status' }>;

const seconds = fc.oneof(fc.nat(5), fc.nat(120), fc.nat(10_000), fc.constant(1e12));

const retryAfter: fc.Arbitrary<Pick<StatusFault, 'retryAfter' | 'headers'>> = fc.oneof(
  seconds.map((n) => ({ retryAfter: { seconds: n, as: 'seconds' as const } })),
  fc.integer({ min: -100, max: 1_000 }).map((n) => ({ retryAfter: { seconds: n, as: 'date' as const } })),
  fc.constantFrom('soon', '-5', '', '120, 60').map((text) => ({ headers: { 'retry-after': text } })),
);

function status(statuses: readonly number[]): fc.Arbitrary<Fault> {
  return fc
    .record({
      status: fc.constantFrom(...statuses),
      body: fc.constantFrom('standard' as const, 'text' as const, 'html' as const),
      wait: fc.option(retryAfter, { nil: {}, freq: 1 }),
    })
    .map(({ wait, ...fault }) => ({ kind: 'status', ...fault, ...wait }));
}

const redirect: fc.Arbitrary<Fault> = fc.record({
  kind: fc.constant('redirect'),
  location: fc.constant('https://elsewhere.example/login'),
  status: fc.constantFrom(301, 302, 307, 308),
});

function broken(kind: 'connection' | 'certificate', codes: readonly string[]): fc.Arbitrary<Fault> {
  return fc.constantFrom(...codes).map((code) => ({ kind, code }));
}

/** Fields of each response, with values of a type that they can't have. */
const WRONG_TYPES = {
  state: 7,
  results: 7,
  importJobState: 7,
  errorsCount: 'x',
  total: 'x',
  access_token: 7,
};

const unusableBody = fc.constantFrom<Fault[]>(
  { kind: 'html-200' },
  { kind: 'truncated-json' },
  { kind: 'raw', status: 200, body: '[]' },
  { kind: 'raw', status: 200, body: 'null' },
  { kind: 'raw', status: 200, body: '' },
  { kind: 'raw', status: 204, body: '' },
  { kind: 'fields', wrong: 'types', fields: WRONG_TYPES },
);

const anotherJob = fc.constantFrom<Fault[]>(
  { kind: 'other-job' },
  { kind: 'fields', wrong: 'no ID', fields: { id: null } },
);

const fault: fc.Arbitrary<Fault> = fc.oneof(
  weighted(20, status(STATUSES.transient)),
  weighted(1, status(STATUSES.permanent)),
  weighted(1, redirect),
  weighted(1, status(STATUSES.others)),
  weighted(8, broken('connection', CONNECTION_CODES)),
  weighted(1, broken('certificate', CERTIFICATE_CODES)),
  weighted(3, fc.constant<Fault>({ kind: 'hang' })),
  weighted(8, unusableBody),
);

const where = fc.oneof(
  weighted(6, fc.constant('job' as const)),
  weighted(4, fc.constantFrom('find', 'summary', 'errors', 'token', 'delete', 'anywhere')),
);

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
    fc.oneof(
      weighted(20, fc.record({ at: where, fault })),
      weighted(1, fc.record({ at: fc.constant('job' as const), fault: anotherJob })),
    ),
  )
  .map(([rule, hit]) => ({ ...rule, ...hit }));
export type FaultRule = ValueOf<typeof faultRule>;
