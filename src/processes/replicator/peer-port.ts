/** The listeners of port 3336: TLS with a certificate of the cluster, then the member by its key, then who speaks the asked protocol. Everybody else is closed and reported. */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { Arrival, Refused } from '../../replication/peers.ts';
import type { Roster } from '../../replication/roster.ts';
import {
  type ClusterStanding,
  STANDING_ALPN,
  type StandingAnswer,
} from '../../replication/standing-messages.ts';
import {
  kmaNameOf,
  peerKeySha256,
  type ReplicationTls,
  replicationContext,
  serverOptions,
} from '../../replication/tls.ts';
import { addressOf, plainAddress } from '../../services/caller.ts';
import { type LimitedConnections, limitConnections } from '../../services/connection-limit.ts';
import { isNoAttempt } from '../../services/no-attempt.ts';
import { FrameSocket } from '../frame.ts';
import type { ReplicationListen } from '../messages.ts';

export interface PeerPortParts {
  readonly listens: readonly ReplicationListen[];
  readonly ownKmaId: () => string;
  /** Null while the core has not said who the members are; then nobody is let in, and nobody reported. */
  readonly roster: () => Roster | null;
  /** By protocol (ALPN), who takes a member that has come. */
  readonly handlers: ReadonlyMap<string, (arrival: Arrival) => void>;
  readonly onRefused: (refused: Refused) => void;
}

/** Nineteen members, and strangers, who make room for each other. */
const CONNECTIONS = { connections: 128, connectionsPerSource: 32 };

export class PeerPort {
  readonly #parts: PeerPortParts;
  readonly #servers: Server[] = [];

  private constructor(parts: PeerPortParts) {
    this.#parts = parts;
  }

  /** Rejects where a port cannot be opened, and then leaves none open. */
  static async open(parts: PeerPortParts, tls: ReplicationTls): Promise<PeerPort> {
    const port = new PeerPort(parts);
    try {
      for (const { host, port: number } of parts.listens) {
        const server = port.#server(tls);
        port.#servers.push(server);
        server.listen({ host, port: number });
        await once(server, 'listening');
      }
    } catch (error) {
      port.close();
      throw error;
    }
    return port;
  }

  /** For connections from now on. */
  updateTls(tls: ReplicationTls): void {
    for (const server of this.#servers) server.setSecureContext(replicationContext(tls));
  }

  close(): void {
    for (const server of this.#servers) server.close();
  }

  #server(tls: ReplicationTls): Server {
    const server = createServer(serverOptions(tls, [...this.#parts.handlers.keys(), STANDING_ALPN]));
    const refuse = (address: string, reason: string, keySha256: string | null) =>
      this.#parts.onRefused({ address, reason, keySha256 });
    const connections = limitConnections(server, CONNECTIONS, true, (address) =>
      refuse(address, 'too many connections', null),
    );
    server.on('secureConnection', (socket) => this.#take(socket, connections));
    server.on('tlsClientError', (error: NodeJS.ErrnoException, socket: Socket) => {
      if (!isNoAttempt(error, socket))
        refuse(
          addressOf(socket),
          `no certificate of this cluster: ${error.code ?? 'closed'}`.slice(0, 128),
          null,
        );
      socket.destroy();
    });
    return server;
  }

  /** Agents and users may have certificates of the same CA: what counts is whose key it is. */
  #take(socket: TLSSocket, connections: LimitedConnections): void {
    socket.on('error', () => undefined);
    const roster = this.#parts.roster();
    if (roster === null) return void socket.destroy();
    const address = plainAddress(socket.remoteAddress);
    const keySha256 = peerKeySha256(socket);
    const member = roster.ofKey(keySha256);
    const kma = kmaNameOf(socket);
    const known = roster.standingOf(keySha256);
    const standing = known ?? (kma === null ? null : 'unknown');
    const asks = socket.alpnProtocol === STANDING_ALPN;
    if (asks && standing !== null) tellStanding(socket, standing);
    if (asks && member !== undefined) return;
    const handler = this.#parts.handlers.get(socket.alpnProtocol || '');
    const reason =
      member === undefined
        ? `the key of no member${whose(known, kma)}`
        : member.kmaId === this.#parts.ownKmaId()
          ? 'the key of this KMA itself'
          : handler === undefined
            ? 'no protocol of this port'
            : null;
    if (member === undefined || handler === undefined || reason !== null) {
      if (!asks || standing === null) socket.destroy();
      return this.#parts.onRefused({
        address,
        reason: reason ?? 'refused',
        keySha256: keySha256 || null,
      });
    }
    connections.busy(socket);
    handler({ socket, member, address });
  }
}

function whose(standing: ClusterStanding | null, kma: string | null): string {
  if (standing !== null) return `: ${standing}`;
  return kma === null
    ? ''
    : `, in a certificate of this cluster for KMA ${kma}: restored from a backup, or not known here yet`;
}

/** Who does not take it has no claim to a connection. */
const STANDING_TAKEN_MS = 5_000;

/** And nothing else. */
function tellStanding(socket: TLSSocket, standing: ClusterStanding): void {
  const late = setTimeout(() => socket.destroy(), STANDING_TAKEN_MS).unref();
  const frames = new FrameSocket(socket, {
    onMessage: () => frames.close(null),
    onClose: () => clearTimeout(late),
  });
  frames.send({ t: 'standing', standing } satisfies StandingAnswer);
  frames.end();
}
