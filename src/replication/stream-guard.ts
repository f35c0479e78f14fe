/** Ends a stream whose other side goes on asking while it reads nothing, since the engine keeps what it is asked without a bound. It reads no message. */
import Protomux from 'protomux';
import type { SecureStream } from './secure-stream.ts';

/** The engine itself has at most some hundred requests under way, of a few bytes each. */
const UNREAD_BYTES_MAX = 4 * 1024 * 1024;

export function guard(stream: SecureStream): void {
  const mux = Protomux.from(stream);
  let unread = 0;
  stream.on('drain', () => {
    unread = 0;
  });
  stream.on('data', (bytes: Uint8Array) => {
    unread = mux.drained ? 0 : unread + bytes.length;
    if (unread > UNREAD_BYTES_MAX) stream.destroy(new Error('the other side asks and does not read'));
  });
}
