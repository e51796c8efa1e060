import { describe, expect, it } from '@jest/globals';

import {
  errorFromResponse,
  errorFromConnection,
  looksLikeHtml,
} from '../../../src/collibra/http/classify.ts';
import { ProxyError } from '../../../src/collibra/http/proxy-agent.ts';
import { shorten } from '../../../src/text.ts';
import { json, text } from '../../support/http.ts';

const WHERE = 'https://acme.example/rest/jobs/v1/jobs/1';
const NOW = Date.parse('2026-11-02T08:00:00Z');

const failure = (answer: Parameters<typeof errorFromResponse>[0], advice?: string) =>
  errorFromResponse(answer, WHERE, NOW, shorten, advice);

describe('a secret that the server echoes', () => {
  const secret = 'open-sesame-'.repeat(4);
  const cut = (said: string, limit: number) => shorten(said.replaceAll(secret, '***'), limit);
  const message = (answer: Parameters<typeof errorFromResponse>[0]) =>
    errorFromResponse(answer, WHERE, NOW, cut).message;
  const echo = 'x'.repeat(480) + secret;

  it.each([
    ['its words', json({ userMessage: echo }, 400)],
    ['its code', json({ errorCode: echo }, 400)],
    ['its text', text(echo, 403)],
    ['the target of a redirect', text('', 302, { location: echo })],
  ])('is gone before %s are cut', (_, answer) => {
    expect(message(answer)).toContain('x***');
    expect(message(answer)).not.toContain('open');
  });

  it('is gone before a full stop at its end is taken away', () => {
    const dotted = (said: string, limit: number) => shorten(said.replaceAll('hunter2222.', '***'), limit);
    const answer = json({ userMessage: 'Wrong password hunter2222.' }, 400);
    expect(errorFromResponse(answer, WHERE, NOW, dotted).message).toMatch(/It says: Wrong password \*\*\*$/);
  });
});

describe('what a status means', () => {
  it.each([
    [408, 'transient'],
    [425, 'transient'],
    [429, 'transient'],
    [500, 'transient'],
    [501, 'transient'],
    [502, 'transient'],
    [503, 'transient'],
    [504, 'transient'],
    [520, 'transient'],
    [599, 'transient'],
    [404, 'not-found'],
    [405, 'not-found'],
    [410, 'not-found'],
    [401, 'unauthorized'],
    [400, 'refused'],
    [402, 'refused'],
    [403, 'refused'],
    [406, 'refused'],
    [407, 'refused'],
    [409, 'refused'],
    [411, 'refused'],
    [418, 'refused'],
    [422, 'refused'],
    [499, 'refused'],
    [300, 'refused'],
    [301, 'refused'],
    [302, 'refused'],
    [304, 'refused'],
    [307, 'refused'],
    [308, 'refused'],
  ])('%d is %s', (status, kind) => {
    expect(failure(text('', status))).toMatchObject({ kind, seen: `HTTP ${status}`, status });
  });

  it('is said with the address', () => {
    expect(failure(text('', 502)).message).toBe(`HTTP 502 from ${WHERE}`);
  });

  it('is said without advice where there is none', () => {
    for (const status of [199, 400, 500])
      expect(failure(text('', status)).message).toBe(`HTTP ${status} from ${WHERE}`);
  });

  it('is said with what to do about it', () => {
    const advice =
      'The user is known but may not do this: give it permission to see the job, or use the user that submitted it';
    expect(failure(text('', 403)).message).toBe(`HTTP 403 from ${WHERE}. ${advice}`);
    expect(failure(text('', 401), 'Check the token').message).toBe(`HTTP 401 from ${WHERE}. Check the token`);
    expect(failure(text('', 403), '').message).toBe(`HTTP 403 from ${WHERE}`);
  });

  it.each([300, 302, 399])('%d tells of the redirect that is not followed', (status) => {
    const advice =
      'are not followed, so that credentials stay where they belong: set url to the address of Collibra itself';
    const to = failure(text('', status, { location: 'https://sso.example/login' })).message;
    expect(to).toBe(`HTTP ${status} from ${WHERE}. Redirects to https://sso.example/login ${advice}`);
    expect(failure(text('', status)).message).toBe(`HTTP ${status} from ${WHERE}. Redirects ${advice}`);
    const long = failure(text('', status, { location: `https://sso.example/${'x'.repeat(9_000)}` })).message;
    expect(long.length).toBeLessThan(900);
  });
});

describe("Collibra's own words", () => {
  const said = (answer: Parameters<typeof failure>[0]) =>
    failure(answer).message.replace(`HTTP ${answer.status} from ${WHERE}`, '');

  it('are told, each once and without a second full stop', () => {
    const body = {
      statusCode: 400,
      titleMessage: 'Bad request.',
      userMessage: ' The id is wrong. ',
      helpMessage: 'Bad request',
      errorCode: 'invalidId',
    };
    expect(said(json(body, 400))).toBe('. It says: Bad request. The id is wrong (invalidId)');
  });

  it.each<[body: unknown, words: string]>([
    [{ titleMessage: 'T', userMessage: 'U', helpMessage: 'H', errorCode: 'c' }, '. It says: T. U. H (c)'],
    [{ userMessage: 'Not there' }, '. It says: Not there'],
    [{ userMessage: 'No v1.0 here. Ask.' }, '. It says: No v1.0 here. Ask'],
    [{ errorCode: 'jobNotFound', titleMessage: null }, '. It says: (jobNotFound)'],
    [{ titleMessage: '', userMessage: ' . ', errorCode: '' }, ''],
    [{ other: 'field' }, ''],
    [{ titleMessage: 7 }, '. It says: {"titleMessage":7}'],
    ['no healthy upstream', '. It says: "no healthy upstream"'],
    [null, '. It says: null'],
  ])('are told as far as they are there: %j', (body, words) => {
    expect(said(json(body, 400))).toBe(words);
  });

  it('are told of a plain text', () => {
    expect(said(text(' no healthy upstream\n', 503))).toBe('. It says: no healthy upstream');
    expect(said(text(' \n', 503))).toBe('');
  });

  it('are cut', () => {
    expect(said(text('x'.repeat(600), 503))).toBe(`. It says: ${'x'.repeat(499)}…`);
    expect(said(json({ userMessage: 'y'.repeat(600) }, 400))).toBe(`. It says: ${'y'.repeat(499)}…`);
  });

  it('are not a web page', () => {
    const words = '. The answer is an HTML page';
    expect(said(text('<!DOCTYPE html><title>502</title>', 502))).toBe(words);
    expect(said(text('whatever', 502, { 'content-type': 'text/html; charset=utf-8' }))).toBe(words);
  });
});

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
])('a body of %j as %j is a web page: %j', (body, type, isPage) => {
  expect(looksLikeHtml(body, type === undefined ? {} : { 'content-type': type })).toBe(isPage);
});

describe('Retry-After', () => {
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
  ])('of %j is %j ms', (value, ms) => {
    const headers = value === undefined ? {} : { 'retry-after': value };
    expect(failure(text('', 503, headers)).retryAfterMs).toBe(ms);
    expect(failure(text('', 429, headers)).retryAfterMs).toBe(ms);
  });

  it.each([
    ['Mon, 02 Nov 2026 09:00:00 GMT', 20_000],
    ['Mon, 02 Nov 2026 09:10:00 GMT', 0],
    ['no date', 3_620_000],
  ])("that is a date is counted by the server's own clock: Date %j", (date, ms) => {
    const headers = { date, 'retry-after': 'Mon, 02 Nov 2026 09:00:20 GMT' };
    expect(failure(text('', 503, headers)).retryAfterMs).toBe(ms);
  });

  it('is of no interest where the answer is final', () => {
    expect(failure(text('', 403, { 'retry-after': '5' })).retryAfterMs).toBeUndefined();
  });
});

describe('a connection that broke', () => {
  const broken = (message: string, code?: string) => {
    const cause = Object.assign(new Error(message), code === undefined ? {} : { code });
    return { cause, error: errorFromConnection(cause, WHERE) };
  };

  it.each([
    ['ECONNREFUSED', 'connection refused'],
    ['ECONNRESET', 'connection reset'],
    ['ECONNABORTED', 'connection aborted'],
    ['EPIPE', 'connection reset'],
    ['ENOTFOUND', 'host name not found'],
    ['EAI_AGAIN', 'host name lookup failed'],
    ['ETIMEDOUT', 'connection timed out'],
    ['EHOSTUNREACH', 'host unreachable'],
    ['ENETUNREACH', 'network unreachable'],
    ['EWHATEVER', 'connection failed'],
  ])('with %s is passing: %s', (code, seen) => {
    const { cause, error } = broken('told by the system', code);
    expect(error).toMatchObject({ kind: 'transient', label: seen, cause, status: undefined });
    expect(error.message).toBe(`${WHERE}: ${seen} (${code}: told by the system)`);
  });

  it('without a code is passing', () => {
    expect(broken('aborted').error).toMatchObject({
      kind: 'transient',
      label: 'connection failed',
      message: `${WHERE}: connection failed (aborted)`,
    });
    expect(broken('socket hang up').error).toMatchObject({
      kind: 'transient',
      label: 'connection failed',
      message: `${WHERE}: connection failed (socket hang up)`,
    });
  });

  it.each([
    'CERT_HAS_EXPIRED',
    'CERT_UNTRUSTED',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'HOSTNAME_MISMATCH',
    'INVALID_CA',
    'INVALID_PURPOSE',
    'CRL_HAS_EXPIRED',
  ])('for the certificate (%s) is final', (code) => {
    const { cause, error } = broken('not good', code);
    expect(error).toMatchObject({ kind: 'permanent', label: 'untrusted certificate', cause });
    expect(error.message).toBe(
      `The certificate of ${WHERE} is not trusted: not good (${code}). If a private certificate authority signed it, set NODE_EXTRA_CA_CERTS to the path of its certificate`,
    );
  });

  it.each(['X_CERT_', 'ERR_SOCKET', 'ERR_TLS_HANDSHAKE_TIMEOUT'])(
    'with a code that only resembles one of a certificate (%s) is passing',
    (code) => {
      expect(broken('x', code).error.kind).toBe('transient');
    },
  );

  const byProxy = (status: number) => errorFromConnection(new ProxyError(status), WHERE);

  it('because the proxy refuses its credentials is final', () => {
    const error = byProxy(407);
    expect(error).toMatchObject({ kind: 'permanent', label: 'HTTP 407 from the proxy', status: undefined });
    expect(error.cause).toBeInstanceOf(ProxyError);
    expect(error.message).toBe(
      `The proxy on the way to ${WHERE} refuses its credentials (407): check the user name and password in the proxy variable`,
    );
  });

  it.each([301, 400, 403, 404])('because the proxy refuses it (%d) is final', (status) => {
    expect(byProxy(status)).toMatchObject({
      kind: 'permanent',
      seen: `HTTP ${status} from the proxy`,
      // It says nothing of a job.
      status: undefined,
      message: `The proxy on the way to ${WHERE} refuses the connection (${status}): have it let the runner through, or list the host in no_proxy`,
    });
  });

  it.each([408, 429, 500, 502, 503])('because the proxy is busy (%d) is passing', (status) => {
    expect(byProxy(status)).toMatchObject({
      kind: 'transient',
      seen: `HTTP ${status} from the proxy`,
      status: undefined,
      message: `${WHERE}: the proxy answered with HTTP ${status}`,
      cause: expect.any(ProxyError),
    });
  });
});
