import type { HttpResponse } from '../../../src/collibra/http/transport.ts';
import type { Fault, SpoiltBody } from '../scenario.ts';

/** What comes back from a request: an answer, a broken connection, or nothing for ever. */
export type Reply = HttpResponse | Error | 'nothing';

/**
 * A fault as the transport meets it.
 * @param good the body that a good answer would have had
 * @param nowMs the server's time, as milliseconds since 1970
 */
export function replyOf(fault: Fault, good: string, nowMs: number): Reply {
  switch (fault.kind) {
    case 'status':
      return {
        status: fault.status,
        headers: { date: new Date(nowMs).toUTCString(), ...retryAfterOf(fault, nowMs), ...locationOf(fault) },
        body: ERROR_BODIES[fault.body](fault.status),
      };
    case 'connection':
    case 'certificate':
      return Object.assign(new Error(`it broke (${fault.code})`), { code: fault.code });
    case 'hang':
      return 'nothing';
    case 'body':
      return {
        status: fault.body === 'nothing' ? 204 : 200,
        headers: fault.body === 'html' ? { 'content-type': 'text/html' } : {},
        body: spoilt(fault.body, good),
      };
  }
}

const ERROR_BODIES = {
  standard: (status: number) =>
    JSON.stringify({ statusCode: status, errorCode: 'oops', titleMessage: 'Oops', userMessage: 'It broke.' }),
  text: () => 'no healthy upstream',
  html: () => '<html><body>Bad gateway {"id":"1"}</body></html>',
  empty: () => '',
};

function retryAfterOf({ retryAfter }: Fault & { kind: 'status' }, nowMs: number) {
  if (retryAfter === undefined) return {};
  if ('text' in retryAfter) return { 'retry-after': retryAfter.text };
  if ('seconds' in retryAfter) return { 'retry-after': String(retryAfter.seconds) };
  return { 'retry-after': new Date(nowMs + 1000 * retryAfter.dateInSeconds).toUTCString() };
}

function locationOf({ status }: Fault & { kind: 'status' }) {
  return status >= 300 && status < 400 ? { location: 'https://elsewhere.example/login' } : {};
}

/** A field of each kind of answer, with a value of a type that it can't have. */
const WRONG_TYPES = { state: 7, results: 7, importJobState: 7, total: 'many', access_token: 7 };

function spoilt(how: SpoiltBody, good: string): string {
  switch (how) {
    case 'html':
      return '<!DOCTYPE html><html><title>Maintenance</title></html>';
    case 'truncated':
      return good.slice(0, -2);
    case 'array':
      return `[${good}]`;
    case 'null':
      return 'null';
    case 'empty':
    case 'nothing':
      return '';
    case 'wrong type':
      return JSON.stringify({ ...(JSON.parse(good) as object), ...WRONG_TYPES });
    case 'no id':
      return good.replace(/"id":"[^"]*",?/, '');
    case 'another job':
      return good.replace(/"id":"[^"]*"/, '"id":"99999999-9999-4999-8999-999999999999"');
  }
}
