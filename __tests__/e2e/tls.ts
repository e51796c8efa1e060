import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, request as httpRequest } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { generate } from 'selfsigned';

/** Makes a certificate that only `caFile` makes trusted, and that is valid now unless other dates are given. */
export async function makeCertificate(host: string, dates: { notBeforeDate?: Date; notAfterDate?: Date } = {}) {
  const altNames = [{ type: 2 as const, value: host }];
  const pems = await generate([{ name: 'commonName', value: host }], {
    ...dates,
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames },
    ],
  });
  const caFile = join(mkdtempSync(join(tmpdir(), 'tls-')), 'ca.pem');
  writeFileSync(caFile, pems.cert);
  return { key: pems.private, cert: pems.cert, caFile };
}

/** Starts an https server in front of a simulator, with a certificate that only `caFile` makes trusted. */
export async function tlsFront(target: string, host: string) {
  const { caFile, ...certificate } = await makeCertificate(host);
  const server = createHttpsServer(certificate, (incoming, outgoing) => {
    const { method, headers, url = '/' } = incoming;
    const onward = httpRequest(new URL(url, target), { method, headers }, (response) => {
      outgoing.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(outgoing);
    });
    incoming.pipe(onward);
  });
  return { port: await listen(server), caFile, close: () => server.close().closeAllConnections() };
}

/** Lets a server listen on a free port. */
export async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/**
 * Starts a proxy that connects every host to one port of this machine, and records the hosts.
 * @param rejection a status with which it rejects every connection, or that for the nth one
 * @param certificate makes it an https proxy
 */
export async function connectProxy(
  port: number,
  credentials?: string,
  rejection?: number | ((nth: number) => number | undefined),
  certificate?: { key: string; cert: string },
) {
  const asked: string[] = [];
  const times: number[] = [];
  const sockets = new Set<Socket>();
  const expected = credentials && `Basic ${Buffer.from(credentials).toString('base64')}`;
  const server = certificate ? createHttpsServer(certificate) : createHttpServer();
  server.on('connect', (request, client: Socket) => {
    asked.push(request.url ?? '');
    const nth = times.push(Date.now());
    const isRejected = expected !== undefined && request.headers['proxy-authorization'] !== expected;
    const status = isRejected ? 407 : typeof rejection === 'function' ? rejection(nth) : rejection;
    if (status !== undefined) {
      client.end(`HTTP/1.1 ${status} Rejected\r\n\r\n`);
      return;
    }
    const onward = connect(port, '127.0.0.1', () => client.write('HTTP/1.1 200 Connection established\r\n\r\n'));
    for (const socket of [client, onward]) sockets.add(socket.on('error', () => socket.destroy()));
    onward.pipe(client).pipe(onward);
  });
  const close = () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { port: await listen(server), asked, times, close };
}
