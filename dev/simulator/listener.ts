import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** How long idle connections are kept, as gateways commonly do. */
const KEEP_ALIVE_MS = 65_000;

/** A loopback HTTP server that counts its connections. */
export class Listener {
  readonly host: string;
  /** How many connections are open, were opened in total, and were open at the same time. */
  readonly connections = { open: 0, opened: 0, peak: 0 };
  readonly #server: Server;
  readonly #ids = new WeakMap<Socket, number>();
  #port: number;
  #reopening: NodeJS.Timeout | undefined;

  constructor(host: string, port: number, onRequest: RequestListener) {
    this.host = host;
    this.#port = port;
    this.#server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, onRequest);
    this.#server.on('connection', (socket) => this.#count(socket));
  }

  get port(): number {
    return this.#port;
  }

  /** Starts to accept connections. */
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

  /** Returns the number of a connection, starting at 1. */
  idOf(socket: Socket): number {
    return this.#ids.get(socket) ?? 0;
  }

  /** Resets every connection and refuses new ones for a while. */
  refuseFor(ms: number): void {
    clearTimeout(this.#reopening);
    this.#server.close();
    this.#server.closeAllConnections();
    this.#reopening = setTimeout(() => void this.listen(), ms);
  }

  /** Stops accepting connections, and closes those that are open. */
  async close(): Promise<void> {
    clearTimeout(this.#reopening);
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
