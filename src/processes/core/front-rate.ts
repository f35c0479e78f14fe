/** How much one front may send the core: a bucket of messages and one of bytes, far above what a front's processor can serve (D13). It reads no clock. */

export interface FrontRates {
  readonly messagesPerSecond: number;
  readonly bytesPerSecond: number;
}

/** A front on one processor serves some ten thousand kept-alive calls a second, of less than a kilobyte. */
export const FRONT_RATES: FrontRates = {
  messagesPerSecond: 50_000,
  bytesPerSecond: 64 * 1024 * 1024,
};
/** A bucket holds this much, so that a front which was held up may catch up. */
const BURST_SECONDS = 2;

export class FrontRate {
  readonly #messages: Bucket;
  readonly #bytes: Bucket;

  constructor(nowMs: number, rates: FrontRates = FRONT_RATES) {
    this.#messages = new Bucket(rates.messagesPerSecond, nowMs);
    this.#bytes = new Bucket(rates.bytesPerSecond, nowMs);
  }

  /** False where the message is more than the front may send; then it has taken nothing. */
  take(bytes: number, nowMs: number): boolean {
    if (this.#messages.level(nowMs) < 1 || this.#bytes.level(nowMs) < bytes) return false;
    this.#messages.take(1);
    this.#bytes.take(bytes);
    return true;
  }
}

export class Bucket {
  readonly #perMs: number;
  readonly #most: number;
  #level: number;
  #filledMs: number;

  constructor(perSecond: number, nowMs: number, burstSeconds = BURST_SECONDS) {
    this.#perMs = perSecond / 1000;
    this.#most = perSecond * burstSeconds;
    this.#level = this.#most;
    this.#filledMs = nowMs;
  }

  level(nowMs: number): number {
    const passedMs = Math.max(0, nowMs - this.#filledMs);
    this.#level = Math.min(this.#most, this.#level + passedMs * this.#perMs);
    this.#filledMs = nowMs;
    return this.#level;
  }

  take(amount: number): void {
    this.#level -= amount;
  }
}
