/** Asks the replicator to bring at once what other members have, out of turn. It waits no longer than it is told to. */
import type { CoreToReplicator } from '../replicator/messages.ts';

type Send = (message: CoreToReplicator) => void;

/** As long as an agent's call may wait for others. */
const ASK_MS = 500;
/** A member that is there has told by then what it has; one that tells nothing must not make everybody wait for ever. */
const PATIENCE_MS = 10_000;
/** Whoever was late so long before anybody asked again may have been in time since. Longer than the patience, or who asks only now and then would be told to wait each time. */
const FORGOTTEN_MS = 60_000;
/** Between two questions that nobody waits for, while it is late. */
const AGAIN_MS = 1_000;

export class CatchUps {
  readonly #waiting = new Map<number, (complete: boolean) => void>();
  readonly #elapsedMs: () => number;
  #send: Send | null = null;
  #nextId = 1;
  #running: Promise<boolean> = Promise.resolve(true);
  /** Shared by all who ask while one is under way: what that one asked for may be older than what they want. */
  #next: Promise<boolean> | null = null;
  /** The first since one was complete. */
  #lateSinceMs: number | null = null;
  #lastLateMs = 0;
  #again: NodeJS.Timeout | null = null;

  /** `elapsedMs` runs on, whatever is done to the clock. */
  constructor(elapsedMs: () => number) {
    this.#elapsedMs = elapsedMs;
  }

  connected(send: Send): void {
    this.#send = send;
  }
  disconnected(send: Send): void {
    if (this.#send !== send) return;
    this.#send = null;
    for (const id of [...this.#waiting.keys()]) this.done(id, false);
  }

  /** Resolves when what connected members had at this moment is folded here, or after `timeoutMs`; false where more may come. */
  async catchUp(timeoutMs: number): Promise<boolean> {
    const complete = await this.#inTime(timeoutMs);
    const nowMs = this.#elapsedMs();
    if (complete || nowMs - this.#lastLateMs > FORGOTTEN_MS) this.#lateSinceMs = null;
    if (complete) return true;
    this.#lastLateMs = nowMs;
    this.#lateSinceMs ??= nowMs;
    this.#askAgain();
    return nowMs - this.#lateSinceMs >= PATIENCE_MS;
  }

  /** Until it is in time once, or has been late for so long: two that were late some seconds apart say nothing of the time between. */
  #askAgain(): void {
    this.#again ??= setTimeout(async () => {
      const complete = await this.#inTime(ASK_MS);
      this.#again = null;
      if (complete) this.#lateSinceMs = null;
      else if (this.#lateSinceMs !== null && this.#elapsedMs() - this.#lateSinceMs < PATIENCE_MS)
        this.#askAgain();
    }, AGAIN_MS).unref();
  }

  /** Without a replicator nobody can be asked until there is one again. */
  async #inTime(timeoutMs: number): Promise<boolean> {
    if (this.#send === null) return false;
    this.#next ??= this.#running.then(() => {
      this.#next = null;
      this.#running = this.#ask();
      return this.#running;
    });
    const { promise: late, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => resolve(false), timeoutMs);
    const complete = await Promise.race([this.#next, late]);
    clearTimeout(timer);
    return complete;
  }

  #ask(): Promise<boolean> {
    const send = this.#send;
    if (send === null) return Promise.resolve(false);
    const id = this.#nextId++;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => this.done(id, false), ASK_MS);
    this.#waiting.set(id, (complete) => {
      clearTimeout(timer);
      resolve(complete);
    });
    send({ t: 'catch-up', id, timeoutMs: ASK_MS });
    return promise;
  }

  done(id: number, complete: boolean): void {
    const resolve = this.#waiting.get(id);
    this.#waiting.delete(id);
    resolve?.(complete);
  }
}
