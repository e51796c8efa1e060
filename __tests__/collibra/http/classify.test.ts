// cspell:ignore tlsv
import { describe, expect, it } from '@jest/globals';

import type { ErrorKind } from '../../../src/collibra/errors.ts';
import { errorFromConnection, errorFromResponse } from '../../../src/collibra/http/classify.ts';
import { isRateLimited, isRejection, isSuccessful, isUnauthorized } from '../../../src/collibra/http/classify.ts';
import { ProxyError } from '../../../src/collibra/http/proxy-agent.ts';
import type { HttpResponse } from '../../../src/collibra/http/transport.ts';
import { shorten } from '../../../src/text.ts';
import { json, text } from '../../support/http.ts';

const WHERE = 'https://acme.example/rest/jobs/v1/jobs/1';
const NOW = Date.parse('2026-11-02T08:00:00Z');

const failure = (response: HttpResponse, redactAndTruncate = shorten, advice?: string) =>
  errorFromResponse(response, WHERE, NOW, redactAndTruncate, advice);

describe('a status', () => {
  const check = 'Check that url is the address of Collibra and that no gateway changes the request.';
  const denied =
    'Access denied. Unless the server gives another reason, give the user permission to view the job, or use the user that submitted it.';
  const redirected =
    "The server redirected the request. Redirects are not followed, to protect credentials. Set url to Collibra's own address.";

  it.each<[kind: ErrorKind, advice: string, statuses: number[]]>([
    ['transient', '', [408, 425, 429, 502, 503, 504, 520, 599]],
    ['server-error', '', [500]],
    ['not-implemented', '', [501]],
    ['not-found', 'Check url and the job ID.', [404, 405, 410]],
    ['unauthorized', '', [401]],
    ['bad-request', check, [400]],
    ['permanent', denied, [403]],
    ['permanent', check, [199, 402, 406, 407, 409, 411, 418, 422, 499]],
    ['permanent', redirected, [300, 301, 302, 304, 307, 308, 399]],
  ])('is %s with the advice "%s" if it is one of %j', (kind, advice, statuses) => {
    for (const status of statuses) {
      const message = `HTTP ${status} from ${WHERE}.${advice && ` ${advice}`}`;
      expect(failure(text('', status))).toMatchObject({ kind, label: `HTTP ${status}`, message });
    }
  });

  it('is explained by advice of the caller instead of its own', () => {
    const message = `HTTP 401 from ${WHERE}. Check token.`;
    expect(failure(text('', 401), shorten, 'Check token.')).toMatchObject({ message });
    expect(failure(text('', 403), shorten, '')).toMatchObject({ message: `HTTP 403 from ${WHERE}.` });
  });

  it('names the target of a redirect, truncated', () => {
    const message = (location: string) => failure(text('', 302, { location })).message;
    const target = 'https://sso.example/login';
    expect(message(target)).toContain(
      `HTTP 302 from ${WHERE}. The server redirected the request to ${target}. Redirects`,
    );
    expect(message(`https://sso.example/${'x'.repeat(9_000)}`)).toContain('xxx…. Redirects');
    expect(message('x'.repeat(9_000)).length).toBeLessThan(900);
  });

  it('of 401 or 403 rejects the request, and of 401 the credentials; from 200 to 299 it is successful', () => {
    const statuses = [199, 200, 299, 300, 400, 401, 402, 403, 404];
    const those = (is: (response: HttpResponse) => boolean) => statuses.filter((status) => is(text('', status)));
    expect(those(isSuccessful)).toEqual([200, 299]);
    expect(those(isRejection)).toEqual([401, 403]);
    expect(those(isUnauthorized)).toEqual([401]);
  });

  it.each([
    [429, {}, true],
    [429, { 'retry-after': '5' }, true],
    [503, { 'retry-after': 'soon' }, true],
    [503, {}, false],
    [403, { 'retry-after': '5' }, false],
    [500, { 'retry-after': '5' }, false],
  ])('of %d with the headers %j is a rate limit: %j', (status, headers, isLimit) => {
    expect(isRateLimited(text('', status, headers))).toBe(isLimit);
  });

  const secret = 'open-sesame-'.repeat(4);
  const echo = 'x'.repeat(480) + secret;
  it.each([
    ['message', json({ userMessage: echo }, 400)],
    ['page title', text(`<html><title>${echo}</title>`, 502)],
    ['error code', json({ errorCode: echo }, 400)],
    ['plain text', text(echo, 403)],
    ['redirect target', text('', 302, { location: echo })],
  ])('is explained in words that are redacted before the %s is truncated in a secret', (_, response) => {
    const redact = (words: string, limit: number) => shorten(words.replaceAll(secret, '***'), limit);
    expect(failure(response, redact).message).toContain('x***');
    expect(failure(response, redact).message).not.toContain('open');
  });
});

describe('Retry-After', () => {
  const waitOf = (status: number, headers: HttpResponse['headers']) => failure(text('', status, headers)).retryAfterMs;

  it.each<[ms: number | undefined, ...values: string[]]>([
    [0, '0', 'Mon, 02 Nov 2026 07:59:00 GMT'],
    [5_000, ' 5 '],
    [41_000, '40.5', '40.25'],
    [120_000, '120'],
    [30_000, 'Mon, 02 Nov 2026 08:00:30 GMT', 'Monday, 02-Nov-26 08:00:30 GMT', 'Mon Nov  2 08:00:30 2026'],
    [undefined, 'soon', '5 minutes or so', '~5', '-5', '5,', '1e3', '0x10', 'Infinity', '.5', ''],
    // Node.js reads each of these as a date.
    [undefined, '40.5 s', 'May 40', 'Try again in 40', 'Wait 40', 'Mon 40', '2026-11-02T09:00:00Z', '5 May'],
  ])('asks to wait for %j ms if it is %j or the like', (ms, ...values) => {
    for (const status of [429, 500, 501, 503]) {
      for (const value of values) expect(waitOf(status, { 'retry-after': value })).toBe(ms);
      expect(waitOf(status, {})).toBeUndefined();
    }
  });

  it.each([
    ['Mon, 02 Nov 2026 09:00:00 GMT', 20_000],
    ['Mon, 02 Nov 2026 09:10:00 GMT', 0],
    ['no date', 3_620_000],
  ])("that is a date is compared with the server's own time, Date: %s", (date, ms) => {
    expect(waitOf(503, { date, 'retry-after': 'Mon, 02 Nov 2026 09:00:20 GMT' })).toBe(ms);
  });

  it('of a permanent error is ignored', () => {
    for (const status of [400, 401, 403, 404]) expect(waitOf(status, { 'retry-after': '5' })).toBeUndefined();
  });
});

describe('a failed connection', () => {
  const withCode = (message: string, code: string) => Object.assign(new Error(message), { code });

  const itMeans = (kind: ErrorKind, label: string, advice: string, codes: string) => {
    for (const code of codes.split(' ')) {
      const cause = withCode('reason', code);
      const message = `Could not connect to ${WHERE}: ${label} (${code}: reason).${advice}`;
      expect(errorFromConnection(cause, WHERE)).toMatchObject({ kind, label, message, cause });
    }
  };

  /** Codes that only contain a known one. */
  const similar = 'ECONNREFUSED ECONNRESET EPIPE ECONNABORTED ENOTFOUND EAI_AGAIN ETIMEDOUT EHOSTUNREACH ENETUNREACH';
  it.each([
    ['connection refused', 'ECONNREFUSED'],
    ['connection reset', 'ECONNRESET EPIPE'],
    ['connection aborted', 'ECONNABORTED'],
    ['host name not found', 'ENOTFOUND'],
    ['host name lookup failed', 'EAI_AGAIN'],
    ['connection timed out', 'ETIMEDOUT'],
    ['host unreachable', 'EHOSTUNREACH'],
    ['network unreachable', 'ENETUNREACH'],
    ['unreadable encoding', 'Z_DATA_ERROR Z_BUF_ERROR ERR_BUFFER_TOO_LARGE ERR_BROTLI_X ERR_CONTENT_ENCODING'],
    ['connection failed', 'EWHATEVER ERR_TLS_HANDSHAKE_TIMEOUT EPROTO HOSTNAME_MISMATCH_X X_HOSTNAME_MISMATCH'],
    ['connection failed', similar.replace(/\w+/g, 'X_$& $&_X')],
    ['connection failed', 'X_CERT_HAS_EXPIRED X_CERT_NOT_YET_VALID X_ERR_TLS_CERT_ALTNAME_INVALID X_CERT_'],
  ])('is transient with the label "%s" for the codes %s', (label, codes) => {
    itMeans('transient', label, '', codes);
  });

  const authority =
    'If a private certificate authority issued it, set NODE_EXTRA_CA_CERTS to the path of its certificate.';
  const noTls = 'The server does not use https on this port. Check the port in the URL.';
  const version =
    'The server and Node.js support no common TLS version or cipher. Update the TLS settings of the server.';
  const handshake =
    'The server supports no TLS version or cipher of Node.js, or asks for a client certificate, which this action does not support. Change the TLS settings of the server, or use another address.';
  const client =
    'The server asks for a client certificate, which this action does not support. Use an address without it.';
  const cookies = 'A gateway probably sends too many cookies or headers. Reduce them, or use another address.';
  const notYet = "Check the runner's clock, or replace the certificate.";
  const otherName = 'Use the host name that the certificate was issued for.';
  it.each([
    ['expired certificate', "Renew the certificate, or check the runner's clock.", 'CERT_HAS_EXPIRED'],
    ['certificate that is not valid yet', notYet, 'CERT_NOT_YET_VALID'],
    ['certificate for another host name', otherName, 'ERR_TLS_CERT_ALTNAME_INVALID HOSTNAME_MISMATCH'],
    ['untrusted certificate', authority, 'CERT_UNTRUSTED CERT_REJECTED INVALID_CA INVALID_PURPOSE CRL_HAS_EXPIRED'],
    ['untrusted certificate', authority, 'DEPTH_ZERO_SELF_SIGNED_CERT SELF_SIGNED_CERT_IN_CHAIN'],
    ['untrusted certificate', authority, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE UNABLE_TO_GET_ISSUER_CERT_LOCALLY'],
    ['untrusted certificate', authority, 'ERR_TLS_CERT_ALTNAME_FORMAT ERR_TLS_CERT_ALTNAME_INVALID_X'],
    ['untrusted certificate', authority, 'CERT_HAS_EXPIRED_X CERT_NOT_YET_VALID_X'],
    ['no common TLS version', version, 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION ERR_SSL_UNSUPPORTED_PROTOCOL'],
    ['no common TLS version', version, 'ERR_SSL_NO_PROTOCOLS_AVAILABLE ERR_SSL_NO_SHARED_CIPHER'],
    ['TLS handshake rejected', handshake, 'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE'],
    ['client certificate required', client, 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'],
    ['client certificate required', client, 'ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE'],
    ['response headers that are too large', cookies, 'HPE_HEADER_OVERFLOW'],
    ['a response that is not HTTP', 'Check the host and the port in the URL.', 'HPE_INVALID_CONSTANT HPE_X'],
  ])('is permanent with the label "%s" and the advice "%s" for the codes %s', (label, advice, codes) => {
    itMeans('permanent', label, ` ${advice}`, codes);
  });

  const openssl = (reason: string) =>
    `write EPROTO 401D:error:0A00010B:SSL routines:tls_validate_record_header:${reason}:../tlsany_meth.c:77:\n`;
  it.each<[label: string, kind: ErrorKind, reason: string, advice: string]>([
    ['no TLS on this port', 'permanent', 'wrong version number', ` ${noTls}`],
    ['no TLS on this port', 'permanent', 'packet length too long', ` ${noTls}`],
    ['no common TLS version', 'permanent', 'tlsv1 alert protocol version', ` ${version}`],
    ['no common TLS version', 'permanent', 'unsupported protocol', ` ${version}`],
    ['TLS handshake rejected', 'permanent', 'sslv3 alert handshake failure', ` ${handshake}`],
    ['client certificate required', 'permanent', 'tlsv13 alert certificate required', ` ${client}`],
    ['connection failed', 'transient', 'no wrong version number', ''],
    ['connection failed', 'transient', 'packet length too long?', ''],
  ])('with the label "%s" is %s for the reason "%s" of OpenSSL', (label, kind, reason, advice) => {
    const message = `Could not connect to ${WHERE}: ${label} (EPROTO: ${reason}).${advice}`;
    expect(errorFromConnection(withCode(openssl(reason), 'EPROTO'), WHERE)).toMatchObject({ kind, label, message });
  });

  it('without a code is transient', () => {
    const message = `Could not connect to ${WHERE}: connection failed (socket hang up).`;
    const error = { kind: 'transient', label: 'connection failed', message };
    expect(errorFromConnection(new Error('socket hang up'), WHERE)).toMatchObject(error);
  });
});

describe('a failed proxy', () => {
  const PROXY = 'proxy.example:8080';

  const credentials = ' Check the user name and password in the proxy variable.';
  const unless = ' Allow the runner to connect to this host, or add the host to no_proxy.';
  it.each<[kind: ErrorKind, statuses: number[], facts: string, advice: string]>([
    ['permanent', [401, 407], 'rejected its credentials (*) for', credentials],
    ['permanent', [301, 400, 403, 404, 405], 'refused the connection (*) to', unless],
    ['transient', [408, 429, 500, 501, 502, 503], 'refused the connection (*) to', ''],
  ])('is %s with the statuses %j, which say nothing about a job', (kind, statuses, facts, advice) => {
    for (const status of statuses) {
      const cause = new ProxyError(PROXY, { status });
      const message = `The proxy ${facts.replace('*', `HTTP ${status}`)} ${WHERE}.${advice}`;
      const expected = { kind, label: `HTTP ${status} from the proxy`, message, cause, retryAfterMs: undefined };
      expect(errorFromConnection(cause, WHERE)).toMatchObject(expected);
    }
  });

  it('that cannot be reached is named in place of the server behind it', () => {
    const cause = Object.assign(new Error('no route'), { code: 'EHOSTUNREACH' });
    const message = `Could not connect to the proxy ${PROXY}: host unreachable (EHOSTUNREACH: no route).`;
    const expected = { kind: 'transient', label: 'host unreachable', message, cause };
    expect(errorFromConnection(new ProxyError(PROXY, { cause }), WHERE)).toMatchObject(expected);
  });
});
