import fc from 'fast-check';

import { SPOILT_BODIES, type Fault, type Trouble } from '../scenario.ts';
import { span, usually } from './common.ts';

/** By the contract: passing and final ones, and some that it does not name. */
const STATUSES = {
  passing: [408, 425, 429, 500, 502, 503, 503, 504],
  final: [400, 401, 403, 404, 301, 302, 307, 308],
  others: [304, 402, 405, 409, 410, 418, 422, 451, 501, 507, 520, 529],
};

const CONNECTION_CODES = [
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'HPE_INVALID_CONSTANT',
  '',
];

const CERTIFICATE_CODES = [
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_HAS_EXPIRED',
  'ERR_TLS_CERT_ALTNAME_INVALID',
];

type RetryAfter = NonNullable<(Fault & { kind: 'status' })['retryAfter']>;

const seconds = fc.oneof(fc.nat(5), fc.nat(120), fc.nat(10_000), fc.constant(1e12));

const retryAfter: fc.Arbitrary<RetryAfter> = fc.oneof(
  seconds.map((n) => ({ seconds: n })),
  fc.integer({ min: -100, max: 1_000 }).map((n) => ({ dateInSeconds: n })),
  fc.constantFrom('soon', '-5', '1.5', '', '120, 60').map((text) => ({ text })),
);

function status(statuses: readonly number[]): fc.Arbitrary<Fault> {
  return fc
    .record({
      kind: fc.constant('status' as const),
      status: fc.constantFrom(...statuses),
      body: fc.constantFrom('standard', 'text', 'html', 'empty'),
      wait: fc.option(retryAfter, { nil: undefined, freq: 1 }),
    })
    .map(({ wait, ...fault }) => (wait === undefined ? fault : { ...fault, retryAfter: wait }));
}

const fault: fc.Arbitrary<Fault> = fc.oneof(
  { weight: 20, arbitrary: status(STATUSES.passing) },
  { weight: 2, arbitrary: status(STATUSES.final) },
  { weight: 1, arbitrary: status(STATUSES.others) },
  {
    weight: 8,
    arbitrary: fc.constantFrom(...CONNECTION_CODES).map((code): Fault => ({ kind: 'connection', code })),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(...CERTIFICATE_CODES).map((code): Fault => ({ kind: 'certificate', code })),
  },
  { weight: 3, arbitrary: fc.constant({ kind: 'hang' }) },
  { weight: 10, arbitrary: fc.constantFrom(...SPOILT_BODIES).map((body): Fault => ({ kind: 'body', body })) },
);

/** Something that goes wrong. */
export const trouble: fc.Arbitrary<Trouble> = fc.record({
  at: fc.oneof(
    { weight: 6, arbitrary: fc.constant('job' as const) },
    {
      weight: 4,
      arbitrary: fc.constantFrom('find', 'summary', 'errors', 'token', 'delete', 'anywhere'),
    },
  ),
  job: usually<number | undefined>(undefined, fc.nat(3), 3),
  api: usually<Trouble['api']>(undefined, fc.constantFrom('jobs-v1', 'core-2.0')),
  when: fc.oneof(
    fc.record({ fromMs: span(), forMs: span() }),
    fc.record({ nth: fc.nat(12), times: fc.constantFrom(1, 1, 1, 2, 5, 1_000) }),
  ),
  fault,
});
