import type { IncomingHttpHeaders } from 'node:http';

import { duration } from '../../text.ts';
import { CollibraError, isTransient, type ErrorDetails, type ErrorKind } from '../errors.ts';
import { ProxyError } from './proxy-agent.ts';
import { QUOTE_LENGTH, serverWords, type RedactAndTruncate } from './server-words.ts';
import type { HttpResponse } from './transport.ts';

/** What a status means. One that is not listed is `transient` from 500 on, otherwise `permanent`. */
const KIND_OF_STATUS: Readonly<Record<number, ErrorKind>> = {
  400: 'bad-request',
  401: 'unauthorized',
  404: 'not-found',
  405: 'not-found',
  408: 'transient',
  410: 'not-found',
  425: 'transient',
  429: 'transient',
  500: 'server-error',
  501: 'not-implemented',
};

const NOT_TRUSTED =
  'If a private certificate authority issued it, set NODE_EXTRA_CA_CERTS to the path of its certificate.';

/**
 * What the error codes of Node.js and OpenSSL mean, or the reason that {@link OPENSSL_REASON} finds where the code says
 * only EPROTO. One that is not listed is a `transient` failed connection.
 */
const CONNECTION_ERRORS: readonly {
  readonly codes: RegExp;
  readonly kind: ErrorKind;
  readonly label: string;
  /** What to do; empty if a retry is all that helps. */
  readonly advice: string;
}[] = [
  {
    codes: /^CERT_HAS_EXPIRED$/,
    kind: 'permanent',
    label: 'expired certificate',
    advice: "Renew the certificate, or check the runner's clock.",
  },
  {
    codes: /^CERT_NOT_YET_VALID$/,
    kind: 'permanent',
    label: 'certificate that is not valid yet',
    advice: "Check the runner's clock, or replace the certificate.",
  },
  {
    codes: /^(ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH)$/,
    kind: 'permanent',
    label: 'certificate for another host name',
    advice: 'Use the host name that the certificate was issued for.',
  },
  {
    codes:
      /^(CERT_|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_|ERR_TLS_CERT_|INVALID_CA|INVALID_PURPOSE|CRL_)/,
    kind: 'permanent',
    label: 'untrusted certificate',
    advice: NOT_TRUSTED,
  },
  {
    codes: /^(wrong version number|packet length too long)$/,
    kind: 'permanent',
    label: 'no TLS on this port',
    advice: 'The server does not use https on this port. Check the port in the URL.',
  },
  {
    codes: /handshake.failure/i,
    kind: 'permanent',
    label: 'TLS handshake rejected',
    advice:
      'The server supports no TLS version or cipher of Node.js, or asks for a client certificate, which this action does not support. Change the TLS settings of the server, or use another address.',
  },
  {
    codes: /(protocol.version|unsupported.protocol|no.protocols.available|no.shared.cipher)/i,
    kind: 'permanent',
    label: 'no common TLS version',
    advice: 'The server and Node.js support no common TLS version or cipher. Update the TLS settings of the server.',
  },
  {
    codes: /(certificate.required|bad.certificate)/i,
    kind: 'permanent',
    label: 'client certificate required',
    advice: 'The server asks for a client certificate, which this action does not support. Use an address without it.',
  },
  {
    codes: /HPE_HEADER_OVERFLOW/,
    kind: 'permanent',
    label: 'response headers that are too large',
    advice: 'A gateway probably sends too many cookies or headers. Reduce them, or use another address.',
  },
  {
    codes: /HPE_/,
    kind: 'permanent',
    label: 'a response that is not HTTP',
    advice: 'Check the host and the port in the URL.',
  },
  {
    codes: /^(Z_|ERR_BUFFER_TOO_LARGE|ERR_BROTLI|ERR_CONTENT_ENCODING)/,
    kind: 'transient',
    label: 'unreadable encoding',
    advice: '',
  },
  { codes: /^ECONNREFUSED$/, kind: 'transient', label: 'connection refused', advice: '' },
  { codes: /^(ECONNRESET|EPIPE)$/, kind: 'transient', label: 'connection reset', advice: '' },
  { codes: /^ECONNABORTED$/, kind: 'transient', label: 'connection aborted', advice: '' },
  { codes: /^ENOTFOUND$/, kind: 'transient', label: 'host name not found', advice: '' },
  { codes: /^EAI_AGAIN$/, kind: 'transient', label: 'host name lookup failed', advice: '' },
  { codes: /^ETIMEDOUT$/, kind: 'transient', label: 'connection timed out', advice: '' },
  { codes: /^EHOSTUNREACH$/, kind: 'transient', label: 'host unreachable', advice: '' },
  { codes: /^ENETUNREACH$/, kind: 'transient', label: 'network unreachable', advice: '' },
];

const CONNECTION_FAILED = { kind: 'transient', label: 'connection failed', advice: '' } as const;

/** `write EPROTO 40…:error:0A00010B:SSL routines:tls_validate_record_header:wrong version number:../deps/…:77:` */
const OPENSSL_REASON = /:SSL routines:[^:]*:([^:]+):/;

/** Whether a response has a 2xx status. */
export function isSuccessful({ status }: HttpResponse): boolean {
  return status >= 200 && status <= 299;
}

/** Whether a response rejects the credentials, or what they may do. */
export function isRejection({ status }: HttpResponse): boolean {
  return status === 401 || status === 403;
}

/** Whether a response rejects the credentials. */
export function isUnauthorized({ status }: HttpResponse): boolean {
  return kindOfStatus(status) === 'unauthorized';
}

/** Whether a server rejects a request because there were too many: 429, or 503 with Retry-After. */
export function isRateLimited({ status, headers }: HttpResponse): boolean {
  return status === 429 || (status === 503 && headers['retry-after'] !== undefined);
}

function kindOfStatus(status: number): ErrorKind {
  return KIND_OF_STATUS[status] ?? (status >= 500 ? 'transient' : 'permanent');
}

/**
 * Classifies a response other than 2xx.
 * @param where the requested address, for the message
 * @param nowMs wall-clock time in milliseconds since 1970, for a Retry-After that is a date
 * @param advice what to do, if the caller knows better than the status
 */
export function errorFromResponse(
  response: HttpResponse,
  where: string,
  nowMs: number,
  redactAndTruncate: RedactAndTruncate,
  advice = adviceFor(response, redactAndTruncate),
): CollibraError {
  const { status, headers } = response;
  const label = `HTTP ${status}`;
  const kind = kindOfStatus(status);
  const facts = [`${label} from ${where}.`, serverWords(response, redactAndTruncate)].filter(Boolean).join(' ');
  const retryAfterMs = isTransient(kind) ? retryAfter(headers, nowMs) : undefined;
  return new CollibraError(kind, label, facts, { retryAfterMs, advice });
}

/** The error of a request that got no response within `ms` milliseconds. */
export function noResponse(where: string, ms: number, details?: ErrorDetails): CollibraError {
  const facts = `No response from ${where} within ${duration(ms)}.`;
  return new CollibraError('transient', 'no response in time', facts, details);
}

/** Classifies a connection that broke, or that could not be established. */
export function errorFromConnection(cause: unknown, where: string): CollibraError {
  if (cause instanceof ProxyError) return errorFromProxy(cause, where);
  const { code = '', message } = cause as NodeJS.ErrnoException;
  const reason = OPENSSL_REASON.exec(message)?.[1];
  const { kind, label, advice } =
    CONNECTION_ERRORS.find(({ codes }) => codes.test(reason ?? code)) ?? CONNECTION_FAILED;
  const details = [code, reason ?? message].filter(Boolean).join(': ');
  return new CollibraError(kind, label, `Could not connect to ${where}: ${label} (${details}).`, {
    cause,
    advice,
    isShared: kind === 'permanent',
  });
}

/** Classifies a failure of the proxy; its status says nothing about a job. */
function errorFromProxy(error: ProxyError, where: string): CollibraError {
  const { status, proxy, cause } = error;
  if (status === undefined) return errorFromConnection(cause, `the proxy ${proxy}`);
  const label = `HTTP ${status} from the proxy`;
  const kind = isTransient(kindOfStatus(status)) ? 'transient' : 'permanent';
  return new CollibraError(kind, label, proxyMessage(status, kind, where), { cause: error, isShared: true });
}

function proxyMessage(status: number, kind: ErrorKind, where: string): string {
  if (status === 407 || status === 401)
    return `The proxy rejected its credentials (HTTP ${status}) for ${where}. Check the user name and password in the proxy variable.`;
  const rejected = `The proxy refused the connection (HTTP ${status}) to ${where}.`;
  return kind === 'transient'
    ? rejected
    : `${rejected} Allow the runner to connect to this host, or add the host to no_proxy.`;
}

/** The three forms of an HTTP date, of which one says nothing of GMT (RFC 9110, 5.6.7). */
const HTTP_DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? .*\d\d:\d\d:\d\d( GMT| \d{4})$/;

/**
 * Retry-After in milliseconds, from seconds or from a date (RFC 9110, 10.2.3).
 * @param nowMs wall-clock time in milliseconds since 1970
 * @returns undefined if there is none, or none that can be read
 */
export function retryAfter(headers: IncomingHttpHeaders, nowMs: number): number | undefined {
  const value = headers['retry-after']?.trim() ?? '';
  if (/^\d+(\.\d+)?$/.test(value)) return Math.ceil(Number(value)) * 1000;
  const until = HTTP_DATE.test(value) ? Date.parse(value.replace(/( GMT)?$/, ' GMT')) : NaN;
  // A date is the server's, whose clock may differ from this machine's: its own Date header has its time.
  const now = Date.parse(headers.date ?? '') || nowMs;
  return Number.isNaN(until) ? undefined : Math.max(0, until - now);
}

function adviceFor({ status, headers }: HttpResponse, redactAndTruncate: RedactAndTruncate): string {
  if (status >= 300 && status <= 399) {
    const { location } = headers;
    const target = location === undefined ? '' : ` to ${redactAndTruncate(location, QUOTE_LENGTH)}`;
    return `The server redirected the request${target}. Redirects are not followed, to protect credentials. Set url to Collibra's own address.`;
  }
  if (status === 403)
    return 'Access denied. Unless the server gives another reason, give the user permission to view the job, or use the user that submitted it.';
  const kind = kindOfStatus(status);
  if (kind === 'not-found') return 'Check url and the job ID.';
  if (kind === 'bad-request' || kind === 'permanent')
    return 'Check that url is the address of Collibra and that no gateway changes the request.';
  return '';
}
