/** How fast counted work goes on, and how long it will take from here. It reads no clock, and counts nothing that was done before it looked. */

interface Count {
  readonly done: number;
  readonly total: number;
  readonly atMs: number;
}

/** By all counts since the first one: what an earlier run has fetched, or what came before the work itself, took no time of this. */
export class Pace {
  #from: Count | null = null;
  #last: Count | null = null;

  note(done: number, total: number, atMs: number): void {
    const last = this.#last;
    // Other work, or the same from its beginning.
    if (last === null || last.total !== total || done < last.done) this.#from = { done, total, atMs };
    this.#last = { done, total, atMs };
  }

  /** Null while it is not known. */
  get perSecond(): number | null {
    const [from, last] = [this.#from, this.#last];
    if (from === null || last === null || last.done === from.done || last.atMs <= from.atMs) return null;
    return (1000 * (last.done - from.done)) / (last.atMs - from.atMs);
  }

  /** ": 42 %, about 7 s left"; nothing where the total is not known. */
  get howFar(): string {
    const [last, perSecond] = [this.#last, this.perSecond];
    if (last === null || last.total === 0) return '';
    const percent = Math.floor((100 * last.done) / last.total);
    if (perSecond === null) return `: ${percent} %`;
    return `: ${percent} %, about ${Math.ceil((last.total - last.done) / perSecond)} s left`;
  }

  /** ", 12.3 MB/s" of counted bytes; nothing while it is not known. */
  get byteRate(): string {
    const { perSecond } = this;
    return perSecond === null ? '' : `, ${(perSecond / 1e6).toFixed(1)} MB/s`;
  }
}
