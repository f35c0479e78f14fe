/** The ten connections that managers may have with this KMA at a time (product reference 1.3). Strangers never take one of them. */
import type { Duplex } from 'node:stream';

export const MANAGER_CONNECTIONS = 10;

export class ManagerConnections {
  readonly #known = new Set<Duplex>();

  has(socket: Duplex): boolean {
    return this.#known.has(socket);
  }

  /** For a caller who is known; false where all are taken. It ends with the connection. */
  admit(socket: Duplex): boolean {
    if (this.#known.size >= MANAGER_CONNECTIONS) return false;
    this.#known.add(socket);
    socket.once('close', () => this.#known.delete(socket));
    return true;
  }
}
