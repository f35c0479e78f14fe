/** What people are told of the audit of other members: one note of a kind for each chain and sender an hour, whatever the reason, and so many of a kind for each sender, with how many were left out meanwhile. It judges nothing. */

export const QUIET_MS = 60 * 60 * 1000;
/** Of a kind, for one sender: he may invent lives and chains without end, and nobody reads more. */
export const NOTES_MAX = 20;
/** What was left out is told with the next note, if there is one by then. */
const KEPT_MS = 24 * QUIET_MS;

interface Told {
  readonly atMs: number;
  readonly leftOut: number;
}
interface Hour {
  readonly sinceMs: number;
  readonly notes: number;
  /** Of chains that had no note yet. */
  readonly leftOut: number;
}

export class AuditAlarms {
  readonly #trouble: (condition: string, details: string) => void;
  readonly #elapsedMs: () => number;
  /** By kind, chain and sender: so many an hour of each sender. */
  readonly #told = new Map<string, Told>();
  /** By kind and sender. */
  readonly #hours = new Map<string, Hour>();

  constructor(trouble: (condition: string, details: string) => void, elapsedMs: () => number) {
    this.#trouble = trouble;
    this.#elapsedMs = elapsedMs;
  }

  /** Whether people are told now. */
  tell(
    about: { readonly chain: string; readonly from: string },
    condition: string,
    details: string,
  ): boolean {
    const nowMs = this.#elapsedMs();
    const key = `${about.chain} ${about.from} ${condition}`;
    const last = this.#told.get(key);
    if (last !== undefined && nowMs - last.atMs < QUIET_MS) {
      this.#told.set(key, { ...last, leftOut: last.leftOut + 1 });
      return false;
    }
    const others = this.#ofOthers(`${about.from} ${condition}`, nowMs);
    if (others === null) return false;
    this.#forget(nowMs);
    this.#told.set(key, { atMs: nowMs, leftOut: 0 });
    const counts = [
      ...(last === undefined || last.leftOut === 0 ? [] : [`without-note=${last.leftOut}`]),
      ...(others === 0 ? [] : [`other-chains-without-note=${others}`]),
    ];
    this.#trouble(condition, counts.length === 0 ? details : `${details} (${counts.join(' ')})`);
    return true;
  }

  #forget(nowMs: number): void {
    for (const [key, { atMs, leftOut }] of this.#told)
      if (nowMs - atMs >= (leftOut === 0 ? QUIET_MS : KEPT_MS)) this.#told.delete(key);
  }

  /** How many notes it remembers. */
  get remembered(): number {
    return this.#told.size;
  }

  /** One note more of this sender: how many went before without one, or null where there were enough within the hour. */
  #ofOthers(sender: string, nowMs: number): number | null {
    const hour = this.#hours.get(sender);
    if (hour === undefined || nowMs - hour.sinceMs >= QUIET_MS) {
      this.#hours.set(sender, { sinceMs: nowMs, notes: 1, leftOut: 0 });
      return hour?.leftOut ?? 0;
    }
    if (hour.notes < NOTES_MAX) {
      this.#hours.set(sender, { ...hour, notes: hour.notes + 1 });
      return 0;
    }
    this.#hours.set(sender, { ...hour, leftOut: hour.leftOut + 1 });
    return null;
  }
}
