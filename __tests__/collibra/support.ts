import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { Credentials } from '../../src/collibra/auth.ts';
import { CollibraClient } from '../../src/collibra/client.ts';
import { Requests } from '../../src/collibra/http/requests.ts';
import type { HttpRequest } from '../../src/collibra/http/transport.ts';
import { shorten } from '../../src/text.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeTransport, type Reply } from '../support/http.ts';
import { noCancel } from '../support/waiting.ts';

const BASE_URL = 'https://acme.example/c';

/** What a fake server replies to its n-th request, counted from 1. */
export type Replies = (request: HttpRequest, n: number) => Reply;

/** Sends requests to a fake server. */
export function fakeRequests(reply: Replies, takesMs = 0, redactAndTruncate = shorten) {
  const clock = new FakeClock();
  const transport = new FakeTransport(clock, reply, takesMs);
  /** Each delay that a rate limit causes, in milliseconds. */
  const delays: number[] = [];
  const requests = new Requests(transport, clock, redactAndTruncate, (delayMs) => delays.push(delayMs));
  return { clock, transport, requests, delays, limits: { signal: noCancel() } };
}

const bearer: Credentials = {
  advice: 'Check token.',
  authorization: () => Promise.resolve('Bearer t'),
  onAccepted: () => undefined,
  onRejected: () => undefined,
};

/** A client of a fake Collibra under `https://acme.example/c`. */
export function fakeCollibra(reply: Replies, credentials = bearer) {
  const { requests, ...rest } = fakeRequests(reply);
  return { ...rest, client: new CollibraClient(BASE_URL, requests, credentials, rest.clock) };
}

/** The requests as lines such as `GET /path?query`. */
export function lines({ requests }: FakeTransport): string[] {
  return requests.map(({ method, url }) => `${method} ${url.replace(BASE_URL, '')}`);
}

const servers: Server[] = [];

/** Starts a server that {@link closeServers} closes. Returns its port. */
export async function listen(server: Server, host = '127.0.0.1'): Promise<number> {
  servers.push(server);
  await once(server.listen(0, host), 'listening');
  return (server.address() as AddressInfo).port;
}

/** Closes all servers of a test, and their connections. */
export function closeServers(): void {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
}
