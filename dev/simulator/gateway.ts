import { once } from 'node:events';
import { Agent, request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';

import { Listener } from './listener.ts';

/** A request, as a rule sees it. */
export type GatewayRequest = {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** Its number among those for this path, starting at 1. */
  readonly nth: number;
  /** When it came, in milliseconds since 1970. */
  readonly at: number;
  /** Whether its connection has already served another request. */
  readonly isReused: boolean;
};

/** A complete response. */
export type GatewayResponse = {
  readonly status: number;
  readonly headers?: IncomingHttpHeaders;
  readonly body?: string | Buffer;
};

/** What the gateway sends in place of the server: a response, or a reset of the connection. Undefined: nothing. */
export type GatewayRule = (request: GatewayRequest) => GatewayResponse | 'reset' | undefined;

/** How a gateway differs from one that passes everything on. */
export type GatewayOptions = {
  readonly rule?: GatewayRule;
  /** Changes what the server responds. */
  readonly alter?: (response: Required<GatewayResponse>) => GatewayResponse;
};

/** A gateway that runs. */
export type Gateway = {
  readonly url: string;
  /** Every request so far, with the status that the gateway sent; 0 is a reset. */
  readonly requests: readonly (GatewayRequest & { readonly status: number })[];
  readonly connections: Listener['connections'];
  readonly close: () => Promise<void>;
};

/** Starts a reverse proxy in front of a server, on the loopback interface. */
export async function startGateway(target: string, { rule, alter }: GatewayOptions = {}): Promise<Gateway> {
  const agent = new Agent({ keepAlive: true });
  const requests: (GatewayRequest & { status: number })[] = [];
  const counts = new Map<string, number>();
  const used = new WeakSet<Socket>();

  const describe = ({ method = 'GET', url = '/', headers, socket }: IncomingMessage): GatewayRequest => {
    const path = url.replace(/\?.*/, '');
    const nth = (counts.get(path) ?? 0) + 1;
    counts.set(path, nth);
    const isReused = used.has(socket);
    used.add(socket);
    return { method, path, headers, nth, at: Date.now(), isReused };
  };

  const listener = new Listener('127.0.0.1', 0, (incoming, outgoing) => {
    const request = describe(incoming);
    const own = rule?.(request);
    requests.push({ ...request, status: own === 'reset' ? 0 : (own?.status ?? 200) });
    if (own === 'reset') {
      incoming.socket.resetAndDestroy();
      return;
    }
    const index = requests.length - 1;
    const respond = async (): Promise<void> => {
      const { status, headers = {}, body = '' } = own ?? (await passOn(incoming, target, agent, alter));
      requests[index] = { ...request, status };
      const length = status === 304 || status === 204 ? {} : { 'content-length': Buffer.byteLength(body) };
      outgoing.writeHead(status, { ...headers, ...length }).end(body);
    };
    respond().catch(() => incoming.socket.destroy());
  });
  await listener.listen();
  return {
    url: `http://127.0.0.1:${listener.port}`,
    requests,
    connections: listener.connections,
    close: () => {
      agent.destroy();
      return listener.close();
    },
  };
}

/** Headers of one connection, which a gateway does not pass on (RFC 9110, 7.6.1). */
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'transfer-encoding']);

async function passOn(
  incoming: IncomingMessage,
  target: string,
  agent: Agent,
  alter: GatewayOptions['alter'] = (response) => response,
): Promise<GatewayResponse> {
  const { method, url = '/', headers } = incoming;
  const onward = httpRequest(new URL(url, target), { method, headers, agent });
  incoming.pipe(onward);
  // The connection outlives the request: without its end, each request would leave a listener.
  const stop = () => onward.destroy();
  incoming.socket.once('close', stop);
  onward.once('close', () => incoming.socket.off('close', stop));
  const [response] = (await once(onward, 'response')) as [IncomingMessage];
  const passed = Object.entries(response.headers).filter(([name]) => !HOP_BY_HOP.has(name));
  return alter({
    status: response.statusCode ?? 502,
    headers: Object.fromEntries(passed),
    body: await buffer(response),
  });
}
