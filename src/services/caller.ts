/** Who is at the other end of a socket: addresses, and certificate or key, read once a connection. It proves nothing beyond TLS. */
import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { EXPORTER_BYTES, EXPORTER_LABEL } from '@openkma/protocol';
import { isManagerKey } from '../core/manager-key.ts';
import type { SoapService } from '../ports.ts';
import type { ManagerOrigin } from '../processes/management-messages.ts';
import type { FrontOrigin } from '../processes/messages.ts';

const origins = new WeakMap<Socket, FrontOrigin>();

export function originOf(socket: Socket, service: SoapService): FrontOrigin {
  const known = origins.get(socket);
  if (known !== undefined) return known;
  const origin: FrontOrigin = {
    service,
    address: plainAddress(socket.remoteAddress),
    localAddress: plainAddress(socket.localAddress),
    fingerprint: socket instanceof TLSSocket ? fingerprintOf(socket) : null,
    ...(service === 'certificate' && socket instanceof TLSSocket ? exporterOf(socket) : {}),
    ...(service === 'discovery' && socket instanceof TLSSocket ? { keySha256: keySha256Of(socket) } : {}),
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
 * share their secrets unless both use the extended master secret (RFC 7627), which Node does not tell; then the modern proof is
 * refused.
 */
function exporterOf(socket: TLSSocket): { readonly exporter?: Uint8Array } {
  if (socket.getProtocol() !== 'TLSv1.3') return {};
  return { exporter: socket.exportKeyingMaterial(EXPORTER_BYTES, EXPORTER_LABEL, Buffer.alloc(0)) };
}

const managers = new WeakMap<TLSSocket, ManagerOrigin>();

/** A manager is known by his key alone (D7), whose private half TLS has seen proven: names, dates and signatures of his certificate say nothing. */
export function managerOriginOf(socket: TLSSocket): ManagerOrigin {
  const known = managers.get(socket);
  if (known !== undefined) return known;
  const origin: ManagerOrigin = {
    address: plainAddress(socket.remoteAddress),
    localAddress: plainAddress(socket.localAddress),
    keySha256: keySha256Of(socket),
  };
  managers.set(socket, origin);
  return origin;
}

function keySha256Of(socket: TLSSocket): string | null {
  const key = socket.getPeerX509Certificate()?.publicKey;
  if (key === undefined || !isManagerKey(key)) return null;
  const spki = key.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(spki).digest('hex').toUpperCase();
}

/**
 * Also where the handshake has failed: Node has closed the TLS socket then, which knows no address any more. The connection
 * below it does, since it was asked when it came (connection-limit.ts); Node gives it under no other name than this.
 */
export function addressOf(socket: Duplex): string {
  const { remoteAddress, _parent: below } = socket as Socket & { readonly _parent?: Socket | null };
  return plainAddress(remoteAddress ?? below?.remoteAddress);
}

/** An IPv4 address in IPv6 clothes is shown plain, and a zone is cut. */
export function plainAddress(address: string | undefined): string {
  return (address ?? '').replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
}
