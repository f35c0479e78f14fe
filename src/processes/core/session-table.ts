/** TLS sessions of the agents' ports, shared by all fronts (D7): in memory only, bounded, young. It never leaves the core process. */

const SESSIONS_MAX = 20_000;
const SESSION_BYTES_MAX = 4096;
const AGE_MAX_MS = 55 * 60_000;

interface Session {
  readonly data: Uint8Array;
  readonly storedMs: number;
}

export class SessionTable {
  readonly #sessions = new Map<string, Session>();

  /** `service` is part of the key, so that a session of a port without client certificates opens no other port. */
  put(service: string, id: string, data: Uint8Array, nowMs: number): void {
    if (data.length > SESSION_BYTES_MAX || id.length > 128) return;
    const key = `${service}:${id}`;
    this.#sessions.delete(key);
    this.#sessions.set(key, { data, storedMs: nowMs });
    while (this.#sessions.size > SESSIONS_MAX) this.#dropOldest();
  }

  get(service: string, id: string, nowMs: number): Uint8Array | null {
    const key = `${service}:${id}`;
    const session = this.#sessions.get(key);
    if (session === undefined) return null;
    if (nowMs - session.storedMs <= AGE_MAX_MS) return session.data;
    this.#sessions.delete(key);
    return null;
  }

  /** When TLS settings, the root or certificates change. */
  clear(): void {
    this.#sessions.clear();
  }

  #dropOldest(): void {
    for (const key of this.#sessions.keys()) {
      this.#sessions.delete(key);
      return;
    }
  }
}
