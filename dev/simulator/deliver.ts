import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Answer } from './answers.ts';
import type { Fault } from './faults.ts';
import { firstHalf } from './spoil.ts';

/** Sends an answer, or as much of it as the fault lets through. */
export async function deliver(
  response: ServerResponse,
  answer: Answer,
  fault: Fault | undefined,
  date: string,
): Promise<void> {
  switch (fault?.kind) {
    case 'hang':
      return;
    case 'reset':
    case 'refuse':
      response.socket?.resetAndDestroy();
      return;
    case 'garbage':
      response.socket?.end('\u0016\u0003\u0001 this is not HTTP\r\n\r\n');
      return;
    case 'stall':
      sendHalf(response, answer, date);
      return;
    case 'break-off':
      sendHalf(response, answer, date, () => response.socket?.end());
      return;
    case 'drip':
      drip(response, answer, date, fault.everyMs);
      return;
    case 'delay':
      await sleep(fault.ms, undefined, { ref: false });
      break;
    default:
  }
  sendHead(response, answer, date, true);
  response.end(answer.body);
}

function sendHead(response: ServerResponse, answer: Answer, date: string, withLength: boolean): void {
  const length = { 'content-length': Buffer.byteLength(answer.body) };
  response.sendDate = false;
  response.writeHead(answer.status, {
    date,
    ...answer.headers,
    ...(withLength && answer.status !== 204 && length),
  });
}

function sendHalf(response: ServerResponse, answer: Answer, date: string, then?: () => void): void {
  // An answer without a body has no half; nothing of it is sent.
  if (answer.body === '') {
    then?.();
    return;
  }
  sendHead(response, answer, date, true);
  response.flushHeaders();
  response.write(firstHalf(answer.body), then);
}

function drip(response: ServerResponse, answer: Answer, date: string, everyMs: number): void {
  sendHead(response, answer, date, false);
  let sent = 0;
  const timer = setInterval(() => response.write(answer.body.at(sent++) ?? ' '), everyMs);
  response.once('close', () => clearInterval(timer));
}
