import type { IncomingHttpHeaders } from 'node:http';

import { CollibraError, isTransient, type ErrorKind } from '../errors.ts';
import { lenient, object, parse, parseJson, string } from '../schema.ts';
import { ProxyError } from './proxy-agent.ts';
import type { HttpResponse } from './transport.ts';

/** Redacts the secrets that a server may echo in a text, then truncates it: the other order could leave half a secret. */
export type RedactAndTruncate = (text: string, limit: number) => string;

/** How much of a server's own words is quoted, in characters. */
const QUOTE_LENGTH = 500;

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
    kind: 'transient',
    label: 'no TLS on this port',
    advice: 'The server does not use https on this port. Check the port in the URL.',
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

/** Whether a response rejects the credentials. */
export function isUnauthorized({ status }: HttpResponse): boolean {
  return kindOfStatus(status) === 'unauthorized';
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
  });
}

/** Classifies a failure of the proxy; its status says nothing about a job. */
function errorFromProxy(error: ProxyError, where: string): CollibraError {
  const { status, proxy, cause } = error;
  if (status === undefined) return errorFromConnection(cause, `the proxy ${proxy}`);
  const label = `HTTP ${status} from the proxy`;
  const kind = isTransient(kindOfStatus(status)) ? 'transient' : 'permanent';
  return new CollibraError(kind, label, proxyMessage(status, kind, where), { cause: error });
}

function proxyMessage(status: number, kind: ErrorKind, where: string): string {
  if (status === 407)
    return `The proxy rejected its credentials (HTTP 407) for ${where}. Check the user name and password in the proxy variable.`;
  const rejected = `The proxy refused the connection (HTTP ${status}) to ${where}.`;
  return kind === 'transient'
    ? rejected
    : `${rejected} Allow the runner to connect to this host, or add the host to no_proxy.`;
}

/**
 * Retry-After in milliseconds, from seconds or from a date (RFC 9110, 10.2.3).
 * @returns undefined if there is none, or none that can be read
 */
function retryAfter(headers: IncomingHttpHeaders, nowMs: number): number | undefined {
  const value = headers['retry-after']?.trim() ?? '';
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const until = Date.parse(value);
  // A date is the server's, whose clock may differ from this machine's: its own Date header has its time.
  const now = Date.parse(headers.date ?? '') || nowMs;
  return Number.isNaN(until) ? undefined : Math.max(0, until - now);
}

/** Collibra's StandardErrorResponse, as far as people read it; both job APIs use these names. */
const standardError = object({
  titleMessage: lenient(string()),
  userMessage: lenient(string()),
  helpMessage: lenient(string()),
  errorCode: lenient(string()),
});

/** Collibra's own words, or the beginning of any other body; HTML is only mentioned. */
function serverWords(response: HttpResponse, redactAndTruncate: RedactAndTruncate): string {
  const { body, headers } = response;
  const words = standardWords(body, redactAndTruncate);
  if (words === '' && looksLikeHtml(body, headers)) return 'The response is an HTML page.';
  return quote(words || body.trim(), redactAndTruncate);
}

/** @returns '' if the body is no StandardErrorResponse, or one without words */
function standardWords(body: string, redactAndTruncate: RedactAndTruncate): string {
  const { titleMessage, userMessage, helpMessage, errorCode } = parse(standardError, parseJson(body)) ?? {};
  // Redacted first: a secret may end in the period that is removed.
  const words = [titleMessage, userMessage, helpMessage].map((text) =>
    redactAndTruncate(text?.trim() ?? '', QUOTE_LENGTH).replace(/\.$/, ''),
  );
  const distinct = [...new Set(words.filter(Boolean))].join('. ');
  return [distinct, errorCode ? `(${errorCode})` : ''].filter(Boolean).join(' ');
}

/** Quotes words of a server as a whole sentence; '' if there are none. */
export function quote(words: string, redactAndTruncate: RedactAndTruncate): string {
  if (words === '') return '';
  const text = redactAndTruncate(words, QUOTE_LENGTH);
  return `Server response: ${text}${/[.!?…]$/.test(text) ? '' : '.'}`;
}

/** Whether a body is a web page: a login page, a maintenance notice, a gateway's error. */
export function looksLikeHtml(body: string, headers: IncomingHttpHeaders): boolean {
  return (headers['content-type'] ?? '').includes('html') || /^\s*<(!doctype|html)/i.test(body);
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
