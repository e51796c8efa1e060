import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

import type { HttpResponse } from './responses.ts';
import type { Fault } from './faults.ts';
import { firstHalf } from './fault-responses.ts';

/** Sends a response, or as much of it as the fault allows. */
export async function sendResponse(
  response: ServerResponse,
  content: HttpResponse,
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
      sendHalf(response, content, date);
      return;
    case 'break-off':
      sendHalf(response, content, date, () => response.socket?.end());
      return;
    case 'drip':
      drip(response, content, date, fault.everyMs);
      return;
    case 'delay':
      await sleep(fault.ms, undefined, { ref: false });
      break;
    default:
  }
  sendHead(response, content, date, true);
  response.end(content.body);
}

function sendHead(response: ServerResponse, content: HttpResponse, date: string, withLength: boolean): void {
  const length = { 'content-length': Buffer.byteLength(content.body) };
  response.sendDate = false;
  response.writeHead(content.status, {
    date,
    ...content.headers,
    ...(withLength && content.status !== 204 && length),
  });
}

function sendHalf(response: ServerResponse, content: HttpResponse, date: string, then?: () => void): void {
  // Without a body nothing is sent, not even the headers.
  if (content.body === '') {
    then?.();
    return;
  }
  sendHead(response, content, date, true);
  response.flushHeaders();
  response.write(firstHalf(content.body), then);
}

function drip(response: ServerResponse, content: HttpResponse, date: string, everyMs: number): void {
  sendHead(response, content, date, false);
  let sent = 0;
  const timer = setInterval(() => response.write(content.body.at(sent++) ?? ' '), everyMs);
  response.once('close', () => clearInterval(timer));
}
