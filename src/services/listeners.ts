/** Listeners of one front, opened, renewed and drained together. It knows no service. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import { createServer, type Server as NetServer } from 'node:net';
import type { TlsMaterial } from '../processes/messages.ts';

const BACKLOG = 1_024;

/** One open port. */
export interface ServiceServer<Tls = TlsMaterial> {
  readonly server: Server;
  /** New connections use the new settings; open ones may end between two requests. */
  updateTls(tls: Tls): void;
  /** Accepts nothing more, answers what is under way, and resolves when the last connection is gone. */
  drain(deadlineMs: number): Promise<void>;
}

export interface Listeners<L extends Place, Tls = TlsMaterial> {
  /** As they are: where port 0 was asked for, with the port that was given. */
  readonly listens: readonly L[];
  updateTls(tls: Tls): void;
  drain(deadlineMs: number): Promise<void>;
}

export interface Place {
  readonly host: string;
  readonly port: number;
}

/** Ports that root alone may bind, bound while there still was root, by "HOST PORT"; nobody is answered there yet. */
export type BoundPorts = ReadonlyMap<string, NetServer>;

const ROOTS_BELOW = 1024;
const keyOf = ({ host, port }: Place) => `${host} ${port}`;

/** Whoever connects before the service listens is sent away, and no byte of his is read. */
export async function bindRootsPorts(wanted: readonly Place[]): Promise<BoundPorts> {
  const bound = new Map<string, NetServer>();
  for (const place of wanted.filter(({ port }) => port > 0 && port < ROOTS_BELOW)) {
    const server = createServer((socket) => socket.destroy());
    server.listen({ host: place.host, port: place.port, reusePort: true, backlog: BACKLOG });
    await once(server, 'listening');
    bound.set(keyOf(place), server);
  }
  return bound;
}

/** Rejects where a port cannot be opened, and then leaves none open. `sharePorts`: several processes listen on each. */
export async function openListeners<L extends Place, Tls = TlsMaterial>(
  wanted: readonly L[],
  sharePorts: boolean,
  make: (listen: L) => ServiceServer<Tls>,
  bound: BoundPorts = new Map(),
): Promise<Listeners<L, Tls>> {
  const open: ServiceServer<Tls>[] = [];
  const listens: L[] = [];
  try {
    for (const listen of wanted) {
      const server = make(listen);
      open.push(server);
      listens.push({ ...listen, port: await listenOn(server, listen, sharePorts, bound.get(keyOf(listen))) });
    }
  } catch (error) {
    for (const { server } of open) server.close();
    throw error;
  }
  return {
    listens,
    updateTls: (tls) => {
      for (const server of open) server.updateTls(tls);
    },
    drain: async (deadlineMs) => {
      await Promise.all(open.map((server) => server.drain(deadlineMs)));
    },
  };
}

async function listenOn(
  { server }: Pick<ServiceServer, 'server'>,
  { host, port }: Place,
  reusePort: boolean,
  bound: NetServer | undefined,
): Promise<number> {
  if (bound === undefined) server.listen({ host, port, reusePort, backlog: BACKLOG });
  else server.listen(bound);
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

/** Resolves when the last connection is gone, which is after the deadline at the latest. */
export function drainServer(server: Server, deadlineMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(() => server.closeAllConnections(), deadlineMs);
  server.close(() => {
    clearTimeout(timer);
    resolve();
  });
  return promise;
}
