/** Whether a connection that came to nothing was no attempt to be let in, which nobody has to be told of: nothing was asked, and it was the caller who ended it or was silent. It counts nothing. */
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';

/** Looks whether the port is open, a browser that connects ahead, or one whose handshake was begun and not finished. */
const LEFT: readonly (string | undefined)[] = [
  'ECONNRESET',
  'ERR_TLS_HANDSHAKE_TIMEOUT',
  'ERR_HTTP_REQUEST_TIMEOUT',
];
/** OpenSSL's word for an alert that came from the other side: it does not take the certificate of this one, as a browser's first visit. */
const ALERT = /^ERR_SSL_.*_ALERT_/;

/** Of an error of a client, with the socket that the server was given for it. */
export function isNoAttempt({ code }: NodeJS.ErrnoException, socket: Duplex): boolean {
  const { bytesRead = 0, authorizationError } = socket as TLSSocket;
  // Node ends a connection whose certificate is refused, and then says the same as of one that the caller has ended.
  const refused: unknown = authorizationError;
  if (code === 'ECONNRESET' && typeof refused === 'string') return false;
  // Of a TLS socket this counts what came inside of TLS.
  return bytesRead === 0 && (LEFT.includes(code) || ALERT.test(code ?? ''));
}
