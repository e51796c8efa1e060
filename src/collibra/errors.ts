/**
 * What a failed request means for the one who waits:
 * - `transient`: trouble that may pass; ask again (a gateway's 503, a reset connection, HTML in place of JSON);
 * - `not-found`: this API does not know the job, or is not served at this URL;
 * - `unauthorized`: the credentials are refused, for every job;
 * - `permanent`: any other final answer.
 */
export type ErrorKind = 'transient' | 'not-found' | 'unauthorized' | 'permanent';

/** A request that brought no usable answer. The message may quote the server: sanitise it before printing. */
export class CollibraError extends Error {
  override readonly name = 'CollibraError';
  readonly kind: ErrorKind;
  /** What was seen, in few words, to be counted: `HTTP 503`, `connection refused`. */
  readonly label: string;
  /** The HTTP status, where there was an answer. */
  readonly status: number | undefined;
  /** How long the server asked to be left alone, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(
    kind: ErrorKind,
    seen: string,
    message: string,
    more: { status?: number; retryAfterMs?: number | undefined; cause?: unknown } = {},
  ) {
    super(message, { cause: more.cause });
    this.kind = kind;
    this.label = seen;
    this.status = more.status;
    this.retryAfterMs = more.retryAfterMs;
  }
}

/** Whether an API does not know the job, or is not there at all: then the other one may know it. */
export function isNotServed({ kind, status }: CollibraError): boolean {
  return kind === 'not-found' || status === 501;
}
