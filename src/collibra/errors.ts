/**
 * How the caller should handle a failed request. `http/classify.ts` alone decides which kind a failure is.
 * - `transient`: retry (503, connection reset, HTML instead of JSON);
 * - `server-error`: retry; a 500, which Collibra also sends for a job that does not exist yet;
 * - `not-implemented`: retry; a 501, which may also mean that this API is not served here;
 * - `not-found`: this API does not know the job, or is not served at this URL;
 * - `bad-request`: a 400, which Import Results also send while the job is not finished;
 * - `unauthorized`: the credentials are rejected, for every job;
 * - `permanent`: any other non-retryable response or connection error.
 */
export type ErrorKind =
  'transient' | 'server-error' | 'not-implemented' | 'not-found' | 'bad-request' | 'unauthorized' | 'permanent';

/** Details of a {@link CollibraError}. */
export interface ErrorDetails {
  /** How long the server asked to wait before the next request (Retry-After), in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
  /** What to do, as whole sentences. */
  readonly advice?: string;
  /** Whether every other request would fail in the same way, because there is no connection or no token. */
  readonly isShared?: boolean;
}

/** A request without a usable response. The message says what happened, then what to do; it may quote the server. */
export class CollibraError extends Error {
  override readonly name = 'CollibraError';
  readonly kind: ErrorKind;
  /** The failure in few words, to be counted: `HTTP 503`, `connection refused`. */
  readonly label: string;
  /** How long the server asked to wait before the next request (Retry-After), in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** Whether every other request would fail in the same way, because there is no connection or no token. */
  readonly isShared: boolean;
  /** The message without its advice. */
  readonly facts: string;
  /** What to do, as whole sentences; '' if there is nothing but a retry. */
  readonly advice: string;

  /** @param facts what happened, as whole sentences */
  constructor(kind: ErrorKind, label: string, facts: string, details: ErrorDetails = {}) {
    super([facts, details.advice].filter(Boolean).join(' '), { cause: details.cause });
    this.kind = kind;
    this.label = label;
    this.facts = facts;
    this.advice = details.advice ?? '';
    this.retryAfterMs = details.retryAfterMs;
    this.isShared = details.isShared ?? false;
  }

  /** Returns the same error for every other request, too. */
  shared(): CollibraError {
    const { kind, label, facts, retryAfterMs, cause, advice } = this;
    return new CollibraError(kind, label, facts, { retryAfterMs, cause, advice, isShared: true });
  }
}

/** Whether an API does not know the job, or is not there at all, so that the other API may know it. */
export function isNotServed({ kind }: CollibraError): boolean {
  return kind === 'not-found' || kind === 'not-implemented';
}

/** Whether a retry may succeed, whatever was requested. */
export function isTransient(kind: ErrorKind): boolean {
  return kind === 'transient' || kind === 'server-error' || kind === 'not-implemented';
}
