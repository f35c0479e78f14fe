/** How many keys agents take in an hour at present: it keeps counts by minute, of the last hour, and no key. */

const MINUTE_MS = 60_000;
const MINUTES = 60;
/** What has begun lately counts, and what is done once a day in a few minutes is not taken for the rule. */
const PRESENT_MINUTES = 10;

export class HandOutRate {
  readonly #startedMs: number;
  readonly #minutes: readonly { minute: number; keys: number }[];

  /** All times are of one clock that nobody sets. */
  constructor(nowMs: number) {
    this.#startedMs = nowMs;
    this.#minutes = Array.from({ length: MINUTES }, () => ({ minute: Number.NEGATIVE_INFINITY, keys: 0 }));
  }

  note(nowMs: number): void {
    const minute = Math.floor(nowMs / MINUTE_MS);
    const counted = this.#minutes[minute % MINUTES];
    if (counted === undefined) throw new Error(`no place for minute ${minute}`);
    if (counted.minute !== minute) Object.assign(counted, { minute, keys: 0 });
    counted.keys += 1;
  }

  /** The faster of the last minutes and the last hour: what is foretold by it comes no sooner. */
  perHour(nowMs: number): number {
    return Math.round(Math.max(this.#perHour(nowMs, PRESENT_MINUTES), this.#perHour(nowMs, MINUTES)));
  }

  #perHour(nowMs: number, minutes: number): number {
    const current = Math.floor(nowMs / MINUTE_MS);
    const keys = this.#minutes
      .filter(({ minute }) => minute > current - minutes)
      .reduce((sum, counted) => sum + counted.keys, 0);
    const windowMs = (minutes - 1) * MINUTE_MS + (nowMs % MINUTE_MS);
    const countedMs = Math.max(MINUTE_MS, Math.min(windowMs, nowMs - this.#startedMs));
    return (keys / countedMs) * MINUTES * MINUTE_MS;
  }
}
