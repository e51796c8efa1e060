import { once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';

import type { Credentials } from '../../src/collibra/auth.ts';
import { CollibraClient } from '../../src/collibra/client.ts';
import { Requests } from '../../src/collibra/http/requests.ts';
import type { HttpRequest } from '../../src/collibra/http/transport.ts';
import { shorten } from '../../src/text.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeTransport, type Reply } from '../support/http.ts';
import { noCancel } from '../support/waiting.ts';

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
  return { ...rest, client: new CollibraClient('https://acme.example/c', requests, credentials, rest.clock) };
}

const servers: Server[] = [];
const sockets = new Set<Socket>();

/** Starts a server that {@link closeServers} closes. Returns its port. */
export async function listen(server: Server, host = '127.0.0.1'): Promise<number> {
  servers.push(server.on('connection', (socket) => sockets.add(socket)));
  await once(server.listen(0, host), 'listening');
  return (server.address() as AddressInfo).port;
}

/** Closes all servers of a test, and their connections. */
export function closeServers(): void {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  for (const server of servers.splice(0)) server.close();
}

/** How a raw server responds to its n-th request, counted from 1, on its k-th connection. */
export type RawReply = (socket: Socket, n: number, k: number) => void;

/** A handler of connections for a server that speaks no HTTP of its own, and the first line of each request. */
export function rawReplies(reply: RawReply) {
  const asked: string[] = [];
  const seen = { asked, connections: 0 };
  const onConnection = (socket: Socket) => {
    const k = ++seen.connections;
    let received = '';
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      received += chunk.toString();
      const [head = '', body] = received.split('\r\n\r\n');
      const length = Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? 0);
      if (body === undefined || body.length < length) return;
      received = '';
      reply(socket, asked.push(head.split('\r\n')[0] ?? ''), k);
    });
  };
  return { seen, onConnection };
}
