/** Who is at the other end of a socket: addresses and certificate fingerprint, read once a connection. It proves nothing beyond TLS. */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { ServiceName } from '../ports.ts';
import type { FrontOrigin } from '../processes/messages.ts';

const origins = new WeakMap<Socket, FrontOrigin>();

export function originOf(socket: Socket, service: ServiceName): FrontOrigin {
  const known = origins.get(socket);
  if (known !== undefined) return known;
  const origin: FrontOrigin = {
    service,
    address: plainAddress(socket.remoteAddress),
    localAddress: plainAddress(socket.localAddress),
    fingerprint: socket instanceof TLSSocket ? fingerprintOf(socket) : null,
  };
  origins.set(socket, origin);
  return origin;
}

/** SHA-256 of the certificate, as the store has it; only of one that TLS has verified against the root. */
function fingerprintOf(socket: TLSSocket): string | null {
  if (!socket.authorized) return null;
  return socket.getPeerX509Certificate()?.fingerprint256.replaceAll(':', '') ?? null;
}

/** An IPv4 address in IPv6 clothes is shown plain, and a zone is cut. */
export function plainAddress(address: string | undefined): string {
  return (address ?? '').replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
}
