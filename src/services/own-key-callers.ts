/** On the port of discovery: lets in whom the root CA vouches for, and who has a key of his own as managers do. It knows nobody. */
import type { Server } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { managerOriginOf, plainAddress } from './caller.ts';

const UNVERIFIED = 'no certificate';

/** Takes the place of the server's own listeners of finished handshakes, so that nothing that others send is read. */
export function admitOwnKeys(server: Server, refused: (reason: string, address: string) => void): void {
  const accept = server.listeners('secureConnection');
  server.removeAllListeners('secureConnection');
  server.on('secureConnection', (socket: TLSSocket) => {
    if (socket.authorized || hasOwnKey(socket)) {
      for (const listener of accept) listener.call(server, socket);
      return;
    }
    const { authorizationError: error } = socket;
    refused(String(error ?? UNVERIFIED).slice(0, 64), plainAddress(socket.remoteAddress));
    socket.destroy();
  });
}

/** Below TLS 1.3 a certificate travels in the clear, and old suites are open there: nobody needs a key of his own with them. */
export function hasOwnKey(socket: TLSSocket): boolean {
  return socket.getProtocol() === 'TLSv1.3' && managerOriginOf(socket).keySha256 !== null;
}
