/** The ten connections that managers may have with this KMA at a time (product reference 1.3), and how many of them one user. Strangers never take one of them. */
import type { Duplex } from 'node:stream';
import type { ErrorCode } from '../../errors.ts';

export const MANAGER_CONNECTIONS = 10;
/** Enough for one at a terminal, and scripts beside; two users together leave two places to others. */
export const USER_CONNECTIONS = 4;

export class ManagerConnections {
  /** With the user of each. */
  readonly #known = new Map<Duplex, string>();

  has(socket: Duplex): boolean {
    return this.#known.has(socket);
  }

  /** For a caller who is known; the code of the limit he meets, or null. It ends with the connection. */
  admit(socket: Duplex, userId: string): ErrorCode | null {
    const own = [...this.#known.values()].filter((user) => user === userId);
    if (own.length >= USER_CONNECTIONS) return 'TOO_MANY_OWN_CONNECTIONS';
    if (this.#known.size >= MANAGER_CONNECTIONS) return 'TOO_MANY_CONNECTIONS';
    this.#known.set(socket, userId);
    socket.once('close', () => this.#known.delete(socket));
    return null;
  }
}
