/** A TCP server that is no good syslog server: what it does with a connection is up to the test. It keeps what it was sent. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

export class OddReceiver {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  connections = 0;
  text = '';

  private constructor(server: Server) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
  }

  /** `take` gets each connection; it is not read unless `take` does so. */
  static async start(take: (socket: Socket, receiver: OddReceiver) => void, port = 0): Promise<OddReceiver> {
    const server = createServer({ pauseOnConnect: true });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    const receiver = new OddReceiver(server);
    server.on('connection', (socket) => {
      receiver.connections += 1;
      receiver.#sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => receiver.#sockets.delete(socket));
      take(socket, receiver);
    });
    return receiver;
  }

  /** For `take`: reads all, and closes when the other side does. */
  static reads(socket: Socket, receiver: OddReceiver): void {
    socket.on('data', (data) => {
      receiver.text += data;
    });
    socket.resume();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
