/** Stands between a client and a KMA on one more port offset, and cuts each connection to 3333 after so many bytes of answers. It changes none of them. */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { PORTS } from '../../src/ports.ts';

export class CuttingProxy {
  readonly portOffset: number;
  /** Connections that were cut. */
  cuts = 0;
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();

  private constructor(portOffset: number) {
    this.portOffset = portOffset;
  }

  static async start(to: number, portOffset: number, cutAfterBytes: number): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(portOffset);
    for (const { service, port } of PORTS) {
      const most = service === 'management' ? cutAfterBytes : Number.POSITIVE_INFINITY;
      const server = createServer((socket) => proxy.#join(socket, port + to, most));
      server.listen(port + portOffset, '127.0.0.1');
      await once(server, 'listening');
      proxy.#servers.push(server);
    }
    return proxy;
  }

  #join(client: Socket, port: number, most: number): void {
    const kma = connect(port, '127.0.0.1');
    const cut = () => {
      client.destroy();
      kma.destroy();
    };
    for (const socket of [client, kma]) {
      this.#sockets.add(socket);
      socket.on('error', cut).on('close', cut);
    }
    let bytes = 0;
    client.on('data', (data) => kma.write(data));
    kma.on('data', (data) => {
      bytes += data.length;
      if (bytes > most) {
        this.cuts += 1;
        cut();
      } else client.write(data);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(this.#servers.map((server) => new Promise((closed) => server.close(closed))));
  }
}
