/** A Unix socket that only this user and, where there is one, the fronts' group may open. It reads nothing. */
import { chmodSync, chownSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';

export interface PrivateSocket {
  readonly path: string;
  readonly groupId: number | null;
  readonly connections: number;
}

export function listenPrivately(
  { path, groupId, connections }: PrivateSocket,
  serve: (socket: Socket) => void,
): Promise<Server> {
  rmSync(path, { force: true });
  const server = createServer(serve);
  server.maxConnections = connections;
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      if (groupId !== null) chownSync(path, process.getuid?.() ?? 0, groupId);
      chmodSync(path, groupId === null ? 0o600 : 0o660);
      resolve(server);
    });
  });
}
