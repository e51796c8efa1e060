import { type Answer, html, json, standardError, text } from './answers.ts';
import type { Fault } from './faults.ts';
import { uuidOf } from './ids.ts';

/** The answer that a fault puts in the place of Collibra's own, if it does. */
export function replacement(fault: Fault | undefined, shownNow: number): Answer | undefined {
  switch (fault?.kind) {
    case 'status':
      return withStatus(fault, shownNow);
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
      return text(503, 'The connection never carries this answer.');
    default:
      return undefined;
  }
}

/** Collibra's own answer as a fault changes it; faults that cut or delay it leave it as it is. */
export function changed(answer: Answer, fault: Fault | undefined): Answer {
  switch (fault?.kind) {
    case 'truncated-json':
      return { ...answer, body: firstHalf(answer.body) };
    case 'other-job':
      return withFields(answer, { id: uuidOf('another job'), state: 'COMPLETED', result: 'SUCCESS' });
    case 'huge':
      return withFields(answer, { message: 'x'.repeat(fault.megabytes * 1024 * 1024) });
    default:
      return answer;
  }
}

function withStatus(fault: Extract<Fault, { kind: 'status' }>, shownNow: number): Answer {
  const message = `Simulated fault with status ${fault.status}.`;
  const answer =
    fault.body === 'text'
      ? text(fault.status, 'no healthy upstream')
      : fault.body === 'html'
        ? html(fault.status, message)
        : standardError(fault.status, 'simulatedFault', message);
  const wait = fault.retryAfter;
  const retryAfter =
    wait &&
    (wait.as === 'seconds' ? `${wait.seconds}` : new Date(shownNow + wait.seconds * 1000).toUTCString());
  const headers = { ...answer.headers, ...(retryAfter && { 'retry-after': retryAfter }), ...fault.headers };
  return { ...answer, headers };
}

function withFields(answer: Answer, fields: Record<string, unknown>): Answer {
  if (answer.body === '') return answer;
  const body = JSON.parse(answer.body) as Record<string, unknown>;
  return { ...answer, body: JSON.stringify({ ...body, ...fields }) };
}

/** The first half of a text. */
export function firstHalf(body: string): string {
  return body.slice(0, Math.floor(body.length / 2));
}
