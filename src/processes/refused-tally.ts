/** What a front has refused since it last told the core: like with like, and so many kinds at most, so that strangers cannot make the core busy. */

const KINDS_MAX = 256;

export class RefusedTally<Kind extends object> {
  #refused = new Map<string, Kind & { readonly count: number }>();

  /** A kind for which there is no room any more is not counted. */
  note(kind: Kind): void {
    const key = JSON.stringify(kind);
    const known = this.#refused.get(key);
    if (known === undefined && this.#refused.size >= KINDS_MAX) return;
    this.#refused.set(key, { ...kind, count: (known?.count ?? 0) + 1 });
  }

  /** All there is, which is forgotten with that. */
  take(): (Kind & { readonly count: number })[] {
    const taken = [...this.#refused.values()];
    this.#refused = new Map();
    return taken;
  }
}
