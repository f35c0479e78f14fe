/** What people are told of the audit of other members: one note of a kind for each chain and sender an hour, whatever the reason, with how many were left out meanwhile. It judges nothing. */

export const QUIET_MS = 60 * 60 * 1000;

interface Told {
  readonly atMs: number;
  readonly leftOut: number;
}

export class AuditAlarms {
  readonly #trouble: (condition: string, details: string) => void;
  readonly #elapsedMs: () => number;
  /** By kind, chain and sender: there are no more of them than lives and members. */
  readonly #told = new Map<string, Told>();

  constructor(trouble: (condition: string, details: string) => void, elapsedMs: () => number) {
    this.#trouble = trouble;
    this.#elapsedMs = elapsedMs;
  }

  tell(about: { readonly chain: string; readonly from: string }, condition: string, details: string): void {
    const key = `${about.chain} ${about.from} ${condition}`;
    const last = this.#told.get(key);
    const nowMs = this.#elapsedMs();
    if (last !== undefined && nowMs - last.atMs < QUIET_MS) {
      this.#told.set(key, { ...last, leftOut: last.leftOut + 1 });
      return;
    }
    this.#told.set(key, { atMs: nowMs, leftOut: 0 });
    const leftOut = last?.leftOut ?? 0;
    this.#trouble(condition, leftOut === 0 ? details : `${details} (without-note=${leftOut})`);
  }
}
