/** Who is at the other end of a socket: addresses and certificate fingerprint, read once a connection. It proves nothing beyond TLS. */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { EXPORTER_BYTES, EXPORTER_LABEL } from '@openkma/protocol';
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
    ...(service === 'certificate' && socket instanceof TLSSocket ? exporterOf(socket) : {}),
  };
  origins.set(socket, origin);
  return origin;
}

/** SHA-256 of the certificate, as the store has it; only of one that TLS has verified against the root. */
function fingerprintOf(socket: TLSSocket): string | null {
  if (!socket.authorized) return null;
  return socket.getPeerX509Certificate()?.fingerprint256.replaceAll(':', '') ?? null;
}

/**
 * What binds a proof to this connection (RFC 9266). Below TLS 1.3 there is none, because there two connections can be made to
 * share their secrets, and Node does not tell where the extended master secret prevents it; then the modern proof is refused.
 */
function exporterOf(socket: TLSSocket): { readonly exporter?: Uint8Array } {
  if (socket.getProtocol() !== 'TLSv1.3') return {};
  return { exporter: socket.exportKeyingMaterial(EXPORTER_BYTES, EXPORTER_LABEL, Buffer.alloc(0)) };
}

/** An IPv4 address in IPv6 clothes is shown plain, and a zone is cut. */
export function plainAddress(address: string | undefined): string {
  return (address ?? '').replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
}
