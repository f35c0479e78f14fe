/** Bounds the open connections of one listener, in all and from one source, and closes those of strangers first, so that an agent always gets in. */
import type { Server, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { sourceOf } from '../core/source.ts';
import { plainAddress } from './caller.ts';
import { type Connection, ConnectionTable, type TableLimits } from './connection-table.ts';

/** One source has at most this part of the connections. */
const SOURCE_PART = 4;
/** Files a front needs for everything else: its program, the core, its parent. */
const OTHER_FILES = 128;
/** What all fronts hold together, however many files they may open: each connection costs memory. */
const CONNECTIONS_OF_KMA = 8_192;
const LISTENER_CONNECTIONS_MIN = 16;

/** The connections of each listener of one front; every front is a process with its own `openFiles`. */
export function connectionsOfListener(of: {
  readonly openFiles: number;
  readonly fronts: number;
  readonly listeners: number;
}): number {
  const ofFront = Math.min(of.openFiles - OTHER_FILES, CONNECTIONS_OF_KMA / of.fronts);
  return Math.max(LISTENER_CONNECTIONS_MIN, Math.floor(ofFront / of.listeners));
}

export function limitsOfListener(connections: number): TableLimits {
  return { connections, connectionsPerSource: Math.max(1, Math.floor(connections / SOURCE_PART)) };
}

/** What the listener tells of its connections while it serves them. */
export interface LimitedConnections {
  /** A whole request has arrived; its answer is on the way. */
  busy(socket: Duplex): void;
  idle(socket: Duplex): void;
}

/**
 * Takes the place of the server's own listeners of new connections, which see only those that are admitted. `provenByTls`:
 * a finished handshake proves a caller; elsewhere only an answered request does.
 */
export function limitConnections(
  server: Server,
  limits: TableLimits,
  provenByTls: boolean,
  refused: (address: string) => void,
): LimitedConnections {
  const table = new ConnectionTable(limits, provenByTls);
  const sockets = new Map<Connection, Socket>();
  const known = new WeakMap<Duplex, Connection>();
  const handshaking = new Map<string, Connection>();
  const accept = server.listeners('connection');
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => {
    const address = plainAddress(socket.remoteAddress);
    const source = sourceOf(address);
    const goes = table.roomFor(source);
    if (goes !== null) refused(goes === 'refuse' ? address : plainAddress(sockets.get(goes)?.remoteAddress));
    if (goes === 'refuse') return void socket.destroy();
    if (goes !== null) {
      sockets.get(goes)?.destroy();
      table.remove(goes);
    }
    const connection = table.add(source);
    const ends = endsOf(socket);
    sockets.set(connection, socket);
    known.set(socket, connection);
    handshaking.set(ends, connection);
    socket.once('close', () => {
      table.remove(connection);
      sockets.delete(connection);
      if (handshaking.get(ends) === connection) handshaking.delete(ends);
    });
    for (const listener of accept) listener.call(server, socket);
  });
  /** TLS gives a socket of its own, which has the same two ends. */
  server.prependListener('secureConnection', (socket: TLSSocket) => {
    const connection = handshaking.get(endsOf(socket));
    if (connection === undefined) return;
    known.set(socket, connection);
    if (provenByTls && socket.authorized) table.move(connection, 'idle');
  });
  const move = (socket: Duplex, standing: 'busy' | 'idle') => {
    const connection = known.get(socket);
    if (connection !== undefined) table.move(connection, standing);
  };
  return { busy: (socket) => move(socket, 'busy'), idle: (socket) => move(socket, 'idle') };
}

function endsOf(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort} ${socket.localAddress}`;
}
