import { describe, expect, it } from '@jest/globals';

import type { ErrorKind } from '../../../src/collibra/errors.ts';
import {
  errorFromConnection,
  errorFromResponse,
  isSuccessful,
  isUnauthorized,
  looksLikeHtml,
} from '../../../src/collibra/http/classify.ts';
import { ProxyError } from '../../../src/collibra/http/proxy-agent.ts';
import type { HttpResponse } from '../../../src/collibra/http/transport.ts';
import { shorten } from '../../../src/text.ts';
import { json, text } from '../../support/http.ts';

const WHERE = 'https://acme.example/rest/jobs/v1/jobs/1';
const NOW = Date.parse('2026-11-02T08:00:00Z');

const failure = (response: HttpResponse, redactAndTruncate = shorten) =>
  errorFromResponse(response, WHERE, NOW, redactAndTruncate);

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
    const message = (status: number, advice: string) =>
      errorFromResponse(text('', status), WHERE, NOW, shorten, advice).message;
    expect(message(401, 'Check token.')).toBe(`HTTP 401 from ${WHERE}. Check token.`);
    expect(message(403, '')).toBe(`HTTP 403 from ${WHERE}.`);
  });

  it('names the target of a redirect, truncated', () => {
    const message = (location: string) => failure(text('', 302, { location })).message;
    expect(message('https://sso.example/login')).toContain(
      `HTTP 302 from ${WHERE}. The server redirected the request to https://sso.example/login. Redirects`,
    );
    expect(message(`https://sso.example/${'x'.repeat(9_000)}`)).toContain('xxx…. Redirects');
    expect(message('x'.repeat(9_000)).length).toBeLessThan(900);
  });

  it('is successful from 200 to 299, and rejects the credentials only if it is 401', () => {
    const isOk = [199, 200, 299, 300].map((status) => isSuccessful(text('', status)));
    expect(isOk).toEqual([false, true, true, false]);
    const isRejection = [200, 400, 401, 403].map((status) => isUnauthorized(text('', status)));
    expect(isRejection).toEqual([false, false, true, false]);
  });
});

describe('an error message', () => {
  /** The message of an error after the status and the address. */
  const quoted = (response: HttpResponse) => failure(response).message.replace(`HTTP 503 from ${WHERE}.`, '');

  it.each<[name: string, body: unknown, words: string]>([
    ['every field', { titleMessage: 'T', userMessage: 'U', helpMessage: 'H', errorCode: 'c' }, 'T. U. H (c).'],
    ['equal fields once', { titleMessage: 'Bad ID.', userMessage: ' No. ', helpMessage: 'Bad ID' }, 'Bad ID. No.'],
    ['a single field', { userMessage: 'Not there', other: 'field' }, 'Not there.'],
    ['periods within a field', { userMessage: 'No v1.0 here. Ask.' }, 'No v1.0 here. Ask.'],
    ['a question as it ends', { userMessage: 'Are you lost?' }, 'Are you lost?'],
    ['an exclamation as it ends', { userMessage: 'Stop!' }, 'Stop!'],
    ['an error code alone', { errorCode: 'jobNotFound', titleMessage: null }, '(jobNotFound).'],
    ['a field beside one of a wrong type', { titleMessage: 7, userMessage: 'U' }, 'U.'],
    ['JSON whose fields have no words', { titleMessage: 7, userMessage: ' ' }, '{"titleMessage":7,"userMessage":" "}.'],
    ["a gateway's JSON", { message: 'no route' }, '{"message":"no route"}.'],
    ['a JSON string', 'no healthy upstream', '"no healthy upstream".'],
    ['a JSON array', [1], '[1].'],
    ['JSON null', null, 'null.'],
    ['a long field, truncated', { userMessage: 'y'.repeat(600) }, `${'y'.repeat(499)}…`],
  ])('quotes %s', (_name, body, words) => {
    expect(quoted(json(body, 503))).toBe(` Server response: ${words}`);
  });

  it.each<[name: string, body: string, words: string, type?: string]>([
    ['plain text', ' no healthy upstream\n', ' Server response: no healthy upstream.'],
    ['long text, truncated', 'x'.repeat(600), ` Server response: ${'x'.repeat(499)}…`],
    ['nothing if there is only whitespace', ' \n', ''],
    ['no web page', '<!DOCTYPE html><title>502</title>', ' The response is an HTML page.'],
    ['JSON whose type is HTML', '{"userMessage":"U"}', ' Server response: U.', 'text/html'],
    ['no content of the type HTML', 'whatever', ' The response is an HTML page.', 'text/html; charset=utf-8'],
  ])('quotes %s', (...[, body, words, type = 'text/plain']) => {
    expect(quoted(text(body, 503, { 'content-type': type }))).toBe(words);
  });

  const secret = 'open-sesame-'.repeat(4);
  const echo = 'x'.repeat(480) + secret;
  it.each([
    ['message', json({ userMessage: echo }, 400)],
    ['error code', json({ errorCode: echo }, 400)],
    ['plain text', text(echo, 403)],
    ['redirect target', text('', 302, { location: echo })],
  ])('is redacted before its %s is truncated, so that no half of a secret is left', (_, response) => {
    const redact = (words: string, limit: number) => shorten(words.replaceAll(secret, '***'), limit);
    expect(failure(response, redact).message).toContain('x***');
    expect(failure(response, redact).message).not.toContain('open');
  });

  it('is redacted before the period of a secret at its end is removed', () => {
    const redact = (words: string, limit: number) => shorten(words.replaceAll('hunter2222.', '***'), limit);
    const { message } = failure(json({ userMessage: 'Wrong password hunter2222.' }, 503), redact);
    expect(message).toMatch(/Server response: Wrong password \*\*\*\.$/);
  });
});

describe('a body', () => {
  it.each([
    ['<!doctype html>', 'text/plain', true],
    ['\n  <!DOCTYPE HTML>', 'text/plain', true],
    ['<html lang="en">', 'text/plain', true],
    ['<HTML>', 'application/json', true],
    ['{}', 'text/html', true],
    ['{}', 'application/xhtml+xml', true],
    ['{}', 'application/json', false],
    ['a <html>', 'text/plain', false],
    ['<xml/>', 'application/xml', false],
    ['', undefined, false],
  ])('of %j with the content type %j is a web page: %j', (body, type, isPage) => {
    expect(looksLikeHtml(body, type === undefined ? {} : { 'content-type': type })).toBe(isPage);
  });
});

describe('Retry-After', () => {
  const waitOf = (status: number, headers: HttpResponse['headers']) => failure(text('', status, headers)).retryAfterMs;

  it.each<[value: string | undefined, ms: number | undefined]>([
    ['0', 0],
    ['120', 120_000],
    [' 5 ', 5_000],
    ['Mon, 02 Nov 2026 08:00:30 GMT', 30_000],
    ['Mon, 02 Nov 2026 07:59:00 GMT', 0],
    ['soon', undefined],
    ['5 minutes or so', undefined],
    ['~5', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('of %j asks to wait for %j ms', (value, ms) => {
    const headers = value === undefined ? {} : { 'retry-after': value };
    for (const status of [429, 500, 501, 503]) expect(waitOf(status, headers)).toBe(ms);
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
  const failed = (code: string | undefined, message = 'reason') => {
    const cause = Object.assign(new Error(message), code === undefined ? {} : { code });
    return { cause, error: errorFromConnection(cause, WHERE) };
  };

  const itMeans = (kind: ErrorKind, label: string, advice: string, codes: string) => {
    for (const code of codes.split(' ')) {
      const { cause, error } = failed(code);
      const message = `Could not connect to ${WHERE}: ${label} (${code}: reason).${advice}`;
      expect(error).toMatchObject({ kind, label, message, cause });
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
    ['connection failed', 'EWHATEVER ERR_TLS_HANDSHAKE_TIMEOUT EPROTO HOSTNAME_MISMATCH_X X_HOSTNAME_MISMATCH'],
    ['connection failed', similar.replace(/\w+/g, 'X_$& $&_X')],
    ['connection failed', 'X_CERT_HAS_EXPIRED X_CERT_NOT_YET_VALID X_ERR_TLS_CERT_ALTNAME_INVALID X_CERT_'],
  ])('is transient with the label "%s" for the codes %s', (label, codes) => {
    itMeans('transient', label, '', codes);
  });

  const trust = 'If a private certificate authority issued it, set NODE_EXTRA_CA_CERTS to the path of its certificate.';
  it.each([
    ['expired certificate', "Renew the certificate, or check the runner's clock.", 'CERT_HAS_EXPIRED'],
    [
      'certificate that is not valid yet',
      "Check the runner's clock, or replace the certificate.",
      'CERT_NOT_YET_VALID',
    ],
    [
      'certificate for another host name',
      'Use the host name that the certificate was issued for.',
      'ERR_TLS_CERT_ALTNAME_INVALID HOSTNAME_MISMATCH',
    ],
    ['untrusted certificate', trust, 'CERT_UNTRUSTED CERT_REJECTED INVALID_CA INVALID_PURPOSE CRL_HAS_EXPIRED'],
    ['untrusted certificate', trust, 'DEPTH_ZERO_SELF_SIGNED_CERT SELF_SIGNED_CERT_IN_CHAIN'],
    ['untrusted certificate', trust, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE UNABLE_TO_GET_ISSUER_CERT_LOCALLY'],
    ['untrusted certificate', trust, 'ERR_TLS_CERT_ALTNAME_FORMAT ERR_TLS_CERT_ALTNAME_INVALID_X'],
    ['untrusted certificate', trust, 'CERT_HAS_EXPIRED_X CERT_NOT_YET_VALID_X'],
  ])('is permanent with the label "%s" and the advice "%s" for the codes %s', (label, advice, codes) => {
    itMeans('permanent', label, ` ${advice}`, codes);
  });

  const noTls = ' The server does not use https on this port. Check the port in the URL.';
  const openssl = (reason: string) =>
    `write EPROTO 401D:error:0A00010B:SSL routines:tls_validate_record_header:${reason}:../tlsany_meth.c:77:\n`;
  it.each<[label: string, code: string | undefined, message: string, details: string, advice?: string]>([
    ['no TLS on this port', 'EPROTO', openssl('wrong version number'), 'EPROTO: wrong version number', noTls],
    ['no TLS on this port', 'EPROTO', openssl('packet length too long'), 'EPROTO: packet length too long', noTls],
    ['connection failed', 'EPROTO', openssl('no wrong version number'), 'EPROTO: no wrong version number'],
    ['connection failed', 'EPROTO', openssl('packet length too long?'), 'EPROTO: packet length too long?'],
    ['connection failed', undefined, 'socket hang up', 'socket hang up'],
  ])('is transient with the label "%s" for the code %s and the message %j', (...row) => {
    const [label, code, words, details, advice = ''] = row;
    const message = `Could not connect to ${WHERE}: ${label} (${details}).${advice}`;
    expect(failed(code, words).error).toMatchObject({ kind: 'transient', label, message });
  });
});

describe('a failed proxy', () => {
  const PROXY = 'proxy.example:8080';

  const unless = ' Allow the runner to connect to this host, or add the host to no_proxy.';
  it.each<[kind: ErrorKind, statuses: number[], did: string, what: string, advice: string]>([
    ['permanent', [407], 'rejected its credentials', 'for', ' Check the user name and password in the proxy variable.'],
    ['permanent', [301, 400, 401, 403, 404, 405], 'refused the connection', 'to', unless],
    ['transient', [408, 429, 500, 501, 502, 503], 'refused the connection', 'to', ''],
  ])('is %s with the statuses %j, which say nothing about a job', (kind, statuses, did, what, advice) => {
    for (const status of statuses) {
      const cause = new ProxyError(PROXY, { status });
      const label = `HTTP ${status} from the proxy`;
      const message = `The proxy ${did} (HTTP ${status}) ${what} ${WHERE}.${advice}`;
      const expected = { kind, label, message, cause, retryAfterMs: undefined };
      expect(errorFromConnection(cause, WHERE)).toMatchObject(expected);
    }
  });

  it('that cannot be reached is named in place of the server behind it', () => {
    const cause = Object.assign(new Error('no route'), { code: 'EHOSTUNREACH' });
    expect(errorFromConnection(new ProxyError(PROXY, { cause }), WHERE)).toMatchObject({
      kind: 'transient',
      label: 'host unreachable',
      message: `Could not connect to the proxy ${PROXY}: host unreachable (EHOSTUNREACH: no route).`,
      cause,
    });
  });
});
