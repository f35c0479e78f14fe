/** Keeps a port for one KMA of this machine while its fronts open, share and reopen it. It never touches the port itself. */
import { createServer } from 'node:net';

/**
 * A name in Linux' abstract namespace, which like ports belongs to the network namespace and ends with the process; the
 * kernel would let another program of the same user share a port that is open for sharing. Null when another has it.
 */
export function reservePort(host: string, port: number): Promise<(() => void) | null> {
  if (process.platform !== 'linux') return Promise.resolve(() => {});
  const server = createServer((socket) => socket.destroy());
  server.unref();
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(null) : reject(error),
    );
    server.listen(`\0openkma ${host} ${port}`, () => resolve(() => void server.close()));
  });
}
