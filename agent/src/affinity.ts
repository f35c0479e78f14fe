/** Which KMA created a data unit or key in this process, so that it is asked before replication (protocol 10). */

const ENTRIES_MAX = 128;

/** Keeps the 128 most recently used entries. */
export class AffinityCache {
  readonly #kmaOf = new Map<string, string>();

  remember(id: string, kmaId: string): void {
    this.#kmaOf.delete(id);
    this.#kmaOf.set(id, kmaId);
    const oldest = this.#kmaOf.keys().next();
    if (this.#kmaOf.size > ENTRIES_MAX && !oldest.done) this.#kmaOf.delete(oldest.value);
  }

  /** The KMA of the first of these identifiers that is known. */
  find(ids: readonly string[]): string | undefined {
    for (const id of ids) {
      const kmaId = this.#kmaOf.get(id);
      if (kmaId === undefined) continue;
      this.remember(id, kmaId);
      return kmaId;
    }
    return undefined;
  }
}
