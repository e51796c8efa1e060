import type { IncomingHttpHeaders } from 'node:http';

import { fit, maybe, object, parseJson, string } from '../schema.ts';
import { CollibraError } from '../errors.ts';
import type { HttpResponse } from './transport.ts';
import { ProxyError } from './proxy-agent.ts';

/** Cuts a server's text to a length, after taking out the secrets it may echo: a cut could leave half of one. */
export type RedactAndTruncate = (text: string, limit: number) => string;

/** More of a server's own words helps nobody. */
const QUOTE_LENGTH = 500;

/** Statuses beside 5xx that a gateway or a busy server sends and that may pass. */
const PASSING_STATUSES = new Set([408, 425, 429]);

/** Statuses that say this API is not served here, or does not know the job. */
const NOT_FOUND_STATUSES = new Set([404, 405, 410]);

/** Collibra's StandardErrorResponse, as far as it is for people; both job APIs use these names. */
const standardError = object({
  titleMessage: maybe(string()),
  userMessage: maybe(string()),
  helpMessage: maybe(string()),
  errorCode: maybe(string()),
});

/** OpenSSL's and Node's codes for a certificate that is not trusted: asking again can't mend it. */
const CERTIFICATE_CODES =
  /^(CERT_|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_|ERR_TLS_CERT_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|CRL_)/;

const CONNECTION_WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  ECONNABORTED: 'connection aborted',
  EPIPE: 'connection reset',
  ENOTFOUND: 'host name not found',
  EAI_AGAIN: 'host name lookup failed',
  ETIMEDOUT: 'connection timed out',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable',
};

/**
 * What an answer other than 2xx means.
 * @param where the address asked, for the message
 * @param nowMs wall-clock time, for a Retry-After that is a date
 * @param cut cuts the server's own words
 * @param advice what to do about it
 */
export function errorFromResponse(
  answer: HttpResponse,
  where: string,
  nowMs: number,
  cut: RedactAndTruncate,
  advice = adviceFor(answer, cut),
): CollibraError {
  const { status } = answer;
  const seen = `HTTP ${status}`;
  const said = [`HTTP ${status} from ${where}`, wordsOf(answer, cut), advice].filter(Boolean).join('. ');
  if (mayPass(status)) {
    return new CollibraError('transient', seen, said, {
      status,
      retryAfterMs: retryAfter(answer.headers, nowMs),
    });
  }
  if (NOT_FOUND_STATUSES.has(status)) return new CollibraError('not-found', seen, said, { status });
  if (status === 401) return new CollibraError('unauthorized', seen, said, { status });
  return new CollibraError('permanent', seen, said, { status });
}

/** What a connection that broke, or never came about, means. */
export function errorFromConnection(cause: unknown, where: string): CollibraError {
  const { code = '', message } = cause as NodeJS.ErrnoException;
  if (CERTIFICATE_CODES.test(code)) {
    const advice =
      'If a private certificate authority signed it, set NODE_EXTRA_CA_CERTS to the path of its certificate';
    return new CollibraError(
      'permanent',
      'untrusted certificate',
      `The certificate of ${where} is not trusted: ${message} (${code}). ${advice}`,
      { cause },
    );
  }
  if (cause instanceof ProxyError) return failureOfProxy(cause, where);
  const seen = CONNECTION_WORDS[code] ?? 'connection failed';
  return new CollibraError(
    'transient',
    seen,
    `${where}: ${seen} (${[code, message].filter(Boolean).join(': ')})`,
    {
      cause,
    },
  );
}

function mayPass(status: number): boolean {
  return status >= 500 || PASSING_STATUSES.has(status);
}

/** What a proxy's answer means; its status says nothing of a job. */
function failureOfProxy(cause: ProxyError, where: string): CollibraError {
  const { status, message } = cause;
  const seen = `HTTP ${status} from the proxy`;
  if (mayPass(status)) return new CollibraError('transient', seen, `${where}: ${message}`, { cause });
  const [what, advice] =
    status === 407
      ? ['its credentials', 'check the user name and password in the proxy variable']
      : ['the connection', 'have it let the runner through, or list the host in no_proxy'];
  const said = `The proxy on the way to ${where} refuses ${what} (${status}): ${advice}`;
  return new CollibraError('permanent', seen, said, { cause });
}

/**
 * Retry-After in milliseconds, from seconds or from a date (RFC 9110, 10.2.3).
 * @returns undefined where there is none, or none that can be read
 */
function retryAfter(headers: IncomingHttpHeaders, nowMs: number): number | undefined {
  const value = headers['retry-after']?.trim();
  if (value === undefined) return undefined;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const until = Date.parse(value);
  // A date is the server's, whose clock may differ from this machine's: its own Date tells what now is.
  const now = Date.parse(headers.date ?? '') || nowMs;
  return Number.isNaN(until) ? undefined : Math.max(0, until - now);
}

/** Collibra's own words, or the first words of a plain text; HTML is only named. */
function wordsOf({ body, headers }: HttpResponse, cut: RedactAndTruncate): string {
  const standard = fit(standardError, parseJson(body));
  if (standard !== undefined) {
    const { titleMessage, userMessage, helpMessage, errorCode } = standard;
    // Secrets first: one may end in the full stop that is taken away.
    const words = [titleMessage, userMessage, helpMessage].map((text) =>
      cut(text?.trim() ?? '', QUOTE_LENGTH).replace(/\.$/, ''),
    );
    const distinct = [...new Set(words.filter(Boolean))].join('. ');
    return quote([distinct, errorCode ? `(${errorCode})` : ''].filter(Boolean).join(' '), cut);
  }
  if (looksLikeHtml(body, headers)) return 'The answer is an HTML page';
  return quote(body.trim(), cut);
}

function quote(words: string, cut: RedactAndTruncate): string {
  return words === '' ? '' : `It says: ${cut(words, QUOTE_LENGTH)}`;
}

/** Whether a body is a web page: a login, a maintenance notice, a gateway's error. */
export function looksLikeHtml(body: string, headers: IncomingHttpHeaders): boolean {
  return (headers['content-type'] ?? '').includes('html') || /^\s*<(!doctype|html)/i.test(body);
}

function adviceFor({ status, headers }: HttpResponse, cut: RedactAndTruncate): string {
  if (status === 403)
    return 'The user is known but may not do this: give it permission to see the job, or use the user that submitted it';
  if (status >= 300 && status < 400) {
    const target = headers.location === undefined ? '' : ` to ${cut(headers.location, QUOTE_LENGTH)}`;
    return `Redirects${target} are not followed, so that credentials stay where they belong: set url to the address of Collibra itself`;
  }
  return '';
}
