/** Bounds the open connections of one listener, in all and from one address, so that one stranger does not keep the others out. */
import type { Server, Socket } from 'node:net';
import { plainAddress } from './caller.ts';

export interface ConnectionLimits {
  readonly connections: number;
  readonly connectionsPerAddress: number;
}

/** Destroys what is above a limit at once; the server's own listeners never see it. */
export function limitConnections(
  server: Server,
  limits: ConnectionLimits,
  refused: (address: string) => void,
): void {
  const open = new Map<string, number>();
  let total = 0;
  const leave = (address: string): void => {
    total -= 1;
    const left = (open.get(address) ?? 1) - 1;
    if (left === 0) open.delete(address);
    else open.set(address, left);
  };
  const accept = server.listeners('connection');
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => {
    const address = plainAddress(socket.remoteAddress);
    const ofAddress = (open.get(address) ?? 0) + 1;
    if (total >= limits.connections || ofAddress > limits.connectionsPerAddress) {
      refused(address);
      socket.destroy();
      return;
    }
    total += 1;
    open.set(address, ofAddress);
    socket.once('close', () => leave(address));
    for (const listener of accept) listener.call(server, socket);
  });
}
