/** The engine's own encrypted stream over a connection that TLS protects already: each side proves its log key in it. It decides about no key. */
import type { Duplex } from 'node:stream';
import NoiseSecretStream from '@hyperswarm/secret-stream';
import type { KeyPair } from 'corestore';

export type SecureStream = NoiseSecretStream;

export interface Secured {
  readonly stream: SecureStream;
  /** Raw Ed25519 that the other side has just proven to hold, upper-case hex. */
  readonly replicationPublicKey: string;
}

/** The other side is gone or slow, which is no fault of it. */
class NotSecured extends Error {
  override readonly name = 'NotSecured';
  readonly code = 'ENOTSECURED';
}

/** Rejects where the other side does not get through the handshake in time; the connection is gone then. */
export function secure(
  connection: Duplex,
  initiator: boolean,
  keyPair: KeyPair,
  timeoutMs: number,
): Promise<Secured> {
  const stream = new NoiseSecretStream(initiator, connection, { keyPair });
  const { promise, resolve, reject } = Promise.withResolvers<Secured>();
  const timer = setTimeout(() => stream.destroy(new NotSecured('no handshake in time')), timeoutMs);
  stream.once('connect', () => {
    clearTimeout(timer);
    const replicationPublicKey = stream.remotePublicKey?.toString('hex').toUpperCase() ?? '';
    resolve({ stream, replicationPublicKey });
  });
  // Stays for the life of the stream: an error that nobody hears would end the process.
  stream.on('error', (error: Error) => reject(error));
  stream.once('close', () => {
    clearTimeout(timer);
    reject(new NotSecured('closed during the handshake'));
  });
  return promise;
}
