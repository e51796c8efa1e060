import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** How long an idle connection is kept, as gateways commonly do. */
const KEEP_ALIVE_MS = 65_000;

/** A loopback HTTP server that knows its connections. */
export class Listener {
  readonly host: string;
  /** How many connections there are, were opened in all, and were open at the same time. */
  readonly connections = { open: 0, opened: 0, peak: 0 };
  readonly #server: Server;
  readonly #ids = new WeakMap<Socket, number>();
  #port: number;
  #comeback: NodeJS.Timeout | undefined;

  constructor(host: string, port: number, onRequest: RequestListener) {
    this.host = host;
    this.#port = port;
    this.#server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, onRequest);
    this.#server.on('connection', (socket) => this.#count(socket));
  }

  get port(): number {
    return this.#port;
  }

  /** Begins to take connections. */
  async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#port, this.host, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** The number of a connection, the first being 1. */
  idOf(socket: Socket): number {
    return this.#ids.get(socket) ?? 0;
  }

  /** Resets every connection and refuses new ones for a while. */
  refuseFor(ms: number): void {
    clearTimeout(this.#comeback);
    this.#server.close();
    this.#server.closeAllConnections();
    this.#comeback = setTimeout(() => void this.listen(), ms);
  }

  /** Takes no connections any more and destroys those that are open. */
  async close(): Promise<void> {
    clearTimeout(this.#comeback);
    if (!this.#server.listening) return;
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  #count(socket: Socket): void {
    const { connections } = this;
    this.#ids.set(socket, ++connections.opened);
    connections.open += 1;
    connections.peak = Math.max(connections.peak, connections.open);
    socket.once('close', () => (connections.open -= 1));
  }
}
