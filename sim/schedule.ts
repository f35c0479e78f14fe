/** Virtual time and what happens in it, in order; work of one moment in the order it was planned. It waits for no real clock. */

export type Work = () => void | Promise<void>;

interface Event {
  readonly atMs: number;
  readonly order: number;
  readonly work: Work;
}

export class Schedule {
  #nowMs = 0;
  #order = 0;
  /** A binary heap. */
  readonly #events: Event[] = [];

  /** Virtual milliseconds since the world began. */
  get nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, work: Work): void {
    const event = { atMs: this.#nowMs + Math.max(0, delayMs), order: this.#order++, work };
    const events = this.#events;
    let place = events.length;
    events.push(event);
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const above = events[parent];
      if (above === undefined || isBefore(above, event)) break;
      events[place] = above;
      place = parent;
    }
    events[place] = event;
  }

  /** All that happens up to this moment; work that waits for something is waited for, and nothing happens meanwhile. */
  async run(untilMs: number): Promise<void> {
    for (let next = this.#events[0]; next !== undefined && next.atMs <= untilMs; next = this.#events[0]) {
      this.#removeFirst();
      this.#nowMs = next.atMs;
      const working = next.work();
      if (working !== undefined) await working;
    }
    this.#nowMs = untilMs;
  }

  #removeFirst(): void {
    const events = this.#events;
    const last = events.pop();
    if (last === undefined || events.length === 0) return;
    let place = 0;
    for (;;) {
      const left = events[2 * place + 1];
      const right = events[2 * place + 2];
      const least = right !== undefined && left !== undefined && isBefore(right, left) ? right : left;
      if (least === undefined || isBefore(last, least)) break;
      events[place] = least;
      place = least === left ? 2 * place + 1 : 2 * place + 2;
    }
    events[place] = last;
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
