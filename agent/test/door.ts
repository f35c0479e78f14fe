/** The door of a server for tests: takes connections as a system does, and hands them to the server behind it when that is not hung. It reads nothing. */
import net, { type AddressInfo } from 'node:net';

export class Door {
  readonly #listener: net.Server;
  readonly #sockets = new Set<net.Socket>();

  constructor(server: net.Server, hungUntil: () => Promise<void> | null) {
    this.#listener = net.createServer({ pauseOnConnect: true }, (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      socket.on('error', () => undefined);
      void Promise.resolve(hungUntil()).then(() => {
        if (socket.destroyed) return;
        server.emit('connection', socket);
        socket.resume();
      });
    });
  }

  /** Gives the port. */
  async open(port: number, address: string): Promise<number> {
    await new Promise<void>((resolve) => this.#listener.listen(port, address, resolve));
    return (this.#listener.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#listener.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}
