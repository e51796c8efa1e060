import { type HttpResponse, html, json, standardError, text } from './responses.ts';
import type { Fault } from './faults.ts';
import { uuidOf } from './ids.ts';

/** Returns the response that a fault sends instead of the server's own; undefined if it sends none. */
export function replacement(fault: Fault | undefined, serverNowMs: number): HttpResponse | undefined {
  switch (fault?.kind) {
    case 'status':
      return withStatus(fault, serverNowMs);
    case 'html-200':
      return html(200, 'Sign in');
    case 'wrong-type':
      return json(200, fault.body);
    case 'redirect':
      return { status: fault.status ?? 302, headers: { location: fault.location }, body: '' };
    case 'reset':
    case 'refuse':
    case 'hang':
    case 'garbage':
      return text(503, 'This response is never sent.');
    default:
      return undefined;
  }
}

/** Changes the server's own response as a fault demands. Other faults act only when it is sent. */
export function altered(response: HttpResponse, fault: Fault | undefined): HttpResponse {
  switch (fault?.kind) {
    case 'truncated-json':
      return { ...response, body: firstHalf(response.body) };
    case 'other-job':
      return withFields(response, { id: uuidOf('another job'), state: 'COMPLETED', result: 'SUCCESS' });
    case 'huge':
      return withFields(response, { message: 'x'.repeat(fault.megabytes * 1024 * 1024) });
    default:
      return response;
  }
}

function withStatus(fault: Extract<Fault, { kind: 'status' }>, serverNowMs: number): HttpResponse {
  const message = `Simulated fault with status ${fault.status}.`;
  const response =
    fault.body === 'text'
      ? text(fault.status, 'no healthy upstream')
      : fault.body === 'html'
        ? html(fault.status, message)
        : standardError(fault.status, 'simulatedFault', message);
  const delay = fault.retryAfter;
  const retryAfter =
    delay && (delay.as === 'seconds' ? `${delay.seconds}` : new Date(serverNowMs + delay.seconds * 1000).toUTCString());
  const headers = { ...response.headers, ...(retryAfter && { 'retry-after': retryAfter }), ...fault.headers };
  return { ...response, headers };
}

function withFields(response: HttpResponse, fields: Record<string, unknown>): HttpResponse {
  if (response.body === '') return response;
  const body = JSON.parse(response.body) as Record<string, unknown>;
  return { ...response, body: JSON.stringify({ ...body, ...fields }) };
}

/** Returns the first half of a text. */
export function firstHalf(body: string): string {
  return body.slice(0, Math.floor(body.length / 2));
}
