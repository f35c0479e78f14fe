/** Says which readings of programs that ask over and over get an audit record: one a minute for each caller, which tells how many were not. It writes none. */

const MINUTE_MS = 60_000;

interface Noted {
  readonly recordedAtMs: number;
  leftOut: number;
}

/** What was recorded longer ago is forgotten where there are more. */
const NOTED_MAX = 1_000;

export class RepeatedReads {
  readonly #last = new Map<string, Noted>();

  /** How many were left out before; null where this one is to be left out too. */
  note(caller: string, operation: string, nowMs: number): number | null {
    const key = `${operation} ${caller}`;
    const last = this.#last.get(key);
    // A clock that was set back makes a record rather than none.
    if (last !== undefined && nowMs >= last.recordedAtMs && nowMs - last.recordedAtMs < MINUTE_MS) {
      last.leftOut += 1;
      return null;
    }
    if (this.#last.size >= NOTED_MAX) this.#forget(nowMs);
    this.#last.set(key, { recordedAtMs: nowMs, leftOut: 0 });
    return last?.leftOut ?? 0;
  }

  #forget(nowMs: number): void {
    for (const [key, { recordedAtMs }] of this.#last)
      if (nowMs - recordedAtMs >= MINUTE_MS) this.#last.delete(key);
  }
}
